"""Kinds of traces compared, by hand on a made table."""

import pandas as pd
import pytest

from tracelib.paper import natural_compared
from tracelib.paper.natural_compared import KEPT, MEASURES, PAIRS, described, reasoning

ROW = {
    "category": "equal", "facts": 4, "supporting": "1", "words": 20, "sentences": 4, "citations": 2,
    "altered": 0, "cited": "0 1", "order": 1.0, "claims": 1, "refuted": 0, "refuted_answers": 0,
    "wrong_times": 0, "relation": "equal", "answers": "1", "follows": "yes", "backtracking": 0, "hedging": 0,
    "repetition": 1, "outside": 0, "diversity": 0.8, "readability": 9.0,
}  # fmt: skip


def rows(kind, *changes):
    return [ROW | {"kind": kind, "problem": f"p{number}"} | change for number, change in enumerate(changes)]


def made(*parts):
    return described(pd.DataFrame([row for part in parts for row in part]))


def test_derived_measures():
    table = made(rows("r1", {}, {"cited": "", "facts": 10, "sentences": 0}))
    assert table["distinct"].tolist() == [2, 0]
    assert table["looked"].tolist() == [0.5, 0]
    assert table["repeated"].tolist()[0] == 0.25
    assert table["repeated"].isna().tolist() == [False, True]


def test_outputs_that_only_repeat_an_answer_are_no_traces():
    prompted = rows("prompted-wrong", {}, {"cited": "1"}, {"claims": 0})
    kept = reasoning(made(rows("correct", {"cited": "1", "claims": 0}), prompted))
    assert kept["kind"].tolist() == ["correct", "prompted-wrong"]


def test_means_leave_out_texts_without_the_measure():
    found = natural_compared.means(made(rows("r1", {"words": 10}, {"words": 40, "order": None})))
    found = found.set_index("measure")
    assert list(found.index) == list(MEASURES)
    assert found.loc["words", ["estimate", "n"]].tolist() == [25, 2]
    assert found.loc["order", ["estimate", "n"]].tolist() == [1, 1]
    assert found.loc["words", "low"] == 10


def test_contrasts_are_paired_by_problem_and_adjusted_together():
    """Every R1 text has 30 words more than every other on its problem, but no two problems are alike."""
    longer = [{"words": 50 + number} for number in range(12)]
    shorter = [{"words": 20 + number} for number in range(12)]
    kinds = {kind for pair in PAIRS for kind in pair}
    table = made(*(rows(kind, *(longer if kind.startswith("r1") else shorter)) for kind in sorted(kinds)))
    found = natural_compared.contrasts(table)
    words = found[found["measure"] == "words"].set_index(["first", "second"])
    assert words.loc[("r1", "correct"), ["estimate", "n"]].tolist() == [30, 12]
    assert words.loc[("r1", "r1-summary"), "p"] is None or pd.isna(words.loc[("r1", "r1-summary"), "p"])
    tested = found["p"].notna().sum()
    assert tested == 5  # the pairs of an R1 text and another, in words alone
    assert words.loc[("r1", "correct"), "p_holm"] == pytest.approx(5 * words.loc[("r1", "correct"), "p"])


def test_what_the_length_of_sentences_adds_to_readability():
    """Half a point for each word of the mean sentence: 20 words in 4 sentences, and in 2."""
    table = made(rows("r1", {}, {"words": 40}), rows("r1-summary", {"sentences": 2}, {"sentences": 2}))
    found = natural_compared.by_sentences(table, "r1", "r1-summary")
    assert found["estimate"] == pytest.approx((0.5 * (5 - 10) + 0.5 * (10 - 10)) / 2)


@pytest.fixture
def versions():
    """Two problems: one summary drops a fact and a gold one, one explanation adds a fact and errs."""
    traces = rows("r1", {"cited": "0 1 2"}, {"cited": "0 1", "relation": "shared"})
    summaries = rows("r1-summary", {"cited": "0"}, {"cited": "1 0"})
    explanations = rows(
        "r1-explanation", {"cited": "2 1 0"}, {"cited": "3 1 0", "answers": "1 3", "relation": "during"}
    )
    explanations += [ROW | {"kind": "r1-explanation", "problem": "p2", "relation": "during"}]
    traces += [ROW | {"kind": "r1", "problem": "p2"}]
    return natural_compared.versions(made(traces, summaries, explanations))


def test_what_short_versions_keep(versions):
    found = natural_compared.kept(versions).set_index(["kind", "quantity"])
    shares = {key: round(value, 3) for key, value in found["estimate"].astype(float).items()}
    assert list(KEPT) == list(found.loc["r1-summary"].index)
    expected = {
        "r1-summary": [3 / 5, 1 / 2, 0, 1 / 2, 1, 1 / 2, 0],
        "r1-explanation": [1, 1, 1 / 8, 1, 2 / 3, 1 / 3, 1 / 3],
    }
    for kind, values in expected.items():
        assert [shares[kind, name] for name in KEPT] == pytest.approx(values, abs=0.001)


def test_summaries_and_explanations_are_compared_where_both_are(versions):
    found = natural_compared.kept_compared(versions).set_index("quantity")
    assert found["n"].tolist() == [2] * 5
    assert found.loc["facts kept", "estimate"] == pytest.approx((1 / 3 + 1) / 2 - 1)
    assert found.loc["same answers", "estimate"] == 0.5
    assert found.loc["all gold facts kept", "estimate"] == -0.5
