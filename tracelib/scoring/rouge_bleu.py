"""BLEU-1 to BLEU-4 and ROUGE-L of answers, as MS MARCO's own scoring script computes them.

Source: github.com/microsoft/MSMARCO-Question-Answering, folder Evaluation, in its version of 2018.
spaCy's English tokenizer splits a text; its tokens are lower-cased and joined by single spaces. BLEU is the
version for COCO captions: it is computed over all queries at once, with the length of the closest reference.
sacrebleu counts; this module adds the smoothing constants, which sacrebleu does not have. ROUGE-L is averaged
over queries.

The script's test of its dev sample expects 0.17634, 0.11419, 0.08906, 0.07623 (BLEU) and 0.12077 (ROUGE-L).
With spaCy 3.8 we get 0.17637, 0.11423, 0.08909, 0.07622 and 0.12104. The tokenizer makes the difference: with
the tokens of spaCy 1.1 (2016) this module gives 0.176346, 0.114187, 0.089059, 0.076219 and 0.120777; with
those of spaCy 1.4, 0.176287 to 0.076183 and 0.120825. We do not know which version the expected figures are
from, so differences below 0.00002 remain unexplained. Of the sample's 19,340 different texts, spaCy 3.8
splits 861 otherwise than 1.1: slashes between letters ("km/h", now three tokens), hyphens after digits
("4-hour") and dashes, the degree sign ("25°c"), contractions and closing quotes with a curly apostrophe
("don’t", "teachers’"), full stops after capitals ("dna."), units ("100g") and signs ("2+", "®").
"""

from collections.abc import Hashable, Mapping, Sequence
from functools import cache, lru_cache
from math import exp, prod
from pathlib import Path

from rapidfuzz.distance import LCSseq

from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.core.jsonl import read_json_lines
from tracelib.datasets.problem import NO_ANSWER

ORDERS = 4  # BLEU-1 to BLEU-4
TINY, SMALL = 1e-15, 1e-9  # added to numerators and denominators, so that 0 / 0 is defined
BETA = 1.2  # weight of recall against precision in ROUGE-L


@cache
def _tokenizer():
    from spacy.lang.en import English  # a second to import

    return English().tokenizer


@lru_cache(maxsize=65536)
def tokenized(text: str) -> str:
    """The lower-cased tokens of a text, joined by single spaces; a blank token is an empty word."""
    return " ".join(str(token).strip().lower() for token in _tokenizer()(text))


def rouge_l(candidate: str, references: Sequence[str]) -> float:
    """ROUGE-L of one answer, in [0, 1]: F (beta 1.2) of its best precision and its best recall.

    Precision is the length of the longest common subsequence of tokens over the length of the candidate;
    recall is the same over the length of the reference. Their best values may come from different references.
    `InputError` without a reference.

    Example: "a b c" against "a c" and "a b c d e" has precision 3/3 (second reference) and recall 2/2 (first
    reference), so ROUGE-L is 1.
    """
    if not references:
        raise InputError("no reference to compare the answer with")
    said = tokenized(candidate).split(" ")
    precision = recall = 0.0
    for reference in references:
        wanted = tokenized(reference).split(" ")
        common = LCSseq.similarity(said, wanted)
        precision = max(precision, common / len(said))
        recall = max(recall, common / len(wanted))
    if not recall:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def _bleu(candidates: list[str], references: list[list[str]]) -> list[float]:
    """BLEU-1 to BLEU-4 of tokenised texts, computed over all of them at once."""
    from sacrebleu.metrics import BLEU

    most = max(map(len, references))
    columns = [[texts[i] if i < len(texts) else None for texts in references] for i in range(most)]
    counted = BLEU(tokenize="none", max_ngram_order=ORDERS, force=True).corpus_score(candidates, columns)
    ratio = (counted.sys_len + TINY) / (counted.ref_len + SMALL)
    brevity = exp(1 - 1 / ratio) if ratio < 1 else 1.0
    counts = zip(counted.counts, counted.totals, strict=True)
    precisions = [(right + TINY) / (total + SMALL) for right, total in counts]
    return [brevity * prod(precisions[:order]) ** (1 / order) for order in range(1, ORDERS + 1)]


def score(
    references: Mapping[Hashable, Sequence[str]], candidates: Mapping[Hashable, Sequence[str]]
) -> dict[str, float]:
    """The script's figures for answers by query id: ``bleu_1`` to ``bleu_4``, ``rouge_l``, ``f1``, ``n``.

    Queries without a reference answer (no references, or `NO_ANSWER` among them) are left out of BLEU and
    ROUGE-L; ``n`` is the number of queries scored. For these, `candidates` must have exactly the same ids,
    with at most one answer each; `NO_ANSWER` and an empty list count as the empty text. ``f1`` is the F1 of
    answering at all; there an empty list is neither an answer nor `NO_ANSWER`.

    The script's version of 2018 drops an id with an empty list and then reports that ids differ, though its
    own test files have such lists; the version of 2016 reads them as we do. If nothing is right, ``f1`` is 0
    here, while the script divides by zero.

    Raises `InputError` if ids differ, an id has two answers, or no query can be scored.
    """
    scored = [query for query, answers in references.items() if _answers(answers)]
    offered = {query for query in candidates if query not in references or _answers(references[query])}
    if odd := offered.symmetric_difference(scored):
        where = "candidates" if (query := min(odd, key=str)) not in offered else "references"
        raise InputError(f"{len(odd)} query ids are in one file only; {query} is missing in {where}")
    for query in scored:
        if len(candidates[query]) > 1:
            raise InputError(f"query {query}: expected one answer, found {quoted(candidates[query])}")
    if not scored:
        raise InputError("no query with a reference answer, so nothing to score")
    said = [candidates[query][0] if _answers(candidates[query]) else "" for query in scored]
    wanted = [[tokenized(text) for text in references[query]] for query in scored]
    bleu = _bleu([tokenized(text) for text in said], wanted)
    total = sum(rouge_l(text, references[query]) for text, query in zip(said, scored, strict=True))
    return {f"bleu_{order}": value for order, value in enumerate(bleu, start=1)} | {
        "rouge_l": total / len(scored),
        "f1": _f1(references, candidates),
        "n": float(len(scored)),
    }


def _answers(texts: Sequence[str]) -> bool:
    return bool(texts) and NO_ANSWER not in texts


def _f1(references: Mapping, candidates: Mapping) -> float:
    """F1 of answering at all; a query that should be declined but is not is a false positive."""
    answerable = {query for query, texts in references.items() if _answers(texts)}
    unanswerable = {query for query, texts in references.items() if NO_ANSWER in texts}
    right = sum(query in answerable and _answers(texts) for query, texts in candidates.items())
    declined = sum(query in unanswerable and NO_ANSWER in texts for query, texts in candidates.items())
    wrong = len(unanswerable) - declined
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / len(answerable) if answerable else 1.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score_files(references: Path, candidates: Path) -> dict[str, float]:
    """`score` of two files of JSON lines with ``query_id`` and ``answers``.

    Lines with the same id are merged, so a second line for a query adds references.
    """
    wanted, said = _read(references), _read(candidates)
    try:
        return score(wanted, said)
    except InputError as error:
        raise InputError(str(error), f"{references}, {candidates}") from None


def _read(path: Path) -> dict[int | str, list[str]]:
    answers: dict[int | str, list[str]] = {}
    for query, texts in read_json_lines(path, _entry):
        answers.setdefault(query, []).extend(texts)
    return answers


def _entry(record: dict, path: Path, line: int) -> tuple[int | str, list[str]]:
    kind = str if isinstance(record.get("query_id"), str) else int
    return field(record, "query_id", kind, path, line), field(record, "answers", list, path, line)
