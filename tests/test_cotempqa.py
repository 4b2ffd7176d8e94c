import json
import re

import pytest

from tracelib.datasets import cotempqa
from tracelib.files import InputError

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
    ("sentence", "subject", "object_"),
    [
        ("A holds the position of Minister in Rome in May, 1990.", "A", "Minister in Rome"),
        ("A is a member of the Party from May 3, 1990 to 1991.", "A", "Party"),
        ("A B attended School from 1990.", "A B", "School"),
        ("C is owned by D in October 24, 2019.", "C", "D"),
        ("A held the position of Duke.", "A", "Duke"),
    ],
)
def test_facts_are_parsed(sentence, subject, object_):
    assert cotempqa.parse_fact(sentence) == cotempqa.Fact(subject, object_)


def test_other_sentences_are_not_facts():
    assert cotempqa.parse_fact("It rained.") is None


def test_every_fact_of_the_release_is_parsed(release_root):
    problems = [
        p
        for c in ("equal", "overlap", "mix")
        for p in cotempqa.read(release_root / f"main/data/cotempqa/{c}.json")
    ]
    facts = {fact for problem in problems for fact in problem.facts}
    assert len(problems) == 436 + 653 + 563
    assert [fact for fact in facts if cotempqa.parse_fact(fact) is None] == []


# --- The twin ---------------------------------------------------------------------------------


def years(sentence):
    first, last = re.search(r"from (\d+) to (\d+)\.", sentence).groups()
    return range(int(first), int(last) + 1)


@pytest.mark.parametrize("facts", [4, 5, 9])
def test_exactly_the_gold_facts_share_a_year_with_the_event_asked_about(facts):
    for problem in cotempqa.generate(80, seed=11, facts=facts):
        asked = next(
            f for f in problem.facts if re.search(r" \w+ed(?: for)? (\w+),", problem.question)[1] in f
        )
        others = [fact for fact in problem.facts if fact != asked]
        sharing = {fact for fact in others if set(years(fact)) & set(years(asked))}
        assert sharing == set(problem.supporting_facts)
        assert len(problem.facts) == facts
        assert len(problem.gold) == (2 if problem.category == "mix" else 1)
        assert all(
            gold == cotempqa.parse_fact(fact).object
            for gold in problem.gold
            for fact in sharing
            if gold in fact
        )


def test_categories_are_what_the_years_say():
    for problem in cotempqa.generate(80, seed=11):
        if problem.category == "mix":
            continue
        asked = years(next(f for f in problem.facts if f.split()[-5].strip(",") in problem.question))
        answer = years(problem.supporting_facts[0])
        if answer == asked:
            relation = "equal"
        elif asked.start < answer.start and answer.stop < asked.stop:
            relation = "during"
        else:
            relation = "overlap"
        assert relation == problem.category


def test_the_twin_repeats_and_is_distinct():
    first = cotempqa.generate(100, seed=1)
    assert first == cotempqa.generate(100, seed=1)
    assert first[:50] == cotempqa.generate(50, seed=1)
    assert first != cotempqa.generate(100, seed=2)
    assert len({problem.id for problem in first}) == 100
    assert {problem.category for problem in first} == set(cotempqa.CATEGORIES)


def test_too_few_facts_is_an_error():
    with pytest.raises(InputError, match="at least 4 facts"):
        cotempqa.generate(1, seed=1, facts=3)
