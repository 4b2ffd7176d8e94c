from tests.reporting.reports import CELLS, parts, prose, run, table
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def test_the_two_by_two_by_hand():
    """Cells 6, 2, 3, 9: joint 6 of 20, conditional 6 of 8 and 3 of 12; ratio 3; odds ratio 54/6 = 9."""
    found = parts(run(CELLS), run(["A+"] * 20, condition="vanilla"))
    (cells,) = table(found, "Metric corrected: cells")
    assert [cells[name] for name in ("T+A+", "T+A-", "T-A+", "T-A-")] == [6, 2, 3, 9]
    assert cells["P(T and A)"] == as_text.percent(wilson(6, 20)) == "30.0 [14.5, 51.9]"
    assert not [name for name in cells if "|" in name or name == "difference"]  # joint alone
    (rates,) = table(found, "Metric corrected: conditional")
    assert rates["P(A | T right)"] == as_text.percent(wilson(6, 8))
    assert rates["P(A | T wrong)"] == as_text.percent(wilson(3, 12))
    assert rates["P(T | A right)"] == as_text.percent(wilson(6, 9))
    assert "P(T and A)" not in rates
    (rates,) = table(found, "Metric corrected: answers after right and after wrong traces compared")
    assert rates["difference"].startswith("50.0 [")
    assert rates["ratio"].startswith("3.00 [")
    assert rates["odds ratio"].startswith("9.00 [")
    assert rates["phi"].startswith("0.49 [")  # (6 * 9 - 2 * 3) / sqrt(8 * 12 * 9 * 11)
    assert rates["chi-square (p)"].startswith("4.85 (")  # 20 * phi^2
    assert "chi square: an expected count is below 5, Fisher's exact p = 0.0" in rates["note"]
    assert "1 run left out: none of the traces could be parsed" in prose(found)
