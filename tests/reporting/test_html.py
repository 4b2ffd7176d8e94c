from dataclasses import replace

import pandas as pd
from IPython.display import HTML

from tracelib.reporting import html
from tracelib.scoring.verify import verify
from tracelib.traces.conditions import CONDITIONS
from tracelib.traces.format import parse

EVIL = "<script>alert('x')</script>"


def test_untrusted_text_is_escaped_everywhere(problem):
    shown = replace(problem, question=EVIL, gold=(EVIL,), category=EVIL, facts=(EVIL, *problem.facts[1:]))
    for page in (
        html.problem(shown),
        html.text(EVIL),
        *(show(pd.DataFrame({EVIL: [EVIL]})) for show in (html.table, html.prose_table)),
    ):
        assert "<script" not in page.data
        assert "&lt;script" in page.data


def test_long_text_is_bounded():
    assert len(html.text("x" * 100_000).data) < 2 * html.LONGEST
    assert "(cut)" in html.text("x" * 100_000).data


def test_gold_facts_are_marked(problem):
    assert html.problem(problem).data.count("(gold)") == len(problem.supporting)


def test_a_column_with_one_dataset_is_left_out():
    one = pd.DataFrame({"dataset": ["a", "a"], "n": [1, 2]})
    assert "dataset" not in html.table(one).data
    assert "dataset" in html.table(one.assign(dataset=["a", "b"])).data


def test_a_glossary_has_a_row_for_each_name():
    page = html.glossary({"side": "<where>", "text": "what"}, "repair", "meaning").data
    assert "results prose" in page
    assert page.count("<tr") == 3
    assert "&lt;where&gt;" in page


def test_an_empty_table_says_so():
    assert "no rows" in html.table(pd.DataFrame()).data


def test_verdicts_in_words(problem):
    row = html.verdict_row("mine", verify(problem, parse("")))
    assert (row["trace"], row["step 1: category"], row["whole trace"]) == ("mine", "wrong", "wrong")


def test_the_gallery_shows_every_condition_escaped(problem):
    evil = replace(problem, question=EVIL, gold=(EVIL,), facts=(EVIL, *problem.facts[1:]))
    shown = html.gallery(evil, [evil, problem, replace(problem, id="other")], 1).data
    for name in CONDITIONS:
        assert f"<strong>{name}</strong>" in shown
    assert EVIL not in shown
    assert shown.count("<details>") == shown.count("</details>") == len(CONDITIONS)
    for chip in ("category right", "category wrong", "category absent", "facts right", "facts wrong"):
        assert chip in shown
    assert "simulated" in shown


def test_named_texts_are_stacked_and_escaped():
    shown = html.texts({"gold": "<think>a", "empty": ""}).data
    assert "[gold]\n&lt;think&gt;a\n\n[empty]\n" in shown


def test_none_shows_nothing():
    assert html.table(None) is None
    assert html.prose_table(None) is None


def test_a_pivoted_table_shows_no_name_of_its_columns():
    wide = pd.DataFrame({"forced": ["a", "a"], "column": ["x", "y"], "right": [1, 2]})
    wide = wide.pivot(index="forced", columns="column", values="right").reset_index()
    assert "<th>column</th>" not in html.table(wide).data


def test_folded_parts_stand_below_an_escaped_line():
    shown = html.folded("2 <more>", [HTML("<p>a</p>"), HTML("<p>b</p>")])
    assert shown.data == "<details><summary>2 &lt;more&gt;</summary><p>a</p><p>b</p></details>"
