"""What R1's texts give to train on: the shipped counts are those of the texts, and an arm by hand."""

import pandas as pd
import pytest

from tests.conftest import need
from tracelib.core.errors import InputError
from tracelib.datasets import family_files, r1_texts
from tracelib.datasets.distilled import Texts
from tracelib.paper import taught_targets
from tracelib.paper.taught_targets import Arms, counted


def test_targets_are_counted_by_arm(problem):
    """The teacher wrote no summary: that arm has no target and no length."""
    texts = {problem.id: Texts(answer="Gamma", trace="So it is Gamma.")}
    found = Arms(["teacher", "teacher-summary", "teacher-answer"], [problem], [problem] * 3, texts, "", 1)
    rows = counted(found).set_index("condition")
    assert rows["targets"].to_dict() == {"teacher": 1, "teacher-summary": 0, "teacher-answer": 1}
    assert rows.loc["teacher", "words"] == len(found.target(problem, "teacher").split())
    assert pd.isna(rows.loc["teacher-summary", "words"])
    assert set(rows["train"]) == {1}
    assert set(rows["test"]) == {3}


def test_the_shipped_counts_are_those_of_the_sample(release_root):
    need(family_files.sample() is not None, "no sample of R1's texts where TRACELIB_DATA points")
    need(not r1_texts.files(), "R1's own files are here, and the shipped counts are of the sample")
    pd.testing.assert_frame_equal(taught_targets.compute(), taught_targets.SHIPPED.read())


def test_without_texts_there_are_no_arms(monkeypatch, tmp_path):
    monkeypatch.setattr(r1_texts, "files", dict)
    monkeypatch.setattr(family_files, "sample", lambda: None)
    assert taught_targets.here("") is None
    with pytest.raises(InputError, match="no teacher's texts here"):
        taught_targets.here(str(tmp_path / "none"))
