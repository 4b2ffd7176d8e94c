"""The jobs of the graph: what each writes."""

import json
import shutil

from tests.book.explorer.test_sources import run
from tests.conftest import ROOT
from tracelib.book import publishing, rendering, rules
from tracelib.core import seals
from tracelib.core.paths import PAPER


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


def test_the_button_of_a_page_downloads_the_chapter_s_own_notebook(tmp_path):
    sources = tmp_path / "_sources"
    for name in ("notebooks/joint.ipynb", "book/rerun.md"):
        (sources / name).parent.mkdir(parents=True)
        (sources / name).write_text("as the build left it")
    rendering.offer_own_notebooks(tmp_path)
    assert (sources / "notebooks/joint.ipynb").read_bytes() == (ROOT / "notebooks/joint.ipynb").read_bytes()
    assert (sources / "book/rerun.md").read_text() == "as the build left it"
