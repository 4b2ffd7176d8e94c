"""The twins' problems must not change, because trained models and shipped tables depend on them."""

import hashlib
import json
from dataclasses import astuple

import pytest

from tracelib.datasets.babi import twin as babi
from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.datasets.marco import twin as marco

GOLDEN = [  # hashes of 200 problems, seed 3
    (cotempqa, {}, "8b23c7583877abd4"),
    (cotempqa, {"facts": 4}, "c04f4beb9b025dab"),
    (cotempqa, {"facts": 14, "entities": 6, "near": 0.7}, "b12e3c4c9399e1c3"),
    (cotempqa, {"granularities": ("year",), "first_year": 1800}, "332e4726029d6798"),
    (babi, {}, "494595215b75ec1e"),
    (babi, {"facts": 5}, "e3835013d698dbf4"),
    (babi, {"facts": 20, "people": 7, "objects": 5}, "62cdc0d97ef4476b"),
    (babi, {"categories": ("counting", "lists-sets")}, "a23b363327fb9f60"),
    (marco, {}, "7be5d56a6212d2b4"),
    (marco, {"passages": 3}, "6ef7c34762251a58"),
    (marco, {"passages": 10, "sentences": 5}, "da6ca9f93f92b8c7"),
    (marco, {"unanswerable": 0.0, "second": 0.5}, "7149c2ad3a24b448"),
]


@pytest.mark.parametrize(("twin", "settings", "expected"), GOLDEN)
def test_problems_are_the_same_as_ever(twin, settings, expected):
    problems = twin.generate(200, 3, twin.Knobs(**settings))
    text = json.dumps([astuple(problem) for problem in problems], ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == expected
