import json

import pytest

from tests.scoring.natural.test_verify import EXAMPLE
from tracelib.core.errors import InputError
from tracelib.scoring.natural import annotation
from tracelib.scoring.natural.sentences import sentences
from tracelib.scoring.natural.verify import verify

RECORD = {
    "id": "0123456789ab",
    "event": [0],
    "citations": [{"sentence": 1, "fact": 1, "altered": False}],
    "claims": [
        {"sentence": 1, "fact": 2, "other": 0, "relation": "before", "holds": "yes", "interval": "none"},
        {"sentence": 0, "fact": 1, "other": 3, "relation": "part", "holds": "no", "interval": "none"},
    ],
    "relation": "equal",
    "answers": [1, -1],
    "follows": "no",
    "backtracking": [],
    "hedging": [2],
    "repetition": [],
    "outside": [],
}
SHEETS = {"0123456789ab": [0, 40, 95]}


def written(path, **changes):
    path.write_text(json.dumps(RECORD | changes) + "\n")
    return path


def test_a_file_of_annotations_is_read_with_offsets_for_sentences(tmp_path):
    found = annotation.read(written(tmp_path / "a.jsonl"), SHEETS, {"0123456789ab": 4})["0123456789ab"]
    assert found.citations == {(40, 1): False}
    assert found.claims == {(40, 2): ("before", "yes", "none")}  # the other one is not about the event
    assert found.answers == {1, annotation.NOT_IN_CONTEXT}
    assert found.styles["hedging"] == {95}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "f" * 12}, "the id 'ffffffffffff' is of no sheet"),
        ({"follows": "maybe"}, "field 'follows': expected yes or no or unclear, found 'maybe'"),
        ({"hedging": [3]}, "sentence 3, expected a number from 0 to 2"),
        ({"event": [True]}, "fact True, expected a number from 0 to 3"),
        ({"answers": [4]}, "fact 4, expected a number from 0 to 3"),
        ({"more": 1}, "field 'more' is unknown"),
        ({"citations": [{"sentence": 0, "fact": 1}]}, r"field 'citations\[0\].altered' is missing"),
        ({"claims": ["x"]}, r"'claims\[0\]': expected an object, found 'x'"),
    ],
)
def test_bad_annotations_name_the_file_the_line_and_what_was_expected(tmp_path, changes, message):
    path = written(tmp_path / "a.jsonl", **changes)
    with pytest.raises(InputError, match=message) as error:
        annotation.read(path, SHEETS, {"0123456789ab": 4})
    assert str(error.value).startswith(f"{path}:1: ")


def test_every_sheet_needs_one_annotation(tmp_path):
    with pytest.raises(InputError, match="no annotation of 999999999999"):
        annotation.read(written(tmp_path / "a.jsonl"), SHEETS | {"999999999999": [0]}, {"0123456789ab": 4})
    path = tmp_path / "twice.jsonl"
    path.write_text((json.dumps(RECORD) + "\n") * 2)
    with pytest.raises(InputError, match=r"twice\.jsonl:2: the id '0123456789ab' is repeated"):
        annotation.read(path, SHEETS, {"0123456789ab": 4})


def test_a_verdict_is_given_in_the_terms_of_a_sheet(mayor):
    verdict = verify(EXAMPLE, mayor)
    starts = [one.start for one in sentences(EXAMPLE)]
    found = annotation.of_verdict(verdict, starts[:2])  # a sheet with two sentences
    assert set(found.citations) == {(starts[0], 0), (starts[1], 1), (starts[1], 2)}
    assert annotation.of_verdict(verdict).citations[starts[3], 2] is True
    assert annotation.of_verdict(verdict) == annotation.of_verdict(verdict, starts)


def test_the_schema_lists_the_fields_and_words_that_are_read():
    from tracelib.core.paths import ASSETS

    schema = json.loads((ASSETS / "natural" / "annotation.schema.json").read_text())
    assert set(schema["required"]) == set(schema["properties"]) == set(annotation.TRACE)
    claim = schema["properties"]["claims"]["items"]
    assert set(claim["required"]) == set(claim["properties"]) == set(annotation.CLAIM)
    for name in ("relation", "holds", "interval"):
        assert set(claim["properties"][name]["enum"]) == set(annotation.CLAIM[name])
    for name in ("relation", "follows"):
        assert set(schema["properties"][name]["enum"]) == set(annotation.TRACE[name])
