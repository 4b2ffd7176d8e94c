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


@pytest.fixture
def one_is_enough(monkeypatch):
    """The runs by hand have fewer traces of a kind than are asked for."""
    monkeypatch.setattr(effects, "LEAST", 1)


@pytest.mark.usefixtures("one_is_enough")
def test_the_association_leaves_out_seeds_that_lack_a_kind_of_trace():
    runs = outcomes({"correct": ["1100", "1101"]}, trace="1100")
    runs.loc[runs["seed"] == 3, "trace_correct"] = True
    third = outcomes({"correct": ["0000"]}, trace="1111").assign(seed=3)
    row = effects.association(pd.concat([runs, third])).iloc[0]
    assert (row["given_right"], row["given_wrong"], row["n"]) == (1.0, 0.25, 2)
    assert row["estimate"] == pytest.approx(np.mean([1.0, 0.5]))
    assert (row["right"], row["wrong"]) == (4, 4)  # the third run's are not among them


def test_a_share_of_a_few_traces_is_none():
    """Two right traces with right answers in every seed would be certain to five decimals."""
    few = outcomes({"correct": ["11000000", "11000001"]}, trace="11110000")
    assert effects.association(few).empty
    five = outcomes({"correct": ["1111000000", "1111000001"]}, trace="1111100000")
    (row,) = effects.association(five).to_dict("records")
    assert (row["n"], row["right"], row["wrong"]) == (2, 10, 10)
    assert row["estimate"] == pytest.approx(np.mean([0.8, 0.6]))


def test_an_interval_stays_within_what_is_possible():
    runs = outcomes({"vanilla": ["0000", "0000"], "correct": ["1111", "1000"]})
    (row,) = effects.contrasts(runs, [("correct", "vanilla")]).to_dict("records")
    assert (row["low"], row["high"]) == (-1, 1)
    assert row["p_value"] == stats.ttest_1samp([1.0, 0.25], 0).pvalue


def test_equivalence_is_a_family_of_its_own():
    """Three settings, one pair: the others' p-values do not count."""
    three = pd.concat([RUNS.assign(setting=name) for name in "abc"])
    compared = effects.contrasts(three, [("correct", "vanilla"), ("vanilla", "correct")])
    rows = effects.equivalence(compared, "correct", "vanilla")
    p_value = compared["p_equivalence"][0]
    assert rows["setting"].tolist() == ["a", "b", "c"]
    assert rows["p_value"].tolist() == [p_value] * 3
    assert rows["p_holm"].tolist() == pytest.approx([min(1, 3 * p_value)] * 3)
    assert not rows["equivalent"].any()
    close = compared.assign(p_equivalence=[0.001, 0.9, 0.02, 0.9, 0.04, 0.9])
    assert effects.equivalence(close, "correct", "vanilla")["equivalent"].tolist() == [True, True, True]
    close = close.assign(p_equivalence=[0.001, 0.9, 0.03, 0.9, 0.04, 0.9])
    assert effects.equivalence(close, "correct", "vanilla")["equivalent"].tolist() == [True, False, False]


def test_the_slope_is_each_seeds_own():
    doses = {"correct": 0.0, "dose-50": 0.5, "incorrect": 1.0}
    runs = outcomes({"correct": ["1111", "1110"], "dose-50": ["1100", "1100"], "incorrect": ["0000", "1000"]})
    row = effects.slope(runs, doses)
    assert row["estimate"] == pytest.approx(np.mean([-1.0, -0.5]))
    assert row["n"] == 2


def test_a_slope_can_be_on_anything_that_conditions_differ_in():
    runs = outcomes({"vanilla": ["1100", "1100"], "correct": ["1110", "1111"]})
    row = effects.slope(runs, {"vanilla": 0.1, "correct": 0.6})
    assert row["estimate"] == pytest.approx(np.mean([0.25, 0.5]) / 0.5)


def test_the_factorial_by_hand():
    corners = {
        "correct": ["1111", "1110"],
        "wrong-category": ["1110", "1100"],
        "wrong-facts": ["1100", "1000"],
        "both-wrong": ["0000", "0000"],
    }
    found = effects.factorial(outcomes(corners)).set_index("effect")
    by_seed = {
        "wrong category": [-0.375, -0.25],
        "wrong facts": [-0.625, -0.5],
        "interaction": [-0.25, 0.0],
    }
    for name, values in by_seed.items():
        assert found["estimate"][name] == pytest.approx(np.mean(values))
        assert found["p_value"][name] == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
    assert found["p_holm"]["wrong facts"] == pytest.approx(3 * found["p_value"].min())


def test_every_other_condition_is_set_against_each_reference():
    assert effects.against(["vanilla", "correct", "a", "b"], ("correct", "vanilla")) == [
        ("a", "correct"), ("b", "correct"), ("a", "vanilla"), ("b", "vanilla"),
    ]  # fmt: skip


def judged(**sides) -> pd.DataFrame:
    """Effects by condition: + and - significant after Holm, 0 open, n without a test."""
    made = {"+": (0.2, 0.01), "-": (-0.2, 0.01), "0": (0.2, 0.06), "n": (0.2, None)}
    return pd.DataFrame(
        {"condition": name, "estimate": made[side][0], "p_holm": made[side][1]}
        for name, side in sides.items()
    )


def test_an_effect_is_above_below_or_open():
    rows = judged(a="+", b="-", c="0", d="n").to_dict("records")
    assert [effects.side(row) for row in rows] == [1, -1, 0, 0]


def test_two_experiments_show_the_same_or_not():
    sides = [(1, 1), (-1, -1), (1, -1), (1, 0), (0, -1), (0, 0)]
    assert [effects.pattern(*pair) for pair in sides] == [
        "same direction", "same direction", "opposite directions", "shown here only", "shown there only",
        "shown in neither",
    ]  # fmt: skip


def test_setting_and_seeing_agree_or_not():
    done = judged(a="+", b="+", c="0", d="n", e="-", f="+", g="-")
    seen = judged(a="+", b="0", c="+", d="0", e="+", g="-")
    assert effects.agreement(done, seen)["agreement"].tolist() == [
        "both above zero", "set only", "seen only", "cannot be tested", "opposite", "cannot be seen",
        "both below zero",
    ]  # fmt: skip
    assert effects.agreement(judged(a="+"), judged(a="n"))["agreement"].tolist() == ["cannot be tested"]
    assert effects.agreement(judged(a="0"), judged(a="0"))["agreement"].tolist() == ["neither shown"]
    assert effects.agreement(done, pd.DataFrame())["agreement"].unique().tolist() == ["cannot be seen"]


def interventions() -> pd.DataFrame:
    rows = []
    for seed, (gold, wrong) in enumerate([("11", "00"), ("11", "10"), ("10", "00")], start=1):
        for name, digits in (("gold", gold), ("wrong facts", wrong), ("empty", "10")):
            for number, digit in enumerate(digits):
                follows = None if name == "empty" else (digit == "1") == (name == "gold")
                astray = None if name == "empty" else name == "wrong facts"
                rows.append(
                    {"condition": "correct", "intervention": name, "seed": seed, "item": f"i{number}",
                     "answer_correct": digit == "1", "follows": follows, "leads_astray": astray}
                )  # fmt: skip
    return pd.DataFrame(rows).astype({"follows": "boolean", "leads_astray": "boolean"})


def test_the_effect_of_the_forced_trace_is_paired_by_seed():
    row = effects.effect(interventions()).iloc[0]
    assert row["estimate"] == pytest.approx(np.mean([1.0, 0.5, 0.5]))
    assert row["n"] == 3


def test_the_effect_is_of_the_items_that_have_both_traces():
    table = interventions()
    lost = (table["seed"] == 1) & (table["intervention"] == "gold") & (table["item"] == "i1")
    lost |= (table["seed"] == 2) & (table["intervention"] == "wrong facts") & (table["item"] == "i0")
    row = effects.effect(table[~lost]).iloc[0]  # seed 2 is left with its second item, seed 1 with its first
    assert row["estimate"] == pytest.approx(np.mean([1.0, 1.0, 0.5]))
    assert effects.effect(table, "gold", "own").empty


def test_an_effect_says_in_how_many_seeds_the_items_differ():
    """Six items that differ one way, p = 2/64, are enough at 5 %; five, p = 2/32, are not."""
    rows = [
        {"condition": "correct", "intervention": name, "seed": seed, "item": f"i{number}",
         "answer_correct": name == "gold" or number >= differ}
        for seed, differ in enumerate([6, 5, 7], start=1)
        for name in ("gold", "wrong facts")
        for number in range(8)
    ]  # fmt: skip
    (row,) = effects.effect(pd.DataFrame(rows)).to_dict("records")
    assert (row["n"], row["mcnemar"]) == (3, 2)


def test_without_a_test_an_effect_does_not_count_in_the_family():
    table = interventions()
    gold = table["intervention"] == "gold"
    table.loc[gold, "answer_correct"], table.loc[~gold, "answer_correct"] = True, False
    both = effects.effect(pd.concat([table.assign(condition="same"), interventions()])).set_index("condition")
    assert both["note"]["same"] == "all seeds equal: no interval"
    assert both["p_holm"]["correct"] == both["p_value"]["correct"]


@pytest.mark.usefixtures("one_is_enough")
def test_setting_minus_seeing_is_paired_by_seed():
    """Set: 1, 0.5, 0.5. Seen: 1 and 0.5 in the first two seeds; the third has right traces alone."""
    runs = outcomes({"correct": ["1100", "1101"]}, trace="1100")
    third = outcomes({"correct": ["0000"]}, trace="1111").assign(seed=3)
    (row,) = effects.set_minus_seen(interventions(), pd.concat([runs, third])).to_dict("records")
    assert (row["condition"], row["n"]) == ("correct", 2)
    assert row["estimate"] == pytest.approx(np.mean([1.0 - 1.0, 0.5 - 0.5]))
    assert effects.set_minus_seen(interventions(), third).empty


def test_what_is_answered_where_the_facts_lead_astray():
    (row,) = effects.led_astray(interventions()).to_dict("records")
    assert (row["intervention"], row["answers"], row["n"]) == ("wrong facts", 6, 3)
    assert row["follows"] == row["estimate"] == pytest.approx(np.mean([1, 0.5, 1]))
    assert (row["right"], row["neither"]) == (pytest.approx(1 / 6), 0)


def test_following_is_counted_where_the_facts_give_an_answer():
    table = effects.forced(interventions())
    follows = table[table["measure"] == "follows"].set_index("intervention")["estimate"]
    assert follows["gold"] == pytest.approx(5 / 6)
    assert "empty" not in follows
    right = table[table["measure"] == "answer_correct"].set_index("intervention")["estimate"]
    assert right["empty"] == 0.5


def drawn(shifts: dict[str, float], between_runs: float = 0.0, seeds: int = 4) -> pd.DataFrame:
    """*Simulated* runs: items differ in ease, conditions by a shift, runs by as much as is said."""
    rng = np.random.default_rng(1)
    ease = rng.normal(size=60)

    def run(shift: float) -> str:
        level = shift + between_runs * rng.normal()
        return "".join("01"[int(e + level + rng.normal() > 0)] for e in ease)

    runs = {condition: [run(shift) for _ in range(seeds)] for condition, shift in shifts.items()}
    return outcomes(runs, trace="1" * 60)


def test_the_mixed_model_finds_a_difference_that_was_put_in():
    table = drawn({"vanilla": 0.0, "correct": 0.8, "same": 0.0})
    found = effects.mixed(table, [("correct", "vanilla"), ("same", "vanilla"), ("correct", "absent")])
    plain = table.groupby("condition")["answer_correct"].mean()
    assert found["first"].tolist() == ["correct", "same"]
    assert found["estimate"][0] == pytest.approx(plain["correct"] - plain["vanilla"], abs=1e-6)
    assert found["low"][0] > 0
    assert found["low"][1] < 0 < found["high"][1]
    assert found["note"].tolist() == ["", ""]


def test_the_mixed_model_knows_that_runs_differ():
    """Where runs of a condition differ much, its interval is about as wide as the one over seeds."""
    table = drawn({"vanilla": 0.0, "correct": 0.3}, between_runs=1.0, seeds=5)
    (row,) = effects.mixed(table, [("correct", "vanilla")]).to_dict("records")
    (over_seeds,) = effects.contrasts(table, [("correct", "vanilla")]).to_dict("records")
    t_and_normal = stats.t.ppf(0.975, 4) / stats.norm.ppf(0.975)
    width, expected = row["high"] - row["low"], (over_seeds["high"] - over_seeds["low"]) / t_and_normal
    assert 0.7 < width / expected < 1.4


@pytest.mark.parametrize("items", [1, 4, 20])
def test_one_right_answer_in_all_is_fitted(items):
    """Variances of zero leave the covariance singular: no warning, and a proper interval."""
    none, first = "0" * items, "1".ljust(items, "0")
    runs = outcomes({"correct": [none, none], "incorrect": [first, none]}, trace="1" * items)
    (row,) = effects.mixed(runs, [("incorrect", "correct")]).to_dict("records")
    assert row["note"] == ""
    assert row["estimate"] == pytest.approx(1 / items / 2)
    assert row["low"] < row["estimate"] < row["high"]


def test_what_cannot_be_fitted_is_said_to_be_so(monkeypatch):
    def fit(*_, **__):
        raise np.linalg.LinAlgError

    monkeypatch.setattr(effects.MixedLM, "fit", fit)
    row = effects.mixed(RUNS).iloc[0]
    assert (row["estimate"], row["note"]) == (None, "could not be fitted")
    row = effects.mixed(RUNS[RUNS["seed"] == 1]).iloc[0]
    assert (row["estimate"], row["note"]) == (None, "one seed: no model")


def test_answers_that_are_all_alike_have_no_model():
    runs = outcomes({"vanilla": ["0000", "0000"], "correct": ["0000", "0000"]})
    row = effects.mixed(runs).iloc[0]
    assert (row["first"], row["estimate"], row["note"]) == ("vanilla", None, "all answers alike: no model")
