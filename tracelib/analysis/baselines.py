"""What simple rules score, so that a model's accuracy can be read against them.

On CoTempQA the rules read no dates: they know what a question asks for, but not when. An accuracy at their
height does not show that a model compares times. On bAbI the rule reads nothing but the category.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

import pandas as pd

from tracelib.analysis import effects
from tracelib.core.pylist import listed
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.experiments.interventions import forced, read_off
from tracelib.scoring.metrics import corrected
from tracelib.stats import seeds
from tracelib.stats.proportions import wilson
from tracelib.traces.format import parse


def rates(problems: Sequence[Problem]) -> pd.DataFrame:
    """Two rules' accuracies (`corrected`): rule, estimate, low, high, n, method, note.

    The first names one answer of the asked kind (`Dataset.candidates`), drawn at random: its chance of being
    right is exact for each problem, and the interval is over problems. The second names them all.
    """
    one = []
    for problem in problems:
        right = [_right(problem, [candidate]) for candidate in _candidates(problem)]
        one.append(sum(right) / len(right) if right else 0.0)
    by_chance = seeds.mean(one, unit="problem")
    every = wilson(int(guessable(problems).sum()), len(one))
    rows = {"one of them, at random": by_chance, "all of them": every}
    return pd.DataFrame([{"rule": rule, **row} for rule, row in rows.items()])


def guessable(problems: Sequence[Problem]) -> pd.Series:
    """By item: whether naming everything of the asked kind is right, so that no date has to be read."""
    return pd.Series({problem.id: _right(problem, _candidates(problem)) for problem in problems}, dtype=bool)


def beside_conditions(problems: Sequence[Problem], outcomes: pd.DataFrame) -> pd.DataFrame:
    """The rules' accuracies beside those of the conditions, on the same problems.

    Args:
        problems: the test problems of one setting.
        outcomes: of that setting.

    Returns:
        kind (`effects.WHOLE` and the `effects.KINDS`), problems (how many), who (a rule or a condition),
        is_rule, estimate, low, high.
    """
    easy = guessable(problems)
    by_kind = {effects.WHOLE: list(problems)}
    by_kind |= {kind: [p for p in problems if easy[p.id] == value] for value, kind in effects.KINDS.items()}
    parts = []
    for kind, some in by_kind.items():
        if some:
            mine = outcomes[outcomes["item"].isin([problem.id for problem in some])]
            of_rules = rates(some).rename(columns={"rule": "who", "n": "problems"})
            of_conditions = effects.by_condition(mine, ["answer_correct"])
            of_conditions = of_conditions.rename(columns={"condition": "who", "items": "problems"})
            parts += [
                of_rules.assign(kind=kind, is_rule=True),
                of_conditions.assign(kind=kind, is_rule=False),
            ]
    columns = ["kind", "problems", "who", "is_rule", "estimate", "low", "high"]
    return pd.DataFrame([row for part in parts for row in part[columns].to_dict("records")], columns=columns)


def above(rows: pd.DataFrame) -> list[str]:
    """Conditions of `beside_conditions` whose interval lies above the better rule, over all problems."""
    whole = rows[rows["kind"] == effects.WHOLE]
    best = whole.loc[whole["is_rule"], "estimate"].max()
    return whole.loc[~whole["is_rule"] & (whole["low"].astype(float) > best), "who"].tolist()


def excluding(problems: Sequence[Problem], seeds: Iterable[int], intervention: str) -> pd.DataFrame:
    """What a forced trace whose facts are wrong tells of the answer to whoever rules out the names it cites.

    Columns: seed, item; chance, that a fitting name drawn at random is the cited one (missing unless the
    trace cites exactly one name, and that one fits); others_right, whether naming everything that fits but
    what is cited is right.
    """
    rows = []
    for seed, problem in product(seeds, problems):
        cited = read_off(problem, forced(problem, intervention, seed, problems) or "")
        fitting = _candidates(problem)
        rivals = len(cited) == 1 and cited[0] in fitting
        others = [name for name in fitting if name not in cited]
        row = {"seed": seed, "item": problem.id, "chance": 1 / len(fitting) if rivals else None}
        rows.append(row | {"others_right": _right(problem, others)})
    return pd.DataFrame(rows)


def most_frequent(train: Iterable[Problem], test: Sequence[Problem]) -> pd.Series:
    """By item: whether the answer that most training problems of its category have is right.

    The alphabet decides between answers that are equally frequent. In a category without training problems
    the rule is wrong.
    """
    frequent: dict[str, Counter] = {}
    for problem in train:
        frequent.setdefault(problem.category, Counter())[problem.gold] += 1
    answers = {name: min(counts, key=lambda gold: (-counts[gold], gold)) for name, counts in frequent.items()}
    right = [answers.get(problem.category) == problem.gold for problem in test]
    return pd.Series(right, [problem.id for problem in test], dtype=bool)


def _candidates(problem: Problem) -> tuple[str, ...]:
    return dataset(problem.dataset).candidates(problem)


def _right(problem: Problem, answers: Sequence[str]) -> bool:
    return corrected(problem, parse(f"<answer>{listed(answers)}</answer>"))
