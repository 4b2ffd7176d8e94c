"""The texts of a store as columns of its problems, and how they came about."""

from datetime import UTC, datetime

from tracelib import __version__
from tracelib.core import terminal
from tracelib.datasets.export import Column
from tracelib.datasets.problem import Problem
from tracelib.teacher import asking
from tracelib.teacher.report import DESCRIBED, Report, judged
from tracelib.teacher.settings import EXPLANATION, SUMMARY, TRACE
from tracelib.teacher.store import Store
from tracelib.teacher.verdict import KEPT

MEANING = {
    "model": "the teacher",
    "prediction": "what the teacher said outside its reasoning: the answer",
    "trace": "the teacher's reasoning",
    "summary": "a summary of the trace, made from the trace alone",
    "explanation": "the teacher's explanation of its answer, asked for afterwards",
    "request": "the key of the request in the store",
}
DEFAULT = "that is the dataset's first"
CAUSE = "kept, or why the trace is not kept"


def exported(store: Store, everything: bool = False) -> tuple[dict[str, list[Problem]], list[Column]]:
    """The problems by split, and the columns with the teacher's texts.

    Only problems whose trace was kept are exported; with `everything` all whose reply can be read, with a
    column `cause`. Summaries and explanations that are not kept are left out.
    """
    problems, recipes = store.problems(), store.recipes()
    later = {
        kind: {each.key: each.reading.said for each in judged(store, kind, problems) if each.cause == KEPT}
        for kind in (SUMMARY, EXPLANATION)
        if kind in recipes
    }
    splits: dict[str, list[Problem]] = {}
    texts: dict[str, dict[Problem, str]] = {name: {} for name in (*MEANING, "cause")}
    for each in judged(store, TRACE, problems) if TRACE in recipes else ():
        if each.cause != KEPT and not everything:
            continue
        splits.setdefault(problems[each.content][0], []).append(each.problem)
        row = {
            "model": recipes[TRACE]["model"],
            "prediction": each.reading.said,
            "trace": each.reading.trace,
            "request": each.key,
            "cause": each.cause,
        }
        for kind, found in later.items():
            if text := found.get(asking.later_key(recipes[kind], each.key)):
                row[kind] = text
        for name, text in row.items():
            texts[name][each.problem] = text
    names = [name for name in MEANING if name not in (SUMMARY, EXPLANATION) or name in recipes]
    columns = [Column(name, MEANING[name], texts[name]) for name in names]
    return splits, [*columns, Column("cause", CAUSE, texts["cause"])] if everything else columns


def described(store: Store, found: Report) -> str:
    """How the texts came about, in Markdown: server, models, instructions, dates, counts, tokens."""
    servers = ", ".join(map(_code, store.servers()))
    lines = [f"Asked for and exported by tracelib {__version__}{_period(store)}, at {servers}.", ""]
    for kind, recipe in store.recipes().items():
        spent = found.spent.get(kind)
        about = [
            f"model {_code(recipe['model'])}",
            f"at most {recipe['max_tokens']:,} tokens",
            *([] if recipe["temperature"] is None else [f"temperature {recipe['temperature']:g}"]),
            *([f"right by the metric {recipe['metric'] or DEFAULT}"] if kind == TRACE else []),
            *([f"{spent.counted.total:,} tokens, as the server counted"] if spent else []),
        ]
        lines.append(f"- **{kind}**: {'; '.join(about)}. Instruction: {_code(recipe['instruction'])}")
        lines += [f"  - {count:,}: {DESCRIBED[cause]}" for cause, count in found.requests[kind].items()]
    return "\n".join(lines)


def _period(store: Store) -> str:
    period = store.period()
    if period is None:
        return ""
    first, last = (datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in period)
    return f", on {first}" if first == last else f", from {first} to {last}"


def _code(text: str) -> str:
    """A text as code within a line of Markdown, whatever is in it."""
    return f"`{terminal.one_line(text).replace('`', chr(39))}`"
