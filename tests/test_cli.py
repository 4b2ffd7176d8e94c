import csv
import errno
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tracelib import cli
from tracelib.bench import audit as bench_audit
from tracelib.bench import smollm2 as bench_smollm2
from tracelib.bench import training as bench_training
from tracelib.book import build
from tracelib.core import terminal
from tracelib.datasets import own, twins
from tracelib.datasets.export import from_json_lines, to_json_lines
from tracelib.paper import release, specifications
from tracelib.scoring import columns, metrics
from tracelib.traces.conditions import CONDITIONS

LINES = [
    {
        "id": str(number),
        "dataset": "cotempqa",
        "question": f"While Ada worked for B, whom else did she work for? ({number})",
        "facts": ["Ada works for B in 1990.", "Ada works for Corp from 1989 to 1991."],
        "gold": ["Corp"],
        "category": "during",
        "triple_element": "S1_R1_O2",
        "prediction": text,
        "model": "mine",
        "condition": "correct",
    }
    for number, text in enumerate(["<answer>['Corp']</answer>", "['B']", "<script>alert(1)</script>\x1b[31m"])
]


BARE = "tracelib: note: cotempqa, mine, correct: 2 of 3 answers carry no mark"  # of the outputs above


def beyond_bare(err, model="mine"):
    """What is said besides that two of the three answers carry no mark."""
    lines = err.splitlines(keepends=True)
    of_bare = [line for line in lines if line.startswith(BARE.replace("mine", model))]
    assert len(of_bare) == 1
    return "".join(line for line in lines if line not in of_bare)


@pytest.fixture
def outputs_file(tmp_path):
    path = tmp_path / "outputs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


def run(capsys, *arguments):
    status = cli.main(list(map(str, arguments)))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


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
    assert len(said) == 3  # two runs with bare answers, and files told apart


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
        cli.main(["audit", "--help"])
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


def test_bad_input_is_one_line_and_status_2(capsys, outputs_file, tmp_path):
    outputs_file.write_text(outputs_file.read_text()[:-20])
    for arguments in (("audit", outputs_file), ("audit", tmp_path / "none"), ("build", "laptopp")):
        status, out, err = run(capsys, *arguments)
        assert status == 2
        assert out == ""
        assert err.startswith("tracelib: error: ")
        assert err.count("\n") == 1


def test_release_show_text_and_json(capsys, monkeypatch):
    monkeypatch.setattr(
        release,
        "load_outcomes",
        lambda quiet: (release.shipped_outcomes(), release.Source("shipped", "here")),
    )
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    status, out, _ = run(capsys, "release", "show")
    assert status == 0
    assert out.startswith("Source: here.")
    assert out.count(" reproduced ") == 52
    rows = json.loads(run(capsys, "release", "show", "--metric", "strict", "--json")[1])
    assert {row["metric"] for row in rows} == {"strict", "exact"}
    assert len(rows) == 11 * 5 + 8 * 12


def test_what_the_machines_table_rests_on_is_said_to_people(capsys, monkeypatch):
    """Also which outputs the release's check leaves out, and why a table of the text has no rows."""
    outcomes, checks = release.shipped_outcomes(), specifications.shipped()
    monkeypatch.setattr(release, "load_outcomes", lambda quiet: (outcomes, release.Source("shipped", "here")))
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    monkeypatch.setattr(specifications, "load", lambda: checks[checks["model"] != "Qwen3-1.7B"])
    err = run(capsys, "release", "show", "--evaluator", "published", "--json")[2]
    assert "source: here" in err
    assert "outputs (babi's outputs of Qwen3-1.7B (4 files); cotempqa's outputs of Qwen3-1.7B" in err
    outcomes = outcomes[outcomes["condition"] == "vanilla"]
    assert "\n(no output of a model trained on traces is here)" in run(capsys, "release", "show")[1]


def test_release_show_under_the_published_check(capsys, monkeypatch):
    shipped = (release.shipped_outcomes(), release.Source("shipped", "here"))
    monkeypatch.setattr(release, "load_outcomes", lambda quiet: shipped)
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    monkeypatch.setattr(specifications, "load", specifications.shipped)
    rows = json.loads(run(capsys, "release", "show", "--evaluator", "published", "--json")[1])
    assert {row["evaluator"] for row in rows} == {"published"}
    for row in rows:
        cells = [
            row[f"trace_{trace}_answer_{answer}"]
            for trace in ("right", "wrong")
            for answer in ("right", "wrong")
        ]
        assert sum(cells) == row["n"] - row["unparsed"]
    (found,) = [
        row
        for row in rows
        if (row["model"], row["condition"], row["category"]) == ("Qwen3-1.7B", "incorrect", "all")
        and row["dataset"] == "cotempqa"
    ]
    assert (found["trace_right_answer_right"], found["unparsed"]) == (37, 30)
    out = run(capsys, "release", "show", "--evaluator", "published")[1]
    assert "evaluator published" in out


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/x/y"),
            1,
            "No space left on device (/x/y); free some",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "Permission denied (/x)"),
    ],
)
def test_other_failures_are_one_line_too(capsys, monkeypatch, outputs_file, failure, status, message):
    def fail(args):
        raise failure

    monkeypatch.setattr(cli, "_audit", fail)
    found, _, err = run(capsys, "audit", outputs_file)
    assert found == status
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [["audit"], ["compare", "x.jsonl"], ["problems", "show"]])
@pytest.mark.parametrize("name", ["a" * 5000, "folder/" * 1000 + "a"])
def test_a_path_that_no_file_can_have_is_one_short_line(capsys, command, name):
    status, out, err = run(capsys, *command, name)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert len(err) < 500


def test_a_missing_extra_is_named(capsys, monkeypatch):
    def fail(args):
        raise ModuleNotFoundError("No module named 'yaml'", name="yaml")

    monkeypatch.setattr(cli, "_build", fail)
    status, _, err = run(capsys, "build", "smoke")
    assert status == 2
    assert "this command needs the package 'yaml'; install tracelib with the extras" in err


def test_building_needs_a_checkout(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    status, _, err = run(capsys, "build", "smoke")
    assert status == 2
    assert "needs a checkout of the project" in err


def test_a_full_disk_on_standard_output_is_reported():
    with open("/dev/full", "w") as full:  # noqa: PTH123
        result = subprocess.run(
            [sys.executable, "-m", "tracelib", "release", "show", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert result.returncode != 0
    assert "No space left" in result.stderr
    assert "Traceback" not in result.stderr


def test_help_needs_no_heavy_import_and_teaches():
    heavy = "{'pandas', 'torch', 'numpy'} & set(sys.modules)"
    code = f"import sys; from tracelib import cli; cli.parser(); print(sorted({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
    start = time.perf_counter()
    result = subprocess.run([sys.executable, "-m", "tracelib", "--help"], capture_output=True, text=True)
    assert result.returncode == 0
    assert "examples:" in result.stdout
    assert time.perf_counter() - start < 10  # about 0.1 s; the bound only catches a heavy import


def test_the_audit_does_not_import_torch(outputs_file):
    audit = f"main(['audit', {str(outputs_file)!r}])"
    code = f"import sys; from tracelib.cli import main; {audit}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


# --- Problems ---------------------------------------------------------------------------------

EVIL = "\x1b[31mEVIL\x1b[0m\x9b2J\u202e"


@pytest.fixture
def problem_file(tmp_path, problem):
    path = tmp_path / "problems.jsonl"
    to_json_lines([problem], path)
    return path


def edited(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes) + "\n")
    return path


def test_a_problem_is_shown_with_its_gold_facts_marked(capsys, problem_file):
    status, out, err = run(capsys, "problems", "show", problem_file)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "cotempqa, train, problem p1, kind S1_R1_O2",
        "question  While Ada was working for Beta, which employer did Ada work for at the",
        "          same time?",
        "facts     4, 2 of them gold (*)",
        "        1 Ada works for Beta from 1948 to 1952.",
        "    *   2 Ada works for Gamma from 1940 to 1960.",
        "    *   3 Ada works for Delta from 1950 to 1955.",
        "        4 Ada works for Epsilon from 1980 to 1990.",
        "answer    ['Gamma', 'Delta']",
        "category  mix",
        "solver    answer: agrees",
        "          category: agrees",
        "          facts: agrees",
        "",
    ]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"gold": ["gamma", "DELTA"]}, ["answer: agrees", "category: agrees", "facts: agrees"]),
        ({"gold": ["Gamma"]}, ["answer: differs, ('Gamma', 'Delta')", "category: agrees", "facts: agrees"]),
        ({"category": "equal"}, ["answer: agrees", "category: differs, 'mix'", "facts: agrees"]),
        ({"supporting": [1]}, ["answer: agrees", "category: agrees", "facts: differs, 2, 3"]),
        ({"question": "Who?"}, ["no answer: no fact states the event of the question"]),
        ({"dataset": "marco"}, ["none for this dataset"]),
    ],
)
def test_the_solvers_view_of_a_problem(capsys, problem_file, changes, shown):
    _, out, _ = run(capsys, "problems", "show", edited(problem_file, **changes))
    assert [line[10:] for line in out[out.index("\nsolver") :].splitlines() if line] == shown


def test_problems_are_chosen_by_number_category_and_name(capsys):
    def titles(*arguments):
        lines = run(capsys, "problems", "show", "cotempqa-twin", "--count", 50, *arguments)[1].splitlines()
        return [line for line in lines if line.startswith("cotempqa,")]

    problems = twins.generate("cotempqa", 50, 4, 6)
    drawn = ("--seed", 4, "--facts", 6)
    assert [title.split()[3].rstrip(",") for title in titles(*drawn)] == [p.id for p in problems[:3]]
    mixed = [p.id for p in problems if p.category == "mix"][:2]
    chosen = titles(*drawn, "--category", "mix", "--number", 2)
    assert [title.split()[3].rstrip(",") for title in chosen] == mixed
    (last,) = titles(*drawn, "--id", problems[-1].id)
    assert last.startswith(f"cotempqa, test, problem {problems[-1].id}")


def test_choosing_no_problem_says_what_there_is(capsys, problem_file):
    status, out, err = run(capsys, "problems", "show", problem_file, "--id", "x", "--category", "both")
    assert (status, out) == (2, "")
    expected = "none of the 1 problems has id 'x' and category 'both'; the categories are mix\n"
    assert err == f"tracelib: error: {problem_file}: {expected}"


@pytest.mark.parametrize("command", [("problems", "show"), ("problems", "validate"), ("traces", "show")])
def test_text_of_others_cannot_control_the_terminal(capsys, problem, problem_file, command):
    facts = [EVIL + fact for fact in problem.facts]
    edited(problem_file, id=EVIL, question=EVIL, facts=facts, gold=[f"no {EVIL}"], triple_element=EVIL)
    status, out, _ = run(capsys, *command, problem_file)
    assert status == 0
    assert "EVIL" in out
    assert not [character for character in out if character != "\n" and not character.isprintable()]
    status, _, err = run(capsys, *command, edited(problem_file, **{"facts": [], EVIL: 1}))
    assert status == 2
    assert err.count("\n") == 1
    assert err[:-1].isprintable()


def test_findings_as_json_have_the_same_text_in_escapes(capsys, problem_file):
    status, out, _ = run(
        capsys, "problems", "validate", edited(problem_file, id=EVIL, gold=["Zeta"]), "--json"
    )
    assert status == 0
    assert out.replace("\n", "").isprintable()
    found = json.loads(out)
    checks = {row["check"]: row["item"] for row in found["findings"]}
    assert checks == dict.fromkeys(("answer not in the context", "answer contradicted by the facts"), EVIL)
    assert {row["check"] for row in found["summary"] if row["problems"]} == set(checks)
    assert found["left_out"] == []


def test_findings_are_results(capsys, problem_file):
    one = json.loads(problem_file.read_text()) | {"gold": ["Zeta"]}
    lines = [one | {"id": f"p{number}", "question": f"{one['question']}{number}"} for number in range(5)]
    problem_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    status, out, err = run(capsys, "problems", "validate", problem_file)
    assert (status, err) == (0, "")
    assert out.startswith("\nProblems with each finding\n")
    shown = out[out.index("answer not in the context (5)") :]
    assert [f"  train p{number}: in no fact: ['Zeta']" in shown for number in range(5)] == [True] * 3 + [
        False
    ] * 2
    assert "  and 2 more (--json has all)" in shown


def test_marco_is_validated_without_a_solver(capsys):
    _, out, _ = run(capsys, "problems", "validate", "marco-twin", "--count", 20, "--json")
    assert "category contradicted by the facts" not in {row["check"] for row in json.loads(out)["summary"]}


def test_lenient_validation_counts_what_it_leaves_out(capsys, problem_file):
    problem_file.write_text(problem_file.read_text() + "{}\n")
    status, _, err = run(capsys, "problems", "validate", problem_file)
    assert (status, err.count("\n")) == (2, 1)
    status, out, err = run(capsys, "problems", "validate", "--lenient", "--json", problem_file)
    assert status == 0
    assert err.startswith("tracelib: note: 1 bad record left out\n")
    assert "problems.jsonl:2: fields 'dataset', 'question', 'gold' are missing (found: none)" in err
    assert json.loads(out)["left_out"] == [line.strip() for line in err.splitlines()[1:]]


def test_problems_as_json_lines(capsys, tmp_path):
    out = tmp_path / "twin.jsonl"
    status, said, _ = run(
        capsys, "problems", "export", "babi-twin", out, "--count", 20, "--seed", 2, "--facts", 6
    )
    assert status == 0
    assert said == f"16 train, 2 validation, 2 test -> {out}\n"
    assert from_json_lines(out) == twins.generate("babi", 20, 2, 6)


def test_problems_as_a_folder_with_a_card(capsys, tmp_path, problem_file):
    run(capsys, "problems", "export", "marco-twin", tmp_path / "twin", "--count", 20, "--facts", 3)
    card = (tmp_path / "twin" / "README.md").read_text()
    assert 'license: "mit"' in card
    assert "`tracelib problems export marco-twin OUT --count 20 --seed 0 --facts 3`" in card
    assert len(list((tmp_path / "twin" / "data").iterdir())) == 3
    run(capsys, "problems", "export", problem_file, tmp_path / "mine")
    card = (tmp_path / "mine" / "README.md").read_text()
    assert 'license: "other"' in card
    assert "from `problems.jsonl`" in card
    assert str(tmp_path) not in card
    run(capsys, "problems", "export", problem_file, tmp_path / "mine", "--licence", "cc-by-4.0")
    assert 'license: "cc-by-4.0"' in (tmp_path / "mine" / "README.md").read_text()


def test_an_export_never_replaces_its_source_or_something_else(capsys, tmp_path, problem_file):
    before = problem_file.read_text()
    for out, message in (
        (problem_file, "is the source itself"),
        (tmp_path, "holds other files"),
        (".", "expected the name of a file or a new folder"),
    ):
        status, _, err = run(capsys, "problems", "export", problem_file, out)
        assert status == 2
        assert message in err
    assert problem_file.read_text() == before


# --- Traces -----------------------------------------------------------------------------------


def verdicts(out):
    """Per condition, the words of its verdicts."""
    blocks = out[out.index("\n\n") + 2 :].strip().split("\n\n")
    return {block.split("\n")[0]: [line[10:] for line in block.split("\n")[-3:]] for block in blocks}


def test_every_condition_is_shown_with_its_verdicts(capsys):
    status, out, _ = run(capsys, "traces", "show", "cotempqa-twin", "--count", 20)
    assert status == 0
    found = verdicts(out)
    assert list(found) == list(CONDITIONS)
    (problem,) = twins.generate("cotempqa", 1, 0, 8)
    gold = len(problem.supporting)
    right = f"right (cited {gold}, gold {gold}, both {gold})"
    wrong = f"wrong (cited {gold}, gold {gold}, both 0)"
    assert found["vanilla"] == found["filler"] == ["absent", "absent", "right"]
    assert found["correct"] == found["simulated-r1"] == ["right", right, "right"]
    assert found["incorrect"] == ["wrong", f"wrong (cited 1, gold {gold}, both 0)", "right"]
    assert found["wrong-category"] == ["wrong", right, "right"]
    assert found["wrong-facts"] == ["right", wrong, "right"]
    assert found["both-wrong"] == ["wrong", wrong, "right"]
    assert found["shuffled"] == ["right", f"wrong (cited 0, gold {gold}, both 0)", "right"]
    assert out.count("\nSimulated ") == 3


def test_chosen_conditions_and_problems(capsys):
    problems = twins.generate("babi", 20, 1, 6)
    chosen = ("--id", problems[3].id, "--condition", "swapped", "correct", "--condition", "vanilla")
    drawn = ("--count", 20, "--seed", 1, "--facts", 6)
    _, out, _ = run(capsys, "traces", "show", "babi-twin", *drawn, *chosen)
    assert f"problem {problems[3].id}" in out
    assert list(verdicts(out)) == ["swapped", "correct", "vanilla"]
    assert CONDITIONS["correct"](problems[3], None, ()).split("\n")[0].split()[-1] in out
    assert run(capsys, "traces", "show", "babi-twin", *drawn, *chosen)[1] == out


def test_a_condition_that_is_unknown_or_cannot_be_met(capsys, problem_file):
    status, out, err = run(capsys, "traces", "show", problem_file, "--condition", "right")
    assert (status, out) == (2, "")
    assert "unknown condition 'right', expected one of vanilla, correct, " in err
    status, out, _ = run(capsys, "traces", "show", problem_file, "--condition", "swapped")
    assert status == 0
    assert "none: swapped traces need a second problem" in out


def test_a_wide_terminal_shows_two_conditions_side_by_side(capsys, monkeypatch):
    def lines(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        return run(capsys, "traces", "show", "babi-twin", "--count", 20)[1].splitlines()

    assert [line for line in lines(120) if line.split() == ["vanilla", "correct"]]
    assert "vanilla" in lines(119)
    for wide in (40, 80, 120, 200):
        assert max(map(len, lines(wide))) <= wide


def test_colours_repeat_what_the_words_say(capsys, monkeypatch):
    arguments = ("traces", "show", "babi-twin", "--count", 20, "--condition", "vanilla", "both-wrong")
    plain = run(capsys, *arguments)[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = run(capsys, *arguments)[1]
    assert terminal.plain(coloured) == plain
    assert "answer    \x1b[32mright" in coloured
    assert "category  \x1b[31mwrong" in coloured
    assert "category  \x1b[33mabsent" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(capsys, *arguments)[1] == plain


def test_numbers_are_checked_where_they_are_given(capsys):
    for option, value in (("--number", "0"), ("--count", "-3"), ("--facts", "x"), ("--count", "1" * 99)):
        with pytest.raises(SystemExit) as exit_:
            cli.main(["problems", "show", "babi-twin", f"{option}={value}"])
        assert exit_.value.code == 2
        assert "expected a whole number from 1 on" in capsys.readouterr().err
    status, _, err = run(capsys, "problems", "show", "babi-twin", "--facts", 2)
    assert status == 2
    assert "facts=2, expected 4 to 40" in err


def test_characters_that_the_terminal_lacks_are_escaped(tmp_path, problem_file):
    edited(problem_file, question="Où?")
    command = [sys.executable, "-m", "tracelib", "problems", "show", str(problem_file)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0
    assert "question  O\\xf9?" in result.stdout


HELPS = ("audit", "models", "models fetch", "release show", "problems show", "problems validate")


@pytest.mark.parametrize("command", [*HELPS, "problems export", "traces show"])
def test_every_help_has_examples_and_sources(capsys, command):
    with pytest.raises(SystemExit):
        cli.main([*command.split(), "--help"])
    out = capsys.readouterr().out
    assert f"  tracelib {command}" in out.split("examples:")[1]
    assert ("marco-twin" in out) == (command.split()[0] in ("problems", "traces"))


def test_bench_prints_what_was_measured(capsys, monkeypatch):
    asked = []
    ratios = {"sft_vs_trl": 2.5, "sft_vs_trl_packing": 0.9, "sft_vs_release": 5.0, "sft_tokens_per_s": 9000}
    answers = {"generation_vs_single": 12.0, "generation_vs_single_long": 3.9}
    answers |= {"generation_per_s": 12.0, "generation_per_s_long": 3.9}
    peers = {f"{name}_peer": 1000 for name in ratios | answers if "_vs_" in name}
    measured = ratios | answers | peers
    monkeypatch.setattr(bench_training, "run", lambda quick: asked.append(quick) or measured)
    audited = {"audit_s": 1.5, "verify_per_s": 20, "not_measured": "x"}
    monkeypatch.setattr(bench_audit, "run", lambda quick: asked.append(quick) or audited)
    real = {"smollm2_tokens_per_s": 300, "smollm2_vs_trl_peer": 100, "smollm2_vs_trl": 3.0}
    monkeypatch.setattr(bench_smollm2, "run", lambda: asked.append("real") or real)
    table, _, figures = run(capsys, "bench")[1].partition("\n\n")
    assert [line.split()[-5:] for line in table.splitlines()] == [
        ["ours", "peer", "ratio", "aim", "met"],
        ["9,000.0", "1,000.0", "2.50", "2", "yes"],
        ["9,000.0", "1,000.0", "0.90", "1", "no"],
        ["9,000.0", "1,000.0", "5.00", "5", "yes"],
        ["12.0", "1,000.0", "12.00", "10", "yes"],
        ["3.9", "1,000.0", "3.90", "4", "no"],
        ["300.0", "100.0", "3.00", "2", "yes"],
    ]
    assert [line.split() for line in figures.splitlines()][:4] == [
        ["audit_s", "1.50"], ["verify_per_s", "20"], ["not_measured", "x"], ["sft_vs_trl", "2.50"],
    ]  # fmt: skip
    assert json.loads(run(capsys, "bench", "--json", "--quick")[1])["verify_per_s"] == 20
    assert asked == [False, False, "real", True, True]  # a quick one leaves the real model out


# --- Tables to take away ----------------------------------------------------------------------


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
        cli.main(["audit", "--help"])
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


# --- Reports ----------------------------------------------------------------------------------


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
    code = f"import sys; from tracelib.cli import main; {audit}; sys.exit(bool({extras}))"
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


def test_a_comparison_does_not_replace_a_named_file_that_it_reads(capsys, monkeypatch, outputs_file):
    monkeypatch.chdir(outputs_file.parent)
    Path("a.csv").write_text("dataset,question,gold,prediction\nmine,Who?,Bo,Bo\n")
    status, _, err = run(capsys, "compare", "x=a.csv", outputs_file, "--items", "a.csv")
    assert status == 2
    assert "is one of the files to read" in err


PARTLY = {"dataset": "mine", "question": "Who?", "gold": "Corp", "model": "mine", "condition": "c"}


def test_outputs_without_steps_are_audited_whole(capsys, outputs_file, tmp_path):
    """Alone, beside others, and in a run of which others have steps."""
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
            assert "2 outputs left out: their problems do not say all of facts" in report
        status, out, _ = run(capsys, "audit", path, "--items", tmp_path / "i.csv", "--json")
        row = next(row for row in json.loads(out) if row["category"] == "all")
        assert row["trace_right_answer_right"] == (1 if judged else None)
        items = list(csv.DictReader((tmp_path / "i.csv").read_text().splitlines()))
        empty = [items[0][name] for name in ("category_correct", "trace_correct", "parsed", "facts_gold")]
        assert empty == [""] * 4
