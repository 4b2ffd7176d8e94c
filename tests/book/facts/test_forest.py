"""The facts of the forest plot, on the tables in the package."""

import pytest

from tests.book.facts.cited import cited, kinds
from tracelib.book.facts import forest
from tracelib.paper import sharing, synthesis
from tracelib.reporting import figures_forest


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return forest.facts(tmp_path_factory.mktemp("work"))


def test_every_number_is_cited_and_has_a_type_that_prose_can_show(found):
    assert set(found.numbers) == cited("forest")
    counts = {
        "k", "ahead", "clear", "behind", "plain-k-all", "plain-k-main", "shown-5", "shown-3", "without-zero",
        "without-n", "problems", "subjects", "most", "n-disputed", "n-beside",
    }  # fmt: skip
    assert kinds(found.numbers) == {"int": counts, "str": set(found.numbers) - counts}


def test_a_cell_is_counted_once(found):
    one = found.traces[found.traces["combined"]]
    assert not one.duplicated(synthesis.CELL).any()
    assert found.numbers["k"] == len(one) == len(found.inferior) == found.of_traces["all"]["n"]
    assert found.numbers["plain-k-all"] == found.plain["combined"].sum()
    assert found.numbers["contradicted"] == "Llama-3.2-1B-Instruct, correct, marco"


def test_a_combined_row_is_ahead_clear_or_behind_by_its_interval(found):
    rows = found.traces[found.traces["combined"]].to_dict("records")
    assert found.numbers["ahead"] == sum(row["estimate"] > 0 for row in rows)
    assert found.numbers["clear"] == sum(row["low"] > 0 for row in rows)
    assert found.numbers["behind"] == sum(row["high"] < 0 for row in rows)
    low = found.of_traces["main"]["low"]
    assert found.numbers["zero-main"].split()[3] == ("excludes" if low > 0 else "includes")


def test_the_model_trained_here_is_drawn_and_in_no_average(found):
    for drawn, rows in ((found.traces_drawn, found.traces), (found.plain_drawn, found.plain)):
        here = drawn[drawn["source"] == figures_forest.HERE]
        assert len(drawn) == len(rows) + 2 == len(rows) + len(here)
        assert not here["combined"].any()
        assert (here["low"] < here["estimate"]).all()
        assert (here["estimate"] < here["high"]).all()
    assert "SmolLM2-135M, both-wrong" in set(found.traces_drawn["model"])


def test_shared_problems_are_counted_as_the_table_has_them(found):
    table = found.shared.set_index(["dataset", "category", "kind"])
    for name, kind in forest.SHARED.items():
        row = table.loc[("cotempqa", "all", kind)]
        assert found.numbers[f"shared-{name}"].startswith(f"{row['problems']} of {row['n']} (")
    assert set(forest.SHARED.values()) <= set(sharing.KINDS)


def test_subjects_are_fewer_than_problems(found):
    numbers = found.numbers
    assert numbers["most"] < numbers["subjects"] < numbers["problems"]
    assert set(found.beside["metric"]) == {"corrected", "official"}
    assert numbers["n-beside"] == len(found.beside)
