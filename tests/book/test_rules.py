"""Changes to an executed notebook before it goes into the book."""

import json
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.book.explorer.test_sources import run
from tracelib.book import publishing, rules
from tracelib.core import seals
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER


def executed(folder, alt: str):
    """A notebook with one glued text and one figure, as papermill leaves it."""
    data = {"application/papermill.record/text/plain": "'3 points above zero'"}
    glue = nbformat.v4.new_output("display_data", data=data, metadata={"scrapbook": {"name": "seen"}})
    cells = [
        nbformat.v4.new_code_cell("glue('seen', ...)", outputs=[glue]),
        nbformat.v4.new_code_cell("figure", metadata={"mystnb": {"image": {"alt": alt}}}),
    ]
    path = folder / "chapter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_an_alt_text_gets_the_numbers_that_the_chapter_computed(tmp_path):
    path = executed(tmp_path, "A dot, {glue:text}`seen`.")
    rules._finish(path)
    cells = nbformat.read(path, as_version=4).cells
    assert cells[1].metadata["mystnb"]["image"]["alt"] == "A dot, 3 points above zero."


def test_an_alt_text_that_names_what_is_not_there_stops_the_build(tmp_path):
    with pytest.raises(InputError, match="names 'unseen'"):
        rules._finish(executed(tmp_path, "A dot, {glue:text}`unseen`."))


def test_what_a_kernel_says_of_itself_is_kept_apart(tmp_path, capfd):
    path = tmp_path / "a.kernel.txt"
    with rules._stderr_to(path):
        subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('Traceback of a socket')"])
    print("ours", file=sys.stderr)
    assert path.read_text() == "Traceback of a socket"
    assert capfd.readouterr().err == "ours\n"
    with rules._stderr_to(path):
        pass
    assert not path.exists()


def test_the_explorer_s_files_are_sealed_and_have_the_runs_of_the_key(twins, tmp_path, monkeypatch):
    monkeypatch.setenv(publishing.PUBLIC, "1")
    (tmp_path / "data").mkdir()
    shutil.copy(PAPER / "release_outcomes.parquet", tmp_path / "data")
    for name in ("mine-correct-s1", "of-an-earlier-profile-correct-s1"):
        run(tmp_path / "runs" / name, twins[:3], "cotempqa-twin")
    key, done = tmp_path / "key.json", tmp_path / "explorer.done"
    key.write_text(json.dumps({"parameters": {"run_names": ["mine-correct-s1"]}}))
    rules.explorer(str(key), str(tmp_path), str(done))
    assert seals.is_whole(tmp_path / "explorer", done)
    index = (tmp_path / "explorer" / "index.js").read_text("utf-8")
    assert '"setting":"mine"' in index
    assert "earlier" not in index
    assert twins[0].question in index
