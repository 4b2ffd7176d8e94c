import pytest

from tracelib.datasets import own
from tracelib.files import InputError

RECORD = {"id": 7, "text": {"answers": ["x", "y"], "a.b": 1}, "a.b": "dotted"}


def test_the_help_has_every_field_with_type_need_and_meaning():
    shown = own.fields_help(100)
    assert all(len(line) <= 100 for line in shown.splitlines())
    for field in own.FIELDS:
        assert any(line.split()[0] == field.name for line in shown.splitlines() if line.strip())
        assert " ".join(field.meaning.split()) in " ".join(shown.split())


def test_names_are_given_as_ours_and_theirs():
    given = own.given_names(["prediction=completion", "gold=doc.answers.0", "facts=a=b"])
    assert given == {"prediction": "completion", "gold": "doc.answers.0", "facts": "a=b"}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["answer=x"], "--field 'answer=x': 'answer' is none of dataset, question, gold, prediction, facts"),
        (["gold"], "--field 'gold': expected OURS=THEIRS"),
        (["gold="], "--field 'gold=': expected OURS=THEIRS"),
        (["gold=a", "gold=b"], "--field 'gold=b': gold is given twice"),
    ],
)
def test_names_that_are_not_understood(pairs, message):
    with pytest.raises(InputError) as error:
        own.given_names(pairs)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("theirs", "value"),
    [("id", 7), ("text.answers", ["x", "y"]), ("text.answers.1", "y"), ("a.b", "dotted")],
)
def test_a_field_is_found_by_name_or_path(theirs, value):
    assert own.renamed(RECORD, {"gold": theirs}, "f", 1) == RECORD | {"gold": value}


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        ("texts", "f:3: no field 'texts': 'texts' is missing (found: a.b, id, text)"),
        ("text.gold", "no field 'text.gold': 'gold' is missing (found: a.b, answers)"),
        ("text.answers.2", "'2' is missing (found: a list of 2)"),
        ("text.answers.-1", "'-1' is missing"),
        ("text.answers." + "9" * 5000, "is missing"),
        ("id.x", "'x' is missing (found: 7)"),
        ("", "is missing"),
    ],
)
def test_a_field_that_is_not_there_names_those_that_are(theirs, message):
    with pytest.raises(InputError) as error:
        own.renamed(RECORD, {"gold": theirs}, "f", 3)
    assert message in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("bAbI", "babi"),
        ("babi-twin", "babi"),
        ("MS MARCO", "marco"),
        ("ms_marco", "marco"),
        ("CoTempQA", "cotempqa"),
        ("babilong", "babilong"),
        ("my babi", "my babi"),
        ("twin", "twin"),
        ("---", "---"),
    ],
)
def test_known_datasets_in_any_spelling(spelling, name):
    assert own.dataset_name(spelling) == name


def test_few_problems_are_remembered(monkeypatch):
    monkeypatch.setattr(own, "REMEMBERED", 3)
    record = {"dataset": "mine", "question": "", "gold": ["x"]}
    for number in range(10):
        assert own.from_record(record | {"question": f"{number % 4}"}, "f", 1).question == f"{number % 4}"
        assert len(own._REMEMBERED) <= 3
    again = own.from_record(record | {"question": "1"}, "f", 1)
    assert own.from_record(record | {"question": "1"}, "g", 2) is again
