"""The release's check and metric on a made release, counted by hand."""

import pytest

from tracelib.book.facts import evaluation
from tracelib.core.frames import where
from tracelib.paper import release, repairs
from tracelib.stats import as_text


@pytest.fixture(scope="module")
def found(made_work):
    return evaluation.facts(made_work)


def test_the_examples_show_what_the_text_says(found):
    """The release accepts a trace that cites no gold fact, or judges it by another problem's facts."""
    checks = found.example_checks.set_index(["test set", "check"])["facts"]
    assert checks.groupby("check").agg(list).to_dict() == {
        "exact": ["wrong", "wrong"],
        "published": ["right", "wrong"],  # alone in the test set, then after another problem
    }
    answers = found.example_answers.set_index("answer")
    assert answers["official"].tolist() == ["right", "right", "wrong"]
    assert answers["corrected"].tolist() == answers["side repaired"].tolist() == ["right", "wrong", "wrong"]


def test_rows_that_are_another_problems_are_counted(found):
    """CoTempQA's made answers all differ; bAbI's are all the same, so three of four find the first row."""
    assert found.numbers["looked-up-cotempqa"] == as_text.share_of(0, 48)
    assert found.numbers["looked-up-babi"] == as_text.share_of(12, 16)


def test_the_exact_checks_phi_is_that_of_the_four_cells(found):
    """Cells 2, 1, 2, 3: phi is (2 x 3 - 1 x 2) / sqrt(3 x 5 x 4 x 4), 0.26."""
    assert {found.numbers[f"phi-exact-{key}"] for key in release.MODELS} == {"0.26"}
    last = found.path_on_correct["evaluator"].iloc[-1]
    cells = where(found.path_on_correct, evaluator=last, dataset="cotempqa", model=release.MODELS["q"])
    assert cells["trace_right_answer_right"].item() == 2
    assert set(found.path_on_incorrect["condition"]) == {"incorrect"}
    assert set(found.path["quantity"]) == {"difference"}


def test_every_specification_under_every_metric(found):
    assert found.numbers["specifications"] == len(found.curve_of_one) == 96 * 3
    assert found.numbers["lowest"] == found.numbers["highest"] == f"{100 * (2 / 3 - 2 / 5):.1f}"
    assert set(found.curve["dataset"]) == {"cotempqa", "babi"}


def test_no_repair_turns_an_answer_that_is_in_tags_alone(found):
    assert found.numbers["variants"] == len(repairs.VARIANTS)
    assert found.numbers["models"] == 3
    assert found.numbers["models-changed"] == found.numbers["side-changed"] == 0
    assert set(found.ranks["order"]) == {"vanilla > correct > incorrect"}
    assert found.touched["right to wrong"].sum() == 0


def test_accuracies_are_the_share_of_right_answers(found):
    run = where(found.accuracies, run="Qwen3-1.7B, correct")
    assert run["metric"].tolist() == ["official", "corrected", "strict"]
    assert run["estimate"].tolist() == [4 / 8] * 3
    assert found.undisputed["n"].tolist() == [8] * 18  # the solver disputes no made problem


def test_what_deserves_suspicion_is_counted(found):
    assert found.numbers["untagged"] == as_text.share_of(0, 48)
    assert found.numbers["long"] == as_text.share_of(0, 8)
    assert found.numbers["long-tuned"] == 0
    assert found.numbers["bare"] == "949 of 950"  # of the real release's targets
    assert set(found.targets["dataset"]) == {"cotempqa", "babi"}


def test_every_number_is_a_text_but_counts(found):
    counts = {name for name, value in found.numbers.items() if type(value) is int}
    assert counts == {
        "specifications", "defined", "variants", "models", "models-changed", "side-changed", "untagged-qwen",
        "text-lost", "text-lost-prompted", "text-gained", "text-gained-prompted", "long-words",
        "long-official", "long-corrected", "long-tuned",
    }  # fmt: skip
    assert all(isinstance(found.numbers[name], str) for name in found.numbers.keys() - counts)
    assert len(found.numbers) == 32
