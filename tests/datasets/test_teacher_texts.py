"""Teachers by name: exports of `tracelib teacher` as a folder and as JSON lines, read back."""

from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import export, r1_texts, teacher_texts
from tracelib.datasets.distilled import Distilled, Texts
from tracelib.datasets.export import Column

WRITTEN = {"prediction": "Gamma and Delta.", "trace": "Hm.", "summary": "In short."}


def columns(problems, **texts):
    return [Column(name, name, dict.fromkeys(problems, text)) for name, text in texts.items()]


@pytest.fixture(params=["folder", "lines"])
def exported(request, tmp_path):
    """A function that exports problems with columns, and returns where."""

    def write(problems, written):
        place = tmp_path / ("texts" if request.param == "folder" else "texts.jsonl")
        if request.param == "folder":
            export.to_folder({"train": problems}, place, "T", "By hand.", "mit", written)
        else:
            export.to_json_lines(problems, place, written)
        return str(place)

    return write


def test_an_export_gives_the_problems_and_their_texts_back(exported, problem):
    other = replace(problem, id="p2", question="Who?")
    name = exported([problem, other], [*columns([problem, other], **WRITTEN), *columns([other], model="m")])
    found = teacher_texts.load(name)
    assert list(found) == [(each, Texts("Gamma and Delta.", "Hm.", "In short.")) for each in (problem, other)]
    assert found.source == f"a teacher's texts on 2 problems, from {name}"
    assert teacher_texts.load(name) is found


def test_rows_of_traces_that_were_not_kept_are_passed_over(exported, problem):
    other = replace(problem, id="p2", question="Who?")
    causes = Column("cause", "", {problem: "wrong answer", other: "kept"})
    name = exported([problem, other], [*columns([problem, other], **WRITTEN), causes])
    assert [each.id for each, _ in teacher_texts.load(name)] == ["p2"]
    nothing = Column("cause", "", {problem: "wrong answer"})
    name = exported([problem], [*columns([problem], **WRITTEN), nothing])
    with pytest.raises(InputError, match="has no problem whose trace is kept"):
        teacher_texts.load(name)


def test_other_contents_of_one_name_are_other_texts(exported, problem):
    digests = set()
    for answer in ("Gamma.", "Delta."):
        name = exported([problem], columns([problem], **WRITTEN | {"prediction": answer}))
        digests.add(teacher_texts.digest(name))
        assert teacher_texts.load(name).of([problem])["p1"].answer == answer
    assert len(digests) == 2


def test_what_is_no_export_is_named(tmp_path, exported, problem):
    for place in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(
            InputError, match="no teacher's texts here; expected r1, or the folder or file that"
        ):
            teacher_texts.load(str(place))
    name = exported([problem], columns([problem], prediction="Gamma."))
    with pytest.raises(InputError, match=r":1: field 'trace' is missing"):
        teacher_texts.load(name)
    (tmp_path / "bad" / "data").mkdir(parents=True)
    (tmp_path / "bad" / "data" / "train.parquet").write_text("no table")
    with pytest.raises(InputError, match=r"train\.parquet: not a Parquet file"):
        teacher_texts.load(str(tmp_path / "bad"))


def test_r1_is_one_teacher_among_others(monkeypatch, tmp_path, problem):
    (tmp_path / "file").write_text("content")
    monkeypatch.setattr(r1_texts, "paths", lambda: [tmp_path / "file"])
    monkeypatch.setattr(r1_texts, "load", lambda: Distilled([(problem, Texts("G."))], "R1's"))
    assert teacher_texts.load("r1").of([problem]) == {"p1": Texts("G.")}
