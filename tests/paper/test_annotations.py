import pandas as pd
import pytest

from tracelib.paper import annotations, release
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output

VALUES = {"right", "wrong", "absent"}


@pytest.fixture(scope="module")
def compared():
    return annotations.compared(annotations.load(), release.shipped_outcomes())


def test_the_labels_are_150_outputs_read_twice():
    labels = annotations.load()
    assert labels["number"].tolist() == list(range(1, 151))
    judged = [f"{step}_{judge}" for step in annotations.STEPS for judge in ("1", "2")]
    assert set(labels[judged].to_numpy().ravel()) <= VALUES
    assert set(labels.columns) == {"number", "verdict", *annotations.ITEM, *judged}


def test_the_sample_has_every_stratum():
    """The strata are by the verdicts at the time of the draw; the verifier has been mended since."""
    strata = annotations.load().groupby(["dataset", "model", "verdict"]).size()
    assert len(strata) == 25
    assert strata.max() == annotations.PER_STRATUM + 1
    assert not annotations.load()[annotations.ITEM].duplicated().any()


def test_a_sample_is_drawn_equally_from_every_stratum():
    outcomes = release.shipped_outcomes()
    chosen = annotations.sample(outcomes)
    assert chosen == annotations.sample(outcomes)
    assert len(set(chosen)) == annotations.SAMPLE
    table = outcomes.assign(verdict=annotations.stratum(outcomes))
    keys = ["dataset", "model", "verdict"]
    taken = table.loc[chosen].groupby(keys).size()
    there = table.groupby(keys).size()
    assert set(taken.index) == set(there.index)
    assert (taken >= there.clip(upper=annotations.PER_STRATUM)).all()
    assert chosen != sorted(chosen)


def test_every_label_belongs_to_an_outcome(compared):
    assert compared[[f"{step}_verdict" for step in annotations.STEPS]].notna().all(axis=None)


def test_agreement_with_the_verifier(compared):
    found = annotations.agreement(compared).set_index(["step", "judges"])["agree"]
    with_verifier = {step: found[step, "first reading, verifier"] for step in annotations.STEPS}
    assert with_verifier == {"category": 148, "facts": 149, "answer": 150}
    between = {step: found[step, "first reading, second reading"] for step in annotations.STEPS}
    assert between == {"category": 150, "facts": 150, "answer": 150}


def test_every_disagreement_is_explained_and_no_other(compared):
    table = annotations.disagreements(compared)
    assert set(zip(table["step"], table["output"], strict=True)) == set(annotations.EXPLAINED)
    assert not table["why"].str.contains("not explained").any()
    assert (table["verdict"] == "not right").all()  # the verifier is never more lenient


def test_agreement_by_hand():
    """The readings agree on three of four outputs: kappa = (3/4 - 1/2) / (1 - 1/2) = 1/2."""
    table = pd.DataFrame(
        {
            "category_1": ["right", "right", "wrong", "absent"],
            "category_2": ["right", "absent", "wrong", "wrong"],
            "category_verdict": [True, True, False, False],
            **{f"{step}_{judge}": ["right"] * 4 for step in ("facts", "answer") for judge in ("1", "2")},
            **{f"{step}_verdict": [True] * 4 for step in ("facts", "answer")},
        }
    )
    rows = annotations.agreement(table)
    assert rows.loc[0, ["n", "agree", "estimate"]].tolist() == [4, 3, 0.75]
    assert rows.loc[0, "kappa"] == pytest.approx(0.5)
    assert rows.loc[1, "agree"] == 4
    assert rows.loc[3:, "kappa"].isna().all()
    assert rows.loc[3:, "note"].unique().tolist() == ["a judge never varies, no kappa"]
    assert (rows["low"] <= rows["estimate"]).all()
    assert (rows["estimate"] <= rows["high"]).all()


@pytest.mark.filterwarnings("error")
def test_readings_that_always_agree_are_no_interval_of_zero_width():
    table = pd.DataFrame(
        {f"{step}_{judge}": ["right", "wrong"] for step in annotations.STEPS for judge in "12"}
    )
    table = table.assign(**{f"{step}_verdict": [False, True] for step in annotations.STEPS})
    rows = annotations.agreement(table)
    assert rows["kappa"].tolist() == [1, -1, -1] * 3
    assert rows["kappa_low"].isna().all()
    notes = [f"judges {word} agree, no interval of kappa" for word in ("always", "never", "never")]
    assert rows["note"].tolist() == notes * 3
    lacking = annotations.agreement(table.assign(facts_verdict=[True, None])).set_index("step").loc["facts"]
    assert lacking["n"].tolist() == [1, 1, 1]
    assert lacking["note"].str.endswith("1 outputs without a verdict, left out").all()
    nothing = annotations.agreement(table.iloc[:0])
    assert nothing["note"].unique().tolist() == ["no items"]
    assert nothing["estimate"].isna().all()


def test_an_output_without_a_verdict_is_no_disagreement():
    table = pd.DataFrame({f"{step}_{judge}": ["right"] * 3 for step in annotations.STEPS for judge in "12"})
    table = table.assign(number=range(3), dataset="babi")
    verdicts = pd.array([True, pd.NA, False], "boolean")
    table = table.assign(**{f"{step}_verdict": verdicts for step in annotations.STEPS})
    found = annotations.disagreements(table)
    assert found["output"].tolist() == [2, 2, 2]
    none = annotations.disagreements(table.iloc[:0])
    assert none.empty
    assert list(none) == list(found)


def test_a_sheet_shows_the_problem_and_hides_the_run(problem):
    output = Output(problem, "<think>hm</think>" + "x" * 9000, "SecretModel", "correct")
    (text,) = annotations.sheet([output], [0])
    assert "[1] Ada works for Gamma from 1940 to 1960." in text
    assert "GOLD FACTS: [1, 2]" in text
    assert "SecretModel" not in text
    assert len(text) < annotations.LONGEST + 1000
    assert annotations.stratum(score([output])).tolist() == ["steps missing"]
