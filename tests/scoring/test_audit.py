"""Files become one table: runs stay apart, ids are unique, texts are found again, no text stays in memory."""

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracelib.core.errors import InputError
from tracelib.datasets import release_files, twins
from tracelib.datasets.export import to_record
from tracelib.paper import release
from tracelib.scoring import audit, metrics, outputs
from tracelib.scoring.outcomes import RUN, score

KITCHEN, OFFICE = "Ada went to the kitchen.", "Ada went to the office."


def line(number=0, prediction="office", **more):
    return {
        "id": number,
        "dataset": "babi",
        "question": f"Where is Ada? ({number})",
        "facts": [KITCHEN, OFFICE],
        "gold": ["office"],
        "supporting": [1],
        "category": "single-supporting-fact",
        "prediction": prediction,
        **more,
    }


def written(path, *records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def right(audited):
    """The share of right answers by condition."""
    return audited.outcomes.groupby("condition")["answer_correct"].mean().to_dict()


def test_two_files_without_model_and_condition_are_two_conditions(tmp_path):
    """Runs of 48 % and 81 % must not become one run of 64.5 %."""
    files = [
        written(
            tmp_path / f"{name}.jsonl",
            *(line(number, "office" if number < count else "hall") for number in range(100)),
        )
        for name, count in (("vanilla", 48), ("correct", 81))
    ]
    found = audit.read(files)
    assert right(found) == {"vanilla": 0.48, "correct": 0.81}
    (note,) = found.notes
    assert "several files say no condition" in note
    assert "NAME=FILE" in note
    first, second = (part.set_index("item") for _, part in found.outcomes.groupby("condition"))
    assert first.index.equals(second.index)  # paired


def test_two_trainings_of_one_name_are_told_apart_or_named(tmp_path):
    files = [
        written(
            tmp_path / folder / "predictions.jsonl",
            line(0, answer, model="m", condition="correct", seed=1),
        )
        for folder, answer in (("A", "office"), ("B", "hall"))
    ]
    found = audit.read(files)
    assert right(found) == {"correct [A]": 1, "correct [B]": 0}
    assert "'correct [A]' is" in found.notes[0]
    assert right(audit.read([f"low={files[0]}", f"high={files[1]}"])) == {"low": 1, "high": 0}
    pooled = audit.read([f"both={file}" for file in files])
    assert right(pooled) == {"both": 0.5}
    assert pooled.outcomes["item"].tolist() == ["0", "0.2"]
    assert pooled.notes == ["1 of 2 outputs repeat a problem; intervals and n treat them as separate items"]


def test_one_file_is_read_as_it_is(tmp_path):
    conditions = [{"condition": name, "model": "m"} for name in ("a", "b")]
    path = written(tmp_path / "p.jsonl", line(1), *(line(0, **run) for run in conditions), line(1))
    found = audit.read([path])
    expected = score(outputs.read(path))
    pd.testing.assert_frame_equal(found.outcomes, expected)
    assert found.outcomes["condition"].tolist() == ["unnamed", "a", "b", "unnamed"]
    assert found.places["line"].tolist() == [1, 2, 3, 4]
    assert found.places["file"].tolist() == [str(path)] * 4
    assert found.files == [path]


def test_relations_of_the_release_are_one_run_and_copies_of_it_are_two(tmp_path):
    name = "Qwen3-1.7B-sft-adapter-reasoning-facts_default.json"
    record = {"prediction": "['C']", "gold": ["C"], "triple_element": "S1_R1_O2", "question": "Whom else?"}
    record["facts"] = ["Ada works for B in 1990.", "Ada works for C from 1989 to 1991."]
    files = [
        written(tmp_path / copy / folder / name, record | {"question": folder})
        for copy in ("c1", "c2")
        for folder in ("equal", "mix_default")
    ]
    assert set(audit.read(files[:2]).outcomes["condition"]) == {"correct"}
    assert audit.read(files[:2]).notes == []
    both = audit.read(files)
    assert both.outcomes["condition"].tolist() == ["correct [c1]"] * 2 + ["correct [c2]"] * 2


def test_a_metric_whose_packages_are_not_installed_is_left_out_and_said(tmp_path, monkeypatch):
    """The packages are installed here, so the test replaces the check for them."""
    (problem,) = twins.generate("marco", 1, 0, 3)
    record = {**to_record(problem), "prediction": problem.gold[0], "model": "m", "condition": "c"}
    path = written(tmp_path / "marco.jsonl", record)
    assert bool(audit.read([path]).outcomes["answer_rouge"].item()) is True
    monkeypatch.setattr(metrics, "find_spec", lambda name: None if name == "spacy" else object())
    metrics.missing.cache_clear()
    audited = audit.read([path])
    metrics.missing.cache_clear()
    assert audited.outcomes["answer_rouge"].isna().all()
    assert audited.outcomes["answer_exact"].all()
    assert "rouge is left out: it needs tracelib's extra marco" in audited.notes


def test_links_to_one_file_are_one_file(tmp_path):
    path = written(tmp_path / "p.jsonl", line())
    (tmp_path / "soft.jsonl").symlink_to(path)
    os.link(path, tmp_path / "hard.jsonl")
    for other in ("soft", "hard"):
        with pytest.raises(InputError, match=rf"{other}.jsonl: this file is given twice, also as .*p.jsonl"):
            audit.read([path, tmp_path / f"{other}.jsonl"])
    with pytest.raises(InputError, match=r"this file is given twice$"):
        audit.read([f"a={path}", f"b={path}"])


def test_what_is_not_there_is_said_before_anything_is_read(tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{\n")
    with pytest.raises(InputError, match=r"none.jsonl: no such file$"):
        audit.read([bad, tmp_path / "none.jsonl"])
    with pytest.raises(InputError, match=r"1/p.jsonl: no such file .read as NAME=FILE, with the name 'lr'"):
        audit.read(["lr=1/p.jsonl"])
    (tmp_path / "broken.jsonl").symlink_to("nowhere")
    with pytest.raises(InputError, match=r"broken.jsonl: no such file"):
        audit.read([tmp_path / "broken.jsonl"])
    with pytest.raises(InputError, match="is a folder"):
        audit.read([tmp_path])


def test_each_file_needs_an_output(tmp_path):
    empty = written(tmp_path / "empty.jsonl")
    with pytest.raises(InputError, match=r"empty.jsonl: no outputs in this file"):
        audit.read([written(tmp_path / "p.jsonl", line()), empty])
    empty.write_text("{}\n")
    skipped = []
    with pytest.raises(InputError, match=r"empty.jsonl: no outputs in this file"):
        audit.read([empty], skipped)
    assert len(skipped) == 1


@pytest.mark.parametrize(
    "name", ["a\nb\x1b[2J", "ü [x]", "a, b", "-", "é=1", os.fsdecode(b"\xff\xfe"), "x" * 200]
)
def test_names_of_any_characters(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    files = [Path(folder) / f"{name}.jsonl" for folder in ("1", "2")]
    for file in files:
        written(file, line())
    assert set(right(audit.read(files))) == {"1", "2"}
    files[1] = written(Path("1/other.jsonl"), line())
    found = audit.read(files)
    assert found.outcomes["condition"].tolist() == [
        name.encode("utf-8", "backslashreplace").decode(),
        "other",
    ]
    assert list(audit.texts(found, [0])) == [0]


# --- Items ------------------------------------------------------------------------------------


def test_problems_with_other_ids_are_paired_by_content(tmp_path):
    """The second file has the rows of the first in another order, with new numbers."""
    first = [line(number) for number in range(3)]
    second = [line(2, "hall") | {"id": 0}, line(0) | {"id": 1}, line(1) | {"id": "x"}]
    files = [written(tmp_path / "a.jsonl", *first), written(tmp_path / "b.jsonl", *second)]
    found = audit.read(files)
    assert (found.outcomes["item"] == found.outcomes["problem"]).all()
    assert found.notes[1].startswith("babi: runs give the same problem different ids")
    by_item = found.outcomes.pivot(index="item", columns="condition", values="answer_correct")
    assert by_item.notna().all(axis=None)
    assert audit.texts(found, [3])[3].problem.id == found.outcomes["item"][3]


def test_ids_stay_where_problems_have_one_id_each(tmp_path):
    other = [line(number) | {"question": f"Where is Bo? ({number})"} for number in range(3)]
    files = [
        written(tmp_path / "a.jsonl", *(line(number) for number in range(3))),
        written(tmp_path / "b.jsonl", *other),  # the same ids, of other problems
    ]
    found = audit.read(files)
    assert found.outcomes["item"].tolist() == ["0", "1", "2"] * 2
    assert len(found.notes) == 1


def test_parts_whose_ids_start_again_are_paired_by_content(tmp_path):
    """Two runs in two files each, both with the ids 0 and 1; the second run has them in the other order."""
    first, second = ([line(0), line(1)], [line(2) | {"id": 0}, line(3) | {"id": 1}])
    parts = {"m=h0": first, "m=h1": second, "k=k0": second, "k=k1": first}
    files = []
    for part, records in parts.items():
        name, _, stem = part.partition("=")
        files.append(f"{name}={written(tmp_path / f'{stem}.jsonl', *records)}")
    found = audit.read(files)
    items = found.outcomes.groupby("condition")["item"].agg(list)
    assert len(set(items["m"])) == 4
    assert set(items["m"]) == set(items["k"])
    assert found.outcomes["item"].tolist() == found.outcomes["problem"].tolist()
    assert any("a run gives different problems the same id" in note for note in found.notes)


def test_ids_that_start_again_in_samples_of_one_problem_pair_too(tmp_path):
    """A run answers each problem twice under one id, which other problems have too."""
    twice = [line(0), line(0), line(2) | {"id": 0}, line(2) | {"id": 0}]
    files = [written(tmp_path / "a.jsonl", *twice), written(tmp_path / "b.jsonl", *twice[2:], *twice[:2])]
    items = audit.read(files).outcomes.groupby("condition")[["problem", "item"]]
    pairs = [{*part.itertuples(index=False, name=None)} for _, part in items]
    assert pairs[0] == pairs[1]
    assert len(pairs[0]) == 4


def test_one_run_alone_keeps_its_ids(tmp_path):
    found = audit.read([written(tmp_path / "a.jsonl", line(0), line(1) | {"id": 0})])
    assert found.outcomes["item"].tolist() == ["0", "0.2"]


def test_files_that_say_no_condition_and_differ_in_the_seed_are_noted(tmp_path):
    files = [
        written(tmp_path / f"lr{seed}" / f"s{seed}.jsonl", line(seed=seed, model="m")) for seed in (1, 2)
    ]
    found = audit.read(files)
    assert set(found.outcomes["condition"]) == {"unnamed"}
    (note,) = [note for note in found.notes if "taken for seeds of one condition" in note]
    assert "say no condition and differ" in note
    assert f"{files[0]} has seed 1, {files[1]} has seed 2" in note
    for said in ([f"a={files[0]}", f"a={files[1]}"], files[:1]):
        assert not any("taken for seeds" in note for note in audit.read(said).notes)
    named = [
        written(tmp_path / f"{seed}.jsonl", line(seed=seed, model="m", condition="c")) for seed in (1, 2)
    ]
    assert not any("taken for seeds" in note for note in audit.read(named).notes)
    unnamed = [written(tmp_path / f"{seed}.jsonl", line(seed=seed, condition="c")) for seed in (3, 4)]
    assert any("say no model and differ" in note for note in audit.read(unnamed).notes)


@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_name_is_none(tmp_path, nothing):
    path = written(tmp_path / "a.jsonl", line(model=nothing, condition=nothing, seed=nothing), line(1))
    row = audit.read([path]).outcomes
    assert set(row["model"]) == set(row["condition"]) == {"unnamed"}
    assert row["seed"].isna().all()


def test_a_repeated_problem_keeps_its_ids(tmp_path):
    """Nobody knows which of the two answers belongs to which answer of the other run."""
    files = [
        written(tmp_path / "a.jsonl", line(0), line(0) | {"id": "again"}, line(1)),
        written(tmp_path / "b.jsonl", line(0) | {"id": "other"}, line(1) | {"id": "first"}),
    ]
    found = audit.read(files)
    problem = found.outcomes["problem"][2]
    assert found.outcomes["item"].tolist() == ["0", "again", problem, "other", problem]


IDS = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.sampled_from(["q", "q.2", "q.2.2", "q.3", "p"])),
    min_size=1,
    max_size=12,
)


@given(IDS)
def test_ids_are_numbered_as_one_by_one(ids):
    runs, items = zip(*ids, strict=True)
    taken, copies, expected = set(), {}, []
    for run, item in ids:
        name = item
        while (run, name) in taken:
            copies[run, item] = copies.get((run, item), 1) + 1
            name = f"{item}.{copies[run, item]}"
        taken.add((run, name))
        expected.append(name)
    assert audit._numbered(pd.Series(items, dtype="str"), np.array(runs)).tolist() == expected


def test_repeats_are_counted_by_content(tmp_path):
    records = [line(), line() | {"id": "other"}, line(1), line(model="m")]
    found = audit.read([written(tmp_path / "p.jsonl", *records)])
    assert found.notes[0].startswith("1 of 4 outputs repeat a problem")


def test_two_models_with_a_condition_each_are_pointed_to_compare(tmp_path):
    path = written(tmp_path / "p.jsonl", line(model="before"), line(model="after"))
    (note,) = audit.read([path]).notes
    assert note.startswith("babi: no model has two conditions")
    assert note.endswith("tracelib compare A B")
    seeds = written(tmp_path / "seeds.jsonl", line(seed=1), line(seed=2))
    assert audit.read([seeds]).notes == []
    compared = [line(model=model, condition=condition) for model in "mn" for condition in "ab"]
    assert audit.read([written(tmp_path / "compared.jsonl", *compared)]).notes == []


# --- Texts ------------------------------------------------------------------------------------


def test_texts_are_read_again_with_the_names_of_the_table(tmp_path):
    files = [
        written(tmp_path / f"{name}.jsonl", *(line(number, f"{name} {number}") for number in range(3)))
        for name in ("a", "b")
    ]
    files[1].write_text("{\n" + files[1].read_text())
    found = audit.read(files, [])
    texts = audit.texts(found, [4, 0, 4])
    assert {row: text.prediction for row, text in texts.items()} == {0: "a 0", 4: "b 1"}
    assert [(text.condition, text.problem.id) for text in texts.values()] == [("a", "0"), ("b", "1")]
    assert texts[0].problem.facts == (KITCHEN, OFFICE)
    assert audit.texts(found, []) == {}


def test_a_file_that_has_changed_since_is_an_error(tmp_path):
    path = written(tmp_path / "p.jsonl", line(0), line(1))
    found = audit.read([path])
    written(path, line(1), line(0))
    with pytest.raises(InputError, match=r"p.jsonl:1: not the output that was read from here"):
        audit.texts(found, [0])
    written(path, line(0))
    with pytest.raises(InputError, match=r"p.jsonl:2: no output here any more"):
        audit.texts(found, [1])


def test_standard_input_is_kept_for_the_texts_and_goes_with_the_result(monkeypatch):
    text = "".join(json.dumps(line(number, f"text {number}")) + "\n" for number in range(2))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    found = audit.read(["-"])
    assert found.places["file"].tolist() == ["-", "-"]
    assert audit.texts(found, [1])[1].prediction == "text 1"
    (copy,) = found.copies.values()
    assert copy.exists()
    del found
    assert not copy.parent.exists()


def test_errors_of_what_is_read_once_name_it(monkeypatch):
    bad = "{\n" + json.dumps(line())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bad.encode())))
    with pytest.raises(InputError, match=r"^standard input:1: not a JSON object"):
        audit.read(["-"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bad.encode())))
    skipped = []
    assert len(audit.read(["mine=-"], skipped).outcomes) == 1
    assert str(skipped[0]).startswith("standard input:1: not a JSON object")


def test_pipes_are_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(json.dumps(line()) + "\n",))
    writer.start()
    found = audit.read([pipe, written(tmp_path / "p.jsonl", line(0, "hall"))])
    writer.join()
    assert right(found) == {"pipe": 1, "p": 0}
    assert audit.texts(found, [0])[0].prediction == "office"


# --- Size -------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_texts(tmp_path):
    """500 and then 2,500 outputs of 20 kB each; the second file has 40 MB more."""
    files = [tmp_path / "few.jsonl", tmp_path / "many.jsonl"]
    for file, count in zip(files, (500, 2_500), strict=True):
        texts = (f"{number} " + "x" * 20_000 for number in range(count))
        written(file, *(line(number, text) for number, text in enumerate(texts)))
    code = (
        "import resource, sys; from tracelib.scoring import audit\n"
        "for file in sys.argv[1:]:\n"
        "    audit.read([file])\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    found = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, check=True)
    few, many = (int(peak) * 1024 for peak in found.stdout.split())
    assert many - few < 15e6


def test_the_release_read_as_files_is_the_release(release_root):
    """The files of one model: its CoTempQA runs have a file per relation, and problems repeat."""
    here = release_files.available(release_files.names(release_files.OUTPUTS))
    files = [release_files.locate(name) for name in here if release.runs()[name][1] == "Qwen3-1.7B"]
    found = audit.read(files, [])
    pd.testing.assert_frame_equal(found.outcomes, score(outputs.read(*files, skipped=[])))
    assert not found.outcomes.duplicated([*RUN, "item"]).any()
    assert [note.split(" outputs")[1] for note in found.notes] == [
        " repeat a problem; intervals and n treat them as separate items"
    ]


def test_lines_of_further_filters_are_counted_in_a_note(tmp_path, monkeypatch):
    record = {"doc_id": 0, "target": "x", "resps": [["x"]], "arguments": [["Q?", {}]]}
    text = "".join(json.dumps(record | {"filter": name}) + "\n" for name in "ab")
    (tmp_path / "log.jsonl").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    for argument, name in ((tmp_path / "log.jsonl", f"{tmp_path / 'log.jsonl'}"), ("-", "standard input")):
        read = audit.read([argument], dataset="task")
        assert len(read.outcomes) == 1
        assert read.notes[0].startswith(f"{name}: each text is read once; lines left out because")
        assert audit.texts(read, [0])[0].prediction == "x"
