import re
from dataclasses import replace

from tests.reporting.reports import CELLS, parts, prose, run, table
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def test_every_metric_has_a_table_and_one_has_the_steps():
    found = parts(run(CELLS))
    captions = [t.caption for t in found[2].tables if len(t.rows)]
    assert [caption.split()[1].rstrip(":") for caption in captions] == ["corrected", "official", "strict"]
    row = table(found, "Metric corrected: percent")[-1]
    assert (row["category"], row["n"]) == ("all", 20)
    assert row["answer"] == as_text.percent(wilson(9, 20))
    assert row["whole trace"] == as_text.percent(wilson(8, 20))
    assert "whole trace" not in table(found, "Metric strict: percent")[0]


def test_outputs_without_a_question_type_have_no_official_verdict():
    given = [replace(output, problem=replace(output.problem, kind="")) for output in run(["A+", "A-"])]
    found = parts(given)
    assert "2 outputs without triple_element: no verdict by metric official" in prose(found)
    assert not [t for part in found for t in part.tables if "Metric official" in t.caption]


def test_a_category_of_one_item_stands_beside_the_others():
    found = parts(run(CELLS), run(["T+A+"], category="during", first=50))
    rows = table(found, "Metric corrected: percent")
    assert [(row["category"], row["n"]) for row in rows] == [("during", 1), ("mix", 20), ("all", 21)]
    (row,) = table(found, "Metric corrected: one odds ratio")
    assert (row["n"], row["odds ratio [95% interval]"][:5]) == (20, "9.0 [")
    assert "one informative stratum" in row["note"]
    assert "strata left out for an empty margin: 1" in row["note"]
    assert not [t for t in parts(run(CELLS))[3].tables if "odds ratio over" in t.caption and len(t.rows)]


def test_repeated_problems_have_clustered_intervals():
    """Forty outputs on twenty problems. The second output on each repeats the first: Wilson is too narrow."""
    twice = run(CELLS) + [replace(o, problem=replace(o.problem, id=f"{o.problem.id}b")) for o in run(CELLS)]
    found = parts(twice, run(CELLS, model="other"))
    assert "20 outputs repeat a problem" in prose(found)
    mine, other = table(found, "Runs")
    assert (mine["outputs"], mine["distinct problems"], mine["repeated"]) == (40, 20, 20)
    assert other["repeated"] == 0
    rows = table(found, "Metric corrected, where problems repeat: percent")
    assert {row["model"] for row in rows} == {"m"}
    shown = rows[-1]
    assert (shown["category"], shown["n"], shown["problems"]) == ("all", 40, 20)
    assert shown["items as independent (Wilson)"] == as_text.percent(wilson(18, 40))
    ends = [
        [float(end) for end in re.findall(r"[\d.]+", shown[name])[1:]]
        for name in ("items as independent (Wilson)", "whole problems (bootstrap)")
    ]
    assert ends[1][1] - ends[1][0] > 1.2 * (ends[0][1] - ends[0][0])
    assert "fewer than 30 clusters" in shown["note"]
    (rates,) = table(found, "Metric corrected, where problems repeat: joint")
    assert rates["P(T and A)"].startswith("30.0 [")
    assert rates["P(A | T right)"].startswith("75.0 [")
    assert "No run answers a problem twice." in prose(parts(run(CELLS)))
