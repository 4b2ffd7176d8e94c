"""Inferred sizes, bounds over pairings and t intervals by hand; the figures of the R1 chapter."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.paper import r1_totals, release


@pytest.fixture(scope="module")
def table():
    return r1_totals.load()


@pytest.fixture(scope="module")
def counted(table):
    return r1_totals.counts(table)


@pytest.fixture(scope="module")
def runs(table):
    return r1_totals.seeds(table, release.shipped_accuracies())


def test_numbers_of_items_by_hand():
    """33.3 and 66.7 fit the sizes 3, 6, 9, ...; with 16.7 only multiples of 6 fit."""
    assert r1_totals.fitting([33.3, 66.7], 10) == [3, 6, 9]
    assert r1_totals.fitting([33.3, 66.7, 16.7], 12) == [6, 12]
    assert r1_totals.fitting([0.0, 100.0], 3) == [1, 2, 3]
    assert r1_totals.fitting([33.4], 10) == []


@given(st.integers(1, 400), st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_the_true_number_of_items_always_fits(n, shares):
    counts = [round(share * n) for share in shares]
    stated = [round(100 * count / n, 1) for count in counts]
    assert n in r1_totals.fitting(stated, n)
    if n < 1000:
        assert [r1_totals.right(value, n) for value in stated] == counts


def test_a_share_of_other_items_is_refused():
    assert r1_totals.right(46.3, 82) == 38
    with pytest.raises(InputError, match=r"46\.0% is no share of 82 items"):
        r1_totals.right(46.0, 82)


def test_bounds_of_discordance_by_hand():
    """6 and 3 of 10 items are right: 3 differ if the three are among the six, 9 if none is."""
    assert r1_totals.discordant(6, 3, 10) == (3, 9)
    assert r1_totals.discordant(9, 8, 10) == (1, 3)
    assert r1_totals.discordant(5, 5, 10) == (0, 10)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_every_pairing_lies_within_the_bounds(pairs):
    first, second = (sum(column) for column in zip(*pairs, strict=True))
    differ = sum(one != other for one, other in pairs)
    fewest, most = r1_totals.discordant(first, second, len(pairs))
    assert fewest <= differ <= most
    assert (differ - fewest) % 2 == 0


@given(st.integers(1, 60), st.data())
def test_no_pairing_is_beyond_the_two_extreme_ones(n, data):
    """For any number of discordant pairs, interval and p lie between those of the fewest and the most."""
    first, second = data.draw(st.integers(0, n)), data.draw(st.integers(0, n))
    fewest, most = r1_totals.discordant(first, second, n)
    between = data.draw(st.integers(0, (most - fewest) // 2)) * 2 + fewest
    rows = [
        r1_totals.paired_totals((count + first - second) // 2, (count - first + second) // 2, n)
        for count in (fewest, between, most)
    ]
    low, high = ([row[name] for row in rows] for name in ("low", "high"))
    assert low == sorted(low, reverse=True)
    assert high == sorted(high)
    p = [row["p"] for row in rows if row["p"] is not None]
    assert p == sorted(p, key=lambda value: round(value, 12))


def test_a_contrast_by_hand():
    """Two relations, 6 and 3 of 10, 1 and 2 of 5: bounds 3 + 1 and 9 + 3, difference 2 of 15."""
    rows = [
        ("m", "r1-traces", "equal", 10, 6),
        ("m", "r1-traces", "mix", 5, 1),
        ("m", "r1-traces", "all", 15, 7),
        ("m", "r1-set-vanilla", "equal", 10, 3),
        ("m", "r1-set-vanilla", "mix", 5, 2),
        ("m", "r1-set-vanilla", "all", 15, 5),
    ]
    both = pd.DataFrame(rows, columns=["model", "condition", "category", "n", "right"])
    parts = both.iloc[:3].merge(both.iloc[3:], on="category")
    row = r1_totals._contrast(parts, "all")
    assert (row["fewest"], row["most"], row["n"]) == (4, 12, 15)
    assert row["estimate"] == pytest.approx(2 / 15)
    assert row["p_fewest"] == pytest.approx(2 * (4 + 1) / 16)  # 3 to 1: P(X <= 1), X ~ Bin(4, 1/2), twice
    # Bonett-Price, 7 to 5 of 15: p1 = 8/17, p2 = 6/17
    half = 1.959964 * sqrt((14 / 17 - (2 / 17) ** 2) / 17)
    assert (row["low_most"], row["high_most"]) == pytest.approx((2 / 17 - half, 2 / 17 + half), abs=1e-6)


def test_verdicts_by_hand():
    def verdict(estimate, fewest, most):
        return r1_totals._verdict({"estimate": estimate, "p_holm_fewest": fewest, "p_holm_most": most})

    found = [
        verdict(0.1, 0.01, 0.04),
        verdict(-0.1, 0.01, 0.04),
        verdict(0.1, 0.01, 0.05),
        verdict(0.1, 0.06, 0.9),
        verdict(0.0, None, 1.0),
    ]
    assert found == [*r1_totals.VERDICTS, r1_totals.VERDICTS[3]]
    assert verdict(None, None, None) == ""


def test_t_interval_against_a_textbook():
    """Student (1908), table I: hours of sleep gained by ten patients, t = 4.06 with 9 df."""
    gains = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    row = r1_totals.t_interval(gains)
    assert row["estimate"] == pytest.approx(1.58)
    assert row["statistic"] == pytest.approx(4.06, abs=0.005)
    assert row["p"] == pytest.approx(0.0028, abs=5e-5)
    assert (row["low"], row["high"]) == pytest.approx((0.70, 2.46), abs=0.005)
    assert (row["n"], row["df"], row["ahead"]) == (10, 9, 9)


def test_t_interval_says_what_there_is_not():
    assert r1_totals.t_interval([])["note"] == "no runs"
    one = r1_totals.t_interval([0.1])
    assert (one["estimate"], one["low"], one["note"]) == (0.1, None, "one run: no interval")
    same = r1_totals.t_interval([0.25, 0.25, 0.25])
    assert (same["estimate"], same["low"], same["high"], same["p"]) == (0.25, None, None, None)
    assert same["note"] == "all runs equal: no interval"


@pytest.mark.nightly
@pytest.mark.parametrize("n", [3, 4])
def test_the_t_interval_covers(n):
    """Coverage in 2,000 normal samples is within three Monte Carlo errors of 0.95."""
    rng = np.random.default_rng(5)
    rows = [r1_totals.t_interval(list(rng.normal(1, 2, n))) for _ in range(2000)]
    covered = np.mean([row["low"] <= 1 <= row["high"] for row in rows])
    assert abs(covered - 0.95) < 3 * sqrt(0.95 * 0.05 / 2000)


def test_spread_by_hand():
    """Accuracies 0.4, 0.5, 0.6 of 100 items: sd 0.1; chi-square limits 7.378 and 0.0506 with 2 df."""
    runs = pd.DataFrame(
        {"model": "m", "condition": "vanilla", "category": "mix", "run": ["a", "b", "c", "d"]}
    ).assign(n=100, right=pd.array([40, 50, 60, None], "Int64"))
    (row,) = r1_totals.spread(runs).to_dict("records")
    assert (row["n"], row["note"]) == (3, "no figure of run d")
    assert row["estimate"] == pytest.approx(0.1)
    limits = [0.1 * sqrt(2 / quantile) for quantile in (7.3778, 0.05064)]
    assert [row["low"], row["high"]] == pytest.approx(limits, rel=1e-3)
    assert row["item_error"] == pytest.approx(0.05)
    assert row["ratio"] == pytest.approx(4)


def test_one_run_or_equal_runs_have_no_spread_and_their_row_stays():
    runs = pd.DataFrame({"model": "m", "condition": "vanilla", "category": "mix", "run": ["a", "b"]}).assign(
        n=100, right=pd.array([40, 40], "Int64")
    )
    equal = r1_totals.spread(runs)
    assert equal.loc[0, ["estimate", "ratio"]].tolist() == [0, 0]
    assert pd.isna(equal.loc[0, "low"])
    assert equal.loc[0, "note"] == "all runs equal, no interval"
    assert "–" in r1_totals.spread_table(equal).loc[0, "sd over runs [interval]"]
    runs.loc[1, "right"] = pd.NA
    one = r1_totals.spread(runs)
    assert (one.loc[0, "mean"], one.loc[0, "note"]) == (0.4, "no figure of run b; one run alone, no spread")
    assert r1_totals.spread_table(one).loc[0, ["variance ratio", "mean"]].tolist() == ["–", "40.0"]
    runs["right"] = pd.array([None, None], "Int64")
    none = r1_totals.spread(runs)
    assert none.loc[0, "note"].endswith("no run, no spread")
    assert r1_totals.spread_table(none).loc[0, "lowest to highest"] == "– to –"


def test_conditions_that_tie_have_no_next_best():
    counted = pd.DataFrame({"model": "m", "category": "mix", "condition": ["r1-traces", "r1-explanations"]})
    counted = counted.assign(n=10, right=pd.array([4, 4], "Int64"))
    (row,) = r1_totals.best(counted).to_dict("records")
    assert (row["best"], row["right"]) == ("r1-traces, r1-explanations", 4)
    assert (row["estimate"], row["note"]) == (None, "all conditions with a figure have the same")
    (nothing,) = r1_totals.best(counted.assign(right=pd.NA)).to_dict("records")
    assert (nothing["estimate"], nothing["note"]) == (None, "no figure")


def test_the_transcribed_table_is_consistent_with_itself(table):
    """The release's average is the mean of accuracy and F1. A slip in the transcription would show."""
    cotempqa = table[table["dataset"] == "CoTempQA"]
    gap = (cotempqa["average"] - (cotempqa["accuracy"] + cotempqa["f1"]) / 2).abs()
    assert gap.max() < 0.11
    assert not table.duplicated(["dataset", "model", "condition", "seed", "category"]).any()
    assert table["commit"].str.fullmatch(r"[0-9a-f]{40}").all()
    assert [len(table), len(cotempqa), len(r1_totals.family(table))] == [185, 182, 111]


def test_what_is_missing(table):
    rows = r1_totals.missing(table).astype(object)
    assert rows.where(rows.notna(), None).values.tolist() == [
        ["Qwen3-1.7B", "r1-set-swapped", None, "equal"],
        ["Qwen3-1.7B", "vanilla", 122, "equal"],
    ]


def test_numbers_of_items_of_the_r1_family(table):
    found = r1_totals.sizes(table)
    assert found[["category", "figures", "n", "fits"]].values.tolist() == [
        ["equal", 27, 82, (82,)],
        ["overlap", 28, 113, (113,)],
        ["during", 28, 499, (499, 501)],
        ["mix", 28, 46, (46, 92)],
    ]
    odd = r1_totals.family(table).query("category == 'mix'").assign(accuracy=99.9)
    with pytest.raises(InputError, match="no number of items fits the accuracies of 'mix'"):
        r1_totals.sizes(odd)


def test_accuracies_over_all_relations(counted):
    whole = counted[counted["category"] == "all"]
    assert set(whole["n"]) == {740}
    found = whole.pivot(index="condition", columns="model", values="right").loc[list(r1_totals.KINDS)]
    assert found["Llama-3.2-1B-Instruct"].tolist() == [439, 343, 332, 276, 327, 241, 46]
    assert found["Qwen3-1.7B"].iloc[:6].tolist() == [465, 430, 414, 310, 455, 288]
    assert pd.isna(found["Qwen3-1.7B"].iloc[6])
    assert found["Llama-3.1-8B-Instruct"].tolist() == [521, 572, 563, 511, 642, 491, 146]
    assert found["Qwen3-8B"].tolist() == [483, 576, 550, 488, 607, 444, 63]
    missing = r1_totals.rates(whole[whole["right"].isna()]).iloc[0]
    assert (missing["estimate"], missing["note"]) == (None, "no figure")


def test_the_best_kind_of_trace_and_the_best_condition(counted):
    def chosen(among):
        rows = r1_totals.best(counted, tuple(among))
        return rows[rows["category"] == "all"].set_index("model")["best"].tolist()

    assert chosen(r1_totals.TRACES) == ["r1-traces"] * 2 + ["summarized-r1-traces"] * 2
    assert chosen(r1_totals.KINDS) == ["r1-traces"] * 2 + ["r1-set-vanilla"] * 2
    tie = r1_totals.best(counted).query("model == 'Llama-3.2-1B-Instruct' and category == 'overlap'")
    assert tie["next"].item() == "summarized-r1-traces, r1-set-custom-traces"


def test_verdicts_over_all_relations(counted):
    rows = r1_totals.contrasts(counted)
    whole = rows[rows["category"] == "all"].set_index(["model", "second"])["verdict"]
    first, second, depends, apart = r1_totals.VERDICTS
    assert whole.loc["Llama-3.2-1B-Instruct"].tolist() == [first] * 6
    assert whole.loc["Qwen3-1.7B"].tolist() == [depends, depends, first, depends, first, ""]
    assert whole.loc["Llama-3.1-8B-Instruct"].tolist() == [depends, depends, apart, second, depends, first]
    assert whole.loc["Qwen3-8B"].tolist() == [second, second, apart, second, depends, first]
    assert len(r1_totals.contrast_table(rows[rows["category"] == "all"])) == 24


def test_the_second_versions(table):
    rows = r1_totals.versions(table)
    assert rows["points"].tolist() == [0, 3.6, 15.2, 6.1, -13.0]
    assert rows["items"].tolist() == [0, 4, 7, 5, -6]


def test_the_other_versions_change_their_cells_alone(table):
    changed = r1_totals.with_other_versions(table)
    moved = changed["accuracy"] != table["accuracy"]
    assert moved.sum() == 4  # one of the five is the same in both versions
    assert changed.loc[moved, "accuracy"].tolist() == [72.6, 73.9, 96.3, 58.7]
    whole = r1_totals.counts(changed).query("category == 'all' and condition == 'r1-traces'")
    assert whole["right"].tolist() == [439, 465, 521 + 4 + 7, 483 + 5 - 6]


def test_seeds_by_run(runs):
    whole = runs[runs["category"] == "all"]
    found = whole.pivot(index=["model", "condition"], columns="run", values="right")
    assert found.columns.tolist() == ["121", "122", "123", "released"]
    assert found.loc[("Qwen3-1.7B", "correct")].tolist() == [472, 452, 457, 512]
    assert found.loc[("Qwen3-1.7B", "incorrect")].tolist() == [517, 539, 545, 532]
    assert found.loc[("Llama-3.2-1B-Instruct", "correct")].tolist() == [413, 408, 412, 403]
    assert found.loc[("Llama-3.2-1B-Instruct", "incorrect")].tolist() == [370, 368, 364, 371]
    assert pd.isna(found.loc[("Qwen3-1.7B", "vanilla"), "122"])


def test_differences_over_the_seeds(runs):
    rows = r1_totals.seed_differences(runs)
    whole = rows[rows["category"] == "all"].set_index(["model", "first", "second"])
    llama = whole.loc[("Llama-3.2-1B-Instruct", "correct", "incorrect")]
    assert llama["estimate"] == pytest.approx((43 + 40 + 48 + 32) / 4 / 950)
    assert (llama["ahead"], llama["n"]) == (4, 4)
    assert llama[["estimate", "low", "high"]].tolist() == pytest.approx([0.0429, 0.0317, 0.0541], abs=5e-5)
    qwen = whole.loc[("Qwen3-1.7B", "correct", "incorrect")]
    assert qwen[["estimate", "low", "high"]].tolist() == pytest.approx([-0.0632, -0.1190, -0.0073], abs=6e-5)
    assert (qwen["ahead"], qwen["p_holm"]) == (0, pytest.approx(0.1105, abs=5e-5))
    short = whole.loc[("Qwen3-1.7B", "vanilla", "correct")]
    assert (short["n"], short["note"]) == (3, "no figure of run 122")


def test_aime(table):
    rows = r1_totals.aime(table)
    assert rows[["condition", "category", "right", "n"]].values.tolist() == [
        ["no_reasoning", "AIME2024", 2, 30],
        ["no_reasoning", "AIME2025-II", 0, 15],
        ["perturbed_reasoning", "AIME2024", 1, 30],
    ]
    assert rows["high"].tolist() == pytest.approx([0.2132, 0.2039, 0.1667], abs=5e-5)


def test_tables_for_people(counted, runs):
    rated = r1_totals.accuracy_table(r1_totals.rates(counted))
    assert len(rated) == 20
    assert rated["category"].tolist()[:5] == ["equal", "overlap", "during", "mix", "all"]
    assert rated["r1-set-swapped"].tolist()[5] == "–"
    assert r1_totals.best_table(r1_totals.best(counted)).iloc[4].tolist()[2:7] == [
        *(740, "r1-traces", 439, "summarized-r1-traces", 343)
    ]
    spread = r1_totals.spread_table(r1_totals.spread(runs))
    assert spread.iloc[0].tolist()[3:8] == [4, "73.0", "71.3 to 74.7", "1.5 [0.8, 5.5]", "4.8"]
    differences = r1_totals.difference_table(r1_totals.seed_differences(runs))
    assert differences.iloc[-1]["points [t interval]"] == "-6.3 [-11.9, -0.7]"


def test_decomposed_traces_behind_vanilla(counted):
    rows = r1_totals.behind_vanilla(counted, release.shipped_accuracies())
    assert rows[["model", "set", "n", "vanilla", "decomposed"]].values.tolist() == [
        ["Llama-3.2-1B-Instruct", "R1 family", 740, 327, 276],
        ["Llama-3.2-1B-Instruct", "main", 950, 453, 403],
        ["Qwen3-1.7B", "R1 family", 740, 455, 310],
        ["Qwen3-1.7B", "main", 950, 545, 512],
        ["Llama-3.1-8B-Instruct", "R1 family", 740, 642, 511],
        ["Llama-3.1-8B-Instruct", "main", 950, 784, 785],
        ["Qwen3-8B", "R1 family", 740, 607, 488],
    ]
    assert r1_totals.behind_table(rows).iloc[4].tolist()[-1] == "17.7 [13.5, 21.8]"
