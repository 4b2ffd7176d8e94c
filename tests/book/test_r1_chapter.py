"""The chapter on R1, executed without outputs and with made outputs."""

import re

import pytest

from tests.chapters import executed, glued, shown
from tests.paper import history
from tracelib.datasets import family_files, release_files

pytestmark = pytest.mark.slow


def without_release(folder, monkeypatch):
    """No local copy, no network, an empty cache."""
    monkeypatch.delenv(family_files.VARIABLE, raising=False)
    monkeypatch.setenv(release_files.ADDRESS, "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


def test_without_outputs_it_rests_on_totals_and_says_how_to_get_them(tmp_path, monkeypatch):
    without_release(tmp_path, monkeypatch)
    found = glued(chapter := executed("r1", tmp_path))
    assert found["here"].startswith("None of the 184 files")
    assert found["summary-l1"] == "13.0 [7.9, 18.0]"
    assert found["vanilla-l8"] == "-16.4 [-20.4, -12.2]"
    assert (found["cut-longer"], found["cut-official"]) == ("51 of 113", "33 of 44")
    assert (found["read-own"], found["read-mix"]) == ("20 of 82", "16 of 16")
    assert found["other-summary-l8"] == "-5.4 [-9.8, -1.0]"
    assert found["unplaced"] == ""
    assert found["reproduced"] == "No stated accuracy is checked here."
    page = shown(chapter)
    assert "only first, only second right" not in page
    assert "if they differ on the fewest items" in page
    prose = "".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    assert "`tracelib release fetch --family` gets them" in prose


def test_with_outputs_it_compares_problem_by_problem(tmp_path, monkeypatch):
    without_release(tmp_path, monkeypatch)
    made = history.problems()
    for file in family_files.outputs():
        place = family_files.cache() / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(history.contents(file, made))
        family_files.note(place)
    found = glued(chapter := executed("r1", tmp_path))
    assert found["here"] == "All 184 files of outputs are in this build."
    assert "of 182 stated accuracies" in found["reproduced"]
    assert found["unplaced"].startswith("Of 560 of 560 outputs it is not known")
    page = shown(chapter)
    assert "not_found" not in page  # the main runs' problems are not here
    # 20 problems per run: 4 in 5 are right with R1's trace, 2 in 5 without it, so 8 only with it
    assert page.count("<td>8, 0</td>") == 24 + 24 + 12
    assert re.search(r"40\.0 (<[^>]*>)?\[", page)
    assert "no problem that all runs answered" in page  # the released runs have other problems
