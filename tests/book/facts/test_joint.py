"""The shares of trace and answer of a made release, counted by hand."""

import pytest

from tracelib.book.facts import joint
from tracelib.core.frames import where
from tracelib.paper import release
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson


@pytest.fixture(scope="module")
def found(made_work):
    return joint.facts(made_work)


@pytest.mark.parametrize("key", release.MODELS)
def test_each_models_shares_are_those_of_its_outputs(found, key):
    """Two of three right traces, and two of five wrong traces, have a right answer."""
    assert found.numbers[f"joint-{key}"] == f"{as_text.percent(wilson(2, 8))} of 8"
    assert found.numbers[f"given_right-{key}"] == f"{as_text.percent(wilson(2, 3))} of 3"
    assert found.numbers[f"given_wrong-{key}"] == f"{as_text.percent(wilson(2, 5))} of 5"
    assert found.numbers[f"trace_given_answer-{key}"] == f"{as_text.percent(wilson(2, 4))} of 4"


def test_the_headline_is_found_among_the_stated_matrices(found):
    """261 of the 949 outputs that the release's matrix counts; the made outputs are too few to recount."""
    assert found.numbers["rounding-value"] == f"{as_text.percent(wilson(261, 949))} of 949"
    assert found.numbers["rounding-run"] == "Qwen3-1.7B on correct traces, CoTempQA (published, as stated)"
    assert found.numbers["narrow-matrix"] == "261 of 949"
    assert found.numbers["narrow-all-percent"] == "27.47"
    assert found.numbers["narrow-outputs"] == "not all here"


def test_chi_squares_are_counted_by_check(found):
    """Eight or four outputs are too few to reach the critical value."""
    assert found.numbers["below-exact"] == "5 of 5"
    assert found.numbers["below-stated"] == "2 of 6"


def test_the_tables_are_of_what_their_names_say(found):
    assert set(found.on_correct["condition"]) == {"correct"}
    assert set(found.on_incorrect["condition"]) == {"incorrect"}
    assert set(found.by_relation["category"]) == {"during", "equal"}
    # On *during*, two of three answers are right after right traces, and two of three after wrong traces.
    during = where(found.by_relation, category="during", model=release.MODELS["q"])
    assert during["estimate"].item() == pytest.approx(0)
    assert set(found.by_category["dataset"]) == {"cotempqa", "babi"}
    assert set(found.stratified["condition"]) == {"correct"}
    assert set(found.clustered["rate"]) >= {"accuracy"}


def test_every_number_is_a_text_but_counts(found):
    counts = {name for name, value in found.numbers.items() if not isinstance(value, str)}
    assert counts == {"rounding", "shares", "covered"}
    assert all(type(found.numbers[name]) is int for name in counts)
    assert len(found.numbers) == 34
