"""Conditions compared in a made release, counted by hand."""

import pytest

from tracelib.book.facts import hurt
from tracelib.core.frames import where
from tracelib.paper import release


@pytest.fixture(scope="module")
def found(made_work):
    return hurt.facts(made_work)


def test_every_comparison_is_counted(found):
    """Three pairs of conditions, for three models and three metrics on CoTempQA, for two and two on bAbI."""
    assert found.numbers["n-compared"] == 3 * 3 * 3 + 3 * 2 * 2
    assert found.numbers["n-survive-cotempqa-corrected"] == "0 of 9"
    assert found.numbers["n-survive-babi-exact"] == "0 of 6"
    assert found.numbers["n-equivalent-babi-official"] == "0 of 6"
    assert (found.numbers["n-survive-marco"], found.numbers["survive-marco"]) == ("0 of 0", "no outputs here")
    assert len(found.primary) + len(found.other) == found.numbers["n-compared"]


def test_correct_minus_incorrect_is_the_difference_of_right_answers(found):
    """4 against 3 of eight problems are right, and 3 against 1 of four stories."""
    assert found.numbers["cotempqa"].count(" 12.5 [") == 3
    assert found.numbers["babi"].count(" 50.0 [") == 2
    assert found.numbers["babi-p"] == "1.000 and 1.000"
    assert (found.numbers["turned"], found.numbers["turned-of"], found.numbers["turned-models"]) == (0, 3, "")
    assert set(found.harm["pair"]) == {"correct − incorrect"}
    assert "strict" not in set(found.harm["metric"])
    assert "Llama-3.2-1B-Instruct, bAbI, correct − incorrect, exact: 50.0" in found.numbers["alt-harm"]


def test_vanilla_is_compared_with_both_kinds_of_traces(found):
    row = where(found.against_vanilla, model=release.MODELS["q"], dataset="cotempqa", second="incorrect")
    assert row["estimate"].item() == pytest.approx(5 / 8 - 3 / 8)
    assert set(found.against_vanilla["metric"]) == {"corrected", "exact"}


def test_only_the_released_cells_are_shown_of_all_that_margins_are_tested_of(found):
    """Two models on bAbI. CoTempQA's outputs lack relations, so stated totals stand in for them."""
    assert found.numbers["shown-of"] == len(found.not_inferior) == 2
    assert found.numbers["cells"] == 11
    assert (found.numbers["shown-5"], found.numbers["shown-names-5"]) == (0, "none")


def test_tables_are_of_cotempqa_where_the_chapter_says_so(found):
    assert found.numbers["subjects"] == 8
    assert found.clustered["metric"].tolist() == ["corrected"] * 6
    assert found.numbers["parts"] == 3 * 3 * 2 * 2  # models, pairs, relations, metrics
    assert set(found.within_relations["category"]) == {"during", "equal"}
    assert len(found.paired) == len(found.apart) == 9
    assert found.fitted.keys() == found.checked.keys() == {"official", "corrected"}
    assert len(found.tested) == 3 * 3 + 2 * 2
    assert len(found.averaged) == 3 * 3 + 3 * 2


def test_the_seeds_are_those_of_the_stated_totals(found):
    assert found.numbers["seeds-model-l1"] == release.MODELS["l1"]
    assert (found.numbers["seeds-ahead-l1"], found.numbers["seeds-ahead-q"]) == ("4 of 4", "0 of 4")


def test_every_number_is_a_text_but_counts(found):
    counts = {name for name, value in found.numbers.items() if not isinstance(value, str)}
    assert counts == {
        "turned", "turned-of", "shown-of", "cells", "shown-5", "shown-3", "n-compared", "n-edge", "subjects",
        "parts", "parts-found",
    }  # fmt: skip
    assert all(type(found.numbers[name]) is int for name in counts)
    assert len(found.numbers) == 60
