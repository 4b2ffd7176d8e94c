"""The facts of one run, on a made run with four test problems."""

import pytest

from tests.book.facts import made_runs
from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import one_run
from tracelib.core.errors import InputError


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return made_runs.work(tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def found(work):
    return one_run.facts(work, made_runs.NAMES)


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("one-run")
    assert kinds(found.numbers) == {
        "int": {"seed", "train", "test", "parsed"},
        "float": {"parameters-millions", "train-seconds", "first-loss", "last-loss"},
        "str": {"condition", "trained", "predictions", "copied", "first-copied"},
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


def test_a_missing_run_is_named(tmp_path):
    with pytest.raises(InputError, match="no run 'x-correct-s1'"):
        one_run.facts(tmp_path, ["x-correct-s1"])
