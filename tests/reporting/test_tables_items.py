"""Tables of single problems, by hand."""

import pandas as pd

from tracelib.reporting import tables_items

SHARE = {"estimate": 0.25, "low": 0.1, "high": 0.5}


def test_counts_have_words_for_headings_and_no_notes():
    rows = pd.DataFrame([{"runs_right": 1, "if_independent": 2.345, "note": "x"}])
    assert tables_items.counted(rows).to_dict("list") == {"runs right": [1], "if independent": [2.3]}


def test_disputed_golds_by_reading():
    counts = {"never_disputed": 1, "never": 4, "others_disputed": 2, "others": 8}
    rows = pd.DataFrame([{"reading": "written", **counts, **SHARE, "p_holm": 0.0004, "method": "m"}])
    assert tables_items.disputed(rows).to_dict("list") == {
        "reading": ["written"], "never disputed": [1], "never": [4], "others disputed": [2], "others": [8],
        "points [95% interval]": ["25.0 [10.0, 50.0]"], "p (Holm)": ["< 0.001"],
    }  # fmt: skip


def test_disputed_golds_by_pattern():
    rows = pd.DataFrame([{"pattern": "no run right", "n": 8, "disputed": 2, "causes": "gap: 2", **SHARE}])
    shown = tables_items.disputed_by_pattern(rows)
    assert shown.iloc[0].tolist() == ["no run right", 8, 2, "25.0 [10.0, 50.0]", "gap: 2"]
