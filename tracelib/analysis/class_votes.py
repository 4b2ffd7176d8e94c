"""A class's votes on a class set, compared with the verifier's verdicts (`tracelib.scoring.class_set`)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.core.csv_files import read_csv
from tracelib.core.errors import InputError, quoted
from tracelib.core.fields import field
from tracelib.scoring.class_set import SIZE, STEPS, Card, cards
from tracelib.stats import association
from tracelib.stats.agreement import fleiss, kappa
from tracelib.stats.estimate import Estimate
from tracelib.stats.proportions import clustered_wilson

COLUMNS = ("voter", "set", "card", *STEPS)
WORDS = {"yes": True, "no": False, "": None}
LARGEST_SET = 10**9 - 1
JUDGES = ("class", "verifier")


class Votes(NamedTuple):
    """What a class said.

    Attributes:
        number: the number of the set.
        cards: its cards.
        table: a row per voter and card: voter, card, and a column per step (True, False, or None if the voter
            said nothing).
    """

    number: int
    cards: list[Card]
    table: pd.DataFrame


def read(path: Path) -> Votes:
    """The votes in a CSV file with the columns `COLUMNS`.

    A row without any vote is left out. `InputError` for a missing column, a card or set that is none, a word
    other than yes or no, a voter who judges a card twice, votes on two sets, or no vote at all.
    """
    rows = read_csv(path, _row)
    _check_together(rows, path)
    said = [row for row in rows if any(row[step] is not None for step in STEPS)]
    if not said:
        raise InputError("no vote in it, expected yes or no under " + ", ".join(STEPS), path)
    number = said[0]["set"]
    return Votes(number, cards(number), pd.DataFrame(said)[["voter", "card", *STEPS]])


def _check_together(rows: Sequence[dict], path: Path) -> None:
    """`InputError` if the rows are on two sets, or a voter judges a card twice."""
    lines: dict[tuple[str, int], int] = {}
    for row in rows:
        voter, card, line = row["voter"], row["card"], row["line"]
        if row["set"] != rows[0]["set"]:
            message = f"set {row['set']} after set {rows[0]['set']}, expected one set in a file"
            raise InputError(message, path, line)
        first = lines.setdefault((voter, card), line)
        if first != line:
            message = f"voter {quoted(voter)} judges card {card} again (first on line {first})"
            raise InputError(f"{message}, expected each card once", path, line)


def _row(row: dict, path: Path, line: int) -> dict:
    texts = {name: field(row, name, str, path, line).strip() for name in COLUMNS}
    if not texts["voter"]:
        raise InputError("no voter, expected a number or a made-up name", path, line)
    return {
        "voter": texts["voter"],
        "set": _number(texts, "set", 0, LARGEST_SET, path, line),
        "card": _number(texts, "card", 1, SIZE, path, line),
        **{step: _vote(texts[step], step, path, line) for step in STEPS},
        "line": line,
    }


def _number(texts: dict[str, str], name: str, least: int, most: int, path: Path, line: int) -> int:
    text = texts[name]
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
    if not least <= value <= most:
        raise InputError(f"unknown {name}, expected {least} to {most}, found {quoted(text)}", path, line)
    return value


def _vote(text: str, step: str, path: Path, line: int) -> bool | None:
    if text.lower() not in WORDS:
        raise InputError(f"column '{step}': expected yes, no or nothing, found {quoted(text)}", path, line)
    return WORDS[text.lower()]


def write_template(path: Path, number: int, voters: int) -> None:
    """A CSV file for the votes of a class: a row per voter and card, without votes."""
    rows = [(voter, number, card) for voter in range(1, voters + 1) for card in range(1, SIZE + 1)]
    table = pd.DataFrame(rows, columns=COLUMNS[:3]).reindex(columns=COLUMNS)
    table.to_csv(path, index=False, lineterminator="\n")


# --- The class and the verifier ---------------------------------------------------------------


class Comparison(NamedTuple):
    """What a class's votes say beside the verifier.

    Attributes:
        steps: a row per step: votes, agree (the share of votes that are the verifier's verdict, with an
            interval clustered on the voter), same (cards on which the class's majority agrees with the
            verifier), decided (cards with a majority), cohen (kappa of majority and verifier), fleiss (kappa
            among the voters).
        by_card: a row per card: card, and for each step the number of yes votes and of votes, the majority
            (None for a tie or without votes), and the verifier's verdict.
        tallies: for ``class`` and ``verifier`` the counts of cards by trace and answer, in the order of
            `tracelib.stats.association.two_by_two`. The class's are its majorities; a card without a majority
            on each step and the answer is not in its tally.
        rates: for each of them the joint and conditional rates.
    """

    steps: pd.DataFrame
    by_card: pd.DataFrame
    tallies: dict[str, tuple[int, int, int, int]]
    rates: dict[str, dict[str, Estimate]]


def compare(votes: Votes) -> Comparison:
    """The class's votes beside the verifier's verdicts."""
    by_card = pd.DataFrame([_of_card(card, votes.table) for card in votes.cards])
    tallies = {judge: _tally(by_card, judge) for judge in JUDGES}
    return Comparison(
        pd.DataFrame([_of_step(step, by_card, votes) for step in STEPS]),
        by_card,
        tallies,
        {judge: association.two_by_two(*counts) for judge, counts in tallies.items()},
    )


def _of_card(card: Card, table: pd.DataFrame) -> dict:
    own = table[table["card"] == card.number]
    row: dict[str, object] = {"card": card.number}
    for step, right in card.right.items():
        said = own[step].dropna()
        yes, all_votes = int(said.sum()), len(said)
        majority = None if 2 * yes == all_votes else 2 * yes > all_votes
        row |= {f"{step}_yes": yes, f"{step}_votes": all_votes}
        row |= {f"{step}_class": majority, f"{step}_verifier": right}
    return row


def _of_step(step: str, by_card: pd.DataFrame, votes: Votes) -> dict:
    right = {card.number: card.right[step] for card in votes.cards}
    said = votes.table.dropna(subset=[step])
    agreeing = (said[step] == said["card"].map(right)).groupby(said["voter"])
    decided = by_card.dropna(subset=[f"{step}_class"])
    majority, verifier = (decided[f"{step}_{judge}"].astype(bool) for judge in ("class", "verifier"))
    return {
        "step": step,
        "votes": len(said),
        "agree": clustered_wilson(agreeing.sum(), agreeing.size()),
        "same": int((majority == verifier).sum()),
        "decided": len(decided),
        "cohen": kappa(majority, verifier),
        "fleiss": fleiss(by_card[f"{step}_yes"], by_card[f"{step}_votes"]),
    }


def _tally(by_card: pd.DataFrame, judge: str) -> tuple[int, int, int, int]:
    """Counts of cards by trace and answer, as this judge takes them."""
    columns = [f"{step}_{judge}" for step in STEPS]
    step1, step2, answer = by_card.dropna(subset=columns)[columns].astype(bool).to_numpy().T
    trace = step1 & step2
    cells = (trace & answer, trace & ~answer, ~trace & answer, ~trace & ~answer)
    return tuple(int(cell.sum()) for cell in cells)
