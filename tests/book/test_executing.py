"""One notebook executed: changes to it before it is shown, and what is said where it fails."""

import subprocess
import sys

import nbformat
import pytest

from tracelib.book import executing
from tracelib.core.errors import InputError


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
    executing._finish(path)
    cells = nbformat.read(path, as_version=4).cells
    assert cells[1].metadata["mystnb"]["image"]["alt"] == "A dot, 3 points above zero."


def test_an_alt_text_that_names_what_is_not_there_stops_the_build(tmp_path):
    with pytest.raises(InputError, match="names 'unseen'"):
        executing._finish(executed(tmp_path, "A dot, {glue:text}`unseen`."))


def test_what_a_kernel_says_of_itself_is_kept_apart(tmp_path, capfd):
    path = tmp_path / "a.kernel.txt"
    with executing._stderr_to(path):
        subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('Traceback of a socket')"])
    print("ours", file=sys.stderr)
    assert path.read_text() == "Traceback of a socket"
    assert capfd.readouterr().err == "ours\n"
    with executing._stderr_to(path):
        pass
    assert not path.exists()
