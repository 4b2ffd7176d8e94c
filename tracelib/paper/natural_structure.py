"""What traces of each kind look like: rule-made, simulated, R1's own words, and a prompted model's.

`measured` describes one text by numbers alone. `SHIPPED` holds such a row for each text: rule-made, simulated
and R1's texts on the problems of the sample (`tracelib.datasets.r1_texts`), so that they pair by problem, and
the released outputs of one prompted model on the test problems. It holds no text. R1's part rests on a copied
sample, not on the files themselves.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from tracelib.core.paths import NATURAL
from tracelib.datasets import family_files, r1_texts
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.datasets.release_files import Unreachable
from tracelib.datasets.shipped import ShippedTable
from tracelib.paper import release
from tracelib.scoring.metrics import answer_correct
from tracelib.scoring.natural.citations import ALTERED
from tracelib.scoring.natural.intervals import WRONG
from tracelib.scoring.natural.measures import diversity, order, readability
from tracelib.scoring.natural.verify import verify
from tracelib.scoring.outputs import Output
from tracelib.traces import answers
from tracelib.traces.conditions import PROMPTED, target
from tracelib.traces.format import parse

MADE = ("correct", "incorrect", "simulated-r1", "simulated-summary", "simulated-explanation")
TOLD = {
    "r1": "trace",
    "r1-summary": "summary",
    "r1-explanation": "explanation",
}  # kind -> field of `Texts`
RIGHT, WRONG_ANSWER = "prompted-right", "prompted-wrong"
KINDS = {  # kind -> its name on pages
    "correct": "rule-made, correct",
    "incorrect": "rule-made, incorrect",
    "simulated-r1": "simulated R1",
    "simulated-summary": "simulated summary",
    "simulated-explanation": "simulated explanation",
    "r1": "R1's trace",
    "r1-summary": "summary of R1's trace",
    "r1-explanation": "R1's explanation",
    RIGHT: "prompted, answer right",
    WRONG_ANSWER: "prompted, answer wrong",
}
PROMPTED_MODEL = "Qwen3-1.7B"  # the other prompted model with outputs gives only answers
METRIC = "corrected"  # which decides whether a prompted output is right
SEED = 1  # of the rule-made and simulated texts
LISTS = ("supporting", "cited", "answers")


class Text(NamedTuple):
    """A text of some kind about a problem. `named` is the relation that its first step names, if any."""

    kind: str
    problem: Problem
    text: str
    named: str | None = None


def made(problem: Problem) -> Iterator[Text]:
    """The traces that rules make of a problem: the paper's two kinds, and the simulated styles."""
    for kind in MADE:
        written = target(problem, kind, SEED)
        yield Text(kind, problem, "\n".join(answers.parts(written).thoughts), parse(written).category)


def told(problem: Problem, texts: Texts) -> Iterator[Text]:
    """R1's trace of a problem, and its summary and explanation where there are any."""
    for kind, name in TOLD.items():
        if text := getattr(texts, name):
            yield Text(kind, problem, text)


def prompted(output: Output) -> Text:
    """The output of a model that was not fine-tuned, with the verdict on its answer in its kind."""
    right = answer_correct(METRIC, output.problem, parse(output.prediction))
    return Text(RIGHT if right else WRONG_ANSWER, output.problem, output.prediction)


def measured(text: Text) -> dict:
    """A text in numbers, a row of `SHIPPED`.

    Returns:
        kind, problem (its id), category (its label), facts (of its context), supporting (their indices);
        words, sentences, citations (facts in a sentence), altered (of these, with another time), cited (the
        indices of the facts, in the order in which they are first cited), order (`measures.order`); claims,
        refuted, refuted_answers (those about a concluded answer), wrong_times (shared times that the facts
        refute); relation (that it names or commits to), answers (the indices of the facts that it concludes),
        follows; backtracking, hedging, repetition, outside (sentences); diversity and readability.
    """
    problem = text.problem
    verdict = verify(text.text, problem)
    cited = list(dict.fromkeys(one.fact for one in verdict.citations))
    return {
        "kind": text.kind,
        "problem": problem.id,
        "category": problem.category,
        "facts": len(problem.facts),
        "supporting": _listed(problem.supporting),
        "words": verdict.words,
        "sentences": len(verdict.sentences),
        "citations": len(verdict.citations),
        "altered": sum(one.form == ALTERED for one in verdict.citations),
        "cited": _listed(cited),
        "order": order(cited),
        "claims": len(verdict.claims),
        "refuted": len(verdict.refuted),
        "refuted_answers": sum(claim.fact in verdict.answers for claim in verdict.refuted),
        "wrong_times": sum(claim.interval == WRONG for claim in verdict.claims),
        "relation": text.named or verdict.relation,
        "answers": _listed(verdict.answers),
        "follows": verdict.follows,
        "backtracking": len(verdict.backtracking),
        "hedging": len(verdict.hedging),
        "repetition": len(verdict.repetition),
        "outside": len(verdict.outside),
        "diversity": diversity(text.text),
        "readability": readability(text.text, len(verdict.sentences)),
    }


def table(texts: Iterable[Text]) -> pd.DataFrame:
    """A row of `measured` for each text, by kind in the order of `KINDS`."""
    rows = pd.DataFrame(map(measured, texts)).round({"order": 4, "diversity": 4, "readability": 2})
    order_of_kinds = rows["kind"].map(list(KINDS).index).argsort(kind="stable")
    return rows.iloc[order_of_kinds].reset_index(drop=True)


def compute() -> pd.DataFrame:
    """The table from the sample and the release's outputs; `InputError` without the sample."""
    sample = r1_texts.sampled()
    texts = [text for problem, own in sample for text in (*made(problem), *told(problem, own))]
    return table([*texts, *map(prompted, _outputs())])


def _outputs() -> list[Output]:
    found = release.load_outputs(datasets=["cotempqa"])
    return [one for one in found if one.condition == PROMPTED and one.model == PROMPTED_MODEL]


def is_here() -> bool:
    """Whether the sample of R1's texts is on this machine."""
    return family_files.sample() is not None


def load() -> pd.DataFrame:
    """The table from the texts where they are on this machine; else the shipped table."""
    try:
        return compute() if is_here() else SHIPPED.read()
    except Unreachable:
        return SHIPPED.read()


def indices(text: str) -> tuple[int, ...]:
    """The indices of facts in a cell of a column of `LISTS`."""
    return tuple(map(int, text.split()))


def _listed(facts: Iterable[int]) -> str:
    return " ".join(map(str, facts))


SHIPPED = ShippedTable(NATURAL / "structure.csv", compute, types=dict.fromkeys(LISTS, "str"))
