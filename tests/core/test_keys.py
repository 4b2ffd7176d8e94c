import json
import os
import re

import pytest

from tests.conftest import ROOT
from tracelib.core import keys
from tracelib.core.errors import InputError


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


def test_templates_are_part_of_what_is_made_from_them():
    assert "document.html" in keys.key(ROOT / "tracelib" / "reporting" / "document.py", {})["assets"]
    assert "document.html" not in keys.key(ROOT / "tracelib" / "reporting" / "writing.py", {})["assets"]


def test_modules_that_are_named_as_text_are_there_and_read_something():
    for name, (folder, kind) in keys.READ.items():
        assert ROOT.joinpath(*name.split(".")).with_suffix(".py").is_file(), name
        assert list(folder.glob(kind)), name


CODE = '''"""A module."""


class C:
    """A class."""

    a: int
    """A field."""


def f(x):
    """A function."""
    return x + 1  # why
'''


@pytest.mark.parametrize(
    ("reworded", "same", "same_documented"),
    [
        (CODE.replace("# why", "# because"), True, True),
        (CODE.replace("\n\n\n", "\n"), True, True),
        (CODE.replace("A function", "Another"), True, False),
        (CODE.replace("A class", "Another"), True, False),
        (CODE.replace("A field", "Another"), True, False),
        (CODE.replace("a: int", "a: float"), False, False),
        (CODE.replace('"""A module."""', ""), True, False),
        (CODE.replace("+ 1", "+ 2"), False, False),
        (CODE.replace("return", '"no docstring"; return'), False, False),
    ],
)
def test_the_words_of_a_module_are_no_part_of_its_hash(tmp_path, reworded, same, same_documented):
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text(reworded)
    for docstrings, expected in ((False, same), (True, same_documented)):
        first, second = (keys.source_hash(tmp_path / name, docstrings) for name in ("a.py", "b.py"))
        assert (first == second) is expected


def test_docstrings_are_read_by_two_modules_and_by_no_run():
    reading = re.compile("__doc__|getsource")
    sources = {path: path.read_text("utf-8") for path in (ROOT / "tracelib").rglob("*.py")}
    readers = {path for path, source in sources.items() if reading.search(source)}
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in readers}
    assert names == keys.DOCSTRINGS
    assert "tracelib.traces.described" in keys.closure(ROOT / "notebooks" / "conditions.ipynb")
    assert "tracelib.experiments.parameters" in keys.closure(ROOT / "notebooks" / "status.ipynb")
    assert keys.DOCSTRINGS.isdisjoint(keys.closure(ROOT / "notebooks" / "experiment.ipynb"))


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
