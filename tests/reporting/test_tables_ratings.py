"""Tables of ratings, by hand."""

import pandas as pd

from tracelib.reporting import tables_ratings

LABELS = {"load": "Load", "a": "kind A"}
PAIR = {
    "measures": "load",
    "first": "a",
    "second": "b",
    "estimate": 0.5,
    "low": 0.25,
    "high": 0.75,
    "note": "",
}


def test_a_pair_has_delta_points_and_both_odds_ratios():
    delta = pd.DataFrame([PAIR | {"points": 1.0, "points_low": 0.5, "points_high": 1.5, "p_holm": 0.0001}])
    odds = pd.DataFrame([PAIR | {"p_holm": 0.04}])
    length = pd.DataFrame([PAIR | {"estimate": None, "low": None, "high": None, "p_holm": None, "note": "x"}])
    (shown,) = tables_ratings.pairs(delta, odds, length, LABELS).to_numpy().tolist()
    assert shown == [
        "Load", "kind A − b", "0.50 [0.25, 0.75]", "1.00 [0.50, 1.50]", "< 0.001", "0.50 [0.25, 0.75]",
        "0.040", "–", "–", "x",
    ]  # fmt: skip


def test_exclusions_stand_beside_none():
    kept, everybody = (pd.DataFrame([PAIR | {"p_holm": p}]) for p in (0.04, 0.06))
    (shown,) = tables_ratings.without_exclusions(kept, everybody, LABELS).to_numpy().tolist()
    assert shown[2:] == ["0.50 [0.25, 0.75]", "0.040", "0.50 [0.25, 0.75]", "0.060"]
    (shown,) = tables_ratings.without_exclusions(kept.head(0), everybody, LABELS).to_numpy().tolist()
    assert shown[2:] == ["–", "–", "0.50 [0.25, 0.75]", "0.060"]


def test_the_test_of_all_kinds():
    row = {"measures": "load", "n": 9, "statistic": 7.5, "df": 2, "p": 0.02, "p_holm": 0.04}
    rows = pd.DataFrame(
        [row | {"method": "Friedman", "note": ""}, row | {"df": None, "method": "", "note": "x"}]
    )
    shown = tables_ratings.all_kinds(rows, LABELS)
    assert shown.iloc[0].tolist() == ["Load", 9, "7.50", 2, "0.020", "0.040", "Friedman", ""]
    assert shown["degrees of freedom"].iloc[1] == "–"
    assert tables_ratings.all_kinds(rows.head(0), LABELS).empty
    assert "note" not in tables_ratings.all_kinds(rows.head(1), LABELS)


def test_agreement_has_a_row_per_construct():
    row = {"measures": "load", "questions": 5, "n": 40, "low": 0.7, "high": 0.9}
    rows = pd.DataFrame([row | {"coefficient": name, "estimate": 0.8} for name in ("alpha", "omega")])
    assert tables_ratings.agreement(rows, LABELS).to_numpy().tolist() == [
        ["Load", 5, 40, "0.80 [0.70, 0.90]", "0.80 [0.70, 0.90]"]
    ]
    assert tables_ratings.agreement(pd.DataFrame(), LABELS).empty


def test_trust_has_a_row_per_arm():
    share = {"arm": "a", "estimate": 0.5, "low": 0.4, "high": 0.6}
    accepted = pd.DataFrame([share | {"answer": answer} for answer in ("right", "wrong")])
    names = ("c", "d_more", "c_more")
    more = {f"{name}{end}": 0.1 for name in names for end in ("", "_low", "_high")}
    measured = pd.DataFrame([share | more])
    shown = tables_ratings.trust(accepted, measured, pd.DataFrame([share]), LABELS)
    assert shown.iloc[0].tolist() == [
        "kind A", "50.0 [40.0, 60.0]", "50.0 [40.0, 60.0]", "0.50 [0.40, 0.60]", *["0.10 [0.10, 0.10]"] * 3,
        "0.50 [0.40, 0.60]",
    ]  # fmt: skip
    assert tables_ratings.trust(*[pd.DataFrame()] * 3, LABELS).empty


def test_what_was_put_in_stands_beside_what_was_found():
    rows = pd.DataFrame([{"quantity": "q", "expected": 1.23456, "estimate": 1.2, "low": 1.0, "high": 1.4}])
    assert tables_ratings.recovered(rows).iloc[0].tolist() == ["q", "1.235", "1.2 [1, 1.4]"]


def test_the_wording_is_shown_where_it_is_known():
    row = {"construct": "Load", "question": "How much?", "answers": "Little; Much", "turned": "no"}
    shown = tables_ratings.questions(pd.DataFrame([row]))
    assert shown.columns.tolist() == ["construct", "question", "answers, from 1", "turned round"]
    assert tables_ratings.questions(pd.DataFrame()) is None
