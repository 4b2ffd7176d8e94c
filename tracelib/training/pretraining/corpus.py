"""The mixture, and the curriculum from easy to hard: document number i is always the same text."""

import random
from collections.abc import Callable
from functools import lru_cache

from transformers import PreTrainedTokenizerFast

from tracelib.training.models import ASSISTANT, USER
from tracelib.training.pretraining import numbers, passages, records, stories, words
from tracelib.training.pretraining.document import Document
from tracelib.training.sft import IGNORED, Example

MIXTURE = {  # how often each kind is drawn
    records.draw: 46,
    numbers.spans: 8,
    numbers.lists: 10,
    stories.draw: 20,
    passages.draw: 16,
    numbers.echo: 2,
}
WHOLE = 0.02  # share of the documents in which questions are learned too, not replies alone
LOOK_UPS = 0.08  # share of the training at whose start nothing is asked but plain look-ups in short texts
RISE = 0.4  # share of it in which the difficulty then goes from 0 to 1
DELAYED = 0.6  # share of the documents, in the end, in which something is said before replies
GROUP = 1024  # documents that are sorted by length together, so that batches waste no padding


def reached(progress: float) -> float:
    """How far the curriculum is, from 0 to 1.

    Found by trial: look-ups alone are learned within 600 steps, all at once not within 6,400.
    """
    return min(1.0, max(0.0, progress - LOOK_UPS) / RISE)


def level(progress: float, rng: random.Random) -> float:
    """Difficulty from 0 to 1: at most what the curriculum has reached, easy ones stay in the mix."""
    return reached(progress) * rng.random() ** 0.3


def document(seed: int | str, number: int, progress: float) -> tuple[Document, random.Random]:
    """Document `number` of a stream at this share of the training; with the generator to write it."""
    rng = random.Random(f"pretraining/{seed}/{number}")
    draw = rng.choices([*MIXTURE], [*MIXTURE.values()])[0]
    return draw(rng, level(progress, rng)), rng


def encode(tokenizer: PreTrainedTokenizerFast, seed: int | str, number: int, progress: float) -> Example:
    """A document as tokens: replies count for the loss, in some documents all of the text.

    Tokens that are never to be foreseen all end alike, and fine-tuning, which leaves the vocabulary as it
    is, could not tell them apart. What exceeds the context is cut, as texts may end anywhere.
    """
    drawn, rng = document(seed, number, progress)
    longest, whole = tokenizer.model_max_length, rng.random() < WHOLE
    ids, labels = [], []
    for user, first, reply in drawn.messages(rng, DELAYED * reached(progress)):
        head = tokenizer(f"{USER}{user}{ASSISTANT}{first}", add_special_tokens=False)["input_ids"]
        tail = tokenizer(reply + tokenizer.eos_token, add_special_tokens=False)["input_ids"]
        ids += head + tail
        labels += (head if whole else [IGNORED] * len(head)) + tail
    return {"item": str(number), "input_ids": ids[:longest], "labels": labels[:longest]}


class Corpus:
    """Batches of texts of similar length, by number: `len` batches, all at hand without a file.

    `encode` gives the text of a number at a share of the training, as `encode` above does for documents.
    """

    def __init__(self, encode: Callable[[int, float], Example], seed: str, batches: int, batch_size: int):
        self.encode, self.seed, self.batches, self.batch_size = encode, seed, batches, batch_size
        self._group = lru_cache(maxsize=2)(self._sorted_group)

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, number: int) -> list[Example]:
        if not 0 <= number < self.batches:
            raise IndexError(number)
        group, place = divmod(number, GROUP // self.batch_size)
        return self._group(group)[place]

    def _sorted_group(self, group: int) -> list[list[Example]]:
        progress = group * (GROUP // self.batch_size) / self.batches
        numbers = range(group * GROUP, (group + 1) * GROUP)
        examples = [self.encode(number, progress) for number in numbers]
        parts = _by_length(examples, self.batch_size)
        random.Random(f"order/{self.seed}/{group}").shuffle(parts)
        return parts


def held_out(tokenizer: PreTrainedTokenizerFast, seed: int, documents: int) -> list[list[Example]]:
    """Batches of the first documents of a stream, at full difficulty."""
    return _by_length([encode(tokenizer, seed, number, 1.0) for number in range(documents)], 32)


def _by_length(examples: list[Example], batch_size: int) -> list[list[Example]]:
    examples = sorted(examples, key=lambda example: len(example["input_ids"]))
    return [examples[start : start + batch_size] for start in range(0, len(examples), batch_size)]


def texts(seed: int, count: int) -> list[str]:
    """What the vocabulary is learned from: documents of all levels, as text, and the words by themselves."""
    written = [words.dictionary()] * (count // 200)
    for number in range(count):
        drawn, rng = document(seed, number, 1.0)
        written.append("\n".join(f"{u}\n{f}{r}" for u, f, r in drawn.messages(rng, DELAYED)))
    return written
