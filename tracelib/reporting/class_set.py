"""A class set as pages to print, and the page that compares a class's votes with the verifier."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from tracelib.analysis.class_votes import Comparison, Votes, write_template
from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError
from tracelib.reporting import templating
from tracelib.reporting.document import Section, Table
from tracelib.reporting.writing import several
from tracelib.scoring.class_set import RELATIONS, SIZE, STEPS, cards
from tracelib.stats import as_text
from tracelib.stats.estimate import Estimate

PAGES = {"sheet.html": "sheet", "cards.html": "cards", "key.html": "key"}  # file -> what it shows
VOTES = "votes.csv"
TITLE = "The class and the verifier"
SHORT = {"step1": "step 1", "step2": "step 2", "answer": "answer"}
WORDS = {True: "yes", False: "no", None: "tie"}
CELLS = ("both right", "only the trace", "only the answer", "both wrong")
RATES = {
    "joint": "trace and answer right, of all",
    "given_right": "answer right, of right traces",
    "given_wrong": "answer right, of wrong traces",
}


def page(number: int, shows: str) -> str:
    """A set as one HTML page that prints well, loads nothing and runs nothing.

    Args:
        number: the number of the set.
        shows: ``sheet`` (the rules, and every card with boxes to tick), ``cards`` (to cut out), or ``key``
            (the gold, the verdicts, and what each card is for).
    """
    shown = cards(number)
    return templating.render(
        "class_set.html", cards=shown, number=number, shows=shows, steps=STEPS, relations=RELATIONS
    )


def write(folder: Path, number: int, voters: int) -> list[Path]:
    """Write the pages of a set and a file for the votes into a new folder, all or nothing.

    Returns:
        The files. `InputError` if there is something of the folder's name already.
    """
    folder = Path(folder)
    if folder.exists():
        raise InputError("is there already, expected a new folder", folder)
    with written_beside(folder) as beside:
        beside.mkdir()
        for name, shows in PAGES.items():
            (beside / name).write_text(page(number, shows), encoding="utf-8")
        write_template(beside / VOTES, number, voters)
    return [folder / name for name in (*PAGES, VOTES)]


# --- The comparison ---------------------------------------------------------------------------


def steps_table(found: Comparison) -> pd.DataFrame:
    """A row per step: agreement with the verifier, and among the voters."""
    return pd.DataFrame(
        {
            "judged": SHORT[row.step],
            "votes": row.votes,
            "as the verifier, %": as_text.percent(row.agree),
            "majority as the verifier": f"{row.same} of {row.decided} cards",
            "kappa, majority and verifier": as_text.plain(row.cohen),
            "kappa, among voters": as_text.plain(row.fleiss),
        }
        for row in found.steps.itertuples()
    )


def cards_table(found: Comparison) -> pd.DataFrame:
    """A row per card: for each step how many of the votes are a yes, and the verifier's verdict."""
    return pd.DataFrame(
        {"card": row["card"]} | {name: _beside(row, step) for step, name in SHORT.items()}
        for row in found.by_card.to_dict("records")
    )


def _beside(row: dict, step: str) -> str:
    yes, votes, verifier = (row[f"{step}_{what}"] for what in ("yes", "votes", "verifier"))
    majority = row[f"{step}_class"]
    differs = "" if majority == verifier else " (tie)" if majority is None else " (differs)"
    return f"yes {yes} of {votes}, verifier {WORDS[verifier]}{differs if votes else ''}"


def tally_table(found: Comparison) -> pd.DataFrame:
    """The cards by trace and answer, and the three rates, for the class and for the verifier."""
    rows = []
    for judge, counts in found.tallies.items():
        rates = {name: _rate(found.rates[judge][key]) for key, name in RATES.items()}
        rows.append({"judge": judge, **dict(zip(CELLS, counts, strict=True)), **rates})
    return pd.DataFrame(rows)


def _rate(row: Estimate) -> str:
    return f"{as_text.percent(row)} of {row['n']}"


def headline(votes: Votes, found: Comparison) -> list[str]:
    """What a lecturer says first: how often the votes are the verifier's, and the class's own rates."""
    agreed = (f"{SHORT[row.step]} {as_text.percent(row.agree)}" for row in found.steps.itertuples())
    own = {name: _share(row) for name, row in found.rates["class"].items() if name in RATES}
    said = [
        f"{several(votes.table['voter'].nunique(), 'voter')}, set {votes.number}. Percent of the votes "
        f"that are the verifier's verdict: {'; '.join(agreed)}.",
        f"By the class's own tally trace and answer are right on {own['joint']} cards. Of the cards with a "
        f"right trace the answer is right on {own['given_right']}; with a wrong trace, on "
        f"{own['given_wrong']}.",
    ]
    if left_out := SIZE - found.rates["class"]["joint"]["n"]:
        said.append(f"Left out of the tally, because a step or the answer has no majority: {left_out}.")
    return said


def _share(row: Estimate) -> str:
    return "none of 0" if not row["n"] else f"{round(row['estimate'] * row['n'])} of {row['n']}"


HOW_TO_READ = (
    "Everything on the cards is simulated: rules made the traces and the answers. The rates of the cards "
    "are the set's design and say nothing about a model.",
    "As the verifier: the share of votes that are the verifier's verdict. The 95% Wilson interval is for "
    "another class on the same cards; the votes of one voter depend on each other.",
    "Kappa is agreement beyond what habits give: 0 is chance, 1 is full agreement, a dash stands where it "
    "cannot be computed. Majority and verifier: Cohen's, on the cards with a majority. Among voters: "
    "Fleiss', with a jackknife interval over the cards.",
    "The tally takes the class's majority on each step; a trace is right if both steps are. The intervals "
    "of the rates are Wilson's. They are wide, because ten cards say little.",
    "Where class and verifier differ, look at the key. The verifier compares with the gold, word for word. "
    "What good reasoning is, it does not know.",
)


def sections(votes: Votes, found: Comparison) -> list[Section]:
    """The sections of the page that compares a class with the verifier."""
    return [
        Section("In short", headline(votes, found)),
        Section("Step by step", [], [Table("Votes beside the verifier's verdicts", steps_table(found))]),
        Section("Trace and answer", [], [Table("Cards, and percent with 95% intervals", tally_table(found))]),
        Section("Card by card", [], [Table("How many said yes", cards_table(found))]),
        Section("How to read this", HOW_TO_READ),
    ]


def lines(files: Iterable[Path]) -> list[str]:
    """What each written file is for."""
    purposes = ("for everybody: the rules and the cards", "to cut out and sort on a table")
    purposes += ("for you: gold, verdicts, what each card is for", "for the votes")
    return [f"{path}  {purpose}" for path, purpose in zip(files, purposes, strict=True)]
