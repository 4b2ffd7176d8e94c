import json
import math
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import need
from tracelib.core.errors import InputError
from tracelib.datasets.marco.reader import NO_ANSWER
from tracelib.scoring.rouge_bleu import _bleu, rouge_l, score, score_files, tokenized

WORDS = st.lists(st.sampled_from("abcd"), max_size=8).map(" ".join)


@pytest.fixture
def marco_eval() -> Path:
    """The sample files of MS MARCO's scoring script."""
    need(bool(os.environ.get("TRACELIB_DATA")), "TRACELIB_DATA is not set: no sample files of MS MARCO")
    return Path(os.environ["TRACELIB_DATA"]).resolve() / "marco_eval"


def write(path, *records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def bleus(scores):
    return [scores[f"bleu_{order}"] for order in (1, 2, 3, 4)]


# --- Golden: the figures that the script's own tests expect ------------------------------------


def test_the_dev_sample(marco_eval):
    folder = marco_eval
    scores = score_files(folder / "dev_as_references.json", folder / "dev_first_sentence_as_candidates.json")
    # Today's tokenizer splits 4 % of the texts otherwise (see the module), so the figures differ a little.
    assert bleus(scores) == pytest.approx([0.17634, 0.11419, 0.08906, 0.07623], abs=4e-5)
    assert scores["rouge_l"] == pytest.approx(0.12077, abs=2.7e-4)
    assert bleus(scores) == pytest.approx([0.176367, 0.114228, 0.089089, 0.076216], abs=1e-6)
    assert scores["rouge_l"] == pytest.approx(0.121039, abs=1e-6)
    assert (scores["n"], scores["f1"]) == (9754, 1.0)


def test_the_small_sample(marco_eval, tmp_path):
    references, candidates = marco_eval / "sample_references.json", marco_eval / "sample_candidates.json"
    scores = score_files(references, candidates)
    # Three candidate tokens, "anemia" is right; closest reference lengths 1, 13 and 2 ("A Bulb").
    assert scores["bleu_1"] == pytest.approx(math.exp(1 - 16 / 3) / 3, rel=1e-6)
    assert scores["n"] == 3
    # The script's test is older than query 1, whose candidate has no answer; without this query both agree.
    scores = score_files(
        *(
            write(tmp_path / path.name, *(line for line in lines(path) if line["query_id"] != 1))
            for path in (references, candidates)
        )
    )
    assert bleus(scores) == pytest.approx([0.00852, 0, 0, 0], abs=5e-6)
    assert scores["rouge_l"] == pytest.approx(0.03093, abs=5e-6)


@pytest.mark.parametrize(("name", "expected"), [("same_answer", 1.0), ("no_answer", 0.0)])
def test_the_same_answers_and_no_answers(marco_eval, name, expected):
    scores = score_files(
        marco_eval / f"{name}_test_references.json", marco_eval / f"{name}_test_candidates.json"
    )
    assert [*bleus(scores), scores["rouge_l"]] == pytest.approx([expected] * 5, abs=1e-9)


# --- ROUGE-L -----------------------------------------------------------------------------------


def test_tokens_are_those_of_spacy():
    assert tokenized("It isn't $5.50, is it?") == "it is n't $ 5.50 , is it ?"
    assert tokenized("a  b") == "a  b"  # the second space is a blank token
    assert tokenized("") == ""


@pytest.mark.parametrize(
    ("candidate", "references", "expected"),
    [
        ("a b c d", ["a c"], 2.44 * (2 / 4) * 1 / (1 + 1.44 * 2 / 4)),
        ("a c", ["a b c d"], 2.44 * 1 * (2 / 4) / (2 / 4 + 1.44)),
        ("c b a", ["a b c"], 1 / 3),  # order counts: one token in common order
        ("a b c", ["a c", "a b c d e"], 1.0),  # precision of the second, recall of the first
        ("A B", ["a b"], 1.0),
        ("a", ["b"], 0.0),
        ("", ["a"], 0.0),
        ("a  b", ["a  b c"], 2.44 * 1 * (3 / 4) / (3 / 4 + 1.44)),  # the blank token counts
    ],
)
def test_rouge_l_by_hand(candidate, references, expected):
    assert rouge_l(candidate, references) == pytest.approx(expected)


def test_rouge_l_needs_a_reference():
    with pytest.raises(InputError, match="no reference"):
        rouge_l("a", [])


def longest(a, b):
    """The length of the longest common subsequence, by its definition."""
    if not a or not b:
        return 0
    if a[0] == b[0]:
        return 1 + longest(a[1:], b[1:])
    return max(longest(a[1:], b), longest(a, b[1:]))


@given(WORDS, st.lists(WORDS, min_size=1, max_size=3))
def test_rouge_l_is_its_definition(candidate, references):
    said = candidate.split(" ")
    wanted = [reference.split(" ") for reference in references]
    precision = max(longest(said, tokens) / len(said) for tokens in wanted)
    recall = max(longest(said, tokens) / len(tokens) for tokens in wanted)
    expected = 2.44 * precision * recall / (recall + 1.44 * precision) if recall else 0
    assert rouge_l(candidate, references) == pytest.approx(expected)


@given(st.text(max_size=30), st.lists(st.text(max_size=30), min_size=1, max_size=3))
def test_rouge_l_of_any_text_is_a_share(candidate, references):
    assert 0 <= rouge_l(candidate, references) <= 1 + 1e-12
    assert rouge_l(candidate, [*references, candidate]) == pytest.approx(1)
    assert rouge_l(candidate, references) == rouge_l(candidate, references[::-1])


@given(st.permutations("abcdef"), st.permutations("abcdef"))
def test_rouge_l_is_symmetric_for_equal_lengths(first, second):
    first, second = " ".join(first), " ".join(second)
    assert rouge_l(first, [second]) == pytest.approx(rouge_l(second, [first]))


# --- BLEU --------------------------------------------------------------------------------------


def coco_bleu(candidates, references):
    """BLEU by its definition: clipped counts, the closest length (the shorter of two), constants."""
    right, total, length, closest = [0] * 4, [0] * 4, 0, 0
    for candidate, texts in zip(candidates, references, strict=True):
        said, wanted = candidate.split(), [text.split() for text in texts]
        length += len(said)
        closest += min((abs(len(tokens) - len(said)), len(tokens)) for tokens in wanted)[1]
        for n in range(4):
            grams = [Counter(zip(*(t[i:] for i in range(n + 1)), strict=False)) for t in (said, *wanted)]
            total[n] += max(0, len(said) - n)
            right[n] += sum(min(k, max(g[gram] for g in grams[1:])) for gram, k in grams[0].items())
    ratio = (length + 1e-15) / (closest + 1e-9)
    brevity = math.exp(1 - 1 / ratio) if ratio < 1 else 1
    shares = [(r + 1e-15) / (t + 1e-9) for r, t in zip(right, total, strict=True)]
    return [brevity * math.prod(shares[: n + 1]) ** (1 / (n + 1)) for n in range(4)]


@given(st.lists(st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=3)), min_size=1, max_size=4))
def test_bleu_is_its_definition(pairs):
    candidates, references = [list(side) for side in zip(*pairs, strict=True)]
    assert _bleu(candidates, references) == pytest.approx(coco_bleu(candidates, references), rel=1e-9)


def test_bleu_by_hand():
    # Each reference has one "a", so one of the two is clipped: 2 of 3 tokens. "a b" is right, "b a" is not.
    # Reference lengths 2 and 4 are equally close to 3: the shorter counts, so there is no penalty.
    scores = score({1: ["a b", "c d a e"]}, {1: ["a b a"]})
    assert scores["bleu_1"] == pytest.approx(2 / 3)
    assert scores["bleu_2"] == pytest.approx(math.sqrt(2 / 3 * 1 / 2))
    assert scores["bleu_3"] < 1e-4
    assert score({1: ["a b c d"]}, {1: ["a b"]})["bleu_1"] == pytest.approx(math.exp(1 - 4 / 2))


@given(st.dictionaries(st.integers(0, 9), WORDS.filter(bool), min_size=1))
def test_the_references_themselves_are_perfect(texts):
    answers = {query: [text] for query, text in texts.items()}
    scores = score(answers, answers)
    assert (scores["bleu_1"], scores["rouge_l"]) == (pytest.approx(1), pytest.approx(1))
    assert (scores["f1"], scores["n"]) == (1.0, len(texts))


# --- Queries without an answer, and what cannot be scored ---------------------------------------


def test_queries_without_an_answer_are_left_out():
    references = {1: ["a b"], 2: [NO_ANSWER], 3: ["x", NO_ANSWER], 4: []}
    candidates = {1: ["a b"], 2: ["anything"], 3: [NO_ANSWER], 4: ["y", "z"]}
    scores = score(references, candidates)
    assert (scores["n"], scores["rouge_l"], scores["bleu_2"]) == (1, pytest.approx(1), pytest.approx(1))
    assert scores["f1"] == pytest.approx(2 / 3)  # 2 is answered though it should not be: precision 1/2


@pytest.mark.parametrize("declined", [[NO_ANSWER], []])
def test_no_answer_where_there_is_one_counts_as_the_empty_text(declined):
    scores = score({1: ["a b"], 2: ["c d"]}, {1: ["a b"], 2: declined})
    assert (scores["n"], scores["rouge_l"]) == (2, pytest.approx(1 / 2))
    assert scores["bleu_1"] == pytest.approx(math.exp(1 - 4 / 2))
    assert scores["f1"] == pytest.approx(2 / 3)  # recall 1/2, precision 1


def test_f1_without_anything_right_is_zero():
    assert score({1: ["a"]}, {1: [NO_ANSWER]})["f1"] == 0


@pytest.mark.parametrize(
    ("references", "candidates", "message"),
    [
        ({1: ["a"], 2: ["b"]}, {1: ["a"]}, "1 query ids are in one file only; 2 is missing in candidates"),
        ({1: ["a"]}, {1: ["a"], 2: ["b"]}, "2 is missing in references"),
        ({1: ["a"]}, {1: ["a", "b"]}, "query 1: expected one answer, found .'a', 'b'."),
        ({1: [NO_ANSWER]}, {1: ["a"]}, "nothing to score"),
        ({}, {}, "nothing to score"),
    ],
)
def test_what_cannot_be_scored(references, candidates, message):
    with pytest.raises(InputError, match=message):
        score(references, candidates)


def test_files_name_the_bad_line_or_both_files(tmp_path):
    good = write(tmp_path / "good.json", {"query_id": 1, "answers": ["a"]})
    bad = write(tmp_path / "bad.json", {"query_id": 1, "answers": ["a"]}, {"query_id": 2, "answers": "b"})
    with pytest.raises(InputError, match=r"bad.json:2: field 'answers': expected a list of strings"):
        score_files(good, bad)
    other = write(tmp_path / "other.json", {"query_id": "1", "answers": ["a"]})  # text, not a number
    with pytest.raises(InputError, match=r"good.json, .*other.json: 2 query ids"):
        score_files(good, other)
    with pytest.raises(InputError, match=r"none.json: no such file"):
        score_files(good, tmp_path / "none.json")


def test_lines_of_one_query_are_taken_together(tmp_path):
    references = write(
        tmp_path / "r.json", {"query_id": 1, "answers": ["a"]}, {"query_id": 1, "answers": ["b", "b"]}
    )
    candidates = write(tmp_path / "c.json", {"query_id": 1, "answers": ["b"]})
    assert score_files(references, candidates)["rouge_l"] == pytest.approx(1)
    with pytest.raises(InputError, match="query 1: expected one answer"):
        score_files(candidates, references)
