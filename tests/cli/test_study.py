"""The commands of the human study that end by themselves; served ones are in tests/study."""

import re
import subprocess
import sys

import pandas as pd
import pytest

from tests.cli.conftest import run
from tests.study.conftest import SMALL
from tests.test_repository import PYPROJECT, normal
from tracelib.core import extras
from tracelib.study import config, materials, store


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def database(study_file, tmp_path):
    study = config.load(str(study_file)).study
    made = store.create(f"sqlite:///{tmp_path}/mine.sqlite", study, lambda: materials.draw(study))
    made.begin("a", "5f0c")
    made.close()
    return tmp_path / "mine.sqlite"


def test_preview_writes_every_page_to_one_file(capsys, study_file, tmp_path):
    out = tmp_path / "pages.html"
    assert run(capsys, "study", "preview", study_file, "--out", out) == (0, f"8 pages -> {out}\n", "")
    assert out.read_text().count('class="sheet"') == 8


def test_preview_needs_no_set_up_and_says_what_stands_in(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    status, out, err = run(capsys, "study", "preview", "--out", tmp_path / "pages.html")
    assert status == 0
    assert out.startswith("14 pages -> ")
    assert err == (
        "tracelib: note: R1's texts are not here: expected a sample, r1/traces.jsonl, in the folder of "
        "TRACELIB_DATA, or R1's own files, which `tracelib release fetch --family` gets; simulated texts "
        "stand in\n"
    )
    assert "simulated: R1" in (tmp_path / "pages.html").read_text()


def test_export_writes_tables_and_counts_them(capsys, database, tmp_path):
    status, out, err = run(capsys, "study", "export", database, tmp_path / "data", "--ids")
    assert (status, err) == (0, "")
    assert "0 answers, 1 participants, 8 materials" in out
    assert list(pd.read_csv(tmp_path / "data" / "ids.csv")["external"]) == ["5f0c"]


def test_forget_deletes_and_says_what(capsys, database):
    assert run(capsys, "study", "forget", database, "nobody")[0] == 2
    assert run(capsys, "study", "forget", database, "5f0c") == (
        0,
        "the id and all its answers are deleted\n",
        "",
    )
    assert run(capsys, "study", "forget", database, "--all-ids")[1] == "0 ids deleted; all answers are kept\n"


def test_preregister_writes_markdown(capsys, study_file, tmp_path):
    out = tmp_path / "plan.md"
    assert run(capsys, "study", "preregister", study_file, out)[:2] == (0, f"preregistration -> {out}\n")
    assert out.read_text().startswith("# Preregistration: Reading how a language model reasons")


def test_bad_input_is_one_line(capsys, study_file, database, tmp_path):
    study_file.write_text(SMALL.replace("minutes", "minuets").replace("contact:", "kontact:"))
    for command in (["serve", study_file, "--port", "0"], ["preview", study_file], ["demo", study_file]):
        status, out, err = run(capsys, "study", *command)
        assert (status, out) == (2, "")
        assert err.startswith(f"tracelib: error: {study_file}:2: unknown key 'kontact'")
    study_file.write_text(SMALL.replace("pages: 4", "pages: 2"))
    status, _, err = run(capsys, "study", "serve", study_file, "--database", database, "--port", "0")
    assert status == 2
    assert "another version of this study (changed: ratings)" in err
    status, _, err = run(capsys, "study", "export", tmp_path / "absent.sqlite", tmp_path / "data")
    assert status == 2
    assert "no such database" in err
    assert not (tmp_path / "data").exists()


def test_a_study_with_placeholders_is_not_served(capsys):
    for command in ("serve", "demo"):
        status, _, err = run(capsys, "study", command, "trust")
        assert status == 2
        assert "still has [your name, institution, e-mail]; fill it in" in err


def test_the_extra_is_enough_for_the_study():
    """Of the packages that pyproject.toml names, the study loads only those of the base and of its extra."""
    modules = ("app", "export", "materials", "preregistration", "serving", "store")
    imports = "".join(f"import tracelib.study.{name}\n" for name in modules)
    code = f"import sys\n{imports}print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {extras.package_of(name) for name in done.stdout.split()}
    project = PYPROJECT["project"]
    groups = {"base": project["dependencies"], **project["optional-dependencies"]}
    names = {
        extra: {normal(re.match(r"[\w.-]+", entry)[0]) for entry in group} for extra, group in groups.items()
    }
    enough = names["base"] | names["study"]
    assert loaded & set().union(*names.values()) <= enough
    assert {"fastapi", "itsdangerous", "pydantic", "pyyaml", "segno", "sqlalchemy", "uvicorn"} <= loaded
