"""How much of the outputs could be read: where the answers stood, and which traces were not found.

An audit of texts that were written in other words than those it looks for is an audit of nothing; so this
is said first, with examples.
"""

from collections.abc import Sequence

import pandas as pd

from tracelib import audit, tables, terminal
from tracelib.answers import KINDS, parts
from tracelib.audit import Audited
from tracelib.datasets.own import KNOWN
from tracelib.outcomes import RUN, UNJUDGED
from tracelib.outputs import Output
from tracelib.stats.proportions import wilson
from tracelib.texts import folded
from tracelib.traces import Trace, parse

CAPTION = "Where the answers stood: outputs by the mark that was found (bare: none, all of the text is taken)"
LOOKED_AT = 7  # outputs of a run, spread over it, among which an example is looked for
OTHER_WORDS = 6  # beside the answer, from which a text may hold a trace
COMPARED, FAR_LONGER = 50, 4  # wrong answers beside their gold text, and how many times as long that is
EXAMPLES, LONGEST = 3, 160  # texts that a note shows, and characters of each
MOST_RUNS = 5  # that notes of a kind name


def found(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Per run: outputs, how many of them by each of `answers.KINDS`, and the share without an answer."""
    rows = []
    for _, run in outcomes.groupby(RUN, dropna=False, sort=False):
        by_kind = run["found"].value_counts()
        counts = {kind: int(by_kind.get(kind, 0)) for kind in KINDS}
        missing = tables.percent(wilson(counts["none"], len(run)))
        label = tables.run_label(next(run.itertuples()))
        rows.append({**label, "outputs": len(run), **counts, "without an answer": missing})
    return pd.DataFrame(rows)


def notes(audited: Audited) -> list[str]:
    """What to look at before the figures: traces and labels that were not read, answers without a mark."""
    runs = [run for _, run in audited.outcomes.groupby(RUN, dropna=False, sort=False)]
    kinds = (_unread_traces, _strange_labels, _unmarked_answers)
    of_runs = [note for kind in kinds for note in _first([kind(audited, run) for run in runs])]
    return [*of_runs, *_long_golds(audited)]


def _first(found: list[str]) -> list[str]:
    said = list(filter(None, found))
    more = len(said) - MOST_RUNS
    return said[:MOST_RUNS] + ([f"the same of {more:,} more runs"] if more > 0 else [])


def _unread_traces(audited: Audited, run: pd.DataFrame) -> str:
    unread = run[~run["parsed"] & (run["status"] != UNJUDGED)]
    for output, trace in _read(audited, _spread(unread)):
        text = output.prediction
        if _may_hold_a_trace(output, trace):
            missing = [name for name in ("category", "facts_text") if getattr(trace, name) is None]
            step = "label" if missing == ["category"] else "facts" if missing == ["facts_text"] else "trace"
            return (
                f"{_name(run)}: in {len(unread):,} of {len(run):,} outputs no {step} can be read. "
                f"Looked for: {audited.words.described}. Other words are given with --category-after and "
                f"--facts-after. One of these outputs: {_shown(text)}"
            )
    return ""


def _strange_labels(audited: Audited, run: pd.DataFrame) -> str:
    """A run in which no label that was read is the problem's: more likely other labels than no right one."""
    read = run[run["parsed"]]
    if len(read) < LOOKED_AT or read["category_correct"].any():
        return ""
    named = {trace.category for _, trace in _read(audited, _spread(read))}
    gold = sorted(map(str, read["category"].unique()))
    return (
        f"{_name(run)}: none of {len(read):,} labels that were read is the problem's. Read, for instance: "
        f"{_several(sorted(map(str, named)))}; the file's own: {_several(gold)}"
    )


def _unmarked_answers(audited: Audited, run: pd.DataFrame) -> str:
    for kind, what in (
        ("bare", "answers carry no mark, so all that stands outside the thought is taken for the answer"),
        ("none", "outputs have no answer that can be found"),
    ):
        rows = run[run["found"] == kind]
        if 2 * len(rows) > len(run):
            read = _read(audited, list(rows.index[:EXAMPLES]))
            examples = ", ".join(_shown(trace.answer or output.prediction) for output, trace in read)
            return f"{_name(run)}: {len(rows):,} of {len(run):,} {what}: {examples}"
    return ""


def _long_golds(audited: Audited) -> list[str]:
    """Datasets of one's own whose gold answers look like worked solutions: no short answer can equal them."""
    said = []
    wrong = audited.outcomes[~audited.outcomes["answer_correct"] & ~audited.outcomes["dataset"].isin(KNOWN)]
    for dataset, rows in wrong.groupby("dataset", sort=False):
        pairs = []
        for output, trace in _read(audited, list(rows.index[:COMPARED])):
            answer, gold = trace.answer or "", min(output.problem.gold, key=len)
            if answer and len(gold) >= FAR_LONGER * len(answer) and len(gold.split()) > OTHER_WORDS:
                pairs.append((answer, gold))
        looked_at = min(len(rows), COMPARED)
        if 2 * len(pairs) > looked_at:
            answer, gold = pairs[0]
            said.append(
                f"{dataset}: of {looked_at:,} wrong answers looked at, {len(pairs):,} are far shorter than "
                f"their gold text, all of which an answer has to equal: {_shown(answer)} to {_shown(gold)}. "
                "A field with the bare answer is named by --field gold=NAME"
            )
    return said


def _spread(rows: pd.DataFrame) -> list[int]:
    step = max(1, len(rows) // LOOKED_AT)
    return list(rows.index[::step][:LOOKED_AT])


def _read(audited: Audited, rows: Sequence[int]) -> list[tuple[Output, Trace]]:
    """The outputs of some rows, and what is read of their texts."""
    outputs = audit.texts(audited, rows)
    return [
        (output, parse(output.prediction, output.problem.category, audited.words))
        for output in (outputs[row] for row in rows)
    ]


def _may_hold_a_trace(output: Output, trace: Trace) -> bool:
    """Whether a text has a thought, a fact of the context, the label, or many words beside its answer."""
    text, problem = output.prediction, output.problem
    beside = len(text.split()) - len((trace.answer or "").split())
    if beside >= OTHER_WORDS or any(map(str.strip, parts(text).thoughts)):
        return True
    said = folded(text.replace(trace.answer or "", "", 1))
    return any(folded(part) in said for part in (*problem.facts, problem.category))


def _name(run: pd.DataFrame) -> str:
    return ", ".join(map(str, tables.run_label(next(run.itertuples())).values()))


def _several(texts: list[str]) -> str:
    return ", ".join(map(_shown, texts[:EXAMPLES])) + (", ..." if len(texts) > EXAMPLES else "")


def _shown(text: str) -> str:
    return repr(terminal.bounded(" ".join(text.split()), LONGEST))
