"""Measures of a text's form: how varied its words are, how hard it is to read, in what order it cites.

Readability is the automated readability index, which counts letters, words and sentences. Formulas that count
syllables need a dictionary of them, and most words here are names that no such dictionary has.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import comb

PER_WORD = 0.5  # what a word in the mean sentence adds to the readability index
DRAWN = 30  # words of a sample for `diversity`; the paper's own traces are hardly longer
WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text in lower case. Punctuation is in no word; ``don't`` and ``2-year`` are one each."""
    return WORD.findall(text.lower())


def diversity(text: str, drawn: int = DRAWN) -> float | None:
    """The expected type-token ratio of `drawn` words, drawn from a text without replacement.

    The plain ratio falls with a text's length; this one does not (McCarthy and Jarvis 2007, HD-D, there with
    42 words). None for a text with fewer words.
    """
    counts = Counter(words(text))
    total = counts.total()
    if total < drawn:
        return None
    samples = comb(total, drawn)
    return sum(1 - comb(total - count, drawn) / samples for count in counts.values()) / drawn


def readability(text: str, sentences: int) -> float | None:
    """The automated readability index (Senter and Smith 1967): higher is harder, about a US school grade.

    Args:
        sentences: the number of sentences in the text.

    Returns:
        None for a text without words or sentences.
    """
    count = len(words(text))
    if not count or not sentences:
        return None
    letters = sum(character.isalnum() for character in text)
    return 4.71 * letters / count + PER_WORD * count / sentences - 21.43


def order(cited: Sequence[int]) -> float | None:
    """How far facts are first cited in the order of the context: Kendall's tau, from -1 to 1.

    Args:
        cited: the indices of the cited facts, each once.

    Returns:
        1 if every fact comes in the context's order, -1 if in the reverse order; None for fewer than two.
    """
    pairs = [1 if first < second else -1 for first, second in combinations(cited, 2)]
    return sum(pairs) / len(pairs) if pairs else None
