from dataclasses import replace

from tests.reporting.reports import parts, prose, run, table
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def test_conditions_are_compared_on_their_common_items():
    """Of 30 common items, 10 are right only under the first condition, and 2 only under the second."""
    zero = run(["A+"] * 10 + ["A-"] * 2 + ["A+"] * 18 + ["A-"] * 5, condition="zero-shot")
    few = run(["A-"] * 10 + ["A+"] * 20, condition="few-shot")
    found = parts(zero, few)
    (row,) = table(found, "cotempqa: pairs")
    assert row["comparison"] == "zero-shot − few-shot"
    assert (row["n"], row["only first, only second right"]) == (30, "10, 2")
    assert row["points [95% interval]"].startswith("26.7 [")
    assert row["p"] == row["p (Holm)"] == "0.039"  # 2 * (1 + 12 + 66) / 2^12
    assert "5 items" in row["note"]
    assert table(found, "cotempqa: are they equivalent")[0]["p, equivalence"] > "0.9"
    assert not [t for part in found for t in part.tables if "all conditions" in t.caption and len(t.rows)]
    (common,) = table(found, "Items that all runs have")
    assert (common["runs"], common["items"], common["left out, not in all"]) == (2, 30, 5)


def test_three_conditions_have_cochrans_q():
    """Wins 3, 2, 1 over items of 2, 1, 3 right: Q = 2 (3 (9 + 4 + 1) - 36) / (18 - 14) = 3."""
    found = parts(
        run(["A+", "A+", "A+"], condition="a"),
        run(["A+", "A-", "A+"], condition="b"),
        run(["A-", "A-", "A+"], condition="c"),
    )
    (row,) = table(found, "cotempqa: all conditions")
    assert (row["Q"], row["df"], row["p"], row["p (Holm)"]) == ("3.00", 2, "0.223", "0.223")
    assert len(table(found, "cotempqa: pairs")) == 3


def test_models_without_a_common_condition_are_referred_to_compare():
    found = parts(run(["A+"]), run(["A-"], model="other", condition="vanilla"))
    assert 'are compared by "tracelib compare A B"' in prose(found)


def test_one_condition_has_nothing_to_compare():
    found = parts(run(["A+"]), run(["A-"], model="other", condition="vanilla"))
    assert "cotempqa: no model has two conditions to compare." in prose(found)


def test_notes_name_missing_discordant_pairs_and_common_items():
    same = parts(run(["A+", "A-"], condition="a"), run(["A+", "A-"], condition="b"))
    (row,) = table(same, "cotempqa: pairs")
    assert (row["p"], row["note"]) == ("–", "no discordant pairs, no test")
    apart = parts(run(["A+", "A-"], condition="a"), run(["A+"], condition="b", first=7))
    (row,) = table(apart, "cotempqa: pairs")
    assert (row["n"], row["points [95% interval]"], row["p"]) == (0, "–", "–")
    assert "no common items" in row["note"]
    assert table(apart, "Items that all runs have")[0]["note"] == "no item that all runs have"
    one = parts(run(["T+A+"]))
    (row,) = table(one, "Metric corrected: conditional")
    assert row["P(A | T right)"] == as_text.percent(wilson(1, 1))
    assert row["P(A | T wrong)"] == "–"
    (row,) = table(one, "Metric corrected: answers after right and after wrong traces compared")
    assert row["odds ratio"] == row["chi-square (p)"] == "–"
    assert "no wrong trace" in row["note"]


def test_the_same_id_with_other_content_is_not_the_same_item():
    other = [replace(o, problem=replace(o.problem, id="0"), condition="b") for o in run(["A+"], first=5)]
    found = parts(run(["A+", "A-"], condition="a"), other)
    assert table(found, "cotempqa: pairs")[0]["n"] == 0
    assert "Ids that stand for different problems in different runs: 1." in prose(found)
