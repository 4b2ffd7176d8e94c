import pytest

from tracelib.bench import natural


def test_the_rate_counts_traces_of_300_words_and_the_shares_add_up(monkeypatch):
    monkeypatch.setattr(natural, "TRACES", 5)
    figures = natural.run(quick=True)
    assert figures["natural_verify_per_s"] > 0
    assert figures["natural_words"] > 100
    shares = [value for name, value in figures.items() if name.startswith("natural_share_")]
    assert len(shares) == 5
    assert sum(shares) == pytest.approx(1, abs=0.03)
    assert min(shares) >= 0


def test_longer_traces_count_more(monkeypatch):
    monkeypatch.setattr(natural, "TRACES", 2)
    monkeypatch.setattr(natural.timing, "best", lambda work, passes: 10 * work())
    monkeypatch.setattr(natural, "_shares", lambda texts: {})
    figures = natural.run(quick=True)
    assert figures["natural_verify_per_s"] == pytest.approx(20 * figures["natural_words"] / 300, abs=1)
