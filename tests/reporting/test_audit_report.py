import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tracelib import __version__
from tracelib.core.errors import InputError
from tracelib.core.pylist import listed
from tracelib.datasets import release_files
from tracelib.datasets.problem import Problem
from tracelib.reporting import audit_report as report
from tracelib.reporting import citing, document, figure_rates, flips, writing
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson
from tracelib.traces.format import render

VOID = ("meta", "br", "hr", "img", "link", "input")
HOSTILE = (
    "<script>alert(1)</script>",
    "a|b||c",
    "two\nlines\r\n\u2028three",
    "abc\u202edcb\u200f\u2066",
    "\x1b[31mred\x00\x07",
    "</td></table><h1>x</h1>",
    "\"' onload=alert(1) x='\" &amp; &#60;b&#62;",
    "[text](javascript:alert(1)) ![i](http://a/b) [r][s] <http://c>",
    "`code` *a* __b__ ~~c~~ $d$ \\| \\\\",
    "x" * 5000,
    "",
)


class Page(HTMLParser):
    """Elements in order, the text of cells, and what is not closed in the order it was opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.cells = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells[-1] += data


def task(number, category="mix", dataset="cotempqa"):
    """A problem of its own content: the second and third fact answer it."""
    return Problem(
        id=str(number),
        dataset=dataset,
        question=f"While Ada was working for Beta, which employer did Ada work for? ({number})",
        facts=(
            "Ada works for Beta from 1948 to 1952.",
            "Ada works for Gamma from 1940 to 1960.",
            "Ada works for Delta from 1950 to 1955.",
        ),
        gold=("Gamma", "Delta"),
        supporting=(1, 2),
        category=category,
        kind="S1_R1_O2" if dataset == "cotempqa" else "",
    )


def said(problem, cell):
    """An output in one cell of the 2x2 (``T+A-``), or an answer alone (``A+``)."""
    answered = problem if "A+" in cell else replace(problem, gold=("Beta",))
    if "T" not in cell:
        return f"<answer>{listed(answered.gold)}</answer>"
    return render(answered, problem.category if "T+" in cell else "equal", listed(problem.supporting_facts))


def run(cells, model="m", condition="correct", seed=None, first=0, category="mix"):
    """One run: a cell per problem, numbered from `first`."""
    problems = [task(first + place, category) for place in range(len(cells))]
    return [
        Output(problem, said(problem, cell), model, condition, seed)
        for problem, cell in zip(problems, cells, strict=True)
    ]


def parts(*runs):
    return report.sections(score([output for run in runs for output in run]))


def table(found, caption):
    """The rows under the only caption that starts so."""
    (shown,) = [t.rows for part in found for t in part.tables if t.caption.startswith(caption)]
    return shown.to_dict("records")


def as_html(found):
    return document.as_html(report.TITLE, found)


def as_markdown(found):
    return document.as_markdown(report.TITLE, found)


def prose(found):
    return " ".join(" ".join(part.prose) for part in found)


def markdown_rows(text):
    """The cells of every table row; a backslash keeps a pipe in its cell."""
    return [re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


CELLS = ["T+A+"] * 6 + ["T+A-"] * 2 + ["T-A+"] * 3 + ["T-A-"] * 9


def test_sections_come_in_their_order_and_name_what_was_read(tmp_path):
    path = tmp_path / "o.jsonl"
    path.write_text("{}")
    found = report.sections(score(run(["A+"] * 3)), [path, tmp_path / "gone"])
    assert [part.title for part in found] == [
        "In short",
        "What was read",
        "Accuracy of answers and steps",
        "Trace and answer together",
        "Conditions compared on the same items",
        "Items",
        "Items that flip",
        "How to read it",
        "For a paper",
    ]
    assert "read 3 outputs of 1 run (a run: a dataset, model, condition and seed) on 3 distinct" in prose(
        found
    )
    known, gone = table(found, "Files")
    assert (known["file"], known["bytes"]) == (str(path), "2")
    assert known["SHA-256"].startswith("44136fa355b3678a")
    assert gone["file"] == str(tmp_path / "gone")
    assert pd.isna(gone["bytes"])


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


def test_every_metric_is_there_and_the_steps_once():
    found = parts(run(CELLS))
    captions = [t.caption for t in found[2].tables if len(t.rows)]
    assert [caption.split()[1].rstrip(":") for caption in captions] == ["corrected", "official", "strict"]
    row = table(found, "Metric corrected: percent")[-1]
    assert (row["category"], row["n"]) == ("all", 20)
    assert row["answer"] == as_text.percent(wilson(9, 20))
    assert row["whole trace"] == as_text.percent(wilson(8, 20))
    assert "whole trace" not in table(found, "Metric strict: percent")[0]


def test_outputs_without_their_kind_have_no_official_verdict():
    given = [replace(output, problem=replace(output.problem, kind="")) for output in run(["A+", "A-"])]
    found = parts(given)
    assert "2 outputs without triple_element: no verdict by metric official" in prose(found)
    assert not [t for part in found for t in part.tables if "Metric official" in t.caption]


def test_conditions_are_compared_on_their_common_items():
    """Of 30 common items only the first gets 10 right and only the second 2; two conditions of any name."""
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


def test_a_report_begins_with_what_was_found_in_words():
    """Cells 6, 2, 3, 9 of one run; then a second condition that is right everywhere."""
    found = parts(run(CELLS))
    answer, joint = as_text.percent(wilson(9, 20)), as_text.percent(wilson(6, 20))
    if_right, if_wrong = as_text.percent(wilson(6, 8)), as_text.percent(wilson(3, 12))
    assert found[0].prose == [
        f"cotempqa: Of 20 outputs the answer is right in {answer} percent (metric corrected). Trace and "
        f"answer are both right in {joint} percent of all outputs; the answer is right in {if_right} percent "
        f"of those with a right trace and in {if_wrong} percent of those with a wrong one."
    ]
    found = parts(run(CELLS), run(["A+"] * 20, condition="vanilla"))
    assert f"In 2 runs the answer is right in {as_text.percent(wilson(9, 20))} to " in found[0].prose[0]
    assert "both right in 1 run with traces in 30.0 [" in found[0].prose[0]
    assert (
        found[0]
        .prose[0]
        .endswith(
            "Of 1 pair of conditions 1 differs in accuracy (5%, Holm); 0 are equivalent within 5 points."
        )
    )


def test_the_figure_has_the_rates_of_every_run():
    (figure,) = parts(run(CELLS), run(["A+"] * 20, condition="vanilla"))[0].figures
    assert (
        "run 1: answer right, of all 100.0; run 2: answer right, of all 45.0, trace and answer" in figure.seen
    )
    assert "answer right, of wrong traces 25.0." in figure.seen
    many = parts(*[run(["A+"], model=str(n)) for n in range(figure_rates.MOST + 2)])[0].figures[0]
    assert "the first 20 of 22 runs" in many.caption


def test_tables_and_figures_are_numbered_in_their_order():
    text = as_html(parts(run(CELLS), run(CELLS[::-1], condition="vanilla")))
    captions = re.findall(r"<caption>Table (\d+)\. ", text)
    assert captions == [str(number) for number in range(1, len(captions) + 1)]
    assert re.findall(r"<figcaption>Figure (\d+)\. ", text) == ["1"]


def test_two_models_without_a_common_condition_are_pointed_to_compare():
    found = parts(run(["A+"]), run(["A-"], model="other", condition="vanilla"))
    assert 'are compared by "tracelib compare A B"' in prose(found)


def flipping(texts=None, long=""):
    """One item of two flips; the outputs of the second condition hold a text of anybody."""
    outputs_ = run(["A+", "A-", "A+"], condition="vanilla") + run(["A+", "A-", "A-"], condition="correct")
    outputs_[-1] = replace(outputs_[-1], prediction=f"<script>x</script>\n\x1b{long}")
    known = dict(enumerate(outputs_))
    return report.sections(score(outputs_), texts=lambda rows: {row: known[row] for row in rows})


def test_every_flip_stands_with_its_question_and_texts():
    found = flipping()
    part = next(part for part in found if part.title == "Items that flip")
    assert "1 item. 1 item stands here with their texts" in " ".join(part.prose)
    (folded,) = part.folded
    assert folded.summary == "2 (m): right under vanilla; wrong under correct"
    texts = dict(folded.texts)
    assert texts["question"].endswith("(2)")
    assert texts["gold answer"] == "Gamma; Delta"
    assert texts["vanilla, right: the answer read"] == "['Gamma', 'Delta']"
    assert texts["correct, wrong: the whole output"].startswith("<script>")
    html = as_html(found)
    assert "&lt;script&gt;x&lt;/script&gt;\n\\u001b</dd>" in html
    assert "<script" not in html
    assert "&lt;script>x&lt;/script> ⏎ \\\\u001b" in as_markdown(found)


def test_texts_of_flips_are_bounded_and_the_page_is(monkeypatch):
    html = as_html(flipping(long="y" * 10_000))
    assert "y" * 1000 in html
    assert "more characters]" in html
    assert "y" * flips.LONGEST not in html
    monkeypatch.setattr(flips, "MOST_CHARACTERS", 10)
    found = flipping()
    assert "0 items stand here" in prose(found)
    assert "1 more would make the page too large: --items F.csv writes every one" in prose(found)


def test_how_a_report_was_made_is_said_and_is_given(monkeypatch):
    monkeypatch.setenv(citing.EPOCH, "86400")
    made = citing.made(["audit", "a b.jsonl"])
    assert made.on.isoformat() == "1970-01-02"
    assert made.command == "tracelib audit 'a b.jsonl'"
    found = report.sections(score(run(CELLS)), made=made._replace(commit="abc"))
    paper = found[-1].prose
    assert f"Made by tracelib {__version__}, commit abc on 1970-01-02." in paper
    assert "Command: tracelib audit 'a b.jsonl'" in paper
    assert any("arXiv:2505.13792" in line for line in paper)
    assert as_html(found) == as_html(report.sections(score(run(CELLS)), made=made._replace(commit="abc")))
    monkeypatch.setenv(citing.EPOCH, "yesterday")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH is 'yesterday', expected seconds since 1970"):
        citing.made([])


def test_an_installed_copy_claims_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr("tracelib.core.provenance.ROOT", tmp_path)
    assert citing.made([]).commit is None


def test_what_to_cite_agrees_with_the_citation_file():
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    edition, paper = citing.cite(citing.Made())
    assert known["title"] in edition
    assert known["version"] in edition
    (reference,) = [one for one in known["references"] if one["type"] == "conference-paper"]
    assert reference["title"] in paper
    for author in reference["authors"]:
        assert f"{author['given-names']} {author['family-names']}" in paper
    assert reference["identifiers"][0]["value"] in paper


def test_the_methods_say_only_what_was_done():
    short, long = (citing.methods(["exact"], traces, True, True) for traces in (False, True))
    assert "A trace is right" in long
    assert "A trace is right" not in short
    assert "CoTempQA" not in short
    assert "Holm" not in citing.methods(["exact"], True, False, False)


def test_one_condition_has_nothing_to_compare():
    found = parts(run(["A+"]), run(["A-"], model="other", condition="vanilla"))
    assert "cotempqa: no model has two conditions to compare." in prose(found)


def test_no_discordant_pairs_no_common_items_and_one_item_are_said():
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


@pytest.mark.parametrize(
    "runs",
    [
        [run(["A+"])],
        [run(["T+A+"])],
        [run(["T-A-"], seed=3), run(["T+A+"])],
        [run(["A+", "A-"], condition="a"), run(["A+"], condition="b", first=9)],
        [run(CELLS), run(["T+A-"], category="during", first=90)],
        [run(CELLS, seed=1), run(CELLS, seed=10), run(CELLS[::-1], condition="vanilla", seed=1)],
        [run(CELLS), [replace(o, problem=replace(o.problem, id=f"x{o.problem.id}")) for o in run(CELLS)]],
        [[Output(task(1, "where", "babi"), "<answer>Gamma</answer>")]],
        [[Output(task(1, "where", "marco"), "no")], run(["T+A+", "A-"])],
    ],
)
def test_nothing_is_shown_as_not_a_number(runs):
    found = parts(*runs)
    for text in (as_html(found), as_markdown(found)):
        assert not re.search(r"\b(?:nan|NaN|None|NA|inf|Infinity)\b", text)
    Page(as_html(found))


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
    """Forty outputs on twenty problems: the second of each repeats the first, so Wilson is too narrow."""
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


def test_the_same_id_with_other_content_is_not_the_same_item():
    other = [replace(o, problem=replace(o.problem, id="0"), condition="b") for o in run(["A+"], first=5)]
    found = parts(run(["A+", "A-"], condition="a"), other)
    assert table(found, "cotempqa: pairs")[0]["n"] == 0
    assert "Ids that stand for different problems in different runs: 1." in prose(found)


def test_items_by_pattern_and_which_flip():
    found = parts(
        run(["A+", "A-", "A+", "A-"], condition="vanilla"),
        run(["A+", "A-", "A-", "A-"], condition="correct"),
        run(["A+", "A-", "A+", "A+"], model="n", condition="vanilla"),
    )
    patterns = {row["pattern"]: row["items"] for row in table(found, "Items by which")}
    assert patterns == {
        "every run right": 1,
        "no run right": 1,
        "flips between conditions": 1,
        "differs between models only": 1,
    }
    (flip,) = table(found, "Items that flip")
    assert (flip["item"], flip["model"]) == ("2", "m")
    assert (flip["right under"], flip["wrong under"]) == ("vanilla", "correct")
    (changed,) = table(found, "Answers that change")
    assert (changed["both right"], changed["gained"], changed["lost"], changed["both wrong"]) == (1, 0, 1, 2)


def test_long_lists_say_how_much_they_leave_out():
    n = document.MOST_ROWS + 9
    found = parts(run(["A+"] * n, condition="a"), run(["A-"] * n, condition="b"))
    assert len(table(found, "Items that flip; the first 1,000 of 1,009 rows")) == document.MOST_ROWS
    errors = [InputError(f"reason {number}", "f", number) for number in range(30)]
    found = report.sections(score(run(["A+"])), left_out=errors)
    assert "30 lines could not be read and were left out." in prose(found)
    rows = table(found, "Lines left out; the first 20 of 30 rows")
    assert rows[0] == {"where, and what was wrong": "f:0: reason 0"}
    one = report.sections(score(run(["A+"])), left_out=errors[:1])
    assert "1 line could not be read and was left out." in prose(one)


def test_seeds_stay_whole_numbers_and_runs_of_several_are_said():
    large = 2**40 + 1
    found = parts(
        run(CELLS, seed=large), run(CELLS, condition="vanilla", seed=large), run(CELLS, model="plain")
    )
    seeds = [row["seed"] for row in table(found, "Runs")]
    assert [seed for seed in seeds if not pd.isna(seed)] == [str(large)] * 2
    assert pd.isna(seeds).sum() == 1
    assert table(found, "cotempqa: pairs")[0]["seed"] == str(large)
    assert "Each model and condition has one run." in prose(found)
    assert str(large) in as_html(found)
    two = parts(run(CELLS, seed=1), run(CELLS, seed=2))
    assert "Runs that differ only in the seed are shown one by one." in prose(two)
    assert [row["seed"] for row in table(two, "Metric corrected: conditional")] == ["1", "2"]


def test_too_many_runs_or_categories_for_a_report():
    many = [output for n in range(report.MOST_RUNS + 1) for output in run(["A+"], model=str(n))]
    with pytest.raises(InputError, match=r"201 runs .*, expected at most 200 in a report"):
        parts(many)
    pairs = [output for n in range(46) for output in run(["A+"], condition=str(n))]
    with pytest.raises(InputError, match="1,035 pairs of conditions, expected at most 1,000"):
        parts(pairs)
    categories = [Output(task(n, f"c{n}", "babi"), "x") for n in range(report.MOST_CATEGORIES + 1)]
    with pytest.raises(InputError, match="101 categories, expected at most 100"):
        parts(categories)


def test_the_same_outputs_give_the_same_report():
    given = run(CELLS, condition="a") + run(CELLS[::-1], condition="b")
    assert as_html(parts(given)) == as_html(parts(given))


# --- Renderers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile():
    runs = [
        run(["T+A+", "A-"], model=name, condition=condition)
        for name in HOSTILE
        for condition in (name, "second")
    ]
    for one in runs:
        one[0] = replace(one[0], problem=replace(one[0].problem, id=HOSTILE[0]))
    error = InputError(HOSTILE[0], "a|b\n.jsonl", 3)
    outcomes = score([output for one in runs for output in one])
    return report.sections(outcomes, ["<b>|\udcff\n.jsonl"], [error])


def test_hostile_names_are_text_in_html(hostile):
    text = as_html(hostile)
    without, drawings = re.subn(r"<svg .*?</svg>", "", text, flags=re.DOTALL)
    assert drawings == 1
    page = Page(without)
    known = {"html", "head", "meta", "title", "style", "body", "h1", "nav", "ol", "li", "a", "section"}
    known |= {"h2", "p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert set(page.tags) == known | {"figure", "figcaption"}
    names = {name for name, _ in page.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "href", "id", "class"} | {
        "role",
        "tabindex",
        "aria-label",
        "scope",
    }
    assert all(value.startswith("#part-") for name, value in page.attributes if name == "href")
    assert all(character.isprintable() or character == "\n" for character in text)
    for name in HOSTILE:
        assert writing.shown(name) in page.cells
    assert "two\\u000alines\\u000d\\u000a\\u2028three" in page.cells
    assert "abc\\u202edcb\\u200f\\u2066" in page.cells
    assert "<b>|\\udcff\\u000a.jsonl" in page.cells
    assert max(map(len, page.cells)) < 1000
    text.encode("utf-8")


def test_a_script_in_an_output_a_name_or_a_file_is_text(tmp_path):
    script = "<script>alert('x')</script>"
    given = [replace(o, prediction=f"{script} {o.prediction}") for o in run(["A+"], script, f"a {script}")]
    given += run(["A-"], script, f"b {script}")
    texts = dict(enumerate(given)).__getitem__
    found = report.sections(
        score(given), [tmp_path / script], texts=lambda rows: {row: texts(row) for row in rows}
    )
    html, markdown = as_html(found), as_markdown(found)
    assert {script, f"a {script}", f"b {script}", str(tmp_path / script)} <= set(Page(html).cells)
    assert "the whole output</dt>\n<dd>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; " in html
    assert "the whole output: &lt;script>alert('x')&lt;/script> " in markdown
    assert "<script" not in html + markdown


def test_hostile_names_are_text_in_markdown(hostile):
    text = as_markdown(hostile)
    assert all(character.isprintable() or character == "\n" for character in text)
    widths = [len(row) for row in markdown_rows(text)]
    tables_ = [t for part in hostile for t in part.tables if len(t.rows)]
    assert widths == [t.rows.shape[1] for t in tables_ for _ in range(len(t.rows) + 2)]
    assert not re.search(r"<[^ ]", text)
    assert "](" not in text
    assert "http://" not in text
    assert " a\\|b\\|\\|c " in text
    assert "\\`code\\` \\*a\\* \\_\\_b\\_\\_" in text


@given(name=st.text(), other=st.text())
def test_any_name_is_one_cell_of_its_text(name, other):
    rows = pd.DataFrame([{"model": name, "condition": other, "n": 1}])
    found = [document.Section("t", ["p"], [document.Table("c", rows)])]
    assert Page(as_html(found)).cells[3:] == [writing.shown(name), writing.shown(other), "1"]
    assert [len(row) for row in markdown_rows(as_markdown(found))] == [3] * 3


def test_hostile_names_are_text_in_the_figure(hostile):
    text = as_html(hostile)
    (drawn,) = re.findall(r"<svg .*?</svg>", text, flags=re.DOTALL)
    page = Page(drawn)
    assert set(page.tags) <= {"svg", "defs", "style", "g", "path", "use", "text", "clippath", "rect", "tspan"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(value.startswith("#") for name, value in page.attributes if name.endswith("href"))
    assert "$d$" in drawn  # not a formula
    assert dict(page.attributes)["role"] == "img"
    assert dict(page.attributes)["aria-label"].startswith("Points with intervals, in percent. run 1: answer")


# --- Files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out", "out.pdf", "out.html.txt", ".html", "out.markdown", "html"])
def test_other_names_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"expected one that ends in \.html, \.htm or \.md"):
        report.checked(tmp_path / name)


@pytest.mark.parametrize(("name", "start"), [("o.HTML", "<!DOCTYPE"), ("o.htm", "<!DOCTYPE"), ("o.md", "# ")])
def test_the_name_says_the_format(tmp_path, name, start):
    report.write(tmp_path / "new" / name, parts(run(["A+"])))
    text = (tmp_path / "new" / name).read_text(encoding="utf-8")
    assert text.startswith(start)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_inputs_and_folders_are_not_overwritten(tmp_path):
    given, link, folder = tmp_path / "in.md", tmp_path / "link.md", tmp_path / "folder.md"
    given.write_text("mine")
    link.symlink_to(given)
    folder.mkdir()
    for path in (given, link, tmp_path / "." / "folder.md" / ".." / "in.md"):
        with pytest.raises(InputError, match="is one of the files to read"):
            report.checked(path, [tmp_path / "none", given])
    with pytest.raises(InputError, match="is a folder"):
        report.checked(folder)
    assert report.checked(given) == given


def test_a_report_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "out.md"
    path.write_text("old")

    def fail(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", fail)
    with pytest.raises(OSError, match="No space"):
        report.write(path, parts(run(["A+"])))
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["out.md"]


# --- The release ------------------------------------------------------------------------------

# Percent of 950, by model and condition. Since answers are found by `tracelib.traces.answers`, 24 outputs
# of 10,450 have another verdict than before (docs/answer-changes.csv): an answer after the thought, in a box
# or behind the last of several labels is read (20 right), ’ is ', <span> is no part of a name (2 right,
# "incorrect");
# an answer inside the thought is none (1 wrong, Llama "correct"), "None" after "The answer is" is one (1).
CORRECTED = {
    ("Llama-3.1-8B-Instruct", "vanilla"): "77.6",
    ("Llama-3.1-8B-Instruct", "correct"): "74.9",
    ("Llama-3.1-8B-Instruct", "incorrect"): "76.5",
    ("Llama-3.2-1B-Instruct", "prompted"): "12.0",
    ("Llama-3.2-1B-Instruct", "vanilla"): "41.8",
    ("Llama-3.2-1B-Instruct", "correct"): "39.7",
    ("Llama-3.2-1B-Instruct", "incorrect"): "38.3",
    ("Qwen3-1.7B", "prompted"): "8.5",
    ("Qwen3-1.7B", "vanilla"): "52.7",
    ("Qwen3-1.7B", "correct"): "46.6",
    ("Qwen3-1.7B", "incorrect"): "43.4",
}


def test_the_release_has_its_corrected_accuracies(release_root, tmp_path):
    names = release_files.available(release_files.names(release_files.OUTPUTS))
    files = [release_files.locate(name) for name in names if name.startswith("main/")]
    found = report.sections(score(outputs.read(*files)), files)
    rows = table(found, "Metric corrected: percent")
    accuracy = {
        (row["model"], row["condition"]): row["answer"].split()[0] for row in rows if row["category"] == "all"
    }
    assert accuracy == CORRECTED
    assert {row["repeated"] for row in table(found, "Runs") if row["condition"] == "prompted"} == {252}
    assert len(table(found, "Files")) == len(files)
    rates = {(row["model"], row["condition"]): row for row in table(found, "Metric official: cells")}
    assert rates["Qwen3-1.7B", "correct"]["P(T and A)"].startswith(f"{100 * 311 / 950:.1f} ")
    for name in ("r.html", "r.md"):
        report.write(tmp_path / name, found)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert all(f"{figure} [" in text for figure in CORRECTED.values())


# --- In a browser -----------------------------------------------------------------------------


def test_the_page_fits_a_screen_of_960_pixels_and_prints(chromium, tmp_path):
    from playwright.sync_api import sync_playwright

    runs = [
        run(CELLS, model=model, condition=condition, seed=seed)
        for model in ("Qwen3-1.7B", "Llama-3.2-1B-Instruct")
        for condition in ("vanilla", "correct", "simulated-explanation")
        for seed in (1, 2)
    ]
    given_ = [output for one in runs for output in one]
    given_[3] = replace(given_[3], prediction="<answer>['Beta']</answer>")
    found = report.sections(
        score(given_),
        ["a/long/path/to/outputs-of-the-run.jsonl"],
        texts=lambda rows: {r: given_[r] for r in rows},
    )
    report.write(tmp_path / "r.html", found)
    complaints = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 960, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: request.url.startswith("http") and complaints.append(request.url))
        page.goto((tmp_path / "r.html").as_uri())
        wider = page.eval_on_selector_all(
            ".table",
            "found => found.filter(t => t.scrollWidth > t.clientWidth)"
            ".map(t => [t.getAttribute('aria-label'), t.scrollWidth - t.clientWidth])",
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 960
        assert page.locator("figure svg text").count() > 12
        assert page.locator("details").count() == 1
        assert not page.locator("dd").first.is_visible()
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        browser.close()
    assert wider == []
    assert complaints == []
