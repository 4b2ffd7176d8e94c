"""The facts of the results chapter, on two seeds of made runs (`tests.fabricated.RIGHT`)."""

import pytest

from tests import fabricated
from tests.book.facts.cited import cited, kinds
from tracelib.book import build
from tracelib.book.facts import tiny_results
from tracelib.core.errors import InputError


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    work = tmp_path_factory.mktemp("work")
    names = [name for name in fabricated.write_runs(work / "runs") if name.endswith(("-s1", "-s5"))]
    return tiny_results.facts(work, names)


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert cited("tiny-results") <= set(found.numbers)
    counts = {
        "runs", "seeds", "too-long-train", "too-long-test", "unfinished", "family", "n-significant",
        "n-alone", "n-alike", "least",
    }  # fmt: skip
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_runs_are_counted_and_rates_are_those_put_in(found):
    """Vanilla on the bAbI twin has 40 of 60 right, and the two seeds add -2 and 2."""
    assert found.numbers["runs"] == 3 * 3 * 2
    assert found.numbers["minutes"] == "21.0"  # one minute per run, also for three untrained runs
    rates = found.rates.set_index(["setting", "condition", "measure"])["estimate"]
    assert rates["babi-twin", "vanilla", "answer_correct"] == pytest.approx(40 / 60)
    assert found.numbers["high-answer"] == "77%"
    assert found.numbers["low-answer"] == "17%"


def test_the_figure_has_no_traces_of_a_condition_without_them(found):
    shown = found.drawn[found.drawn["condition"] == "vanilla"]
    assert set(shown["measured"]) == {"answer right"}
    assert set(found.drawn["measured"]) == {"answer right", "trace right"}


def test_only_the_twin_with_dates_is_split(found):
    assert (
        set(found.by_rules) == set(found.compared_by_kind) == set(found.linked_by_kind) == {"cotempqa-twin"}
    )
    assert found.numbers["where"].count("cotempqa-twin") == 3


def test_the_papers_models_stand_beside_the_same_pairs(found):
    rows = found.beside.set_index(["setting", "first", "second"])
    assert set(rows.loc[("cotempqa-twin", "vanilla", "correct"), "model"]) == {
        "Llama-3.2-1B-Instruct", "Qwen3-1.7B", "Llama-3.1-8B-Instruct",
    }  # fmt: skip
    assert "marco-twin" not in found.beside["setting"].tolist()  # the package ships no outputs on MARCO


def test_other_metrics_are_shown_where_they_apply(found):
    assert set(found.other_metrics["measure"]) == set(tiny_results.METRICS)
    strict = found.other_metrics[found.other_metrics["measure"] == "answer_strict"]
    assert set(strict["setting"]) == {"cotempqa-twin"}


def test_a_missing_run_is_named(tmp_path):
    with pytest.raises(InputError, match="no run 'cotempqa-twin-correct-s1'"):
        tiny_results.facts(tmp_path, ["cotempqa-twin-correct-s1"])


def test_the_table_of_looks_is_the_one_that_the_graph_watches():
    assert tiny_results.LOOKS == build.LOOKS
