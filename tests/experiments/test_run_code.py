"""What a run's code is: a twin's run leaves out the release, and no run depends on the estimate of memory."""

import pytest

from tests.conftest import ROOT
from tracelib.core import keys
from tracelib.experiments.run_code import left_out

RUN = ROOT / "notebooks" / "experiment.ipynb"
OF_THE_RELEASE = {"tracelib.datasets.real_data", "tracelib.datasets.release_files", "tracelib.datasets.hub"}


def test_a_twins_run_does_not_depend_on_the_release_and_a_real_datasets_run_does():
    twin, real = (keys.closure(RUN, left_out(is_twin)).keys() for is_twin in (True, False))
    assert real >= OF_THE_RELEASE
    assert OF_THE_RELEASE.isdisjoint(twin)
    assert twin < real


@pytest.mark.parametrize("is_twin", [True, False])
def test_what_is_left_out_is_imported_and_leaves_no_other_trace(is_twin):
    whole, kept = keys.closure(RUN).keys(), keys.closure(RUN, left_out(is_twin)).keys()
    assert left_out(is_twin) <= whole
    assert left_out(is_twin).isdisjoint(kept)
    assert {"tracelib.experiments.runner", "tracelib.training.sft"} <= kept


@pytest.mark.parametrize("is_twin", [True, False])
def test_only_a_run_with_a_teachers_texts_depends_on_the_code_that_reads_them(is_twin):
    readers = {f"tracelib.datasets.{name}" for name in ("teacher_texts", "r1_texts", "family_files")}
    taught, plain = (keys.closure(RUN, left_out(is_twin, has)).keys() for has in (True, False))
    assert taught >= readers
    assert readers.isdisjoint(plain)


def test_the_key_of_a_twins_run_holds_no_file_of_the_release():
    twin, real = (keys.key(RUN, {}, left_out=left_out(is_twin)) for is_twin in (True, False))
    assert "release_outcomes.parquet" in real["assets"]
    assert "release_outcomes.parquet" not in twin["assets"]
