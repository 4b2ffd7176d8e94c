"""Display tables of effects: percent, points, a dash for a missing value."""

import pandas as pd
import pytest

from tests.analysis.test_effects import EIGHT, GUESSABLE, RUNS, interventions, judged, outcomes
from tracelib.analysis import effects
from tracelib.reporting import figures_effects, tables_effects

SEEN = outcomes({"correct": ["1111100000", "1111100001"]}, trace="1111100000")


def test_rates_have_a_row_per_condition_and_a_column_per_measure():
    table = tables_effects.rates(effects.by_condition(RUNS, ["answer_correct", "trace_correct"]))
    assert table["condition"].tolist() == ["vanilla", "correct"]
    assert table["answer right"][0] == "50.0 [0.0, 100.0]"
    assert table["trace right"][0] == "–"  # vanilla outputs have no trace
    assert table["trace right"][1] != "–"
    other = RUNS.assign(answer_strict=RUNS["answer_correct"])
    assert "strict" in tables_effects.rates(effects.by_condition(other, ["answer_strict"]))
    assert table[["seeds", "problems"]].to_numpy().tolist() == [[3, 4]] * 2


def test_contrasts_say_what_is_missing():
    one_seed = RUNS[RUNS["seed"] == 1]
    table = tables_effects.contrasts(effects.contrasts(one_seed, [("correct", "vanilla")]))
    row = table.iloc[0]
    assert (row["comparison"], row["points [95% interval]"]) == ("correct − vanilla", "50.0 [–]")
    assert (row["p"], row["note"]) == ("–", "one seed: no interval")
    assert "note" not in tables_effects.contrasts(effects.contrasts(RUNS, [("correct", "vanilla")]))


def test_contrasts_have_these_problems_alone_beside_them():
    row = tables_effects.contrasts(effects.contrasts(RUNS, [("correct", "vanilla")])).iloc[0]
    assert (row["seeds"], row["problems"]) == (3, 4)
    assert row["on these problems alone"] == "33.3 [-2.5, 69.2]"  # 0.5, 0.25, 0.25 over three seeds
    assert row["p (Holm), these"] == "0.057"
    assert row["points [95% interval]"] != row["on these problems alone"]


def test_a_split_is_a_row_with_its_verdict():
    rows = effects.split(EIGHT, GUESSABLE, effects.paired)
    row = tables_effects.split(rows, "comparison").iloc[0]
    assert row["comparison"] == "vanilla − correct"
    assert row["no date needed (4)"].startswith("75.0 [")
    assert ", p " in row["dates decide (4)"]
    assert row["their difference (8)"].startswith("75.0 [")
    assert row["shown"] == effects.where(rows)["vanilla − correct"]


def test_association_in_percent():
    row = tables_effects.association(effects.association(SEEN)).iloc[0]
    assert (row["right traces"], row["answer right, of these"]) == (10, "100.0")
    assert (row["wrong traces"], row["of these"]) == (10, "10.0")


def test_equivalence_is_shown_or_not():
    rows = effects.equivalence(effects.contrasts(RUNS, [("correct", "vanilla")]), "correct", "vanilla")
    row = tables_effects.equivalence(rows).iloc[0]
    assert row["correct − vanilla, points [95% interval]"].startswith("33.3 [")
    assert row["equivalent"] == "not shown"
    assert tables_effects.equivalence(rows.assign(equivalent=True))["equivalent"].tolist() == ["yes"]


def test_forced_traces_are_columns():
    table = tables_effects.forced(effects.forced(interventions()), "follows")
    assert table.columns.tolist() == ["trained on", "seeds", "gold", "wrong facts"]
    assert table["gold"][0] == "83.3 [0.0, 100.0]"  # 1, 1, 0.5 over three seeds, two problems each


def test_who_is_led_astray():
    row = tables_effects.led_astray(effects.led_astray(interventions())).iloc[0]
    assert (row["answers"], row["right all the same"], row["neither"]) == (6, "16.7", "0.0")
    assert row["as the facts say [95% interval]"] == "83.3 [0.0, 100.0]"


def test_setting_stands_beside_seeing():
    done = effects.effect(interventions())
    seen = effects.association(SEEN)
    row = tables_effects.done_and_seen(done, seen, effects.agreement(done, seen)).iloc[0]
    assert row["set: gold − wrong facts"].startswith("66.7 [")
    assert row["seen: right − wrong trace"].startswith("90.0 [")
    assert row["right, wrong traces"] == "10, 10"
    assert (row["seeds"], row["seeds seen"], row["after Holm"]) == (3, 2, "neither shown")
    assert row["seeds where problems differ"] == "0 of 3"
    nothing = pd.DataFrame()
    row = tables_effects.done_and_seen(done, nothing, effects.agreement(done, nothing)).iloc[0]
    assert (row["seen: right − wrong trace"], row["p seen (Holm)"]) == ("–", "–")
    assert (row["seeds seen"], row["after Holm"]) == (0, "cannot be seen")


def test_effects_in_a_sentence():
    rows = judged(a="+", b="-", c="0", d="n")
    assert tables_effects.sides(rows, "condition") == {
        "above": "a (+20.0 points)",
        "below": "b (-20.0 points)",
        "open": "c (+20.0 points); d (+20.0 points)",
    }
    assert tables_effects.listed([], "condition") == "none"
    row = {"estimate": -0.2, "low": -0.3, "high": -0.1, "p_holm": 0.0001}
    assert tables_effects.in_words(row) == "-20.0 [-30.0, -10.0] points (significantly below zero; p < 0.001)"
    open_row = {"estimate": 0.2, "low": -0.1, "high": 0.5, "p_holm": 0.2}
    assert tables_effects.in_words(open_row) == "20.0 [-10.0, 50.0] points (not significant; p = 0.200)"
    untested = {"estimate": 0.2, "low": None, "high": None, "p_holm": None, "note": "one seed: no interval"}
    assert tables_effects.in_words(untested) == "20.0 [–] points (no interval: one seed)"
    alone = row | {"fixed_low": -0.4, "fixed_high": 0.0, "fixed_p": 0.04}
    assert tables_effects.alone_in_words(alone) == "-20.0 [-40.0, 0.0] (p = 0.040)"


def test_differences_have_points_and_tests():
    row = tables_effects.differences(effects.effect(interventions()), "condition", "trained on").iloc[0]
    assert row["trained on"] == "correct"
    assert row["points [95% interval]"].startswith("66.7 [")
    assert row["p (Holm)"] == "0.161"
    assert row["p (Holm), these"] == "0.057"


def state(command: str, written: str, library: str) -> dict:
    return {
        "command": command, "written": written, "library_sha256": library * 64,
        "hardware": {"machine": "x86_64", "cores": 2, "memory_gib": 7.8, "system": "Linux"},
        "versions": {"python": "3.11.9", "torch": "2.13.0"}, "base_sha256": None,
        "precision": "fp32", "device": "cpu",
    }  # fmt: skip


ABOUT = {
    "runs": 3, "outcomes": 2400, "hours": 1.25, "sha256": {"runs.csv": "c" * 64},
    "computed": [
        state("tracelib grid", "2001-02-03", "d"),
        state("tracelib grid --cells s-correct", "2001-03-04", "e"),
    ],
}  # fmt: skip
OF_A_GRID = pd.DataFrame(
    {
        "setting": "s",
        "condition": ["vanilla", "filler", "correct"],
        "git_commit": ["a" * 40, "b" * 40 + "+changes", None],
        "data_sha256": ["b" * 64, "b" * 64, None],
        "computed": [0, 0, 1],
    }
)


def test_rows_of_another_grid_say_which_one():
    rows = tables_effects.of_grid(pd.DataFrame({"points": [1.0]}), "gpu", OF_A_GRID, ABOUT)
    assert rows.iloc[0].to_dict() == {
        "points": 1.0, "grid": "gpu", "setting": "s", "computed": tables_effects.origin(ABOUT, OF_A_GRID),
    }  # fmt: skip


def test_where_tables_came_from():
    here = "Linux on x86_64, 2 cores, 7.8 GiB, torch 2.13.0"
    assert tables_effects.origin(ABOUT, OF_A_GRID) == (
        f"3 runs, 1.2 hours of computing (2 written on 2001-02-03, {here}, of commit aaaaaaaa, "
        f"bbbbbbbb with changes; "
        f"1 written on 2001-03-04, {here}, of commit unknown)"
    )
    rows = tables_effects.provenance(ABOUT, OF_A_GRID).set_index("what")["value"]
    assert rows["runs"] == "3, 2,400 outcomes"
    assert (rows["2 runs"], rows["1 runs"]) == ("s-vanilla, s-filler", "s-correct")
    assert rows["computed by"].tolist() == ["tracelib grid", "tracelib grid --cells s-correct"]
    assert rows["commits"].tolist() == [f"{'a' * 40}, {'b' * 40}+changes", "unknown"]
    assert rows["sha256 of the library's modules"].tolist() == ["d" * 64, "e" * 64]
    assert rows["sha256 of the problems"].tolist() == ["b" * 64, "not kept"]
    assert rows["sha256 of the base"].unique().tolist() == ["not the bundled base"]
    assert rows["sha256 of runs.csv"] == "c" * 64
    assert rows["versions"].unique().tolist() == ["python 3.11.9, torch 2.13.0"]
    assert rows["matrix products in"].unique().tolist() == ["fp32, on cpu"]


def test_a_recipe_in_words():
    knobs = {"train_items": 2560, "epochs": 1, "learning_rate": 0.0005, "precision": "fp32"}
    assert tables_effects.recipe(knobs) == (
        "2,560 training problems, each seen once, at a learning rate of 0.0005, matrix products in fp32"
    )
    assert "each seen 2 times" in tables_effects.recipe(knobs | {"epochs": 2})


def test_a_heat_map_writes_every_estimate_and_leaves_holes():
    rows = pd.DataFrame(
        {"condition": ["z", "z", "a"], "intervention": ["own", "gold", "gold"], "estimate": [0.1, 0.2, 0.3]}
    )
    axes = figures_effects.heat(rows, "condition", "intervention", "percent").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["z", "a"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["own", "gold"]
    assert [text.get_text() for text in axes.texts] == ["10", "20", "30"]


def test_a_forest_has_a_panel_per_comparison_and_stays_within_what_is_possible():
    rows = pd.DataFrame(
        {
            "condition": ["a", "b", "b"],
            "kind": ["set", "set", "seen"],
            "estimate": [0.5, -0.5, 0.1],
            "low": [0.4, -0.6, None],
            "high": [0.6, 1.6, None],
        }
    )
    one, two = figures_effects.forest(rows, "condition", "kind", "points").axes
    assert [axes.get_title() for axes in (one, two)] == ["set", "seen"]
    shown = [x for line in one.containers for x in line.lines[0].get_xdata()]
    assert shown == pytest.approx([50, -50])
    (segments,) = (bars.get_segments() for bars in one.containers[0].lines[2])
    assert segments[0][:, 0] == pytest.approx([40, 60])
    assert list(two.containers[0].lines[0].get_ydata()) == [1]  # on the row of b
    assert one.get_xlim()[1] == two.get_xlim()[1] == 105


def test_panels_that_measure_different_things_have_scales_of_their_own():
    rows = pd.DataFrame({"y": ["a", "a"], "kind": ["small", "large"], "estimate": [0.01, 0.9]})
    rows = rows.assign(low=rows["estimate"] - 0.01, high=rows["estimate"] + 0.01)
    small, large = figures_effects.forest(rows, "y", "kind", "points", one_scale=False).axes
    assert small.get_xlim()[1] < 5 < 85 < large.get_xlim()[1]


def test_many_names_have_their_legend_outside():
    rows = pd.DataFrame({"x": range(7), "by": list("abcdefg"), "estimate": 0.5, "low": 0.4, "high": 0.6})
    figure = figures_effects.curves(rows, "x", "by", "x", "y")
    assert len(figure.legends[0].get_texts()) == 7
    assert figure.axes[0].get_legend() is None


def test_a_curve_has_its_intervals():
    rows = effects.forced(interventions()).assign(dose=range(5))
    axes = figures_effects.curves(rows, "dose", "measure", "dose", "percent").axes[0]
    assert len(axes.containers) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["answer_correct", "follows"]


def test_names_are_grouped_by_their_verdict():
    rows = pd.DataFrame({"condition": ["a", "b", "c"], "after Holm": ["up", "down", "up"]})
    shown = tables_effects.grouped(rows, ["conditions", "which"])
    assert shown.to_dict("list") == {
        "after Holm": ["up", "down"], "conditions": [2, 1], "which": ["a, c", "b"],
    }  # fmt: skip


def test_sides_are_named_as_a_chapter_cites_them():
    row = {"estimate": 0.2, "p_holm": 0.01, "condition": "a"}
    shown = tables_effects.named_sides("gap", pd.DataFrame([row]), "condition")
    assert shown == {"gap-above": "a (+20.0 points)", "gap-below": "none", "gap-open": "none"}


def test_an_effect_without_an_estimate_is_said_and_stands_on_no_side():
    nothing = {"condition": "a", "estimate": None, "p_holm": None, "note": "nothing to compare"}
    other = {"condition": "b", "estimate": 0.0, "p_holm": 0.9, "note": ""}
    assert tables_effects.in_words(nothing) == "no estimate (nothing to compare)"
    assert tables_effects.sides(pd.DataFrame([nothing, other]), "condition")["open"] == "b (+0.0 points)"


def test_rules_and_conditions_are_told_apart():
    row = {"kind": "all problems", "problems": 3, "estimate": 0.5, "low": 0.25, "high": 0.75}
    rows = pd.DataFrame([row | {"who": "all", "is_rule": True}, row | {"who": "correct", "is_rule": False}])
    shown = tables_effects.beside_rules({"s": rows})
    assert shown["who answers"].tolist() == ["a rule: all", "correct"]
    assert shown["problems"].tolist() == ["all problems (3)"] * 2
    assert shown["right answers"].tolist() == ["50.0 [25.0, 75.0]"] * 2


def test_other_models_stand_beside():
    interval = {"estimate": 0.2, "low": 0.1, "high": 0.3}
    there = {f"{name}_there": value / 2 for name, value in interval.items()}
    row = {"setting": "s", "first": "a", "second": "b", "model": "m", "n_there": 50, "pattern": "same"}
    shown = tables_effects.here_and_there(pd.DataFrame([row | interval | there]))
    assert shown.loc[0, ["comparison", "points here", "points there"]].tolist() == [
        "a − b", "20.0 [10.0, 30.0]", "10.0 [5.0, 15.0]",
    ]  # fmt: skip


def test_what_forced_facts_give_is_judged_where_they_give_something():
    rows = pd.DataFrame(
        [
            {"forced": "gold", "gives": ("A", "B"), "right": True},
            {"forced": "wrong facts", "gives": ("C",), "right": False},
            {"forced": "empty", "gives": (), "right": False},
        ]
    )
    shown = tables_effects.given(rows)
    assert shown["its facts give"].tolist() == ["A, B", "C", "nothing"]
    assert shown["that would be"].tolist() == ["right", "wrong", "–"]


def test_probes_have_a_column_per_model_and_measure():
    rows = pd.DataFrame(
        [
            {"condition": "reads", "intervention": "gold", "measure": "answer_correct", "estimate": 1.0},
            {"condition": "reads", "intervention": "gold", "measure": "follows", "estimate": 0.9984},
            {"condition": "reads", "intervention": "empty", "measure": "answer_correct", "estimate": 0.0},
        ]
    )
    assert tables_effects.probes(rows).to_dict("list") == {
        "forced": ["gold", "empty"], "reads: right": [100.0, 0.0], "reads: follows": [99.8, "–"],
    }  # fmt: skip


def test_texts_that_were_cut_are_counted_in_the_runs_that_counted():
    assert tables_effects.unfinished(pd.Series([2, None, 3])) == "5, in the 2 runs that counted them"
    assert tables_effects.unfinished(pd.Series([None, None])) == tables_effects.NOT_COUNTED


def test_differences_of_several_parts_say_which():
    rows = effects.effect(interventions())
    shown = tables_effects.differences_of({"a − b": rows, "c − d": rows}, "condition", "trained on")
    assert shown["difference"].tolist() == ["a − b"] * len(rows) + ["c − d"] * len(rows)
