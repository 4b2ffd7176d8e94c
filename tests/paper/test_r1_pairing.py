"""The look-up by hand and compared with a plain loop, its split, and the figures of the R1 chapter."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.paper import r1_pairing
from tracelib.paper.r1_pairing import _invented

answers = st.text("ab', ", max_size=6)


def problems(*gold):
    return [_invented(f"p{number}", "overlap", *names) for number, names in enumerate(gold)]


def test_the_first_row_that_contains_the_text_wins():
    rows = ["['Beta']", "['Beta Works', 'Gamma']", "['Gamma']"]
    assert r1_pairing.find(rows, ["Beta", "Works", "Gamma", "'Gamma']", "Delta"]) == [0, 1, 1, 1, None]


def test_a_text_that_spans_two_rows_is_not_found():
    assert r1_pairing.find(["ab", "cd"], ["bc", "abcd"]) == [None, None]
    assert r1_pairing.find([], ["a"]) == [None]


@given(st.lists(answers, max_size=8), st.lists(answers, max_size=8))
def test_find_is_the_walk(rows, texts):
    walked = [next((at for at, row in enumerate(rows) if text in row), None) for text in texts]
    assert r1_pairing.find(rows, texts) == walked


@given(st.lists(st.none() | st.integers(0, 5)))
def test_kept_is_the_last_that_was_found(found):
    """As the script's loop: a variable is overwritten only when a row is found."""
    message, expected = None, []
    for at in found:
        if at is not None:
            message = at
        expected.append(message)
    assert r1_pairing.kept(found) == expected


def test_pairings_by_hand():
    """An item's own row, the row of the item before, another relation's row, and no row yet."""
    first, second = problems(["Beta"], ["Delta", "Beta Works"])
    third = _invented("p2", "equal", "Delta")
    rows = [first, second, third]
    pairs = r1_pairing.pairings(rows, [first, second, third], ["None of them", "Beta", "Delta"])
    assert pairs["given"].astype(object).where(pairs["given"].notna(), None).tolist() == [None, "p0", "p1"]
    assert pairs["outcome"].tolist() == ["none", "other", "other"]
    assert pairs["other_relation"].tolist() == [False, False, True]
    own = r1_pairing.pairings(rows, [first, second], ["Beta", "both"])
    assert own["outcome"].tolist() == ["own", "none"]
    assert own["given"].tolist() == ["p0", "p0"]


def test_counts_by_hand():
    """Training rows get a, a, b; test rows get a, c. The test items are b (in training) and c (not)."""
    pairs = pd.DataFrame(
        {
            "item": ["a", "x", "y", "b", "c"],
            "category": "mix",
            "given": ["a", "a", "b", "a", "c"],
            "outcome": ["own", "none", "other", "other", "own"],
            "other_relation": [False, True, False, False, False],
            "tested": [False, False, False, True, True],
        }
    )
    assert r1_pairing.counted(pairs, original_test={"b", "c"}) == {
        "items": 5,
        "own": 2,
        "other": 2,
        "none": 1,
        "other_relation": 1,
        "problems": 3,
        "most": 3,
        "training": 3,
        "from_test": 1,
        "tested": 2,
        "seen": 1,
        "pairs": 2,
    }


def test_the_split_is_a_fifth_of_each_relation_as_pandas_draws_it():
    pairs = pd.DataFrame({"category": ["overlap"] * 10 + ["equal"] * 6})
    tested = r1_pairing.split(pairs)
    alone = pd.DataFrame({"n": range(6)}).sample(frac=0.2, random_state=42)
    assert tested.groupby(pairs["category"]).sum().to_dict() == {"overlap": 2, "equal": 1}
    assert tested.index[tested & (pairs["category"] == "equal")].tolist() == [10 + alone.index[0]]


def test_rows_are_walked_training_first_and_relation_by_relation():
    made = {
        "train": [_invented("e", "equal", "A"), _invented("o", "overlap", "B")],
        "test": [_invented("m", "mix", "C"), _invented("d", "during", "D")],
    }
    assert [row.id for row in r1_pairing.rows_of(made)] == ["o", "e", "d", "m"]


def test_counts_of_any_problems_add_up(twins):
    table = r1_pairing.emulate({"train": twins[:40], "test": twins[40:]})
    assert (table[["own", "other", "none"]].sum(axis=1) == table["items"]).all()
    assert (table["training"] + table["tested"] == table["items"]).all()
    parts = table[table["category"] != "all"].groupby("stand_in", sort=False)
    whole = table[table["category"] == "all"].set_index("stand_in")
    for name in ("items", "own", "other", "none", "other_relation", "from_test", "seen", "pairs"):
        assert parts[name].sum().to_dict() == whole[name].to_dict(), name
    printed = table[table["stand_in"] == "printed gold list"]
    assert (printed["none"] == 0).all()  # an item's own row contains its own printed list
    assert (printed["own"] <= printed["problems"]).all()


def test_the_example_shows_every_outcome_once():
    shown = r1_pairing.example()
    assert shown["gets the trace of"].tolist() == ["Ada's", "Ada's", "Cy's", "Eve's"]
    assert shown["because"].tolist() == [r1_pairing.SHARES[name] for name in ("own", "none", "other", "own")]


def test_what_was_read_adds_up():
    read = r1_pairing.OBSERVED
    assert (read[["own", "other", "none"]].sum(axis=1) == read["items"]).all()
    assert (read["problems"] <= read["items"]).all()
    assert (read["own"] <= read["problems"]).all()
    assert r1_pairing.read_table(read).iloc[3].tolist() == [
        *("equal", "whole file", 82, "20 of 82", "34 of 82", "28 of 82", "51 of 82", 45, 31),
    ]


def test_shares_carry_n_and_method():
    rows = r1_pairing.shares(r1_pairing.OBSERVED, ["category"])
    assert len(rows) == 16
    assert set(rows["method"]) == {"Wilson score"}
    assert rows.iloc[0][["category", "share", "n"]].tolist() == ["overlap", "own", 3]


def test_shipped_counts_are_what_the_release_gives(release_root, tmp_path):
    assert len(r1_pairing.SHIPPED.derive(tmp_path / "counts.csv")) == 15
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "counts.csv"), r1_pairing.SHIPPED.read())


def test_figures_of_the_chapter():
    """The result of `tracelib release derive`."""
    counts = r1_pairing.SHIPPED.read().set_index(["stand_in", "category"])
    whole = counts.xs("all", level="category")
    assert whole["items"].tolist() == [2685] * 3
    assert whole["own"].tolist() == [1224, 805, 1621]
    assert whole["none"].tolist() == [2, 1077, 0]
    assert whole["problems"].tolist() == [1251, 860, 1621]
    joined = counts.loc[("gold answers joined by commas", "mix")]
    assert joined[["items", "none", "other_relation", "problems"]].tolist() == [563, 563, 563, 1]
    assert r1_pairing.leakage_table(r1_pairing.SHIPPED.read()).iloc[4].tolist() == [
        *("first gold answer", "all", 2147, 305, 538, "10.6 [8.3, 13.5]", 8553)
    ]


@pytest.mark.parametrize("name", r1_pairing.STAND_INS)
def test_stand_ins_of_a_problem(problem, name):
    expected = {
        "first gold answer": "Gamma",
        "gold answers joined by commas": "Gamma, Delta",
        "printed gold list": "['Gamma', 'Delta']",
    }
    assert r1_pairing.STAND_INS[name](problem) == expected[name]
