"""Effects over seeds and problems, by hand on a few runs of four items."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tracelib.analysis import effects
from tracelib.core.errors import InputError
from tracelib.reporting import tables_effects
from tracelib.stats import crossed


def outcomes(right: dict[str, list[str]], trace: str = "1111", setting: str = "a") -> pd.DataFrame:
    """Outcomes of runs: condition -> one text per seed with a digit per item, 1 for a right answer."""
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


def crossed_mean(*values: str) -> dict:
    """The interval over seeds and items, from a text per seed with a digit per item, 1 for a right answer."""
    return crossed.interval(crossed.means(pd.DataFrame([[int(digit) for digit in text] for text in values])))


def test_a_rate_has_its_interval_over_seeds_and_problems():
    row = effects.by_condition(RUNS, ["answer_correct"]).set_index("condition").loc["vanilla"]
    expected = crossed_mean("1100", "1000", "1110")
    assert row["estimate"] == expected["estimate"] == 0.5
    assert (row["low"], row["high"]) == (max(0, expected["low"]), min(1, expected["high"]))
    assert (row["n"], row["items"]) == (3, 4)
    values = np.array([0.5, 0.25, 0.75])
    half = stats.t.ppf(0.975, 2) * values.std(ddof=1) / 3**0.5
    assert row["fixed_high"] == pytest.approx(min(1, 0.5 + half))


def test_a_contrast_is_paired_by_seed():
    row = effects.contrasts(RUNS, [("correct", "vanilla"), ("correct", "absent")]).iloc[0]
    expected = crossed_mean("0011", "0100", "0001")
    assert row["estimate"] == pytest.approx(expected["estimate"])
    assert row["p"] == pytest.approx(expected["p"])
    assert row["fixed_p"] == pytest.approx(stats.ttest_1samp([0.5, 0.25, 0.25], 0).pvalue)
    assert row["p_holm"] == row["p"]  # a family of one
    assert row["fixed_p_holm"] == row["fixed_p"]
    assert row["equivalent"] is False or not row["equivalent"]
    assert row["mcnemar"] == 0  # two discordant items are not significant


def test_holm_counts_the_whole_family():
    both = pd.concat([RUNS, RUNS.assign(setting="b")])
    rows = effects.contrasts(both, [("correct", "vanilla")])
    assert len(rows) == 2
    assert rows["p_holm"].tolist() == pytest.approx((2 * rows["p"]).tolist())
    assert rows["fixed_p_holm"].tolist() == pytest.approx((2 * rows["fixed_p"]).tolist())


def test_within_a_seed_many_items_can_differ():
    runs = outcomes({"vanilla": ["0" * 12] * 2, "correct": ["1" * 12, "0" * 12]}, trace="1" * 12)
    assert effects.contrasts(runs, [("correct", "vanilla")]).iloc[0]["mcnemar"] == 1


@pytest.fixture
def one_is_enough(monkeypatch):
    """Lower `LEAST`, because the hand-made runs have few traces."""
    monkeypatch.setattr(effects, "LEAST", 1)


@pytest.mark.usefixtures("one_is_enough")
def test_the_association_leaves_out_seeds_that_lack_a_kind_of_trace():
    runs = outcomes({"correct": ["1100", "1101"]}, trace="1100")
    runs.loc[runs["seed"] == 3, "trace_correct"] = True
    third = outcomes({"correct": ["0000"]}, trace="1111").assign(seed=3)
    row = effects.association(pd.concat([runs, third])).iloc[0]
    assert (row["given_right"], row["given_wrong"], row["n"]) == (1.0, 0.25, 2)
    assert row["estimate"] == pytest.approx(np.mean([1.0, 0.5]))
    assert (row["right"], row["wrong"]) == (4, 4)  # without the third run


def test_a_share_of_a_few_traces_is_none():
    """Two right traces per seed, with right answers, would otherwise give a very narrow interval."""
    few = outcomes({"correct": ["11000000", "11000001"]}, trace="11110000")
    (nothing,) = effects.association(few).to_dict("records")
    assert (nothing["estimate"], nothing["n"], nothing["note"]) == (None, 0, effects.TOO_FEW)
    assert tables_effects.association(effects.association(few)).loc[0, "answer right, of these"] == "–"
    assert effects.seen(few)["correct"].by_seed.empty
    five = outcomes({"correct": ["1111000000", "1111000001"]}, trace="1111100000")
    (row,) = effects.association(five).to_dict("records")
    assert (row["n"], row["right"], row["wrong"]) == (2, 10, 10)
    assert row["estimate"] == pytest.approx(np.mean([0.8, 0.6]))


def test_an_interval_stays_within_what_is_possible():
    runs = outcomes({"vanilla": ["0000", "0000"], "correct": ["1111", "1000"]})
    (row,) = effects.contrasts(runs, [("correct", "vanilla")]).to_dict("records")
    assert (row["fixed_low"], row["fixed_high"]) == (-1, 1)
    assert (row["low"], row["high"]) == (-1, 1)  # the interval exceeds the range and is cut
    assert row["fixed_p"] == stats.ttest_1samp([1.0, 0.25], 0).pvalue


def test_equivalence_is_a_family_of_its_own():
    """Three settings and one pair: the p-values of other pairs do not count."""
    three = pd.concat([RUNS.assign(setting=name) for name in "abc"])
    compared = effects.contrasts(three, [("correct", "vanilla"), ("vanilla", "correct")])
    rows = effects.equivalence(compared, "correct", "vanilla")
    p_value = compared["p_equivalence"][0]
    assert rows["setting"].tolist() == ["a", "b", "c"]
    assert rows["p"].tolist() == [p_value] * 3
    assert rows["p_holm"].tolist() == pytest.approx([min(1, 3 * p_value)] * 3)
    assert rows["fixed_p"].tolist() == compared["fixed_p_equivalence"][::2].tolist()
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


def test_every_other_condition_is_set_against_each_reference():
    assert effects.against(["vanilla", "correct", "a", "b"], ("correct", "vanilla")) == [
        ("a", "correct"), ("b", "correct"), ("a", "vanilla"), ("b", "vanilla"),
    ]  # fmt: skip


def judged(**sides) -> pd.DataFrame:
    """Effects by condition: + and - are significant after Holm's correction, 0 is not, n has no test."""
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
    row = effects.effect(table[~lost]).iloc[0]  # leaves i0 in seed 1 and i1 in seed 2
    assert row["estimate"] == pytest.approx(np.mean([1.0, 1.0, 0.5]))
    assert effects.effect(table, "gold", "own").empty


def test_an_effect_says_in_how_many_seeds_the_items_differ():
    """Six discordant items in one direction (p = 2/64) are significant at 5 %; five (p = 2/32) are not."""
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
    assert both["note"]["same"] == "all seeds and problems equal: no interval"
    assert both["p_holm"]["correct"] == both["p"]["correct"]


def test_what_is_answered_where_the_facts_lead_astray():
    (row,) = effects.led_astray(interventions()).to_dict("records")
    assert (row["intervention"], row["answers"], row["n"]) == ("wrong facts", 6, 3)
    assert row["follows"] == row["estimate"] == pytest.approx(np.mean([1, 0.5, 1]))
    assert (row["right"], row["neither"]) == (pytest.approx(1 / 6), 0)


def test_whether_a_cited_name_is_ruled_out():
    """The cited name is the answer in 2, 1 and 2 of 2 cases per seed. A guess hits it in 1 of 2."""
    chances = pd.DataFrame({"seed": [1, 1, 2, 2, 3, 3], "item": ["i0", "i1"] * 3, "chance": 0.5})
    wrong = interventions().query("intervention == 'wrong facts'")
    (row,) = effects.exclusion(wrong, chances).to_dict("records")
    assert (row["cases"], row["follows"], row["chance"]) == (6, pytest.approx(5 / 6), 0.5)
    assert row["estimate"] == pytest.approx(5 / 6 - 1 / 2)
    chances.loc[[0, 3], "chance"] = None
    (row,) = effects.exclusion(wrong, chances).to_dict("records")
    assert row["cases"] == 4


def test_following_is_counted_where_the_facts_give_an_answer():
    table = effects.forced(interventions())
    follows = table[table["measure"] == "follows"].set_index("intervention")["estimate"]
    assert follows["gold"] == pytest.approx(5 / 6)
    assert "empty" not in follows
    right = table[table["measure"] == "answer_correct"].set_index("intervention")["estimate"]
    assert right["empty"] == 0.5


def test_a_slope_crosses_seeds_and_items_too():
    """The first item falls by 1 over the doses, the second not at all."""
    runs = outcomes({"correct": ["11", "11"], "incorrect": ["01", "01"]}, trace="11")
    row = effects.slope(runs, {"correct": 0.0, "incorrect": 1.0})
    expected = crossed.interval(crossed.means(pd.DataFrame([[-1.0, 0.0], [-1.0, 0.0]])))
    assert (row["estimate"], row["low"]) == (expected["estimate"], expected["low"])
    assert (row["fixed_low"], row["fixed_p"]) == (None, None)  # seeds do not differ


@pytest.mark.usefixtures("one_is_enough")
def test_an_association_knows_its_items():
    """Two right and two wrong traces in each seed: the items of each kind vary independently."""
    runs = outcomes({"correct": ["1101", "1000"]}, trace="1100")
    (row,) = effects.association(runs).to_dict("records")
    right, wrong = pd.DataFrame([[1.0, 1.0], [1.0, 0.0]]), pd.DataFrame([[0.0, 1.0], [0.0, 0.0]])
    wrong.columns = [2, 3]
    expected = crossed.interval(crossed.means(right) - crossed.means(wrong))
    assert (row["estimate"], row["p"]) == (expected["estimate"], pytest.approx(expected["p"]))
    assert row["items"] == 4


EIGHT = outcomes(
    {"vanilla": ["11110101", "11100101", "11111010"], "correct": ["00000101", "01001001", "10000110"]},
    trace="1" * 8,
)
GUESSABLE = pd.Series({f"i{number}": number < 4 for number in range(8)})


def test_a_contrast_is_split_by_what_a_rule_without_dates_answers():
    """Of 12 answers to the first four problems vanilla has 11 right, correct 2; of the other 12 both 6."""
    rows = effects.split(EIGHT, GUESSABLE, effects.paired).set_index("problems")
    assert rows["name"].unique().tolist() == ["vanilla − correct"]
    expected = {
        "all problems": 9 / 24, "no date needed": 9 / 12, "dates decide": 0.0, "their difference": 9 / 12,
    }  # fmt: skip
    assert rows["estimate"].to_dict() == pytest.approx(expected)
    assert rows["items"].tolist() == [8, 4, 4, 8]
    first_half = crossed_mean("1111", "1010", "0111")  # vanilla 1111, 1110, 1111 minus 0000, 0100, 1000
    assert rows["low"]["no date needed"] == max(-1, first_half["low"])


def parts(**sides: str) -> pd.DataFrame:
    """Rows of `split` from two signs of `judged` per name: where no date is needed, where dates decide."""
    rows = [
        judged(**{name: side}).assign(name=name, problems=kind)
        for name, pair in sides.items()
        for kind, side in zip((effects.WHOLE, effects.UNDATED, effects.DATED), "0" + pair, strict=True)
    ]
    return pd.concat(rows)


def test_where_an_effect_is_shown():
    found = effects.where(parts(a="++", b="--", c="+0", d="0-", e="+-", f="00", g="+n", h="n0", i="nn"))
    assert list(found.values()) == [
        "in both", "in both", "only where no date is needed", "only where dates decide", "opposite",
        "in neither", "not tested: dates decide", "not tested: no date needed",
        "not tested: no date needed and dates decide",
    ]  # fmt: skip


def test_a_part_of_a_split_that_is_all_alike_is_said_to_have_no_test():
    same = EIGHT.copy()
    dated = ~same["item"].map(GUESSABLE).astype(bool)
    same.loc[dated, "answer_correct"] = same.loc[dated, "condition"] == "vanilla"
    rows = effects.split(same, GUESSABLE, effects.paired)
    assert effects.where(rows) == {"vanilla − correct": "not tested: dates decide"}
    assert rows["note"].tolist()[2] == "all seeds and problems equal: no interval"


def test_every_kind_of_problems_is_a_family_of_its_own():
    pairs = [("vanilla", "correct"), ("correct", "vanilla")]
    rows = effects.split(EIGHT, GUESSABLE, lambda part: effects.paired(part, pairs))
    assert rows["p_holm"].astype(float).to_numpy() == pytest.approx(
        np.minimum(1, 2 * rows["p"].astype(float).to_numpy())
    )


def test_problems_that_the_rule_never_saw_are_refused():
    with pytest.raises(InputError, match="4 items have no verdict of the rule"):
        effects.split(EIGHT, GUESSABLE.head(4), effects.paired)


def test_a_model_that_was_not_trained_has_an_interval_over_problems():
    """One run, 1 of 4 right: Wilson's interval. A trained model's single run has none."""
    runs = outcomes({"prompted": ["1000"], "correct": ["1000"]})
    found = effects.by_condition(runs, ["answer_correct"]).set_index("condition")
    assert found.loc["prompted", ["estimate", "low", "high"]].astype(float).tolist() == pytest.approx(
        [0.25, 0.0456, 0.6994], abs=1e-4
    )
    assert found.loc["prompted", "method"] == "Wilson score"
    assert pd.isna(found.loc["correct", "low"])
