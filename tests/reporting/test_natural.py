from dataclasses import replace

from tests.scoring.natural.conftest import made
from tests.scoring.natural.test_verify import EXAMPLE
from tracelib.reporting import natural
from tracelib.scoring.natural.verify import Span


def test_pieces_are_cut_where_spans_begin_and_end():
    spans = [
        Span(2, 6, "claim", "no", "a"),
        Span(4, 8, "citation", "altered", "b"),
        Span(0, 10, "hedging", "", "c"),
    ]
    found = list(natural.pieces("0123456789", spans))
    assert [(piece.text, piece.kinds) for piece in found] == [
        ("01", "hedging"),
        ("23", "hedging claim no"),
        ("45", "hedging claim citation no altered"),
        ("67", "hedging citation altered"),
        ("89", "hedging"),
    ]
    assert [piece.labels for piece in found] == [(), (), ("a: no",), ("b, altered",), ()]
    assert found[2].why == "c; a; b"


def test_a_text_without_spans_is_one_piece():
    assert [piece.text for piece in natural.pieces("abc", [])] == ["abc"]
    assert list(natural.pieces("", [])) == []


def test_the_page_shows_the_whole_trace_with_its_verdict():
    page = natural.page([(made(), EXAMPLE)])
    assert '<mark class="citation reworded"' in page
    assert "[fact 2 before fact 0: yes]" in page
    assert "(the question's event)" in page.replace("&#39;", "'")
    assert "follows: no" in page


def test_nothing_of_a_text_is_run_and_long_traces_are_cut(monkeypatch):
    evil = '<script>alert(1)</script></mark><img src=x onerror=y>\u202e\x1b[31m " onclick="z'
    problem = replace(made(), question=evil, facts=(*made().facts, f"{evil} attended X in 1990."))
    page = natural.page([(problem, f"{evil} Judge: 1992 to 1996. {evil}")])
    assert "<script>" not in page
    assert "<img" not in page
    assert 'onclick="z' not in page.replace("&#34;", "'").replace("&quot;", "'")
    assert "\u202e" not in page
    assert "\x1b" not in page
    monkeypatch.setattr(natural, "LONGEST", 10)
    assert "The trace goes on." in natural.page([(made(), EXAMPLE)])


def test_a_draw_keeps_the_order_and_the_number(twins):
    texts = [(twin, "") for twin in twins]
    chosen = natural.drawn(texts, 5, seed=1)
    assert chosen == natural.drawn(texts, 5, seed=1)
    assert [texts.index(one) for one in chosen] == sorted(texts.index(one) for one in chosen)
    assert len(chosen) == 5
    assert natural.drawn(texts[:3], 5, seed=1) == texts[:3]
