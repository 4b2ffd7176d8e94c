"""The names of runs of several files: cases by hand, and for any files no two runs share a name."""

import os
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.scoring import run_names
from tracelib.scoring.run_names import Given, Held


def named(*files, **changes):
    """The names of runs, one per file: (path, condition, and what differs from a run of model m)."""
    paths, held = [], []
    for number, (path, *rest) in enumerate(files):
        paths.append(path if isinstance(path, Given) else Given(Path(path)))
        for run in rest:
            fields = {"dataset": "babi", "model": "m", "seed": None, "part": ""} | changes
            fields |= run if isinstance(run, dict) else {"condition": run}
            held.append(Held(file=number, **fields))
    names = run_names.told_apart(held, paths)
    return [names[run] for run in held]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ([("vanilla.jsonl", "unnamed")], ["unnamed"]),
        ([("vanilla.jsonl", "unnamed"), ("correct.jsonl", "unnamed")], ["vanilla", "correct"]),
        ([("a/x.jsonl", "unnamed"), ("b/x.jsonl", "unnamed")], ["a", "b"]),
        ([("A/p.jsonl", "correct"), ("B/p.jsonl", "correct")], ["correct [A]", "correct [B]"]),
        ([("p.jsonl", "correct"), ("q.jsonl", "vanilla")], ["correct", "vanilla"]),
        # Two of three files have the same run; the third keeps its name.
        (
            [("p.jsonl", "correct"), ("q.jsonl", "correct"), ("r.jsonl", "vanilla")],
            ["correct [p]", "correct [q]", "vanilla"],
        ),
        # A file has several conditions, and another file has one of them too.
        (
            [("p.jsonl", "correct", "vanilla"), ("q.jsonl", "correct")],
            ["correct [p]", "vanilla", "correct [q]"],
        ),
        # Neither the file's name nor its folder alone tells the files apart.
        (
            [("a/1/p.jsonl", "c"), ("a/2/p.jsonl", "c"), ("b/1/p.jsonl", "c")],
            ["c [a/1]", "c [a/2]", "c [b/1]"],
        ),
        ([("p.jsonl", "c"), ("p.csv", "c")], ["c [p.jsonl]", "c [p.csv]"]),
        ([("p.v1.jsonl.gz", "unnamed"), ("p.v2.jsonl", "unnamed")], ["p.v1", "p.v2"]),
        ([("-", "unnamed"), ("p.jsonl", "unnamed")], ["standard input", "p"]),
        ([("/dev/fd/62", "unnamed"), ("/dev/fd/63", "unnamed")], ["62", "63"]),
        # A file has the name of a condition that exists already.
        (
            [("vanilla.jsonl", "unnamed"), ("x.jsonl", "unnamed"), ("y.jsonl", "vanilla")],
            ["unnamed [vanilla]", "unnamed [x]", "vanilla"],
        ),
        ([("p [q].jsonl", "unnamed"), ("q.jsonl", "p", "unnamed")], ["p [q]", "p", "q"]),
    ],
)
def test_runs_are_told_apart_by_the_shortest_part_of_the_path(files, names):
    assert named(*files) == names


def test_paths_of_different_depth_are_told_apart(monkeypatch, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert named(("p.jsonl", "c"), ("deeper/p.jsonl", "c")) == ["c [here]", "c [deeper]"]


def test_seeds_of_one_training_stay_together():
    """Two trainings with two seeds each, in folders: two conditions, each with both seeds."""
    runs = [{"condition": "correct", "seed": seed} for seed in (1, 2)]
    files = [(f"{folder}/s{run['seed']}.jsonl", run) for folder in "AB" for run in runs]
    assert named(*files) == ["correct [A]", "correct [A]", "correct [B]", "correct [B]"]


def test_files_of_different_seeds_keep_their_name():
    files = [(f"s{seed}.jsonl", {"condition": "correct", "seed": seed}) for seed in (1, 2, None)]
    assert named(*files) == ["correct"] * 3


def test_a_seed_of_its_own_goes_by_its_file_where_the_others_do():
    files = [
        (f"{name}.jsonl", {"condition": "c", "seed": seed}) for name, seed in (("p", 1), ("q", 1), ("r", 2))
    ]
    assert named(*files) == ["c [p]", "c [q]", "c [r]"]


def test_other_datasets_and_models_are_other_runs():
    files = [
        ("p.jsonl", {"condition": "c"}, {"condition": "c", "dataset": "marco"}),
        ("q.jsonl", {"condition": "c", "model": "other"}),
    ]
    assert named(*files) == ["c", "c", "c"]


def test_relations_of_the_release_are_parts_of_one_run_but_copies_are_not():
    parts = [{"condition": "correct", "part": relation} for relation in ("equal", "mix")]
    one = [(f"copy/{run['part']}/M.json", run) for run in parts]
    assert named(*one, dataset="cotempqa") == ["correct"] * 2
    two = [(f"{copy}/{run['part']}/M.json", run) for copy in ("c1", "c2") for run in parts]
    assert named(*two, dataset="cotempqa") == ["correct [c1]"] * 2 + ["correct [c2]"] * 2


def test_a_file_with_all_relations_is_another_run_than_those_with_one():
    parts = [(f"copy/{name}/M.json", {"condition": "c", "part": name}) for name in ("equal", "mix")]
    assert named(*parts, ("mine/all/own.jsonl", "c")) == ["c [M]", "c [M]", "c [own]"]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ([("low", "p", "correct"), ("high", "q", "correct")], ["low", "high"]),
        ([("mine", "p", "unnamed")], ["mine"]),
        # Shards: parts of one run, or of the runs of several conditions.
        ([("mine", "p", "correct"), ("mine", "q", "correct")], ["mine", "mine"]),
        ([("mine", "p", "a"), ("mine", "q", "b"), ("mine", "r", "a")], ["a [mine]", "b [mine]", "a [mine]"]),
        # A given name is kept; another file's run of that name is renamed.
        ([("correct", "p", "unnamed"), (None, "q", "correct")], ["correct", "correct [q]"]),
        ([("a", "p", "c"), (None, "q", "c"), (None, "r", "c")], ["a", "c [q]", "c [r]"]),
    ],
)
def test_a_given_name_names_the_runs_of_its_files(files, names):
    rows = [(Given(Path(f"{path}.jsonl"), name), *conditions) for name, path, *conditions in files]
    assert named(*rows) == names


def test_names_that_cannot_be_told_apart_are_an_error():
    files = [
        (Given(Path("p.jsonl"), "n"), "a", "b"),
        (Given(Path("q.jsonl"), "a [n]"), "c"),
    ]
    with pytest.raises(InputError, match=r"several runs of model 'm' would be called 'a \[n\]'.*NAME=FILE"):
        named(*files)
    files = [("p.jsonl", "a", "a [p]"), ("p.csv", "a")]
    assert named(*files) == ["a [p.jsonl]", "a [p]", "a [p.csv]"]


def test_an_argument_is_a_file_or_a_name_and_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lr=1").mkdir()
    (tmp_path / "lr=1" / "p.jsonl").touch()
    assert run_names.given("lr=1/p.jsonl") == (Path("lr=1/p.jsonl"), None)
    assert run_names.given("low=lr=1/p.jsonl") == (Path("lr=1/p.jsonl"), "low")
    assert run_names.given("a b/c=p.jsonl") == (Path("p.jsonl"), "a b/c")
    assert run_names.given("-") == (Path("-"), None)
    assert run_names.given(Path("p.jsonl")) == (Path("p.jsonl"), None)
    assert run_names.given(os.fsdecode(b"\xff=p.jsonl")).name == r"\udcff"
    for wrong in ("=p.jsonl", " =p.jsonl", "name="):
        with pytest.raises(InputError, match="no such file, and not NAME=FILE either"):
            run_names.given(wrong)


def test_what_was_told_apart_is_said(tmp_path):
    held = [Held(number, "babi", "m", "correct", None) for number in range(8)]
    files = [Given(Path(f"f{number}.jsonl")) for number in range(7)] + [Given(Path("g.jsonl"), "given")]
    (note,) = run_names.notes(run_names.told_apart(held, files), files)
    assert note.startswith(
        "several files have runs of condition 'correct', model 'm': kept apart by the file"
    )
    assert "'correct [f4]' is f4.jsonl, and 2 more; NAME=FILE" in note
    assert "given" not in note
    assert run_names.notes(run_names.told_apart(held[:1], files), files) == []


CONDITIONS = st.sampled_from(["unnamed", "a", "b", "x"])
RUNS = st.lists(
    st.tuples(CONDITIONS, st.sampled_from([None, 1]), st.sampled_from(["", "equal"])), min_size=1, max_size=3
)
FILES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["x", "y", "a"]), min_size=1, max_size=3).map("/".join),
        st.sampled_from([None, None, "n", "a"]),
        RUNS,
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda file: file[0],
)


@settings(max_examples=200, deadline=None)
@given(FILES)
def test_no_two_files_share_a_run_and_conditions_stay_apart(files):
    paths = [Given(Path(path + ".jsonl"), name) for path, name, _ in files]
    held = [
        Held(number, "babi", "m", *run)
        for number, (_, _, runs) in enumerate(files)
        for run in dict.fromkeys(runs)
    ]
    names = run_names.told_apart(held, paths)
    for one, other in combinations(held, 2):
        sources = {paths[run.file].name or run.file for run in (one, other)}
        is_same_part = one.part == other.part or "" in (one.part, other.part)
        if one.condition != other.condition or (len(sources) > 1 and one.seed == other.seed and is_same_part):
            assert names[one] != names[other]
        elif one.file == other.file:
            assert names[one] == names[other]
