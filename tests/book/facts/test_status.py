"""The facts of the status page, on two made runs and one record of a job."""

import pytest

from tests.book.facts import made_runs
from tests.book.facts.cited import cited
from tracelib.book.facts import status


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return status.facts(made_runs.work(tmp_path_factory.mktemp("work")), made_runs.NAMES)


def test_a_kernels_time_outside_its_runs_is_a_share(found):
    """One cell's runs took 8 of its 10.04 seconds; the other cell has no record."""
    assert found.numbers == {"kernels": "20%"}
    assert set(found.numbers) == cited("status")
    assert found.jobs.to_dict("list") == {
        "stage": ["runs"], "job": ["cotempqa-twin-correct"], "seconds": [10.0],
    }  # fmt: skip


def test_a_record_of_another_version_is_left_out(tmp_path):
    work = made_runs.work(tmp_path)
    (record,) = work.glob("times/runs/*.tsv")
    record.write_text("seconds\n7.0\n")
    found = status.facts(work, made_runs.NAMES)
    assert (found.jobs.empty, found.numbers) == (True, {"kernels": "–"})


def test_a_record_shorter_than_its_runs_is_left_out(tmp_path):
    work = made_runs.work(tmp_path)
    (record,) = work.glob("times/runs/*.tsv")
    record.write_text("s\n7.0\n")
    assert status.facts(work, made_runs.NAMES).numbers == {"kernels": "–"}


def test_parameters_that_vary_between_runs_have_all_their_values(found):
    shown = found.parameters.set_index("knob")["cotempqa-twin"]
    assert shown["condition"] == "vanilla, correct"
    assert (shown["seed"], shown["test_items"]) == ("1", "4")
    assert shown["matrix products in"] == "fp32, on cpu"


def test_every_parameter_of_the_runs_has_its_meaning(found):
    of_a_build = {"profile", "matrix products in"}
    assert set(found.parameters["knob"]) - of_a_build <= set(found.meanings["parameter"])
    assert list(found.meanings) == ["parameter", "meaning", "allowed", "paper"]


def test_a_run_outside_a_checkout_says_so(found):
    assert found.runs.to_dict("list") == {
        "run": list(made_runs.NAMES), "train": [6.0, 6.0], "generate": [2.0, 2.0],
        "commit": ["not a checkout"] * 2,
    }  # fmt: skip


def test_sources_and_hashes_are_listed(found):
    values = found.data.set_index("what")["value"]
    assert values["sha256 of the problems, cotempqa-twin"] == "ab" * 32
    assert "training problems, cotempqa-twin" not in values  # a twin needs no stand-in
    assert len(values["sha256 of the shipped outcomes"]) == 64
    assert values["runs"] == "the runs that were made when the book was built"
    assert {"python", "cores"} <= set(found.machine["what"])
