"""The facts of the appendix on the tiny grid, on made tables of two seeds with known effects."""

import pytest

from tests import fabricated
from tests.book.facts.cited import cited, kinds
from tracelib.analysis import effects
from tracelib.book import build
from tracelib.book.facts import tiny_grid
from tracelib.core.errors import InputError


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    fabricated.write(folder, seeds=2)
    return tiny_grid.facts(str(folder))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert cited("tiny-grid") <= set(found.numbers)
    counts = {"seeds", "items", "set-items", "train-items", "too-long-train", "too-long-test", "family"}
    counts |= {"n-looks"}
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_sizes_and_doses_are_those_of_the_tables(found):
    assert (found.numbers["seeds"], found.numbers["items"], found.numbers["train-items"]) == (2, 60, 2560)
    assert sorted(set(found.dose_curve["dose"])) == [0, 10, 25, 50, 75, 100]
    assert set(found.rates["setting"]) == {"cotempqa-twin", "half", "quarter", "lengths"}


def test_every_condition_stands_beside_both_references(found):
    parts = found.parts
    assert set(parts["panel"]) == {"minus correct", "minus vanilla"}
    assert not set(parts["first"]) & set(tiny_grid.REFERENCES)
    of_correct = parts[parts["second"] == "correct"]
    listed = [found.numbers[f"correct-{side}"] for side in ("above", "below", "open")]
    assert sum(len(names.split("; ")) for names in listed if names != "none") == len(of_correct)


def test_slopes_have_a_row_per_measure_and_nothing_is_corrected(found):
    assert found.slopes["measure"].tolist() == list(effects.MEASURES.values())
    assert found.slopes["p_holm"].equals(found.slopes["p"])
    assert found.slopes_by_kind["p_holm"].equals(found.slopes_by_kind["p"])


def test_what_is_set_stands_beside_what_is_seen(found):
    assert set(found.done_and_seen["kind"]) == {"set: gold − wrong facts", "seen: right − wrong trace"}
    assert set(found.astray["intervention"]) == {"wrong facts"}
    assert set(found.excluded["condition"]) <= set(found.done["condition"])


def test_the_only_grid_has_none_beside_it(found):
    assert found.larger.empty


def test_without_tables_the_command_is_named(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid"):
        tiny_grid.facts(str(tmp_path))


def test_the_table_of_looks_is_the_one_that_the_graph_watches():
    assert tiny_grid.LOOKS == build.LOOKS
