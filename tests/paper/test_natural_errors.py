"""Errors of natural traces, by hand."""

import pandas as pd
import pytest

from tests.paper.test_natural_compared import ROW
from tracelib.paper import natural_annotations, natural_errors, natural_structure
from tracelib.paper.natural_errors import ERRORS
from tracelib.scoring.natural.annotation import STYLES, Annotation

NO_STYLES = dict.fromkeys(STYLES, frozenset())


def reading(relation, answers, claims, altered=False):
    citations = {(0, 0): False, (1, 1): altered}
    return Annotation(frozenset([0]), citations, claims, relation, frozenset(answers), "yes", NO_STYLES)


def numbers(table):
    return table[list(ERRORS)].astype(int).to_numpy().tolist()


def test_errors_of_readings(monkeypatch):
    """The first trace is right. The second errs in relation, facts, date, comparison and shared time."""
    right = reading("shared", [1], {(1, 1): ("equal", "yes", "right")})
    wrong = reading(
        "during", [2], {(1, 2): ("within", "no", "wrong"), (2, 3): ("before", "yes", "none")}, True
    )
    confirmed = reading("during", [1], {(1, 1): ("within", "yes", "none"), (1, 2): ("after", "no", "none")})
    judged = {"a": right, "b": wrong, "c": confirmed}
    monkeypatch.setattr(
        natural_annotations,
        "judged",
        lambda table: dict.fromkeys(natural_errors.READINGS, judged) | {"rules, frozen": {}},
    )
    table = pd.DataFrame([ROW | {"kind": "r1", "problem": problem} for problem in judged])
    found = natural_errors.of_readings(table)
    assert found["source"].tolist() == ["first reading"] * 3 + ["second reading"] * 3
    assert numbers(found.head(3)) == [[0] * 7, [1, 1, 1, 1, 1, 0, 0], [1, 0, 0, 1, 0, 0, 0]]
    assert found["confirmed"].tolist()[:3] == [False, False, True]


def test_errors_that_the_rules_find():
    changes = [
        {},
        {"relation": "mix", "answers": "1 2", "altered": 2, "refuted": 3, "refuted_answers": 1, "outside": 1},
        {"relation": "none", "answers": ""},
        {"relation": "overlap"},
    ]
    table = pd.DataFrame(
        [ROW | {"kind": "r1", "problem": str(place)} | one for place, one in enumerate(changes)]
        + [ROW | {"kind": "correct", "problem": "0", "relation": "mix"}]
    )
    found = natural_errors.of_rules(table, "r1", "rules")
    assert numbers(found) == [[0] * 7, [1, 1, 2, 3, 0, 1, 0], [0, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 0]]
    assert found["confirmed"].tolist() == [False, False, False, True]

    rates = natural_errors.rates(found).set_index("error")
    assert rates.loc["comparison", ["errors", "estimate", "n"]].tolist() == [3, 0.25, 4]
    shares = natural_errors.shares(found).set_index("quantity")
    assert shares["estimate"].tolist() == pytest.approx([3 / 10, 3 / 7, 1 / 4, 3 / 4])
    assert shares["n"].tolist() == [3, 3, 4, 4]


def test_traces_without_an_error_give_no_share_of_errors():
    table = pd.DataFrame([ROW | {"kind": "r1", "problem": str(place)} for place in range(3)])
    shares = natural_errors.shares(natural_errors.of_rules(table, "r1", "rules")).set_index("quantity")
    assert pd.isna(shares.loc["injected", "estimate"])
    assert shares.loc["wrong step", "estimate"] == 0


def test_the_annotated_traces():
    """The two readings agree on every kind of error but the number of refuted comparisons."""
    rates = natural_errors.rates(natural_errors.of_readings(natural_structure.SHIPPED.read()))
    errors = rates.pivot(index="error", columns="source", values="errors").loc[list(ERRORS)]
    assert errors["first reading"].tolist() == [11, 2, 3, 16, 4, 0, 0]
    assert errors["second reading"].tolist() == [11, 2, 3, 14, 4, 0, 0]
    assert set(rates["n"]) == {natural_annotations.SIZE}
