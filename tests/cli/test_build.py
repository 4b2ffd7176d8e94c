from tests.cli.conftest import run
from tracelib.book import build


def test_building_needs_a_checkout(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    status, _, err = run(capsys, "build", "smoke")
    assert status == 2
    assert "needs a checkout of the project" in err
