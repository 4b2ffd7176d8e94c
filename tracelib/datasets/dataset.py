"""A dataset as the rest of the library sees it: its words, readers, solver and twin.

Each dataset declares itself in ``tracelib/datasets/NAME/dataset.py``, and `tracelib.datasets.registry` lists
them. Every field but the name has a default. A user's own dataset has the defaults alone, because nothing
but its name is known.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracelib.core.errors import InputError
from tracelib.core.pylist import listed
from tracelib.core.texts import folded
from tracelib.datasets.problem import Facts, Problem
from tracelib.datasets.solution import Solution

DATES = ("year", "month", "day")  # the granularities in which a twin can write dates, coarsest first
TWIN = "-twin"  # the suffix of a twin's name

Row = Callable[[dict, str, int], Iterable[Problem]]  # (row, where, number from 1) -> its problems


@dataclass(frozen=True)
class HubTable:
    """A table of problems on the Hugging Face hub.

    Attributes:
        name: commands call the table ``hub:NAME``.
        splits: the splits that have answers.
        parts: the parts that make up a split. Each is a place (for errors), the arguments of
            ``datasets.load_dataset``, and the function that reads a row.
        run_on: the splits that runs train on and test; None where the paper's release has the problems.
    """

    name: str
    splits: tuple[str, ...]
    parts: Callable[[str], Iterator[tuple[str, dict, Row]]]
    run_on: tuple[str, str] | None = None


@dataclass(frozen=True)
class Rewriting:
    """The functions that rewrite facts so that another answer follows from them.

    Attributes:
        answers: gives the distinct gold answers of a problem, one name each.
        as_gold: turns names into a problem's gold answers.
        restated: replaces names in a fact of the problem, by a mapping from old names to new ones.
        alike: gives the other names in the context that could replace an answer.
        written: writes an invented word as the dataset writes names.
    """

    answers: Callable[[Problem], list[str]]
    as_gold: Callable[[Sequence[str]], tuple[str, ...]]
    restated: Callable[[Problem, str, Mapping[str, str]], str]
    alike: Callable[[Problem, str], list[str]] = lambda problem, answer: []
    written: Callable[[str], str] = str


def bare_or_listed(facts: Facts) -> str:
    """One fact as it is; several facts as a printed list."""
    return facts[0] if len(facts) == 1 else listed(facts)


def same_set(problem: Problem, solution: Solution) -> bool:
    """Whether the derived answers are the gold ones, in any order."""
    return set(map(folded, problem.gold)) == set(map(folded, solution.answers))


@dataclass(frozen=True)
class Dataset:
    """One dataset. Every field but the name may be left out.

    Attributes:
        name: the name in files and commands, in lower case.
        title: the name in prose.
        categories: the labels from which the first step of a trace chooses.
        any_category: whether problems may have other categories too.
        labels_of: gives the labels from which a problem's wrong category is drawn; None: all categories.

        category_sentence: introduces the label in a trace.
        facts_sentence: introduces the cited facts in a trace.
        fact: the dataset's word for a fact, such as "passage".
        facts_text: writes the facts as a prompt shows them.
        question_end: separates the question of a prompt from the request that follows it.
        needs_all: whether an answer must give all gold answers; if not, any one of them is enough.
        several: the words in which a prompt asks for several answers.
        wrong_facts: chooses which wrong facts the paper's incorrect trace cites. It gets as many wrong
            facts as there are gold ones, or all if there are fewer.
        wrong_text: writes the chosen facts as text.

        metrics: names of judges in `tracelib.scoring.metrics.JUDGES`, the primary one first.
        solve: derives a problem's answers from its text; None where no rules can.
        marked_by_rule: whether `solve` also marks supporting facts by the rule of the published files.
        same_answers: tells whether derived answers are a problem's gold ones.
        given: gives the answers that cited facts give by themselves.
        candidates: gives all answers of the kind that a question asks for, right or wrong.
        subject: gives the person or thing that a problem asks about. A fold has all problems of a subject.
        granularity: gives the granularity of the dates that decide a problem.
        in_context: gives the gold answers that some fact should contain word for word.
        rewriting: rewrites facts so that they give another answer; None where that cannot be done.

        read: reads the problems of a published file: strictly, or leniently with a list for the errors.
        is_file: tells by path and fields of the records whether a published file is this dataset's.
        files: examples of file names.
        support: derives the supporting facts from facts and gold; None where records must state them.
        kind_field: the field of a record that holds the question type.
        is_released: whether the paper's release has the problems that its models were trained on.
        hub: the tables of problems on the Hugging Face hub.
        credit: what the licence asks to be said where problems are shown; empty if they may not be shown.

        generate: generates problems of the twin, given their count, the seed, the facts in each problem
            and the finest granularity of dates.
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
    credit: str = ""

    generate: Callable[[int, int, int, str], list[Problem]] | None = None
    sizes: tuple[int, int] = (1, 1)

    @property
    def is_real(self) -> bool:
        """Whether runs can train on the dataset's own problems, not only on its twin's."""
        return self.is_released or any(table.run_on for table in self.hub)

    def labels(self, problem: Problem) -> tuple[str, ...]:
        """The labels from which the problem's wrong category is drawn; its own label is one of them."""
        return self.labels_of(problem) if self.labels_of else self.categories

    def subject_of(self, problem: Problem) -> str | None:
        """The person or thing that the problem asks about; None where it is not known."""
        return self.subject(problem) if self.subject else None
