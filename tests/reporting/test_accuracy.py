import csv
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reporting.reports import CELLS, run, task
from tracelib.core.errors import InputError
from tracelib.reporting import accuracy
from tracelib.scoring.outcomes import counts, score
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


def audited(*runs):
    return score([output for one in runs for output in one])


def numbers(outcomes, **wanted):
    found = accuracy.rows(outcomes)
    for name, value in wanted.items():
        found = found[found[name] == value]
    return found.to_dict("records")


def longer(condition="correct"):
    """Three answers: exactly the gold answers, the gold answers in a longer text, and a wrong one."""
    texts = ("<answer>['Gamma', 'Delta']</answer>", "<answer>['old Gamma', 'Delta']</answer>", "no")
    return [Output(task(number), text, "m", condition) for number, text in enumerate(texts)]


def test_every_accuracy_is_a_number_with_its_interval():
    """Cells 6, 2, 3, 9: of 20 outputs, 9 answers and 8 traces are right."""
    outcomes = audited(run(CELLS, seed=7))
    assert list(accuracy.rows(outcomes)) == list(accuracy.COLUMNS)
    (answer,) = numbers(outcomes, category="all", quantity="answer", metric="corrected")
    expected = wilson(9, 20)
    assert (answer["right"], answer["n"], answer["seed"]) == (9, 20, 7)
    assert [answer[name] for name in ("estimate", "low", "high", "method")] == [
        expected[name] for name in ("estimate", "low", "high", "method")
    ]
    (trace,) = numbers(outcomes, category="all", quantity="whole trace")
    assert (trace["right"], trace["n"], trace["metric"]) == (8, 20, "")
    metrics = {row["metric"] for row in numbers(outcomes, quantity="answer")}
    assert metrics == {"corrected", "official", "strict"}


def test_answers_right_only_within_a_longer_text_are_counted():
    outcomes = audited(longer())
    assert numbers(outcomes, category="all", metric="corrected", quantity="answer")[0]["right"] == 2
    (loose,) = numbers(outcomes, category="all", quantity=accuracy.LOOSE)
    assert (loose["right"], loose["n"]) == (1, 3)
    (shown,) = tables_of(outcomes, "Accuracy of answers")
    assert shown[accuracy.NOT_STRICT] == 1
    (first, _) = accuracy.table(outcomes, counts(outcomes, "corrected")).to_dict("records")
    assert list(first)[4:7] == ["n", "answer", accuracy.NOT_STRICT]
    assert first[accuracy.NOT_STRICT] == 1
    assert accuracy.NOT_STRICT not in accuracy.table(outcomes, counts(outcomes, "strict"))


def tables_of(outcomes, start):
    return [
        row
        for caption, shown in accuracy.for_people(outcomes)
        if caption.startswith(start)
        for row in shown.to_dict("records")
    ]


def test_tables_for_people_have_a_row_per_run_and_say_what_is_missing():
    kindless = [
        replace(o, problem=replace(o.problem, kind="")) for o in run(CELLS[:4], condition="b", first=50)
    ]
    outcomes = audited(
        run(CELLS, condition="b", seed=2**40 + 1), run(["A+"] * 3, condition="vanilla"), kindless
    )
    found = {row["n"]: row for row in tables_of(outcomes, "Accuracy of answers on cotempqa")}
    vanilla, other, first = found[3], found[4], found[20]
    assert (first["seed"], first["n"], first["answer (corrected)"]) == (
        str(2**40 + 1),
        20,
        as_text.percent(wilson(9, 20)),
    )
    assert pd.isna(other["seed"])
    assert pd.isna(other["answer (official)"])
    assert vanilla["answer (strict)"] == as_text.percent(wilson(3, 3))
    steps, *_ = tables_of(outcomes, "Accuracy of the steps of traces on cotempqa")
    assert (steps["whole trace"], steps["steps not readable"]) == ("–", 3)


def test_a_metric_with_fewer_outputs_says_so():
    some = run(CELLS)
    some[0] = replace(some[0], problem=replace(some[0].problem, kind=""))
    (row,) = tables_of(audited(some), "Accuracy of answers")
    assert row["answer (official)"].endswith("], n = 19")


def test_each_dataset_has_its_tables_and_metrics():
    outcomes = audited(run(CELLS), [Output(task(1, "where", "babi"), "<answer>Gamma</answer>")])
    captions = [caption for caption, _ in accuracy.for_people(outcomes)]
    assert [re.search(r"on (\w+),", caption)[1] for caption in captions] == ["cotempqa"] * 2 + ["babi"] * 2
    (row,) = tables_of(outcomes, "Accuracy of answers on babi")
    assert row["answer (exact)"] == as_text.percent(wilson(1, 1))


@pytest.mark.parametrize("name", ["a.csv", "a.TEX", "a.md"])
def test_the_suffix_chooses_the_format(tmp_path, name):
    accuracy.write(tmp_path / "new" / name, audited(run(CELLS)))
    text = (tmp_path / "new" / name).read_text("utf-8")
    assert text.startswith({"csv": "dataset,", "tex": "% Made by", "md": "**Accuracy"}[name[2:].lower()])
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"not a name for a table, expected one that ends in \.csv, \.tex or \.md"
    ):
        accuracy.write(tmp_path / "a.txt", audited(run(CELLS)))


def test_the_numbers_as_csv_can_be_read_back(tmp_path):
    outcomes = audited(run(CELLS, model="=cmd()", condition="-x"))
    accuracy.write(tmp_path / "a.csv", outcomes)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert (first["model"], first["condition"]) == ("'=cmd()", "'-x")
    assert float(first["low"]) == pytest.approx(wilson(9, 20)["low"])


# --- LaTeX ------------------------------------------------------------------------------------

COMMANDS = {
    *("begin", "end", "centering", "small", "caption", "label", "toprule", "midrule", "bottomrule"),
    *("textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater", "textbar"),
    *("textquotedbl", "textasciigrave", "textendash"),
}


def check_latex(text, columns):
    """Check that a table would compile: known commands, paired braces, the same number of cells per row."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert set(re.findall(r"\\([A-Za-z]+)", body)) <= COMMANDS
    bare = re.sub(r"\\(?:[A-Za-z]+|[#$%&_{}\\])", "", body)
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"[#%_~^]", bare)
    assert bare.count("$") % 2 == 0
    rows = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in rows} == {columns - 1}
    assert not [line for line in rows if line.startswith(("[", "*"))]


def test_latex_by_hand():
    text = accuracy.as_latex([("A 50% table", pd.DataFrame({"model": ["a_b & c", "[x]"], "n": [1, 2]}))])
    assert text.splitlines()[3:] == [
        r"\begin{table}",
        r"\centering\small",
        r"\caption{A 50\% table.}",
        r"\label{tab:accuracy-1}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"model & n \\",
        r"\midrule",
        r"a\_b \& c & 1 \\",
        r"{}[x] & 2 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    check_latex(text, 2)


@given(
    name=st.text(max_size=30), other=st.sampled_from(["\\", "--", "\\input{/etc/passwd}", "*", "]&[", "''"])
)
def test_any_name_is_one_cell_of_latex(name, other):
    check_latex(accuracy.as_latex([("c", pd.DataFrame({"m": [name, other], "o": [other, name]}))]), 2)
