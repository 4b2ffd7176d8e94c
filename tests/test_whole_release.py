"""A made release, whole and in parts, behind a server that stands in for the public repository."""

import csv
import io
import json
from dataclasses import replace

import pandas as pd
import pytest

from tests import stand_in
from tracelib.analysis import comparison, item_analysis, trace_answer
from tracelib.bench import made_release
from tracelib.cli.main import main
from tracelib.core.errors import InputError
from tracelib.datasets import release_files
from tracelib.paper import evidence, items, release, reproduction, specifications
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import as_outcomes, counts, counts_under, score
from tracelib.traces.conditions import target
from tracelib.traces.format import prompt

SIZES = {"equal": 4, "overlap": 4, "during": 4, "mix": 4, "babi": 6, "marco": 6}
MARCO = "marcoqa/results/Marcoqa/evaluation_outputs/Qwen3-1.7B-sft-adapter-reasoning-facts_default.json"
RUNS_8B = {("Qwen3-8B", condition) for condition in ("vanilla", "correct", "incorrect")}


def table(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def ship_checks(checks, folder, monkeypatch):
    """Make the package ship these verdicts of the release's check."""
    path = folder / "checks.parquet"
    specifications.SHIPPED.write(checks, path)
    monkeypatch.setattr(specifications, "SHIPPED", replace(specifications.SHIPPED, path=path))


def problem_rows(problems):
    return table(
        [
            {
                "question": problem.question,
                "triple_element": problem.kind,
                "facts": str(list(problem.facts)),
                "answer": str(list(problem.gold)),
                "label": problem.category,
                "messages": str(
                    [
                        {"content": prompt(problem), "role": "user"},
                        {"content": target(problem, "correct", 0), "role": "assistant"},
                    ]
                ),
            }
            for problem in problems
        ]
    )


def made(folder):
    """Content by name: all outputs, all stated accuracies, and the problem files that are read."""
    made_release.write(folder, SIZES)
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
    stated = json.dumps(dict.fromkeys(("acc", "f1", "p", "r", "avg"), 100.0)).encode()
    contents |= dict.fromkeys(release_files.names(release_files.STATED), stated)
    for relation in release_files.RELATIONS:
        problems = list(made_release.made(relation, SIZES[relation] + 3))
        for split, part in (("test", problems[: SIZES[relation]]), ("train", problems[SIZES[relation] :])):
            (name,) = [
                name for name in release_files.PROBLEM_FILES["cotempqa"][split] if f"/{relation}_" in name
            ]
            contents[name] = problem_rows(part)
    stories = table(
        [
            {
                "passages": str(list(problem.facts)),
                "question": problem.question,
                "query_type": problem.category,
                "answer_passage": str(list(problem.supporting_facts)),
                "answer": problem.gold[0],
            }
            for problem in made_release.made("babi", SIZES["babi"])
        ]
    )
    return contents | {
        name: stories for names in release_files.PROBLEM_FILES["babi"].values() for name in names
    }


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    return made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def whole(contents, tmp_path_factory):
    return stand_in.manifest(contents, tmp_path_factory.mktemp("manifest"))


@pytest.fixture
def public(contents, whole, monkeypatch, tmp_path):
    """A server with every file; this machine has none yet."""
    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(release_files, "tree", lambda: whole)
    monkeypatch.setattr(release_files, "unanswered", {})
    with stand_in.serving() as server:
        monkeypatch.setenv("TRACELIB_RELEASE_URL", server.address)
        stand_in.publish(server, contents)
        yield server


@pytest.fixture
def copy(contents, public, monkeypatch, tmp_path):
    """A function that makes a local copy of the files whose names fulfil a condition."""

    def make(keep):
        root = tmp_path / "data" / "trace_check_qa"
        for name in filter(keep, contents):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents[name])
        monkeypatch.setenv("TRACELIB_DATA", str(tmp_path / "data"))
        return root

    return make


def test_everything_there_is_used_in_every_table(public):
    found = evidence.load()
    outcomes, checks = found.outcomes, found.checks
    assert found.source.kind == "download"
    assert (len(found.source.files), found.source.absent, found.source.unread) == (71, (), ())
    assert len(outcomes) == len(checks) == 55 * 4 + 8 * 6 + 8 * 6
    runs = {(row.model, row.condition) for row in outcomes.itertuples() if row.dataset == "cotempqa"}
    assert runs >= RUNS_8B
    part = outcomes[(outcomes["model"] == "Qwen3-8B") & (outcomes["condition"] == "correct")]
    assert set(part["category"]) == {"equal", "overlap", "mix"}  # during is in no public tree
    assert outcomes.groupby("dataset")["condition"].nunique().to_dict() == {
        "babi": 4,
        "cotempqa": 4,
        "marco": 4,
    }
    marco = outcomes[outcomes["dataset"] == "marco"]
    assert marco.loc[marco["condition"] == "correct", "trace_correct"].any()

    both = pd.concat([counts(outcomes, "official"), counts(outcomes, "exact")])
    accuracies = reproduction.accuracies(counts_under(outcomes, "official"), release.load_accuracies())
    assert len(accuracies) == 71
    assert accuracies["n"].notna().all()
    whole = trace_answer.rates(both[both["category"] == "all"])
    assert {"marco", "cotempqa", "babi"} == set(whole["dataset"])
    compared = comparison.compare_conditions(outcomes, "exact")
    assert set(compared["dataset"]) == {"babi", "marco"}
    assert (compared["n"] == 6).all()
    judged = specifications.published_counts(outcomes, checks, "exact")
    assert set(judged["dataset"]) == {"babi", "marco"}
    assert set(specifications.matrices(outcomes, checks)["dataset"]) == {"babi", "cotempqa", "marco"}
    described = items.load()
    assert described["dataset"].value_counts().to_dict() == {"cotempqa": 16, "marco": 6, "babi": 6}
    right, left_out = item_analysis.answers(marco[marco["condition"] != "prompted"], "exact")
    assert (len(right), left_out) == (6, 0)


def test_a_marco_problem_is_read_from_its_output(public):
    found = outputs.read(release_files.locate(MARCO))
    made = list(made_release.made("marco", SIZES["marco"]))
    assert [output.problem for output in found] == made
    assert {(output.model, output.condition) for output in found} == {("Qwen3-1.7B", "correct")}
    assert ("No Answer Present.",) in {output.problem.gold for output in found}


@pytest.fixture
def line():
    (problem,) = made_release.made("marco", 1)
    return made_release.record(problem, "assistant\n\nwords")


def read_line(line, folder, name="Qwen3-1.7B-sft-adapter_default.json"):
    path = folder / name
    path.write_bytes(table([line]) if name.endswith("csv") else json.dumps(line).encode())
    return outputs.read(path)[0]


@pytest.mark.parametrize("lines", [False, True])
def test_prompted_outputs_called_csv_are_csv_or_lines(line, tmp_path, lines):
    name = "meta-llama_Llama-3.2-1B-Instruct_default_test.csv"
    found = read_line(line, tmp_path, name)
    if lines:
        (tmp_path / name).write_text(json.dumps(line) + "\n")
        assert outputs.read(tmp_path / name) == [found]
    assert (found.model, found.condition) == ("Llama-3.2-1B-Instruct", "prompted")
    assert found.problem.dataset == "marco"


def test_what_an_output_of_marco_says(line, tmp_path):
    line |= {"gold": "['No Answer Present.', 'none \"at\" all']", "answer_passage": "['not a passage']"}
    problem = read_line(line, tmp_path).problem
    assert problem.gold == ("No Answer Present.", 'none "at" all')
    assert problem.supporting == ()
    line["answer_passage"] = str([line["passage"]])
    line["passage"] = str([line["passage"], "x", line["passage"]])
    assert read_line(line, tmp_path).problem.supporting == (0, 2)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("gold", "No Answer Present.", "expected a printed list"),
        ("gold", "[]", "field 'gold' is empty"),
        ("passage", "['a', ", "expected a printed list"),
        ("passage", 3, "expected a string"),
        ("query_type", "POEM", "expected the name of a bAbI task or a type of MARCO's queries"),
    ],
)
def test_a_line_that_is_wrong_is_named(line, tmp_path, field, value, message):
    with pytest.raises(InputError, match=f"default.json:1: .*{message}"):
        read_line({**line, field: value}, tmp_path)


def test_a_copy_with_some_is_used_as_far_as_it_goes(copy):
    """The copy lacks MARCO, one of Qwen3-8B's files and one stated accuracy, which are counted and named."""
    lost = "main/results/Cotempqa/evaluation_outputs/mix/Qwen3-8B-sft-adapter_default.json"
    stated = lost.replace("outputs", "results")
    copy(lambda name: not name.startswith("marcoqa") and name not in (lost, stated))
    found = evidence.load()
    assert len(found.outcomes) == 54 * 4 + 8 * 6
    assert found.source.kind == "local copy"
    assert len(found.source.absent) == 9
    assert "cotempqa's outputs of Qwen3-8B (1 files); marco's outputs of Llama" in found.source.detail
    assert release.files_behind(found.outcomes) == list(found.source.files)
    rows = found.outcomes[(found.outcomes["model"] == "Qwen3-8B") & (found.outcomes["category"] == "mix")]
    assert {name.rsplit("/", 1)[1] for name in release.files_behind(rows)} == {
        "Qwen3-8B-sft-adapter-reasoning-facts_default.json",
        "Qwen3-8B-sft-adapter-reasoning-facts-perturbed_default.json",
    }
    both = pd.concat([counts(found.outcomes, "official"), counts(found.outcomes, "exact")])
    table = reproduction.accuracies(both, release.load_accuracies())
    unchecked = table[table["status"] == "cannot be checked"]
    assert len(unchecked) == 8  # MARCO's, from the package; nothing is known of the lost one
    assert unchecked["why"].str.startswith("outputs public, not in this copy").all()
    assert not release_files.cached(lost).exists()  # nothing was fetched unasked
    release_files.fetch([lost])
    assert len(evidence.load().outcomes) == 55 * 4 + 8 * 6


def test_lines_that_cannot_be_read_are_counted_and_named(copy, contents, whole, monkeypatch, tmp_path):
    """If lines of a public file have another format, the rest is used, and the source says so."""
    odd = contents[MARCO].replace(b"'No Answer Present.'", b"None", 1) + b"{}\n"
    changed = stand_in.manifest({MARCO: odd}, tmp_path)
    monkeypatch.setattr(release_files, "tree", lambda: {**whole, **changed})
    root = copy(lambda name: name.startswith("marcoqa"))
    (root / MARCO).write_bytes(odd)
    outcomes, source = release.load_outcomes()
    assert len(outcomes) == 8 * 6 - 1
    assert len(source.unread) == 2
    assert "2 lines could not be read, the first is " in source.detail
    assert f"{MARCO}:" in source.unread[0]
    with pytest.raises(InputError, match=MARCO):
        release.load_outputs()


def test_files_of_an_unknown_run_are_named_and_not_read(copy):
    root = copy(lambda name: name.startswith("babiqa"))
    odd = root / "babiqa/results/Babiqa/evaluation_outputs/Mistral-7B-sft-adapter-shuffled_default.json"
    odd.write_text("{}\n")
    outcomes, source = release.load_outcomes()
    assert len(outcomes) == 8 * 6
    assert source.unknown == (odd.relative_to(root).as_posix(),)
    assert "1 files in its folder are not of the release, for instance babiqa" in source.detail


def test_outputs_of_problems_that_no_test_file_has_are_counted(public):
    outcomes, _ = release.load_outcomes()
    assert release.unmatched(outcomes, items.load()).empty
    run = (outcomes["model"] == "Qwen3-8B") & (outcomes["condition"] == "vanilla")
    outcomes.loc[run, "problem"] = "elsewhere"
    assert release.unmatched(outcomes, items.load()).to_dict("records") == [
        {"dataset": "cotempqa", "model": "Qwen3-8B", "condition": "vanilla", "n": 16, "unmatched": 16}
    ]


def test_without_a_test_file_its_datasets_checks_alone_are_the_shipped_ones(copy, monkeypatch, tmp_path):
    """The package ships no checks of Qwen3-8B: they are named, and the tables show the other outputs."""
    lost = release_files.PROBLEM_FILES["cotempqa"]["test"][0]
    root = copy(lambda name: True)
    computed = specifications.compute(release.load_outputs())
    kept = computed[computed["model"] != "Qwen3-8B"].assign(evaluated=False)
    ship_checks(kept, tmp_path, monkeypatch)
    (root / lost).unlink()
    found = evidence.load()
    outcomes, checks = found.outcomes, found.checks
    assert len(outcomes) == len(computed)
    cotempqa = checks["dataset"] == "cotempqa"
    assert not checks.loc[cotempqa, "evaluated"].any()
    others = computed[computed["dataset"] != "cotempqa"]
    pd.testing.assert_frame_equal(checks[~cotempqa].reset_index(drop=True), others.reset_index(drop=True))
    unchecked = int((outcomes["model"] == "Qwen3-8B").sum())
    assert f"of the traces of {unchecked} outputs (cotempqa's outputs of Qwen3-8B (11 files))" in (
        found.source.detail
    )
    table = specifications.published_counts(outcomes, checks, "official")
    assert set(table["model"]) == set(outcomes["model"]) - {"Qwen3-8B"}
    matrices = specifications.matrices(outcomes, checks)
    assert set(matrices.loc[matrices["dataset"] == "cotempqa", "model"]) == set(table["model"])


def test_a_file_that_is_here_displaces_all_its_shipped_rows(copy, monkeypatch):
    """Also rows of a category that the file lacks: a file of bAbI or MARCO holds all categories."""
    copy(lambda name: not name.startswith("main"))
    outcomes = score(release.load_outputs())
    marco = outcomes[outcomes["dataset"] == "marco"]
    shipped = as_outcomes(marco.assign(category="another", tokens=1))
    monkeypatch.setattr(release, "shipped_outcomes", lambda: shipped)
    pd.testing.assert_frame_equal(release.with_shipped_outcomes(outcomes), outcomes)


def test_descriptions_of_marcos_other_problems_are_kept(copy, monkeypatch):
    copy(lambda name: name == MARCO)
    here = items.load().query("dataset == 'marco'")
    assert len(here) == 6
    known = pd.concat([items.shipped(), here.iloc[:2].assign(facts=99), here.iloc[:1].assign(problem="p")])
    monkeypatch.setattr(items, "shipped", lambda: known)
    found = items.load()
    assert found.query("dataset == 'marco'")["problem"].tolist() == [*here["problem"], "p"]
    assert not (found["facts"] == 99).any()


# --- The commands -----------------------------------------------------------------------------


def test_fetch_completes_a_copy_and_goes_on_after_a_cut(copy, public, contents, monkeypatch, capsys):
    """The tree has only made files; other files that the chapters use are left out."""
    monkeypatch.setattr(release_files, "used", lambda: list(contents))
    copy(lambda name: name != MARCO)
    path = f"{release_files.COMMITS['marcoqa']}/{MARCO.partition('/')[2]}"
    public.cut[path] = 20_000
    assert main(["release", "fetch"]) == 2
    assert "cannot download the release" in capsys.readouterr().err
    assert main(["release", "status"]) == 0
    shown = capsys.readouterr().out
    assert f"  {MARCO} (partly downloaded, " in shown
    assert main(["release", "fetch"]) == 0
    assert "1 files downloaded" in capsys.readouterr().out
    assert public.asked[-1][1].startswith("bytes=")
    assert main(["release", "status", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows["unknown"] == []
    assert {row["state"] for row in rows["files"]} == {release_files.HERE, release_files.NOT_PUBLIC}


def test_status_names_what_is_wrong_and_what_no_tree_has(copy, capsys):
    root = copy(lambda name: name.startswith("marcoqa"))
    (root / MARCO).write_text("<html>Sign in</html>")
    (root / "marcoqa" / "notes\x1b[31m.txt").write_text("x")
    assert main(["release", "status"]) == 0
    shown = capsys.readouterr().out
    assert "it is a page of HTML" in shown
    assert "1 files of the local copy are in no pinned tree" in shown
    assert "\x1b" not in shown
    assert main(["release", "fetch"]) == 2


def test_derive_keeps_shipped_rows_of_files_that_are_not_here(copy, monkeypatch, tmp_path):
    """The package has all rows, each with one token. Only MARCO's files are here, so only its rows change."""
    copy(lambda name: True)
    found = release.load_outputs()
    before, checks = score(found), specifications.compute(found)
    assert len(before) == 316

    monkeypatch.setattr(release, "shipped_outcomes", lambda: before.assign(tokens=1))
    ship_checks(checks.assign(evaluated=True), tmp_path, monkeypatch)
    for name in release_files.names(release_files.OUTPUTS):
        if not name.startswith("marcoqa"):
            (release_files.local_root() / name).unlink()
    for name in release_files.PROBLEM_FILES["babi"]["test"]:  # then bAbI's checks are the shipped ones
        (release_files.local_root() / name).unlink()
    evidence.derive(tmp_path / "again")
    after = release.SHIPPED_OUTCOMES.read(tmp_path / "again" / release.SHIPPED_OUTCOMES.path.name)
    pd.testing.assert_frame_equal(after.drop(columns="tokens"), before.drop(columns="tokens"))
    marco = after["dataset"] == "marco"
    assert (after.loc[~marco, "tokens"] == 1).all()
    pd.testing.assert_series_equal(after.loc[marco, "tokens"], before.loc[marco, "tokens"])
    kept = specifications.SHIPPED.read(tmp_path / "again" / "release_checks.parquet")
    assert kept["item"].tolist() == before["item"].tolist()
    assert kept.loc[~marco, "evaluated"].all()
    pd.testing.assert_frame_equal(kept[marco], checks[marco])
