"""The buttons of the pages: none without the address of a repository."""

import re
import subprocess
import sys

import nbformat
import pytest
import yaml

from tests.conftest import ROOT
from tracelib.book import publishing, rendering
from tracelib.core.errors import InputError

SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text())


def written(folder) -> dict:
    rendering.write_settings(folder / "_config.yml")
    return yaml.safe_load((folder / "_config.yml").read_text())


def test_without_an_address_the_book_has_no_such_buttons(tmp_path, monkeypatch):
    monkeypatch.delenv(publishing.REPOSITORY, raising=False)
    assert written(tmp_path) == SETTINGS
    assert not {"repository_url", "launch_buttons"} & set(SETTINGS["sphinx"]["config"]["html_theme_options"])


@pytest.mark.parametrize(
    ("address", "branch"),
    [
        ("https://github.com/some-one/the.edition", "main"),
        ("https://github.com/some-one/the.edition.git", "main"),
        ("https://github.com/some-one/the.edition/", "main"),
        ("https://github.com/some-one/the.edition/tree/v1.0/fix", "v1.0/fix"),
    ],
)
def test_an_address_gives_the_buttons_and_leaves_the_rest(tmp_path, monkeypatch, address, branch):
    monkeypatch.setenv(publishing.REPOSITORY, address)
    made = written(tmp_path)
    options = made["sphinx"]["config"]["html_theme_options"]
    assert options.pop("repository_url") == "https://github.com/some-one/the.edition"
    assert options.pop("repository_branch") == branch
    assert set(options.pop("launch_buttons")) == {"notebook_interface", "binderhub_url", "colab_url"}
    assert made == SETTINGS


@pytest.mark.parametrize(
    "address", ["github.com/a/b", "https://github.com/a", "https://gitlab.com/a/b", "x y"]
)
def test_another_address_is_named_with_what_was_expected(tmp_path, monkeypatch, address):
    monkeypatch.setenv(publishing.REPOSITORY, address)
    with pytest.raises(InputError, match="TRACELIB_REPOSITORY: expected https"):
        written(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_buttons_open_the_notebook_of_the_repository(tmp_path, monkeypatch):
    monkeypatch.setenv(publishing.REPOSITORY, "https://github.com/some-one/edition/tree/next")
    for bibliography in written(tmp_path)["bibtex_bibfiles"]:
        (tmp_path / bibliography).parent.mkdir(exist_ok=True)
        (tmp_path / bibliography).touch()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: notebooks/joint\n")
    (tmp_path / "notebooks").mkdir()
    language = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_markdown_cell("# What is the 28%?"), nbformat.v4.new_code_cell("1 + 1")]
    book = nbformat.v4.new_notebook(cells=cells, metadata=language)
    nbformat.write(book, tmp_path / "notebooks" / "joint.ipynb")
    program = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    built = subprocess.run(
        [sys.executable, "-c", program, "build", str(tmp_path)], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    page = (tmp_path / "_build" / "html" / "notebooks" / "joint.html").read_text("utf-8")
    links = set(re.findall(r'href="(https://[^"]*some-one[^"]*)"', page))
    place = "next/notebooks/joint.ipynb"
    assert f"https://colab.research.google.com/github/some-one/edition/blob/{place}" in links
    binder = "https://mybinder.org/v2/gh/some-one/edition/next?urlpath=lab/tree/notebooks/joint.ipynb"
    assert binder in links
    assert SETTINGS["sphinx"]["config"]["html_theme_options"]["extra_footer"] in page
    assert not re.findall(r'<(?:img|script)[^>]*src="https://', page)
