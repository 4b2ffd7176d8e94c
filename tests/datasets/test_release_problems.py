"""The problems that the paper's models were trained and tested on, as the release has them."""

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import release_files, release_problems
from tracelib.datasets.cotempqa import reader as cotempqa


def test_real_problems_load_strictly(release_root):
    sizes = {
        d: {s: len(ps) for s, ps in release_problems.load_splits(d).items()} for d in ("cotempqa", "babi")
    }
    assert sizes == {"cotempqa": {"train": 1735, "test": 950}, "babi": {"train": 3773, "test": 376}}
    with pytest.raises(InputError, match="no problems of 'marco'"):
        release_problems.load_splits("marco")


def contents(problems):
    return {p.content for p in problems}


def test_the_stand_ins_are_training_problems_as_far_as_can_be_known(release_root):
    """414 *during* problems of the two sets are in no test file.

    In the other relations, all such problems (62, 114 and 100) are in the training file, and training and
    test files together equal the published file.
    """
    splits = release_problems.load_splits("cotempqa")
    train, test = contents(splits["train"]), contents(splits["test"])
    during = [p for p in splits["train"] if p.category == "during"]
    assert len(during) == len(contents(during)) == 414
    assert not train & test
    both = [p for name in release_files.DURING_STAND_IN for p in cotempqa.read(release_root / name)]
    left = {r: contents(p for p in both if p.category == r) - test for r in release_files.RELATIONS}
    assert {relation: len(found) for relation, found in left.items()} == {
        "equal": 62,
        "overlap": 114,
        "during": 414,
        "mix": 100,
    }
    assert all(found <= train for found in left.values())
    for relation in ("equal", "overlap", "mix"):
        published = contents(cotempqa.read(release_root / f"main/data/cotempqa/{relation}.json"))
        assert published == contents(
            p for problems in splits.values() for p in problems if p.category == relation
        )


def test_what_stands_in_is_said(release_root, monkeypatch):
    assert "val_set.csv and test_set.csv" in release_problems.standing_in("cotempqa")
    assert release_problems.shipped_problem_files() == [
        name
        for dataset in ("cotempqa", "babi")
        for split in release_problems.problem_files(dataset).values()
        for name in split
    ]
    monkeypatch.setattr(release_problems, "shipped_problem_files", lambda: [release_files.DURING_TRAIN])
    assert release_problems.would_lose_problems()
    with monkeypatch.context() as patch:
        patch.setattr(release_files, "absent", lambda files: files)  # then the shipped tables are shown
        assert release_problems.standing_in("cotempqa") == ""
    monkeypatch.undo()
    assert not release_problems.would_lose_problems()
    monkeypatch.setattr(release_problems, "available", lambda files: files[1:])
    assert release_problems.would_lose_problems()
