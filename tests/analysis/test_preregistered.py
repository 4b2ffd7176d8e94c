"""The registered analysis on made answers: gates at their bounds, three tests, Holm's adjustment."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tracelib.analysis import effects, preregistered
from tracelib.analysis.preregistered import Size
from tracelib.experiments import sweep_tables

SIZE = Size(margin=0.05, astray="other answer", trainings=5)
SHARES = {"prompted": 0.0, "vanilla-tagged": 0.7, "correct": 0.6, "both-wrong": 0.6}


def answers(shares=SHARES, seeds=5, items=200) -> pd.DataFrame:
    """Answers with a given share right per arm. Trainings differ on a fifth of the problems."""
    rng = np.random.default_rng(1)
    hard = rng.random(items)
    rows = []
    for arm, share in shares.items():
        for seed in range(1, 2 if arm == "prompted" else seeds + 1):
            own = np.where(rng.random(items) < 0.2, rng.random(items), hard)
            rows += [
                {"condition": arm, "seed": seed, "item": f"p{i}", "answer_correct": bool(own[i] < share)}
                for i in range(items)
            ]
    return pd.DataFrame(rows).assign(found="tag", parsed=True)


def set_traces(shares: dict[str, float], seeds=5, items=200) -> pd.DataFrame:
    """Interventions with a share that follows per arm, and others that must not be counted."""
    outcomes = answers(shares, seeds, items).rename(columns={"answer_correct": "follows"})
    astray = outcomes.assign(intervention="other answer", leads_astray=True)
    others = astray.assign(follows=True, intervention="gold", leads_astray=False)
    return pd.concat([astray, others, others.assign(intervention="other answer", item=others["item"] + "x")])


FOLLOWING = set_traces({"correct": 0.9, "both-wrong": 0.1})


def gate(found: pd.DataFrame, words: str) -> pd.Series:
    return found[found["gate"].str.contains(words)].iloc[0]


def test_all_gates_pass_and_name_their_samples():
    found = preregistered.gates(answers())
    assert found["passed"].all()
    assert len(found) == 5
    assert gate(found, "vanilla-tagged: right")["n"] == 5
    assert gate(found, "vanilla-tagged: right")["items"] == 200


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({"vanilla-tagged": 0.21}, ["vanilla-tagged: right answers"]),
        ({"vanilla-tagged": 1.0}, ["vanilla-tagged: right answers"]),
        ({"prompted": 0.65}, ["vanilla-tagged minus prompted: right answers"]),
    ],
)
def test_a_gate_fails_outside_its_bounds(changed, failed):
    found = preregistered.gates(answers(SHARES | changed))
    assert found.loc[~found["passed"], "gate"].tolist() == failed


def test_an_end_at_zero_is_shifted_as_well():
    """Of the two trainings one is always wrong: the interval of the mean is cut at zero and one."""
    outcomes = answers(SHARES | {"prompted": 0.3}, seeds=2, items=50)
    plain = outcomes["condition"].eq("vanilla-tagged")
    outcomes = outcomes.assign(
        answer_correct=outcomes["answer_correct"].where(~plain, outcomes["seed"].eq(1))
    )
    found = preregistered.gates(outcomes)
    prompted = outcomes.loc[outcomes["condition"].eq("prompted"), "answer_correct"].mean()
    right, more = (gate(found, f"vanilla-tagged{words}") for words in (": right", " minus"))
    assert right["low"] == 0
    assert more["low"] == pytest.approx(-prompted)


def test_outputs_must_be_complete():
    outcomes = answers()
    of_arm = outcomes["condition"].eq("correct") & outcomes["item"].isin([f"p{i}" for i in range(11)])
    found = preregistered.gates(outcomes.assign(parsed=~of_arm))  # 94.5 %
    assert found.loc[~found["passed"], "gate"].tolist() == ["correct: both steps and a tagged answer"]
    bare = outcomes.assign(found=outcomes["found"].where(outcomes["condition"] != "vanilla-tagged", "bare"))
    found = preregistered.gates(bare)
    assert found.loc[~found["passed"], "gate"].tolist() == ["vanilla-tagged: a tagged answer"]


def test_the_first_question_is_one_sided_against_the_margin():
    outcomes = answers()
    row = preregistered.primary(outcomes, FOLLOWING, SIZE).set_index("question").loc["correctness"]
    plain = effects.contrasts(outcomes.assign(setting=""), [("both-wrong", "correct")]).iloc[0]
    assert row["estimate"] == plain["estimate"]
    for name, least in (("p", 0.05), ("p_above", 0.0)):
        expected = stats.t.sf((plain["estimate"] + least) / plain["error"], plain["df"])
        assert row[name] == pytest.approx(expected)
    strict = preregistered.primary(outcomes, FOLLOWING, Size(0.0, "other answer", 5)).iloc[0]
    assert strict["p"] == pytest.approx(row["p_above"])


def test_following_counts_only_interventions_that_lead_astray():
    row = preregistered.primary(answers(), FOLLOWING, SIZE).set_index("question").loc["following"]
    astray = FOLLOWING[FOLLOWING["leads_astray"]]
    rates = astray.groupby("condition")["follows"].mean()
    assert row["estimate"] == pytest.approx(rates["correct"] - rates["both-wrong"])
    assert (row["n"], row["items"]) == (5, 200)


def test_holm_goes_over_the_three_tests():
    found = preregistered.primary(answers(), FOLLOWING, SIZE)
    in_order = found.sort_values("p")
    expected = np.maximum.accumulate(np.minimum(1, in_order["p"] * [3, 2, 1]))
    assert in_order["p_holm"].tolist() == pytest.approx(expected.tolist())
    assert found["shown"].tolist() == (found["p_holm"] < 0.05).tolist()


def test_superiority_is_asked_only_once_non_inferiority_is_shown():
    for share, verdicts in ((0.8, [True, True]), (0.6, [True, False]), (0.5, [False, False])):
        found = preregistered.primary(answers(SHARES | {"both-wrong": share}), FOLLOWING, SIZE)
        assert found.loc[0, ["shown", "above"]].tolist() == verdicts


def test_superiority_is_tested_at_the_level_of_its_question():
    rows = pd.DataFrame({"p": [0.001, 0.01, 0.02], "p_above": [0.016, None, None]})
    assert preregistered._family(rows)["above"].tolist() == [True, False, False]  # 0.05 / 3
    rows = pd.DataFrame({"p": [0.001, 0.01, 0.02], "p_above": [0.017, None, None]})
    assert preregistered._family(rows)["above"].tolist() == [False, False, False]
    rows = pd.DataFrame({"p": [0.03, 0.01, 0.02], "p_above": [0.04, None, None]})
    assert preregistered._family(rows)["above"].tolist() == [True, False, False]  # the third: 0.05


def test_the_committed_runs_have_everything_that_the_analysis_reads():
    outcomes, interventions, *_ = sweep_tables.read("smollm2-babi")
    found = preregistered.primary(outcomes, interventions, preregistered.CPU)
    assert found[["estimate", "low", "high", "p_holm"]].notna().all(axis=None)
    assert found["items"].tolist() == [375, 375, 145]  # two of the 376 are the same
    assert preregistered.gates(outcomes)["passed"].all()
