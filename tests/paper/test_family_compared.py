"""Conditions of the R1 family compared on the same problems; repeated runs; stated figures."""

from math import sqrt

import pandas as pd
import pytest

from tests.paper.history import MODEL, outcomes
from tracelib.paper import family_compared, r1_totals
from tracelib.reporting import tables_family


def test_mcnemar_by_hand():
    """Of 24 problems 6 are right only on R1's traces, 2 only on its answers: p = 2 P(X <= 2), X of 8."""
    r1 = [True] * 18 + [False] * 6
    vanilla = [True] * 12 + [False] * 6 + [True] * 2 + [False] * 4
    rows = family_compared.contrasts(outcomes({("r1-traces", None): r1, ("r1-set-vanilla", None): vanilla}))
    (row,) = rows.to_dict("records")
    assert (row["only_first"], row["only_second"], row["n"]) == (6, 2, 24)
    assert row["p"] == row["p_holm"] == pytest.approx(2 * (1 + 8 + 28) / 256)
    p1, p2 = 7 / 26, 3 / 26  # Bonett and Price
    half = 1.959964 * sqrt((p1 + p2 - (p1 - p2) ** 2) / 26)
    assert [row["low"], row["high"]] == pytest.approx([p1 - p2 - half, p1 - p2 + half], abs=1e-6)
    shown = tables_family.paired_table(rows).iloc[0]
    assert shown["comparison"] == "r1-traces − r1-set-vanilla"
    assert shown["only first, only second right"] == "6, 2"


def test_holm_is_over_all_conditions():
    """Two contrasts: 8 to 0 has p = 2/256, 1 to 1 has p = 1. Holm doubles the smaller one."""
    r1 = [True] * 8 + [True, False]
    rows = family_compared.contrasts(
        outcomes(
            {
                ("r1-traces", None): r1,
                ("r1-set-vanilla", None): [False] * 8 + [True, False],
                ("r1-explanations", None): [True] * 8 + [False, True],
            }
        )
    ).set_index("second")
    assert rows.loc["r1-set-vanilla", ["p", "p_holm"]].tolist() == pytest.approx([2 / 256, 4 / 256])
    assert rows.loc["r1-explanations", "p_holm"] == 1


def test_a_file_of_other_problems_is_counted_and_not_compared():
    ours = outcomes({("r1-traces", None): [True] * 3, ("r1-explanations", None): [True] * 3})
    other = outcomes({("r1-set-vanilla", None): [True] * 3}, items=["x", "y", "z"])
    table = pd.concat([ours, other])
    found = family_compared.problems(table, family_compared.released()).set_index("condition")
    assert found.loc["r1-traces", ["n", "others", "lacking"]].tolist() == [3, 0, 0]
    assert found.loc["r1-set-vanilla", ["n", "others", "lacking"]].tolist() == [3, 3, 3]
    row = family_compared.contrasts(table).set_index("second").loc["r1-set-vanilla"]
    assert (row["n"], row["note"]) == (0, "no common items")
    assert pd.isna(row["estimate"])
    shown = tables_family.paired_table(family_compared.contrasts(table)).set_index("comparison")
    assert shown.loc["r1-traces − r1-set-vanilla", "points [95% interval]"] == "–"


def test_counts_are_missing_where_a_relation_is():
    part = outcomes({("r1-traces", None): [True, False, True], ("r1-set-vanilla", None): [True] * 3})
    part = pd.concat([part, outcomes({("r1-traces", None): [True] * 2}, "equal", ["e1", "e2"])])
    found = family_compared.counts(part, "corrected").set_index(["condition", "category"])
    assert len(found) == 7 * 5
    assert found.loc[("r1-traces", "mix"), ["n", "right"]].tolist() == [3, 2]
    assert found.loc[("r1-traces", "equal"), ["n", "right"]].tolist() == [2, 2]
    assert pd.isna(found.loc[("r1-traces", "all"), "right"])
    assert found.loc[("r1-set-vanilla", "equal"), "n"] == 2
    assert pd.isna(found.loc[("r1-set-vanilla", "equal"), "right"])
    shown = r1_totals.accuracy_table(r1_totals.rates(found.reset_index()))
    assert shown.set_index("category").loc["mix", "r1-traces"].startswith("66.7 [")


def test_outputs_without_an_answer_count_as_wrong():
    table = outcomes({("r1-traces", None): [True, True, True, False]})
    table["ending"] = ["tagged", "cut", "empty", "cut"]
    found = family_compared.unanswered_as_wrong(table)
    assert found["answer_corrected"].tolist() == found["answer_official"].tolist() == [True] + [False] * 3
    (row,) = family_compared.endings(table).to_dict("records")
    assert [row[name] for name in ("n", "tagged", "bare", "cut", "empty")] == [4, 1, 0, 2, 1]
    assert (row["official"], row["corrected"]) == (2, 2)
    shown = tables_family.endings_table(family_compared.endings(table)).iloc[0]
    assert shown["cut within the trace"].startswith("50.0 [")
    assert shown["no answer, but right (official)"] == 2


def test_stated_accuracies_beside_the_outputs():
    """24 right of 46 *mix* problems reproduce the stated 52.2%; 25 do not. One seed has no figure."""
    stated = r1_totals.load()
    same = outcomes({("r1-traces", None): [True] * 24 + [False] * 22, ("vanilla", 122): [True] * 9})
    seed = outcomes({("vanilla", 122): [True] * 9}, "equal", model="Qwen3-1.7B")
    table = family_compared.reproduced(pd.concat([same, seed]), stated)
    assert len(table) == 184
    found = table[table["status"] != "no outputs here"]
    key = found.set_index(["condition", "category"])
    assert key.loc[("r1-traces", "mix"), ["n", "stated", "status"]].tolist() == [46, 52.2, "same"]
    assert key.loc[("vanilla", "equal"), "status"] == "no figure stated"
    assert key.loc[("vanilla", "mix"), "status"] == "differs"
    other = outcomes({("r1-traces", None): [True] * 25 + [False] * 21})
    table = family_compared.reproduced(other, stated).set_index(["model", "condition", "category"])
    assert table.loc[(MODEL, "r1-traces", "mix"), "status"] == "differs"


def test_repeated_runs_with_problems_as_a_sample_too():
    """Correct minus incorrect is 2/4 and 1/4 in two runs. A problem that one run lacks is left out."""
    main = outcomes({("correct", None): [1, 1, 1, 0, 1], ("incorrect", None): [1, 0, 0, 0, 0]})
    further = outcomes({("correct", 121): [1, 1, 0, 0], ("incorrect", 121): [1, 0, 0, 0]})
    (row,) = family_compared.seed_contrasts(further, main).to_dict("records")
    assert (row["first"], row["second"], row["runs"]) == ("correct", "incorrect", "121, released")
    assert (row["n"], row["items"], row["ahead"]) == (2, 4, 2)
    assert row["estimate"] == pytest.approx(3 / 8)
    assert row["low"] < row["estimate"] < row["high"]
    assert row["note"] == "1 problems that not all runs answered, left out"
    assert row["p_holm"] == row["p"]
    assert tables_family.seeds_table(pd.DataFrame([row])).iloc[0]["first higher in"] == "2 of 2"


def test_runs_on_other_problems_are_not_averaged():
    further = outcomes({("correct", 121): [1, 1], ("incorrect", 121): [1, 0]}, items=["x", "y"])
    main = outcomes({("correct", None): [1, 1], ("incorrect", None): [1, 0]})
    (row,) = family_compared.seed_contrasts(further, main).to_dict("records")
    assert (row["n"], row["items"], row["note"]) == (2, 0, "no problem that all runs answered")
    assert row["estimate"] is row["p_holm"] is None


def test_no_further_seeds_no_rows():
    table = outcomes({("r1-traces", None): [True] * 3})
    assert family_compared.seed_contrasts(table, family_compared.released()).empty


def test_problems_that_the_main_runs_trained_on():
    table = outcomes({("r1-traces", None): [True] * 8, ("r1-set-vanilla", None): [True] * 8})
    found = family_compared.trained_on(table).set_index("category")
    assert found.loc["mix", ["n", "train", "test", "not_found"]].tolist() == [8, 6, 2, 0]
    assert found.loc["all", "estimate"] == 0.75
    assert found.loc["equal", "n"] == 0


def test_the_released_runs_are_the_main_test_set():
    main = family_compared.released()
    assert set(main["condition"]) == {"vanilla", "correct", "incorrect"}
    assert len(main[(main["model"] == MODEL) & (main["condition"] == "vanilla")]) == 950
