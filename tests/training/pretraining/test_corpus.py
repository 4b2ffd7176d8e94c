"""The corpus: the same number gives the same text, answers are true, no text is from an evaluation."""

import random
import re
from collections import Counter
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.pretraining import evaluation
from tracelib.training import models, sft
from tracelib.training.pretraining import corpus, numbers, passages, records, stories, words

COUNT = 400
SPAN = st.tuples(st.integers(1900, 2020), st.integers(0, 30)).map(lambda span: (span[0], sum(span)))


@pytest.fixture(scope="module")
def documents():
    return [corpus.document(1, number, 1.0)[0] for number in range(COUNT)]


@pytest.fixture(scope="module")
def tokenizer():
    return models.train_tokenizer(corpus.texts(1, 300), models.Size(vocabulary=512))


def test_a_number_is_always_the_same_text(documents):
    assert documents == [corpus.document(1, number, 1.0)[0] for number in range(COUNT)]
    assert corpus.texts(1, 20) == corpus.texts(1, 20)
    assert corpus.texts(1, 20) != corpus.texts(2, 20)


def test_difficulty_rises_to_the_full_range_after_a_start_of_look_ups():
    rng, middle = random.Random(0), corpus.LOOK_UPS + corpus.RISE / 2
    drawn = {p: [corpus.level(p, rng) for _ in range(500)] for p in (0, corpus.LOOK_UPS, middle, 0.7, 1.0)}
    assert set(drawn[0]) == set(drawn[corpus.LOOK_UPS]) == {0}
    assert 0.4 < max(drawn[middle]) <= 0.501
    assert 0.9 < max(drawn[0.7]) <= 1
    assert 0.9 < max(drawn[1.0]) <= 1


@pytest.mark.parametrize("kind", [records.draw, stories.draw, passages.draw])
def test_the_easiest_texts_ask_nothing_twice_and_for_no_lines(kind):
    for number in range(200):
        questions = [question for question, _ in kind(random.Random(number), 0.0).turns]
        assert len(set(questions)) == len(questions)
        assert not any("lines" in question or "category" in question for question in questions)


@pytest.mark.parametrize("kind", [records.draw, stories.draw])  # passages may hold no answer
def test_no_answer_to_the_easiest_texts_is_a_good_guess(kind):
    asked = Counter(a for number in range(200) for _, a in kind(random.Random(number), 0.0).turns)
    assert asked.most_common(1)[0][1] < 0.3 * asked.total()


def test_an_easy_story_says_one_thing_of_each_and_a_line_answers():
    for number in range(200):
        document = stories.draw(random.Random(number), 0.0)
        assert len({line.split(" ")[0] for line in document.lines}) == len(document.lines)
        for question, answer in document.turns:
            known = set(re.findall(r"\w+", question))
            assert [line for line in document.lines if answer in line and known & set(line[:-1].split())]


def test_words_beside_the_point_stand_in_passages():
    seen = set()
    for number in range(600):
        seen |= {
            w.lower()
            for line in passages.draw(random.Random(number), 1.0).lines
            for w in re.findall(r"\w+", line)
        }
    assert len(seen & set(words.ORDINARY)) > 0.8 * len(words.ORDINARY)


@given(SPAN, SPAN)
def test_relation_turns_around(one, other):
    turned = {"same": "same", "apart": "apart", "partly": "partly", "inside": "around", "around": "inside"}
    assert records.relation(other, one) == turned[records.relation(one, other)]
    shared = len(set(range(one[0], one[1] + 1)) & set(range(other[0], other[1] + 1)))
    assert (records.relation(one, other) == "apart") == (shared == 0)
    assert (records.relation(one, other) == "same") == (one == other)


def test_relation_by_hand():
    assert [records.relation((1950, 1960), span) for span in ((1950, 1970), (1955, 1960), (1955, 1965))] == [
        "inside", "around", "partly",
    ]  # fmt: skip


def quotes(answer: str, lines: tuple[str, ...]) -> list[str]:
    """The words in an answer's first list that belong to no line of the text."""
    body = answer[answer.index("[") + 1 : answer.index("]")] if "]" in answer else ""
    for line in sorted(lines, key=len, reverse=True):
        body = body.replace(line, "").replace(line.lower(), "")
    return re.findall(r"\w+", body)


@pytest.mark.parametrize("kind", [records.draw, stories.draw, passages.draw])
def test_quoted_lines_are_lines_of_the_text(kind):
    seen = 0
    for number in range(300):
        document = kind(random.Random(number), 1.0)
        for question, answer in document.turns:
            if "lines" in question or question.startswith("Copy"):
                seen += answer != "[]"
                assert quotes(answer, document.lines) == [], (question, answer)
    assert seen > 100


def test_looked_up_dates_stand_in_the_line_asked_for():
    for number in range(200):
        document = records.draw(random.Random(number), 1.0)
        for question, answer in document.turns:
            if question.startswith(("When was it that ", "Give the time: ")):
                event = question.removeprefix("When was it that ").removeprefix("Give the time: ").rstrip("?")
                found = [deed for deed in records.DEEDS if deed.past.split(" {}")[0] in event]
                stated = [event.replace(d.past.split(" {}")[0], d.now.split(" {}")[0]) for d in found]
                assert {f"{line} {answer}." for line in stated} & set(document.lines)


def test_what_was_so_at_the_time_of_something_else_shares_a_year_with_it():
    checked = 0
    for number in range(300):
        document = records.draw(random.Random(number), 1.0)
        for question, answer in document.turns:
            lines = re.search(r"Show the lines\.", question) and re.findall(r"'([^']+\.)'", answer)
            anchor = lines and [line for line in document.lines if stated_in(line, question)]
            if not lines or len(anchor) != 1:
                continue
            years = set(range(*span_of(anchor[0])))
            assert all(years & set(range(*span_of(line))) for line in lines), (question, answer)
            checked += 1
    assert checked > 50


def test_often_it_depends_on_the_time_what_the_answer_is(monkeypatch):
    seen, real = [], records._met

    def spy(rng, anchor, pool, side, question):
        seen.append((side, len(pool), sum(records.meet(record.span, anchor.span) for record in pool)))
        return real(rng, anchor, pool, side, question)

    monkeypatch.setattr(records, "_met", spy)
    for number in range(400):
        records.draw(random.Random(number), 1.0)
    for asked in ("who", "what"):
        own = [(pool, found) for side, pool, found in seen if side == asked]
        assert sum(found < pool for pool, found in own) > 0.3 * len(own)
        assert sum(found > 1 for _, found in own) > 0.15 * len(own)


def stated_in(line: str, question: str) -> bool:
    """Whether a question names the event of a line, in the past tense."""
    deed = next(deed for deed in records.DEEDS if f" {deed.now.split(' {}')[0]} " in line)
    event = re.split(r" (?:in|from|between)? ?\d{4}", line)[0]
    return event.replace(deed.now.split(" {}")[0], deed.past.split(" {}")[0]) in question


def span_of(line: str) -> tuple[int, int]:
    years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", line)]
    return years[0], years[-1] + 1


def test_the_earlier_of_two_years():
    checked = 0
    for number in range(200):
        for question, answer in numbers.spans(random.Random(number), 0.0).turns:
            if years := re.fullmatch(r"(\d+) against (\d+)\?", question):
                first, second = map(int, years.groups())
                checked += 1
                assert answer == ("equal" if first == second else "earlier" if first < second else "later")
    assert checked > 100


def test_a_list_is_copied_searched_and_counted():
    for number in range(200):
        document = numbers.lists(random.Random(number), 1.0)
        for question, answer in document.turns:
            if question.startswith("Find the line: "):
                assert answer in document.lines
                assert answer.lower() == question.removeprefix("Find the line: ")
            if question.startswith("How many"):
                assert numbers.NUMBERS.index(answer) == len(document.lines)
            if question.endswith(" here?"):
                item = question.removeprefix("Is ").removesuffix(" here?")
                assert answer == ("yes" if item in document.lines else "no")


def test_stories_agree_with_a_reading_of_their_last_move():
    """Where somebody is now, found from the lines alone and not from the story's own bookkeeping."""
    checked = 0
    for number in range(400):
        lines, turns = stories._wanderers(random.Random(number), 8)
        for question, answer, _ in turns:
            if asked := re.fullmatch(r"Where is (\w+) now\?", question):
                moves = [line for line in lines if asked[1] in re.findall(r"\w+", line.split(" to the ")[0])]
                moves = [line for line in moves if " to the " in line]
                assert moves[-1].endswith(f" to the {answer}.")
                checked += 1
    assert checked > 100


@pytest.mark.parametrize("dataset", ["cotempqa", "babi", "marco"])
def test_no_question_prompt_or_tag_of_the_evaluation_is_read(documents, dataset):
    read = "\n".join(corpus.texts(1, COUNT))
    assert evaluation.found_in(read, dataset) == []
    assert "The answer is" not in read
    assert "Answer:" not in read


def test_labels_cover_the_replies_only(tokenizer):
    examples = (corpus.encode(tokenizer, 1, number, 1.0) for number in range(COUNT))
    number, example = next((n, e) for n, e in enumerate(examples) if sft.IGNORED in e["labels"])
    document, rng = corpus.document(1, number, 1.0)
    assert rng.random() >= corpus.WHOLE  # `encode` draws this number first
    replies = "".join(f"{reply}<end>" for _, _, reply in document.messages(rng, corpus.DELAYED))
    assert tokenizer.decode([label for label in example["labels"] if label != sft.IGNORED]) == replies
    assert all(
        a == b for a, b in zip(example["input_ids"], example["labels"], strict=True) if b != sft.IGNORED
    )


def test_batches_hold_each_document_once_at_similar_lengths(tokenizer):
    read = partial(corpus.encode, tokenizer, 1)
    batches = corpus.Corpus(read, "1", corpus.GROUP // 32, 32)
    lengths = [[len(example["input_ids"]) for example in batch] for batch in batches]
    assert sum(map(len, lengths)) == corpus.GROUP
    padded = sum(max(batch) * len(batch) for batch in lengths)
    assert sum(map(sum, lengths)) / padded > 0.9
    ranges = sorted((min(batch), max(batch)) for batch in lengths)
    assert all(one[1] <= other[0] for one, other in pairwise(ranges))
    again = corpus.Corpus(read, "1", corpus.GROUP // 32, 32)
    assert again[5] == batches[5]
    with pytest.raises(IndexError):
        batches[len(batches)]


def test_held_out_documents_are_not_those_of_training(tokenizer):
    held = {tuple(example["input_ids"]) for batch in corpus.held_out(tokenizer, 99, 64) for example in batch}
    trained = {
        tuple(example["input_ids"]) for batch in corpus.held_out(tokenizer, 1, 64) for example in batch
    }
    assert len(held) == 64
    assert not held & trained


def test_questions_are_learned_too_in_a_share_of_the_documents(tokenizer):
    examples = [corpus.encode(tokenizer, 1, number, 1.0) for number in range(600)]
    whole = [sft.IGNORED not in example["labels"] for example in examples]
    assert 0.005 < sum(whole) / len(whole) < 0.05


def test_words_are_entries_of_the_vocabulary_with_and_without_a_space_after_them():
    tokenizer = models.train_tokenizer(corpus.texts(1, 2000), models.Size())
    for word in (*words.NAMES[::20], *words.ORDINARY[::20]):
        assert len(tokenizer(word)["input_ids"]) == 1, word
        assert len(tokenizer(f"{word} a")["input_ids"]) == 2, word
