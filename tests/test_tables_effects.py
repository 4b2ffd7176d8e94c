"""Effects as people read them: percent, points, a dash for what there is not."""

import pandas as pd

from tests.test_effects import RUNS, interventions, outcomes
from tracelib import effects, figures_effects, tables_effects


def test_rates_have_a_row_per_condition_and_a_column_per_measure():
    table = tables_effects.rates(effects.by_condition(RUNS, ["answer_correct", "trace_correct"]))
    assert table["condition"].tolist() == ["vanilla", "correct"]
    assert table["answer right"][0] == "50.0 [0.0, 100.0]"
    assert table[["seeds", "items per seed"]].to_numpy().tolist() == [[3, 4]] * 2


def test_contrasts_say_what_is_missing():
    one_seed = RUNS[RUNS["seed"] == 1]
    table = tables_effects.contrasts(effects.contrasts(one_seed, [("correct", "vanilla")]))
    row = table.iloc[0]
    assert (row["comparison"], row["points [95% interval]"]) == ("correct − vanilla", "50.0 [–]")
    assert (row["p"], row["note"]) == ("–", "one seed: no interval")
    assert "note" not in tables_effects.contrasts(effects.contrasts(RUNS, [("correct", "vanilla")]))


def test_association_and_mixed_model_in_percent():
    runs = outcomes({"correct": ["1100", "1101"]}, trace="1100")
    row = tables_effects.association(effects.association(runs)).iloc[0]
    assert (row["answer right, of right traces"], row["of wrong traces"]) == ("100.0", "25.0")
    alike = outcomes({"vanilla": ["00", "00"], "correct": ["00", "00"]}, trace="11")
    row = tables_effects.mixed(effects.mixed(alike, "vanilla"), "vanilla").iloc[0]
    assert (row["comparison"], row["points [95% interval]"], row["p"]) == ("correct − vanilla", "–", "–")


def test_a_scatter_has_a_point_per_run_and_a_curve_its_intervals():
    table = pd.DataFrame({"condition": ["a", "a", "b"], "x": [0.1, 0.2, 0.3], "y": [0.5, 0.6, 0.7]})
    axes = figures_effects.scatter(table, "x", "y", "right traces", "right answers").axes[0]
    points = [tuple(point) for found in axes.collections for point in found.get_offsets()]
    assert sorted(points) == [(10.0, 50.0), (20.0, 60.0), (30.0, 70.0)]
    rows = effects.forced(interventions()).assign(dose=range(5))
    axes = figures_effects.curves(rows, "dose", "measure", "dose", "percent").axes[0]
    assert len(axes.containers) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["answer_correct", "follows"]
    log = figures_effects.curves(
        rows.assign(dose=[80, 160, 320, 80, 160]), "dose", "measure", "x", "y", log=True
    )
    assert [label.get_text() for label in log.axes[0].get_xticklabels()] == ["80", "160", "320"]
