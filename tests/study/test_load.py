"""Many people at once: everything that was told to be stored is in the database, once."""

from datetime import date

import pytest

from tests.conftest import ROOT, need
from tests.study.conftest import SMALL
from tracelib.bench import study_load
from tracelib.core.errors import InputError
from tracelib.datasets import family_files
from tracelib.study import config

REPORT = ROOT / "work" / "nightly" / f"study-load-{date.today()}.md"
WHOLE = """\
extends: paper
contact: Ada, University of Example, ada@example.org
"""


def check(found: study_load.Report, people: int) -> None:
    assert found.finished == found.people == people
    assert (found.lost, found.twice) == (0, 0)
    assert found.told <= found.stored
    assert set(found.statuses) <= {200, 303}
    assert found.away > 0


@pytest.mark.slow
def test_a_few_people_and_a_restart(tmp_path):
    study = tmp_path / "small.yaml"
    study.write_text(SMALL)
    told = []
    found = study_load.measure(study, str(tmp_path / "small.sqlite"), 8, (0.0, 0.05), progress=told.append)
    check(found, 8)
    assert found.stored == 8 * 6
    assert told[-1] == found.told
    assert f"| people at once | {8} |" in study_load.text([("SQLite", found)])


def test_a_study_that_cannot_be_served_is_an_error(tmp_path):
    study = tmp_path / "small.yaml"
    study.write_text("extends: nothing\n")
    with pytest.raises(InputError, match="the study's server did not start"):
        study_load.measure(study, str(tmp_path / "small.sqlite"), 1)


@pytest.mark.nightly
def test_two_hundred_people_fill_the_whole_study_on_both_databases(tmp_path, postgres):
    """The times are reported, not tested."""
    need(family_files.sample() is not None, "no sample of R1's texts where TRACELIB_DATA points")
    study = tmp_path / "paper.yaml"
    study.write_text(WHOLE)
    assert config.load(str(study)).study.ratings.pages >= 10
    databases = {"SQLite": str(tmp_path / "paper.sqlite"), "PostgreSQL": postgres.database()}
    found = [(name, study_load.measure(study, address)) for name, address in databases.items()]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(study_load.text(found))
    for _, report in found:
        check(report, study_load.PEOPLE)
