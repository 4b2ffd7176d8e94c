"""R1's texts from files of our own in the forms of the repository's files and of the sample."""

import json
from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import family_files, r1_texts, release_problems
from tracelib.datasets.distilled import Texts
from tracelib.datasets.family_files import R1, FamilyFile

PLACE = "results/Cotempqa/deepseek_r1_correct_responses_"


@pytest.fixture
def released(monkeypatch, problem):
    """The release has the problem, and a second one that differs in its gold answers."""
    monkeypatch.setenv("TRACELIB_DATA", "")
    other = replace(problem, id="p2", gold=("Delta",))
    monkeypatch.setattr(release_problems, "load_splits", lambda _: {"train": [problem], "test": [other]})


@pytest.fixture
def files(tmp_path, monkeypatch, released):
    """A function that puts these records into the files of these names."""

    def put(**records):
        there = {}
        for name, text in records.items():
            there[FamilyFile(f"{PLACE}{name}.json", "0" * 40, 1, R1)] = tmp_path / f"{name}.json"
            (tmp_path / f"{name}.json").write_text(text)
        monkeypatch.setattr(family_files, "present", lambda: there)

    return put


def record(problem, **texts):
    own = {name: list(getattr(problem, name)) for name in ("gold", "facts")}
    return json.dumps({"question": problem.question, "triple_element": "S1_R1_O2", **own, **texts}) + "\n"


def test_the_files_of_a_relation_are_merged_by_the_problem_in_each_record(files, problem):
    """Also a problem that the release does not have, and one that is in a JSON array."""
    another = replace(problem, question="Who worked there?")
    lines = record(problem, prediction="Gamma.", r1_trace="Hm.") + record(
        another, prediction="A.", r1_trace="B."
    )
    summed = record(problem, prediction="Gamma.", r1_trace="Hm.", r1_trace_summary="In short.")
    explained = f"[{record(problem, r1_exp_ans='Because.', r1_trace=None)}]"
    files(mix=lines, mix_with_summary=summed, mix_with_explanation=explained, mix_of_another_kind="no JSON")
    found = r1_texts.load()
    assert {one.question: texts for one, texts in found} == {
        problem.question: Texts("Gamma.", "Hm.", "In short.", "Because."),
        "Who worked there?": Texts("A.", "B."),
    }
    assert {one.category for one, _ in found} == {"mix"}
    assert found.source == "R1's texts from the release's repository, 3 of 11 files"
    assert len(r1_texts.paths()) == 3


def test_a_record_without_facts_is_of_the_released_problem_with_its_question_and_gold_answers(files, problem):
    known = json.dumps({"question": problem.question, "gold": ["Delta", "Gamma"], "prediction": "G"})
    alien = json.dumps({"question": problem.question, "gold": ["Beta"], "prediction": "B"})
    files(mix=f"{known}\n{alien}\n")
    assert list(r1_texts.load()) == [(problem, Texts("G"))]


def test_the_sample_stands_in_and_says_so(tmp_path, monkeypatch, released, problem):
    monkeypatch.setattr(family_files, "present", dict)
    with pytest.raises(
        InputError, match=r"R1's texts are not here: .*`tracelib release fetch --family` gets"
    ):
        r1_texts.load()
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    (tmp_path / "r1").mkdir()
    texts = {"prediction": "G.", "r1_trace": "Hm.", "r1_trace_summary": None, "r1_explanation": "Because."}
    rows = [
        {"question": problem.question, "gold": list(problem.gold)} | texts,
        {"question": "?", "gold": ["a"]},
    ]
    (tmp_path / "r1" / "traces.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = r1_texts.load()
    assert list(found) == [(problem, Texts("G.", "Hm.", "", "Because."))]
    assert found.source.startswith(
        "R1's texts are a sample of 1 problems, typed out from a copy, so figures from it are provisional"
    )


def test_without_a_folder_of_data_no_sample_is_looked_for(monkeypatch, tmp_path):
    """A file in the working directory is not taken as the sample."""
    (tmp_path / "r1").mkdir()
    (tmp_path / "r1" / "traces.jsonl").write_text("{}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACELIB_DATA", "")
    assert family_files.sample() is None
    monkeypatch.delenv("TRACELIB_DATA")
    assert family_files.sample() is None
    with pytest.raises(InputError, match="R1's texts are not here: expected a sample"):
        r1_texts.sampled()


def test_a_bad_record_is_named_with_its_place(files):
    files(equal='{"question": "Who?", "gold": ["a"], "r1_trace": 3}\n')
    with pytest.raises(InputError, match=r"equal\.json:1: field 'r1_trace': expected a string, found 3"):
        r1_texts.load()


def test_the_manifest_lists_eleven_files_of_what_r1_answered_correctly():
    """Explanations are missing for *during*."""
    found = [match for file in family_files.manifest() if (match := r1_texts.ANSWERED.fullmatch(file.path))]
    assert (
        sorted(match[1] for match in found) == ["during"] * 2 + ["equal"] * 3 + ["mix"] * 3 + ["overlap"] * 3
    )
