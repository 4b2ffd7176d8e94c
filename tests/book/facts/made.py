"""A made release, small enough to count by hand, on which the facts of chapters are tested.

There are eight problems in CoTempQA's format, six of the relation *during* and two of *equal*, and four in
bAbI's. A code describes a run's output to a problem. First comes the trace: ``T`` is right; ``t`` is wrong
and cites another fact of the context. Then comes the answer: ``A`` is right; ``a`` is what that other fact
gives.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from tracelib.core.pylist import listed
from tracelib.datasets.problem import Problem
from tracelib.paper import evidence, following, release, repairs, specifications
from tracelib.paper.release import Source
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.traces import conditions
from tracelib.traces.format import render

QUESTION = "While {0} was working for Alpha{1}, which employer did {0} work for at the same time?"
RELATIONS = ("during",) * 6 + ("equal",) * 2
YEARS = {"during": "1940 to 1960", "equal": "1948 to 1952"}
CODES = {  # right answers after right and wrong traces: CoTempQA 2 of 3 and 2 of 5, bAbI 2 of 2 and 1 of 2
    "correct": ("TA TA Ta tA tA ta ta ta", "TA TA tA ta"),
    "incorrect": ("tA tA tA ta ta ta ta ta", "tA ta ta ta"),
}
VANILLA = (5, 3)  # numbers of right answers, which come first


def timed(number: int) -> Problem:
    """A problem in CoTempQA's format, whose second fact is the gold one."""
    who, relation = f"Ada{number}", RELATIONS[number]
    facts = (
        f"{who} works for Alpha{number} from 1948 to 1952.",
        f"{who} works for Beta{number} from {YEARS[relation]}.",
        f"{who} works for Gamma{number} from 1980 to 1990.",
    )
    gold = (f"Beta{number}",)
    question = QUESTION.format(who, number)
    return Problem(f"c{number}", "cotempqa", question, facts, gold, (1,), relation, "S1_R1_O2")


def story(number: int) -> Problem:
    """A problem in bAbI's format, whose first sentence is the gold one."""
    facts = ("Mary went to the kitchen.", f"John went to the garden{number}.")
    return Problem(
        f"b{number}", "babi", "Where is Mary?", facts, ("kitchen",), (0,), "single-supporting-fact"
    )


TIMED, STORIES = [timed(number) for number in range(len(RELATIONS))], [story(number) for number in range(4)]
OTHER = {"cotempqa": (2, "Gamma{0}"), "babi": (1, "garden{0}")}  # the wrongly cited fact, and its answer


def said(problem: Problem, code: str) -> str:
    """The output that a code describes."""
    place, answer = OTHER[problem.dataset]
    facts = problem.supporting_facts if code[0] == "T" else problem.facts[place : place + 1]
    number = problem.id[1:]
    answered = problem if code[1] == "A" else replace(problem, gold=(answer.format(number),))
    return render(answered, problem.category, listed(facts))


def untraced(problem: Problem, is_right: bool) -> str:
    """An output without a trace."""
    wrong = OTHER[problem.dataset][1].format(problem.id[1:])
    answered = problem if is_right else replace(problem, gold=(wrong,))
    return conditions.target(answered, "vanilla", seed=1)


def outputs() -> list[Output]:
    """Outputs of three models on CoTempQA under three conditions, and of two of them on bAbI."""
    made = []
    for key, model in release.MODELS.items():
        for part, problems in enumerate((TIMED, STORIES) if key != "l8" else (TIMED,)):
            texts = {
                "vanilla": [untraced(p, place < VANILLA[part]) for place, p in enumerate(problems)],
                **{
                    name: [said(p, code) for p, code in zip(problems, codes[part].split(), strict=True)]
                    for name, codes in CODES.items()
                },
            }
            made += [
                Output(problem, text, model, condition)
                for condition, predictions in texts.items()
                for problem, text in zip(problems, predictions, strict=True)
            ]
    asked = [replace(output, condition="prompted") for output in made if output.condition == "vanilla"]
    return made + asked


def checks(made: list[Output]) -> pd.DataFrame:
    """The release's check of each output, with its dataset's problems as the test set."""
    parts = [
        specifications.check([output for output in made if output.problem.dataset == dataset], problems)
        for dataset, problems in (("cotempqa", TIMED), ("babi", STORIES))
    ]
    return pd.concat(parts, ignore_index=True).astype(specifications.COLUMNS)


def released() -> evidence.Evidence:
    """The whole made release, scored."""
    made = outputs()
    tables = (score(made), checks(made), repairs.compute(made), following.compute(made))
    files = tuple(release.files_behind(tables[0]))
    return evidence.Evidence(*tables, Source("local copy", "a made release", files))


def work(folder: Path) -> Path:
    """A work folder that holds the scored release."""
    evidence.write(released(), folder / "data")
    return folder
