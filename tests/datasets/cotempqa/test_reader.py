import csv
import json
import re
from dataclasses import replace

import pytest

from tracelib.core.errors import InputError
from tracelib.datasets.cotempqa import reader as cotempqa

RECORD = {
    "index": 0,
    "triple_element": "S1_R1_O2",
    "question": "While Ada worked for Beta, which employer did Ada work for?",
    "facts": ["Ada works for Beta in 1950.", "Ada works for Gamma from 1940 to 1960."],
    "answer": ["Gamma"],
}


def write(folder, name, *records):
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_reads_the_published_format(tmp_path):
    (problem,) = cotempqa.read(write(tmp_path, "during.json", RECORD))
    assert problem.category == "during"
    assert problem.supporting == (1,)
    assert problem.supporting_facts == ("Ada works for Gamma from 1940 to 1960.",)
    assert problem.gold == ("Gamma",)
    assert problem.kind == "S1_R1_O2"
    assert re.fullmatch("[0-9a-f]{12}", problem.id)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "Gamma"}, "during.json:2: field 'answer': expected a list of strings, found 'Gamma'"),
        ({"facts": []}, "during.json:2: field 'facts' is empty"),
        ({"answer": []}, "during.json:2: field 'gold' is empty"),
        ({"question": None}, "during.json:2: field 'question': expected a string, found None"),
    ],
)
def test_a_wrong_field_names_file_and_line(tmp_path, change, message):
    with pytest.raises(InputError) as error:
        cotempqa.read(write(tmp_path, "during.json", RECORD, RECORD | change))
    assert message in str(error.value)


def test_the_file_name_is_the_relation(tmp_path):
    with pytest.raises(InputError, match=r"expected equal.json, overlap.json, during.json, mix.json"):
        cotempqa.read(write(tmp_path, "between.json", RECORD))


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        (
            "A holds the position of Minister in Rome in May, 1990.",
            ("A", "position", "Minister in Rome", (1990, 5, 0), (1990, 5, 0)),
        ),
        (
            "A is a member of the Party from May 3, 1990 to 1991.",
            ("A", "party", "Party", (1990, 5, 3), (1991, 0, 0)),
        ),
        ("A B attended School from 1990.", ("A B", "school", "School", (1990, 0, 0), None)),
        ("C is owned by D in October 24, 2019.", ("C", "owner", "D", (2019, 10, 24), (2019, 10, 24))),
        ("A held the position of Duke.", ("A", "position", "Duke", None, None)),
    ],
)
def test_facts_are_parsed(sentence, fact):
    assert cotempqa.parse_fact(sentence) == cotempqa.Fact(*fact)


@pytest.mark.parametrize(
    "sentence", ["It rained.", "A works for B in Smarch, 1990.", "A works for B" + " x" * 999]
)
def test_other_sentences_are_not_facts(sentence):
    assert cotempqa.parse_fact(sentence) is None


def test_every_fact_of_the_release_is_parsed(release_root):
    problems = [
        p
        for c in ("equal", "overlap", "mix")
        for p in cotempqa.read(release_root / f"main/data/cotempqa/{c}.json")
    ]
    facts = {fact for problem in problems for fact in problem.facts}
    assert len(problems) == 436 + 653 + 563
    assert [fact for fact in facts if cotempqa.parse_fact(fact) is None] == []


def csv_file(folder, name, *rows):
    path = folder / name
    with path.open("w", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        table.writerows(rows)
    return path


ROW = {**RECORD, "facts": repr(RECORD["facts"]), "answer": "['Gamma']", "label": "during"}


def test_reads_the_releases_csv_files(tmp_path):
    (from_json,) = cotempqa.read(write(tmp_path, "during.json", RECORD))
    assert cotempqa.read(csv_file(tmp_path, "val_set.csv", ROW)) == [from_json]
    asked = f"Answer the question based on the context:\n{ROW['facts']}\nQuestion: {ROW['question']}"
    sft = {
        "question": f"{asked} Only return the answer.\n",
        "reasoning": "The temporal relation between the events is: during.\n",
        "answer": "['Gamma']",
    }
    assert cotempqa.read(csv_file(tmp_path, "during_test.csv", sft)) == [replace(from_json, kind="")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"answer": "Gamma"},
            "val_set.csv:3: field 'answer': expected a printed list of strings, found 'Gamma'",
        ),
        ({"answer": "['Gamma'"}, "field 'answer': expected a printed list"),
        ({"facts": "[" * 5000}, "field 'facts': expected a printed list"),
        ({"facts": "['A\\x00B']"}, "a text with a NUL character"),
        ({"label": "before"}, "the relation is 'before', expected one of equal, overlap, during, mix"),
    ],
)
def test_a_bad_row_is_named_or_skipped(tmp_path, change, message):
    path = csv_file(tmp_path, "val_set.csv", ROW, ROW | change, ROW)
    with pytest.raises(InputError) as error:
        cotempqa.read(path)
    assert message in str(error.value)
    skipped = []
    assert len(cotempqa.read(path, skipped)) == 2
    assert [str(entry) for entry in skipped] == [str(error.value)]


def test_every_file_of_the_release_loads_strictly(release_root):
    """All rows of the 17 CSV files and of the three relations that the release has."""
    folder = release_root / "main/data/cotempqa"
    counts = {str(path.relative_to(folder)): len(cotempqa.read(path)) for path in sorted(folder.rglob("*.*"))}
    per_test_set = {"equal": 87, "overlap": 131, "during": 619, "mix": 113}
    for path, count in counts.items():
        name = path.rpartition("/")[2]
        if name.endswith("_test.csv"):
            assert count == per_test_set[name.removesuffix("_test.csv")], path
    assert counts["test_set.csv"] == counts["val_set.csv"] == 475
    assert sum(counts.values()) == 1652 + 2 * 475 + 3 * 950 + 349 + 450 + 522
