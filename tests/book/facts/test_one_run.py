"""The facts of one run, on a made run with four test problems."""

import pytest

from tests import fabricated
from tests.book.facts import made_runs
from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import one_run
from tracelib.core.errors import InputError
from tracelib.experiments import run_folder

COUNTS = {"runs", "seeds", "too-long-train", "too-long-test", "unfinished", "family", "n-alike"}
FLOATS = {"parameters-millions", "train-seconds", "first-loss", "last-loss"}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return made_runs.work(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def found(work):
    return one_run.facts(work, made_runs.NAMES)


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("one-run")
    assert kinds(found.numbers) == {
        "int": {"seed", "train", "test", "parsed", *COUNTS},
        "float": FLOATS,
        "str": set(found.numbers) - {"seed", "train", "test", "parsed", *COUNTS, *FLOATS},
    }


def test_the_run_on_correct_traces_is_shown(found, work):
    assert found.numbers["condition"] == "correct"
    assert found.numbers["predictions"] == f"{work}/runs/{made_runs.NAMES[1]}/predictions.jsonl"
    assert list(found.losses) == ["correct"]
    assert found.target.startswith("<think>")


def test_losses_are_averaged_at_either_end(found):
    assert (found.numbers["first-loss"], found.numbers["last-loss"]) == (4.0, 3.0)


def test_what_is_copied_is_counted_where_the_cited_facts_give_an_answer(found):
    assert found.numbers["copied"] == "2 of 3"
    assert found.numbers["first-copied"] == "It is"
    assert (found.numbers["parsed"], found.numbers["test"]) == (3, 4)
    whole = found.counts.set_index("category").loc["all"]
    assert (whole["trace_correct"], whole["answer_correct"]) == (2, 4)


def test_without_correct_traces_the_first_run_is_shown(work):
    assert one_run.facts(work, made_runs.NAMES[:1]).numbers["condition"] == "vanilla"


def test_who_made_the_runs_is_said(found):
    assert found.numbers["made"] == "the runs that were made when the book was built"


def test_a_missing_run_is_named(tmp_path):
    with pytest.raises(InputError, match="no run 'x-correct-s1'"):
        one_run.facts(tmp_path, ["x-correct-s1"])


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Every run of the laptop's profile (`fabricated.RIGHT`)."""
    work = tmp_path_factory.mktemp("work")
    names = fabricated.write_runs(work / "runs")
    return one_run._all(*run_folder.read_all(work / "runs", names))


def test_runs_are_counted_and_rates_are_those_put_in(many):
    """Vanilla on the bAbI twin has 40 of 60 right, and the three seeds add -1, 0 and 1."""
    assert many["numbers"]["runs"] == 3 * 3 * 3
    assert many["numbers"]["minutes"] == "30.0"  # one minute per run, also for three untrained runs
    rates = many["rates"].set_index(["setting", "condition", "measure"])["estimate"]
    assert rates["babi-twin", "vanilla", "answer_correct"] == pytest.approx(40 / 60)


def test_only_the_twin_with_dates_stands_beside_rules_without(many):
    assert set(many["by_rules"]) == {"cotempqa-twin"}


def test_one_seed_tests_nothing(found):
    assert found.numbers["half-width"] == "–"
    assert (found.numbers["significant"], found.numbers["equivalent"]) == ("none", "none")


def test_the_effects_that_were_put_in_are_found_and_no_others(many):
    found = many["numbers"]["significant"]
    assert {entry.rsplit(" (", 1)[0] for entry in found.split("; ")} == {
        "cotempqa-twin, vanilla − incorrect",
        "cotempqa-twin, correct − incorrect",
        "marco-twin, vanilla − correct",
        "marco-twin, correct − incorrect",
    }
    assert "cotempqa-twin, correct − incorrect (+40.0 points)" in found
    assert many["numbers"]["family"] == 9


def test_three_seeds_come_near_to_equivalence_only_where_it_was_put_in(many):
    """On the bAbI twin the difference is -1, 0 and 1 problem of 60: t = 5.2 with 2 degrees of freedom."""
    alike = many["alike"].set_index("setting")["p"].astype(float)
    assert 0.01 < alike["babi-twin"] < 0.05 < alike.drop("babi-twin").min()
    assert (many["numbers"]["n-alike"], many["numbers"]["margin"]) == (3, "5")
    assert many["numbers"]["equivalent"] == "none"  # after Holm


def test_the_plans_criterion_is_judged_by_setting(many):
    inside = dict(entry.split(": ", 1) for entry in many["numbers"]["criterion"].split("; "))
    assert inside == {
        "cotempqa-twin": "holds on average (in seeds: vanilla 3 of 3, correct 3 of 3)",
        "babi-twin": "holds on average (in seeds: vanilla 3 of 3, correct 3 of 3)",
        "marco-twin": "does not hold on average (in seeds: vanilla 3 of 3, correct 0 of 3)",
    }


def test_what_a_rule_without_dates_reaches_is_compared(many):
    """The better rule gets about half of the laptop's test problems right; 77 % is above it, 37 % is not."""
    assert many["numbers"]["above-rules"] == "cotempqa-twin, vanilla; cotempqa-twin, correct"
