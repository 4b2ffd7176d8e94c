"""Check a dataset for inconsistencies: one finding per problem and check.

A finding says where a person should look; nothing is repaired or judged. Most checks need only the problems.
Those in `BY_SOLVER` also ask a solver what follows from a problem's text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from tracelib.core.errors import quoted
from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.problem import NO_ANSWER, Problem
from tracelib.datasets.registry import dataset
from tracelib.datasets.solution import Solution

COLUMNS = ("split", "item", "check", "detail")
CHECKS = {  # in the order in which a report lists them
    "answer not in the context": "A gold answer occurs in no fact; case does not count. "
    "The check covers only answers that the dataset takes from the context. It looks for them as they are "
    "written, so it also reports answers that a language inflects in the context.",
    "no supporting fact": "The problem has an answer, but no fact is marked as supporting it.",
    "supporting fact without an answer": "The gold says that the problem is unanswerable, but facts are "
    "marked as supporting.",
    "fact stands twice in the context": "The same sentence occurs more than once. A quote of it may mean "
    "either place.",
    "answer listed twice": "The same gold answer is listed more than once; case does not count.",
    "same problem twice in a split": "An earlier problem of the split has the same question, facts and "
    "answers.",
    "same problem in two splits": "A problem of an earlier split has the same question, facts and answers.",
    "same question in two splits": "An earlier split asks the same question, over another context or with "
    "other answers. bAbI has few questions, so this finds nearly all of its problems.",
    "category contradicted by the facts": "The label is none of those that fit the question and the facts.",
    "answer contradicted by the facts": "Other answers follow from the question and the facts; case, order "
    "and white space do not count. The solver reads as the dataset's published files do: of several gifts "
    "it takes the last, of several paths the shortest.",
    "answer not derived": "A solver reads question and facts and finds no answer: no fact is about what is "
    "asked, several answers follow, or a sentence has words that the solver does not know.",
    "supporting facts are others": "bAbI: the answer follows, but the facts marked as supporting are not "
    "those that the published files would mark. Other datasets are not checked: there a rule of ours or a "
    "person marks the facts.",
}
BY_SOLVER = (
    "category contradicted by the facts",
    "answer contradicted by the facts",
    "answer not derived",
    "supporting facts are others",
)
MARKED = "supporting facts are others"  # runs only where the solver marks facts by the dataset's rule
PLURALS = {"mouse": "mice", "wolf": "wolves"}  # bAbI's deduction facts: "Cats are afraid of wolves."


def validate(
    splits: dict[str, list[Problem]], solve: Callable[[Problem], Solution] | None = None
) -> pd.DataFrame:
    """Every finding about the splits, in their order: columns split, item (problem id), check, detail.

    A problem has at most one row per check; `CHECKS` explains each check. The checks in `BY_SOLVER` run only
    with a solver, and `MARKED` only if the solver of one of the datasets marks facts. The column ``check``
    is categorical: its categories are the checks that ran.
    """
    rows = [
        (split, problem.id, check, detail)
        for split, problems in splits.items()
        for problem in problems
        for check, detail in (*_alone(problem), *(_contradictions(problem, solve(problem)) if solve else ()))
    ]
    rows += [*_repeated(splits), *_shared(splits)]
    names = {problem.dataset for problems in splits.values() for problem in problems}
    marks = any(dataset(name).marked_by_rule for name in names)
    ran = [check for check in CHECKS if solve or check not in BY_SOLVER]
    ran = [check for check in ran if marks or check != MARKED]
    findings = pd.DataFrame(rows, columns=list(COLUMNS))
    findings["check"] = pd.Categorical(findings["check"], categories=ran)
    order = {split: place for place, split in enumerate(splits)}
    return findings.sort_values("split", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def summary(findings: pd.DataFrame, splits: dict[str, list[Problem]]) -> pd.DataFrame:
    """The number of problems with each finding: columns check, split, problems, n (in the split), percent.

    Every check that ran has a row for every split, even if it found nothing. The percent of an empty split
    is None.
    """
    checks = findings["check"].astype("category").cat.categories
    found = Counter(zip(findings["check"], findings["split"], strict=True))
    rows = []
    for check in checks:
        for split, problems in splits.items():
            count, n = found[check, split], len(problems)
            percent = round(100 * count / n, 2) if n else None
            rows.append({"check": check, "split": split, "problems": count, "n": n, "percent": percent})
    return pd.DataFrame(rows, columns=["check", "split", "problems", "n", "percent"])


def _alone(problem: Problem) -> Iterator[tuple[str, str]]:
    """(check, detail) of every finding that needs only one problem."""
    if absent := _absent_answers(problem):
        yield "answer not in the context", f"in no fact: {quoted(absent)}"
    if problem.has_steps and not problem.supporting and not _unanswerable(problem):
        yield "no supporting fact", f"answered by {quoted(list(problem.gold))}"
    if problem.supporting and _unanswerable(problem):
        yield "supporting fact without an answer", f"marked: {quoted(list(problem.supporting_facts))}"
    if copies := _repeats(fact.strip() for fact in problem.facts):
        yield "fact stands twice in the context", f"repeated: {quoted(copies)}"
    if copies := _repeats(answer.strip().casefold() for answer in problem.gold):
        yield "answer listed twice", f"repeated: {quoted(copies)}"


def _absent_answers(problem: Problem) -> list[str]:
    facts = [fact.casefold() for fact in problem.facts]
    answers = dataset(problem.dataset).in_context(problem) if facts else ()
    return [answer for answer in answers if not any(_stated(answer.casefold(), fact) for fact in facts)]


def _stated(answer: str, fact: str) -> bool:
    return answer in fact or (answer in PLURALS and PLURALS[answer] in fact)


def _unanswerable(problem: Problem) -> bool:
    """Whether the gold says that the context has no answer. Only MS MARCO's gold ever does."""
    return all(answer.strip().casefold() == NO_ANSWER.casefold() for answer in problem.gold)


def _repeats(texts: Iterable[str]) -> list[str]:
    return [text for text, count in Counter(texts).items() if count > 1]


def _contradictions(problem: Problem, solution: Solution) -> Iterator[tuple[str, str]]:
    """(check, detail) of every finding where the text contradicts the gold."""
    if label_fits(problem, solution) is False:
        fitting = " or ".join(map(quoted, solution.categories))
        detail = f"labelled {quoted(problem.category)}, the facts give {fitting}"
        yield "category contradicted by the facts", detail
    if solution.failure:
        if dataset(problem.dataset).solve:
            yield "answer not derived", f"gold is {quoted(list(problem.gold))}, but {solution.failure}"
    elif not same_answers(problem, solution):
        detail = f"gold is {quoted(list(problem.gold))}, the facts give {quoted(list(solution.answers))}"
        yield "answer contradicted by the facts", detail
    elif _is_marked(problem) and not same_facts(problem, solution):
        derived = [problem.facts[index] for index in solution.supporting]
        detail = f"marked: {quoted(list(problem.supporting_facts))}, but it follows from {quoted(derived)}"
        yield MARKED, detail


def _is_marked(problem: Problem) -> bool:
    return bool(problem.supporting) and dataset(problem.dataset).marked_by_rule


def _repeated(splits: dict[str, list[Problem]]) -> Iterator[tuple[str, str, str, str]]:
    """Duplicates within a split. The detail gives the places of both, because their ids may be equal."""
    for split, problems in splits.items():
        first: dict[str, tuple[int, str]] = {}
        for place, problem in enumerate(problems, 1):
            earlier, name = first.setdefault(problem.content, (place, problem.id))
            if earlier != place:
                detail = f"problems {earlier:,} and {place:,} of the split, as item {quoted(name)}"
                yield split, problem.id, "same problem twice in a split", detail


def _shared(splits: dict[str, list[Problem]]) -> Iterator[tuple[str, str, str, str]]:
    """Problems and questions that an earlier split has too, each reported once, in the later split."""
    problem_in: dict[str, str] = {}
    question_in: dict[str, str] = {}
    for split, problems in splits.items():
        for place, problem in enumerate(problems, 1):
            content, here = problem.content, f"here problem {place:,}"
            if content in problem_in:
                yield split, problem.id, "same problem in two splits", f"{problem_in[content]}, {here}"
            elif problem.question in question_in:
                detail = f"{question_in[problem.question]}, {here}: {quoted(problem.question)}"
                yield split, problem.id, "same question in two splits", detail
        for place, problem in enumerate(problems, 1):
            there = f"also problem {place:,} of {split}"
            problem_in.setdefault(problem.content, there)
            question_in.setdefault(problem.question, there)
