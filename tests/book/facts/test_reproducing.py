"""Stated figures beside the figures of a made release."""

import pytest

from tracelib.book.facts import reproducing
from tracelib.core.frames import where


@pytest.fixture(scope="module")
def found(made_work):
    return reproducing.facts(made_work)


def test_each_stated_figure_has_one_status(found):
    for kind, table in (("accuracies", found.accuracies), ("matrices", found.matrices)):
        parts = [found.numbers[f"{kind}-{key}"] for key in reproducing.STATUS.values()]
        assert sum(parts) == found.numbers[kind] == len(table)
    assert found.summary[list(reproducing.STATUS)].to_numpy().sum() == sum(
        found.numbers[kind] for kind in ("accuracies", "credit", "matrices")
    )


def test_marcos_outputs_are_not_here_so_its_matrices_alone_speak(found):
    assert found.numbers["contradicted-run"] == "Llama-3.2-1B-Instruct, correct traces"
    assert (found.numbers["contradicted-stated"], found.numbers["contradicted-matrix"]) == (0.0, 33.7)
    assert (found.numbers["zeros"], found.numbers["marco-agrees"]) == (4, 3)


def test_who_was_asked_what(found):
    """Prompted and fine-tuned models answer the same eight problems; there are four stories."""
    assert found.numbers["outputs"] == "128"
    names = ("prompted", "prompted-distinct", "prompted-common", "tuned", "babi-n", "babi-distinct")
    assert [found.numbers[name] for name in names] == [8, 8, 8, 8, 4, 4]
    assert found.numbers["prompted-most"] == 1


def test_what_is_here_and_what_is_absent(found):
    """Two relations of 11 made runs (the largest model has no prompted run) are here, and 8 runs on bAbI."""
    here = found.inventory.loc[found.inventory["state"] == "used here", "files"].sum()
    assert found.numbers["files-here"] == here == 2 * 11 + 8
    assert "bytes" not in found.inventory
    assert len(found.absent) > 0


def test_the_shown_rows_are_those_that_differ(found):
    assert set(found.differing["model"]) <= set(where(found.matrices, status="differs")["model"])
    assert (found.differing["difference"] != 0).all()
    assert (found.reasons["why"] != "").all()
    assert found.earlier["relation"].tolist() == ["equal", "during", "mix"]


def test_every_number_is_a_count_but_words_and_percents(found):
    words = {"source", "outputs", "babi-cells", "contradicted-run"}
    percents = {"contradicted-stated", "contradicted-matrix"}
    assert {name for name, value in found.numbers.items() if isinstance(value, str)} == words
    assert {name for name, value in found.numbers.items() if type(value) is float} == percents
    rest = found.numbers.keys() - words - percents
    assert all(type(found.numbers[name]) is int for name in rest)
    assert len(found.numbers) == 31
