"""The registered analysis as tables and sentences (`tracelib.analysis.preregistered`)."""

from collections.abc import Mapping

import pandas as pd

from tracelib.analysis.preregistered import QUESTIONS, Size
from tracelib.stats.as_text import p_value, percent
from tracelib.stats.estimate import noted

MEASURED = {"correctness": "right answers", "help": "right answers", "following": "answers that follow"}
SHOWN = {True: "yes", False: "not shown"}
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
            "shown": SHOWN[bool(row["shown"])],
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
    return f"{row['odds_ratio']:,.2f} [{row['odds_ratio_low']:,.2f}, {row['odds_ratio_high']:,.2f}]"


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
    measured = f"{percent(row)} points, p (Holm) {p_value(row['p_holm'])}"
    trainings = f"{row['n']}" if row["n"] >= planned else f"interim, {row['n']} of {planned} planned"
    sample = f"{trainings} trainings per arm, {row['items']} problems"
    return f"{_VERDICTS[row['question']](row)} ({row['first']} minus {row['second']}: {measured}; {sample})"


def _correctness(row: Mapping) -> str:
    margin = f"{100 * row['margin']:g} points"
    if row["above"]:
        return "Models trained on wrong traces answer better than models trained on right ones"
    if row["shown"]:
        return f"Wrong traces cost less than {margin} of accuracy; a gain is not shown"
    return f"That wrong traces cost less than {margin} is not shown; neither is that they cost more"


def _help(row: Mapping) -> str:
    if not row["shown"]:
        return "No difference between training with and without traces is shown; none is excluded"
    better, worse = ("without", "with") if row["estimate"] > 0 else ("with", "without")
    return f"Models trained {better} traces answer better than models trained {worse} them"


def _following(row: Mapping) -> str:
    if not row["shown"]:
        return "No difference in following a trace that leads astray is shown"
    more = row["first"] if row["estimate"] > 0 else row["second"]
    return f"Models trained on {more} traces follow a trace that leads astray more often"


_VERDICTS = {"correctness": _correctness, "help": _help, "following": _following}
