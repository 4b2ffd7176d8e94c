import pytest

from tracelib.core.errors import InputError
from tracelib.datasets import own

RECORD = {"id": 7, "text": {"answers": ["x", "y"], "a.b": 1}, "a.b": "dotted"}


def test_the_help_has_every_field_with_type_need_and_meaning():
    shown = own.fields_help(100)
    assert all(len(line) <= 100 for line in shown.splitlines())
    for field in own.FIELDS:
        assert any(line.split()[0] == field.name for line in shown.splitlines() if line.strip())
        assert " ".join(field.meaning.split()) in " ".join(shown.split())


def test_pairs_of_names_are_parsed():
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
def test_errors_for_pairs_of_names(pairs, message):
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
def test_the_error_for_a_missing_field_lists_the_fields(theirs, message):
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


def test_the_cache_of_problems_is_bounded(monkeypatch):
    monkeypatch.setattr(own, "REMEMBERED", 3)
    record = {"dataset": "mine", "question": "", "gold": ["x"]}
    for number in range(10):
        assert own.from_record(record | {"question": f"{number % 4}"}, "f", 1).question == f"{number % 4}"
        assert len(own._REMEMBERED) <= 3
    again = own.from_record(record | {"question": "1"}, "f", 1)
    assert own.from_record(record | {"question": "1"}, "g", 2) is again


def test_facts_in_one_text_are_cached_apart_from_a_list_of_facts():
    text = "Ann is here.\nBo left."
    record = {"dataset": "mine", "question": "", "gold": ["x"], "facts": text}
    assert own._content(record)[-2:] == (str, text)
    assert own._content(record | {"facts": ["a", "b"]})[-3:] == (list, "a", "b")
    assert own._content(record | {"facts": None})[-1] is type(None)
    assert own.from_record(record, "f", 1).facts == ("Ann is here.", "Bo left.")
    assert own.from_record(record | {"facts": [text]}, "f", 1).facts == (text,)


# --- Values -----------------------------------------------------------------------------------

MINE = {"dataset": "mine", "question": "Who?", "gold": ["Ann"]}


def gold(value, **more):
    return own.from_record(MINE | {"gold": value} | more, "f", 1).gold


@pytest.mark.parametrize(
    ("value", "answers"),
    [
        ("('Ann', 'Bo')", ("Ann", "Bo")),
        ("('Ann',)", ("Ann",)),
        ("('Ann')", ("Ann",)),
        ("(\"O'Neil\", 'Bo')", ("O'Neil", "Bo")),
        ('("Ann", "Bo")', ("Ann", "Bo")),
        ("{'Bo', 'Ann'}", ("Ann", "Bo")),
        ("['Ann', 'Bo']", ("Ann", "Bo")),
        ("(1, 2)", ("(1, 2)",)),
        ("(Ann)", ("(Ann)",)),
        ("('tis) Ann", ("('tis) Ann",)),
        ('("The Boss") Ann', ('("The Boss") Ann',)),
        ("{x}", ("{x}",)),
        ("{}a", ("{}a",)),
    ],
)
def test_lists_as_they_are_printed(value, answers):
    assert gold(value) == answers
    assert gold([answers[0], "x"]) == (answers[0], "x")


@pytest.mark.parametrize(
    "value",
    [
        "{'Ann': 1}",
        '{"text": ["Ann"]}',
        "['Ann' 'Bo']",
        "('Ann' 'Bo')",
        "{'Ann' 'Bo'}",
        "array(['Ann', 'Bo'], dtype=object)",
        "frozenset({'Ann'})",
        "[('Ann', 'Bo')]",
    ],
)
def test_printed_values_that_are_no_list_of_texts_are_refused(value):
    with pytest.raises(InputError, match=r"^f:1: field 'gold': expected a list as JSON or Python prints it"):
        gold(value)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("[1] Paris is big.\n[2] Rome is old.", ("[1] Paris is big.", "[2] Rome is old.")),
        ("[1] Paris is big.\n[2] Rome [is old]", ("[1] Paris is big.", "[2] Rome [is old]")),
        ("[O'Neil] He left.\n[Ann] She came.", ("[O'Neil] He left.", "[Ann] She came.")),
        ("[1]\nParis is big.", ("[1]", "Paris is big.")),
        ("[1] Paris is big.", ("[1] Paris is big.",)),
        ('["Paris is big.",\n "Rome is old."]', ("Paris is big.", "Rome is old.")),
        ("['[1] Paris is big.', '[2] Rome.']", ("[1] Paris is big.", "[2] Rome.")),
    ],
)
def test_numbered_passages_are_lines_and_a_printed_list_is_a_list(text, facts):
    assert own.from_record(MINE | {"facts": text}, "f", 1).facts == facts


@pytest.mark.parametrize(
    "text", ["['Paris is big.'\n 'Rome is old.']", '["Paris is big.",\n "Rome', "[{1}] x"]
)
def test_a_broken_list_is_not_read_as_lines(text):
    with pytest.raises(InputError, match="field 'facts': expected a list"):
        own.from_record(MINE | {"facts": text}, "f", 1)


@pytest.mark.parametrize("value", [True, 3.5, None, {"text": ["Ann"]}, [1.5], [["Ann"]]])
def test_the_error_for_gold_names_the_allowed_types(value):
    with pytest.raises(InputError, match=r"field 'gold': expected a text, a whole number or a list of them"):
        gold(value)


@pytest.mark.parametrize(
    ("value", "answers"),
    [
        ("3+4=7 eggs.\n#### 7", ("7",)),
        ("#### 5\nNo.\n####  1,234 \n", ("1,234",)),
        ("#### 7\nand more", ("#### 7\nand more",)),
        ("eggs #### 7", ("eggs #### 7",)),
        ("x\n####", ("x\n####",)),
        (["a\n#### 7", "b"], ("7", "b")),
    ],
)
def test_a_worked_solution_ends_in_the_answer(value, answers):
    assert gold(value) == answers
    if isinstance(value, str):
        known = MINE | {"dataset": "marco", "facts": ["x"], "supporting": [0], "category": "numeric"}
        assert own.from_record(known | {"gold": value}, "f", 1).gold == (value.strip(),)


def test_null_is_the_same_as_a_missing_field():
    for names in (["id"], ["id", "triple_element", "facts", "supporting", "category"]):
        nulls = MINE | {"question": str(names)} | dict.fromkeys(names)
        alone = own.from_record(nulls, "f", 1)
        own._REMEMBERED.clear()
        assert alone == own.from_record(MINE | {"question": str(names)}, "f", 1)
        assert alone == own.from_record(nulls, "f", 2)
