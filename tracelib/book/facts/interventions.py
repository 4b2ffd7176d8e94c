"""The chapter on forced traces of the real model: does its answer follow the trace?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import effects
from tracelib.core.frames import where
from tracelib.datasets import twins
from tracelib.datasets.problem import Problem
from tracelib.experiments import control_models, interventions, sweep_tables
from tracelib.paper import following, real_grid
from tracelib.reporting import tables_effects
from tracelib.stats.as_text import percent

TWIN = "babi"  # the procedural twin that the example and the control models' problems are from
ASTRAY = "other answer"  # the traces of the plan's third question
MADE = (*interventions.GIVEN, interventions.CUT, "empty", *interventions.REWRITTEN)
CITING = (*interventions.GIVEN, "own", *interventions.REWRITTEN)  # traces whose facts can give an answer
LEVELS = ("gold", "own", "wrong facts", "empty")
LEADING = (ASTRAY, "renamed", "wrong facts")
PARTS = {  # of the gold trace, minus one with a step changed
    "wrong category": "wrong category",
    "wrong facts": "wrong facts",
    "other answer": ASTRAY,
    "no facts": interventions.CUT,
}
EDITS = {  # of a model's own trace
    "gold category": "own with gold category",
    "gold facts": "own with gold facts",
    "wrong facts": "own with wrong facts",
    "cut": "own, category only",
}
PROBED = 60  # problems that the control models answer


@dataclass(frozen=True)
class Facts:
    """What the chapter shows.

    Attributes:
        numbers: by name, for its sentences.
        example: a problem of the twin.
        starts: what is forced on the example, by intervention.
        gives: the answer that the facts of each of these give (forced, gives, right).
        probed: rates of the control models (`effects.forced`).
        rates: of the trained models, every intervention (`effects.forced`).
        answers, following: right answers, and answers that follow, of the interventions made from a problem.
        astray: what is answered where the facts give another answer (`effects.led_astray`).
        parts, edited: the gold trace minus others; the own trace edited minus unchanged (`effects.effect`).
        differences: both by name.
        done_and_seen: gold minus wrong facts, and the association seen, as one table; kind says which.
        done, seen, agreed: the same two, and whether they agree.
        released: what the paper's models answer on CoTempQA where the facts that they cite give another
            answer (`following.answered`).
        avoided: the gold trace minus an empty one (`effects.effect`).
        excluded: how often their wrong answers name what is cited (`following.exclusion`).
        runs, about: the runs behind the tables, and their provenance.
    """

    numbers: dict[str, object]
    example: Problem
    starts: dict[str, str]
    gives: pd.DataFrame
    probed: pd.DataFrame
    rates: pd.DataFrame
    answers: pd.DataFrame
    following: pd.DataFrame
    astray: pd.DataFrame
    parts: pd.DataFrame
    edited: pd.DataFrame
    differences: dict[str, pd.DataFrame]
    done_and_seen: pd.DataFrame
    done: pd.DataFrame
    seen: pd.DataFrame
    agreed: pd.DataFrame
    released: pd.DataFrame
    avoided: pd.DataFrame
    excluded: pd.DataFrame
    runs: pd.DataFrame
    about: dict


def facts(tables: Path = sweep_tables.TABLES) -> Facts:
    """What the tables in a folder give; `InputError` where there are none."""
    outcomes, forced, runs, about = real_grid.read(tables)
    own = effects.beside_set(outcomes, forced)
    pool = twins.generate(TWIN, 200, 7, 5, "day")
    example = next(problem for problem in pool if len(problem.supporting) == 1)
    starts = _starts(example, pool)
    rates = effects.forced(forced)
    astray = effects.led_astray(forced)
    done, seen = effects.effect(forced), effects.association(own)
    parts = {name: effects.effect(forced, "gold", other) for name, other in PARTS.items()}
    edits = {edit: effects.effect(forced, name, "own") for edit, name in EDITS.items()}
    avoided = effects.effect(forced, "gold", "empty")
    released = following.SHIPPED.read()
    shown = [astray[astray["intervention"] == name] for name in LEADING]
    return Facts(
        numbers=_sizes(forced, runs, about)
        | _following(astray)
        | _levels(rates)
        | tables_effects.named_sides("facts", done, "condition")
        | tables_effects.named_sides("category", parts["wrong category"], "condition")
        | tables_effects.named_sides("gold", avoided, "condition"),
        example=example,
        starts=starts,
        gives=_gives(example, starts),
        probed=_probed(pool, set(forced["intervention"])),
        rates=rates,
        answers=_of(rates, "answer_correct", MADE),
        following=_of(rates, "follows", CITING),
        astray=pd.concat(shown),
        parts=_labelled(parts, "part"),
        edited=_labelled(edits, "edit"),
        differences={f"gold − {name}": rows for name, rows in parts.items()}
        | {f"own, {name} − own": rows for name, rows in edits.items()},
        done_and_seen=_labelled({"set: gold − wrong facts": done, "seen: right − wrong trace": seen}, "kind"),
        done=done,
        seen=seen,
        agreed=effects.agreement(done, seen),
        released=where(following.answered(released), give="another answer"),
        avoided=avoided,
        excluded=following.exclusion(released),
        runs=runs,
        about=about,
    )


def _starts(example: Problem, pool: list[Problem]) -> dict[str, str]:
    """The texts that can be forced on the example, without its own trace."""
    starts = {name: interventions.forced(example, name, 1, pool) for name in MADE}
    return {name: start for name, start in starts.items() if start}


def _gives(example: Problem, starts: Mapping[str, str]) -> pd.DataFrame:
    gives = {name: tuple(interventions.read_off(example, start)) for name, start in starts.items()}
    return pd.DataFrame(
        {"forced": name, "gives": given, "right": set(given) == set(example.gold)}
        for name, given in gives.items()
    )


def _probed(pool: list[Problem], tried: set[str]) -> pd.DataFrame:
    probed = control_models.run(pool[:PROBED], seeds=(1, 2, 3))
    return effects.forced(probed[probed["intervention"].isin(tried)])


def _of(rates: pd.DataFrame, measure: str, names: tuple[str, ...]) -> pd.DataFrame:
    """One measure of these interventions, in their order."""
    part = rates[rates["measure"].eq(measure) & rates["intervention"].isin(names)]
    return part.sort_values("intervention", key=lambda column: column.map(names.index), kind="stable")


def _labelled(parts: Mapping[str, pd.DataFrame], column: str) -> pd.DataFrame:
    """The tables stacked, with each one's name in a column."""
    return pd.concat(rows.assign(**{column: name}) for name, rows in parts.items())


def _sizes(forced: pd.DataFrame, runs: pd.DataFrame, about: Mapping) -> dict[str, object]:
    trained = runs[runs["condition"].isin(forced["condition"])]
    return {
        "arms": forced["condition"].nunique(),
        "seeds": forced["seed"].nunique(),
        "items": forced["problem"].nunique(),
        "astray": where(forced, intervention=ASTRAY)["problem"].nunique(),
        "renamed": where(forced, intervention="renamed")["problem"].nunique(),
        "too-long": int(trained["too_long_forced"].sum()),
        "unfinished": tables_effects.unfinished(trained["unfinished_forced"]),
        "least": effects.LEAST,
        "origin": tables_effects.origin(about, runs),
    }


def _following(astray: pd.DataFrame) -> dict[str, object]:
    """How often models of each arm follow a trace that leads astray, and to an invented name."""
    named = {"astray-follow": ASTRAY, "renamed-follow": "renamed"}
    return {key: _listed(where(astray, intervention=name)) for key, name in named.items()}


def _listed(rows: pd.DataFrame) -> str:
    """Rates by arm, for a sentence."""
    return "; ".join(f"{row['condition']} {percent(row)}" for row in rows.to_dict("records"))


def _levels(rates: pd.DataFrame) -> dict[str, str]:
    """Right answers of each arm with each trace of `LEVELS`."""
    right = where(rates, measure="answer_correct").set_index(["condition", "intervention"])["estimate"]
    return {
        f"levels-{arm}": ", ".join(f"{100 * right[arm, trace]:.0f}" for trace in LEVELS)
        for arm in dict.fromkeys(rates["condition"])
    }
