"""Display tables of effects over seeds and problems (`tracelib.analysis.effects`), in percent and points."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from tracelib.analysis.effects import MEASURES, WHOLE, side, where
from tracelib.reporting.tables import without_empty_notes
from tracelib.stats.as_text import NONE, p_value, percent, percentage
from tracelib.stats.estimate import INTERVAL
from tracelib.traces.conditions import UNTRACED

NOT_COUNTED = "not counted by these runs"
ALONE = "on these problems alone"  # Student's t over seeds, with the problems fixed


def rates(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.by_condition` in percent: a row per condition, a column per measure; a dash if no trace."""
    shown = []
    for (group, condition), part in rows.groupby([by, "condition"], sort=False):
        found = {_measured(row["measure"]): _rate(row) for row in part.to_dict("records")}
        first = part.iloc[0]
        names = {by: group, "condition": condition, "seeds": first["n"], "problems": first["items"]}
        shown.append(names | found)
    return pd.DataFrame(shown)


def _rate(row: Mapping) -> str:
    without = row["condition"] in UNTRACED and not row["measure"].startswith("answer")
    return "–" if without else percent(row)


def _alone(row: Mapping) -> dict[str, str]:
    """The interval over seeds for these problems only, and its p-value after Holm's correction."""
    interval = percent({"estimate": row["estimate"], "low": row["fixed_low"], "high": row["fixed_high"]})
    return {ALONE: interval, "p (Holm), these": p_value(row["fixed_p_holm"])}


def _measured(measure: str) -> str:
    """The title of a measure; a further metric of the answer has its own name."""
    return MEASURES.get(measure, measure.removeprefix("answer_"))


def contrasts(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.contrasts`: points and p-values, the same for these problems only, equivalence, McNemar."""
    shown = [
        {
            by: row[by],
            "comparison": f"{row['first']} − {row['second']}",
            "seeds": row["n"],
            "problems": row["items"],
            "points [95% interval]": percent(row),
            "p": p_value(row["p"]),
            "p (Holm)": p_value(row["p_holm"]),
            **_alone(row),
            "p, equivalence": p_value(row["p_equivalence"]),
            "seeds where problems differ": f"{row['mcnemar']} of {row['n']}",
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return without_empty_notes(pd.DataFrame(shown))


def association(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.association`: how often the answer is right given a right or a wrong trace; the difference."""
    shown = [
        {
            by: row[by],
            "trained on": row["condition"],
            "seeds": row["n"],
            "right traces": row["right"],
            "answer right, of these": percentage(row["given_right"]),
            "wrong traces": row["wrong"],
            "of these": percentage(row["given_wrong"]),
            "difference [95% interval]": percent(row),
            "p (Holm)": p_value(row["p_holm"]),
            **_alone(row),
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return without_empty_notes(pd.DataFrame(shown))


def differences(rows: pd.DataFrame, name: str, title: str) -> pd.DataFrame:
    """Rows of `effects.effect` or `effects.slope` (column `name`, shown as `title`): points and tests."""
    shown = [
        {
            title: row[name],
            "seeds": row["n"],
            "problems": row["items"],
            "points [95% interval]": percent(row),
            "p (Holm)": p_value(row["p_holm"]),
            **_alone(row),
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return without_empty_notes(pd.DataFrame(shown))


def differences_of(parts: Mapping[str, pd.DataFrame], name: str, title: str) -> pd.DataFrame:
    """`differences` of each part, stacked; the column ``difference`` names the part."""
    return pd.concat(differences(rows, name, title).assign(difference=part) for part, rows in parts.items())


def forced(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """One measure of `effects.forced` in percent: a row per training condition, a column per forced trace."""
    shown = []
    for condition, part in rows[rows["measure"] == measure].groupby("condition", sort=False):
        found = {row["intervention"]: percent(row) for row in part.to_dict("records")}
        shown.append({"trained on": condition, "seeds": part["n"].iloc[0]} | found)
    return pd.DataFrame(shown)


def given(rows: pd.DataFrame) -> pd.DataFrame:
    """The answer that the facts of each forced trace give, and whether it is right.

    Args:
        rows: columns forced, gives, right.
    """
    words = {True: "right", False: "wrong"}
    return pd.DataFrame(
        {
            "forced": row["forced"],
            "its facts give": ", ".join(row["gives"]) or "nothing",
            "that would be": words[row["right"]] if row["gives"] else NONE,
        }
        for row in rows.to_dict("records")
    )


def probes(rows: pd.DataFrame) -> pd.DataFrame:
    """`effects.forced` of the control models in percent of answers: a row per forced trace."""
    words = {"answer_correct": "right", "follows": "follows"}
    column = rows["condition"] + ": " + rows["measure"].map(words)
    wide = rows.assign(column=column).pivot(index="intervention", columns="column", values="estimate")
    wide = (100 * wide).round(1)
    wide = wide.reindex(index=list(dict.fromkeys(rows["intervention"])), columns=sorted(wide, reverse=True))
    return wide.rename_axis("forced").reset_index().astype(object).fillna(NONE)


def led_astray(rows: pd.DataFrame) -> pd.DataFrame:
    """`effects.led_astray`: the answers when the forced facts give another answer than the gold one."""
    shown = [
        {
            "trained on": row["condition"],
            "forced": row["intervention"],
            "answers": row["answers"],
            "as the facts say [95% interval]": percent(row),
            "right all the same": f"{100 * row['right']:.1f}",
            "neither": f"{100 * row['neither']:.1f}",
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(shown)


def exclusion(rows: pd.DataFrame) -> pd.DataFrame:
    """`effects.exclusion`: how often the cited name is the answer, and how often a guess would give it."""
    shown = [
        {
            "trained on": row["condition"],
            "cases": row["cases"],
            "the cited name": percentage(row["follows"]),
            "by a guess": percentage(row["chance"]),
            "difference [95% interval]": percent(row),
            "p (Holm)": p_value(row["p_holm"]),
            **_alone(row),
            "note": row["note"],
        }
        for row in rows.to_dict("records")
    ]
    return without_empty_notes(pd.DataFrame(shown))


def done_and_seen(done: pd.DataFrame, seen: pd.DataFrame, agreement: pd.DataFrame) -> pd.DataFrame:
    """`effects.effect` beside `effects.association` for each condition, and whether they agree."""
    of_seen = {row["condition"]: row for row in seen.to_dict("records")}
    verdicts = dict(zip(agreement["condition"], agreement["agreement"], strict=True))
    shown = []
    for row in done.to_dict("records"):
        other = of_seen.get(row["condition"])
        other = None if other is None or pd.isna(other["estimate"]) else other
        shown.append(
            {
                "trained on": row["condition"],
                "seeds": row["n"],
                "problems": row["items"],
                "set: gold − wrong facts": percent(row),
                "p (Holm)": p_value(row["p_holm"]),
                **_alone(row),
                "seeds where problems differ": f"{row['mcnemar']} of {row['n']}",
                "seen: right − wrong trace": percent(other) if other else "–",
                "seeds seen": other["n"] if other else 0,
                "right, wrong traces": f"{other['right']}, {other['wrong']}" if other else "–",
                "p seen (Holm)": p_value(other["p_holm"] if other else None),
                "after Holm": verdicts[row["condition"]],
            }
        )
    return pd.DataFrame(shown)


def split(rows: pd.DataFrame, title: str) -> pd.DataFrame:
    """`effects.split`: a row per name (`title`), points and p (Holm) per kind of problems, the verdict."""
    verdicts, shown = where(rows), {}
    items = rows.groupby("problems")["items"].max()
    for row in rows.to_dict("records"):
        column = f"{row['problems']} ({items[row['problems']]})"
        cells = shown.setdefault(row["name"], {title: row["name"]})
        cells[column] = f"{percent(row)}, p {p_value(row['p_holm'])}"
        if row["problems"] == WHOLE:
            cells[ALONE] = ", p ".join(_alone(row).values())
    return pd.DataFrame([cells | {"shown": verdicts[name]} for name, cells in shown.items()])


def where_shown(rows: pd.DataFrame, names: Sequence[str], together: str = "; ") -> pd.DataFrame:
    """`effects.where`: a row per verdict, the number of names with it, and the names (headed by `names`)."""
    return grouped(pd.DataFrame(where(rows).items(), columns=["name", "shown after Holm"]), names, together)


def grouped(rows: pd.DataFrame, names: Sequence[str], together: str = ", ") -> pd.DataFrame:
    """Rows grouped by the second column; `names` heads the counts and the values of the first column."""
    name, verdict = rows.columns
    found = rows.groupby(verdict, sort=False)[name].agg(["size", together.join])
    found.columns = list(names)
    return found.reset_index()


def equivalence(rows: pd.DataFrame, by: str = "setting") -> pd.DataFrame:
    """`effects.equivalence`: the difference, and the p-values of the two one-sided tests."""
    shown = [
        {
            by: row[by],
            "seeds": row["n"],
            f"{row['first']} − {row['second']}, points [95% interval]": percent(row),
            "p, equivalence": p_value(row["p"]),
            "p (Holm)": p_value(row["p_holm"]),
            "p (Holm), these": p_value(row["fixed_p_holm"]),
            "equivalent": "yes" if row["equivalent"] else "not shown",
        }
        for row in rows.to_dict("records")
    ]
    return pd.DataFrame(shown)


def beside_rules(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """`baselines.beside_conditions` by setting: right answers of rules and conditions, in percent."""
    return pd.DataFrame(
        {
            "setting": setting,
            "problems": f"{row['kind']} ({row['problems']})",
            "who answers": f"a rule: {row['who']}" if row["is_rule"] else row["who"],
            "right answers": percent(row),
        }
        for setting, rows in parts.items()
        for row in rows.to_dict("records")
    )


def here_and_there(rows: pd.DataFrame) -> pd.DataFrame:
    """`here_and_there.contrasts`: points here, points of the paper's models, and whether they agree."""
    return pd.DataFrame(
        {
            "here": row["setting"],
            "comparison": f"{row['first']} − {row['second']}",
            "points here": percent(row),
            "the paper's model": row["model"],
            "points there": percent({name: row[f"{name}_there"] for name in INTERVAL}),
            "n there": row["n_there"],
            "after Holm": row["pattern"],
        }
        for row in rows.to_dict("records")
    )


def listed(rows: Iterable[Mapping], name: str) -> str:
    """Names of effects with their estimates, for a sentence; "none" without rows."""
    return "; ".join(f"{row[name]} ({100 * row['estimate']:+.1f} points)" for row in rows) or "none"


def sides(rows: pd.DataFrame, name: str) -> dict[str, str]:
    """For a sentence, the effects above zero, below zero, and not significant after Holm ("open").

    An effect without an estimate is left out.
    """
    found = {"above": [], "below": [], "open": []}
    for row in rows[rows["estimate"].notna()].to_dict("records"):
        found[("open", "above", "below")[side(row)]].append(row)
    return {where: listed(part, name) for where, part in found.items()}


def named_sides(name: str, rows: pd.DataFrame, column: str) -> dict[str, str]:
    """`sides` under the names that a chapter cites, such as ``gap-above``, ``gap-below``, ``gap-open``."""
    return {f"{name}-{where}": text for where, text in sides(rows, column).items()}


def in_words(row: Mapping) -> str:
    """An effect in words: points, interval, and verdict and p-value after Holm's correction."""
    p = p_value(row["p_holm"])
    if pd.isna(row["estimate"]):
        return f"no estimate ({row['note']})"
    if pd.isna(row["low"]):
        return f"{percent(row)} points (no interval: {row['note'].partition(':')[0]})"
    verdict = {1: "significantly above zero", -1: "significantly below zero", 0: "not significant"}[side(row)]
    return f"{percent(row)} points ({verdict}; {_tested(p)})"


def alone_in_words(row: Mapping) -> str:
    """For these problems only: the interval over seeds, and the uncorrected p-value."""
    return f"{_alone(row | {'fixed_p_holm': None})[ALONE]} ({_tested(p_value(row['fixed_p']))})"


def _tested(p: str) -> str:
    return f"p {p}" if p.startswith("<") else f"p = {p}"


def origin(about: Mapping, runs: pd.DataFrame) -> str:
    """When, where and by which code a grid's tables were computed, as part of a sentence."""
    made = [_made(state, runs[runs["computed"] == number]) for number, state in enumerate(about["computed"])]
    return f"{about['runs']} runs, {about['hours']:.1f} hours of computing ({'; '.join(made)})"


def _made(state: Mapping, runs: pd.DataFrame) -> str:
    hardware = state["hardware"]
    return (
        f"{len(runs)} written on {state['written']}, {hardware['system']} on {hardware['machine']}, "
        f"{hardware['cores']} cores, {hardware['memory_gib']} GiB, torch "
        f"{state['versions'].get('torch', 'unknown')}, of commit "
        f"{', '.join(_short(commit) for commit in dict.fromkeys(_commits(runs)))}"
    )


def _short(commit: str) -> str:
    """A commit's first eight digits, and a note on uncommitted changes."""
    digits, _, changes = commit.partition("+")
    return f"{digits[:8]} with {changes}" if changes else digits[:8]


def _commits(runs: pd.DataFrame) -> pd.Series:
    return runs["git_commit"].fillna("unknown")


def recipe(parameters: Mapping) -> str:
    """A run's training parameters, as part of a sentence."""
    passes = "once" if parameters["epochs"] == 1 else f"{parameters['epochs']:g} times"
    return (
        f"{parameters['train_items']:,} training problems, each seen {passes}, at a learning rate of "
        f"{parameters['learning_rate']:g}, matrix products in {parameters['precision']}"
    )


def guesses(rows: pd.DataFrame) -> dict[str, str]:
    """`baselines.rates` under the names that chapters cite: ``guess-one`` and ``guess-all``."""
    return {
        f"guess-{name}": percent(row)
        for name, row in zip(("one", "all"), rows.to_dict("records"), strict=True)
    }


def unfinished(counts: pd.Series) -> str:
    """How many texts were cut at the limit of tokens, from a count per run; some runs have no count."""
    known = counts.dropna()
    return f"{known.sum():.0f}, in the {len(known)} runs that counted them" if len(known) else NOT_COUNTED


def of_grid(rows: pd.DataFrame, name: str, runs: pd.DataFrame, about: Mapping) -> pd.DataFrame:
    """Rows of another grid with its name, setting and origin."""
    return rows.assign(grid=name, setting=runs["setting"].iloc[0], computed=origin(about, runs))


def provenance(about: Mapping, runs: pd.DataFrame) -> pd.DataFrame:
    """The origin of a grid's tables, from their ``provenance.json`` and their runs."""
    facts = [
        ("runs", f"{about['runs']}, {about['outcomes']:,} outcomes"),
        ("hours of computing", f"{about['hours']:.1f}"),
    ]
    for number, state in enumerate(about["computed"]):
        own = runs[runs["computed"] == number]
        cells = (own["setting"] + "-" + own["condition"]).unique()
        facts += [
            (f"{len(own)} runs", ", ".join(cells)),
            ("computed by", state["command"]),
            ("written on", state["written"]),
            ("commits", ", ".join(dict.fromkeys(_commits(own)))),
            *(
                (name, ", ".join(f"{k} {v}" for k, v in state[name].items()))
                for name in ("hardware", "versions")
            ),
            ("matrix products in", f"{state['precision']}, on {state['device']}"),
            ("sha256 of the library's modules", state["library_sha256"]),
            ("sha256 of the base", state["base_sha256"] or "not the bundled base"),
            ("sha256 of the problems", ", ".join(own["data_sha256"].dropna().unique()) or "not kept"),
        ]
    facts += [(f"sha256 of {name}", digest) for name, digest in about["sha256"].items()]
    return pd.DataFrame(facts, columns=["what", "value"])
