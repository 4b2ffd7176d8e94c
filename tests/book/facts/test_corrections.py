"""How many outputs of a made release each point of the audit affects, counted by hand."""

import pytest

from tracelib.book.facts import corrections
from tracelib.paper import release
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


@pytest.fixture(scope="module")
def found(made_work):
    return corrections.facts(made_work)


def share(hits: int, n: int) -> str:
    return f"{as_text.percent(wilson(hits, n))}% of {n:,}"


def test_shares_are_those_of_the_made_outputs(found):
    """Three of four stories find the first row; five of eight traces are wrong, also by the solver."""
    assert found.numbers["looked-up-babi"] == share(12, 16)
    assert found.numbers["looked-up-cotempqa"] == share(0, 48)
    assert found.numbers["rejected-accepted"] == share(0, 15)
    assert (found.numbers["prompted-n"], found.numbers["prompted-distinct"]) == (8, 8)


def test_estimates_are_those_of_the_scoreboard(found):
    """2 of 4 right answers follow a wrong trace; correct traces give 4 right answers, incorrect traces 3."""
    assert found.numbers["valid-traces-rejected"].startswith("cotempqa 0.0 ")
    assert found.numbers["right-answers-after-wrong-traces"].count("50.0 [") == 3
    assert found.numbers["correct-minus-incorrect-cotempqa"].count(" 12.5 [") == 3


def test_each_models_changes_are_shown(found):
    assert found.checks["model"].tolist() == list(release.MODELS.values())
    assert found.metrics["estimate"].tolist() == [0] * len(found.metrics)  # no repair changes a made verdict
    assert len(found.contrasts) == 3 * 3
    assert found.contrasts.loc[2, ["first", "second"]].tolist() == ["correct", "incorrect"]
    assert found.contrasts.loc[2, "official"] == found.contrasts.loc[2, "variant"] == 1 / 8


def test_every_number_is_a_text_but_counts_and_percents(found):
    other = {name: type(value) for name, value in found.numbers.items() if not isinstance(value, str)}
    assert other == {
        "marco-stated": float, "marco-matrix": float, "marco-zeros": int,
        "prompted-n": int, "prompted-distinct": int,
    }  # fmt: skip
    assert len(found.numbers) == 17
