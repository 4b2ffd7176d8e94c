"""The pre-training corpus: a mixture of documents, and a curriculum from easy to hard.

Seed, number and progress fix the text of a document.
"""

import random
from collections.abc import Callable
from functools import lru_cache

from transformers import PreTrainedTokenizerFast

from tracelib.training.models import ASSISTANT, USER
from tracelib.training.pretraining import numbers, passages, records, stories, words
from tracelib.training.pretraining.document import Document
from tracelib.training.sft import IGNORED, Example

MIXTURE = {  # relative frequency of each kind
    records.draw: 46,
    numbers.spans: 8,
    numbers.lists: 10,
    stories.draw: 20,
    passages.draw: 16,
    numbers.echo: 2,
}
WHOLE = 0.02  # share of documents whose questions are learned too, not only their replies
LOOK_UPS = 0.08  # first share of the training: only plain look-ups in short texts
RISE = 0.4  # next share of the training: the difficulty rises from 0 to 1
DELAYED = 0.6  # share of documents, at full difficulty, with sentences before some replies
GROUP = 1024  # documents that are sorted by length together, so that batches need little padding


def reached(progress: float) -> float:
    """The greatest difficulty, from 0 to 1, after this share of the training.

    Found by trial: look-ups alone are learned within 600 steps; all kinds at once are not within 6,400.
    """
    return min(1.0, max(0.0, progress - LOOK_UPS) / RISE)


def level(progress: float, rng: random.Random) -> float:
    """A random difficulty from 0 to 1, at most what the curriculum has reached; easy documents stay."""
    return reached(progress) * rng.random() ** 0.3


def document(seed: int | str, number: int, progress: float) -> tuple[Document, random.Random]:
    """Document `number` of a stream after this share of the training, and the generator to write it with."""
    rng = random.Random(f"pretraining/{seed}/{number}")
    draw = rng.choices([*MIXTURE], [*MIXTURE.values()])[0]
    return draw(rng, level(progress, rng)), rng


def encode(tokenizer: PreTrainedTokenizerFast, seed: int | str, number: int, progress: float) -> Example:
    """A document as tokens: only replies are learned, in a share `WHOLE` of the documents all of the text.

    Tokens that are never predicted would all get the same embedding. Fine-tuning, which does not train
    embeddings, could not tell them apart. A document that is longer than the context is cut.
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
    """Batches of texts of similar length, by number. Texts are made when they are needed; there is no file.

    `encode` makes the text of a number after a share of the training, as the function `encode` does.
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
    """Batches of a stream's first documents, at full difficulty."""
    return _by_length([encode(tokenizer, seed, number, 1.0) for number in range(documents)], 32)


def _by_length(examples: list[Example], batch_size: int) -> list[list[Example]]:
    examples = sorted(examples, key=lambda example: len(example["input_ids"]))
    return [examples[start : start + batch_size] for start in range(0, len(examples), batch_size)]


def texts(seed: int, count: int) -> list[str]:
    """Texts to train the tokenizer on: documents of every difficulty, and the words by themselves."""
    written = [words.dictionary()] * (count // 200)
    for number in range(count):
        drawn, rng = document(seed, number, 1.0)
        written.append("\n".join(f"{u}\n{f}{r}" for u, f, r in drawn.messages(rng, DELAYED)))
    return written
