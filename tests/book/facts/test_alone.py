"""Every chapter's facts without a build: what ships stands in, and a printed line says so."""

import pytest

from tracelib.book import build, contents
from tracelib.book.declared import declared
from tracelib.core import keys

RELEASE = "no build has written {work}/data; the outcomes that ship with the package are used"
RUNS = "{work}/runs: no run"
SLOW = ("claims", "forest", "hurt", "interventions", "natural", "power", "ratings", "results", "tiny-grid")


def collected(name: str, work: str) -> dict:
    """The names that a chapter's opening cell makes, with its own parameters and this work folder."""
    given = {key: known.default for key, known in declared(contents.notebook(name)).items()} | {"work": work}
    code = [source for kind, source, _ in keys.notebook_source(contents.notebook(name)) if kind == "code"]
    opening = next(source for source in code if "opening.begin(" in source)
    exec(opening, given)
    return given


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.nightly] if name in SLOW else []) for name in contents.chapters()],
)
def test_a_chapter_needs_no_build(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    work = str(tmp_path / "work" / "laptop")
    made = collected(name, work)
    assert "found" in made or name == "architecture"
    said = capsys.readouterr().out.splitlines()
    of_runs = [line for line in said if line.startswith(RUNS.format(work=work))]
    assert len(of_runs) == (name in build.RUN_CHAPTERS)
    assert said.count(RELEASE.format(work=work)) <= 1
    assert not list(tmp_path.iterdir())
