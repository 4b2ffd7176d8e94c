"""Labels of made problems: one gold answer is incomplete, and one story is in two splits."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.book.facts.made import STORIES, TIMED
from tracelib.book.facts import quality
from tracelib.datasets.validate import summary, validate
from tracelib.paper import label_audit
from tracelib.stats.as_text import share_of

FURTHER = "Ada0 works for Delta0 from 1945 to 1955."
INCOMPLETE = replace(TIMED[0], id="more", facts=(*TIMED[0].facts, FURTHER))
SPLITS = {
    "cotempqa": {"train": TIMED[4:], "test": [*TIMED[1:4], INCOMPLETE]},
    "babi": {"train": STORIES[:2], "test": STORIES[1:]},
}


def audited() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The audit of the made problems, as `label_audit.all_solved` does it for the real ones."""
    solved = [label_audit.solved(name, splits) for name, splits in SPLITS.items()]
    findings = [
        summary(validate(splits, label_audit.SOLVES[name][reading]), splits).assign(dataset=name)
        for (name, splits), reading in zip(SPLITS.items(), ("written", "story"), strict=True)
    ]
    return pd.concat(solved, ignore_index=True), pd.concat(findings, ignore_index=True)


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(label_audit, "load", audited)
        return quality.facts()


def test_agreement_is_counted_by_reading(found):
    """By dates as written, seven of eight gold answers agree; all labels and all stories agree."""
    assert found.numbers["written-answers"] == share_of(7, 8)
    assert found.numbers["written-labels"] == share_of(8, 8)
    assert found.numbers["stories-answers"] == share_of(5, 5)
    assert found.by_kind.set_index("kind").loc["S1_R1_O2", ["n", "answers"]].tolist() == [8, 7]
    assert found.by_relation["n"].sum() == 2 * 8
    assert set(found.rates["category"]) == {"during", "equal"}


def test_the_gold_that_leaves_an_answer_out_is_a_cause(found):
    assert found.numbers["during-incomplete"] == share_of(1, 4)
    causes = found.causes.set_index("reading")["cause"]
    assert causes["written"] == "gold leaves an answer out"


def test_training_problems_and_a_leaked_story_are_counted(found):
    assert (found.numbers["train"], found.numbers["during-train"]) == ("4", "2")
    assert found.numbers["leaked"] == share_of(1, 3)
    assert set(found.findings["dataset"]) == {"cotempqa", "babi"}


def test_every_number_is_a_text(found):
    assert all(isinstance(value, str) for value in found.numbers.values())
    assert len(found.numbers) == 15
