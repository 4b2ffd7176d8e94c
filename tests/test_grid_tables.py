"""The grid's tables: read only as they were written; those committed are what this project makes."""

import json
from dataclasses import asdict, replace

import pytest

from tests import fabricated
from tracelib import experiment, grid, grid_tables, keys, profiles
from tracelib.files import InputError, sha256

VERDICTS = ["answer_correct", "category_correct", "retrieval_correct", "parsed"]
# On the machine type, versions and thread count of the tables, texts come out byte by byte. Elsewhere sums
# are taken in another order, so that weights differ in their last digits, and where two next tokens are
# nearly equally likely the other one may be written. Such ties are few; a larger share is another result.
TOLERANCE = 0.05
COMMITTED = grid_tables.TABLES / grid_tables.MAIN
committed = pytest.mark.skipif(
    not COMMITTED.is_dir(), reason="no tables of the grid yet; compute them with: tracelib grid"
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    for name in ("grid", "big"):
        fabricated.write(folder, name, seeds=1, items=12)
    return folder


def test_other_grids_are_second_results(tables, tmp_path):
    assert grid_tables.others(tables) == ["big"]
    assert grid_tables.others(tmp_path) == []


def test_the_first_setting_has_every_condition(tables):
    outcomes, interventions, runs, about = grid_tables.first_setting("grid", tables)
    for table in (outcomes, interventions, runs):
        assert set(table["setting"]) == {"cotempqa-twin"}
    assert len(runs) == 16
    assert about["runs"] == len(grid_tables.read("grid", tables)[2]) == 22
    assert set(outcomes["condition"]) - set(interventions["condition"]) == {"vanilla"}


def test_missing_tables_name_the_command(tmp_path):
    with pytest.raises(InputError, match="compute them with: tracelib grid grid"):
        grid_tables.read("grid", tmp_path)


@committed
def test_the_committed_tables_are_the_runs_of_the_profile_with_this_base():
    outcomes, interventions, runs, about = grid_tables.read("grid")  # refused if a hash is another
    assert set(about["sha256"]) == {path.name for path in COMMITTED.iterdir()} - {"provenance.json"}
    expected = grid.experiments(profiles.load("grid"))
    found = {f"{run.setting}-{run.condition}-s{run.seed}": run for run in runs.itertuples()}
    assert list(found) == list(expected)
    for name, chosen in expected.items():
        assert json.loads(found[name].parameters) == asdict(chosen), name
    assert about["base_sha256"] == keys.weights("tiny-base")
    assert about["runs"] == len(runs)
    by = ["setting", "condition", "seed"]
    items = outcomes.groupby(by)["item"].agg(["size", "nunique"])
    assert len(items) == len(runs)
    for key, (size, different) in items.iterrows():
        assert size == different == expected["{}-{}-s{}".format(*key)].test_items, key
    traced = {key for key in items.index if key[1] != "vanilla"}
    assert set(interventions.groupby(by).groups) == traced


@committed
@pytest.mark.slow
def test_a_run_of_the_committed_tables_comes_out_again(tmp_path):
    chosen = grid.experiments(profiles.load("grid"))["quarter-correct-s1"]
    again = experiment.run(replace(chosen, intervene_items=0), tmp_path / "run").set_index("item")
    outcomes, _, runs, _ = grid_tables.read("grid")
    this = "setting == 'quarter' and condition == 'correct' and seed == 1"
    kept, (about,) = outcomes.query(this).set_index("item"), runs.query(this).to_dict("records")
    assert again.index.tolist() == kept.index.tolist()
    other = (again[VERDICTS].astype(bool) != kept[VERDICTS].astype(bool)).mean()
    if sha256(tmp_path / "run" / "predictions.jsonl") == about["predictions_sha256"]:
        assert other.tolist() == [0] * len(VERDICTS)  # the same texts have the same verdicts
    assert (other <= TOLERANCE).all(), other.to_dict()
