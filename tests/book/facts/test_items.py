"""The facts of the chapter on single problems, from shipped tables and from a made release."""

import pytest

from tests.book.facts.cited import cited, kinds
from tests.book.facts.made import VANILLA
from tracelib.book.facts import items


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    return items.facts(tmp_path_factory.mktemp("work"))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(shipped):
    assert cited("items") <= set(shipped.numbers)
    floats = {"every-expected", "none-expected", "shared-expected"}
    texts = {
        "rests-on", "partial", "never-disputed", "others-disputed", "disputed-difference", "disputed-p",
        *items.CITED,
    }  # fmt: skip
    assert kinds(shipped.numbers) == {
        "str": texts, "float": floats, "int": set(shipped.numbers) - texts - floats,
    }  # fmt: skip


def test_patterns_divide_the_items(shipped):
    for prefix in ("", "stories-"):
        counts = [shipped.numbers[f"{prefix}{name}"] for name in items.PATTERNS]
        assert sum(counts) == shipped.numbers[f"{prefix}n"]
    assert len(shipped.right) == shipped.numbers["n"]
    assert shipped.by_metric["metric"].tolist() == list(items.METRICS)
    assert shipped.by_metric.loc[0, "items"] == shipped.numbers["n"]


def test_without_the_release_there_are_no_texts(shipped):
    assert shipped.problems == []


def test_the_numbers_of_the_sentences_are_those_of_the_tables(shipped):
    assert shipped.numbers["changes"] == shipped.flips[["gained", "lost"]].to_numpy().sum()
    assert shipped.numbers["shared"] == shipped.shared["items"].sum()
    never, others = (shipped.numbers[name].split(" of ")[0] for name in ("never-disputed", "others-disputed"))
    assert shipped.numbers["disputed-all"] == int(never) + int(others)
    assert shipped.numbers["mix"].endswith(")")


def test_patterns_by_hand(made_work):
    """Vanilla is right on items 0 to 4, correct on 0, 1, 3 and 4, incorrect on 0, 1 and 2."""
    outcomes = items.evidence.read_outcomes(made_work / "data")
    tuned = items.where(outcomes[outcomes["condition"] != "prompted"], dataset="cotempqa")
    right, left_out = items.item_analysis.answers(tuned, "corrected")
    assert left_out == 0
    assert right.xs("vanilla", level="condition", axis=1).sum().tolist() == [VANILLA[0]] * 3
    assert items._patterns(right) == {"every": 2, "none": 3, "flip": 3, "models": 0}
