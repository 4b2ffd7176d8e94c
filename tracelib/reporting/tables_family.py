"""Display tables of the R1 family and the further seeds: `family`, `family_compared`, `cut_traces`."""

import pandas as pd

from tracelib.paper.cut_traces import METRICS
from tracelib.paper.family import ENDINGS
from tracelib.reporting.tables import without_empty_notes
from tracelib.stats.as_text import p_value, percent
from tracelib.stats.proportions import wilson


def paired_table(compared: pd.DataFrame) -> pd.DataFrame:
    """`family_compared.contrasts`, a row per comparison."""
    rows = [
        {
            **{name: row[name] for name in ("model", "category") if name in row},
            "comparison": f"{row['first']} − {row['second']}",
            "n": row["n"],
            "points [95% interval]": percent(row),
            "only first, only second right": f"{row['only_first']}, {row['only_second']}",
            "p": p_value(row["p"]),
            "p (Holm)": p_value(row["p_holm"]),
            "note": row["note"],
        }
        for row in compared.to_dict("records")
    ]
    return without_empty_notes(pd.DataFrame(rows))


def seeds_table(compared: pd.DataFrame) -> pd.DataFrame:
    """`family_compared.seed_contrasts`, a row per comparison; with a column ``metric`` if there is one."""
    rows = [
        {
            **{name: row[name] for name in ("metric", "model") if name in row},
            "comparison": f"{row['first']} − {row['second']}",
            "runs": row["runs"],
            "problems": row["items"],
            "first higher in": f"{row['ahead']} of {row['n']}",
            "points [95% interval]": percent(row),
            "p": p_value(row["p"]),
            "p (Holm)": p_value(row["p_holm"]),
            "note": row["note"],
        }
        for row in compared.to_dict("records")
    ]
    return without_empty_notes(pd.DataFrame(rows))


def endings_table(counted: pd.DataFrame) -> pd.DataFrame:
    """`family_compared.endings`: percent of n with Wilson intervals."""
    shown = counted[["model", "condition", "n"]].copy()
    for name, text in ENDINGS.items():
        pairs = zip(counted[name], counted["n"], strict=True)
        shown[text] = [percent(wilson(hits, n)) for hits, n in pairs]
    for metric in ("official", "corrected"):
        shown[f"no answer, but right ({metric})"] = counted[metric]
    return shown


def coverage_table(covered: pd.DataFrame) -> pd.DataFrame:
    """`family.coverage`: how many of each model's files are in this build, and which are not."""
    rows = []
    for (group, model), part in covered.groupby(["group", "model"]):
        lacking = part[~part["here"]].astype(object).fillna("")
        names = [f"{row.condition} {row.seed}".strip() + f" {row.category}" for row in lacking.itertuples()]
        row = {
            "runs": group,
            "model": model,
            "files of outputs": len(part),
            "in this build": len(part) - len(names),
        }
        row |= {"not in this build": "all" if len(names) == len(part) else ", ".join(names)}
        rows.append(row | {"files with a second version": int((part["versions"] > 1).sum())})
    return pd.DataFrame(rows)


def cut_table(counts: pd.DataFrame) -> pd.DataFrame:
    """`cut_traces.counted` as counts, not rates: the sample does not weight relations."""
    shown = counts[["category", "n"]].rename(columns={"n": "R1's traces"})
    shown["longer"] = _of(counts, "longer", "n")
    shown["longer, facts known"] = counts["judged"]
    for metric in METRICS:
        shown[f"right without an answer, {metric}"] = _of(counts, metric, "judged")
    return shown


def _of(counts: pd.DataFrame, hits: str, of: str) -> list[str]:
    return [f"{part} of {whole}" for part, whole in zip(counts[hits], counts[of], strict=True)]
