import pytest
import yaml

from tests.conftest import ROOT
from tests.reporting.reports import CELLS, as_html, run
from tracelib import __version__
from tracelib.core.errors import InputError
from tracelib.reporting import audit_report as report
from tracelib.reporting import citing
from tracelib.scoring.outcomes import score


def test_a_report_states_how_it_was_made(monkeypatch):
    monkeypatch.setenv(citing.EPOCH, "86400")
    made = citing.made(["audit", "a b.jsonl"])
    assert made.on.isoformat() == "1970-01-02"
    assert made.command == "tracelib audit 'a b.jsonl'"
    found = report.sections(score(run(CELLS)), made=made._replace(commit="abc"))
    paper = found[-1].prose
    assert f"Made by tracelib {__version__}, commit abc on 1970-01-02." in paper
    assert "Command: tracelib audit 'a b.jsonl'" in paper
    assert any("arXiv:2505.13792" in line for line in paper)
    assert as_html(found) == as_html(report.sections(score(run(CELLS)), made=made._replace(commit="abc")))
    monkeypatch.setenv(citing.EPOCH, "yesterday")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH is 'yesterday', expected seconds since 1970"):
        citing.made([])


def test_an_installed_copy_claims_no_commit(monkeypatch, tmp_path):
    monkeypatch.setattr("tracelib.core.provenance.ROOT", tmp_path)
    assert citing.made([]).commit is None


def test_the_references_agree_with_the_citation_file():
    known = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    edition, paper = citing.cite(citing.Made())
    assert known["title"] in edition
    assert known["version"] in edition
    (reference,) = [one for one in known["references"] if one["type"] == "conference-paper"]
    assert reference["title"] in paper
    for author in reference["authors"]:
        assert f"{author['given-names']} {author['family-names']}" in paper
    assert reference["identifiers"][0]["value"] in paper


def test_the_methods_paragraph_describes_only_what_was_done():
    short, long = (citing.methods(["exact"], traces, True, True) for traces in (False, True))
    assert "A trace is right" in long
    assert "A trace is right" not in short
    assert "CoTempQA" not in short
    assert "Holm" not in citing.methods(["exact"], True, False, False)
