"""The chapter on the real model's results: the registered analysis, on the committed tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import effects, here_and_there, preregistered
from tracelib.analysis.comparison import MARGIN, compare_conditions
from tracelib.core.frames import where
from tracelib.experiments import sweep_tables
from tracelib.paper import evidence, frequent_answers, real_grid
from tracelib.reporting import tables_effects, tables_preregistered
from tracelib.scoring.metrics import primary
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson
from tracelib.traces.conditions import UNTRACED, UNTRAINED

DATASET = "babi"
EXPLORED = (  # first minus second; the plan's *Explores*
    ("both-wrong", "random-fact"), ("random-fact", "correct"), ("incorrect", "both-wrong"),
    ("incorrect", "correct"), ("vanilla", "vanilla-tagged"), ("vanilla", "correct"),
)  # fmt: skip
RELEASED = (("vanilla", "correct"), ("incorrect", "correct"))  # pairs that the released models have too


@dataclass(frozen=True)
class Facts:
    """What the chapter shows.

    Attributes:
        numbers: by name, for its sentences.
        gates: `preregistered.gates`.
        primary: `preregistered.primary`, with the columns row and panel of its figure.
        rates: of every arm (`effects.by_condition`).
        drawn: right answers and right traces among `rates`, with the columns row and measured.
        explored: other pairs of arms (`effects.contrasts`).
        by_training: right answers of every training, a row per arm and a column per seed (percent).
        by_category: right answers of each arm in each category (`effects.by_condition`).
        linked: right answers given right and wrong traces (`effects.association`).
        beside: pairs that the paper's models have too (`here_and_there.contrasts`).
        runs, about: the runs behind the tables, and their provenance.
    """

    numbers: dict[str, object]
    gates: pd.DataFrame
    primary: pd.DataFrame
    rates: pd.DataFrame
    drawn: pd.DataFrame
    explored: pd.DataFrame
    by_training: pd.DataFrame
    by_category: pd.DataFrame
    linked: pd.DataFrame
    beside: pd.DataFrame
    runs: pd.DataFrame
    about: dict


def facts(work: Path, tables: Path = sweep_tables.TABLES) -> Facts:
    """What the tables in a folder give. `work` is the build's folder, for the paper's models.

    `InputError` where there are no tables.
    """
    outcomes, interventions, runs, about = real_grid.read(tables)
    trained = outcomes[~outcomes["condition"].isin(UNTRAINED)]
    traced = trained[~trained["condition"].isin(UNTRACED)]
    gates = preregistered.gates(outcomes)
    tested = preregistered.primary(outcomes, interventions, preregistered.CPU)
    rates = effects.by_condition(outcomes)
    explored = effects.contrasts(trained, EXPLORED)
    there = _of_paper(work)
    beside = here_and_there.contrasts(effects.contrasts(trained, RELEASED), there, {DATASET: DATASET})
    return Facts(
        numbers=_sizes(outcomes, runs, about)
        | _gates(gates)
        | tables_preregistered.answers(tested, preregistered.CPU)
        | {"alt-primary": tables_preregistered.alt(tested)}
        | _rule()
        | _explored(explored)
        | {"random-minus-correct": as_text.percent(_of_random(explored))}
        | {"patterns": here_and_there.patterns(beside), "margin-alike": f"{100 * MARGIN:g}"},
        gates=gates,
        primary=_drawn_tests(tested),
        rates=rates,
        drawn=_drawn(rates),
        explored=explored,
        by_training=_by_training(trained),
        by_category=effects.by_condition(trained, ["answer_correct"], by="category"),
        linked=effects.association(traced),
        beside=beside,
        runs=runs,
        about=about,
    )


def _of_paper(work: Path) -> pd.DataFrame:
    """The paper's conditions compared on the same problems."""
    released = where(evidence.read_outcomes(work / "data"), dataset=DATASET)
    return compare_conditions(released, primary(DATASET), RELEASED)


def _sizes(outcomes: pd.DataFrame, runs: pd.DataFrame, about: Mapping) -> dict[str, object]:
    trained = runs[~runs["condition"].isin(UNTRAINED)]
    return {
        "trainings": len(trained),
        "planned": preregistered.CPU.trainings * len(preregistered.ARMS + preregistered.OTHER_ARMS),
        "arms": trained["condition"].nunique(),
        "seeds": trained["seed"].nunique(),
        "tests": int(outcomes.groupby(["condition", "seed"])["item"].nunique().max()),
        "problems": outcomes["problem"].nunique(),
        "too-long": int(runs[["too_long_train", "too_long_test", "too_long_forced"]].to_numpy().sum()),
        "unfinished": tables_effects.unfinished(trained["unfinished_test"]),
        "origin": tables_effects.origin(about, runs),
    }


def _gates(gates: pd.DataFrame) -> dict[str, object]:
    failed = gates.loc[~gates["passed"], "gate"].tolist()
    return {
        "gates-failed": "; ".join(failed) or "none",
        "informative": "uninformative" if failed else "informative",
    }


def _drawn_tests(tested: pd.DataFrame) -> pd.DataFrame:
    pair = tested["first"] + " − " + tested["second"]
    return tested.assign(row=pair, panel=tested["question"].map(tables_preregistered.MEASURED))


def _rule() -> dict[str, object]:
    right = frequent_answers.SHIPPED.load()["right"].astype(bool)
    return {"rule": as_text.percent(wilson(int(right.sum()), len(right)))}


def _explored(explored: pd.DataFrame) -> dict[str, object]:
    named = explored.assign(pair=explored["first"] + " − " + explored["second"])
    return {
        "explored": len(named),
        **{f"explored-{side}": text for side, text in tables_effects.sides(named, "pair").items()},
    }


def _of_random(explored: pd.DataFrame) -> dict:
    return where(explored, first="random-fact", second="correct").iloc[0].to_dict()


def _by_training(trained: pd.DataFrame) -> pd.DataFrame:
    """Percent of right answers: a row per arm, a column per seed."""
    rates = effects.rates(trained, "answer_correct")[DATASET].T
    shown = (100 * rates).round(1).rename(columns=lambda seed: f"seed {seed}").rename_axis("condition")
    return shown.reset_index()


def _drawn(rates: pd.DataFrame) -> pd.DataFrame:
    """Right answers of every arm, and right traces of the arms that write one."""
    of_traces = rates["measure"].eq("trace_correct") & ~rates["condition"].isin(UNTRACED)
    shown = rates[rates["measure"].eq("answer_correct") | of_traces]
    return shown.assign(row=shown["condition"], measured=shown["measure"].map(effects.MEASURES))
