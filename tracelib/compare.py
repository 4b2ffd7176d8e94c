"""Any two runs on the same problems: answers and steps paired, and the parameters that differ.

A run is one model, condition and seed, from a file of outputs or from a run folder. Problems are
paired by their content (dataset, question, facts and gold answers), whatever their ids; of a problem
that a run answers several times, its first answer counts.
"""

import json
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib import audit, runs
from tracelib.audit import Audited
from tracelib.comparison import MARGIN, compared
from tracelib.files import InputError, quoted
from tracelib.metrics import names
from tracelib.stats.paired import holm

PREDICTIONS = "predictions.jsonl"
STEPS = {"category": "category_correct", "facts": "retrieval_correct", "trace": "trace_correct"}
RECORDED = ("device", "base_sha256", "data_sha256", "lock_sha256", "git_commit", "model_parameters")
KEY = ["dataset", "problem"]
MOST = 20  # runs that an error names


class Run(NamedTuple):
    """One run.

    Attributes:
        path: the file of its outputs.
        name: MODEL/CONDITION, with /SEED if it has one.
        audited: all that the file holds.
        outcomes: the rows of this run, as in `audited`.
        about: what its ``run.json`` says; None if there is none.
    """

    path: Path
    name: str
    audited: Audited
    outcomes: pd.DataFrame
    about: dict | None


class Comparison(NamedTuple):
    """Two runs side by side.

    Attributes:
        pairs: a row per problem that both answer: dataset, problem, and in ``a`` and ``b`` the rows of
            their outcomes.
        sizes: per dataset the problems paired, and how many outputs of each run were not, by reason.
        tests: per dataset and quantity (an answer metric or a step) what `comparison.compared` gives, first
            minus second; the cells both, neither; p_holm over all rows.
        cells: per dataset and run the 2x2 of trace and answer over the paired problems, primary metric.
        parameters: name, first, second of every recorded value that differs; None if a run has no record.
        notes: for people.
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


def load(path: Path, chosen: str | None = None, skipped: list[InputError] | None = None, **reading) -> Run:
    """A run from a file of outputs, or from a run folder.

    Args:
        chosen: MODEL/CONDITION or MODEL/CONDITION/SEED, needed where a file holds several runs.
        skipped: takes the errors of lines left out; strict without.
        reading: further options of `audit.read`.
    """
    path = Path(path)
    file = path / PREDICTIONS if path.is_dir() else path
    if path.is_dir() and not file.is_file():
        raise InputError(f"a folder without {PREDICTIONS}, expected a run folder or a file of outputs", path)
    audited = audit.read([file], skipped=skipped, **reading)
    labels = _labels(audited.outcomes)
    name = _choose(labels, chosen, file)
    return Run(file, name, audited, audited.outcomes[labels == name], _about(file))


def _labels(outcomes: pd.DataFrame) -> pd.Series:
    seed = outcomes["seed"].map(lambda value: "" if pd.isna(value) else f"/{value}").astype(str)
    return outcomes["model"].astype(str) + "/" + outcomes["condition"].astype(str) + seed


def _choose(labels: pd.Series, chosen: str | None, path: Path) -> str:
    present = list(dict.fromkeys(labels))
    if chosen is None:
        fitting = present
    else:
        fitting = [name for name in present if name == chosen or name.rpartition("/")[0] == chosen]
        fitting = [chosen] if chosen in fitting else fitting
    if len(fitting) == 1:
        return fitting[0]
    shown = ", ".join(map(quoted, (fitting or present)[:MOST]))
    rest = f" and {len(fitting or present) - MOST:,} more" if len(fitting or present) > MOST else ""
    if not fitting:
        raise InputError(f"no run {quoted(chosen)}, expected one of {shown}{rest}", path)
    raise InputError(f"{len(fitting):,} runs in it, choose one with --run: {shown}{rest}", path)


def _about(file: Path) -> dict | None:
    """What the ``run.json`` beside a run folder's predictions says; None for other files."""
    record = file.parent / "run.json"
    if file.name != PREDICTIONS or not record.is_file():
        return None
    try:
        about = runs.read_about(file.parent)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON ({error.msg})", record, error.lineno) from None
    if not isinstance(about, dict) or not isinstance(about.get("parameters", {}), dict):
        raise InputError("not the record of a run, expected an object with parameters", record)
    return about


# --- Two runs ---------------------------------------------------------------------------------


def compare(first: Run, second: Run) -> Comparison:
    """Two runs paired by the content of their problems; `InputError` where no problem is in both."""
    if first.path.resolve() == second.path.resolve() and first.name == second.name:
        raise InputError(f"the run {quoted(first.name)} twice, expected two runs", first.path)
    once = [run.outcomes.drop_duplicates(KEY) for run in (first, second)]
    pairs = once[0][KEY].assign(a=once[0].index).merge(once[1][KEY].assign(b=once[1].index), on=KEY)
    if pairs.empty:
        raise InputError(
            f"none of its {len(once[1]):,} problems is among the {len(once[0]):,} of {first.path}: a problem "
            "is the same if its dataset, question, facts and gold answers are",
            second.path,
        )
    both = [run.loc[pairs[side]].reset_index(drop=True) for run, side in zip(once, "ab", strict=True)]
    notes = _notes(first, second, both)
    return Comparison(
        first,
        second,
        pairs,
        _sizes(first, second, once, pairs),
        _tests(*both, notes),
        _cells(both),
        parameters(first.about, second.about),
        notes,
    )


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


def _tests(first: pd.DataFrame, second: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
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
    table = pd.DataFrame(rows)
    table["p_holm"] = pd.Series(holm(table["p"].tolist()), table.index, dtype=object)
    return table


def _row(first: pd.Series, second: pd.Series) -> dict:
    found = compared(first, second)
    rates = {"first": float(first.mean()), "second": float(second.mean())}
    cells = {"both": int((first & second).sum()), "neither": int((~first & ~second).sum())}
    return {**rates, **found, **cells, "equivalent": bool(found["p_equivalence"] < 0.05), "margin": MARGIN}


def _cells(both: list[pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for word, run in zip(("first", "second"), both, strict=True):
        for dataset, part in run.groupby("dataset", sort=False):
            trace, answer = part["trace_correct"].astype(bool), part["answer_correct"].astype(bool)
            row = {"dataset": dataset, "run": word, "n": len(part)}
            for name, of_trace in (("right", trace), ("wrong", ~trace)):
                row[f"trace_{name}_answer_right"] = int((of_trace & answer).sum())
                row[f"trace_{name}_answer_wrong"] = int((of_trace & ~answer).sum())
            rows.append({**row, "unparsed": int((~part["parsed"]).sum())})
    return pd.DataFrame(rows)


def _notes(first: Run, second: Run, both: list[pd.DataFrame]) -> list[str]:
    notes = []
    other = {"category": "category", "facts_gold": "number of gold facts"}
    for column, what in other.items():
        if differs := int((both[0][column].to_numpy() != both[1][column].to_numpy()).sum()):
            notes.append(
                f"{differs:,} paired problems have another {what} in the two files; each run's steps are "
                "judged by its own"
            )
    for dataset in dict.fromkeys(both[0]["dataset"]):
        unread = [
            name
            for name, part in zip(("A", "B"), both, strict=True)
            if not part.loc[part["dataset"] == dataset, "parsed"].any()
        ]
        if unread:
            notes.append(
                f"{dataset}: no trace of {' and '.join(unread)} could be read, so steps are not compared"
            )
    if first.name == second.name and first.about is None:
        notes.append("both runs have the same model, condition and seed by their outputs")
    return notes


def parameters(first: dict | None, second: dict | None) -> pd.DataFrame | None:
    """What differs in two ``run.json``: parameters, then what else was recorded; None without both."""
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


# --- To take away -----------------------------------------------------------------------------


def items(comparison: Comparison) -> pd.DataFrame:
    """A row per problem of either run: whether it is paired, then the outcomes and places of A and of B."""
    sides = []
    for side, run in zip("ab", (comparison.first, comparison.second), strict=True):
        table = run.outcomes.join(run.audited.places).assign(row=run.outcomes.index)
        kinds = {"i": "Int64", "b": "boolean"}  # so that whole numbers and verdicts stay such beside gaps
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
    """From A to B, by the primary metric."""
    if pairing != "paired":
        return ""
    return {(True, True): "both right", (True, False): "lost", (False, True): "gained"}.get(
        (bool(first), bool(second)), "both wrong"
    )


def record(comparison: Comparison) -> dict:
    """All of it as plain values, for JSON."""
    from tracelib.outcomes import records

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
