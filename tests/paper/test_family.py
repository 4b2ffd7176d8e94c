"""The R1 family's files: fetch from a stand-in server, read in the real format, and score."""

import json
import shutil
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import requests

from tests import stand_in
from tests.paper import history
from tracelib.cli.main import main
from tracelib.core.errors import InputError
from tracelib.datasets import family_files, release_files
from tracelib.datasets.family_files import FAMILY, R1, SEEDS
from tracelib.paper import family, family_compared


@pytest.fixture
def made():
    return history.problems()


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache, no local copy, and no network."""
    monkeypatch.setattr(family_files, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(family, "SHIPPED", replace(family.SHIPPED, path=tmp_path / "none.parquet"))
    monkeypatch.delenv(family_files.VARIABLE, raising=False)
    monkeypatch.setenv(release_files.ADDRESS, "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nothing"))
    monkeypatch.setattr(family, "MAIN_TEST", dict.fromkeys(history.RELATIONS, history.EACH))
    return tmp_path / "cache"


@pytest.fixture
def whole(monkeypatch, made) -> None:
    """All problems of the main runs are here. Their training set has all *mix* problems but the last."""
    monkeypatch.setattr(family, "main_splits", lambda: ({"train": made["mix"][:-1]}, True))


def file_of(condition: str, relation: str = "mix", model: str = "Llama-3.2-1B-Instruct"):
    wanted = (model, condition, relation)
    return next(f for f in family_files.outputs() if (f.model, f.condition, f.relation) == wanted)


def put(folder: Path, file, content: bytes) -> Path:
    place = folder / file.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_the_list_is_what_it_says():
    files = family_files.manifest()
    assert len(files) == len({file.name for file in files}) == 199
    groups = pd.Series([file.group for file in files]).value_counts()
    assert groups.to_dict() == {FAMILY: 112, SEEDS: 72, R1: 15}
    table = family.coverage(family.load())
    of_family = table[table["group"] == FAMILY]
    assert len(of_family.groupby(["model", "condition", "category"])) == 4 * 7 * 4
    further = table[table["group"] == SEEDS]
    assert len(further.groupby(["model", "condition", "seed", "category"])) == 2 * 3 * 3 * 4
    assert sorted(further["seed"].unique()) == [121, 122, 123]
    assert table.groupby(["model", "condition"])["versions"].max().loc[lambda n: n > 1].index.tolist() == [
        ("Llama-3.1-8B-Instruct", "r1-traces"),
        ("Qwen3-8B", "r1-traces"),
    ]
    assert all(len(file.commit) == 40 for file in files)


def test_everything_is_fetched_once_and_scored(cache, monkeypatch):
    with stand_in.serving() as server:
        monkeypatch.setenv(release_files.ADDRESS, server.address)
        server.files = history.everything()
        assert family.fetch() == len(server.asked) == 199
        assert family.fetch() == 0
        assert len(server.asked) == 199
    outcomes = family.load()
    assert len(outcomes) == 184 * history.EACH
    assert family.statement(family.coverage(outcomes)) == "All 184 files of outputs are in this build."
    rates = outcomes.groupby("condition")["answer_corrected"].mean()
    assert rates["r1-traces"] == pytest.approx(0.8)
    assert rates["r1-set-vanilla"] == pytest.approx(0.4)
    first = family_files.manifest()[0]
    noted = (cache / f"{first.name}.sha256").read_text()
    assert noted.split()[1] == Path(first.path).name


def test_an_interrupted_fetch_goes_on_where_it_was(cache, monkeypatch):
    few = tuple(family_files.outputs()[-3:])
    monkeypatch.setattr(family_files, "manifest", lambda: few)
    last = f"{few[-1].commit}/{few[-1].path}"
    with stand_in.serving() as server:
        monkeypatch.setenv(release_files.ADDRESS, server.address)
        server.files, server.cut = history.everything(), {last: 1000}
        with pytest.raises(release_files.Unreachable):
            family.fetch()
        assert list(family_files.present()) == list(few[:2])
        assert [row["state"] for row in family_files.states()][-1] == release_files.PUBLIC
        server.asked.clear()
        assert family.fetch() == 1
        assert [path for path, _ in server.asked] == [last]
    assert len(family.load()) == 3 * history.EACH


def test_a_download_without_its_note_is_checked_again(cache, monkeypatch, made):
    """A process killed between download and check leaves a file without a sha256, which does not count."""
    file = file_of("r1-traces")
    place = put(cache, file, history.contents(file, made))
    assert family_files.locate(file) is None
    monkeypatch.setattr(family_files, "manifest", lambda: (file,))
    assert family.fetch() == 1  # no server is needed: the file is only checked
    assert family_files.locate(file) == place


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a page of HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a pointer of Git LFS"),
        (b"", "empty"),
        (b'{"question": "Who?"}\n', "field 'prediction' is missing"),
        (b'{"prediction": "x", "question": "Who', "not a JSON object"),
    ],
)
def test_what_is_no_file_of_outputs_is_refused_and_the_rest_fetched(cache, monkeypatch, content, message):
    bad, good = file_of("r1-explanations"), file_of("r1-traces")
    monkeypatch.setattr(family_files, "manifest", lambda: (bad, good))
    files = history.everything() | {f"{bad.commit}/{bad.path}": content}
    with stand_in.serving() as server:
        monkeypatch.setenv(release_files.ADDRESS, server.address)
        server.files = files
        with pytest.raises(InputError, match=r"1 of 2 files not fetched, 1 new: ") as refused:
            family.fetch()
    assert message in str(refused.value)
    assert list(family_files.present()) == [good]
    assert not (cache / bad.name).exists()


def test_a_file_that_the_server_lacks_does_not_stop_the_others(cache, monkeypatch):
    first, lacking, last = few = tuple(family_files.outputs()[:3])
    monkeypatch.setattr(family_files, "manifest", lambda: few)
    with stand_in.serving() as server:
        monkeypatch.setenv(release_files.ADDRESS, server.address)
        server.files = history.everything()
        del server.files[f"{lacking.commit}/{lacking.path}"]
        with pytest.raises(InputError, match=r"1 of 3 files not fetched, 2 new: .*answers 404") as error:
            family.fetch()
    assert not isinstance(error.value, release_files.Unreachable)
    assert lacking.path in str(error.value)
    assert list(family_files.present()) == [first, last]


@pytest.mark.parametrize(("status", "asked"), [(404, 3), (429, 1), (503, 1)])
def test_an_answer_that_is_not_about_one_file_stops_everything(cache, monkeypatch, status, asked):
    urls = []

    def refused(url, place):
        urls.append(url)
        try:
            raise requests.HTTPError(response=SimpleNamespace(status_code=status))
        except requests.HTTPError:
            raise release_files.Unreachable("cannot download") from None

    monkeypatch.setattr(family, "download", refused)
    few = family_files.manifest()[:3]
    monkeypatch.setattr(family_files, "manifest", lambda: few)
    with pytest.raises(InputError):
        family.fetch()
    assert len(urls) == asked


class OldHandler(BaseHTTPRequestHandler):
    """An HTTP/1.0 server without a length: the connection's end is the content's end, here after one line."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.files[self.path.lstrip("/")].splitlines(keepends=True)[0])

    def log_message(self, *args): ...


def test_a_file_of_no_stated_length_is_not_taken(cache, monkeypatch):
    """The file is cut after a valid line. Without an id or a length nothing would show it."""
    file = file_of("r1-traces")
    monkeypatch.setattr(family_files, "manifest", lambda: (file,))
    with stand_in.serving() as server:
        server.RequestHandlerClass = OldHandler
        monkeypatch.setenv(release_files.ADDRESS, server.address)
        server.files = history.everything()
        with pytest.raises(InputError, match=r"1 of 1 files not fetched, 0 new: .*does not say how long"):
            family.fetch()
    assert not family_files.present()


def test_a_seeds_file_that_ends_after_a_line_is_refused(cache, monkeypatch, made):
    """Without an id, the number of test problems shows that the file is cut."""
    file = next(file for file in family_files.outputs() if file.group == SEEDS)
    monkeypatch.setattr(family_files, "manifest", lambda: (file,))
    place = put(cache, file, history.contents(file, made).splitlines(keepends=True)[0])
    with pytest.raises(InputError, match="1 outputs, expected 5 as in the main runs' test set"):
        family.fetch()
    assert not place.exists()


def test_a_family_file_of_another_length_is_named_once_and_kept(cache, monkeypatch, made):
    few = tuple(file_of(condition) for condition in ("r1-traces", "r1-set-vanilla", "r1-explanations"))
    monkeypatch.setattr(family_files, "manifest", lambda: few)
    for file in few[:2]:
        put(cache, file, history.contents(file, made))
    cut = put(cache, few[2], history.contents(few[2], made).splitlines(keepends=True)[0])
    with pytest.raises(InputError, match=r"1 files kept .*: 1 outputs, most files of 'mix' have 5") as error:
        family.fetch()
    assert str(cut) in str(error.value)
    assert len(family_files.present()) == 3
    assert family.fetch() == 0


def test_the_command_fetches_and_says_so(cache, monkeypatch, capsys):
    few = tuple(family_files.outputs()[:2])
    monkeypatch.setattr(family_files, "manifest", lambda: few)
    with stand_in.serving() as server:
        monkeypatch.setenv(release_files.ADDRESS, server.address)
        server.files = history.everything()
        assert main(["release", "fetch", "--family"]) == 0
        assert capsys.readouterr().out == "2 files downloaded and checked; all 2 are on this machine\n"
        server.files[f"{few[0].commit}/{few[0].path}"] = b"<html>"
        (cache / few[0].name).unlink()
        assert main(["release", "fetch", "--family"]) == 2
    assert "1 of 2 files not fetched" in capsys.readouterr().err


def test_status_counts_the_later_files(cache, monkeypatch, capsys, made):
    monkeypatch.setattr(release_files, "states", lambda: [])
    file = file_of("r1-traces")
    family_files.note(put(cache, file, history.contents(file, made)))
    assert main(["release", "status", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["family"]
    assert pd.Series([row["state"] for row in rows]).value_counts().to_dict() == {
        release_files.PUBLIC: 198,
        release_files.HERE: 1,
    }


def test_no_network_is_said_at_once(cache):
    with pytest.raises(release_files.Unreachable, match="cannot download"):
        family.fetch()


def test_a_file_that_changed_is_refused(cache, made):
    file = file_of("r1-traces")
    place = put(cache, file, history.contents(file, made))
    family_files.note(place)
    assert family_files.locate(file) == place
    place.write_bytes(place.read_bytes() + b"\n")
    with pytest.raises(InputError, match="changed since it was first read"):
        family_files.locate(file)
    (row,) = [row for row in family_files.states() if row["note"]]
    assert (row["name"], row["state"]) == (file.name, family_files.CHANGED)


def test_two_copies_must_agree(cache, made, monkeypatch, tmp_path):
    file = file_of("r1-traces")
    place = put(cache, file, history.contents(file, made))
    family_files.note(place)
    monkeypatch.setenv(family_files.VARIABLE, str(tmp_path / "mine"))
    mine = put(tmp_path / "mine" / family_files.FOLDER, file, history.contents(file, made))
    assert family_files.locate(file) == mine
    mine.write_bytes(mine.read_bytes() + b"\n")
    with pytest.raises(InputError, match="differ; remove the wrong one"):
        family_files.locate(file)


def test_some_of_the_files_are_used_and_the_others_named(cache, made, monkeypatch, tmp_path):
    """A copy has two files of one model, and a file of an unknown condition."""
    monkeypatch.setenv(family_files.VARIABLE, str(tmp_path))
    folder = tmp_path / family_files.FOLDER
    for condition in ("r1-traces", "r1-set-vanilla"):
        put(folder, file_of(condition), history.contents(file_of(condition), made))
    (tmp_path / "trace_check_qa").mkdir()
    (folder / "abcdef12").mkdir()
    (folder / "abcdef12" / "New-Model-sft-adapter-reasoning-r1-poems_default.json").write_text("{}")
    outcomes = family.load()
    assert len(outcomes) == 2 * history.EACH
    covered = family.coverage(outcomes)
    assert covered["here"].sum() == 2
    assert "2 of the 184 files of outputs are" in family.statement(covered)
    assert family_files.unknown() == ["abcdef12/New-Model-sft-adapter-reasoning-r1-poems_default.json"]


def test_nothing_there_is_nothing_loaded(cache):
    outcomes = family.load()
    assert len(outcomes) == 0
    assert "None of the 184 files of outputs is" in family.statement(family.coverage(outcomes))
    with pytest.raises(InputError, match="tracelib release fetch --family"):
        family.SHIPPED.derive(cache / "x.parquet")


def test_facts_come_from_the_prompt_where_the_row_has_none(made, tmp_path):
    """Prompts have the facts in two forms. The prompt's date does not change the problem."""
    first, second, third = made["mix"][:3]
    rows = [
        history.row(first, history.right(first), "13 Jun 2025"),
        history.row(second, history.right(second), "12 Jun 2025"),
        history.row(third, history.right(third)),
    ]
    rows[2]["input"]["text"] = history.prompt(third, "12 Jun 2025", printed=False)
    del rows[1]["facts"], rows[2]["facts"]
    path = tmp_path / "outputs.json"
    path.write_bytes(history.lines(rows))
    found = family.read(file_of("r1-traces"), path)
    assert [output.problem.facts for output in found] == [p.facts for p in (first, second, third)]
    path.write_bytes(history.lines([history.row(p, "Ada", "1 Jan 2026") for p in (first, second, third)]))
    again = family.read(file_of("r1-set-vanilla"), path)
    assert [output.problem.id for output in again] == [output.problem.id for output in found]
    del rows[0]["facts"]
    rows[0]["input"] = {"text": "Hello"}
    path.write_bytes(history.lines(rows))
    with pytest.raises(InputError, match=r"outputs.json:1: no 'facts', and 'input.text' is not the release"):
        family.read(file_of("r1-traces"), path)


def test_how_an_output_ends(made):
    problem = made["mix"][0]
    texts = {
        "tagged": [history.right(problem), "<think>I think so.</think> <answer>Ada"],
        "bare": ["Minister of Defence", "<think>I think so.</think> Ada"],
        "cut": ["<think>I think so. <answer>Ada", "<think>I think so. Now the second", history.cut(problem)],
        "empty": ["", "<think>I think so.</think>"],
    }
    for expected, found in texts.items():
        assert {family.ending(f"assistant\n\n{text}") for text in found} == {expected}


def test_a_trace_that_names_all_facts_is_right_only_by_the_official_metric(problem):
    """The gold answers are Gamma and Delta. The trace also names Beta and Epsilon, and has no answer."""
    silent = [(problem, history.cut(problem)), (problem, history.cut(problem))]
    table = family.scored(history.outputs("m", "r1-traces", silent), {"train": [problem]})
    assert table["answer_official"].all()
    assert not table["answer_corrected"].any()
    assert table["ending"].tolist() == ["cut", "cut"]
    assert table["main_split"].tolist() == ["not found", "not found"]  # looked up by content, not by id


def test_a_problem_of_another_relation_is_named(made):
    file = history.outputs("m", "r1-traces", [(problem, "Ada") for problem in made["mix"][:2]])
    first, second = made["mix"][:2]
    table = family.scored(file, {"train": [first], "test": [replace(second, category="equal")]})
    assert table["main_split"].tolist() == ["train", family.ELSEWHERE]


def test_a_problem_answered_twice_keeps_both_outputs(made, cache):
    file = file_of("r1-traces")
    rows = [history.row(made["mix"][0], history.right(made["mix"][0]))] * 2
    family_files.note(put(cache, file, history.lines(rows)))
    outcomes = family.load()
    first, second = outcomes["item"]
    assert second == f"{first}.2"
    assert outcomes["problem"].nunique() == 1


def test_without_the_main_runs_problems_nothing_is_said_not_found(cache, made, tmp_path):
    """Missing files do not show that a problem does not exist. So nothing is shipped either."""
    for condition in ("r1-traces", "r1-set-vanilla"):
        file = file_of(condition)
        family_files.note(put(cache, file, history.contents(file, made)))
    outcomes = family.load()
    assert outcomes["main_split"].isna().all()
    assert not {"mix", "all"} & set(family_compared.trained_on(outcomes)["category"])
    assert family_compared.problems(outcomes, family_compared.released())["elsewhere"].isna().all()
    with pytest.raises(InputError, match="Of 10 of 10 outputs it is not known whether the main runs have"):
        family.SHIPPED.derive(tmp_path / "x.parquet")
    assert not (tmp_path / "x.parquet").exists()


def test_what_is_not_in_a_part_of_the_main_runs_problems_may_be_in_the_rest(made):
    first, second, third = made["mix"][:3]
    file = history.outputs("m", "r1-traces", [(problem, "Ada") for problem in (first, second, third)])
    part = {"train": [first], "test": [replace(second, category="equal")]}
    assert family.scored(file, part, complete=False)["main_split"].isna().tolist() == [False, True, True]
    assert family.scored(file, part)["main_split"].tolist() == ["train", family.ELSEWHERE, family.NOT_FOUND]


def test_all_of_the_main_runs_problems_tell_what_is_not_found(cache, made, whole):
    file = file_of("r1-traces")
    family_files.note(put(cache, file, history.contents(file, made)))
    found = family_compared.trained_on(family.load()).set_index("category")
    assert found.loc["mix", ["n", "train", "not_found"]].tolist() == [5, 4, 1]
    assert family.unplaced(family.load()) == ""


def test_shipped_outcomes_stand_in_for_files_that_are_not_there(cache, made, monkeypatch, tmp_path, whole):
    shipped = replace(family.SHIPPED, path=tmp_path / "shipped.parquet")
    files = [file_of("r1-traces"), file_of("r1-set-vanilla")]
    for file in files:
        family_files.note(put(cache, file, history.contents(file, made)))
    assert len(shipped.derive()) == 2 * history.EACH
    monkeypatch.setattr(family, "SHIPPED", shipped)
    for file in files:
        (cache / file.name).unlink()
    assert len(family.load()) == 2 * history.EACH
    family_files.note(
        put(cache, files[0], history.lines([history.row(p, history.wrong(p)) for p in made["mix"]]))
    )
    outcomes = family.load()
    assert len(outcomes) == 2 * history.EACH
    assert outcomes.groupby("condition")["answer_corrected"].sum().to_dict() == {
        "r1-set-vanilla": 2,
        "r1-traces": 0,
    }
    assert not {"question", "facts", "gold", "prediction"} & set(outcomes)


def test_the_sampled_rows_of_five_files(release_root, cache, monkeypatch, tmp_path):
    """The first two items of *mix* from the repository, for five conditions of Llama-3.2-1B."""
    monkeypatch.setenv(family_files.VARIABLE, str(tmp_path))
    (tmp_path / "trace_check_qa").mkdir()
    sample = sorted((release_root.parent / "r1" / "family_rows").glob("*.jsonl"))
    by_name = {Path(f.path).stem: f for f in family_files.outputs() if f.relation == "mix"}
    for path in sample:
        place = tmp_path / family_files.FOLDER / by_name[path.stem].name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    outcomes = family.load()
    assert len(sample) == outcomes["condition"].nunique() == 5
    assert (outcomes.groupby("problem")["condition"].nunique() == 5).all()
    assert outcomes["problem"].nunique() == 2
    dates = {
        json.loads(line)["input"]["text"].partition("Today Date: ")[2][:11]
        for path in sample
        for line in path.read_text("utf-8").splitlines()
    }
    assert dates == {"11 Jun 2025", "12 Jun 2025", "13 Jun 2025"}
    by_condition = outcomes.groupby("condition")["ending"].agg(list)
    assert by_condition["r1-traces"] == ["cut", "tagged"]
    assert by_condition["r1-set-vanilla"] == ["bare", "bare"]
    cut = outcomes[outcomes["ending"] == "cut"].iloc[0]
    assert (cut["answer_official"], cut["answer_corrected"], cut["answer_strict"]) == (True, False, False)
    assert not outcomes["answer_corrected"].any()


def test_both_sampled_problems_are_training_problems_of_the_main_runs(release_root):
    (sample,) = (release_root.parent / "r1" / "family_rows").glob("*reasoning-r1-traces_default.jsonl")
    found = family.scored(family.read(file_of("r1-traces"), sample), *family.main_splits())
    assert found["main_split"].tolist() == ["train", "train"]
