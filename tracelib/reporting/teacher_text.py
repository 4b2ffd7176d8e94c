"""A teacher's estimate and report as lines for the terminal."""

import math
from collections.abc import Sequence

from tracelib.core.terminal import bounded, one_line
from tracelib.teacher.budget import Cost, Limit, cost, spent_on
from tracelib.teacher.estimate import Row
from tracelib.teacher.report import DESCRIBED, Report
from tracelib.teacher.settings import Teacher, Tokens

SHOWN = 300  # characters of a server's words
HEADER = ("", "model", "finished", "to ask", "tokens, about", "at most")
DOLLARS = ("dollars, about", "at most")


def estimate_lines(teacher: Teacher, rows: Sequence[Row], limit: Limit, spent: Cost) -> list[str]:
    """The cost table, and below it what is spent, the budget, and what the figures assume."""
    header = HEADER + (DOLLARS if teacher.price else ())
    cells = [_row(teacher, row) for row in rows]
    whole = [cost(teacher, row.kind, tokens) for row in rows for tokens in (row.expected, row.most)]
    about, most = (sum(whole[start::2], Cost()) for start in (0, 1))
    there, to_ask = sum(row.finished for row in rows), sum(row.to_ask for row in rows)
    total = ["all", "", f"{there:,}", f"{to_ask:,}", f"{about.tokens:,}", f"{most.tokens:,}"]
    total += [f"{about.dollars:,.2f}", f"{most.dollars:,.2f}"] if teacher.price else []
    lines = _aligned([header, *cells, total])
    if spent.tokens:
        lines.append(f"spent so far: {_cost(spent, teacher)}")
    lines.append(f"budget: {_limit(limit)}")
    lines.append(
        "About: if every answer is right, and texts are as long as those in the store, or else R1's."
    )
    return lines


def report_lines(found: Report, teacher: Teacher | None = None) -> list[str]:
    """By kind, how many texts are kept and why the others are not; then what it took."""
    lines = []
    for kind, counts in found.requests.items():
        total = sum(counts.values())
        lines.append(f"{kind}: {total:,}")
        lines += _aligned(
            [("", f"{count:,}", DESCRIBED[cause]) for cause, count in counts.items()], right=(1,)
        )
    if found.reason:
        lines.append(f"the server's last reason: {bounded(one_line(found.reason), SHOWN)}")
    if found.sent_again:
        lines.append(f"sent again: {found.sent_again:,}")
    counted = sum((spent.counted for spent in found.spent.values()), Tokens())
    perhaps = sum((spent.perhaps for spent in found.spent.values()), Tokens())
    lines.append(
        f"tokens, as the server counted: {counted.prompt:,} of prompts, {counted.completion:,} written"
    )
    if perhaps.total:
        lines.append(f"perhaps paid for without a count: at most {perhaps.total:,} tokens")
    if teacher and teacher.price:
        lines.append(f"cost: at most {spent_on(teacher, found.spent).dollars:,.2f} dollars")
    return lines


def _row(teacher: Teacher, row: Row) -> list[str]:
    cells = [row.kind, one_line(row.model), f"{row.finished:,}", f"{row.to_ask:,}"]
    cells += [f"{row.expected.total:,}", f"{row.most.total:,}"]
    if teacher.price:
        cells += [f"{teacher.dollars(row.kind, tokens):,.2f}" for tokens in (row.expected, row.most)]
    return cells


def _cost(spent: Cost, teacher: Teacher) -> str:
    dollars = f", {spent.dollars:,.2f} dollars" if teacher.price else ""
    return f"{spent.tokens:,} tokens{dollars} at most"


def _limit(limit: Limit) -> str:
    parts = [f"{limit.tokens:,.0f} tokens"] if math.isfinite(limit.tokens) else []
    parts += [f"{limit.dollars:,.2f} dollars"] if math.isfinite(limit.dollars) else []
    return f"{' and '.join(parts)} in all runs of this store" if parts else "none"


def _aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = range(2, 20)) -> list[str]:
    """The rows as lines, in columns; those numbered in `right` end at one place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
