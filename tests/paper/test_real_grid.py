"""The tables of the real model's grid are the shipped ones, or those in the folder that is named."""

import pytest

from tracelib.core.errors import InputError
from tracelib.paper import real_grid
from tracelib.traces.conditions import UNTRAINED


def test_the_shipped_tables_hold_whole_seeds():
    outcomes, interventions, runs, about = real_grid.read()
    trained = runs[~runs["condition"].isin(UNTRAINED)]
    assert set(trained.groupby("seed")["condition"].nunique()) == {6}
    assert set(runs["model"]) == {"smollm2-135m"}
    assert set(interventions["seed"]) <= set(outcomes["seed"])
    assert about["sha256"]


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(InputError, match="tracelib grid smollm2-babi"):
        real_grid.read(tmp_path)
