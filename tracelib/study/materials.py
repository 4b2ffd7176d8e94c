"""What participants see: problems, the texts of their traces, and answers that are right or wrong.

A kind of trace in a study file names its text:

- a condition of `tracelib.traces.conditions`: a rule makes the trace from the problem;
- ``r1_trace``, ``r1_trace_summary``, ``r1_explanation``: `tracelib.study.r1` has it (source ``r1``);
- with a source ``outputs:FILE``, a condition in that file of model outputs (the audit's format).

The sides of an answer that may be accepted are made by rules too, the same for a right and a wrong one: the
trace and the explanation of a wrong answer cite facts that give this answer. With ``outputs:FILE``, the
answers and traces are the models' own.
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tracelib.core.errors import InputError, quoted
from tracelib.core.texts import normal
from tracelib.datasets import sources
from tracelib.datasets.dataset import TWIN
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import TEACHERS, dataset
from tracelib.scoring import outputs
from tracelib.scoring.metrics import answer_correct, primary
from tracelib.study import r1
from tracelib.study.config import Study
from tracelib.traces import conditions
from tracelib.traces.answers import parts
from tracelib.traces.format import parse

R1, OUTPUTS = "r1", "outputs:"
SIMULATED = {  # what stands in for R1's texts in a preview
    "r1_trace": "simulated-r1",
    "r1_trace_summary": "simulated-summary",
    "r1_explanation": "simulated-explanation",
}
GENERATED = TEACHERS[R1] + TWIN  # stands in for R1's problems in a preview
SPARE = 4  # problems that are generated for each that is needed: not every problem has a wrong answer
EXPLANATION = "simulated-explanation"
Pool = Sequence[Problem]  # all problems of the source, for wrong answers


@dataclass(frozen=True)
class Rated:
    """A problem whose traces are rated.

    Attributes:
        id: the problem's.
        answer: the correct answer, with which every trace was trained.
        options: possible answers, the right one first; empty if there is no comprehension question.
        texts: the trace by kind.
    """

    id: str
    question: str
    facts: tuple[str, ...]
    answer: str
    options: tuple[str, ...]
    texts: dict[str, str]


@dataclass(frozen=True)
class Side:
    """An answer, and what speaks for it. Empty texts are those that the source does not have."""

    answer: str
    trace: str
    explanation: str


@dataclass(frozen=True)
class Judged:
    """A problem with a right and a wrong answer, of which a participant sees one."""

    id: str
    question: str
    facts: tuple[str, ...]
    right: Side
    wrong: Side


@dataclass(frozen=True)
class Materials:
    """The materials of a study, drawn once. `origin` says where they come from."""

    rated: tuple[Rated, ...]
    judged: tuple[Judged, ...]
    origin: str

    def to_json(self) -> str:
        """The materials as one JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Materials":
        """The materials from a text of `to_json`."""
        value = json.loads(text)
        rated = (Rated(**{**entry, **_tupled(entry, "facts", "options")}) for entry in value["rated"])
        judged = (
            Judged(
                **{
                    **entry,
                    **_tupled(entry, "facts"),
                    **{side: Side(**entry[side]) for side in ("right", "wrong")},
                }
            )
            for entry in value["judged"]
        )
        return cls(tuple(rated), tuple(judged), value["origin"])


def _tupled(entry: dict, *names: str) -> dict:
    return {name: tuple(entry[name]) for name in names}


def draw(study: Study, folder: Path = Path()) -> Materials:
    """The materials of a study, drawn with its seed; no problem is both rated and judged.

    Args:
        folder: where the study's file is; the paths in it start there.

    Raises:
        InputError: the source is unknown or cannot be had, a text is unknown, or there are too few problems.
    """
    source = study.materials.source
    if source.startswith(OUTPUTS):
        return _of_outputs(study, folder / source.removeprefix(OUTPUTS))
    if source == R1:
        answered, origin = r1.load()
    else:
        answered, origin = _of_problems(study, source, folder)
    _check_texts(study, {*conditions.CONDITIONS, *(r1.TEXTS if source == R1 else ())})
    rng = random.Random(f"materials/{study.materials.seed}")
    rng.shuffle(answered)
    pool = [problem for problem, _ in answered]
    rated: list[Rated] = []
    judged: list[Judged] = []
    for problem, texts in answered:
        if study.ratings and len(rated) < study.ratings.problems:
            if made := _rated(study, problem, texts, pool, rng):
                rated.append(made)
        elif (
            study.trust
            and len(judged) < study.trust.problems
            and (pair := _judged(study, problem, pool, rng))
        ):
            judged.append(pair)
    return _enough(study, rated, judged, origin)


def previewed(study: Study, folder: Path = Path()) -> tuple[Study, Materials, str]:
    """A study with materials, and why R1's texts are not among them, if they should be.

    Without R1's texts, generated problems with simulated texts stand in.
    """
    try:
        return study, draw(study, folder), ""
    except InputError as error:
        if study.materials.source != R1:
            raise
        study = simulated(study)
        return study, draw(study), str(error)


def simulated(study: Study) -> Study:
    """The study with generated problems, and simulated texts in the place of R1's."""
    kinds = {
        name: kind.model_copy(update={"text": SIMULATED[kind.text], "label": f"simulated: {kind.label}"})
        if kind.text in SIMULATED
        else kind
        for name, kind in (study.ratings.kinds.items() if study.ratings else ())
    }
    ratings = study.ratings and study.ratings.model_copy(update={"kinds": kinds})
    generated = study.materials.model_copy(update={"source": GENERATED})
    return study.model_copy(update={"materials": generated, "ratings": ratings})


def _of_problems(study: Study, source: str, folder: Path) -> tuple[list[r1.Answered], str]:
    needed = sum(part.problems for part in (study.ratings, study.trust) if part)
    place = str(folder / source) if source.endswith(sources.SUFFIXES) else source
    given = study.materials
    splits = sources.load(place, max(SPARE * needed, 40), given.seed, given.facts)
    problems = [problem for split in splits.values() for problem in split]
    return [r1.Answered(problem, {}) for problem in problems], f"problems of {source}, traces made by rules"


def _check_texts(study: Study, known: set[str]) -> None:
    for name, kind in study.ratings.kinds.items() if study.ratings else ():
        if kind.text not in known:
            expected = f"expected one of {', '.join(sorted(known))}"
            raise InputError(f"'ratings.kinds.{name}.text': no text {quoted(kind.text)}, {expected}")


def _enough(study: Study, rated: Sequence[Rated], judged: Sequence[Judged], origin: str) -> Materials:
    for name, part, found in (("ratings", study.ratings, rated), ("trust", study.trust, judged)):
        if part and len(found) < part.problems:
            fit = f"{len(found)} problems of {study.materials.source} have all that is shown"
            raise InputError(f"'{name}.problems' is {part.problems}, but only {fit}")
    return Materials(tuple(rated), tuple(judged), origin)


# --- Traces that are rated --------------------------------------------------------------------


def _rated(
    study: Study, problem: Problem, texts: dict[str, str], pool: Pool, rng: random.Random
) -> Rated | None:
    """The problem with its traces and options; None if it lacks one of them."""
    seed = study.materials.seed
    shown = {}
    for name, kind in study.ratings.kinds.items():
        text = texts.get(kind.text) if kind.text in r1.TEXTS else trace_of(problem, kind.text, seed)
        if not text:
            return None
        shown[name] = text.strip()
    options = _options(study, problem, pool, rng)
    if options is None:
        return None
    return Rated(problem.id, problem.question, problem.facts, as_answer(problem.gold), options, shown)


def _options(study: Study, problem: Problem, pool: Pool, rng: random.Random) -> tuple[str, ...] | None:
    """The right answer, then wrong ones with as many names; None if there is no wrong one."""
    if not study.comprehension:
        return ()
    gold, names = set(problem.gold), [*wrong_names(problem, pool), *problem.gold]
    wrong: dict[frozenset, str] = {}
    for _ in range(20 * study.comprehension.options):  # different ones, as far as there are any
        drawn = rng.sample(names, len(problem.gold))
        if not gold.issuperset(drawn) and len(wrong) < study.comprehension.options - 1:
            wrong.setdefault(frozenset(drawn), as_answer(drawn))
    return (as_answer(problem.gold), *wrong.values()) if wrong else None


def wrong_names(problem: Problem, pool: Iterable[Problem]) -> list[str]:
    """Names that could be taken for an answer: those of the kind asked for in the context, without gold.

    If the dataset does not tell the kind of names, they are the answers to the other problems of this
    category: those that the context has, else all.
    """
    gold, context = set(map(normal, problem.gold)), "\n".join(problem.facts)
    found = list(dataset(problem.dataset).candidates(problem))
    found = found or [name for other in pool if other.category == problem.category for name in other.gold]
    wrong = [name for name in dict.fromkeys(found) if normal(name) not in gold]
    return [name for name in wrong if name in context] or wrong


def as_answer(names: Sequence[str]) -> str:
    """Several names as one answer."""
    return ", ".join(names)


def trace_of(problem: Problem, condition: str, seed: int) -> str:
    """The trace of a condition without its tags and its answer."""
    return shown_part(conditions.target(problem, condition, seed))


def shown_part(text: str) -> str:
    """What a generated text says before its answer: its thoughts, or else all without the answer's tag."""
    split = parts(text)
    thoughts = "\n\n".join(thought.strip() for thought in split.thoughts if thought.strip())
    return thoughts or text.partition("<answer>")[0].strip()


# --- Answers that are accepted or rejected ----------------------------------------------------


def _judged(study: Study, problem: Problem, pool: Pool, rng: random.Random) -> Judged | None:
    """The problem with a right answer and a wrong one that a fact gives; None if no fact gives a wrong one.

    Both are one name, so that the number of names is no sign of a right answer.
    """
    names = wrong_names(problem, pool)
    if not names or not problem.has_steps or len(problem.gold) > 1:
        return None
    name = rng.choice(names)
    given = dataset(problem.dataset).given
    citing = [at for at, fact in enumerate(problem.facts) if name in given(problem, [fact])]
    citing = [at for at in citing if at not in problem.supporting]
    if not citing:
        return None
    other = replace(problem, gold=(name,), supporting=tuple(citing))
    seed = study.materials.seed
    return Judged(
        problem.id, problem.question, problem.facts, *(_side(each, seed) for each in (problem, other))
    )


def _side(problem: Problem, seed: int) -> Side:
    return Side(
        as_answer(problem.gold), trace_of(problem, "correct", seed), trace_of(problem, EXPLANATION, seed)
    )


# --- From a file of outputs -------------------------------------------------------------------


def _of_outputs(study: Study, path: Path) -> Materials:
    """The materials from a file of model outputs."""
    by_problem: dict[str, list[outputs.Output]] = {}
    for output in outputs.read(path):
        by_problem.setdefault(output.problem.content, []).append(output)
    known = {output.condition for found in by_problem.values() for output in found}
    _check_texts(study, known)
    if study.trust and not {"explanation", "both"}.isdisjoint(study.trust.arms):
        raise InputError(
            f"'trust.arms': outputs have no explanations, expected none and trace, with {OUTPUTS}FILE"
        )
    rng = random.Random(f"materials/{study.materials.seed}")
    groups = list(by_problem.values())
    rng.shuffle(groups)
    pool = [group[0].problem for group in groups]
    rated: list[Rated] = []
    judged: list[Judged] = []
    for group in groups:
        if study.ratings and len(rated) < study.ratings.problems:
            if made := _rated_outputs(study, group, pool, rng):
                rated.append(made)
        elif study.trust and len(judged) < study.trust.problems and (pair := _judged_outputs(group)):
            judged.append(pair)
    return _enough(study, rated, judged, f"outputs of models in {path.name}")


def _rated_outputs(study: Study, group: list[outputs.Output], pool: Pool, rng: random.Random) -> Rated | None:
    problem = group[0].problem
    written = {output.condition: shown_part(output.prediction) for output in group}
    shown = {name: written.get(kind.text, "") for name, kind in study.ratings.kinds.items()}
    options = _options(study, problem, pool, rng)
    if options is None or not all(shown.values()):
        return None
    return Rated(problem.id, problem.question, problem.facts, as_answer(problem.gold), options, shown)


def _judged_outputs(group: list[outputs.Output]) -> Judged | None:
    """A right and a wrong output of one problem; None if there are not both."""
    problem = group[0].problem
    right = _first(group, lambda truth: truth)
    wrong = _first(group, lambda truth: not truth)
    if right is None or wrong is None:
        return None
    return Judged(problem.id, problem.question, problem.facts, right, wrong)


def _first(group: list[outputs.Output], wanted: Callable[[bool], bool]) -> Side | None:
    for output in group:
        trace = parse(output.prediction)
        text = shown_part(output.prediction)
        truth = answer_correct(primary(output.problem.dataset), output.problem, trace)
        if trace.answer and text and wanted(truth):
            return Side(trace.answer, text, "")
    return None
