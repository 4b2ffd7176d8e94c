import json
import os

import pytest

from tests.conftest import ROOT
from tracelib.core import keys
from tracelib.core.files import InputError


def notebook(path, code, output=""):
    cells = [
        {"cell_type": "markdown", "source": ["text"], "metadata": {}},
        {"cell_type": "code", "source": code, "outputs": [output], "execution_count": 3, "metadata": {}},
    ]
    path.write_text(json.dumps({"cells": cells}))
    return path


def test_the_closure_follows_imports_through_modules_and_functions(tmp_path):
    path = notebook(
        tmp_path / "n.ipynb", "%matplotlib inline\nfrom tracelib.reporting import tables\nimport pandas"
    )
    found = set(keys.closure(path))
    assert {
        "tracelib",
        "tracelib.reporting.tables",
        "tracelib.scoring.outcomes",
        "tracelib.scoring.metrics",
        "tracelib.stats",
    } <= found
    assert "tracelib.training.sft" not in found
    assert not [name for name in found if name.startswith("tracelib.cli")]


def test_imports_inside_functions_count():
    assert "tracelib.paper.release" in keys.closure(ROOT / "tracelib" / "book" / "rules.py")


def test_outputs_of_a_notebook_do_not_change_its_source(tmp_path):
    first = keys.notebook_source(notebook(tmp_path / "a.ipynb", "x = 1", output="one"))
    second = keys.notebook_source(notebook(tmp_path / "b.ipynb", "x = 1", output="two"))
    assert first == second
    assert first != keys.notebook_source(notebook(tmp_path / "c.ipynb", "x = 2"))


def test_captions_and_tags_are_part_of_a_notebook(tmp_path):
    plain, captioned = (json.loads(notebook(tmp_path / "a.ipynb", "x = 1").read_text()) for _ in range(2))
    captioned["cells"][0]["metadata"] = {"mystnb": {"figure": {"caption": "Seen in the book."}}}
    for name, content in (("b", plain), ("c", captioned)):
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(content))
    assert keys.notebook_source(tmp_path / "b.ipynb") != keys.notebook_source(tmp_path / "c.ipynb")


def test_a_key_depends_on_each_of_its_parts():
    path = ROOT / "notebooks" / "joint.ipynb"
    base = keys.key(path, {"work": "a"})
    assert base == keys.key(path, {"work": "a"})
    assert base != keys.key(path, {"work": "b"})
    assert base != keys.key(path, {"work": "a"}, data="other")
    assert base["lock"] == keys.sha256(ROOT / "constraints.txt")
    assert base["assets"]  # the chapter reads the release
    assert "commit" not in json.dumps(base)


def test_weights_of_a_folder_are_its_files(tmp_path):
    assert keys.weights("owner/name@abc") is None
    assert len(keys.weights("tiny-base")) == 64
    (tmp_path / "model.safetensors").write_bytes(b"1")
    one = keys.weights(str(tmp_path))
    (tmp_path / "tokenizer.json").write_text("{}")
    two = keys.weights(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"2")
    three = keys.weights(str(tmp_path))
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    four = keys.weights(str(tmp_path))
    assert len({one, two, three, four}) == 4
    (tmp_path / "README.md").write_text("what it is for")
    assert keys.weights(str(tmp_path)) == four


def test_no_notebook_but_the_experiment_depends_on_training():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert ("tracelib.training.sft" in keys.closure(path)) == (path.stem == "experiment")


def test_a_key_file_is_written_only_when_it_changes(tmp_path):
    path = tmp_path / "k.json"
    keys.store(path, {"a": 1})
    os.utime(path, (1, 1))
    keys.store(path, {"a": 1})
    assert path.stat().st_mtime == 1
    keys.store(path, {"a": 2})
    assert path.stat().st_mtime > 1


def test_broken_files_are_named(tmp_path):
    path = tmp_path / "bad.ipynb"
    path.write_text("{}")
    with pytest.raises(InputError, match=r"bad.ipynb: not a notebook"):
        keys.closure(path)
    with pytest.raises(InputError, match=r"bad2.ipynb:1: not Python"):
        keys.closure(notebook(tmp_path / "bad2.ipynb", "x ="))
