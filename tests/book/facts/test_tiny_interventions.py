"""The facts of the chapter on forced traces, on made tables of four conditions with known effects."""

import pytest

from tests import fabricated
from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import tiny_interventions
from tracelib.core.errors import InputError
from tracelib.experiments import sweep_tables
from tracelib.experiments.interventions import OWN

TRAINED_ON = ("correct", *tiny_interventions.FED_WRONG)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    whole, few = (tmp_path_factory.mktemp(name) for name in ("whole", "few"))
    fabricated.write(whole, seeds=2, items=40)
    *read, about = sweep_tables.read("grid", whole)
    sweep_tables.store("grid", *(table[table["condition"].isin(TRAINED_ON)] for table in read), about, few)
    return tiny_interventions.facts(few, str(few))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert cited("tiny-interventions") <= set(found.numbers)
    counts = {"conditions", "seeds", "items", "least", "probe-items", "too-long"}
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_the_example_cites_one_fact_and_every_start_begins_a_reply(found):
    assert len(found.example.supporting) == 1
    assert list(found.starts) == list(tiny_interventions.ON_EVERY_PROBLEM)
    assert list(found.own_starts) == list(OWN)
    gives = found.gives.set_index("forced")
    assert gives.loc["gold", "gives"] == found.example.gold
    assert gives.loc[["gold", "wrong category", "own with gold facts"], "right"].all()
    assert not gives.loc[["wrong facts", "both wrong", "empty"], "right"].any()
    assert gives.loc["empty", "gives"] == ()


def test_what_stands_in_a_figure_was_forced_on_every_problem(found):
    assert set(found.answers["intervention"]) == set(tiny_interventions.ON_EVERY_PROBLEM)
    assert set(found.answers["measure"]) == {"answer_correct"}
    assert "empty" not in set(found.following["intervention"])
    assert set(found.following["measure"]) == {"follows"}
    assert set(found.astray["intervention"]) == {"wrong facts"}


def test_known_models_are_told_apart(found):
    rates = found.probed.set_index(["condition", "intervention", "measure"])["estimate"]
    assert rates["reads its trace", "wrong facts", "answer_correct"] == 0
    assert rates["ignores its trace", "wrong facts", "answer_correct"] == 1
    assert (found.numbers["reader"], found.numbers["ignorer"]) == ("100.0 [–]", "0.0 [–]")


def test_each_difference_is_named_by_what_is_taken_from_what(found):
    assert list(found.differences)[:2] == ["gold − wrong category", "gold − wrong facts"]
    assert list(found.differences)[-1] == "own, cut − own"
    assert "gold − wrong facts" not in found.differences_by_kind  # it has a table of its own
    assert len(found.differences_by_kind) == len(found.differences) - 1
    assert set(found.parts["part"]) == {"wrong category", "wrong facts", "both wrong", "no facts"}
    assert set(found.edited["edit"]) == set(tiny_interventions.EDITS)


def test_without_tables_the_command_is_named(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid"):
        tiny_interventions.facts(tmp_path, str(tmp_path))
