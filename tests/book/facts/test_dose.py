"""The facts of the chapter on the dose, on made tables of two seeds with known effects."""

import pytest

from tests import fabricated
from tests.book.facts.cited import cited, kinds
from tracelib.analysis import effects
from tracelib.book.facts import dose
from tracelib.core.errors import InputError


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    fabricated.write(folder, seeds=2)
    return dose.facts(str(folder))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert cited("dose") <= set(found.numbers)
    counts = {"seeds", "items", "train-items", "too-long-train", "too-long-test", "family"}
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_sizes_doses_and_lengths_are_those_of_the_tables(found):
    assert (found.numbers["seeds"], found.numbers["items"]) == (2, 60)
    assert found.numbers["sizes"] == "640, 1280, 2560"
    assert set(found.compared_by_kind) == {640, 1280, 2560}
    assert sorted(set(found.dose_curve["dose"])) == [0, 10, 25, 50, 75, 100]
    assert found.filler["tokens"].round().tolist() == [8, 45, 80, 150]
    assert found.lengths["tokens"].is_monotonic_increasing


def test_every_condition_stands_beside_both_references(found):
    parts = found.parts
    assert set(parts["panel"]) == {"minus correct", "minus vanilla"}
    assert not set(parts["first"]) & set(dose.REFERENCES)
    of_correct = parts[parts["second"] == "correct"]
    listed = [found.numbers[f"correct-{side}"] for side in ("above", "below", "open")]
    assert sum(len(names.split("; ")) for names in listed if names != "none") == len(of_correct)


def test_slopes_have_a_row_per_measure_and_nothing_is_corrected(found):
    assert found.slopes["measure"].tolist() == list(effects.MEASURES.values())
    assert found.slopes["p_holm"].equals(found.slopes["p"])
    assert found.slopes_by_kind["p_holm"].equals(found.slopes_by_kind["p"])


def test_no_curve_shows_traces_of_a_condition_without_them(found):
    assert "vanilla" not in set(found.traces_by_size["condition"])
    assert set(found.answers_by_size["condition"]) == {"vanilla", "correct", "incorrect"}


def test_the_only_grid_has_none_beside_it(found):
    assert found.larger.empty


def test_without_tables_the_command_is_named(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid"):
        dose.facts(str(tmp_path))
