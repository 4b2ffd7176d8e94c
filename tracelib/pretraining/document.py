"""One text to learn from: some lines, then questions about them with their answers."""

import random
from dataclasses import dataclass

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
REPLIES = ("So: {}", "So: {}", "I find: {}", "That is: {}", "Reply = {}")


@dataclass(frozen=True)
class Document:
    """`lines` of context and `turns` of (question, answer)."""

    lines: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]

    def messages(self, rng: random.Random) -> list[tuple[str, str]]:
        """The turns as (user, assistant): the first user turn holds the lines in one of many frames.

        Replies are wrapped ("So: ..."): the base answers in its own manner, not in a dataset's format.
        """
        frame, reply = rng.choice(FRAMES), rng.choice(REPLIES)
        written = []
        for number, (question, answer) in enumerate(self.turns):
            if number == 0 and self.lines:
                question = frame.format(lines="\n".join(self.lines), list=list(self.lines), question=question)
            written.append((question, reply.format(answer)))
        return written
