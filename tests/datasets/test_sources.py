import csv
import io
import json
import os
import sys
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets import hub, sources, twins
from tracelib.datasets.export import to_json_lines
from tracelib.scoring import outputs

COTEMPQA = {
    "index": 0,
    "triple_element": "S1_R1_O2",
    "question": "While Ada worked for Beta, which employer did Ada work for?",
    "facts": ["Ada works for Beta in 1950.", "Ada works for Gamma from 1940 to 1960."],
    "answer": ["Gamma"],
}
MARCO = {
    "query": "how long is the aln",
    "query_type": "NUMERIC",
    "answers": ["40 km"],
    "passages": [
        {"is_selected": 0, "passage_text": "The Aln is cold."},
        {"is_selected": 1, "passage_text": "The Aln is 40 km long."},
    ],
}
BABI = {
    "passages": "['Ada went to the attic.', 'Bob went to the yard.']",
    "question": "Where is Ada?",
    "query_type": "single-supporting-fact",
    "answer_passage": "['Ada went to the attic.']",
    "answer": "attic",
}


def load(source, count=20, seed=1, facts=6, skipped=None):
    return sources.load(str(source), count, seed, facts, skipped)


def lines(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def table(path, *rows):
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("dataset", twins.DATASETS)
def test_twins_are_split_80_10_10(dataset):
    splits = load(f"{dataset}-twin", count=29)
    assert {name: len(problems) for name, problems in splits.items()} == {
        "train": 25,
        "validation": 2,
        "test": 2,
    }
    problems = [problem for split in splits.values() for problem in split]
    assert problems == twins.generate(dataset, 29, 1, 6)
    assert {len(problem.facts) for problem in problems} == {6}


def test_a_few_problems_are_one_split_without_empty_ones():
    splits = load("cotempqa-twin", count=9)
    assert list(splits) == ["train"]
    assert splits["train"] == load("cotempqa-twin")["train"][:9]


def test_the_releases_problems(monkeypatch, release_root):
    monkeypatch.setenv("TRACELIB_DATA", str(release_root.parent))
    found = {name: {s: len(p) for s, p in load(name).items()} for name in sources.RELEASED}
    assert found == {"cotempqa": {"train": 1735, "test": 950}, "babi": {"train": 3773, "test": 376}}


@pytest.mark.parametrize(
    ("name", "split", "n", "dataset"),
    [
        ("main/data/cotempqa/equal.json", "train", 436, "cotempqa"),
        ("main/data/cotempqa/test_set.csv", "test", 475, "cotempqa"),
        ("main/data/cotempqa/val_set.csv", "validation", 475, "cotempqa"),
        ("babiqa/data/babiqa/test_dataset_for_prompting.csv", "test", 376, "babi"),
    ],
)
def test_the_releases_files(release_root, name, split, n, dataset):
    ((found, problems),) = load(release_root / name).items()
    assert found == split
    assert {problem.dataset for problem in problems} == {dataset}
    assert len(problems) == n


def test_the_hub_split_by_split(monkeypatch):
    asked = []

    def of_the_hub(dataset, split, limit, skipped):
        asked.append((dataset, split, limit, skipped))
        return twins.generate("marco", 2, 0, 5)

    monkeypatch.setattr(hub, "load", of_the_hub)
    skipped = []
    assert list(load("hub:marco-v2.1", count=7, skipped=skipped)) == ["train", "validation"]
    assert asked == [("marco-v2.1", "train", 7, skipped), ("marco-v2.1", "validation", 7, skipped)]


def test_files_by_name_and_fields(tmp_path):
    column = {name: {"0": value, "1": value} for name, value in MARCO.items()}
    story = "1 Ada went to the attic.\n2 Where is Ada?\tattic\t1\n"
    (tmp_path / "columns_dev.json").write_text(json.dumps(column))
    (tmp_path / "indented.json").write_text(json.dumps(column, indent=1))
    (tmp_path / "qa1_single-supporting-fact_test.txt").write_text(story)
    (tmp_path / "broken.json").write_text("{\n" + json.dumps(MARCO) + "\n")
    ours = twins.generate("babi", 3, 0, 6)
    to_json_lines(ours, tmp_path / "ours.jsonl")
    lines(tmp_path / "equal.json", COTEMPQA)
    lines(tmp_path / "queries.jsonl", MARCO)
    table(
        tmp_path / "val_set.csv",
        COTEMPQA | {"facts": repr(COTEMPQA["facts"]), "answer": "['Gamma']"} | {"label": "mix"},
    )
    table(tmp_path / "stories.csv", BABI)
    found = {}
    for path in sorted(tmp_path.iterdir()):
        ((split, problems),) = load(path, skipped=[]).items()
        found[path.name] = (split, len(problems), problems[0].dataset, problems[0].category)
    assert found == {
        "broken.json": ("train", 1, "marco", "numeric"),
        "columns_dev.json": ("validation", 2, "marco", "numeric"),
        "equal.json": ("train", 1, "cotempqa", "equal"),
        "indented.json": ("train", 2, "marco", "numeric"),
        "ours.jsonl": ("train", 3, "babi", ours[0].category),
        "qa1_single-supporting-fact_test.txt": ("test", 1, "babi", "single-supporting-fact"),
        "queries.jsonl": ("train", 1, "marco", "numeric"),
        "stories.csv": ("train", 1, "babi", "single-supporting-fact"),
        "val_set.csv": ("validation", 1, "cotempqa", "mix"),
    }


def test_bad_records_are_errors_or_left_out(tmp_path):
    path = tmp_path / "mine.jsonl"
    to_json_lines(twins.generate("babi", 2, 0, 6), path)
    good = json.loads(path.read_text().splitlines()[0])
    lines(path, good | {"supporting": [99]}, good | {"id": "odd", "dataset": ""}, good)
    with pytest.raises(InputError, match=r"mine.jsonl:1: field 'supporting': index 99"):
        load(path)
    skipped = []
    assert [problem.id for problem in load(path, skipped=skipped)["train"]] == [good["id"]]
    assert [str(error).partition(": ")[2] for error in skipped] == [
        "field 'supporting': index 99 is outside the 6 facts, which are counted from 0",
        "field 'dataset': expected a name with a letter or digit, found ''",
    ]
    lines(path, good | {"gold": []})
    with pytest.raises(InputError, match=r"mine.jsonl: no problems in it, expected at least one"):
        load(path, skipped=[])


@pytest.mark.parametrize("source", ["cotempqa-tvin", "hub:squad", "hub:", "notes.md", "", "folder/"])
def test_the_error_for_an_unknown_source_lists_all_sources(source):
    with pytest.raises(InputError) as error:
        load(source)
    for name in (*sources.TWINS, *sources.RELEASED, "hub:babi", "hub:marco-v1.1", "hub:marco-v2.1", ".jsonl"):
        assert name in str(error.value)
        assert name in sources.UNDERSTOOD


@pytest.mark.parametrize(
    ("source", "count", "message"),
    [
        ("none.jsonl", 5, "none.jsonl: no such file"),
        ("none.csv", 5, "none.csv: no such file"),
        ("story.txt", 5, "the file name states no task"),
        ("cotempqa-twin", 0, "count 0, expected at least 1"),
    ],
)
def test_errors_for_sources_that_cannot_be_loaded(source, count, message):
    with pytest.raises(InputError, match=message):
        load(source, count=count)


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from(sources.SUFFIXES), st.booleans())
def test_any_file_gives_problems_or_an_input_error(tmp_path_factory, content, suffix, lenient):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError):  # the file is too short for a problem
        load(path, skipped=[] if lenient else None)


OUTPUTS = [
    {"dataset": "mine", "question": f"Q{number}?", "gold": "Ann", "prediction": "Ann"} for number in range(3)
]


@pytest.mark.parametrize("name", ["o.ndjson", "o.txt", "noext", "equal.json", "mix.jsonl", "o.csv"])
@pytest.mark.parametrize("more", [{}, {"query": "z"}, {"n_passages": "3"}, {"answer": "x"}])
def test_the_audits_records_are_read_whatever_the_name_and_further_fields(tmp_path, name, more):
    records = [record | more for record in OUTPUTS]
    path = tmp_path / name
    (table if name.endswith(".csv") else lines)(path, *records)
    expected = [output.problem for _, output in outputs.stream(path)]
    assert load(path) == {"train": expected}
    assert len(expected) == 3
    for text in (json.dumps(records), json.dumps(records, indent=1)):
        path.write_text(text)
        assert load(path) == {"train": expected}


def test_standard_input(monkeypatch):
    text = "".join(json.dumps(record) + "\n" for record in OUTPUTS)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode()))))
    assert [problem.question for problem in load("-")["train"]] == ["Q0?", "Q1?", "Q2?"]


def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = "".join(json.dumps(record) + "\n" for record in OUTPUTS)
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    assert len(load(pipe)["train"]) == 3
    writer.join()


def test_each_problem_of_outputs_is_read_once(tmp_path):
    runs = [record | {"seed": seed} for seed in (1, 2, 3) for record in OUTPUTS]
    assert len(load(lines(tmp_path / "runs.jsonl", *runs, *OUTPUTS))["train"]) == 3
    named = [record | {"id": f"{number}"} for number, record in enumerate(runs)]  # each output has its own id
    assert len(load(lines(tmp_path / "runs.jsonl", *named))["train"]) == 3
    twice = [record | {"id": name} for name in ("a", "b") for record in runs]  # two ids in every run
    assert len(load(lines(tmp_path / "runs.jsonl", *twice))["train"]) == 6
    problems = [{name: record[name] for name in ("dataset", "question", "gold")} for record in runs]
    assert len(load(lines(tmp_path / "problems.jsonl", *problems))["train"]) == 9


def test_a_folder_is_no_source(tmp_path):
    with pytest.raises(InputError, match="is a folder, expected a file"):
        load(tmp_path)


def test_problems_are_chosen_over_splits_in_order(problem):
    first, second, third = (
        replace(problem, id=name, category=category)
        for name, category in (("a", "mix"), ("b", "equal"), ("c", "mix"))
    )
    splits = {"train": [first, second], "test": [third]}
    assert sources.choose(splits, "x", 2) == [("train", first), ("train", second)]
    assert sources.choose(splits, "x", 9, category="mix") == [("train", first), ("test", third)]
    assert sources.choose(splits, "x", 9, identifier="c") == [("test", third)]
    with pytest.raises(InputError) as error:
        sources.choose(splits, "x", 9, "c", "equal")
    wanted = "none of the 3 problems has id 'c' and category 'equal'; the categories are equal, mix"
    assert str(error.value) == f"x: {wanted}"


def test_a_dataset_card_says_where_problems_come_from():
    title, origin, licence = sources.card_texts("babi-twin", 20, 1, 6)
    assert (title, licence) == ("babi-twin, seed 1", "mit")
    assert origin.endswith("`tracelib problems export babi-twin OUT --count 20 --seed 1 --facts 6`.")
    title, origin, licence = sources.card_texts("/home/ada/a`b\n.jsonl", 20, 1, 6)
    assert (title, licence) == ("a'b .jsonl", "other")
    assert origin.endswith(" from `a'b .jsonl`.")
