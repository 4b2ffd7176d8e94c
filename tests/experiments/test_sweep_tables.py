"""The grid's tables are read only if unchanged, and this project makes the committed ones again."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from tests import fabricated
from tracelib.core.errors import InputError
from tracelib.core.reading import sha256
from tracelib.experiments import profiles, runner, sweep, sweep_tables
from tracelib.experiments.config import from_parameters
from tracelib.experiments.interventions import GIVEN
from tracelib.training import model_files

MEASURES = ["answer_correct", "category_correct", "retrieval_correct", "parsed"]
COMMITTED = sweep_tables.TABLES / sweep_tables.MAIN


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    for name in ("grid", "big"):
        fabricated.write(folder, name, seeds=1, items=12)
    return folder


def test_other_grids_on_twins_are_second_results(tables, tmp_path):
    assert sweep_tables.others(tables) == ["big"]
    assert sweep_tables.others(tmp_path) == []
    *found, about = sweep_tables.read("big", tables)
    real = [json.dumps(json.loads(run) | {"dataset": "babi"}) for run in found[-1]["parameters"]]
    for name, runs in {"real": real, "mixed": [*found[-1]["parameters"][1:], real[0]]}.items():
        sweep_tables.store(name, *found[:2], found[-1].assign(parameters=runs), about, tmp_path)
    assert sweep_tables.others(tmp_path) == []
    sweep_tables.store("twins", *found, about, tmp_path)
    assert sweep_tables.others(tmp_path) == ["twins"]


def test_the_first_setting_has_every_condition(tables):
    outcomes, interventions, runs, about = sweep_tables.first_setting(sweep_tables.read("grid", tables))
    for table in (outcomes, interventions, runs):
        assert set(table["setting"]) == {"cotempqa-twin"}
    assert len(runs) == 16
    assert about["runs"] == len(sweep_tables.read("grid", tables)[2]) == 24
    assert set(outcomes["condition"]) - set(interventions["condition"]) == {"vanilla"}


def test_a_problem_that_is_tested_twice_is_two_items(tables, tmp_path):
    outcomes, forced, runs, about = sweep_tables.read("grid", tables)
    items = sorted(set(outcomes["item"]))
    double = [table.assign(item=table["item"].replace(items[1], items[0])) for table in (outcomes, forced)]
    sweep_tables.store("grid", *(table.drop(columns="problem") for table in double), runs, about, tmp_path)
    for table in sweep_tables.read("grid", tmp_path)[:2]:
        keys = [name for name in ("setting", "condition", "seed", "intervention", "item") if name in table]
        assert not table.duplicated(keys).any()
        assert set(table.loc[table["problem"] == items[0], "item"]) == {items[0], f"{items[0]}-2"}


def test_missing_tables_name_the_command(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid grid"):
        sweep_tables.read("grid", tmp_path)


def test_the_committed_tables_are_the_runs_of_the_profile_with_this_base():
    outcomes, interventions, runs, about = sweep_tables.read("grid")  # refused if a hash differs
    assert set(about["sha256"]) == {path.name for path in COMMITTED.iterdir()} - {"provenance.json"}
    expected = sweep.experiments(profiles.load("grid"))
    found = {f"{run.setting}-{run.condition}-s{run.seed}": run for run in runs.itertuples()}
    assert list(found) == list(expected)
    for name, chosen in expected.items():
        assert from_parameters(json.loads(found[name].parameters)) == chosen, name
    profile = profiles.load("grid")
    cell = next(iter(profile.cells()))
    kept = sweep.kept(profile, [cell])[0][-1]  # old parameters, without a split, mean today's split
    assert len(kept) == len(runs) - len(profile.cells()[cell]["seeds"])
    assert all(state["base_sha256"] == model_files.weights("tiny-base") for state in about["computed"])
    assert set(runs["computed"]) == set(range(len(about["computed"])))
    assert set(sweep.KEPT) - {"found"} < set(outcomes.columns)  # the tables are older than this column
    assert runs["git_commit"].notna().all()
    assert about["runs"] == len(runs)
    by = ["setting", "condition", "seed"]
    items = outcomes.groupby(by)["item"].agg(["size", "nunique"])
    assert len(items) == len(runs)
    for key, (size, different) in items.iterrows():
        assert size == different == expected["{}-{}-s{}".format(*key)].test_items, key
    traced = {key for key in items.index if expected["{}-{}-s{}".format(*key)].intervene_items}
    traced -= {key for key in traced if key[1] == "vanilla"}
    assert set(interventions.groupby(by).groups) == traced


def seeds_apart(rates: pd.DataFrame) -> pd.Series:
    """The greatest chance difference of two seeds: three standard deviations, at least five points."""
    return (3 * 2**0.5 * rates.std()).clip(lower=0.05)


def as_then(path: Path, known: set[str]) -> str:
    """The sha256 of a run's interventions, without the kinds and the column that the tables do not have."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False).drop(columns="gives")
    written = table[table["intervention"].isin(known)].to_csv(index=False)
    return hashlib.sha256(written.encode()).hexdigest()


def test_what_there_is_of_the_real_model_are_runs_of_its_profile():
    outcomes, interventions, runs, about = sweep_tables.read("smollm2-babi")
    expected = sweep.experiments(profiles.load("smollm2-babi"))
    names = [f"{run.setting}-{run.condition}-s{run.seed}" for run in runs.itertuples()]
    assert [name for name in expected if name in names] == names
    assert len(names) == about["runs"] <= about["planned"] == len(expected)
    for name, parameters in zip(names, runs["parameters"], strict=True):
        assert from_parameters(json.loads(parameters)) == expected[name]
    assert outcomes.groupby(["condition", "seed"]).size().eq(376).all()
    assert set(interventions["condition"]) <= set(runs["condition"]) - {"prompted", "vanilla-tagged"}
    assert {state["precision"] for state in about["computed"]} == {"bf16"}


@pytest.mark.nightly
@pytest.mark.parametrize(("setting", "condition"), [("quarter", "correct"), ("half", "vanilla")])
def test_a_run_of_the_committed_tables_comes_out_again(tmp_path, setting, condition):
    """A machine that computes like the tables' machine gives the same bytes; others differ like seeds do.

    Sums in another order change the weights' last digits, and a thousand steps make the differences larger.
    """
    chosen = sweep.experiments(profiles.load("grid"))[f"{setting}-{condition}-s1"]
    again = runner.run(chosen, tmp_path / "run")
    path = tmp_path / "run" / "interventions.csv"
    forced = pd.read_csv(path) if path.is_file() else None  # no trace, no interventions
    outcomes, interventions, runs = (
        table[(table["setting"] == setting) & (table["condition"] == condition)]
        for table in sweep_tables.read("grid")[:3]
    )
    kept, kept_forced, about = (
        table[table["seed"] == 1].reset_index(drop=True) for table in (outcomes, interventions, runs)
    )
    assert (forced is None) == kept_forced.empty
    assert again["item"].tolist() == kept["item"].tolist()
    hashes = {"predictions_sha256": sha256(tmp_path / "run" / "predictions.jsonl")}
    if forced is not None:
        forced = forced[forced["intervention"].isin(kept_forced["intervention"])].reset_index(drop=True)
        hashes["interventions_sha256"] = as_then(path, set(kept_forced["intervention"]))
    if all(about[name].item() == digest for name, digest in hashes.items()):
        columns = list(sweep.KEPT)
        pd.testing.assert_frame_equal(again[columns], kept[columns], check_dtype=False)
        if forced is not None:
            columns = ["intervention", "item", "answer_correct"]
            pd.testing.assert_frame_equal(forced[columns], kept_forced[columns])
        return
    rates = outcomes.assign(**outcomes[MEASURES].astype(float)).groupby("seed")[MEASURES].mean()
    apart = (again[MEASURES].astype(float).mean() - rates.loc[1]).abs()
    assert (apart <= seeds_apart(rates)).all(), apart.to_dict()
    if forced is not None:
        given, mine = (table[table["intervention"].isin(GIVEN)] for table in (interventions, forced))
        rates = given.groupby(["seed", "intervention"])["answer_correct"].mean().unstack()
        apart = (mine.groupby("intervention")["answer_correct"].mean() - rates.loc[1]).abs()
        assert (apart <= seeds_apart(rates)).all(), apart.to_dict()
