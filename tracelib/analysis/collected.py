"""The collected data of a study with people: read the tables of an export, check them, apply the exclusions.

``tracelib study export`` writes the tables as CSV files into a folder. Of these, ``answers.csv`` and
``participants.csv`` are needed; ``study.json`` has wording, anchors and labels.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from tracelib.core.csv_files import read_csv
from tracelib.core.errors import InputError, quoted
from tracelib.core.frames import where
from tracelib.core.reading import read_text

PARTS = ("ratings", "trust")
STATES = ("finished", "unfinished", "withdrawn")
TRUTH = {"True": True, "False": False, "": None}
ACCEPT, CONFIDENCE = "accept", "confidence"  # the questions of the trust part
RATINGS = ("participant", "page", "problem", "kind", "words", "question", "measures", "rating")
DECISIONS = ("participant", "page", "problem", "arm", "answer_right", "accepted", "confidence")


@dataclass(frozen=True)
class Wording:
    """How a study's file words things; everything is empty if it is not known.

    Attributes:
        labels: construct or kind of trace -> its name in figures.
        arms: what stood beside an answer -> its name in figures.
        anchors: construct -> the words for its ratings, from the lowest.
        questions: columns construct, question (its wording), answers (from the lowest), turned (whether a
            high answer means little).
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    arms: Mapping[str, str] = field(default_factory=dict)
    anchors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    questions: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Collected:
    """The data of a study.

    Attributes:
        ratings: a row per rated question, columns `RATINGS`. A rating is turned so that high is much.
        decisions: a row per decision on an answer, columns `DECISIONS`; confidence is missing if not asked.
        participants: participant, state (of `STATES`), excluded (the rule, or empty).
        wording: names, questions and anchors.
        simulated: whether nobody answered.
    """

    ratings: pd.DataFrame
    decisions: pd.DataFrame
    participants: pd.DataFrame
    wording: Wording = field(default_factory=Wording)
    simulated: bool = False

    def included(self) -> "Collected":
        """The data of participants who have finished and are not excluded."""
        return self._of(where(self.participants, state="finished", excluded="")["participant"])

    def finished(self) -> "Collected":
        """The data of participants who have finished, excluded or not."""
        return self._of(where(self.participants, state="finished")["participant"])

    def _of(self, kept: pd.Series) -> "Collected":
        return replace(
            self,
            ratings=self.ratings[self.ratings["participant"].isin(kept)],
            decisions=self.decisions[self.decisions["participant"].isin(kept)],
        )

    def counts(self) -> pd.DataFrame:
        """How many participants are left out and why: columns reason, participants."""
        out = where(self.participants, state=STATES[1:])
        finished = where(self.participants, state="finished")
        reasons = [*out["state"], *finished["excluded"].replace("", "included")]
        found = pd.Series(reasons, dtype=object).value_counts()
        return found.rename_axis("reason").reset_index(name="participants")


def read(folder: Path) -> Collected:
    """Read the tables of an export.

    Raises:
        InputError: a file, a column or a value is missing or wrong, an answer stands twice, or its
            participant is not in the table of participants. The message names file and line.
    """
    folder = Path(folder)
    people = read_csv(folder / "participants.csv", _participant)
    known = {row["participant"] for row in people}
    seen: dict[tuple, int] = {}

    def answer(row: dict, path: Path, line: int) -> dict:
        found = _answer(row, path, line)
        if found["participant"] not in known:
            who = quoted(found["participant"])
            raise InputError(f"participant {who}, expected one of participants.csv", path, line)
        key = (found["participant"], found["page"], found["question"])
        if key in seen:
            raise InputError(f"this answer stands in line {seen[key]} already", path, line)
        seen[key] = line
        return found

    rows = read_csv(folder / "answers.csv", answer)
    study = folder / "study.json"
    return Collected(
        _ratings(rows),
        _decisions(rows),
        pd.DataFrame(people, columns=["participant", "state", "excluded"]),
        _wording(study) if study.exists() else Wording(),
    )


def _ratings(rows: list[dict]) -> pd.DataFrame:
    rated = [row | {"rating": row["score"]} for row in rows if row["measures"]]
    return pd.DataFrame(rated, columns=list(RATINGS))


def _decisions(rows: list[dict]) -> pd.DataFrame:
    """A decision and the confidence in it are two answers on one page."""
    trust = [row for row in rows if row["part"] == "trust"]
    sure = {(row["participant"], row["page"]): row["value"] for row in trust if row["question"] == CONFIDENCE}
    decided = [
        row
        | {
            "arm": row["kind"],
            "accepted": bool(row["value"]),
            "confidence": sure.get((row["participant"], row["page"])),
        }
        for row in trust
        if row["question"] == ACCEPT
    ]
    return pd.DataFrame(decided, columns=list(DECISIONS))


# --- Wording ----------------------------------------------------------------------------------


def _wording(path: Path) -> Wording:
    """The wording of ``study.json``. `InputError` if it is not a study."""
    try:
        return worded(json.loads(read_text(path)))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"not a study as an export has it ({type(error).__name__}: {error})", path) from None


def worded(study: Mapping) -> Wording:
    """The wording of a study, given as the JSON object that an export has."""
    constructs, items, trust = study["constructs"], study["items"], study["trust"] or {}
    kinds = (study["ratings"] or {"kinds": {}})["kinds"]
    asked = [
        {
            "construct": constructs[item["measures"]]["label"],
            "question": item["text"],
            "answers": "; ".join(study["scales"][item["scale"]]),
            "turned": "yes" if item["reversed"] else "no",
        }
        for item in items.values()
    ]
    return Wording(
        {name: one["label"] for name, one in (constructs | kinds).items()},
        dict(trust.get("arms", {})),
        _anchors(items, study["scales"]),
        pd.DataFrame(asked),
    )


def _anchors(items: dict, scales: dict) -> dict[str, tuple[str, ...]]:
    """The anchors of each construct, if all of its questions have the same scale."""
    used: dict[str, set[str]] = {}
    for item in items.values():
        used.setdefault(item["measures"], set()).add(item["scale"])
    return {construct: tuple(scales[min(names)]) for construct, names in used.items() if len(names) == 1}


# --- Rows -------------------------------------------------------------------------------------


def _participant(row: dict, path: Path, line: int) -> dict:
    state = _one_of(row, "state", STATES, path, line)
    return {
        "participant": _given(row, "participant", path, line),
        "state": state,
        "excluded": _text(row, "excluded", path, line),
    }


def _answer(row: dict, path: Path, line: int) -> dict:
    part = _one_of(row, "part", PARTS, path, line)
    measures = _text(row, "measures", path, line)
    question = _given(row, "question", path, line)
    truth = _text(row, "answer_right", path, line)
    if truth not in TRUTH or (part == "trust" and not truth):
        raise InputError(f"answer_right: expected True or False, found {quoted(truth)}", path, line)
    value = _number(row, "value", path, line)
    if question == ACCEPT and part == "trust" and value not in (0, 1):
        raise InputError(f"value of {ACCEPT}: expected 0 or 1, found {value}", path, line)
    return {
        "participant": _given(row, "participant", path, line),
        "part": part,
        "page": _given(row, "page", path, line),
        "problem": _given(row, "problem", path, line),
        "kind": _given(row, "kind", path, line),
        "words": _number(row, "words", path, line),
        "answer_right": TRUTH[truth],
        "question": question,
        "measures": measures,
        "value": value,
        "score": _number(row, "score", path, line, least=1) if measures else None,
    }


def _text(row: dict, name: str, path: Path, line: int) -> str:
    if name not in row:
        raise InputError(f"column '{name}' is missing", path, line)
    return row[name]


def _given(row: dict, name: str, path: Path, line: int) -> str:
    value = _text(row, name, path, line)
    if not value:
        raise InputError(f"{name}: expected a value, found none", path, line)
    return value


def _one_of(row: dict, name: str, values: tuple[str, ...], path: Path, line: int) -> str:
    value = _text(row, name, path, line)
    if value not in values:
        raise InputError(f"{name}: expected one of {', '.join(values)}, found {quoted(value)}", path, line)
    return value


def _number(row: dict, name: str, path: Path, line: int, least: int = 0) -> int:
    value = _text(row, name, path, line)
    if not (value.isascii() and value.isdigit() and len(value) < 9 and int(value) >= least):
        raise InputError(
            f"{name}: expected a whole number of at least {least}, found {quoted(value)}", path, line
        )
    return int(value)
