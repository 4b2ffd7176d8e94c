"""Glued values reach the notebook's outputs, by name and in order."""

from tracelib.book import gluing


def test_each_value_is_glued_under_its_name_and_not_displayed(monkeypatch):
    calls = []
    monkeypatch.setattr(gluing, "glue", lambda name, value, display: calls.append((name, value, display)))
    gluing.glue_all({"n": 3, "share": "20.0 [5.7, 51.0]"})
    assert calls == [("n", 3, False), ("share", "20.0 [5.7, 51.0]", False)]
