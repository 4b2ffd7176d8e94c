"""Practice: the quoted lines give the answers, only steps are learned, no text is from an evaluation."""

import random
import re
from collections import Counter

import pytest

from tests.training.pretraining import evaluation
from tracelib.training import models, sft
from tracelib.training.pretraining import corpus, midtraining, numbers, passages, records

COUNT = 300


@pytest.fixture(scope="module")
def tokenizer():
    return models.train_tokenizer(corpus.texts(1, 300), models.Size(vocabulary=512))


def test_a_number_is_always_the_same_text(tokenizer):
    assert midtraining.encode(tokenizer, 1, 5) == midtraining.encode(tokenizer, 1, 5)
    assert (
        midtraining.encode(tokenizer, 1, 5)["input_ids"] != midtraining.encode(tokenizer, 2, 5)["input_ids"]
    )


@pytest.mark.parametrize("kind", list(midtraining.DRAWS))
def test_quoted_lines_are_lines_of_the_text(kind):
    quoted = 0
    for number in range(COUNT):
        lines, tasks = kind(random.Random(number))
        assert lines
        for task in tasks:
            assert set(task.lines) <= set(lines)
            quoted += bool(task.lines)
    assert quoted > 2 * COUNT


def kept_of(number: int) -> list[records.Record]:
    """The records of one text, with spans that meet and spans that do not."""
    rng = random.Random(number)
    calendar = records.Calendar(rng, rng.random())
    spans = [calendar.span()]
    kept = []
    for who, deed, what in midtraining._deeds(rng):
        spans.append(calendar.span(rng.choice(spans)))
        kept.append(records.Record(who, deed, what, spans[-1], calendar.text(spans[-1])))
    return kept


def test_what_was_so_at_the_time_is_all_that_shares_a_year_with_it():
    several = competing = 0
    for number in range(COUNT):
        kept = kept_of(number)
        task = midtraining._at_the_time(random.Random(number), kept)
        asked_about = [r for r in kept if r.event in task.question]
        found = [r for r in kept if r.line in task.lines]
        anchors = [a for a in asked_about if all(shares_a_year(a, r) for r in found) and a not in found]
        assert anchors, task
        who_else = "who else" in task.question.lower()
        assert task.answer == str([r.who if who_else else r.what for r in found])
        if found and len(anchors) == 1:
            anchor, first = anchors[0], found[0]
            same = [
                r for r in kept
                if r is not anchor and r.deed == first.deed
                and (r.what == first.what if who_else else r.who == first.who)
            ]  # fmt: skip
            assert [r for r in same if shares_a_year(anchor, r)] == found, task
            competing += len(same) > len(found)
        several += len(found) > 1
    assert several > COUNT / 10
    assert competing > COUNT / 10


def shares_a_year(one: records.Record, other: records.Record) -> bool:
    years = [set(range(record.span[0], record.span[1] + 1)) for record in (one, other)]
    return bool(years[0] & years[1])


def test_all_that_somebody_did_and_all_who_did_something():
    several = 0
    for number in range(COUNT):
        kept = kept_of(number)
        task = midtraining._all_of(random.Random(number), kept)
        found = [r for r in kept if r.line in task.lines]
        first = found[0]
        by_who = task.answer == str([r.who for r in found])
        key = (lambda r: (r.what, r.deed)) if by_who else (lambda r: (r.who, r.deed))
        assert found == [r for r in kept if key(r) == key(first)]
        assert (first.what if by_who else first.who) in task.question
        assert task.answer == str([r.who if by_who else r.what for r in found])
        assert numbers.NUMBERS.index(task.kind) == len(found)
        several += len(found) > 1
    assert several > COUNT / 3


def test_kinds_by_hand():
    deed = midtraining.DEEDS[0]

    def record(who: str, span: tuple[int, int]) -> records.Record:
        return records.Record(who, deed, "Mill", span, f"from {span[0]} to {span[1]}")

    for spans, kind in (
        ([(1950, 1960)], "alike"),
        ([(1952, 1955)], "within"),
        ([(1940, 1970)], "within"),
        ([(1955, 1965)], "in part"),
        ([(1961, 1965)], "apart"),
        ([(1950, 1960), (1955, 1965)], "several"),
        ([(1955, 1965), (1940, 1951), (1970, 1980)], "in part"),
    ):
        kept = [record("Ada", (1950, 1960)), *(record(f"B{n}", span) for n, span in enumerate(spans))]
        tasks = [midtraining._at_the_time(random.Random(number), kept) for number in range(40)]
        assert {t.kind for t in tasks if kept[0].event in t.question} == {kind}, spans


def test_a_passage_is_quoted_if_it_gives_the_answer_and_no_other():
    nothing = several = 0
    for number in range(COUNT):
        lines, found = passages.stated(random.Random(number))
        for query, _, places, answer in found:
            if places:
                assert {n for n, line in enumerate(lines) if answer in line} >= set(places), query
                several += len(places) > 1
            else:
                assert answer == passages.NOTHING
                nothing += 1
    assert nothing > COUNT / 2
    assert several > COUNT / 2


def test_other_words_are_the_same_in_all_of_a_story():
    for number in range(COUNT):
        for task in midtraining._told(random.Random(number))[1]:
            if task.kind == "place" and task.lines and task.question.startswith("Where is"):
                assert f" {task.answer}." in " ".join(task.lines), task
    found = {midtraining._exchange(random.Random(number))("Ada went to the kitchen.") for number in range(40)}
    assert "Ada went to the kitchen." in found
    assert len(found) > 10
    assert all(re.fullmatch(r"Ada [a-z]+ to the [a-z]+\.", text) for text in found)


@pytest.mark.parametrize(
    ("said", "step", "learned"),
    [
        ("x ", "['a b.']", "['a b.']"),
        ("x: ", "['a b.']", "a b.']"),  # one token spans the end of "x: " and the start of the list
        ("x: ", "within", "within"),
        ("", "[]", "[]"),
    ],
)
def test_labels_cover_the_tokens_of_the_steps_only(tokenizer, said, step, learned):
    tokens, steps = midtraining._turn(tokenizer, "Who?", [(said, False), (step, True)])
    assert tokenizer.decode(tokens) == f"<user>Who?<assistant>{said}{step}<end>"
    found = [token for token, of_step in zip(tokens, steps, strict=True) if of_step]
    assert tokenizer.decode(found) == f"{learned}<end>"


def test_a_text_is_its_turns_one_after_the_other(tokenizer):
    rng = midtraining._stream(1, 4)
    assert rng.random() >= midtraining.READ_BEFORE
    turns = [
        f"<user>{user}<assistant>{''.join(t for t, _ in reply)}<end>" for user, reply in midtraining.draw(rng)
    ]
    example = midtraining.encode(tokenizer, 1, 4)
    assert tokenizer.decode(example["input_ids"]) == "".join(turns)
    assert all(b in (a, sft.IGNORED) for a, b in zip(example["input_ids"], example["labels"], strict=True))


def test_texts_are_what_is_encoded_but_for_those_of_the_corpus(tokenizer):
    encoded = [midtraining.encode(tokenizer, 1, number) for number in range(20)]
    before = [corpus.encode(tokenizer, "1/practice", number, 1.0) for number in range(20)]
    own = [tokenizer.decode(new["input_ids"]) for new, old in zip(encoded, before, strict=True) if new != old]
    written = [
        re.sub("<(user|assistant|end)>", "", text.replace("<assistant>", "\n").replace("<end><user>", "\n"))
        for text in own
    ]
    assert midtraining.texts(1, 20) == written
    assert 10 < len(written) < 20


def test_replies_come_with_and_without_steps():
    steps = Counter(
        sum(is_step for _, is_step in reply)
        for number in range(COUNT)
        for _, reply in midtraining.draw(random.Random(number))
    )
    shares = {count: number / steps.total() for count, number in steps.items()}
    assert shares[1] == pytest.approx(midtraining.AT_ONCE, abs=0.05)
    assert shares[2] == pytest.approx(midtraining.WITH_LINES, abs=0.05)
    assert set(shares) == {1, 2, 3}


def test_some_documents_are_as_before(tokenizer):
    before = [
        corpus.encode(tokenizer, "1/practice", number, 1.0) == midtraining.encode(tokenizer, 1, number)
        for number in range(COUNT)
    ]
    assert sum(before) / COUNT == pytest.approx(midtraining.READ_BEFORE, abs=0.06)


@pytest.mark.parametrize("dataset", ["cotempqa", "babi", "marco"])
def test_no_question_prompt_or_tag_of_the_evaluation_is_practised(dataset):
    read = "\n".join(midtraining.texts(1, COUNT))
    assert evaluation.found_in(read, dataset) == []
    assert "<think>" not in read
    assert "<answer>" not in read
