"""Compare any two runs on the same problems: paired answers and steps, and the parameters that differ.

A run is one model, condition and seed, from a file of outputs or from a run folder. Problems are paired by
their content (dataset, question, facts and gold answers), not by their ids. If a run answers a problem more
than once, its first answer counts.
"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.analysis import legible, trace_answer
from tracelib.analysis.comparison import MARGIN, compared
from tracelib.core.errors import InputError, quoted
from tracelib.core.pylist import listed
from tracelib.experiments import run_folder
from tracelib.scoring import audit, run_names
from tracelib.scoring.audit import Audited
from tracelib.scoring.metrics import names, primary
from tracelib.scoring.outcomes import UNJUDGED, counts, pooled, records
from tracelib.stats.holm import adjusted

PREDICTIONS = "predictions.jsonl"
STEPS = {"category": "category_correct", "facts": "retrieval_correct", "trace": "trace_correct"}
RECORDED = ("device", "base_sha256", "data_sha256", "lock_sha256", "git_commit", "model_parameters")
KEY = ["dataset", "problem"]
OF_CELLS = ["n", *trace_answer.CELLS, "unparsed", "not_judged"]  # columns of `outcomes.counts`
OF_RUN = ["model", "condition", "seed"]
MOST = 20  # runs named in an error
ALIKE = 20  # equal characters shown in an error before the first difference of two texts


class Run(NamedTuple):
    """One run.

    Attributes:
        path: the file of its outputs.
        name: MODEL/CONDITION, or MODEL/CONDITION/SEED if it has a seed. Two runs can have the same name.
        audited: the whole file.
        outcomes: the rows of `audited` of this run.
        about: the contents of its ``run.json``; None if there is none.
    """

    path: Path
    name: str
    audited: Audited
    outcomes: pd.DataFrame
    about: dict | None


class Comparison(NamedTuple):
    """Two runs side by side.

    Attributes:
        pairs: a row per problem that both answer: dataset, problem, and the labels ``a`` and ``b`` of its
            rows in the two tables of outcomes.
        sizes: a row per dataset: the number of paired problems, and for each run the number of outputs left
            out, by reason.
        tests: a row per dataset and quantity (an answer metric or a step): the keys of `comparison.compared`,
            first minus second; both, neither; p_holm over all rows.
        cells: a row per dataset and run: the 2x2 table of trace and answer over the paired problems, by the
            primary metric. Cells are missing if no trace was judged.
        parameters: name, first, second of each recorded value that differs; None if a run has no record.
        notes: warnings in words.
    """

    first: Run
    second: Run
    pairs: pd.DataFrame
    sizes: pd.DataFrame
    tests: pd.DataFrame
    cells: pd.DataFrame
    parameters: pd.DataFrame | None
    notes: list[str]


# --- One run ----------------------------------------------------------------------------------


def load(
    source: str | Path, chosen: str | None = None, skipped: list[InputError] | None = None, **reading
) -> Run:
    """Read a run from a file of outputs or from a run folder.

    Args:
        source: FILE or FOLDER; NAME=FILE or NAME=FOLDER names the run's condition.
        chosen: MODEL/CONDITION or MODEL/CONDITION/SEED, required if the file holds several runs.
        skipped: a list that takes the errors of unreadable lines; without it the first error is raised.
        reading: further options of `audit.read`.

    Raises:
        InputError: the file cannot be read, or `chosen` does not name exactly one run.
    """
    given = run_names.given(source)
    file = given.path / PREDICTIONS if given.path.is_dir() else given.path
    if given.path.is_dir() and not file.is_file():
        raise InputError(
            f"a folder without {PREDICTIONS}, expected a run folder or a file of outputs", given.path
        )
    audited = audit.read([given._replace(path=file)], skipped=skipped, **reading)
    number = audited.outcomes.groupby(OF_RUN, dropna=False, sort=False).ngroup()
    present = [_Name(*row) for row in audited.outcomes[~number.duplicated()][OF_RUN].itertuples(index=False)]
    place = _choose(present, chosen, file)
    return Run(file, present[place].joined, audited, audited.outcomes[number == place], _about(file))


class _Name(NamedTuple):
    """The name of a run."""

    model: str
    condition: str
    seed: int | None

    @property
    def arm(self) -> str:
        return f"{self.model}/{self.condition}"

    @property
    def joined(self) -> str:
        return self.arm if pd.isna(self.seed) else f"{self.arm}/{self.seed}"

    @property
    def in_full(self) -> str:
        seed = "none" if pd.isna(self.seed) else self.seed
        return f"model {quoted(self.model)}, condition {quoted(self.condition)}, seed {seed}"


def _choose(present: list[_Name], chosen: str | None, path: Path) -> int:
    """The place of the chosen run: by its whole name, or by model and condition if only one run has these."""
    whole = [place for place, name in enumerate(present) if chosen in (None, name.joined)]
    fitting = whole or [place for place, name in enumerate(present) if name.arm == chosen]
    if len(fitting) == 1:
        return fitting[0]
    several = [present[place] for place in fitting] or present
    is_clear = len({name.joined for name in several}) == len(several)
    shown = ", ".join(quoted(name.joined) if is_clear else f"({name.in_full})" for name in several[:MOST])
    rest = f" and {len(several) - MOST:,} more" if len(several) > MOST else ""
    if not fitting:
        raise InputError(f"no run {quoted(chosen)}, expected one of {shown}{rest}", path)
    if not is_clear:
        raise InputError(
            f"several runs have one name, expected a file for each, or other names: {shown}{rest}", path
        )
    raise InputError(f"{len(several):,} runs in it, choose one with --run: {shown}{rest}", path)


def _about(file: Path) -> dict | None:
    """The contents of the ``run.json`` beside a run folder's predictions; None for other files."""
    record = file.parent / "run.json"
    if file.name != PREDICTIONS or not record.is_file():
        return None
    about = run_folder.read_about(file.parent)
    if not isinstance(about.get("parameters", {}), dict):
        raise InputError("not the record of a run, expected an object with parameters", record)
    return about


# --- Two runs ---------------------------------------------------------------------------------


def compare(first: Run, second: Run) -> Comparison:
    """Compare two runs over their common problems.

    Raises:
        InputError: the runs have no problem in common, or are the same run.
    """
    if first.path.resolve() == second.path.resolve() and first.outcomes.index.equals(second.outcomes.index):
        raise InputError(f"the run {quoted(first.name)} twice, expected two runs", first.path)
    once = [run.outcomes.drop_duplicates(KEY) for run in (first, second)]
    pairs = once[0][KEY].assign(a=once[0].index).merge(once[1][KEY].assign(b=once[1].index), on=KEY)
    if pairs.empty:
        raise InputError(
            f"none of its {len(once[1]):,} problems is among the {len(once[0]):,} of {first.path}: a problem "
            f"is the same if its dataset, question, facts and gold answers are. {_apart(first, second)}",
            second.path,
        )
    both = [run.loc[pairs[side]].reset_index(drop=True) for run, side in zip(once, "ab", strict=True)]
    notes = _notes(first, second, both)
    return Comparison(
        first,
        second,
        pairs,
        _sizes(first, second, once, pairs),
        _tests(*both),
        _cells(both),
        parameters(first.about, second.about),
        notes,
    )


def _apart(first: Run, second: Run) -> str:
    """How a problem of the first run differs from one of the second, with the same id if possible."""
    ids = [
        run.outcomes[["dataset", "item"]].reset_index(names=side)
        for run, side in zip((first, second), "ab", strict=True)
    ]
    alike = ids[0].merge(ids[1], on=["dataset", "item"])
    rows = alike.iloc[0] if len(alike) else {"a": ids[0]["a"][0], "b": ids[1]["b"][0]}
    a, b = (
        audit.texts(run.audited, [rows[side]])[rows[side]].problem
        for run, side in zip((first, second), "ab", strict=True)
    )
    which = f"Of the problem {quoted(a.id)}" if len(alike) else "Of the first problem of each"
    for what, hint, in_first, in_second in (
        ("dataset", "--dataset NAME names it for both", a.dataset, b.dataset),
        ("question", "--field question=NAME says where it stands alone", a.question, b.question),
        ("gold answers", "--field gold=NAME says where they stand", listed(a.gold), listed(b.gold)),
        ("facts", "--field facts=NAME says where they stand", listed(a.facts), listed(b.facts)),
    ):
        if in_first != in_second:
            here, there = _around(in_second, in_first), _around(in_first, in_second)
            return f"{which}, {what} here: {here}, there: {there} ({hint})"
    return ""


def _around(text: str, other: str) -> str:
    """A text from shortly before the first character in which it differs from another."""
    pairs = zip(text, other, strict=False)
    same = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(text), len(other)))
    start = max(same - ALIKE, 0)
    return quoted(("..." if start else "") + text[start:])


def _sizes(first: Run, second: Run, once: list[pd.DataFrame], pairs: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for dataset in dict.fromkeys([*once[0]["dataset"], *once[1]["dataset"]]):
        paired = int((pairs["dataset"] == dataset).sum())
        row = {"dataset": dataset, "paired": paired}
        ids = []
        for word, run, distinct in zip(("first", "second"), (first, second), once, strict=True):
            outputs, problems = (
                int((table["dataset"] == dataset).sum()) for table in (run.outcomes, distinct)
            )
            row[f"only_{word}"] = problems - paired
            row[f"again_{word}"] = outputs - problems
            own = distinct[distinct["dataset"] == dataset]
            ids.append(set(own.loc[~own["problem"].isin(pairs["problem"]), "item"]))
        row["same_id"] = len(ids[0] & ids[1])
        rows.append(row)
    return pd.DataFrame(rows)


def _tests(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for dataset in dict.fromkeys(first["dataset"]):
        a, b = (part[part["dataset"] == dataset] for part in (first, second))
        columns = {f"answer, {metric}": f"answer_{metric}" for metric in names(dataset)}
        if a["parsed"].any() and b["parsed"].any():
            columns |= STEPS
        for quantity, column in columns.items():
            known = a[column].notna() & b[column].notna()
            if known.any():
                one, other = (part.loc[known, column].astype(bool) for part in (a, b))
                rows.append({"dataset": dataset, "quantity": quantity, **_row(one, other)})
    return adjusted(pd.DataFrame(rows))


def _row(first: pd.Series, second: pd.Series) -> dict:
    found = compared(first, second)
    rates = {"first": float(first.mean()), "second": float(second.mean())}
    cells = {"both": int((first & second).sum()), "neither": int((~first & ~second).sum())}
    return {**rates, **found, **cells, "equivalent": bool(found["p_equivalence"] < 0.05), "margin": MARGIN}


def _cells(both: list[pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for word, run in zip(("first", "second"), both, strict=True):
        for dataset, part in run.groupby("dataset", sort=False):
            (whole,) = pooled(counts(part, primary(dataset))).to_dict("records")
            rows.append({"dataset": dataset, "run": word, **{name: whole[name] for name in OF_CELLS}})
    return pd.DataFrame(rows)


def _notes(first: Run, second: Run, both: list[pd.DataFrame]) -> list[str]:
    notes = [*_of_one("A", first), *_of_one("B", second)]
    judged = (both[0]["status"] != UNJUDGED) & (both[1]["status"] != UNJUDGED)
    other = {"category": "category", "facts_gold": "number of gold facts"}
    for column, what in other.items():
        here, there = (run.loc[judged, column].to_numpy() for run in both)
        if differs := int((here != there).sum()):
            notes.append(
                f"{differs:,} paired problems have a different {what} in the two files; each run's steps are "
                "judged by its own file"
            )
    for dataset in dict.fromkeys(both[0]["dataset"]):
        parts = [part[part["dataset"] == dataset] for part in both]
        unjudged = [name for name, part in zip("AB", parts, strict=True) if part["parsed"].isna().all()]
        unread = [
            name
            for name, part in zip("AB", parts, strict=True)
            if name not in unjudged and not part["parsed"].any()
        ]
        if unjudged:
            notes.append(
                f"{dataset}: no trace of {' and '.join(unjudged)} was judged (the problems do not state "
                "facts, supporting facts and category), so steps are not compared"
            )
        if unread:
            notes.append(
                f"{dataset}: no trace of {' and '.join(unread)} could be read, so steps are not compared"
            )
    if _same_name(first, second) and first.about is None:
        notes.append("both runs have the same model, condition and seed, according to their outputs")
    return notes


def _of_one(word: str, run: Run) -> list[str]:
    """The audit's notes on the run and on its file, without the notes on the audit's own tables."""
    read = run.audited
    of_run = legible.notes(replace(read, outcomes=run.outcomes))
    of_file = [note for note in read.notes if note not in read.of_tables]
    return [f"{word}: {note}" for note in (*of_run, *of_file, *_repeats(run))]


def _repeats(run: Run) -> list[str]:
    count = int(run.outcomes.duplicated(KEY).sum())
    if not count:
        return []
    return [f"{count:,} of {len(run.outcomes):,} outputs repeat a problem; its first answer counts"]


def _same_name(first: Run, second: Run) -> bool:
    return first.outcomes[OF_RUN].iloc[0].equals(second.outcomes[OF_RUN].iloc[0])


def parameters(first: dict | None, second: dict | None) -> pd.DataFrame | None:
    """The values that differ in two ``run.json``, parameters first. None if a run has no record."""
    if first is None or second is None:
        return None
    one, other = map(_recorded, (first, second))
    rows = [
        {"name": name, "first": one.get(name), "second": other.get(name)}
        for name in sorted({**one, **other}, key=lambda name: ":" in name)  # parameters first
        if one.get(name) != other.get(name)
    ]
    return pd.DataFrame(rows, columns=["name", "first", "second"], dtype=object)


def _recorded(about: dict) -> dict:
    found = dict(about.get("parameters", {}))
    found |= {f"recorded: {name}": about[name] for name in RECORDED if name in about}
    for name in ("versions", "hardware", "library_sha256"):
        part = about.get(name)
        if isinstance(part, dict):
            found |= {f"{name}: {key}": value for key, value in part.items()}
    return found


# --- Output -----------------------------------------------------------------------------------


def items(comparison: Comparison) -> pd.DataFrame:
    """A row per problem of either run: whether it is paired, then the outcome, file and line of A and B.

    A repeated answer to a problem has a row of its own.
    """
    sides = []
    for side, run in zip("ab", (comparison.first, comparison.second), strict=True):
        table = run.outcomes.join(run.audited.places).assign(row=run.outcomes.index)
        kinds = {"i": "Int64", "b": "boolean"}  # keep integers and booleans beside missing values
        table = table.astype(
            {name: kinds[kind.kind] for name, kind in table.dtypes.items() if kind.kind in kinds}
        )
        table = table.assign(answer=table.groupby(KEY, sort=False).cumcount() + 1)
        sides.append(table.rename(columns={n: f"{side}_{n}" for n in table if n not in (*KEY, "answer")}))
    wide = sides[0].merge(sides[1], on=[*KEY, "answer"], how="outer", sort=False)
    pairing = [_pairing(row) for row in wide.to_dict("records")]
    answers = [wide[f"{side}_answer_correct"].astype("boolean") for side in "ab"]
    changes = [_change(*row) for row in zip(pairing, *answers, strict=True)]
    order = [name for side in "ab" for name in wide if name.startswith(f"{side}_") and name != f"{side}_row"]
    return wide.assign(pairing=pairing, change=changes)[[*KEY, "pairing", "change", *order]]


def _pairing(row: dict) -> str:
    if row["answer"] > 1:
        return "answered again"
    if pd.isna(row["b_row"]):
        return "only in A"
    return "only in B" if pd.isna(row["a_row"]) else "paired"


def _change(pairing: str, first: bool, second: bool) -> str:
    """How the answer changes from A to B, by the primary metric."""
    if pairing != "paired":
        return ""
    return {(True, True): "both right", (True, False): "lost", (False, True): "gained"}.get(
        (bool(first), bool(second)), "both wrong"
    )


def record(comparison: Comparison) -> dict:
    """The comparison as plain values, for JSON."""
    sides = {
        word: {"file": str(run.path), "run": run.name, "outputs": len(run.outcomes)}
        for word, run in (("first", comparison.first), ("second", comparison.second))
    }
    differing = comparison.parameters
    return {
        **sides,
        "pairing": records(comparison.sizes),
        "differences": records(comparison.tests),
        "trace_and_answer": records(comparison.cells),
        "parameters": None if differing is None else records(differing),
        "notes": comparison.notes,
    }
