"""Problems, conditions and findings as lines for a terminal: with verdicts, wrapped, safe to print."""

from collections.abc import Mapping

from tracelib.core import terminal
from tracelib.core.errors import InputError, by_reason, quoted
from tracelib.core.pylist import listed
from tracelib.core.terminal import painted
from tracelib.datasets.agreement import label_fits, same_answers, same_facts
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import dataset
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.scoring.verify import verify
from tracelib.traces.conditions import target
from tracelib.traces.described import describe
from tracelib.traces.format import parse

FINDINGS = 3  # printed findings per check
MOST_FACTS = 400  # printed facts per problem; bAbI's longest story has fewer
REASONS, PLACES = 5, 3  # printed reasons for records left out, and printed places per reason
LABEL = 10  # columns of a line's label, such as "question"
COLOUR = {True: "green", False: "red", None: "yellow"}

Judged = tuple[str, bool | None, str]  # a label; right, wrong or (None) absent; the text


def problem_lines(split: str, problem: Problem) -> list[str]:
    """A problem with its gold facts marked, and whether the solver agrees with it."""
    columns = terminal.width()
    kind = f", kind {problem.kind}" if problem.kind else ""
    title = f"{problem.dataset}, {split}, problem {problem.id}{kind}"
    lines = [painted(line, "bold") for line in terminal.wrapped(title, columns)]
    lines += terminal.wrapped(problem.question, columns, "question  ")
    lines.append(f"facts     {len(problem.facts)}, {len(problem.supporting)} of them gold (*)")
    for index, fact in enumerate(problem.facts[:MOST_FACTS]):
        gold = index in problem.supporting
        shown = terminal.wrapped(fact, columns, f"{'*' if gold else ' ':>5} {index + 1:3} ")
        lines += [painted(line, "bold", "green") for line in shown] if gold else shown
    if len(problem.facts) > MOST_FACTS:
        lines.append(f"          and {len(problem.facts) - MOST_FACTS:,} more")
    lines += terminal.wrapped(listed(problem.gold), columns, "answer    ")
    lines += terminal.wrapped(problem.category, columns, "category  ")
    return lines + _judged_lines(_by_solver(problem), columns)


def condition_lines(
    problem: Problem,
    condition: str,
    seed: int,
    pool: list[Problem],
    texts: Mapping[str, Texts] | None = None,
) -> list[str]:
    """One condition: its description, its training text for a problem, and the verdicts on that text.

    `texts` are a teacher's, as in `tracelib.traces.conditions.target`.
    """
    columns = terminal.column_width()
    lines = [painted(condition, "bold"), *terminal.wrapped(describe(condition), columns)]
    if not problem.has_steps:
        unknown = "none: the problem's facts, supporting facts or category are not known"
        return lines + [painted(line, "yellow") for line in terminal.wrapped(unknown, columns)]
    try:
        text = target(problem, condition, seed, pool, texts)
    except InputError as error:  # this problem has no such trace
        return lines + [painted(line, "yellow") for line in terminal.wrapped(str(error), columns, "none: ")]
    if not text:
        return [*lines, painted("none: the teacher has no such text on this problem", "yellow")]
    lines += terminal.wrapped(text, columns, "  ")
    return lines + _judged_lines(_verdicts(problem, text), columns)


def output_lines(problem: Problem, text: str) -> list[str]:
    """A model's output to a problem, and the verdicts on it."""
    columns = terminal.width()
    return terminal.wrapped(text, columns, "written   ") + _judged_lines(_verdicts(problem, text), columns)


def finding_lines(check: str, meaning: str, found: list[tuple[str, str, str]]) -> list[str]:
    """One check of a validator: its meaning, and its first findings (split, item, detail)."""
    columns = terminal.width()
    lines = ["", f"{painted(check, 'bold')} ({len(found):,})", *terminal.wrapped(meaning, columns)]
    for split, item, detail in found[:FINDINGS]:
        lines += terminal.wrapped(f"{split} {item}: {detail}", columns, "  ")
    if len(found) > FINDINGS:
        lines.append(f"  and {len(found) - FINDINGS:,} more (--json has all)")
    return lines


def left_out_lines(errors: list[InputError]) -> list[str]:
    """Why records were left out: the first error of each kind, and how many more are alike."""
    kinds = by_reason(errors)
    lines = [f"  {terminal.one_line(str(first))}{_likewise(others)}" for first, *others in kinds[:REASONS]]
    if len(kinds) > REASONS:
        more = sum(map(len, kinds[REASONS:]))
        lines.append(f"  and {more:,} more, for {len(kinds) - REASONS:,} other reasons")
    return lines


def _likewise(others: list[InputError]) -> str:
    """How many more records were left out for the same reason, and the places of the first ones."""
    if not others:
        return ""
    places = ", ".join(terminal.one_line(error.place) for error in others[:PLACES])
    return f" (and {len(others):,} more: {places}{', ...' if len(others) > PLACES else ''})"


def _by_solver(problem: Problem) -> list[Judged]:
    """Whether the solver derives from the text the answer, category and facts that the problem states."""
    solve = dataset(problem.dataset).solve
    if solve is None:
        return [("solver", None, "none for this dataset")]
    solution = solve(problem)
    if solution.failure:
        return [("solver", None, f"no answer: {solution.failure}")]
    fitting = " or ".join(map(quoted, solution.categories))
    numbers = ", ".join(str(index + 1) for index in solution.supporting)
    return [
        _compared("solver", "answer", same_answers(problem, solution), quoted(solution.answers)),
        _compared("", "category", label_fits(problem, solution), fitting),
        _compared("", "facts", same_facts(problem, solution), numbers or "none"),
    ]


def _verdicts(problem: Problem, text: str) -> list[Judged]:
    """The verdicts on a text's steps, and on its answer by the dataset's primary metric."""
    trace = parse(text, problem.category)
    verdict = verify(problem, trace)
    answered = answer_correct(primary(problem.dataset), problem, trace)
    counted = f" (cited {verdict.cited}, gold {verdict.gold}, both {verdict.both})"
    return [
        _judged("category", trace.category, verdict.category),
        _judged("facts", trace.facts_text, verdict.retrieval, counted),
        _judged("answer", trace.answer, answered),
    ]


def _judged_lines(judged: list[Judged], columns: int) -> list[str]:
    lines = []
    for label, right, words in judged:
        shown = terminal.wrapped(words, columns - LABEL)
        labels = (label, *[""] * (len(shown) - 1))
        lines += [
            f"{label:{LABEL}}{painted(s, COLOUR[right])}" for label, s in zip(labels, shown, strict=True)
        ]
    return lines


def _compared(label: str, what: str, same: bool | None, derived: str) -> Judged:
    if same is None:
        return label, None, f"{what}: not derived"
    return label, same, f"{what}: agrees" if same else f"{what}: differs, {derived}"


def _judged(what: str, found: str | None, right: bool, detail: str = "") -> Judged:
    if found is None:
        return what, None, "absent"
    return what, right, ("right" if right else "wrong") + detail
