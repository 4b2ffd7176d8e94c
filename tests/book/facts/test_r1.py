"""The facts of the chapter on R1, without outputs and with made outputs of one model and relation."""

from dataclasses import asdict

import pytest

from tests.book.facts.cited import cited, kinds
from tests.paper import history
from tracelib.book.facts import r1
from tracelib.datasets import family_files
from tracelib.paper import family


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(family_files.VARIABLE, raising=False)
        return r1.facts()


@pytest.fixture(scope="module")
def with_outputs():
    """R1's trace gives 4 of 5 right, its answer alone 2 of 5, on the same problems; also two seed runs."""
    answers = {
        ("r1-traces", None): [1, 1, 1, 1, 0],
        ("r1-set-vanilla", None): [1, 1, 0, 0, 0],
        ("correct", 121): [1, 1, 1, 0, 0],
        ("incorrect", 121): [1, 0, 0, 0, 0],
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(family, "load", lambda: history.outcomes(answers))
        return r1.facts()


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert cited("r1") <= set(found.numbers)
    counts = {
        "n-all", "n-during-used", "n-mix-used", "figures-family", "read-problems", "read-rows", "main-n",
        "qwen-released",
    }  # fmt: skip
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_without_outputs_there_is_nothing_of_theirs_to_show(found):
    assert set(asdict(found.outputs).values()) == {None}
    assert found.numbers["here"].startswith("None of the 184 files")


def test_every_model_stands_against_three_conditions(found):
    assert found.drawn.groupby("model").size().to_dict() == dict.fromkeys(r1.MODELS.values(), 3)
    assert set(found.drawn["against"]) == set(r1.AGAINST.values())
    assert found.numbers["summary-l1"] == "13.0 [7.9, 18.0]"
    assert found.numbers["other-summary-l8"] == "-5.4 [-9.8, -1.0]"


def test_relations_stand_apart_from_all(found):
    assert set(found.rated_whole["category"]) == set(found.spread["category"]) == {"all"}
    assert "all" not in set(found.differences_by_relation["category"])
    assert "all" not in set(found.joined["category"])


def test_outputs_are_compared_on_the_same_problems(with_outputs):
    """Only R1's trace is right on two problems; on no problem is only R1's answer right."""
    shown = with_outputs.outputs.paired
    row = shown[shown["comparison"] == "r1-traces − r1-set-vanilla"].iloc[0]
    assert (row["n"], row["only first, only second right"]) == (5, "2, 0")
    assert with_outputs.outputs.headline["metric"].unique().tolist() == ["corrected, same problems"]
    assert with_outputs.outputs.endings["n"].tolist() == [5, 5]
    assert set(with_outputs.outputs.other_metrics["metric"]) == {"official", "strict"}
    assert set(with_outputs.outputs.seeds["metric"]) == {"corrected", "official"}
