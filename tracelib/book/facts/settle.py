"""What would settle it: the arms that a teacher's texts give here, power, and the traces needed."""

from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML

from tracelib.core.errors import InputError, quoted
from tracelib.core.frames import where
from tracelib.datasets.release_files import MAIN_TEST
from tracelib.paper import natural_compared, natural_errors, natural_structure, settling, taught_targets
from tracelib.paper.settling import ARM, ENOUGH, FIFTH
from tracelib.paper.taught_targets import Arms
from tracelib.reporting import html
from tracelib.reporting.tables import dashed
from tracelib.stats.as_text import count_of, percent, percentage
from tracelib.stats.crossed_power import SIMULATIONS
from tracelib.traces.described import describe

EXAMPLES = 3  # training problems whose targets are shown
RELEASED = sum(MAIN_TEST.values())  # test problems of CoTempQA
TRIED = 10  # trainings per arm in the answer at the top
FEW = min(settling.TRAININGS)
MOST = {"trainings": 200, "problems": 100_000}  # what a reader may ask for
NO_TEXTS = "This build has no teacher's texts. The counts are from the package, of the sample of R1's texts."
NONE_SHOWN = "None is shown here, because the texts are not on the machine of this build."
HAD = ("had", "had_low", "had_high")  # columns of `settling.traces`
COMPARISONS = {  # difference of two arms -> what it tells
    "teacher − teacher-swapped": "whether a trace has to belong to its problem: a swapped one stands before "
    "the problem's own right answer and does not lead to it",
    "teacher − teacher-answer": "whether training on traces helps at all; both have the teacher's answer",
    "teacher − correct": "whether a teacher's words, which are more, teach more than the steps of rules",
    "traces with a wrong step − traces without": "whether natural errors do harm before a right answer",
    "teacher-summary − teacher": "whether a short text is enough that leaves most facts out",
}


@dataclass(frozen=True)
class Facts:
    """Everything that the chapter cites and shows.

    Attributes:
        numbers: the values that the prose cites, by name.
        arms: a row per arm of the profile: what is trained on, and how many targets there are.
        examples: the targets of `EXAMPLES` problems under every arm; empty where the texts are not here.
        spreads: how differences spread in the real model's grid.
        powers: `settling.powers`, for the figure.
        power_table: the same in percent.
        traces: how many problems must be asked for an arm of each kind of trace.
    """

    numbers: dict[str, object]
    arms: pd.DataFrame
    examples: list[HTML]
    spreads: pd.DataFrame
    powers: pd.DataFrame
    power_table: pd.DataFrame
    traces: pd.DataFrame


def facts(texts: str, trainings: int, problems: int, margin: float, between: float) -> Facts:
    """The facts.

    Args:
        texts: an export of ``tracelib teacher``; empty for R1's texts, or the shipped counts without them.
        trainings, problems, margin, between: a design of the reader's; the last two in points.

    Raises:
        InputError: the export cannot be read, or the design cannot be simulated.
    """
    own = _design(trainings, problems, margin, between)
    found = taught_targets.here(texts)
    counts = taught_targets.SHIPPED.read() if found is None else taught_targets.counted(found)
    spreads = settling.spreads()
    powers = settling.powers(spreads.iloc[0])
    table = natural_compared.reasoning(natural_compared.described(natural_structure.load()))
    needed = settling.traces(natural_errors.of_readings(table))
    numbers = (
        _texts(found, counts)
        | _power(powers)
        | _own(own, spreads.iloc[0])
        | _spread(spreads)
        | _traces(needed)
    )
    return Facts(
        numbers,
        arms=_arms(counts),
        examples=_examples(found),
        spreads=_spreads(spreads),
        powers=powers,
        power_table=_power_table(powers),
        traces=_traces_table(needed),
    )


def _design(trainings: int, problems: int, margin: float, between: float) -> tuple[int, int, float, float]:
    for name, value in (("trainings", trainings), ("problems", problems)):
        if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST[name]:
            expected = f"expected a whole number from 2 to {MOST[name]}"
            raise InputError(f"'{name}': {expected}, found {quoted(value)}")
    for name, value, least in (("margin", margin, 0.1), ("between", between, 0)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= 50:
            raise InputError(f"'{name}': expected points from {least:g} to 50, found {quoted(value)}")
    return trainings, problems, float(margin), float(between)


def _texts(found: Arms | None, counts: pd.DataFrame) -> dict[str, object]:
    return {
        "source": f"{found.source}." if found else NO_TEXTS,
        "shown": f"{EXAMPLES} problems follow." if found else NONE_SHOWN,
        "train": f"{counts['train'].iloc[0]:,}",
        "held-out": f"{counts['test'].iloc[0]:,}",
        "arm": f"{ARM:,}",
    }


def _power(powers: pd.DataFrame) -> dict[str, str]:
    """With `TRIED` trainings: the fewest problems, and the power on the released test problems."""
    numbers = {
        "alt": _described(powers),
        "enough": f"{100 * ENOUGH:g}",
        "simulations": f"{SIMULATIONS:,}",
        "trainings": str(TRIED),
        "released": str(RELEASED),
        "few": str(FEW),
        "limit": percentage(settling.limit(FEW, max(settling.MARGINS), max(settling.BETWEEN))),
    }
    tried = where(powers, trainings=TRIED)
    for (margin, between), own in tried.groupby(["margin", "between"]):
        fewest, most = settling.fewest(own), own["problems"].max()
        name = f"{100 * margin:g}-{100 * between:g}"
        numbers[f"needed-{name}"] = f"more than {most:,}" if fewest is None else f"{fewest:,}"
        numbers[f"power-{name}"] = percent(where(own, problems=RELEASED).iloc[0])
    return numbers


def _described(powers: pd.DataFrame) -> str:
    """The curves of power in words, for readers who cannot see them."""
    sentences = ["Curves of power against the number of test problems, a panel per margin and spread."]
    for (margin, between, trainings), part in powers.groupby(["margin", "between", "trainings"]):
        values = ", ".join(f"{row.problems:,}: {100 * row.estimate:.0f}" for row in part.itertuples())
        name = f"Margin {100 * margin:g} points, spread {100 * between:g}, {trainings} trainings"
        sentences.append(f"{name}, percent by problems: {values}.")
    return " ".join(sentences)


def _own(design: tuple[int, int, float, float], spread: pd.Series) -> dict[str, str]:
    trainings, problems, margin, between = design
    row = settling.power(trainings, problems, margin / 100, between / 100, spread)
    return {
        "own-trainings": f"{trainings:,}",
        "own-problems": f"{problems:,}",
        "own-margin": f"{margin:g}",
        "own-between": f"{between:g}",
        "own-power": percent(row),
    }


def _spread(spreads: pd.DataFrame) -> dict[str, str]:
    first = spreads.iloc[0]
    return {
        "discordance": f"{100 * first['discordance']:.0f}",
        "spread-n": str(first["n"]),
    }


def _traces(needed: pd.DataFrame) -> dict[str, str]:
    kinds = needed.set_index("kind")
    every = FIFTH * RELEASED
    step = kinds.loc["right answer, a wrong step"]
    return {
        "every": f"{every:,}",
        "answered": f"{kinds.loc['right answer', 'had']:,}",
        "asked-step": _asked(step),
        "had-step": _had(step),
        "left-step": _left(step),
        "left-every": f"{every - RELEASED:,}",
        "had-wrong": f"{kinds.loc['wrong answer', 'had']:,}",
        "readings": str(step["n"]),
    }


def _asked(row: pd.Series) -> str:
    low, high = (f"{value:,.0f}" for value in (row["asked_low"], row["asked_high"]))
    return f"{row['asked']:,.0f} [{low}, {high}]"


def _had(row: pd.Series, share: float = 1) -> str:
    """How many such traces there are, or a share of them, with an interval if they are not counted."""
    had, low, high = (round(share * row[end]) if pd.notna(row[end]) else None for end in HAD)
    return f"{had:,}" if low is None else f"{had:,} [{low:,}, {high:,}]"


def _left(row: pd.Series) -> str:
    """How many are left for training if the problems are split as the R1 family's are."""
    return _had(row, 1 - 1 / FIFTH)


def _arms(counts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "arm": counts["condition"],
            "what is trained on": [describe(name) for name in counts["condition"]],
            "with a target": counts["targets"],
            "words, mean": dashed(counts["words"].map(lambda value: f"{value:.0f}", na_action="ignore")),
        }
    )


def _examples(found: Arms | None) -> list[HTML]:
    """The first problems that have a target in every arm, each with its targets; all but one folded."""
    if found is None:
        return []
    whole = [
        problem
        for problem in found.train
        if all(found.target(problem, condition) for condition in found.conditions)
    ]
    shown = [
        (html.problem(problem), html.gallery(problem, found.train, found.seed, found.conditions, found.texts))
        for problem in whole[:EXAMPLES]
    ]
    first, others = shown[0] if shown else (), [part for pair in shown[1:] for part in pair]
    return [*first, html.folded(f"{len(shown) - 1} more problems", others)] if others else [*first]


def _spreads(spreads: pd.DataFrame) -> pd.DataFrame:
    sizes = {"between problems": "items", "rest": "rest"}
    of_trainings = [
        f"{100 * row.seeds:.1f} [{100 * row.seeds_low:.1f}, {100 * row.seeds_high:.1f}]"
        for row in spreads.itertuples()
    ]
    return pd.DataFrame(
        {"difference": spreads["first"] + " − " + spreads["second"], "trainings": spreads["n"]}
        | {"between trainings": of_trainings}
        | {name: [f"{100 * value:.1f}" for value in spreads[column]] for name, column in sizes.items()}
        | {"answers that differ, %": [f"{100 * value:.0f}" for value in spreads["discordance"]]}
    )


def _power_table(powers: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (margin, between, trainings), part in powers.groupby(["margin", "between", "trainings"]):
        cells = {f"{row['problems']:,} problems": percent(row) for row in part.to_dict("records")}
        names = {"margin": f"{100 * margin:g}", "spread": f"{100 * between:g}", "trainings": trainings}
        rows.append(names | cells)
    return pd.DataFrame(rows)


def _traces_table(needed: pd.DataFrame) -> pd.DataFrame:
    rows = needed.to_dict("records")
    return pd.DataFrame(
        {
            "trace": needed["kind"],
            "% of problems asked": [percent(row) for row in rows],
            "counted": [count_of(row["found"], row["n"]) for row in rows],
            f"problems to ask for {ARM:,}": [_asked(row) for row in rows],
            "in CoTempQA": [_had(row) for row in rows],
            "for training": [_left(row) for row in rows],
        }
    )
