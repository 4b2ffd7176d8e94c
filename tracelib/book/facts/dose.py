"""The chapter on the dose (how much of a trace, or how many traces, are wrong), from the committed tables."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tracelib.analysis import baselines, effects
from tracelib.analysis.comparison import CONDITIONS, MARGIN
from tracelib.analysis.effects import DATED, DOSES, KINDS, MEASURES, UNDATED
from tracelib.datasets import problem_sets
from tracelib.datasets.problem import Problem
from tracelib.experiments import sweep_tables
from tracelib.experiments.config import from_parameters
from tracelib.reporting import tables_effects
from tracelib.stats.as_text import NONE, percent
from tracelib.stats.crossed import Estimates
from tracelib.traces.conditions import UNTRACED

REFERENCES = ("correct", "vanilla")
# From no trace to as many dots as the correct trace has words.
FILLED = ("vanilla", "filler-25", "filler-50", "filler")
ACCURACY = MEASURES["answer_correct"]


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        rates: rates of every condition (`effects.by_condition`).
        dosed: `rates` of the conditions that are doses.
        dose_curve: right answers and right traces against the dose (percent).
        slopes: the slope of each measure on the dose (`effects.slope`).
        slopes_by_kind: `slopes` by kind of problems (`effects.split`).
        by_size: answers and traces by the number of training problems.
        answers_by_size, traces_by_size: `by_size` as two curves.
        compared_by_size: pairs of conditions at each size (`effects.contrasts`).
        compared_by_kind: per size, these pairs by kind of problems.
        filler: right answers against the tokens of a target without content.
        lengths: answers and traces of every condition, from the shortest target to the longest.
        length_by_kind: effects of the length by kind of problems.
        parts: every condition minus each reference (`effects.contrasts`); ``panel`` names the reference.
        parts_by_kind: `parts` by kind of problems.
        four: rates of the four corners of the factorial.
        corners: effects of the factorial (`effects.factorial`).
        corners_by_kind: `corners` by kind of problems.
        larger: `parts` of the other grids, as a display table.
        runs, about: the runs behind the tables, and the tables' provenance.
    """

    numbers: dict[str, object]
    rates: pd.DataFrame
    dosed: pd.DataFrame
    dose_curve: pd.DataFrame
    slopes: pd.DataFrame
    slopes_by_kind: pd.DataFrame
    by_size: pd.DataFrame
    answers_by_size: pd.DataFrame
    traces_by_size: pd.DataFrame
    compared_by_size: pd.DataFrame
    compared_by_kind: dict[int, pd.DataFrame]
    filler: pd.DataFrame
    lengths: pd.DataFrame
    length_by_kind: pd.DataFrame
    parts: pd.DataFrame
    parts_by_kind: pd.DataFrame
    four: pd.DataFrame
    corners: pd.DataFrame
    corners_by_kind: pd.DataFrame
    larger: pd.DataFrame
    runs: pd.DataFrame
    about: dict


class _Grid(NamedTuple):
    """The tables of the grid.

    Attributes:
        trained: a row per run of every setting.
        outcomes, runs: those of the first.
        knobs: the parameters of one of its runs.
        tokens: by condition, the mean length of its targets.
        sized, sizes: outcomes of the paper's conditions, and training problems by setting.
        filled, filled_tokens: outcomes of `FILLED`, and the mean tokens of their targets.
        test: the test problems; guessable: by their ids, whether dates are needed.
        about: where the tables came from.
    """

    trained: pd.DataFrame
    outcomes: pd.DataFrame
    runs: pd.DataFrame
    knobs: dict
    tokens: pd.Series
    sized: pd.DataFrame
    sizes: pd.Series
    filled: pd.DataFrame
    filled_tokens: pd.Series
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
    rates = effects.by_condition(grid.outcomes)
    shown = _dosed(grid, rates) | _sized(grid) | _lengthened(grid, rates) | _apart(grid, rates, pairs)
    return Facts(
        numbers=_numbers(grid, shown),
        larger=_larger(place, pairs),
        runs=grid.trained,
        about=grid.about,
        **shown,
    )


def _grid(place: Path) -> _Grid:
    read = sweep_tables.read(sweep_tables.MAIN, place)
    everything, _, trained, about = read
    outcomes, _, runs, _ = sweep_tables.first_setting(read)
    knobs = json.loads(runs["parameters"].iloc[0])
    _, test = problem_sets.load(from_parameters(knobs))
    filled, filled_tokens = _filled(everything, trained, runs["train_items"].iloc[0])
    return _Grid(
        trained=trained,
        outcomes=outcomes,
        runs=runs,
        knobs=knobs,
        tokens=runs.groupby("condition", sort=False)["target_tokens"].mean(),
        sized=everything[everything["condition"].isin(CONDITIONS)],
        sizes=trained.groupby("setting")["train_items"].first(),
        filled=filled,
        filled_tokens=filled_tokens,
        test=test,
        guessable=baselines.guessable(test),
        about=about,
    )


def _dosed(grid: _Grid, rates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "rates": rates,
        "dosed": rates[rates["condition"].isin(list(DOSES))],
        "dose_curve": _dose_curve(rates),
        "slopes": _slopes(grid.outcomes),
        "slopes_by_kind": effects.uncorrected(effects.split(grid.outcomes, grid.guessable, _lines)),
    }


def _sized(grid: _Grid) -> dict[str, object]:
    """Everything by the number of training problems."""
    by_size = _by_size(grid.sized, grid.sizes)
    return {
        "by_size": by_size,
        "answers_by_size": by_size[by_size["measure"] == "answer_correct"],
        "traces_by_size": _right_traces(by_size),
        "compared_by_size": _compared_by_size(grid.sized, grid.sizes),
        "compared_by_kind": {
            int(grid.sizes[name]): effects.split(part, grid.guessable, effects.paired)
            for name, part in grid.sized.groupby("setting", sort=False)
        },
    }


def _lengthened(grid: _Grid, rates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Everything by the length of the targets."""
    return {
        "filler": _filler_curve(grid.filled, grid.filled_tokens),
        "lengths": _lengths(rates, grid.tokens),
        "length_by_kind": _length_by_kind(grid),
    }


def _apart(grid: _Grid, rates: pd.DataFrame, pairs: list[tuple[str, str]]) -> dict[str, pd.DataFrame]:
    """Every condition beside the references, and the factorial."""
    outcomes, guessable = grid.outcomes, grid.guessable
    parts = effects.contrasts(outcomes, pairs)
    return {
        "parts": parts.assign(panel="minus " + parts["second"]),
        "parts_by_kind": effects.split(outcomes, guessable, partial(effects.paired, pairs=pairs)),
        "four": _measured(rates[rates["condition"].isin(effects.CORNERS)]),
        "corners": effects.factorial(outcomes),
        "corners_by_kind": effects.split(outcomes, guessable, effects.corners),
    }


def _numbers(grid: _Grid, shown: Mapping[str, object]) -> dict[str, object]:
    outcomes = grid.outcomes
    return (
        {
            "origin": tables_effects.origin(grid.about, grid.trained),
            "recipe": tables_effects.recipe(grid.knobs),
            "family": len(shown["parts"]),
            "margin": f"{100 * MARGIN:g}",
        }
        | _counts(outcomes, grid.runs, grid.trained)
        | _guesses(grid.test, grid.guessable)
        | _levels(shown["rates"])
        | _of_dose(shown["slopes"], shown["slopes_by_kind"])
        | _by_kind(outcomes, grid.guessable, shown["parts_by_kind"])
        | _of_sizes(shown["compared_by_size"], grid.sizes, outcomes["setting"].iloc[0])
        | _of_length(outcomes, grid.tokens)
        | _of_filler(grid.filled, grid.filled_tokens)
        | _of_parts(shown["parts"])
        | _of_corners(shown["corners"])
    )


def _measured(rates: pd.DataFrame) -> pd.DataFrame:
    """The rates with a column ``measured``: the measure in words."""
    return rates.assign(measured=rates["measure"].map(MEASURES))


def _right_traces(rates: pd.DataFrame) -> pd.DataFrame:
    return rates[rates["measure"].eq("trace_correct") & ~rates["condition"].isin(UNTRACED)]


def _counts(outcomes: pd.DataFrame, runs: pd.DataFrame, trained: pd.DataFrame) -> dict[str, object]:
    knobs = trained["parameters"].map(json.loads)
    steps = {round(k["epochs"] * k["train_items"] / k["batch_size"]) for k in knobs}
    return {
        "seeds": outcomes["seed"].nunique(),
        "items": outcomes["item"].nunique(),
        "train-items": int(runs["train_items"].iloc[0]),
        "steps": " or ".join(map(str, sorted(steps))),
        "too-long-train": int(trained["too_long_train"].sum()),
        "too-long-test": int(trained["too_long_test"].sum()),
        "unfinished": tables_effects.unfinished(trained["unfinished_test"]),
    }


def _guesses(test: list[Problem], guessable: pd.Series) -> dict[str, str]:
    """The accuracy of rules without dates; for one fitting name at random, also by kind of problems."""
    of_kind = {
        name: [problem for problem in test if guessable[problem.id] == is_easy]
        for name, is_easy in (("fits", True), ("decides", False))
    }
    by_kind = {
        f"guess-{name}": percent(baselines.rates(some).iloc[0].to_dict()) for name, some in of_kind.items()
    }
    return tables_effects.guesses(baselines.rates(test)) | by_kind


def _levels(rates: pd.DataFrame) -> dict[str, str]:
    answers = rates[rates["measure"] == "answer_correct"].set_index("condition")
    return {f"answers-{name}": percent(answers.loc[name]) for name in ("correct", "incorrect", "vanilla")}


def _lines(part: pd.DataFrame) -> dict[str, Estimates]:
    """The slope of each measure on the dose."""
    return {title: effects.line(part, DOSES, name) for name, title in MEASURES.items()}


def _slopes(outcomes: pd.DataFrame) -> pd.DataFrame:
    rows = [{"measure": title} | effects.slope(outcomes, DOSES, name) for name, title in MEASURES.items()]
    return effects.uncorrected(pd.DataFrame(rows))


def _dose_curve(rates: pd.DataFrame) -> pd.DataFrame:
    shown = rates[rates["condition"].isin(list(DOSES))]
    shown = shown[shown["measure"].isin(["answer_correct", "trace_correct"])]
    return _measured(shown).assign(dose=100 * shown["condition"].map(DOSES))


def _of_dose(slopes: pd.DataFrame, slopes_by_kind: pd.DataFrame) -> dict[str, str]:
    """The slopes in words. Hypothesis H6 is about the slope of accuracy; the others are exploratory."""
    rows = {row["measure"]: row for row in slopes.to_dict("records")}
    accuracy, traces = rows[ACCURACY], rows[MEASURES["trace_correct"]]
    of_accuracy = slopes_by_kind[slopes_by_kind["name"] == ACCURACY].to_dict("records")
    by_kind = {row["problems"]: tables_effects.in_words(row) for row in of_accuracy}
    return {
        "dose-slope": tables_effects.in_words(accuracy),
        "trace-slope": tables_effects.in_words(traces),
        "dose-alone": tables_effects.alone_in_words(accuracy),
        "dose-where": effects.where(slopes_by_kind)[ACCURACY],
        **{f"dose, {kind}": by_kind[kind] for kind in (UNDATED, DATED)},
    }


def _by_kind(outcomes: pd.DataFrame, guessable: pd.Series, parts_by_kind: pd.DataFrame) -> dict[str, str]:
    """Accuracy by kind of problems, and the kinds on which differences to correct traces are shown."""
    kinds = outcomes.assign(kind=outcomes["item"].map(guessable).map(KINDS))
    rates = effects.by_condition(kinds, ["answer_correct"], "kind").set_index(["kind", "condition"])
    plain = effects.split(outcomes, guessable, partial(effects.paired, pairs=[("vanilla", "correct")]))
    shown = {
        f"{name}, {kind}": percent(rates.loc[(kind, name)])
        for kind in (UNDATED, DATED)
        for name in ("correct", "filler", "vanilla")
    }
    return shown | {
        "where-filler": effects.where(parts_by_kind)["filler − correct"],
        "where-vanilla": effects.where(plain)["vanilla − correct"],
    }


def _by_size(sized: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    found = effects.by_condition(sized, ["answer_correct", "trace_correct"])
    problems = found["setting"].map(sizes)
    return found.assign(problems=problems, **{"trained on": problems.astype(str) + " problems"})


def _compared_by_size(sized: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    compared = effects.contrasts(sized)
    problems = compared["setting"].map(sizes)
    pair = compared["first"] + " − " + compared["second"]
    return compared.assign(
        name=problems.astype(str) + " problems, " + pair, **{"training problems": problems}
    )


def _of_sizes(compared: pd.DataFrame, sizes: pd.Series, first_setting: str) -> dict[str, str]:
    plain = compared["first"].eq("vanilla") & compared["second"].eq("correct")
    at_most = compared[plain & compared["setting"].eq(first_setting)].iloc[0]
    return {
        "sizes": ", ".join(map(str, sorted(set(sizes)))),
        "plain-minus-correct": f"{percent(at_most)} points",
        **tables_effects.named_sides("sizes", compared, "name"),
    }


def _filled(
    everything: pd.DataFrame, trained: pd.DataFrame, train_items: int
) -> tuple[pd.DataFrame, pd.Series]:
    """Outcomes of `FILLED` with this number of training problems, and the mean tokens of their targets."""
    runs = trained[trained["train_items"].eq(train_items) & trained["condition"].isin(FILLED)]
    tokens = runs.groupby("condition", sort=False)["target_tokens"].mean()
    outcomes = everything.merge(runs[["setting", "condition", "seed"]])
    return outcomes.assign(setting="filler alone"), tokens


def _filler_curve(filled: pd.DataFrame, tokens: pd.Series) -> pd.DataFrame:
    found = effects.by_condition(filled, ["answer_correct"])
    return _measured(found).assign(tokens=found["condition"].map(tokens)).sort_values("tokens")


def _hundreds(tokens: pd.Series) -> dict[str, float]:
    """The mean tokens of targets in hundreds, by condition."""
    return (tokens / 100).to_dict()


def _of_filler(filled: pd.DataFrame, tokens: pd.Series) -> dict[str, str]:
    slope = effects.slope(filled, _hundreds(tokens.drop("vanilla")))
    shortest = effects.contrasts(filled, [("filler-25", "vanilla")]).to_dict("records")[0]
    return {
        "filler-slope": _uncorrected_in_words(slope),
        "shortest-filler": tables_effects.in_words(shortest),
        **{f"filled-{name}": f"{tokens[name]:.0f}" for name in FILLED},
    }


def _uncorrected_in_words(row: dict) -> str:
    (alone,) = effects.uncorrected(pd.DataFrame([row])).to_dict("records")
    return tables_effects.in_words(alone)


def _lengths(rates: pd.DataFrame, tokens: pd.Series) -> pd.DataFrame:
    answers = rates[rates["measure"] == "answer_correct"]
    shown = _measured(pd.concat([answers, _right_traces(rates)]))
    shown = shown.assign(tokens=shown["condition"].map(tokens)).sort_values("tokens", kind="stable")
    rounded = shown["tokens"].round().astype(int).astype(str)
    return shown.assign(row=shown["condition"] + " (" + rounded + ")")


def _of_length(outcomes: pd.DataFrame, tokens: pd.Series) -> dict[str, str]:
    named = {f"tokens-{name}": f"{tokens[name]:.0f}" for name in ("correct", "incorrect")}
    return named | {
        "length-slope": _uncorrected_in_words(effects.slope(outcomes, _hundreds(tokens))),
        "shortest": f"{tokens.idxmin()} ({tokens.min():.0f} tokens)",
        "longest": f"{tokens.idxmax()} ({tokens.max():.0f} tokens)",
    }


def _length_by_kind(grid: _Grid) -> pd.DataFrame:
    """By kind of problems: slopes on length, and the step from no trace to the shortest filler."""
    step = ("filler-25", "vanilla")

    def of_filler(part: pd.DataFrame) -> dict[str, Estimates]:
        line = effects.line(part, _hundreds(grid.filled_tokens.drop("vanilla")))
        return {
            "filler alone, per hundred tokens": line,
            " − ".join(step): effects.paired(part, [step])[step],
        }

    def of_all(part: pd.DataFrame) -> dict[str, Estimates]:
        return {"all conditions, per hundred tokens": effects.line(part, _hundreds(grid.tokens))}

    parts = [(grid.filled, of_filler), (grid.outcomes, of_all)]
    return effects.uncorrected(pd.concat(effects.split(part, grid.guessable, of) for part, of in parts))


def _of_parts(parts: pd.DataFrame) -> dict[str, str]:
    """The conditions that differ from each reference, and by how much."""
    half = 100 * ((parts["high"] - parts["low"]).astype(float) / 2).median()
    numbers = {"half-width": NONE if pd.isna(half) else f"{half:.0f}"}
    for reference in REFERENCES:
        rows = parts[parts["second"] == reference]
        alike = rows[rows["equivalent"].eq(True)].to_dict("records")
        numbers |= tables_effects.named_sides(reference, rows, "first")
        fixed = rows.assign(p_holm=rows["fixed_p_holm"])
        numbers |= tables_effects.named_sides(f"{reference}-alone", fixed, "first")
        numbers[f"{reference}-alike"] = tables_effects.listed(alike, "first")
        numbers |= _in_words(rows, rows["first"] + f"-{reference}")
    return numbers


def _of_corners(corners: pd.DataFrame) -> dict[str, str]:
    return _in_words(corners, corners["effect"].str.replace(" ", "-"))


def _in_words(rows: pd.DataFrame, names: Iterable[str]) -> dict[str, str]:
    return dict(zip(names, map(tables_effects.in_words, rows.to_dict("records")), strict=True))


def _larger(place: Path, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    """`parts` for the first setting of each other grid."""
    shown = [pd.DataFrame()]
    for name in sweep_tables.others(place):
        read = sweep_tables.read(name, place)
        *_, runs, about = read
        outcomes, *_ = sweep_tables.first_setting(read)
        rows = tables_effects.contrasts(effects.contrasts(outcomes, pairs)).drop(columns="setting")
        shown.append(tables_effects.of_grid(rows, name, runs, about))
    return pd.concat(shown)
