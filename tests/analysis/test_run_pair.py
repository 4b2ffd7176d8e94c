import csv
import json
from dataclasses import replace

import pandas as pd
import pytest

from tests.reporting.reports import CELLS, run
from tracelib.analysis import run_pair
from tracelib.cli.main import main
from tracelib.core.errors import InputError
from tracelib.experiments.runner import _record
from tracelib.reporting import two_runs
from tracelib.scoring import columns


@pytest.fixture
def write(tmp_path):
    """Write outputs to a file, or to a run folder if the name has no suffix."""

    def written(name, outputs, about=None):
        path = tmp_path / name
        file = path if path.suffix else path / "predictions.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(_record(output)) + "\n" for output in outputs))
        if about is not None:
            (path / "run.json").write_text(json.dumps(about))
        return path

    return written


def both(write, first, second, **options):
    return run_pair.compare(
        run_pair.load(write("a.jsonl", first), **options), run_pair.load(write("b.jsonl", second), **options)
    )


def test_two_models_are_paired_by_hand(write):
    """Two models under different conditions. Of 30 common problems only A gets 10 right, only B 2."""
    first = run(["A+"] * 10 + ["A-"] * 2 + ["A+"] * 18 + ["A-"] * 5, model="small", condition="before")
    second = run(["A-"] * 10 + ["A+"] * 20, model="large", condition="after")
    found = both(write, first, second)
    row = found.tests.set_index("quantity").loc["answer, corrected"]
    assert (row["both"], row["only_first"], row["only_second"], row["neither"], row["n"]) == (
        18,
        10,
        2,
        0,
        30,
    )
    assert (row["first"], row["second"]) == (28 / 30, 20 / 30)
    assert row["estimate"] == pytest.approx(8 / 30)
    assert row["p"] == pytest.approx(2 * (1 + 12 + 66) / 2**12)
    assert row["p_holm"] == pytest.approx(3 * row["p"])  # three metrics with equal answers
    assert row["equivalent"] is False or not row["equivalent"]
    (size,) = found.sizes.to_dict("records")
    assert (size["paired"], size["only_first"], size["only_second"]) == (30, 5, 0)


def test_traces_are_compared_too(write):
    """Cells 6, 2, 3, 9, compared with the same run after two traces were made wrong."""
    worse = ["T-A+", "T-A+", *CELLS[2:]]
    found = both(write, run(CELLS), run(worse, model="other"))
    row = found.tests.set_index("quantity").loc["trace"]
    assert (row["both"], row["only_first"], row["only_second"], row["neither"]) == (6, 2, 0, 12)
    assert list(found.tests["quantity"][-3:]) == ["category", "facts", "trace"]
    cells = found.cells.set_index("run")
    names = [
        f"trace_{trace}_answer_{answer}" for trace in ("right", "wrong") for answer in ("right", "wrong")
    ]
    assert cells.loc["first", names].tolist() == [6, 2, 3, 9]
    assert cells.loc["second", names].tolist() == [4, 2, 5, 9]


def test_steps_are_not_compared_where_one_run_has_no_trace(write):
    found = both(write, run(["A+", "A-"], condition="vanilla"), run(["T+A+", "T+A-"]))
    assert not set(found.tests["quantity"]) & set(run_pair.STEPS)
    assert found.notes == ["cotempqa: no trace of A could be read, so steps are not compared"]


def test_ids_do_not_matter_and_contents_do(write):
    first = run(["A+", "A-", "A+"])
    renamed = [
        replace(o, problem=replace(o.problem, id=f"x{o.problem.id}")) for o in run(["A+", "A+"], model="n")
    ]
    same_id = [replace(o, problem=replace(o.problem, id="2")) for o in run(["A+"], model="n", first=90)]
    found = both(write, first, renamed + same_id)
    (size,) = found.sizes.to_dict("records")
    assert (size["paired"], size["only_first"], size["only_second"], size["same_id"]) == (2, 1, 1, 1)


def test_the_first_answer_to_a_problem_counts(write):
    again = [replace(o, problem=replace(o.problem, id="again")) for o in run(["A-"])]
    found = both(write, run(["A+", "A+"]) + again, run(["A+", "A-"], model="n"))
    row = found.tests.set_index("quantity").loc["answer, corrected"]
    assert (row["n"], row["both"], row["only_first"]) == (2, 1, 1)
    (size,) = found.sizes.to_dict("records")
    assert (size["again_first"], size["again_second"]) == (1, 0)


def test_other_gold_steps_of_the_same_problem_are_noted(write):
    found = both(write, run(["A+"]), run(["A+"], model="n", category="during"))
    assert "1 paired problems have a different category in the two files" in found.notes[0]


def test_nothing_in_common_is_said(write):
    with pytest.raises(InputError, match=r"b.jsonl: none of its 1 problems is among the 2 of .*a.jsonl"):
        both(write, run(["A+", "A+"]), run(["A+"], first=7))


def test_a_run_is_chosen_where_there_are_several(write):
    path = write(
        "a.jsonl", run(["A+"], seed=1) + run(["A-"], seed=2) + run(["A+"], condition="x/y", model="o/m")
    )
    with pytest.raises(
        InputError, match=r"3 runs in it, choose one with --run: 'm/correct/1', 'm/correct/2', 'o/m"
    ):
        run_pair.load(path)
    with pytest.raises(
        InputError, match=r"2 runs in it, choose one with --run: 'm/correct/1', 'm/correct/2'$"
    ):
        run_pair.load(path, "m/correct")
    with pytest.raises(InputError, match=r"no run 'm/vanilla', expected one of 'm/correct/1'"):
        run_pair.load(path, "m/vanilla")
    assert run_pair.load(path, "o/m/x/y").outcomes["condition"].tolist() == ["x/y"]
    one, other = run_pair.load(path, "m/correct/1"), run_pair.load(path, "m/correct/2")
    assert run_pair.compare(one, other).pairs["a"].tolist() == [0]
    with pytest.raises(InputError, match="the run 'm/correct/1' twice"):
        run_pair.compare(one, one)


def test_runs_whose_names_are_written_alike_are_not_put_together(write):
    alike = run(["A+"], condition="t/1") + run(["A-"], condition="t", seed=1)
    path = write("a.jsonl", alike)
    with pytest.raises(
        InputError, match=r"several runs have one name.*condition 't/1', seed none.*'t', seed 1"
    ):
        run_pair.load(path, "m/t/1")
    with pytest.raises(InputError, match="several runs have one name"):
        run_pair.load(path)
    other = write(
        "b.jsonl", run(["A+"], model="org/m", condition="x") + run(["A-"], model="org", condition="m/x")
    )
    with pytest.raises(InputError, match="several runs have one name"):
        run_pair.load(other, "org/m/x")
    mixed = write("c.jsonl", run(["A+"], condition="t/1") + run(["A-"], condition="t", seed=2))
    assert len(run_pair.load(mixed, "m/t/1").outcomes) == len(run_pair.load(mixed, "m/t/2").outcomes) == 1


def test_a_run_has_the_name_that_it_was_given(write):
    folder = write("r", run(["A+"]))
    for source in (f"x={folder}", f"x={folder / 'predictions.jsonl'}"):
        found = run_pair.load(source)
        assert (found.name, found.path) == ("m/x", folder / "predictions.jsonl")
    with pytest.raises(InputError, match="the run 'm/x' twice"):
        run_pair.compare(run_pair.load(f"x={folder}"), run_pair.load(f"x={folder}"))


def changed(path, **fields):
    """Copy a file of outputs to a file beside it, with some fields changed."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    target = path.with_name("changed.jsonl")
    lines = [record | {name: change(record[name]) for name, change in fields.items()} for record in records]
    target.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return target


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"question": lambda text: text + " "},
            r"question here: '[^']* ', there: '[^']*[^' ]' \(--field question=NAME",
        ),
        ({"question": lambda text: "Q: Who? A: Bo.\n" + text}, r"question here: 'Q: Who\? A: Bo\.\\n"),
        ({"gold": lambda gold: [*gold, "Zoe"]}, r"gold answers here: .*Zoe.*--field gold=NAME"),
        (
            {"facts": lambda facts: [*facts, "Zoe is a cat."]},
            r"facts here: .*Zoe is a cat.*--field facts=NAME",
        ),
        ({"dataset": lambda _: "mine"}, r"dataset here: 'mine', there: .*--dataset NAME"),
    ],
)
def test_where_nothing_is_paired_it_is_said_in_what_the_problems_differ(write, fields, said):
    path = write("a.jsonl", run(["A+"]))
    with pytest.raises(InputError, match=r"none of its 1 problems.*Of .*" + said):
        run_pair.compare(run_pair.load(path), run_pair.load(changed(path, **fields)))


def test_outputs_without_steps_have_no_cells_and_their_steps_are_not_compared(tmp_path):
    paths = []
    for name in "ab":
        records = [
            {"dataset": "mine", "question": f"{number}?", "gold": "x", "prediction": "x"}
            for number in range(3)
        ]
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("".join(json.dumps(record) + "\n" for record in records))
    found = run_pair.compare(*map(run_pair.load, paths))
    assert found.tests["quantity"].tolist() == ["answer, exact", "answer, strict"]
    assert two_runs.cells(found).loc[0, "T+A+":].tolist() == ["–"] * 5 + [3]
    for row in run_pair.record(found)["trace_and_answer"]:
        assert (row["trace_wrong_answer_right"], row["unparsed"], row["not_judged"]) == (None, None, 3)
    assert any("no trace of A and B was judged" in note for note in found.notes)


def own(folder, name, outputs):
    path = folder / f"{name}.jsonl"
    records = [{"dataset": "mine", "gold": "x", "model": name, **output} for output in outputs]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_what_no_problem_says_does_not_differ(tmp_path):
    """Problems without facts have no number of gold facts. A category alone does not judge steps."""
    bare = [{"question": f"{number}?", "prediction": "x"} for number in range(3)]
    labelled = [record | {"category": "when"} for record in bare]
    for first, second in ((bare, bare), (bare, labelled)):
        found = loaded(own(tmp_path, "a", first), own(tmp_path, "b", second))
        assert not any("in the two files" in note for note in found.notes)


def test_what_an_audit_notes_of_either_run_is_noted(capsys, tmp_path):
    """A has bare answers. B has marked answers and answers one problem twice."""
    first = own(tmp_path, "a", [{"question": f"{n}?", "prediction": "x y"} for n in range(3)])
    marked = [{"question": f"{n}?", "prediction": "<answer>x</answer>"} for n in (0, 1, 1, 2)]
    second = own(tmp_path, "b", marked)
    notes = loaded(first, second).notes
    assert sum(note.startswith("A: ") and "3 of 3 answers carry no mark" in note for note in notes) == 1
    assert "B: 1 of 4 outputs repeat a problem; its first answer counts" in notes
    assert sum("lack facts" in note for note in notes) == 2
    assert not any("separate items" in note for note in notes)  # a note on the audit's own tables
    report = tmp_path / "r.md"
    out = json.loads(command(capsys, first, second, "--json", "--report", report)[1])
    assert out["notes"] == notes
    assert "answers carry no mark" in report.read_text("utf-8")


def test_notes_are_of_the_run_that_was_chosen(tmp_path):
    """Another run of the file has bare answers. No note mentions it, or the command tracelib compare."""
    question = {"question": "1?", "prediction": "<answer>x</answer>"}
    both = own(tmp_path, "a", [question, {"question": "1?", "prediction": "x y", "model": "other"}])
    second = own(tmp_path, "b", [question])
    found = run_pair.compare(run_pair.load(both, "a/unnamed"), run_pair.load(second))
    assert not any("no mark" in note or "tracelib compare" in note for note in found.notes)


ABOUT = {
    "parameters": {"learning_rate": 0.003, "seed": 1, "epochs": 1},
    "versions": {"torch": "2.13.0"},
    "seconds": {"train": 1.5},
    "git_commit": "a",
}


def test_the_parameters_that_differ_are_named(write):
    other = ABOUT | {
        "parameters": {"learning_rate": 0.001, "seed": 1, "new": 2},
        "seconds": {},
        "git_commit": "b",
    }
    first, second = write("lr3", run(["A+"] * 3), ABOUT), write("lr1", run(["A-"] * 3), other)
    found = run_pair.compare(run_pair.load(first), run_pair.load(second / "predictions.jsonl"))
    assert found.parameters.values.tolist() == [
        ["learning_rate", 0.003, 0.001],
        ["epochs", 1, None],
        ["new", None, 2],
        ["recorded: git_commit", "a", "b"],
    ]
    assert found.tests["n"].tolist() == [3] * 3  # two runs of the same name stay apart
    assert two_runs.parameters(found)["B"].tolist() == ["0.001", "–", "2", "b"]
    assert run_pair.parameters(ABOUT, None) is None
    assert run_pair.parameters(ABOUT, ABOUT).empty


def test_a_folder_or_record_that_is_none_is_refused(write, tmp_path):
    with pytest.raises(
        InputError, match=r"a folder without predictions.jsonl, expected a run folder or a file"
    ):
        run_pair.load(tmp_path)
    path = write("r", run(["A+"]))
    wrong = {
        "{": r"run.json:1: not JSON",
        "[]": r"run.json: expected what a run wrote, found \[\]",
        '{"parameters": 1}': r"run.json: not the record of a run",
    }
    for text, message in wrong.items():
        (path / "run.json").write_text(text)
        with pytest.raises(InputError, match=message):
            run_pair.load(path)


def test_items_have_both_outcomes_and_say_what_is_not_paired(write):
    again = [replace(o, problem=replace(o.problem, id="again")) for o in run(["A-"])]
    found = both(
        write,
        run(["A+", "A-", "A+", "A-"]) + again,
        run(["A-", "A+", "A+"], model="n", first=0)[:3] + run(["A+"], model="n", first=9),
    )
    table = run_pair.items(found)
    by_pairing = table.groupby("pairing").size().to_dict()
    assert by_pairing == {"paired": 3, "only in A": 1, "only in B": 1, "answered again": 1}
    assert sorted(table.loc[table["pairing"] == "paired", "change"]) == ["both right", "gained", "lost"]
    assert list(table)[:5] == ["dataset", "problem", "pairing", "change", "a_model"]
    described = set({**columns.OUTCOMES, **columns.PLACES}) - set(run_pair.KEY)
    assert {name[2:] for name in list(table)[4:]} == described
    assert table.loc[table["pairing"] == "only in B", "b_line"].tolist() == [4]
    assert pd.isna(table.loc[table["pairing"] == "only in B", "a_line"]).all()


# --- The command ------------------------------------------------------------------------------


def command(capsys, *arguments):
    status = main(["compare", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_command_prints_all_parts(capsys, write, tmp_path):
    first, second = write("a", run(CELLS), ABOUT), write("b", run(CELLS[::-1], model="n\x1b[2J"), ABOUT)
    status, out, err = command(capsys, first, second, "--items", tmp_path / "i.csv")
    assert (status, err) == (0, f"tracelib: note: 20 rows written to {tmp_path}/i.csv\n")
    for part in (two_runs.PAIRING, two_runs.DIFFERENCES, two_runs.EQUIVALENCE, two_runs.CELLS):
        assert f"\n{part}\n" in out
    assert f"{two_runs.PARAMETERS}\n(nothing)" in out
    assert "\x1b" not in out
    with (tmp_path / "i.csv").open(newline="", encoding="utf-8") as stream:
        assert sum(1 for _ in csv.DictReader(stream)) == 20


def test_as_json_it_has_all_numbers(capsys, write):
    path = write("a.jsonl", run(CELLS) + run(CELLS[::-1], condition="vanilla"))
    status, out, _ = command(capsys, path, path, "--run", "m/vanilla", "--run", "m/correct", "--json")
    found = json.loads(out)
    assert status == 0
    assert (found["first"]["run"], found["second"]["run"]) == ("m/vanilla", "m/correct")
    assert {row["quantity"]: row["n"] for row in found["differences"]}["trace"] == 20
    assert found["parameters"] is None
    assert found["pairing"][0]["paired"] == 20


@pytest.mark.parametrize("name", ["r.html", "r.md"])
def test_the_report_has_the_problems_that_only_one_gets_right(capsys, monkeypatch, write, tmp_path, name):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    first, second = write("a.jsonl", run(CELLS)), write("b.jsonl", run(CELLS[::-1], model="$n$ <b>"))
    status, _, err = command(capsys, first, second, "--report", tmp_path / name)
    assert (status, err) == (0, f"tracelib: note: report written to {tmp_path / name}\n")
    text = (tmp_path / name).read_text("utf-8")
    assert "<b>" not in text
    assert "on 1970-01-02" in text
    expected = int((run_pair.items(loaded(first, second))["change"].isin(["gained", "lost"])).sum())
    assert text.count("right under A; wrong under B") + text.count("right under B; wrong under A") == expected
    assert ("<svg " in text) == (name == "r.html")
    assert command(capsys, first, second, "--report", tmp_path / name)[0] == 0
    assert (tmp_path / name).read_text("utf-8") == text


def loaded(first, second):
    return run_pair.compare(run_pair.load(first), run_pair.load(second))


def test_bad_requests_are_one_line(capsys, write, tmp_path):
    path = write("a.jsonl", run(["A+"]))
    for arguments, message in (
        ((path, path), "the run 'm/correct' twice, expected two runs"),
        ((path, tmp_path / "none"), "no such file"),
        (
            (path, path, "--run", "a", "--run", "b", "--run", "c"),
            "--run given 3 times, expected at most twice",
        ),
        ((path, path, "--items", path), "expected one that ends in .csv"),
    ):
        status, out, err = command(capsys, *arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert message in err
