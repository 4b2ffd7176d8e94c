"""What a dataset is to the rest of the library: its words, readers, solver and twin.

Each dataset declares itself in ``tracelib/datasets/NAME/dataset.py``, and `tracelib.datasets.registry` lists
them. Every field but the name has a default, and the defaults together are somebody's own dataset, of which
only the name is known.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracelib.core.files import InputError
from tracelib.core.pylist import listed
from tracelib.core.texts import folded
from tracelib.datasets.problem import Facts, Problem
from tracelib.datasets.solution import Solution

DATES = ("year", "month", "day")  # how finely a twin can write dates, the coarsest first
TWIN = "-twin"  # ends the name of a dataset's twin

Row = Callable[[dict, str, int], Iterable[Problem]]  # (row, where, number from 1) -> its problems


@dataclass(frozen=True)
class HubTable:
    """Problems on the Hugging Face hub.

    Attributes:
        name: what people call them: ``hub:NAME``.
        splits: the splits that have answers.
        parts: of a split the tables that make it up: where each is (for errors), the arguments of
            ``datasets.load_dataset``, and how a row is read.
        run_on: the splits that runs train on and test; none where the paper's release has the problems.
    """

    name: str
    splits: tuple[str, ...]
    parts: Callable[[str], Iterator[tuple[str, dict, Row]]]
    run_on: tuple[str, str] | None = None


@dataclass(frozen=True)
class Rewriting:
    """How facts are rewritten, so that another answer follows from them.

    Attributes:
        answers: the different gold answers of a problem, one name each.
        as_gold: names as a problem's gold answers.
        restated: a fact of the problem in which names stand in the place of others, old to new.
        alike: the other names in the context that could stand in an answer's place.
        written: an invented word, as the dataset writes names.
    """

    answers: Callable[[Problem], list[str]]
    as_gold: Callable[[Sequence[str]], tuple[str, ...]]
    restated: Callable[[Problem, str, Mapping[str, str]], str]
    alike: Callable[[Problem, str], list[str]] = lambda problem, answer: []
    written: Callable[[str], str] = str


def bare_or_listed(facts: Facts) -> str:
    """One fact as it is, several as a printed list."""
    return facts[0] if len(facts) == 1 else listed(facts)


def same_set(problem: Problem, solution: Solution) -> bool:
    """Whether the derived answers are the gold ones, in any order."""
    return set(map(folded, problem.gold)) == set(map(folded, solution.answers))


@dataclass(frozen=True)
class Dataset:
    """One dataset. All but the name may be left out.

    Attributes:
        name: in lower case, as files and commands have it.
        title: as people write it.
        categories: the labels that the first step of a trace chooses from.
        any_category: whether a problem may have another category than these.
        labels_of: the labels that a problem's wrong category is drawn from, where it is not all of them.

        category_sentence: leads to the label in a trace.
        facts_sentence: leads to the cited facts.
        fact: what people call a fact.
        facts_text: the facts as text, as a prompt shows them.
        question_end: stands between the question and what is asked for.
        needs_all: whether an answer has to have all of the gold answers, or any of them.
        several: how a prompt asks for several answers.
        wrong_facts: those that the paper's incorrect trace cites, of as many wrong ones as are gold.
        wrong_text: these as text.

        metrics: names in `tracelib.scoring.metrics.JUDGES`, the primary one first.
        solve: derives a problem's answers from its text; none where no rules can.
        marked_by_rule: whether `solve` also marks supporting facts by the rule of the published files.
        same_answers: whether derived answers are a problem's gold ones.
        given: the answers that cited facts give by themselves.
        candidates: all answers of the kind that a question asks for, right or wrong.
        subject: whom or what a problem asks about. Folds keep the problems of a subject together.
        granularity: how finely the dates are written that decide a problem.
        in_context: the gold answers that some fact should contain word for word.
        rewriting: how facts are given another answer; none where that cannot be done.

        read: the problems of a published file; strict, or lenient with a list that takes the errors.
        is_file: whether a published file is this dataset's, by its path and the fields of its records.
        files: examples of the files' names.
        support: derives the supporting facts from facts and gold; none where records have to say them.
        kind_field: the field of a record that holds the question type.
        is_released: whether the paper's release has the problems that its models were trained on.
        hub: where the Hugging Face hub has problems.

        generate: problems of the twin: (count, seed, facts in each, finest dates).
        sizes: the fewest and the most facts in a problem of the twin.
    """

    name: str
    title: str = ""
    categories: tuple[str, ...] = ()
    any_category: bool = False
    labels_of: Callable[[Problem], tuple[str, ...]] | None = None

    category_sentence: str = (
        "The category of the question represents what is being asked in that question. "
        "The category of the question asked is: "
    )
    facts_sentence: str = "I need to use the following text to answer the question: "
    fact: str = "fact"
    facts_text: Callable[[Facts], str] = listed
    question_end: str = " "
    needs_all: bool = False
    several: str = ""
    wrong_facts: Callable[[Facts], Facts] = lambda facts: facts[:1]
    wrong_text: Callable[[Facts], str] = bare_or_listed

    metrics: tuple[str, ...] = ("exact", "strict")
    solve: Callable[[Problem], Solution] | None = None
    marked_by_rule: bool = False
    same_answers: Callable[[Problem, Solution], bool] = same_set
    given: Callable[[Problem, Sequence[str]], tuple[str, ...]] = lambda problem, cited: ()
    candidates: Callable[[Problem], tuple[str, ...]] = lambda problem: ()
    subject: Callable[[Problem], str | None] | None = None
    granularity: Callable[[Problem], str] = lambda problem: ""
    in_context: Callable[[Problem], Sequence[str]] = lambda problem: problem.gold
    rewriting: Rewriting | None = None

    read: Callable[[Path, list[InputError] | None], list[Problem]] | None = None
    is_file: Callable[[Path, Collection[str]], bool] = lambda path, fields: False
    files: str = ""
    support: Callable[[Facts, Facts], tuple[int, ...]] | None = None
    kind_field: str = ""
    is_released: bool = False
    hub: tuple[HubTable, ...] = ()

    generate: Callable[[int, int, int, str], list[Problem]] | None = None
    sizes: tuple[int, int] = (1, 1)

    @property
    def is_real(self) -> bool:
        """Whether runs can train on its own problems, not only on its twin's."""
        return self.is_released or any(table.run_on for table in self.hub)

    def labels(self, problem: Problem) -> tuple[str, ...]:
        """The labels that the problem's wrong category is drawn from; its own is one of them."""
        return self.labels_of(problem) if self.labels_of else self.categories

    def subject_of(self, problem: Problem) -> str | None:
        """Whom or what the problem asks about; None where that is not known."""
        return self.subject(problem) if self.subject else None
