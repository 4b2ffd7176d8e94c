"""The scoreboard's numbers: golden texts for the release, and the estimates behind the verdicts."""

import dataclasses
import re

import pandas as pd
import pytest

from tests.chapters import shipped_evidence
from tracelib.paper import clustered, estimates, evidence, repairs, sharing, synthesis
from tracelib.reporting import figures_forest, tables, tables_synthesis


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    work = tmp_path_factory.mktemp("work")
    shipped_evidence(work)
    return evidence.read(work / "data")


@pytest.fixture(scope="module")
def values(whole):
    return estimates.compute(whole, estimates.ESTIMATES)


def kept(whole, outputs):
    """The evidence with only these outputs, as from a partial copy."""
    keys = ["dataset", "model", "condition", "item"]
    tables = {name: getattr(whole, name).merge(outputs[keys]) for name in evidence.TABLES}
    return dataclasses.replace(whole, **tables)


def without_during(whole):
    """The evidence without the file of one run on one relation."""
    outputs = whole.outcomes
    lost = (outputs["model"] == "Qwen3-1.7B") & (outputs["condition"] == "correct")
    return kept(whole, outputs[~(lost & (outputs["category"] == "during"))])


def test_every_estimate_says_what_it_is_with_n_and_method(values):
    assert set(values) == set(estimates.ESTIMATES)
    for name, found in values.items():
        assert all(found), name
        assert re.search(r"\d", found.value), name
        assert re.search(r"\d", found.n), name
        assert not re.search(r"nan|None|–\s", found.value), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (
            "right_together",
            "Llama-3.2-1B 24.9 [22.3, 27.8]; Qwen3-1.7B 32.0 [29.1, 35.0]; Llama-3.1-8B 55.6 [52.4, 58.7] %",
        ),
        (
            "right_given_right_trace",
            "Llama-3.2-1B 98.8 [96.4, 99.6]; Qwen3-1.7B 96.2 [93.5, 97.8]; Llama-3.1-8B 99.8 [98.9, 100.0] %",
        ),
        ("narrowest_match", "27.50, 27.47 and 27.16 %"),
        (
            "right_answers_after_wrong_traces",
            "Llama-3.2-1B 37.1 [32.4, 42.1]; Qwen3-1.7B 31.4 [27.2, 35.8]; Llama-3.1-8B 25.8 [22.8, 29.2] %",
        ),
        (
            "followed_after_incorrect",
            "Llama-3.2-1B 0.2 [0.1, 0.8]; Qwen3-1.7B 0.3 [0.1, 1.1]; Llama-3.1-8B 0.0 [0.0, 0.4] %",
        ),
        (
            "correct_minus_incorrect_pooled",
            "main runs 3.1 [-0.1, 6.3]; where answers can be paired 2.4 [-2.3, 7.0]; with the R1 family's "
            "sets 3.3 [1.3, 5.3]; a further cell -2.7 to 9.5 points",
        ),
        (
            "incorrect_not_inferior",
            "5 points: on average p = 0.045, ruled out in 2 cells; 3 points: p = 0.636, in 1",
        ),
        ("chi_square_stated", "2 of 6 on correct traces and 2 of 4 on incorrect traces"),
        (
            "cited_names_avoided",
            "Llama-3.2-1B 2 of 137, by chance 18.6, p < 0.001; Qwen3-1.7B 3 of 110, by chance 16.8, "
            "p < 0.001; Llama-3.1-8B 1 of 52, by chance 8.0, p = 0.003",
        ),
        (
            "incorrect_minus_correct_official",
            "Llama-3.2-1B -3.4 [-6.5, -0.2]; Qwen3-1.7B 2.1 [-1.1, 5.3]; "
            "Llama-3.1-8B -2.5 [-4.8, -0.2] points",
        ),
        ("babi_harm_llama", "Llama-3.2-1B 8.8 [4.6, 12.8] points"),
        ("correct_minus_incorrect_marco", "Llama-3.2-1B 4.8 [0.7, 8.8]; Qwen3-1.7B 6.0 [2.3, 9.7] points"),
        ("tests_of_all_pairs", "4 of 15"),
        ("valid_traces_rejected", "babi 0.1 [0.0, 0.8]; cotempqa 5.3 [4.1, 6.8] %"),
    ],
)
def test_the_releases_numbers(values, name, value):
    assert values[name].value == value


def test_what_the_verdicts_rest_on(values):
    """A contradicted claim: every phi is far above zero. A qualified one: signs differ between models."""
    lows = [float(low) for low in re.findall(r"\[([-\d.]+),", values["association"].value)]
    assert len(lows) == 3
    assert min(lows) > 0.5
    signs = [value > 0 for value in map(float, re.findall(r"([-\d.]+) \[", values["r1_minus_summary"].value))]
    assert signs == [True, True, False, False]
    assert "-6.3" in values["correct_minus_incorrect_seeds"].value


def test_how_many_people_make_the_stated_gap_more_than_chance(values):
    """With the share (1 + 1.46 / 4) / 2 = 0.6825, ln 40 / kl(0.6825, 0.5) = 54.2; half of it is 27.1."""
    found = values["ratings_apart_guaranteed"]
    assert found.value == "28 different people for each kind, or the same 55 for both"
    assert found.n == "25 in each of 4 groups would be too few for this bound"


def test_the_stated_ratings_have_the_widest_intervals(values):
    assert values["ratings_apart"].value == (
        "different 25 people 1.47 [0.58, 2.36]; the same 25 people 1.47 [0.53, 2.40]; "
        "different 100 people 1.47 [1.04, 1.90]; the same 100 people 1.47 [1.02, 1.92]"
    )
    assert values["load_alone"].value == "25 people 4.59 [4.07, 5.00]; 100 people 4.59 [4.34, 4.84]"


@pytest.fixture(scope="module", params=["bAbI alone", "no outputs on traces", "none"])
def part(request, whole):
    """A partial copy of the release's outputs."""
    outputs = whole.outcomes
    chosen = {
        "bAbI alone": outputs["dataset"] == "babi",
        "no outputs on traces": ~outputs["condition"].isin(["correct", "incorrect"]),
        "none": outputs["dataset"] == "",
    }
    return kept(whole, outputs[chosen[request.param]])


def test_every_estimate_can_be_told_from_a_part_of_the_outputs(part):
    found = estimates.compute(part, estimates.ESTIMATES)
    for name, one in found.items():
        assert all(one), name
        assert not re.search(r"nan|None|–\s", " ".join(one)), name
    assert found["right_together"] == found["right_together"]._replace(
        value=estimates.NOTHING, n="0 problems"
    )
    assert estimates.NOTHING in found["label_alone_wrong"].value
    assert found["narrowest_match"].value == "27.50 and 27.47 %"


def test_the_landing_pages_tables_stand_on_a_part_of_the_outputs(part):
    shown = tables.main_table(part.outcomes)
    assert set(shown["trained on"]) <= {"prompted", "vanilla"}
    ranks = repairs.ranked(part.repaired).pivot(index="model", columns="variant", values="order")
    assert set(ranks.index) <= set(shown["model"])


def test_the_forest_stands_on_a_part_of_the_outputs(part):
    for pair in (("correct", "incorrect"), ("vanilla", "correct")):
        rows = synthesis.rows(synthesis.load(part.outcomes), *pair)
        combined = synthesis.combined(rows)
        assert not rows[rows["combined"]].duplicated(synthesis.CELL).any()
        assert "nan" not in figures_forest.described(rows, combined, *pair)
        assert len(tables_synthesis.rows_table(rows)) == len(rows)
        assert len(synthesis.sensitivities(rows)) >= 8
        assert len(synthesis.correlations(part.outcomes, *pair)) <= 1
    beside = clustered.beside(part.outcomes, sharing.SHIPPED.read(), "corrected")
    assert tables_synthesis.clustered_table(clustered.disputed(beside).assign(metric="corrected")).empty
    apart = sharing.apart(
        part.outcomes, sharing.SHIPPED.read(), {"cotempqa": "corrected", "babi": "exact"}, *pair
    )
    assert len(tables_synthesis.apart_table(apart)) == len(apart)


def test_counts_of_a_part_of_a_run_are_over_all_problems_or_say_what_is_missing(whole):
    """The stated count keeps its denominators 949 and 950. It is not recounted in 331 outputs."""
    part = without_during(whole)
    assert estimates.narrowest_match(part).value == "27.50 and 27.47 %"
    assert "not recounted" in estimates.narrowest_match(part).what
    assert estimates.right_together(part).n == "950, 331 problems (Qwen3-1.7B without during)"
    assert estimates.tests_of_all_pairs(part).n == "15 comparisons (Qwen3-1.7B without during)"
    assert "without" not in estimates.followed_after_incorrect(part).n


@pytest.mark.parametrize(
    ("headline", "shown", "value"), [(23, 2, r"[\d.]+ and [\d.]+; [\d.]+ and [\d.]+ %"), (99, 0, "none")]
)
def test_as_many_counts_as_round_to_the_headline_are_listed(whole, monkeypatch, headline, shown, value):
    monkeypatch.setattr(estimates, "HEADLINE", headline)
    found = estimates.narrowest_match(kept(whole, whole.outcomes.iloc[:0]))
    assert re.fullmatch(value, found.value)
    assert found.what.count(" on ") == shown
    assert re.search(r"\d", found.n)


def test_outputs_on_marco_replace_its_stated_totals(whole):
    """One model's outputs on bAbI serve as outputs on MARCO: 376 pairs, and 1,000 for the other model."""
    outputs = whole.outcomes
    made = outputs[(outputs["dataset"] == "babi") & (outputs["model"] == "Qwen3-1.7B")]
    fuller = dataclasses.replace(whole, outcomes=pd.concat([outputs, made.assign(dataset="marco")]))
    found = estimates.correct_minus_incorrect_marco(fuller)
    assert found.value == "Llama-3.2-1B 4.8 [0.7, 8.8]; Qwen3-1.7B 1.1 [-1.5, 3.6] points"
    assert found.n == "376 or 1,000 problems per condition"
    assert found.method.startswith("released outputs, exact match; paired: Bonett-Price (Qwen3-1.7B); stated")
    tested = estimates.tests_of_all_pairs(fuller)
    assert tested.n == "18 comparisons"
    assert "MARCO: exact match" in tested.method
