"""One training document: some lines, then questions about them with their answers."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tracelib.training.pretraining import words

FRAMES = (
    "Here is what is known:\n{lines}\n{question}",
    "{lines}\n{question}",
    "Read this first.\n{lines}\nThen reply. {question}",
    "Notes: {list}\n{question}",
    "Use the context below.\n{list}\nTask: {question}",
    "Context:\n{lines}\nQuestion: {question} Say only what is asked.\n",
    "Answer from this text: {list}\nThe question: {question} Give the answer only.\n",
    "These facts are given:\n{lines}\nAnswer the following question. {question}",
)
FIRST = (  # sentences that may stand before a reply
    "I read it once more.", "Every line counts.", "The question tells what to look for.",
    "First I see who is meant, then what is wanted.", "Some lines have nothing to do with it.",
    "What is wanted stands in the text.", "I leave out what does not belong here.",
    "It may be one thing or several.", "The names have to be the same.",
    "In which order the lines stand does not matter.", "I take care not to miss anything.",
    "Let me see which of the lines this is about.", "I go through them one after the other.",
    "Not all that is known is needed for this.", "Here is what I think, and then what I found.",
    "It has to be clear what this is about before I can tell.",
)  # fmt: skip
REPLIES = ("So: {}", "So: {}", "I find: {}", "That is: {}", "Reply = {}")


def framed(frame: str, lines: Sequence[str], question: str) -> str:
    """The first user message: the lines and the question in a frame."""
    return frame.format(lines="\n".join(lines), list=list(lines), question=question)


@dataclass(frozen=True)
class Document:
    """`lines` of context and `turns` of (question, answer)."""

    lines: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]

    def messages(self, rng: random.Random, delayed: float) -> list[tuple[str, str, str]]:
        """The turns as (user message, sentences first, reply); the first message also holds the lines.

        Replies are wrapped ("So: ..."): the base answers in its own manner, not in a dataset's format. In a
        share `delayed` of the documents, sentences stand before half of the replies, so that the question
        is far away.
        """
        frame, reply = rng.choice(FRAMES), rng.choice(REPLIES)
        late = rng.random() < delayed
        written = []
        for number, (question, answer) in enumerate(self.turns):
            if number == 0 and self.lines:
                question = framed(frame, self.lines, question)
            first = _said_first(rng) if late and rng.random() < 0.5 else ""
            written.append((question, first, reply.format(answer)))
        return written


def _said_first(rng: random.Random) -> str:
    """One to four sentences: each is one of `FIRST`, or made of random words."""
    said = [
        rng.choice(FIRST)
        if rng.random() < 0.7
        else f"{' '.join(words.common(rng, rng.randint(4, 16)))}.".capitalize()
        for _ in range(rng.randint(1, 4))
    ]
    return " ".join(said) + rng.choice((" ", "\n"))
