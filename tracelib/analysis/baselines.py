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
    """Accuracies of the two rules (metric `corrected`): rule, estimate, low, high, n, method, note.

    The first rule draws one of the problem's candidates (`Dataset.candidates`) at random. Its probability of
    being right is computed exactly for each problem; the interval is over problems. The second rule names all
    candidates.
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
    """Whether naming all candidates is right, so that no date needs to be read: booleans by item."""
    return pd.Series({problem.id: _right(problem, _candidates(problem)) for problem in problems}, dtype=bool)


def beside_conditions(problems: Sequence[Problem], outcomes: pd.DataFrame) -> pd.DataFrame:
    """Accuracies of the rules and of the conditions on the same problems.

    Args:
        problems: the test problems of one setting.
        outcomes: the outcomes of that setting.

    Returns:
        kind (`effects.WHOLE` or one of `effects.KINDS`), problems (their number), who (a rule or a
        condition), is_rule, estimate, low, high.
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
    """Conditions whose interval over all problems lies above the better rule, from `beside_conditions`."""
    whole = rows[rows["kind"] == effects.WHOLE]
    best = whole.loc[whole["is_rule"], "estimate"].max()
    return whole.loc[~whole["is_rule"] & (whole["low"].astype(float) > best), "who"].tolist()


def excluding(problems: Sequence[Problem], seeds: Iterable[int], intervention: str) -> pd.DataFrame:
    """How much a forced trace with wrong facts reveals if a reader rules out the names that it cites.

    Returns:
        A row per seed and problem: seed, item, chance, others_right. ``chance`` is the probability that a
        random candidate is the cited name; it is missing unless the trace cites exactly one name, a
        candidate. ``others_right`` says whether naming all candidates except the cited ones is right.
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
