import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core import terminal

HOSTILE = st.text(st.sampled_from("ab 1;m\x1b[]?\\\x07\x9b\x9d\n\t\r\u202e\u2066\x7f\x00"), max_size=40)


@pytest.fixture
def in_a_terminal(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢 text", "plain é 漢 text"),
        ("two\nlines\r\nthree\ttabbed", "two\nlines\nthree tabbed"),
        ("\x1b[31mred\x1b[0m", "red"),  # colour
        ("a\x1b[2J\x1b[1;1Hb", "ab"),  # clears the screen
        ("a\x1b]0;a title\x07b", "ab"),  # names the window
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x1b]0;never closed", "a0;never closed"),
        ("a\x1bcb", "ab"),  # resets the terminal
        ("a\x1b(0b", "ab"),  # another character set
        ("a\x1b\x1b[0m[31mb", "a[31mb"),  # the rest must not form a sequence again
        ("a\x9b31mb\x7f\x00", "a31mb"),
        ("user\u202etxt.exe\u2066", "usertxt.exe"),  # shown in reverse
        ("a\u2028b", "a b"),
    ],
)
def test_what_controls_a_terminal_is_taken_out(text, shown):
    assert terminal.plain(text) == shown


@given(HOSTILE)
def test_plain_text_has_no_control_character_and_stays_plain(text):
    shown = terminal.plain(text)
    assert all(character == "\n" or character.isprintable() for character in shown)
    assert terminal.plain(shown) == shown


def test_one_line():
    assert terminal.one_line("a\n  b\t\x1b[1mc\n") == "a b c"


@given(st.dictionaries(st.text(), HOSTILE))
def test_escaped_json_has_the_same_values(value):
    text = terminal.escaped(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(text) == value
    assert terminal.plain(text) == text


def test_long_texts_are_cut_and_say_so():
    assert terminal.bounded("abc", most=3) == "abc"
    assert terminal.bounded("abcd efgh", most=5) == "abcd [... 4 more characters]"
    (line,) = terminal.wrapped("x" * 5000, 10_000)
    assert line == "x" * 4000 + " [... 1,000 more characters]"


def test_the_width_is_the_terminals_within_bounds(monkeypatch):
    for columns, width, column in ((100, 100, 100), (20, 40, 40), (9999, 240, 118), (120, 120, 58)):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert (terminal.width(), terminal.column_width()) == (width, column)


def test_wrapped_lines_hang_below_their_label():
    assert terminal.wrapped("one two three\nfour", 12, "ab  ") == ["ab  one two", "    three", "    four"]
    assert terminal.wrapped("", 12, "ab  ") == ["ab"]
    assert terminal.wrapped("well-known words", 12) == ["well-known", "words"]
    assert terminal.wrapped("a\n\nb", 12) == ["a", "", "b"]


@given(HOSTILE, st.integers(10, 30))
def test_no_line_is_too_long_and_no_letter_is_lost(text, columns):
    lines = terminal.wrapped(text, columns, "label ")
    assert all(len(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "label" + "".join(terminal.plain(text).split())


def test_colours_need_a_terminal(monkeypatch, in_a_terminal):
    assert terminal.painted("right", "bold", "green") == "\x1b[1m\x1b[32mright\x1b[0m"
    assert terminal.painted("right") == "right"
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.painted("right", "green") == "right"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert terminal.painted("right", "green") == "right"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert terminal.painted("right", "green") == "right"


def test_a_wide_terminal_has_two_columns(monkeypatch, in_a_terminal):
    blocks = [["a", terminal.painted("b", "red")], ["c"], ["d"]]
    monkeypatch.setenv("COLUMNS", "119")
    assert terminal.side_by_side(blocks) == ["a", "\x1b[31mb\x1b[0m", "", "c", "", "d"]
    monkeypatch.setenv("COLUMNS", "120")  # two columns of 58, and 3 between them
    wide = terminal.side_by_side([["a"], [terminal.painted("b", "red"), "e"], ["d"]])
    assert wide == ["a" + " " * 60 + "\x1b[31mb\x1b[0m", " " * 61 + "e", "", "d"]
    left = terminal.side_by_side(blocks)
    assert left[:2] == ["a" + " " * 60 + "c", "\x1b[31mb\x1b[0m"]


def test_without_a_terminal_lines_have_80_columns(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: (_ for _ in ()).throw(OSError()))
    assert terminal.width() == 80
