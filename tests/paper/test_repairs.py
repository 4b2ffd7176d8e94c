"""Each repair of the official metric by hand, and the changes on the released outputs."""

from dataclasses import replace

import pandas as pd
import pytest

from tracelib.paper import release, repairs
from tracelib.scoring.metrics import REPAIRS, repaired
from tracelib.scoring.outputs import Output
from tracelib.traces.format import parse


def right(problem, text, *names):
    return repaired(problem, parse(text), frozenset(names)).exact


def test_the_side_repair_sees_a_superfluous_answer(problem):
    text = "<answer>['Gamma', 'Delta', 'Epsilon']</answer>"
    assert right(problem, text)
    assert not right(problem, text, "side")


def test_the_objects_repair_keeps_names_whole(problem):
    """The release reads 'minister in Rome' as 'minister', which is in no fact."""
    facts = (
        "Ada holds the position of minister in Rome in 1950.",
        "Ada holds the position of envoy in 1950.",
    )
    asked = replace(problem, facts=facts, gold=("envoy",), supporting=(1,), question="Which position?")
    text = "<answer>['envoy', 'prime minister']</answer>"
    assert not right(asked, text, "side")
    assert right(asked, text, "side", "objects")
    text = "<answer>['envoy', 'minister in Rome']</answer>"
    assert not right(asked, text, "side", "objects")


def test_the_echo_repair_counts_what_the_answer_lists(problem):
    text = "<answer>['Gamma', 'Delta', 'Beta']</answer>"  # the question is about Beta
    assert right(problem, text, "side")
    assert not right(problem, text, "side", "echo")
    named = replace(problem, question="While Ada led the Gamma Circle, what else?", gold=("Gamma",))
    assert not right(named, "<answer>['Gamma']</answer>")
    assert right(named, "<answer>['Gamma']</answer>", "echo")


def test_the_text_repair_searches_the_answer_only(problem):
    """Without tags the release also searches the trace, whose facts name the gold answers."""
    trace = "<think>The temporal relation between the two is: mix.\n"
    trace += f"I need to use the following facts to answer the question: {list(problem.facts)}"
    text = f"{trace}</think> Epsilon"
    assert right(problem, text)
    assert not right(problem, text, "text")


def test_the_subsets_have_the_two_metrics_at_their_ends():
    assert (repairs.VARIANTS[0], repairs.VARIANTS[-1]) == ("official", "corrected")
    assert len(set(repairs.VARIANTS)) == 2 ** len(REPAIRS)


def test_touched_and_ranked_by_hand():
    def run(condition, official, corrected):
        columns = dict.fromkeys(repairs.VARIANTS, official) | {"corrected": corrected}
        return pd.DataFrame(columns).assign(model="m", condition=condition)

    table = pd.concat(
        [
            run("vanilla", [True, True, False], [True, False, False]),
            run("correct", [True, False, False], [True, True, False]),
            run("incorrect", [True, True, False], [True, False, False]),
        ]
    )
    row = repairs.touched(table).set_index(["condition", "repair"]).loc[("correct", "all of them")]
    assert row[["official", "right to wrong", "wrong to right", "right", "n"]].tolist() == [1, 0, 1, 2, 3]
    assert row["estimate"] == pytest.approx(1 / 3)
    order = repairs.ranked(table).set_index("variant")["order"]
    assert order["official"] == "incorrect = vanilla > correct"
    assert order["corrected"] == "correct > incorrect = vanilla"


def test_only_questions_of_a_known_kind_are_judged(problem):
    outputs = [Output(problem, "Gamma, Delta"), Output(replace(problem, kind=""), "x", "n")]
    assert repairs.compute(outputs)["model"].tolist() == ["unnamed"]
    none = repairs.compute(outputs[1:])
    assert none.empty
    assert list(none) == list(repairs.SHIPPED.read())


@pytest.fixture(scope="module")
def table(release_root):
    return repairs.compute(release.load_outputs())


def test_shipped_repairs_are_what_the_release_gives(table):
    pd.testing.assert_frame_equal(repairs.SHIPPED.read(), table)


def test_the_ends_are_the_metrics_of_the_outcomes(table):
    outcomes = release.shipped_outcomes().query("dataset == 'cotempqa'").reset_index(drop=True)
    assert (outcomes["item"] == table["item"]).all()
    for metric in ("official", "corrected"):
        assert (outcomes[f"answer_{metric}"].astype(bool) == table[metric]).all()


def test_the_side_alone_changes_the_order_of_conditions_for_two_of_three_models(table):
    """The result of `tracelib release derive`, in the chapter 'Auditing the evaluation'."""
    order = repairs.ranked(table).set_index(["model", "variant"])["order"]
    assert order["Llama-3.1-8B-Instruct", "official"] == "correct > vanilla > incorrect"
    assert order["Llama-3.1-8B-Instruct", "side"] == "vanilla > incorrect > correct"
    assert order["Qwen3-1.7B", "official"] == "vanilla > incorrect > correct"
    assert order["Qwen3-1.7B", "side"] == "vanilla > correct > incorrect"
    ranked = repairs.ranked(table)
    assert ranked.groupby("model")["as official"].sum().to_dict() == {
        "Llama-3.1-8B-Instruct": 6,
        "Llama-3.2-1B-Instruct": 16,
        "Qwen3-1.7B": 8,
    }


def test_the_contrast_of_two_conditions_moves_by_what_its_items_move():
    def run(condition, official, corrected):
        columns = dict.fromkeys(repairs.VARIANTS, official) | {"corrected": corrected}
        items = [f"i{place}" for place in range(len(official))]
        return pd.DataFrame(columns).assign(model="m", condition=condition, item=items, problem=items)

    table = pd.concat(
        [
            run("correct", [True, True, False, False], [True, False, False, False]),
            run("incorrect", [True, False, False, False], [True, True, False, False]),
        ]
    )
    row = repairs.contrast(table, "m", "correct", "incorrect")
    assert (row["official"], row["variant"], row["estimate"]) == (0.25, -0.25, -0.5)
    assert (row["n"], row["note"].count("only one of the two")) == (4, 0)
    row = repairs.contrast(table.iloc[:-1], "m", "correct", "incorrect")
    assert (row["n"], row["official"]) == (3, pytest.approx(1 / 3))
    assert "1 items that only one of the two has, left out" in row["note"]
    nothing = repairs.contrast(table, "m", "correct", "absent")
    assert (nothing["estimate"], nothing["official"]) == (None, None)
    assert nothing["note"].startswith("no items")


def test_no_outputs_have_no_order():
    found = repairs.ranked(repairs.SHIPPED.read().iloc[:0])
    assert found.pivot(index="model", columns="variant", values="order").empty
