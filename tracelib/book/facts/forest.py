"""The chapter with all the evidence in one plot: combined estimates, and the rows behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tracelib.analysis import effects
from tracelib.core.frames import where
from tracelib.paper import clustered, evidence, real_grid, release, sharing, synthesis
from tracelib.paper.synthesis import Gathered
from tracelib.reporting import figures_forest
from tracelib.reporting.tables_synthesis import chance
from tracelib.scoring.metrics import primary
from tracelib.stats import meta
from tracelib.stats.as_text import decimal, p_value, percent
from tracelib.stats.estimate import unprefixed

TRACES, PLAIN = ("correct", "incorrect"), ("vanilla", "correct")
MARGINS = ("5", "3")  # points
HERE = {  # per contrast, the pairs of arms, with what is said of the second pair, which shares a format
    TRACES: {("correct", "incorrect"): "", ("correct", "both-wrong"): ", both-wrong"},
    PLAIN: {("vanilla", "correct"): "", ("vanilla-tagged", "correct"): ", tagged"},
}
LEVEL = 0.05
SHARED = {  # `sharing.KINDS` by their names in the prose
    "any": "any_fact", "gold": "gold_fact", "gold-gold": "gold_as_gold", "subject": "same_subject",
    "duplicate": "duplicate",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose and the alt texts cite, by name.
        traces, plain: every row of correct minus incorrect, and of vanilla minus correct
            (`synthesis.rows`).
        traces_drawn, plain_drawn: these rows, and those of the model trained here, which are in no average.
        of_traces, of_plain: their combined estimates (`synthesis.combined`).
        inferior: the combined rows of `traces` with non-inferiority tests (`synthesis.non_inferiority`).
        choices: combined estimates under other choices of rows (`synthesis.sensitivities`).
        without: combined estimates with one unit left out (`synthesis.leave_out`).
        chances: posterior probabilities under each prior (`synthesis.bayesian`).
        beside: intervals from resampled subjects (`clustered.beside`), by metric.
        shared: how many test problems share something with training problems (`sharing.counts`).
        rests_on: the training problems behind `shared` (`sharing.rests_on`).
        apart: differences on problems that share something, and on the others (`sharing.apart`).
    """

    numbers: dict[str, object]
    traces: pd.DataFrame
    plain: pd.DataFrame
    traces_drawn: pd.DataFrame
    plain_drawn: pd.DataFrame
    of_traces: dict[str, dict]
    of_plain: dict[str, dict]
    inferior: pd.DataFrame
    choices: pd.DataFrame
    without: pd.DataFrame
    chances: pd.DataFrame
    beside: pd.DataFrame
    shared: pd.DataFrame
    rests_on: pd.DataFrame
    apart: pd.DataFrame


def facts(work: Path) -> Facts:
    """The facts, from the outcomes in a work folder and the tables in the package."""
    outcomes = evidence.read_outcomes(work / "data")
    gathered = synthesis.load(outcomes)
    traces, plain = (synthesis.rows(gathered, *pair) for pair in (TRACES, PLAIN))
    of_traces, of_plain = synthesis.combined(traces), synthesis.combined(plain)
    traces_drawn = pd.concat([traces, _here(TRACES)])
    plain_drawn = pd.concat([plain, _here(PLAIN)])
    inferior, choices = synthesis.non_inferiority(traces), synthesis.sensitivities(traces)
    without, chances = synthesis.leave_out(traces), synthesis.bayesian(traces)
    shared = sharing.load()
    counted, rests_on = sharing.counts(shared), sharing.rests_on(shared)
    beside = _beside(outcomes, shared)
    metrics = {name: primary(name) for name in set(outcomes["dataset"])}
    apart = sharing.apart(outcomes, shared, metrics, *TRACES)
    numbers = (
        {
            "rests-on": release.rests_on(outcomes),
            "alt-traces": figures_forest.described(traces_drawn, of_traces, *TRACES),
            "alt-plain": figures_forest.described(plain_drawn, of_plain, *PLAIN),
        }
        | _of_traces(traces, of_traces)
        | _of_plain(of_plain)
        | _inferior(inferior)
        | _rows(gathered, traces)
        | _combined(traces, of_traces["all"])
        | _choices(choices, without)
        | _chances(chances)
        | _subjects(shared, beside)
        | _levels(outcomes, shared)
        | _shared(counted, rests_on)
        | _apart(apart)
    )
    return Facts(
        numbers=numbers,
        traces=traces,
        plain=plain,
        traces_drawn=traces_drawn,
        plain_drawn=plain_drawn,
        of_traces=of_traces,
        of_plain=of_plain,
        inferior=inferior,
        choices=choices,
        without=without,
        chances=chances,
        beside=beside,
        shared=counted,
        rests_on=rests_on,
        apart=apart,
    )


def _here(contrast: tuple[str, str]) -> pd.DataFrame:
    """The contrast for the model that was trained here, in the columns of `synthesis.rows` that are drawn."""
    outcomes, *_ = real_grid.read()
    said = HERE[contrast]
    rows = effects.contrasts(outcomes, list(said)).to_dict("records")
    ends = ("estimate", "low", "high")
    return pd.DataFrame(
        {
            "source": figures_forest.HERE,
            "model": f"SmolLM2-135M{said[row['first'], row['second']]}",
            "dataset": "babi",
            "metric": primary("babi"),
            "runs": row["n"],
            "combined": False,
            **{end: row[end] for end in ends},
        }
        for row in rows
    )


def _to(low: float, high: float) -> str:
    """The two ends of an interval, in points."""
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _predicted(found: Mapping) -> str:
    return _to(found["predicted_low"], found["predicted_high"])


def _of_traces(traces: pd.DataFrame, of_traces: Mapping[str, dict]) -> dict[str, object]:
    """Correct minus incorrect: the cells, and their combined estimates."""
    one = where(traces, combined=True)
    numbers: dict[str, object] = {
        "k": len(one),
        "ahead": int((one["estimate"] > 0).sum()),
        "clear": int((one["low"] > 0).sum()),
        "behind": int((one["high"] < 0).sum()),
    }
    for name, found in of_traces.items():
        numbers[name] = percent(found)
        numbers[f"zero-{name}"] = f"an interval that {'excludes' if found['low'] > 0 else 'includes'} zero"
        numbers |= {f"p-{margin}-{name}": p_value(found[f"p_{margin}"]) for margin in MARGINS}
    everything = of_traces["all"]
    numbers["predicted"] = _predicted(everything)
    return numbers | {f"p-{margin}": p_value(everything[f"p_{margin}"]) for margin in MARGINS}


def _of_plain(of_plain: Mapping[str, dict]) -> dict[str, object]:
    """Vanilla minus correct: the combined estimates."""
    numbers: dict[str, object] = {}
    for name, found in of_plain.items():
        numbers |= {f"plain-{name}": percent(found), f"plain-k-{name}": found["n"]}
        numbers[f"plain-predicted-{name}"] = _predicted(found)
    return numbers


def _inferior(inferior: pd.DataFrame) -> dict[str, object]:
    """The cells in which a loss of each margin is ruled out after Holm."""
    numbers: dict[str, object] = {}
    for margin in MARGINS:
        shown = inferior[inferior[f"p_holm_{margin}"] < LEVEL].to_dict("records")
        names = "; ".join(map(figures_forest.label, shown)) or "none"
        numbers |= {f"shown-{margin}": len(shown), f"shown-names-{margin}": names}
    return numbers


def _rows(gathered: Gathered, traces: pd.DataFrame) -> dict[str, object]:
    """Correlations between conditions, rows from stated figures, contradicted figures, and missing cells."""
    found = pd.concat(synthesis.correlations(gathered.outcomes, *pair) for pair in (TRACES, PLAIN))
    stated = where(traces, source=synthesis.STATED).to_dict("records")
    of_marco = where(gathered.matrices, dataset="marco", quantity="answer right")
    right = of_marco.set_index(["model", "condition"])["stated"]
    pairs = [
        f"{model} {right[model, 'correct']} and {right[model, 'incorrect']}"
        for model in dict.fromkeys(of_marco["model"])
    ]
    zero = synthesis.contradicted(gathered.accuracies)[["model", "condition", "dataset"]]
    main = set(where(traces, training=synthesis.MAIN)["model"])
    alone = [name for name in dict.fromkeys(traces["model"]) if name not in main]
    return {
        "correlation-low": decimal(found["correlation"].min()),
        "correlation-high": decimal(found["correlation"].max()),
        "stated-models": "; ".join(map(figures_forest.label, stated)) or "none",
        "marco-counts": "; ".join(pairs),
        "contradicted": "; ".join(map(", ".join, zero.itertuples(index=False))),
        "without-main": ", ".join(alone) or "none",
    }


def _combined(traces: pd.DataFrame, whole: Mapping) -> dict[str, object]:
    """The spread of the cells, and the simulated coverage of such intervals."""
    repeated = where(traces, source=synthesis.REPEATED)
    held = meta.coverage(where(traces, combined=True)["error"], whole["tau"])
    return {
        "tau": percent(unprefixed("tau", whole)),
        "p-q": p_value(whole["p_q"]),
        "i2": f"{100 * whole['i2']:.0f}%",
        "run-sd": "; ".join(f"{row.model} {100 * row.run_sd:.1f}" for row in repeated.itertuples()),
        **{f"held-{name}": percent(rate) for name, rate in held.items()},
    }


def _choices(choices: pd.DataFrame, without: pd.DataFrame) -> dict[str, object]:
    """The range over other choices of rows that count no cell twice, and over units left out."""
    p_5 = choices.loc[choices["rows"] != synthesis.TWICE, "p_5"]
    return {
        "p-5-range": f"{p_value(p_5.min())} to {p_value(p_5.max())}",
        "without-low": f"{100 * without['estimate'].min():.1f}",
        "without-high": f"{100 * without['estimate'].max():.1f}",
        "without-zero": int((without["low"] <= 0).sum()),
        "without-n": len(without),
    }


def _chances(chances: pd.DataFrame) -> dict[str, object]:
    """Posterior estimates and probabilities under the first prior, and their range over all priors."""
    first = chances.iloc[0].to_dict()
    numbers: dict[str, object] = {
        "bayes": percent(first),
        "bayes-new": _to(first["predicted_low"], first["predicted_high"]),
    }
    for column in ("mean_positive", "mean_close", "new_close"):
        name, found = column.replace("_", "-"), chances[column]
        numbers[name] = chance(first[column])
        numbers[f"{name}-range"] = f"{chance(found.min())} to {chance(found.max())}"
    return numbers


def _beside(outcomes: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Intervals from resampled subjects, under both metrics."""
    parts = [
        clustered.beside(outcomes, shared, metric).assign(metric=metric)
        for metric in ("corrected", "official")
    ]
    return pd.concat(parts, ignore_index=True)


def _subjects(shared: pd.DataFrame, beside: pd.DataFrame) -> dict[str, object]:
    """How many problems ask about one subject, and the comparisons in which resampled subjects disagree."""
    subjects = where(shared, dataset="cotempqa")["subject"]
    disputed = clustered.disputed(beside).to_dict("records")
    return {
        "problems": len(subjects),
        "subjects": subjects.nunique(),
        "most": int(subjects.value_counts().max()),
        "widths-low": decimal(beside["widths"].min()),
        "widths-high": decimal(beside["widths"].max()),
        "disputed": "; ".join(map(_disputed, disputed)) or "none",
        "n-disputed": len(disputed),
        "n-beside": len(beside),
    }


def _disputed(row: Mapping) -> str:
    drawn = _to(row["low_subjects"], row["high_subjects"])
    return (
        f"{row['model']}, {row['first']} − {row['second']} ({row['metric']}): {percent(row)}, "
        f"McNemar p = {p_value(row['p'])}, with subjects drawn {drawn}"
    )


def _levels(outcomes: pd.DataFrame, shared: pd.DataFrame) -> dict[str, object]:
    """For each of `clustered.LEVELS`, the smallest and largest ratio of the width of the interval over
    subjects to the usual width.
    """
    levels = clustered.levels(where(outcomes, condition="correct"), shared, "corrected")
    widths = {level: where(levels, level=level)["widths"] for level in clustered.LEVELS}
    return {f"level-{level}": f"{decimal(w.min())} to {decimal(w.max())}" for level, w in widths.items()}


def _shared(counted: pd.DataFrame, rests_on: pd.DataFrame) -> dict[str, object]:
    """How many test problems share something with training problems, and how many of these were available."""
    whole = where(counted, category="all")
    pairs = {(row.dataset, row.kind): (row.problems, row.n) for row in whole.itertuples()}
    numbers: dict[str, object] = {}
    for name, kind in SHARED.items():
        problems, n = pairs["cotempqa", kind]
        numbers[f"shared-{name}"] = f"{problems} of {n} ({100 * problems / n:.0f}%)"
    for kind in ("same_context", "duplicate"):
        numbers[f"babi-{kind.replace('_', '-')}"] = "{} of {}".format(*pairs["babi", kind])
    there = where(rests_on, dataset="cotempqa")
    numbers["trained"] = "; ".join(f"{row.category} {row.trained}" for row in there.itertuples())
    return numbers


def _apart(apart: pd.DataFrame) -> dict[str, object]:
    """Significant differences by what problems share; differences on problems that share no fact."""
    found = apart[apart["p_holm"] < LEVEL].to_dict("records")
    fresh = where(apart, kind="any_fact", shared=False).to_dict("records")
    return {
        "apart-found": "; ".join(map(_side, found)) or "none",
        "fresh": "; ".join(f"{row['model']} {percent(row)}" for row in fresh),
    }


def _side(row: Mapping) -> str:
    sharing_or_not = "sharing" if row["shared"] else "not sharing"
    return f"{row['model']}, {sharing_or_not} ({sharing.KINDS[row['kind']]}): {percent(row)}"
