"""Findings about a dataset: what in its problems does not fit together, one row per problem and check.

Nothing is repaired and no verdict is given: a finding says where a person should look. Checks of
single problems need nothing but the problem; those `BY_SOLVER` ask a solver what follows from the text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from tracelib.core.files import quoted
from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.problem import NO_ANSWER, Problem, content_id
from tracelib.datasets.registry import dataset
from tracelib.datasets.solution import Solution

COLUMNS = ("split", "item", "check", "detail")
CHECKS = {  # in the order in which a report lists them
    "answer not in the context": "A gold answer occurs in no fact, upper and lower case taken as equal. "
    "Looked up are only answers that the dataset takes from the context, and only as they are written: "
    "in a language that inflects them they may stand there in another form.",
    "no supporting fact": "The problem has an answer, but no fact is marked as supporting it.",
    "supporting fact without an answer": "The problem is unanswerable by its gold, but facts are marked "
    "as supporting.",
    "fact stands twice in the context": "The same sentence occurs more than once; a quote of it cannot "
    "be told from a quote of its copy.",
    "answer listed twice": "The same gold answer is listed more than once, up to case.",
    "same problem twice in a split": "Question, facts and answers are those of an earlier problem of "
    "the split.",
    "same problem in two splits": "Question, facts and answers are those of a problem of an earlier split.",
    "same question in two splits": "The question is also asked in an earlier split, over another context "
    "or with other answers; bAbI has few questions, so nearly all of its are.",
    "category contradicted by the facts": "The label is none of those that fit question and facts.",
    "answer contradicted by the facts": "The answers that follow from question and facts are others, up to "
    "case, order and white space. What follows is read as in the dataset's published files: the last of "
    "several gifts, the shortest of several ways.",
    "answer not derived": "A solver reads question and facts and finds no answer in them: nothing is said of "
    "what is asked, several answers follow, or a sentence is in words that it does not know.",
    "supporting facts are others": "bAbI: the answer follows, but the facts marked as supporting it are not "
    "those that the published files mark. Of the other datasets a rule of ours or a person marks them.",
}
BY_SOLVER = (
    "category contradicted by the facts",
    "answer contradicted by the facts",
    "answer not derived",
    "supporting facts are others",
)
MARKED = "supporting facts are others"  # only where the solver marks them by the dataset's rule
PLURALS = {"mouse": "mice", "wolf": "wolves"}  # bAbI's deduction facts: "Cats are afraid of wolves."


def validate(
    splits: dict[str, list[Problem]], solve: Callable[[Problem], Solution] | None = None
) -> pd.DataFrame:
    """Every finding about the splits, in their order: columns split, item (problem id), check, detail.

    A problem has at most one row per check; `CHECKS` says what each means. Those `BY_SOLVER` run
    only with a solver, and `MARKED` only where some dataset's solver marks facts. The column ``check`` is
    categorical: its categories are the checks that ran.
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
    """Problems with each finding: columns check, split, problems, n (of the split), percent.

    A row for every check that ran and every split, zeros included; percent is None of an empty split.
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
    """(check, detail) of what can be seen in one problem."""
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
    """Whether the gold says that the context holds no answer, as only MS MARCO's does."""
    return all(answer.strip().casefold() == NO_ANSWER.casefold() for answer in problem.gold)


def _repeats(texts: Iterable[str]) -> list[str]:
    return [text for text, count in Counter(texts).items() if count > 1]


def _contradictions(problem: Problem, solution: Solution) -> Iterator[tuple[str, str]]:
    """(check, detail) of where the text says something else than the gold."""
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
        detail = f"marked are {quoted(list(problem.supporting_facts))}, it follows from {quoted(derived)}"
        yield MARKED, detail


def _is_marked(problem: Problem) -> bool:
    return bool(problem.supporting) and dataset(problem.dataset).marked_by_rule


def _content(problem: Problem) -> str:
    """What makes two problems the same, whatever ids their files give them."""
    return content_id(problem.question, problem.facts, problem.gold)


def _repeated(splits: dict[str, list[Problem]]) -> Iterator[tuple[str, str, str, str]]:
    """Copies inside a split, with the places of both: ids that stand for the content are the same."""
    for split, problems in splits.items():
        first: dict[str, tuple[int, str]] = {}
        for place, problem in enumerate(problems, 1):
            earlier, name = first.setdefault(_content(problem), (place, problem.id))
            if earlier != place:
                detail = f"problems {earlier:,} and {place:,} of the split, as item {quoted(name)}"
                yield split, problem.id, "same problem twice in a split", detail


def _shared(splits: dict[str, list[Problem]]) -> Iterator[tuple[str, str, str, str]]:
    """Problems and questions of earlier splits, reported once, where they are met again."""
    problem_in: dict[str, str] = {}
    question_in: dict[str, str] = {}
    for split, problems in splits.items():
        for place, problem in enumerate(problems, 1):
            content, here = _content(problem), f"here problem {place:,}"
            if content in problem_in:
                yield split, problem.id, "same problem in two splits", f"{problem_in[content]}, {here}"
            elif problem.question in question_in:
                detail = f"{question_in[problem.question]}, {here}: {quoted(problem.question)}"
                yield split, problem.id, "same question in two splits", detail
        for place, problem in enumerate(problems, 1):
            there = f"also problem {place:,} of {split}"
            problem_in.setdefault(_content(problem), there)
            question_in.setdefault(problem.question, there)
