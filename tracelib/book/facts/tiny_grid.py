"""The appendix on the tiny model's grid: doses, other traces and traces that are set (committed tables)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.analysis import baselines, effects
from tracelib.analysis.comparison import MARGIN
from tracelib.analysis.effects import DATED, DOSES, KINDS, MEASURES, UNDATED
from tracelib.core.frames import where
from tracelib.core.paths import LOOKS
from tracelib.datasets import problem_sets
from tracelib.datasets.problem import Problem
from tracelib.experiments import sweep_tables
from tracelib.experiments.config import from_parameters
from tracelib.reporting import tables_effects
from tracelib.stats import crossed, seeds
from tracelib.stats.as_text import NONE, percent
from tracelib.stats.crossed import Estimates

REFERENCES = ("correct", "vanilla")
ACCURACY = MEASURES["answer_correct"]
WRONG = "wrong facts"  # the set trace that gold is compared with
SPREAD = (0.03, 0.3, 0.5)  # simulated standard deviations of seeds, of problems, of the rest


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        rates: rates of every setting and condition (`effects.by_condition`).
        dose_curve: right answers and right traces against the dose (percent).
        slopes: the slope of each measure on the dose (`effects.slope`).
        slopes_by_kind: `slopes` by kind of problems (`effects.split`).
        parts: every condition minus each reference (`effects.contrasts`); ``panel`` names the reference.
        parts_by_kind: `parts` by kind of problems.
        done, seen, agreed: gold minus wrong facts set, right minus wrong traces seen, and whether they agree.
        done_and_seen: `done` and `seen` in one table; ``kind`` tells them apart.
        done_by_kind: `done` by kind of problems.
        astray: the answers where wrong facts give another answer (`effects.led_astray`).
        excluded: how often the cited name is the answer (`effects.exclusion`).
        looks: when results were looked at, and the changes made then.
        larger: `parts` of the other grids, as a display table.
        runs, about: the runs behind the tables, and the tables' provenance.
    """

    numbers: dict[str, object]
    rates: pd.DataFrame
    dose_curve: pd.DataFrame
    slopes: pd.DataFrame
    slopes_by_kind: pd.DataFrame
    parts: pd.DataFrame
    parts_by_kind: pd.DataFrame
    done: pd.DataFrame
    seen: pd.DataFrame
    agreed: pd.DataFrame
    done_and_seen: pd.DataFrame
    done_by_kind: pd.DataFrame
    astray: pd.DataFrame
    excluded: pd.DataFrame
    looks: pd.DataFrame
    larger: pd.DataFrame
    runs: pd.DataFrame
    about: dict


class _Grid(NamedTuple):
    """The committed tables.

    Attributes:
        everything, trained: outcomes, and a row per run, of all settings.
        outcomes, forced: of the first setting; forced are the answers after traces that were set.
        knobs: the parameters of one of its runs.
        test: its test problems; guessable: by their ids, whether no date is needed.
        about: where the tables came from.
    """

    everything: pd.DataFrame
    trained: pd.DataFrame
    outcomes: pd.DataFrame
    forced: pd.DataFrame
    knobs: dict
    test: list[Problem]
    guessable: pd.Series
    about: dict


def facts(tables: str = "") -> Facts:
    """The facts, from the grid's tables in the folder `tables`, or from the committed ones.

    `InputError` if there are no tables.
    """
    place = Path(tables or sweep_tables.TABLES)
    grid = _grid(place)
    pairs = effects.against(list(dict.fromkeys(grid.outcomes["condition"])), REFERENCES)
    shown = _dosed(grid) | _apart(grid, pairs) | _set(grid)
    return Facts(
        numbers=_numbers(grid, shown),
        rates=effects.by_condition(grid.everything),
        looks=pd.read_csv(LOOKS),
        larger=_larger(place, pairs),
        runs=grid.trained,
        about=grid.about,
        **shown,
    )


def _grid(place: Path) -> _Grid:
    read = sweep_tables.read(sweep_tables.MAIN, place)
    everything, _, trained, about = read
    outcomes, forced, runs, _ = sweep_tables.first_setting(read)
    knobs = json.loads(runs["parameters"].iloc[0])
    _, test = problem_sets.load(from_parameters(knobs))
    return _Grid(everything, trained, outcomes, forced, knobs, test, baselines.guessable(test), about)


def _dosed(grid: _Grid) -> dict[str, pd.DataFrame]:
    rates = effects.by_condition(grid.outcomes, ["answer_correct", "trace_correct"])
    rows = [
        {"measure": title} | effects.slope(grid.outcomes, DOSES, name) for name, title in MEASURES.items()
    ]
    dosed = rates[rates["condition"].isin(list(DOSES))]
    return {
        "dose_curve": dosed.assign(
            measured=dosed["measure"].map(MEASURES), dose=100 * dosed["condition"].map(DOSES)
        ),
        "slopes": effects.uncorrected(pd.DataFrame(rows)),
        "slopes_by_kind": effects.uncorrected(effects.split(grid.outcomes, grid.guessable, _lines)),
    }


def _lines(part: pd.DataFrame) -> dict[str, Estimates]:
    """The slope of each measure on the dose."""
    return {title: effects.line(part, DOSES, name) for name, title in MEASURES.items()}


def _apart(grid: _Grid, pairs: list[tuple[str, str]]) -> dict[str, pd.DataFrame]:
    """Every condition beside the references."""
    parts = effects.contrasts(grid.outcomes, pairs)
    by_pair = partial(effects.paired, pairs=pairs)
    return {
        "parts": parts.assign(panel="minus " + parts["second"]),
        "parts_by_kind": effects.split(grid.outcomes, grid.guessable, by_pair),
    }


def _set(grid: _Grid) -> dict[str, pd.DataFrame]:
    """The effect of setting the facts, beside what is seen where models write their own."""
    forced = grid.forced
    own = effects.beside_set(grid.outcomes, forced)
    done, seen = effects.effect(forced, "gold", WRONG), effects.association(own)
    told = baselines.excluding(grid.test, sorted(set(forced["seed"])), WRONG)
    kinds = {"set: gold − wrong facts": done, "seen: right − wrong trace": seen}
    return {
        "done": done,
        "seen": seen,
        "agreed": effects.agreement(done, seen),
        "done_and_seen": pd.concat(rows.assign(kind=kind) for kind, rows in kinds.items()),
        "done_by_kind": effects.split(forced, grid.guessable, effects.set_to),
        "astray": where(effects.led_astray(forced), intervention=WRONG),
        "excluded": effects.exclusion(where(forced, intervention=WRONG), told),
    }


def _numbers(grid: _Grid, shown: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    return (
        {
            "origin": tables_effects.origin(grid.about, grid.trained),
            "recipe": tables_effects.recipe(grid.knobs),
            "family": len(shown["parts"]),
            "margin": f"{100 * MARGIN:g}",
        }
        | _counts(grid)
        | _guesses(grid.test, grid.guessable)
        | _of_kinds(grid)
        | _of_dose(shown["slopes"], shown["slopes_by_kind"])
        | _of_parts(shown["parts"])
        | tables_effects.named_sides("facts", shown["done"], "condition")
        | {"ruled-out": _ruled_out(shown["done"], shown["excluded"])}
        | _coverage()
        | {"n-looks": len(pd.read_csv(LOOKS))}
        | {"plain-minus-correct": _plain_minus_correct(grid.outcomes)}
    )


def _plain_minus_correct(outcomes: pd.DataFrame) -> str:
    (row,) = effects.contrasts(outcomes, [("vanilla", "correct")]).to_dict("records")
    return tables_effects.in_words(row)


def _counts(grid: _Grid) -> dict[str, object]:
    trained = grid.trained
    return {
        "seeds": grid.outcomes["seed"].nunique(),
        "items": grid.outcomes["item"].nunique(),
        "set-items": grid.forced["item"].nunique(),
        "train-items": grid.knobs["train_items"],
        "too-long-train": int(trained["too_long_train"].sum()),
        "too-long-test": int(trained["too_long_test"].sum()),
        "unfinished": tables_effects.unfinished(trained["unfinished_test"]),
    }


def _guesses(test: list[Problem], guessable: pd.Series) -> dict[str, str]:
    """The accuracy of rules without dates; for one fitting name at random, also where dates decide."""
    deciding = [problem for problem in test if not guessable[problem.id]]
    at_random = baselines.rates(deciding).iloc[0].to_dict()
    return tables_effects.guesses(baselines.rates(test)) | {"guess-decides": percent(at_random)}


def _of_kinds(grid: _Grid) -> dict[str, str]:
    """Accuracy of the references where dates decide, and where no date is needed."""
    kinds = grid.outcomes.assign(kind=grid.outcomes["item"].map(grid.guessable).map(KINDS))
    rates = effects.by_condition(kinds, ["answer_correct"], "kind").set_index(["kind", "condition"])
    return {
        f"{name}, {kind}": percent(rates.loc[(kind, name)])
        for kind in (UNDATED, DATED)
        for name in REFERENCES
    }


def _of_dose(slopes: pd.DataFrame, slopes_by_kind: pd.DataFrame) -> dict[str, str]:
    """The slopes in words. Hypothesis H6 is about the slope of accuracy; the others are exploratory."""
    rows = {row["measure"]: row for row in slopes.to_dict("records")}
    by_kind = {row["problems"]: row for row in where(slopes_by_kind, name=ACCURACY).to_dict("records")}
    return {
        "dose-slope": tables_effects.in_words(rows[ACCURACY]),
        "trace-slope": tables_effects.in_words(rows[MEASURES["trace_correct"]]),
        "dose-alone": tables_effects.alone_in_words(rows[ACCURACY]),
        "dose-where": effects.where(slopes_by_kind)[ACCURACY],
        **{f"dose, {kind}": tables_effects.in_words(by_kind[kind]) for kind in (UNDATED, DATED)},
    }


def _of_parts(parts: pd.DataFrame) -> dict[str, str]:
    """The conditions that differ from each reference, for new problems and for these alone."""
    half = 100 * ((parts["high"] - parts["low"]).astype(float) / 2).median()
    numbers = {"half-width": NONE if pd.isna(half) else f"{half:.0f}"}
    for reference in REFERENCES:
        rows = parts[parts["second"] == reference]
        alike = rows[rows["equivalent"].eq(True)].to_dict("records")
        fixed = rows.assign(p_holm=rows["fixed_p_holm"])
        numbers |= tables_effects.named_sides(reference, rows, "first")
        numbers |= tables_effects.named_sides(f"{reference}-alone", fixed, "first")
        numbers[f"{reference}-alike"] = tables_effects.listed(alike, "first")
    return numbers


def _ruled_out(done: pd.DataFrame, excluded: pd.DataFrame) -> str:
    """Conditions whose models avoid the cited name, and lose accuracy when that name is right."""
    avoided = {row["condition"] for row in excluded.to_dict("records") if effects.side(row) < 0}
    fewer = [row["condition"] for row in done.to_dict("records") if effects.side(row) < 0]
    return ", ".join(name for name in fewer if name in avoided) or "none"


def _coverage() -> dict[str, str]:
    """The simulated coverage of the intervals."""
    over_both = crossed.coverage(5, 120, SPREAD)
    found = {f"covers-{name}": row for name, row in seeds.coverage(5).items()}
    found |= {f"holds-{name.replace(' ', '-')}": row for name, row in over_both.items()}
    spread = ", ".join(f"{100 * size:g}" for size in SPREAD)
    return {"spread": spread} | {name: percent(row) for name, row in found.items()}


def _larger(place: Path, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    """`parts` for the first setting of each other grid of twins."""
    shown = [pd.DataFrame()]
    for name in sweep_tables.others(place):
        read = sweep_tables.read(name, place)
        *_, runs, about = read
        outcomes, *_ = sweep_tables.first_setting(read)
        rows = tables_effects.contrasts(effects.contrasts(outcomes, pairs)).drop(columns="setting")
        shown.append(tables_effects.of_grid(rows, name, runs, about))
    return pd.concat(shown)
