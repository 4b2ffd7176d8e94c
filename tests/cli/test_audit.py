import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cli.conftest import LINES, beyond_bare, run
from tracelib.cli.main import main
from tracelib.datasets import own, twins
from tracelib.datasets.export import to_json_lines
from tracelib.scoring import columns, metrics


def test_audit_prints_every_metric_with_intervals(capsys, outputs_file):
    status, out, err = run(capsys, "audit", outputs_file)
    assert (status, beyond_bare(err)) == (0, "")
    order = [out.index(f"Accuracy, metric {name}") for name in ("corrected", "official", "strict")]
    assert order == sorted(order)
    assert "33.3 [6.1, 79.2]" in out  # one of three, Wilson
    assert "(no run has a trace that could be parsed)" in out
    assert "script" not in out


def test_the_two_by_two_is_printed_for_runs_with_traces(capsys, tmp_path):
    steps = "<think>The temporal relation is: during.\nthe following facts to answer the question: "
    text = f"{steps}['{LINES[0]['facts'][1]}']</think> <answer>['Corp']</answer>"
    path = tmp_path / "traces.jsonl"
    path.write_text(json.dumps(LINES[0] | {"prediction": text}) + "\n")
    _, out, _ = run(capsys, "audit", path)
    assert "T+A+" in out
    assert "100.0 [20.7, 100.0]" in out


def test_files_with_the_same_run_are_kept_apart_unless_they_have_one_name(capsys, outputs_file, tmp_path):
    again = tmp_path / "again.jsonl"
    again.write_text(outputs_file.read_text())
    status, out, err = run(capsys, "audit", outputs_file, again, "--json")
    assert status == 0
    assert "note: several files have runs of condition 'correct', model 'mine': kept apart by the file" in err
    assert {row["condition"] for row in json.loads(out)} == {"correct [outputs]", "correct [again]"}
    assert all(row["n"] == 3 for row in json.loads(out))
    status, out, err = run(capsys, "audit", f"all={outputs_file}", f"all={again}", "--json")
    assert status == 0
    assert err.splitlines()[1:] == [
        "tracelib: note: 3 of 6 outputs repeat a problem; intervals and n treat them as separate items"
    ]
    assert {(row["condition"], row["n"]) for row in json.loads(out)} == {("all", 6)}
    status, _, err = run(capsys, "audit", outputs_file, outputs_file)
    assert status == 2
    assert "this file is given twice" in err


def test_a_report_of_files_that_were_given_names(capsys, outputs_file, tmp_path):
    report = tmp_path / "r.md"
    assert run(capsys, "audit", f"named={outputs_file}", "--report", report)[0] == 0
    assert "named" in report.read_text()
    assert run(capsys, "audit", f"named={outputs_file}", "--report", outputs_file.rename(report))[0] == 2


def test_notes_cannot_control_the_terminal(capsys, outputs_file, tmp_path):
    odd = tmp_path / "a\x1b[2J\nb.jsonl"
    odd.write_text(outputs_file.read_text())
    status, _, err = run(capsys, "audit", outputs_file, odd)
    assert status == 0
    assert "\x1b" not in err
    said = err.splitlines()
    assert all(line.startswith("tracelib: note: ") for line in said)
    assert len(said) == 3  # two notes on bare answers, and one on files with the same run


def test_audit_as_json_is_the_contracts_list(capsys, outputs_file):
    status, out, _ = run(capsys, "audit", outputs_file, "--json")
    rows = json.loads(out)
    assert status == 0
    assert [(row["metric"], row["category"]) for row in rows] == [
        (metric, category) for metric in ("corrected", "official", "strict") for category in ("during", "all")
    ]
    assert all(row["n"] == 3 and row["answer_correct"] == 1 and row["unparsed"] == 3 for row in rows)


def test_a_lenient_audit_leaves_bad_lines_out_and_counts_them(capsys, outputs_file):
    bad = [json.dumps(LINES[0] | {"gold": [number + 0.5]}) for number in range(6)]
    outputs_file.write_text("\n".join(["\x1b[2J{", *bad, outputs_file.read_text()]))
    assert run(capsys, "audit", outputs_file)[0] == 2
    status, out, err = run(capsys, "audit", "--lenient", "--json", outputs_file)
    assert status == 0
    assert all(row["n"] == 3 for row in json.loads(out))
    said = beyond_bare(err).splitlines()
    assert said[0] == "tracelib: note: 7 bad records left out"
    assert "outputs.jsonl:1: not a JSON object" in said[1]
    assert (
        "outputs.jsonl:2: field 'gold': expected a text, a whole number or a list of them, found [0.5]"
        in said[2]
    )
    places = ", ".join(f"{outputs_file}:{line}" for line in (3, 4, 5))
    assert said[2].endswith(f"(and 5 more: {places}, ...)")
    assert len(said) == 3
    assert "\x1b" not in err


def test_reasons_beyond_the_first_few_are_counted(capsys, outputs_file):
    names = ("gold", "facts", "question", "dataset", "category", "prediction")
    bad = [json.dumps(LINES[0] | {name: None}) for name in names]
    bad.append(json.dumps(LINES[0] | {"triple_element": 3}))
    outputs_file.write_text("\n".join([*bad, outputs_file.read_text()]))
    err = run(capsys, "audit", "--lenient", outputs_file)[2]
    said = beyond_bare(err).splitlines()
    assert said[0] == "tracelib: note: 7 bad records left out"
    assert said[-1] == "  and 2 more, for 2 other reasons"


OTHERS = {"query": "Where is Ada?", "target": "office", "out": {"text": "<answer>office</answer>"}}


NAMED = ("--field", "question=query", "--field", "gold=target", "--field", "prediction=out.text")


def test_somebodys_own_dataset_is_audited_without_code(capsys, tmp_path):
    path = tmp_path / "runs.jsonl"
    path.write_text(json.dumps(OTHERS) + "\n")
    status, out, err = run(capsys, "audit", path, *NAMED, "--dataset", "mine", "--json")
    assert status == 0
    assert "note: 1 of 1 outputs lack facts, supporting facts or a category" in err
    rows = {(row["metric"], row["category"]): row for row in json.loads(out)}
    scored_by = metrics.names("mine")
    assert set(rows) == {(metric, category) for metric in scored_by for category in ("(none)", "all")}
    assert all(row["trace_correct"] is None for row in rows.values())
    assert rows["strict", "all"]["answer_correct"] == 1
    status, out, _ = run(capsys, "problems", "show", path, *NAMED, "--dataset", "mine")
    assert (status, out.splitlines()[0].rpartition(" ")[0]) == (0, "mine, train, problem")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "fields 'dataset', 'question', 'gold', 'prediction' are missing (found: out, query, target)"),
        (("--field", "answer=target"), "'answer' is none of dataset, question, gold"),
        (("--field", "gold=answers"), "no field 'answers': 'answers' is missing (found: out, query, target)"),
        (NAMED, "field 'dataset' is missing"),
        ((*NAMED, "--dataset", "bAbI"), "fields 'facts', 'category', 'supporting' are missing"),
        ((*NAMED, "--dataset", ""), "field 'dataset': expected a name with a letter or digit"),
    ],
)
def test_what_a_record_does_not_say(capsys, tmp_path, arguments, message):
    path = tmp_path / "runs.jsonl"
    path.write_text(json.dumps(OTHERS) + "\n")
    status, out, err = run(capsys, "audit", path, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_standard_input_is_audited_but_not_reported(capsys, monkeypatch, outputs_file, tmp_path):
    expected = run(capsys, "audit", outputs_file, "--json")
    content = io.BufferedReader(io.BytesIO(outputs_file.read_bytes()))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content))
    assert run(capsys, "audit", "-", "--json") == expected
    status, _, err = run(capsys, "audit", "-", "--report", tmp_path / "r.html")
    assert status == 2
    assert "expected files and no standard input" in err


def test_the_help_of_the_audit_has_every_field(capsys):
    with pytest.raises(SystemExit):
        main(["audit", "--help"])
    out = capsys.readouterr().out
    assert own.fields_help() in out


def test_a_lenient_audit_needs_one_good_line(capsys, outputs_file):
    outputs_file.write_text("{}\n")
    status, _, err = run(capsys, "audit", "--lenient", outputs_file)
    assert status == 2
    assert "note: 1 bad record left out" in err
    assert "error" in err.splitlines()[-1]
    assert "no outputs in this file" in err


def test_audited_marco_outputs_have_their_metrics(capsys, tmp_path):
    (problem,) = twins.generate("marco", 1, 0, 3)
    to_json_lines([problem], tmp_path / "marco.jsonl")
    record = json.loads((tmp_path / "marco.jsonl").read_text())
    record["prediction"] = f"<answer>{problem.gold[0]}</answer>"
    (tmp_path / "marco.jsonl").write_text(json.dumps(record))
    _, out, _ = run(capsys, "audit", tmp_path / "marco.jsonl", "--json")
    assert {(row["metric"], row["answer_correct"]) for row in json.loads(out)} == {("exact", 1), ("rouge", 1)}


def test_audit_takes_several_files(capsys, outputs_file, tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(line | {"model": "yours"}) + "\n" for line in LINES))
    rows = json.loads(run(capsys, "audit", outputs_file, other, "--json")[1])
    assert {row["model"] for row in rows} == {"mine", "yours"}


def test_the_audit_does_not_import_torch(outputs_file):
    audit = f"main(['audit', {str(outputs_file)!r}])"
    code = f"import sys; from tracelib.cli.main import main; {audit}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_an_audit_writes_a_row_per_output(capsys, outputs_file, tmp_path):
    outputs_file.write_text("\n" + outputs_file.read_text().replace('"mine"', '"=mine()"'))
    plain = run(capsys, "audit", outputs_file)
    status, shown, err = run(capsys, "audit", outputs_file, "--items", tmp_path / "new" / "items.csv")
    assert (status, shown) == (0, plain[1])
    said = f"tracelib: note: 3 items written to {tmp_path}/new/items.csv\n"
    assert beyond_bare(err, "=mine()") == said
    with (tmp_path / "new" / "items.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == [*columns.OUTCOMES, *columns.PLACES]
    assert [(row["file"], row["line"]) for row in rows] == [(str(outputs_file), str(n)) for n in (2, 3, 4)]
    assert [row["answer_correct"] for row in rows] == ["True", "False", "False"]
    assert {row["model"] for row in rows} == {"'=mine()"}
    assert {row["seed"] for row in rows} == {row["answer_exact"] for row in rows} == {""}


def test_the_help_says_what_each_column_means(capsys):
    with pytest.raises(SystemExit):
        main(["audit", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for name, meaning in {**columns.OUTCOMES, **columns.PLACES}.items():
        assert f"{name} {meaning}" in shown


@pytest.mark.parametrize("name", ["a.csv", "a.tex", "a.md"])
def test_an_audit_writes_the_accuracies(capsys, outputs_file, tmp_path, name):
    status, _, err = run(capsys, "audit", outputs_file, "--table", tmp_path / name)
    said = f"tracelib: note: accuracies written to {tmp_path / name}\n"
    assert (status, beyond_bare(err)) == (0, said)
    text = (tmp_path / name).read_text("utf-8")
    assert ("0.0614" in text) == (name == "a.csv")  # one of three, Wilson
    assert ("33.3 [6.1, 79.2]" in text) == (name != "a.csv")


def test_where_no_table_can_go_is_said_before_anything_is_read(capsys, outputs_file, tmp_path):
    both = ("--items", tmp_path / "x.csv", "--table", tmp_path / "." / "x.csv")
    for arguments, message in (
        (
            ("--items", tmp_path / "items.xlsx"),
            "not a name for a table of items, expected one that ends in .csv",
        ),
        (
            ("--table", tmp_path / "table.pdf"),
            "not a name for a table, expected one that ends in .csv, .tex or",
        ),
        (both, "given for --items and for --table, expected two names"),
    ):
        status, out, err = run(capsys, "audit", tmp_path / "none", *arguments)
        assert (status, out) == (2, "")
        assert message in err
    mine = outputs_file.rename(tmp_path / "outputs.csv")
    before = mine.read_bytes()
    assert run(capsys, "audit", mine, "--items", mine)[0] == 2
    assert mine.read_bytes() == before


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_an_audit_writes_a_report_beside_what_it_prints(capsys, monkeypatch, outputs_file, tmp_path, name):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    out = tmp_path / "new" / name
    plain = run(capsys, "audit", outputs_file)
    status, shown, err = run(capsys, "audit", "--report", out, outputs_file)
    assert (status, shown) == (0, plain[1])
    assert beyond_bare(err) == f"tracelib: note: report written to {out}\n"
    text = out.read_text(encoding="utf-8")
    assert "33.3 [6.1, 79.2]" in text
    assert "outputs.jsonl" in text
    said = f"tracelib audit --report {out} {outputs_file}"
    assert said in text.replace("&#58;", ":").replace("\\_", "_")
    assert "on 1970-01-02" in text
    assert run(capsys, "audit", "--report", out, outputs_file)[0] == 0
    assert out.read_text(encoding="utf-8") == text
    again = run(capsys, "audit", outputs_file, "--report", out, "--json")
    assert json.loads(again[1])[0]["n"] == 3


def test_a_lenient_report_lists_what_was_left_out(capsys, outputs_file, tmp_path):
    outputs_file.write_text("<b>\x1b[2J{\n" + outputs_file.read_text())
    out = tmp_path / "r.html"
    assert run(capsys, "audit", outputs_file, "--report", out)[0] == 2
    assert not out.exists()
    assert run(capsys, "audit", "--lenient", outputs_file, "--report", out)[0] == 0
    text = out.read_text(encoding="utf-8")
    assert "1 line could not be read and was left out." in text
    assert "outputs.jsonl:1: not a JSON object" in text
    assert "\x1b" not in text
    assert "<b>" not in text
    assert "<svg " in text


def test_where_no_report_can_go_is_said_before_anything_is_read(capsys, outputs_file, tmp_path):
    status, out, err = run(capsys, "audit", tmp_path / "none", "--report", tmp_path / "report.pdf")
    assert (status, out) == (2, "")
    assert "report.pdf: not a name for a report, expected one that ends in .html, .htm or .md" in err
    assert "no such file" not in err
    mine = outputs_file.rename(tmp_path / "outputs.md")
    before = mine.read_bytes()
    status, out, err = run(capsys, "audit", mine, "--report", tmp_path / "." / "outputs.md")
    assert (status, out) == (2, "")
    assert "is one of the files to read" in err
    assert mine.read_bytes() == before


def test_a_report_needs_the_base_packages_alone(outputs_file, tmp_path):
    audit = f"main(['audit', {str(outputs_file)!r}, '--report', {str(tmp_path / 'r.html')!r}])"
    extras = "{'torch', 'IPython', 'datasets', 'transformers', 'yaml'} & set(sys.modules)"
    code = f"import sys; from tracelib.cli.main import main; {audit}; sys.exit(bool({extras}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
    assert (tmp_path / "r.html").exists()


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("audit", ("--report", "same.md", "--table", "same.md")),
        ("audit", ("--items", "same.csv", "--table", "./same.csv")),
        ("audit", ("--report", "same.md", "--table", "link.md")),
        ("compare", ("--report", "same.md", "--items", "link.csv")),
    ],
)
def test_two_files_to_write_are_never_one(capsys, monkeypatch, outputs_file, command, options):
    monkeypatch.chdir(outputs_file.parent)
    for name in ("link.md", "link.csv"):
        Path(name).symlink_to("same.md")
    files = [outputs_file] * (2 if command == "compare" else 1)
    status, _, err = run(capsys, command, *files, *options)
    assert status == 2
    assert f"given for {options[0]} and for {options[2]}, expected two names" in err or (
        f"given for {options[2]} and for {options[0]}" in err
    )
    assert not Path("same.md").exists()


PARTLY = {"dataset": "mine", "question": "Who?", "gold": "Corp", "model": "mine", "condition": "c"}


def test_outputs_without_steps_are_audited_whole(capsys, outputs_file, tmp_path):
    """Alone, beside another file, and in a run with outputs that have steps."""
    steps = "<think>The temporal relation is: during.\nthe following facts to answer the question: "
    facts = LINES[0]["facts"]
    traced = PARTLY | {"facts": facts, "supporting": [1], "category": "during"}
    traced["prediction"] = f"{steps}['{facts[1]}']</think> <answer>Corp</answer>"
    alone = [PARTLY | {"question": f"Who? {n}", "prediction": "Corp"} for n in range(2)]
    for name, records, judged in (("alone", alone, 0), ("partly", [*alone, traced], 1)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        for files in ([path], [path, outputs_file]):
            targets = [tmp_path / "t.csv", tmp_path / "t.tex", tmp_path / "t.md"]
            for target in targets:
                assert run(capsys, "audit", *files, "--table", target)[0] == 0
            rows = [
                row for row in csv.DictReader(targets[0].read_text().splitlines()) if row["dataset"] == "mine"
            ]
            whole = {row["quantity"]: row for row in rows if row["category"] == "all"}
            assert (whole["trace not judged"]["right"], whole["trace not judged"]["n"]) == (
                "2",
                str(len(records)),
            )
            assert ("whole trace" in whole) == bool(judged)
            if judged:
                assert (whole["whole trace"]["right"], whole["whole trace"]["n"]) == ("1", "1")
            status, out, _ = run(capsys, "audit", *files, "--report", tmp_path / "r.md")
            assert status == 0
            association = out.split("Trace (T) and answer (A), metric exact")[1].splitlines()[1:3]
            assert ("no trace was judged" in association[0]) == (not judged)
            report = (tmp_path / "r.md").read_text()
            assert "2 outputs left out: traces were not judged, because the problems lack facts" in report
        status, out, _ = run(capsys, "audit", path, "--items", tmp_path / "i.csv", "--json")
        row = next(row for row in json.loads(out) if row["category"] == "all")
        assert row["trace_right_answer_right"] == (1 if judged else None)
        items = list(csv.DictReader((tmp_path / "i.csv").read_text().splitlines()))
        empty = [items[0][name] for name in ("category_correct", "trace_correct", "parsed", "facts_gold")]
        assert empty == [""] * 4
