"""Effects over seeds, by hand on a few runs of four items."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tracelib import effects


def outcomes(right: dict[str, list[str]], trace: str = "1111", setting: str = "a") -> pd.DataFrame:
    """Runs of four items: condition -> per seed which answers are right, as a text of 0 and 1."""
    rows = [
        {
            "setting": setting, "condition": condition, "seed": seed, "item": f"i{number}",
            "answer_correct": digit == "1", "trace_correct": trace[number] == "1",
        }
        for condition, runs in right.items()
        for seed, digits in enumerate(runs, start=1)
        for number, digit in enumerate(digits)
    ]  # fmt: skip
    return pd.DataFrame(rows)


RUNS = outcomes({"vanilla": ["1100", "1000", "1110"], "correct": ["1111", "1100", "1111"]})


def test_a_rate_is_the_mean_over_seeds_with_its_t_interval():
    row = effects.by_condition(RUNS, ["answer_correct"]).set_index("condition").loc["vanilla"]
    values = np.array([0.5, 0.25, 0.75])
    half = stats.t.ppf(0.975, 2) * values.std(ddof=1) / 3**0.5
    assert row["estimate"] == 0.5
    assert row["low"] == max(0, 0.5 - half)
    assert row["high"] == pytest.approx(min(1, 0.5 + half))
    assert (row["n"], row["items"]) == (3, 4)


def test_a_contrast_is_paired_by_seed():
    row = effects.contrasts(RUNS, [("correct", "vanilla"), ("correct", "absent")]).iloc[0]
    differences = [0.5, 0.25, 0.25]
    assert row["estimate"] == pytest.approx(np.mean(differences))
    assert row["p_value"] == pytest.approx(stats.ttest_1samp(differences, 0).pvalue)
    assert row["p_holm"] == row["p_value"]  # the only one of its family
    assert row["equivalent"] is False or not row["equivalent"]
    assert row["mcnemar"] == 0  # two discordant items of four prove nothing


def test_holm_counts_the_whole_family():
    both = pd.concat([RUNS, RUNS.assign(setting="b")])
    rows = effects.contrasts(both, [("correct", "vanilla")])
    assert len(rows) == 2
    assert rows["p_holm"].tolist() == pytest.approx((2 * rows["p_value"]).tolist())


def test_within_a_seed_many_items_can_differ():
    runs = outcomes({"vanilla": ["0" * 12] * 2, "correct": ["1" * 12, "0" * 12]}, trace="1" * 12)
    assert effects.contrasts(runs, [("correct", "vanilla")]).iloc[0]["mcnemar"] == 1


def test_the_association_leaves_out_seeds_that_lack_a_kind_of_trace():
    runs = outcomes({"correct": ["1100", "1101"]}, trace="1100")
    runs.loc[runs["seed"] == 3, "trace_correct"] = True
    third = outcomes({"correct": ["0000"]}, trace="1111").assign(seed=3)
    row = effects.association(pd.concat([runs, third])).iloc[0]
    assert (row["given_right"], row["given_wrong"], row["n"]) == (1.0, 0.25, 2)
    assert row["estimate"] == pytest.approx(np.mean([1.0, 0.5]))


def test_the_slope_is_each_seeds_own():
    doses = {"correct": 0.0, "dose-50": 0.5, "incorrect": 1.0}
    runs = outcomes({"correct": ["1111", "1110"], "dose-50": ["1100", "1100"], "incorrect": ["0000", "1000"]})
    row = effects.slope(runs, doses)
    assert row["estimate"] == pytest.approx(np.mean([-1.0, -0.5]))
    assert row["n"] == 2


def interventions() -> pd.DataFrame:
    rows = []
    for seed, (gold, wrong) in enumerate([("11", "00"), ("11", "10"), ("10", "00")], start=1):
        for name, digits in (("gold", gold), ("wrong facts", wrong), ("empty", "10")):
            for digit in digits:
                follows = None if name == "empty" else (digit == "1") == (name == "gold")
                rows.append(
                    {"condition": "correct", "intervention": name, "seed": seed,
                     "answer_correct": digit == "1", "follows": follows}
                )  # fmt: skip
    return pd.DataFrame(rows).astype({"follows": "boolean"})


def test_the_effect_of_the_forced_trace_is_paired_by_seed():
    row = effects.effect(interventions()).iloc[0]
    assert row["estimate"] == pytest.approx(np.mean([1.0, 0.5, 0.5]))
    assert row["n"] == 3


def test_following_is_counted_where_the_facts_give_an_answer():
    table = effects.forced(interventions())
    follows = table[table["measure"] == "follows"].set_index("intervention")["estimate"]
    assert follows["gold"] == pytest.approx(5 / 6)
    assert "empty" not in follows
    right = table[table["measure"] == "answer_correct"].set_index("intervention")["estimate"]
    assert right["empty"] == 0.5


def test_the_mixed_model_finds_a_difference_that_was_put_in():
    rng = np.random.default_rng(1)
    ease = rng.normal(size=60)
    runs = {
        condition: ["".join("01"[int(e + shift + rng.normal() > 0)] for e in ease) for _ in range(4)]
        for condition, shift in (("vanilla", 0.0), ("correct", 0.8), ("same", 0.0))
    }
    table = outcomes(runs, trace="1" * 60)
    found = effects.mixed(table, "vanilla").set_index("condition")
    plain = table.groupby("condition")["answer_correct"].mean()
    assert found["estimate"]["correct"] == pytest.approx(plain["correct"] - plain["vanilla"], abs=1e-6)
    assert found["low"]["correct"] > 0
    assert found["low"]["same"] < 0 < found["high"]["same"]
    assert found["note"].tolist() == ["", ""]


def test_answers_that_are_all_alike_have_no_model():
    runs = outcomes({"vanilla": ["0000", "0000"], "correct": ["0000", "0000"]})
    row = effects.mixed(runs, "vanilla").iloc[0]
    assert (row["condition"], row["estimate"], row["note"]) == (
        "correct",
        None,
        "all answers alike: no model",
    )
