"""The analysis of the human study: on simulated respondents, or on the data of a study."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from pathlib import Path

import pandas as pd

from tracelib.analysis import collected, election_study, power, respondents
from tracelib.analysis import ratings as analysis
from tracelib.analysis.collected import Collected, Wording
from tracelib.core.frames import where
from tracelib.reporting import figures_ratings
from tracelib.stats.as_text import count_of, span
from tracelib.stats.paired import ALPHA
from tracelib.study import config

STUDIES = ("paper", "trust")


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        left_out: how many participants are left out and why.
        distributions, all_kinds, pairs, odds, odds_same_length, agreement: of the ratings
            (`tracelib.analysis.ratings`).
        pairs_of_all: `pairs` of all who have finished, excluded or not.
        acceptance, sensitivity, calibration: of the trust part.
        published: the fit beside published results (`election_study.compared`).
        recovered: the odds ratios that were put in beside those that were found; None for real data.
        wording: names, questions and anchors.
    """

    numbers: dict[str, object]
    left_out: pd.DataFrame
    distributions: pd.DataFrame
    all_kinds: pd.DataFrame
    pairs: pd.DataFrame
    odds: pd.DataFrame
    odds_same_length: pd.DataFrame
    agreement: pd.DataFrame
    pairs_of_all: pd.DataFrame
    acceptance: pd.DataFrame
    sensitivity: pd.DataFrame
    calibration: pd.DataFrame
    published: pd.DataFrame
    recovered: pd.DataFrame | None
    wording: Wording


def facts(work: Path, study: str = "") -> Facts:
    """The facts, of a study's exported folder; without one, of simulated respondents."""
    whole = collected.read(Path(study)) if study else respondents.study()
    wording = _of_files() if whole.simulated else whole.wording
    data = whole.included()
    distributions, odds = analysis.distributions(data.ratings), analysis.odds_ratios(data.ratings)
    all_kinds, pairs = analysis.all_kinds(data.ratings), analysis.pairs(data.ratings)
    odds_same_length = analysis.odds_ratios(data.ratings, length=True)
    recovered, same_length = (
        _recovered(found, wording.labels) if whole.simulated else None for found in (odds, odds_same_length)
    )
    published = election_study.compared()
    numbers = (
        _people(whole, data, study)
        | {"alt": figures_ratings.described(distributions, wording.labels)}
        | {"respondents": int(published["n"].iloc[0])}
        | _found(pairs, odds, odds_same_length)
        | _held(recovered, same_length)
        | _size(power.load())
    )
    return Facts(
        numbers=numbers,
        left_out=whole.counts(),
        distributions=distributions,
        all_kinds=all_kinds,
        pairs=pairs,
        odds=odds,
        odds_same_length=odds_same_length,
        agreement=analysis.agreement(data.ratings),
        pairs_of_all=analysis.pairs(whole.finished().ratings),
        acceptance=analysis.acceptance(data.decisions),
        sensitivity=analysis.sensitivity(data.decisions),
        calibration=analysis.calibration(data.decisions),
        published=published,
        recovered=recovered,
        wording=wording,
    )


def _of_files() -> Wording:
    """The names of kinds and arms in the shipped studies: the simulated one is like both."""
    paper, trust = (collected.worded(config.load(name).study.model_dump(mode="json")) for name in STUDIES)
    return Wording(paper.labels, trust.arms)


def _people(whole: Collected, data: Collected, study: str) -> dict[str, object]:
    included = where(whole.participants, state="finished", excluded="")
    return {
        "source": f"the participants in `{study}`" if study else "simulated respondents",
        "beware": "" if study else "Nobody was asked: every rating and every decision is simulated.",
        "people": len(whole.participants),
        "included": len(included),
        "answers": len(data.ratings),
        "decisions": len(data.decisions),
        "decisions-per-arm": _range(data.decisions.groupby("arm").size()),
    }


def _range(counts: pd.Series) -> str:
    low, high = counts.min(), counts.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _found(pairs: pd.DataFrame, odds: pd.DataFrame, odds_same_length: pd.DataFrame) -> dict[str, object]:
    """In how many pairs of kinds each way of comparing finds a difference."""
    tables = {"ranks": pairs, "odds": odds, "length": odds_same_length}
    return {
        f"found-{name}": count_of((table["p_holm"].astype(float) < ALPHA).sum(), len(table))
        for name, table in tables.items()
    }


def _recovered(odds: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """The odds ratios of the simulated kinds, as put in, beside the estimates."""
    rows = []
    for row in odds.to_dict("records"):
        kinds = respondents.CONSTRUCTS[row["measures"]]
        names = [labels[row[name]] for name in ("measures", "first", "second")]
        logs = {name: log(row[name]) for name in ("estimate", "low", "high")}
        quantity = f"{names[0]}: {names[1]} − {names[2]}"
        rows.append({"quantity": quantity, "expected": kinds[row["first"]] - kinds[row["second"]], **logs})
    return pd.DataFrame(rows)


def _held(recovered: pd.DataFrame | None, same_length: pd.DataFrame | None) -> dict[str, object]:
    """How many intervals hold the odds ratios that were put in, without and with length."""
    if recovered is None or same_length is None:
        return {
            "held": "without a study's data this chapter shows how well they are found",
            "length-put-in": "Whether length matters is not known for these data.",
        }
    return {
        "held": f"here {_holding(recovered)} intervals hold what was put in",
        "length-put-in": "No effect of length was put into the simulated ratings, so the truth is the "
        f"same with and without it: {_holding(same_length)} of these intervals hold it. The pairs of a "
        "construct share one estimate of length, and so miss together.",
    }


def _holding(recovered: pd.DataFrame) -> str:
    held = (recovered["low"] <= recovered["expected"]) & (recovered["expected"] <= recovered["high"])
    return count_of(held.sum(), len(held))


def _size(grid: pd.DataFrame) -> dict[str, object]:
    """Simulated false findings and coverage, over the cells of the shipped grid."""
    same = where(grid, odds_ratio=1.0)
    return {
        "size": span(same["found"] / same["fitted"]),
        "coverage": span(grid["held"] / grid["fitted"]),
        "simulations": int(grid["simulations"].iloc[0]),
        "cells": len(grid),
        "fewest": int(grid["people"].min()),
        "most": int(grid["people"].max()),
    }
