"""Copied answers, by hand: the second and third facts of the problem are gold."""

from dataclasses import replace

import pytest

from tracelib.analysis.copying import is_copied
from tracelib.core.pylist import listed
from tracelib.scoring.outputs import Output
from tracelib.traces.format import render


@pytest.mark.parametrize(
    ("fact", "answer", "expected"),
    [
        ("Ada works for Gamma from 1940 to 1960.", "Gamma", True),
        ("Ada works for Gamma from 1940 to 1960.", "Delta", False),
        ("Ada works for Epsilon from 1980 to 1990.", "Epsilon", True),  # wrong, yet copied
        ("nothing of the context", "Gamma", None),
    ],
)
def test_an_answer_is_copied_if_the_cited_facts_give_it(problem, fact, answer, expected):
    text = render(replace(problem, gold=(answer,)), "mix", listed([fact]))
    assert is_copied(Output(problem, text)) is expected
