"""Reading a study's tables: by hand, and what is refused with file and line."""

import json

import pandas as pd
import pytest

from tracelib.analysis import collected
from tracelib.core.errors import InputError

ANSWERS = """\
participant,part,page,position,kind,answer_right,problem,words,question,measures,value,score,label,correct,seconds
p1,ratings,rating-1,1,r1,,q7,300,clear,interpretability,2,2,Disagree,,20.5
p1,ratings,rating-1,1,r1,,q7,300,confusing,interpretability,5,1,Strongly agree,,20.5
p1,ratings,rating-1,1,r1,,q7,300,check,,2,,Disagree,True,20.5
p2,ratings,rating-1,1,correct,,q7,40,clear,interpretability,4,4,Agree,,9.0
p1,trust,trust-1,1,none,False,q3,0,accept,,1,,I accept it,False,4.0
p1,trust,trust-1,1,none,False,q3,0,confidence,,4,,Very sure,,4.0
p3,trust,trust-1,1,trace,True,q3,50,accept,,0,,I reject it,False,4.0
"""
PARTICIPANTS = """\
participant,slot,state,ratings_kind,trust_arm,pages,checks_failed,comprehension,seconds,excluded
p1,0,finished,,,3,0,1.0,300,
p2,1,finished,,,3,2,1.0,100,attention_failed
p3,2,unfinished,,,1,0,,,
"""
ITEM = {"scale": "agreement", "measures": "interpretability"}
STUDY = {
    "scales": {"agreement": ["Disagree", "Agree"], "amount": ["Little", "Much"]},
    "constructs": {"interpretability": {"label": "Interpretability", "about": "how well it can be followed"}},
    "items": {
        "clear": ITEM | {"text": "It is clear.", "reversed": False},
        "confusing": ITEM | {"text": "It confuses.", "reversed": True},
    },
    "ratings": {"kinds": {"r1": {"label": "R1's trace"}, "correct": {"label": "decomposed"}}},
    "trust": {"arms": {"none": "the answer alone", "trace": "with its trace"}},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path)


def write(folder):
    """The tables of a small study, as files of a folder."""
    for name, text in (("answers", ANSWERS), ("participants", PARTICIPANTS)):
        (folder / f"{name}.csv").write_text(text)
    (folder / "study.json").write_text(json.dumps(STUDY))
    return folder


def edited(folder, name, old, new):
    path = folder / f"{name}.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def test_ratings_are_turned_and_checks_are_none_of_them(folder):
    found = collected.read(folder)
    assert not found.simulated
    assert found.ratings.to_dict("records") == [
        {"participant": who, "page": "rating-1", "problem": "q7", "kind": kind, "words": words,
         "question": question, "measures": "interpretability", "rating": rating}
        for who, kind, words, question, rating in (
            ("p1", "r1", 300, "clear", 2), ("p1", "r1", 300, "confusing", 1),
            ("p2", "correct", 40, "clear", 4),
        )
    ]  # fmt: skip


def test_a_decision_has_its_confidence(folder):
    found = collected.read(folder).decisions.set_index("participant")
    assert found.loc["p1", ["arm", "answer_right", "accepted", "confidence"]].tolist() == [
        "none",
        False,
        True,
        4,
    ]
    assert not found.loc["p3", "accepted"]
    assert pd.isna(found.loc["p3", "confidence"])


def test_who_is_excluded_or_has_not_finished_is_left_out_and_counted(folder):
    found = collected.read(folder)
    kept = found.included()
    assert set(kept.ratings["participant"]) == set(kept.decisions["participant"]) == {"p1"}
    assert set(found.finished().ratings["participant"]) == {"p1", "p2"}
    assert dict(found.counts().itertuples(index=False)) == {
        "included": 1, "attention_failed": 1, "unfinished": 1
    }  # fmt: skip


def test_wording_labels_and_anchors_are_those_of_the_studys_file(folder):
    found = collected.read(folder).wording
    assert found.labels == {
        "interpretability": "Interpretability", "r1": "R1's trace", "correct": "decomposed"
    }  # fmt: skip
    assert found.arms["none"] == "the answer alone"
    assert found.anchors == {"interpretability": ("Disagree", "Agree")}
    assert found.questions.to_dict("records")[1] == {
        "construct": "Interpretability", "question": "It confuses.", "answers": "Disagree; Agree",
        "turned": "yes",
    }  # fmt: skip


def test_a_construct_with_two_scales_has_no_anchors_and_a_study_without_a_file_no_wording(folder):
    other = json.loads(json.dumps(STUDY)) | {"ratings": None, "trust": None}
    other["items"]["clear"]["scale"] = "amount"
    (folder / "study.json").write_text(json.dumps(other))
    found = collected.read(folder).wording
    assert (found.anchors, found.arms, set(found.labels)) == ({}, {}, {"interpretability"})
    (folder / "study.json").unlink()
    assert collected.read(folder).wording.labels == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"items": {}}', '{"constructs": 3}'])
def test_a_file_that_is_no_study_is_refused(folder, text):
    (folder / "study.json").write_text(text)
    with pytest.raises(InputError, match=r"study\.json: not a study as an export has it"):
        collected.read(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("answers", "p1,ratings", "p9,ratings", r"answers.csv:2: participant 'p9', expected one of particip"),
        ("answers", "p1,ratings", ",ratings", "answers.csv:2: participant: expected a value, found none"),
        ("answers", "p1,ratings", "p1,games", "answers.csv:2: part: expected one of ratings, trust"),
        ("answers", "2,2,Disagree", "2,two,Disagree", "answers.csv:2: score: expected a whole number"),
        ("answers", "2,2,Disagree", "2,0,Disagree", "answers.csv:2: score: .* of at least 1, found '0'"),
        ("answers", "confusing", "clear", "answers.csv:3: this answer stands in line 2 already"),
        ("answers", "none,False", "none,", "answers.csv:6: answer_right: expected True or False, found ''"),
        ("answers", "accept,,1", "accept,,7", "answers.csv:6: value of accept: expected 0 or 1, found 7"),
        ("answers", "measures,value", "measure,value", "answers.csv:2: column 'measures' is missing"),
        ("participants", "finished", "done", "participants.csv:2: state: expected one of finished, unfinish"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_file_and_line(folder, name, old, new, message):
    edited(folder, name, old, new)
    with pytest.raises(InputError, match=message):
        collected.read(folder)


def test_a_missing_table_is_named(folder):
    (folder / "answers.csv").unlink()
    with pytest.raises(InputError, match=r"answers.csv: no such file"):
        collected.read(folder)
