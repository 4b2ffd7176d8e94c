"""The registered analysis as tables and sentences (`tracelib.analysis.preregistered`)."""

from collections.abc import Mapping

import pandas as pd

from tracelib.analysis.preregistered import QUESTIONS, Size
from tracelib.stats.as_text import p_value, percent
from tracelib.stats.estimate import noted

MEASURED = {"correctness": "right answers", "help": "right answers", "following": "answers that follow"}
MOST_ODDS = 100  # a larger odds ratio is not written out
PASSED = {True: "passed", False: "failed"}


def gates(rows: pd.DataFrame) -> pd.DataFrame:
    """`preregistered.gates`: the mean with its interval, the bounds, the verdict."""
    return pd.DataFrame(
        {
            "gate": row["gate"],
            "trainings": int(row["n"]),
            "problems": int(row["items"]),
            "percent [95% interval]": percent(row),
            "required": f"{100 * row['least']:.0f} to {100 * row['most']:.0f}",
            "verdict": PASSED[bool(row["passed"])],
        }
        for row in rows.to_dict("records")
    )


def primary(rows: pd.DataFrame) -> pd.DataFrame:
    """`preregistered.primary`: the difference in points, the registered test, and whether it shows it."""
    return pd.DataFrame(
        {
            "question": QUESTIONS[row["question"]],
            "difference": f"{row['first']} − {row['second']}",
            "trainings": row["n"],
            "problems": row["items"],
            "points [95% interval]": percent(row),
            "test": _test(row),
            "p": p_value(row["p"]),
            "p (Holm)": p_value(row["p_holm"]),
            "what it shows": finding(row),
        }
        for row in rows.to_dict("records")
    )


def beside_primary(rows: pd.DataFrame) -> pd.DataFrame:
    """What stands beside the three tests and decides nothing: these problems alone, and the mixed logit."""
    return pd.DataFrame(
        {
            "difference": f"{row['first']} − {row['second']}",
            "points, these problems [95% interval]": percent(
                {"estimate": row["estimate"], "low": row["fixed_low"], "high": row["fixed_high"]}
            ),
            "odds ratio, mixed logit [95% interval]": _odds(row),
            "note": noted(row["note"], row["odds_ratio_note"]),
        }
        for row in rows.to_dict("records")
    )


def _test(row: Mapping) -> str:
    return "two-sided" if pd.isna(row["margin"]) else f"above −{100 * row['margin']:g} points"


def _odds(row: Mapping) -> str:
    if pd.isna(row["odds_ratio"]):
        return "–"
    low, high = _bounded(row["odds_ratio_low"]), _bounded(row["odds_ratio_high"])
    return f"{_bounded(row['odds_ratio'])} [{low}, {high}]"


def _bounded(odds: float) -> str:
    """An odds ratio as text. One that is too large is only said to be over `MOST_ODDS`."""
    return f"{odds:.2f}" if odds < MOST_ODDS else f"over {MOST_ODDS}"


def alt(rows: pd.DataFrame) -> str:
    """The three differences in words, for the alt text of their figure."""
    shown = [
        f"{row['first']} minus {row['second']}: {percent(row)} points" for row in rows.to_dict("records")
    ]
    return f"{'; '.join(shown)}."


def answers(rows: pd.DataFrame, size: Size) -> dict[str, str]:
    """`in_words` of each question, under the names that chapters cite, such as ``answer-help``."""
    return {f"answer-{row['question']}": in_words(row, size.trainings) for row in rows.to_dict("records")}


def in_words(row: Mapping, planned: int) -> str:
    """The answer to a question as a sentence, with its interval, n and test.

    With fewer trainings than planned it is called interim.
    """
    early = "" if row["n"] >= planned else f"Interim, after {row['n']} of {planned} trainings per arm: "
    measured = f"{percent(row)} points, p (Holm) {p_value(row['p_holm'])}"
    sample = f"{row['n']} trainings per arm, {row['items']} problems"
    return f"{early}{finding(row)} ({row['first']} minus {row['second']}: {measured}; {sample})"


def finding(row: Mapping) -> str:
    """What a row of `preregistered.primary` shows, without numbers."""
    return _FINDINGS[row["question"]](row)


def _correctness(row: Mapping) -> str:
    margin = f"{100 * row['margin']:g} points"
    if row["above"]:
        return "Training on both-wrong traces gives better answers than training on correct ones"
    if row["shown"]:
        return f"Training on both-wrong traces costs less than {margin} of accuracy; whether it helps is open"
    return f"Whether training on both-wrong traces costs {margin} of accuracy is open"


def _help(row: Mapping) -> str:
    if not row["shown"]:
        return "Whether training on correct traces helps or harms is open"
    better = "better" if row["estimate"] > 0 else "worse"
    return f"Training on the answer alone gives {better} answers than training on correct traces"


def _following(row: Mapping) -> str:
    if not row["shown"]:
        return "Whether models trained on correct traces follow a misleading trace more often is open"
    often = "more" if row["estimate"] > 0 else "less"
    who = "Models trained on correct traces"
    return f"{who} follow a misleading trace {often} often than models trained on both-wrong ones"


_FINDINGS = {"correctness": _correctness, "help": _help, "following": _following}
