"""The facts of the real model's results, on the committed tables."""

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.analysis import preregistered
from tracelib.book.facts import results
from tracelib.core.errors import InputError
from tracelib.experiments import profiles
from tracelib.paper import real_grid
from tracelib.traces.conditions import UNTRAINED


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return results.facts(tmp_path_factory.mktemp("work"))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("results")
    counts = {"trainings", "planned", "arms", "seeds", "tests", "problems", "too-long", "explored"}
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_trainings_and_problems_are_counted(found):
    outcomes, _, runs, _ = real_grid.read()
    trained = runs[~runs["condition"].isin(["prompted", "prompted-thinking"])]
    assert found.numbers["trainings"] == len(trained)
    assert found.numbers["planned"] == 30
    assert (found.numbers["tests"], found.numbers["problems"]) == (376, 375)
    one = outcomes[outcomes["condition"].eq("correct") & outcomes["seed"].eq(1)]
    assert one["item"].nunique() == 376


def test_each_question_is_answered_with_its_interval_and_sample(found):
    for row in found.primary.to_dict("records"):
        words = found.numbers[f"answer-{row['question']}"]
        assert f"{row['first']} minus {row['second']}: {100 * row['estimate']:.1f} [" in words
        assert f"trainings per arm, {row['items']} problems" in words
        assert words.startswith("Interim, after") == (row["n"] < preregistered.CPU.trainings)
    assert set(found.primary["question"]) == set(preregistered.QUESTIONS)


def test_the_rule_without_a_model_has_its_interval(found):
    assert found.numbers["rule"] == "24.7 [20.6, 29.3]"  # 93 of 376, Wilson


def test_the_figure_has_traces_of_arms_that_write_them(found):
    traced = found.drawn[found.drawn["measured"] == "trace right"]
    assert set(traced["condition"]) == {"correct", "both-wrong", "random-fact", "incorrect"}


def test_the_papers_models_stand_beside_the_same_pairs(found):
    rows = found.beside[["first", "second", "model"]].drop_duplicates()
    assert set(zip(rows["first"], rows["second"], strict=True)) == set(results.RELEASED)
    assert (rows.groupby(["first", "second"])["model"].nunique() >= 2).all()
    assert found.beside["low_there"].notna().all()


def test_missing_tables_are_an_error(tmp_path):
    with pytest.raises(InputError, match="tracelib grid smollm2-babi"):
        results.facts(tmp_path, tmp_path)


def test_the_leak_is_worth_what_both_wrong_has_more_than_random_fact(found):
    row = found.explored.set_index(["first", "second"]).loc[("both-wrong", "random-fact")]
    outcomes, *_ = real_grid.read()
    by_arm = outcomes.groupby(["condition", "seed"])["answer_correct"].mean()
    expected = (by_arm["both-wrong"] - by_arm["random-fact"]).mean()
    assert row["estimate"] == pytest.approx(expected)


def test_what_is_planned_is_what_the_profile_runs(found):
    cells = profiles.load(real_grid.NAME).cells().values()
    trained = [cell for cell in cells if cell["condition"] not in UNTRAINED]
    assert {cell["condition"] for cell in trained} == {*preregistered.ARMS, *preregistered.OTHER_ARMS}
    assert found.numbers["planned"] == sum(len(cell["seeds"]) for cell in trained)
