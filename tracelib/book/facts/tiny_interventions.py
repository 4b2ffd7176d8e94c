"""The chapter on forced traces: the effect of a set trace on the answer, from the committed tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.analysis import baselines, effects, trace_answer
from tracelib.datasets import problem_sets, twins
from tracelib.datasets.problem import Problem
from tracelib.experiments import control_models, interventions, sweep_tables
from tracelib.experiments.config import from_parameters
from tracelib.paper import evidence
from tracelib.reporting import tables_effects
from tracelib.scoring.outcomes import counts
from tracelib.stats.as_text import percent
from tracelib.traces import conditions

ON_EVERY_PROBLEM = (*interventions.GIVEN, interventions.CUT, "empty")
EDITS = {  # edits of a model's own trace, in the order of the figure
    "gold category": "own with gold category",
    "gold facts": "own with gold facts",
    "wrong facts": "own with wrong facts",
    "wrong category": "own with wrong category",
    "cut": "own, category only",
}
FED_WRONG = ("wrong-facts", "both-wrong", "incorrect")  # conditions whose traces never cite the gold facts
PROBED = 60  # problems for the control models


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        example: a problem of the twin.
        starts, own_starts: the traces forced on the example, by intervention: made from the problem alone,
            and made from a model's own text.
        gives: the answers that the facts of these traces give (forced, gives, right).
        probed: rates of the control models (`effects.forced`).
        rates: rates of the trained models, every intervention (`effects.forced`).
        answers, following: `rates` of right answers on every problem, and of answers that follow cited facts.
        astray: the answers when wrong facts give another answer (`effects.led_astray`).
        done, seen, agreed: gold minus wrong facts, right minus wrong traces, and whether they agree.
        done_and_seen: `done` and `seen` in one table; ``kind`` tells them apart.
        seen_facts: `seen` by the facts step.
        done_by_kind: `done` by kind of problems (`effects.split`).
        excluded: how often the cited name is the answer (`effects.exclusion`).
        gap: `done` minus `seen`.
        parts: the gold trace minus each other trace; ``part`` names the other.
        edited: the own trace edited minus unchanged; ``edit`` names the edit.
        differences: `parts` and `edited` by name, for the table.
        differences_by_kind: `differences` without `done`, by kind of problems.
        larger: `done` and `seen` of the other grids, as a display table.
        runs, about: the runs behind the tables, and the tables' provenance.
    """

    numbers: dict[str, object]
    example: Problem
    starts: dict[str, str]
    own_starts: dict[str, str]
    gives: pd.DataFrame
    probed: pd.DataFrame
    rates: pd.DataFrame
    answers: pd.DataFrame
    following: pd.DataFrame
    astray: pd.DataFrame
    done: pd.DataFrame
    seen: pd.DataFrame
    agreed: pd.DataFrame
    done_and_seen: pd.DataFrame
    seen_facts: pd.DataFrame
    done_by_kind: pd.DataFrame
    excluded: pd.DataFrame
    gap: pd.DataFrame
    parts: pd.DataFrame
    edited: pd.DataFrame
    differences: dict[str, pd.DataFrame]
    differences_by_kind: dict[str, pd.DataFrame]
    larger: pd.DataFrame
    runs: pd.DataFrame
    about: dict


class _Grid(NamedTuple):
    """The tables of the grid's first setting.

    Attributes:
        forced: what was answered after traces that were set.
        own: what was answered on the same problems after the models' own traces.
        trained: a row per run; knobs: the parameters of one.
        test: the problems on which traces were set; guessable: by their ids, whether dates are needed.
        runs, about: of all settings, and where the tables came from.
    """

    forced: pd.DataFrame
    own: pd.DataFrame
    trained: pd.DataFrame
    knobs: dict
    test: list[Problem]
    guessable: pd.Series
    runs: pd.DataFrame
    about: dict


def facts(work: Path, tables: str = "") -> Facts:
    """The facts, from the grid's tables in the folder `tables`, or from the committed ones.

    `work` is the build's folder, which holds outcomes of the paper's models. `InputError` if there are no
    tables.
    """
    place = Path(tables or sweep_tables.TABLES)
    grid = _grid(place)
    pool = twins.generate("cotempqa", 200, 7, grid.knobs["facts"], grid.knobs["dates"])  # as the models' own
    example = next(problem for problem in pool if len(problem.supporting) == 1)
    starts = _starts(example, pool, set(grid.forced["intervention"]))
    probed = control_models.run(pool[:PROBED], seeds=(1, 2, 3))
    probed = probed[probed["intervention"].isin(list(starts))]
    told = baselines.excluding(grid.test, sorted(set(grid.forced["seed"])), "wrong facts")
    shown = _rates(grid.forced) | _done_and_seen(grid, told) | _differences(grid)
    return Facts(
        numbers=_numbers(grid, shown) | _probes(probed) | _guessed(told) | _seen_in_paper(work),
        example=example,
        starts={name: starts[name] for name in ON_EVERY_PROBLEM},
        own_starts={name: starts[name] for name in interventions.OWN},
        gives=_gives(example, starts),
        probed=effects.forced(probed),
        larger=_larger(place),
        runs=grid.runs,
        about=grid.about,
        **shown,
    )


def _grid(place: Path) -> _Grid:
    read = sweep_tables.read(sweep_tables.MAIN, place)
    *_, runs, about = read
    outcomes, forced, trained, _ = sweep_tables.first_setting(read)
    knobs = json.loads(trained["parameters"].iloc[0])
    _, problems = problem_sets.load(from_parameters(knobs))
    items = set(forced["item"])
    test = [problem for problem in problems if problem.id in items]
    own = effects.beside_set(outcomes, forced)
    return _Grid(forced, own, trained, knobs, test, baselines.guessable(test), runs, about)


def _rates(forced: pd.DataFrame) -> dict[str, pd.DataFrame]:
    rates = effects.forced(forced)
    return {
        "rates": rates,
        "answers": _of(rates, "answer_correct", ON_EVERY_PROBLEM),
        "following": _of(rates, "follows", (*interventions.GIVEN, "own")),
        "astray": effects.led_astray(forced).query("intervention == 'wrong facts'"),
    }


def _done_and_seen(grid: _Grid, told: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What setting the facts does, beside what is seen where models write their own."""
    done, seen = effects.effect(grid.forced), effects.association(grid.own)
    wrong = grid.forced[grid.forced["intervention"] == "wrong facts"]
    return {
        "done": done,
        "seen": seen,
        "agreed": effects.agreement(done, seen),
        "done_and_seen": _labelled(
            {"set: gold − wrong facts": done, "seen: right − wrong trace": seen}, "kind"
        ),
        "seen_facts": effects.association(grid.own.assign(trace_correct=grid.own["retrieval_correct"])),
        "done_by_kind": effects.split(grid.forced, grid.guessable, effects.set_to),
        "excluded": effects.exclusion(wrong, told),
        "gap": effects.set_minus_seen(grid.forced, grid.own),
    }


def _differences(grid: _Grid) -> dict[str, object]:
    """The gold trace minus each other one, and the own trace edited minus unchanged."""
    parts = _parts(grid.forced)
    edits = {edit: effects.effect(grid.forced, name, "own") for edit, name in EDITS.items()}
    named = {f"gold − {name}": rows for name, rows in parts.items()}
    return {
        "parts": _labelled(parts, "part"),
        "edited": _labelled(edits, "edit"),
        "differences": named | {f"own, {name} − own": rows for name, rows in edits.items()},
        "differences_by_kind": _differences_by_kind(grid.forced, grid.guessable),
    }


def _numbers(grid: _Grid, shown: Mapping[str, object]) -> dict[str, object]:
    of_category = shown["differences"]["gold − wrong category"]
    return (
        {
            "origin": tables_effects.origin(grid.about, grid.runs),
            "recipe": tables_effects.recipe(grid.knobs),
        }
        | _sizes(grid.forced, grid.trained)
        | tables_effects.guesses(baselines.rates(grid.test))
        | tables_effects.named_sides("gap", shown["gap"], "condition")
        | tables_effects.named_sides("facts", shown["done"], "condition")
        | tables_effects.named_sides("category", of_category, "condition")
        | _levels(shown["rates"])
        | {"ruled-out": _ruled_out(shown["done"], shown["excluded"]), "cites-gold": _cites_gold(grid.own)}
    )


def _guessed(told: pd.DataFrame) -> dict[str, str]:
    return {"others-right": f"{100 * told['others_right'].mean():.0f}"}


def _starts(example: Problem, pool: list[Problem], tried: set[str]) -> dict[str, str]:
    """The start that each tried intervention forces on the example."""
    # The trace of the incorrect condition stands in for a model's own text.
    own = conditions.target(example, "incorrect", 5, pool)
    names = [name for name in interventions.INTERVENTIONS if name in tried]
    return {name: interventions.forced(example, name, 1, pool, own) for name in names}


def _gives(example: Problem, starts: Mapping[str, str]) -> pd.DataFrame:
    gives = {name: tuple(interventions.read_off(example, start)) for name, start in starts.items()}
    return pd.DataFrame(
        {"forced": name, "gives": given, "right": set(given) == set(example.gold)}
        for name, given in gives.items()
    )


def _of(rates: pd.DataFrame, measure: str, names: tuple[str, ...]) -> pd.DataFrame:
    """The rates of one measure, for these interventions."""
    return rates[rates["measure"].eq(measure) & rates["intervention"].isin(names)]


def _parts(forced: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The gold trace minus traces with one step wrong, with both wrong, and cut after the category."""
    others = {name: name for name in ("wrong category", "wrong facts", "both wrong")}
    others["no facts"] = interventions.CUT
    return {part: effects.effect(forced, "gold", other) for part, other in others.items()}


def _differences_by_kind(forced: pd.DataFrame, guessable: pd.Series) -> dict[str, pd.DataFrame]:
    pairs = [("gold", name) for name in ("wrong category", "both wrong", interventions.CUT)]
    pairs += [(name, "own") for name in interventions.OWN if name != "own"]
    return {
        f"{first} − {second}": effects.split(
            forced, guessable, partial(effects.set_to, first=first, second=second)
        )
        for first, second in pairs
    }


def _labelled(parts: Mapping[str, pd.DataFrame], column: str) -> pd.DataFrame:
    """The parts stacked, with each part's name in a column."""
    return pd.concat(rows.assign(**{column: name}) for name, rows in parts.items())


def _sizes(forced: pd.DataFrame, trained: pd.DataFrame) -> dict[str, object]:
    return {
        **{f"{name}s": forced[name].nunique() for name in ("condition", "seed", "item")},
        "least": effects.LEAST,
        "too-long": int(trained["too_long_forced"].sum()),
        "unfinished": tables_effects.unfinished(trained["unfinished_forced"]),
    }


def _probes(probed: pd.DataFrame) -> dict[str, object]:
    """The effect on the two control models."""
    known = effects.effect(probed).set_index("condition")
    named = zip(("reader", "ignorer"), control_models.PROBES, strict=True)
    shown = {name: percent(known.loc[probe]) for name, probe in named}
    return {"probe-items": probed["item"].nunique(), **shown}


def _seen_in_paper(work: Path) -> dict[str, str]:
    """The difference seen (right minus wrong traces) in the paper's models trained on correct traces."""
    released = evidence.read_outcomes(work / "data")
    released = released[released["dataset"].eq("cotempqa") & released["condition"].eq("correct")]
    rows = trace_answer.differences(counts(released, "corrected")).to_dict("records")
    return {"paper-seen": "; ".join(f"{row['model']} {percent(row)}" for row in rows)}


def _levels(rates: pd.DataFrame) -> dict[str, str]:
    """Accuracies under forced traces: the range with gold traces, and those of the models of `FED_WRONG`."""
    under = rates[rates["measure"] == "answer_correct"].set_index(["condition", "intervention"])["estimate"]
    of_gold = under.xs("gold", level="intervention")
    levels = {
        f"levels-{name}": ", ".join(
            f"{100 * under[name, trace]:.0f}" for trace in ("gold", "wrong facts", "empty")
        )
        for name in FED_WRONG
    }
    return {
        "lowest-gold": f"{100 * of_gold.min():.0f}%",
        "highest-gold": f"{100 * of_gold.max():.0f}%",
        **levels,
    }


def _ruled_out(done: pd.DataFrame, excluded: pd.DataFrame) -> str:
    """Conditions whose models avoid the cited name, and lose accuracy when that name is right."""
    avoided = {row["condition"] for row in excluded.to_dict("records") if effects.side(row) < 0}
    fewer = [row["condition"] for row in done.to_dict("records") if effects.side(row) < 0]
    return ", ".join(name for name in fewer if name in avoided) or "none"


def _cites_gold(own: pd.DataFrame) -> str:
    """Right answers of models trained on wrong facts, by whether their own trace cites a gold fact."""
    fed = own[own["condition"].isin(["wrong-facts", "both-wrong"])]
    words = {True: "a gold fact", False: "no gold fact"}
    return "; ".join(
        f"{words[cited]}: {100 * part.mean():.0f} percent of {len(part)}"
        for cited, part in fed.groupby(fed["facts_both"] > 0)["answer_correct"]
    )


def _larger(place: Path) -> pd.DataFrame:
    """`done` and `seen` for the first setting of each other grid."""
    shown = [pd.DataFrame()]
    for name in sweep_tables.others(place):
        read = sweep_tables.read(name, place)
        *_, runs, about = read
        outcomes, forced, *_ = sweep_tables.first_setting(read)
        done, seen = effects.effect(forced), effects.association(effects.beside_set(outcomes, forced))
        rows = tables_effects.done_and_seen(done, seen, effects.agreement(done, seen))
        shown.append(tables_effects.of_grid(rows, name, runs, about))
    return pd.concat(shown)
