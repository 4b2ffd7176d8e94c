"""Whether the released targets follow the facts that they cite."""

from dataclasses import replace

import pandas as pd

from tracelib.paper import targets
from tracelib.reporting import tables_steps
from tracelib.traces import conditions
from tracelib.traces.format import listed, render


def test_targets_by_hand(problem):
    """A correct target answers what its facts give. An incorrect one cites Epsilon and answers otherwise."""
    correct = targets._counts(problem, conditions.target(problem, "correct", 1))
    assert all(correct[name] for name in ("n", "cites", "cites_gold", "cites_answer", "label_right", "gives"))
    assert (correct["follows"], correct["repeats"], correct["of_kind"]) == (1, 1, 0)
    incorrect = targets._counts(problem, render(problem, "equal", problem.facts[3]))
    assert [name for name, count in incorrect.items() if count] == ["n", "cites", "gives", "of_kind"]
    partly = targets._counts(problem, render(problem, "equal", listed(problem.facts[1:2])))
    assert (partly["follows"], partly["repeats"]) == (0, 1)


def test_no_incorrect_target_of_cotempqa_cites_a_gold_answer(release_root, tmp_path):
    """949 of 950 cite a fact, never one with a gold answer. Recompute with `tracelib release derive`."""
    targets.SHIPPED.derive(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), targets.SHIPPED.read())
    table = targets.load().set_index(["dataset", "condition", "split"])
    leak = table.loc[("cotempqa", "incorrect", "test")]
    assert leak[["n", "cites", "cites_answer", "repeats", "follows"]].tolist() == [950, 949, 0, 0, 0]
    other = table.loc[("cotempqa", "correct", "test")]
    assert other[["n", "cites_answer", "repeats", "follows"]].tolist() == [950, 950, 950, 927]
    babi = table.loc[("babi", "incorrect", "test")]
    assert babi[["n", "cites", "cites_gold", "cites_answer"]].tolist() == [376, 360, 0, 88]


def test_a_split_without_files_is_not_shown():
    shown = tables_steps.targets(targets.summed(targets.SHIPPED.read()))
    assert shown.iloc[-1].tolist()[1:] == ["3 of 4", "4 of 4", "4 of 4", "1 of 1", "1 of 1"]
    assert list(shown)[3] == "incorrect, cotempqa test"


def test_shipped_counts_are_kept_file_by_file(monkeypatch):
    """Three files of one split are here, and the shipped count of a fourth is kept."""
    whole = targets.summed(targets.SHIPPED.read())
    train = ("cotempqa", "correct", "train")
    equal, overlap, during, mix = targets.FILES[train]
    shipped = targets.SHIPPED.read()
    is_mix = shipped["file"] == mix
    here = shipped[shipped["file"].isin([equal, overlap])]
    new = shipped[is_mix].assign(file=during)
    partial = replace(targets.SHIPPED, compute=lambda: pd.concat([here, new], ignore_index=True))
    monkeypatch.setattr(targets, "SHIPPED", partial)
    found = targets.load().set_index(targets.SPLIT)
    before = whole.set_index(targets.SPLIT)
    assert found.loc[train, "files"] == found.loc[train, "of"] == 4
    assert found.loc[train, "n"] == before.loc[train, "n"] + int(new["n"].iloc[0])
    pd.testing.assert_frame_equal(found.drop(train), before.drop(train))
