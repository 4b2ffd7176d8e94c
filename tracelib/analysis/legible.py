"""Report how much of the outputs an audit could read: how answers were found, and which traces were not.

An audit looks for certain words. If the outputs use other words, its figures mean nothing. So this report
comes first, with examples.
"""

import pandas as pd

from tracelib.core import terminal
from tracelib.core.texts import folded
from tracelib.datasets.registry import NAMES
from tracelib.scoring import audit, run_names
from tracelib.scoring.audit import Audited
from tracelib.scoring.outcomes import RUN, UNJUDGED
from tracelib.scoring.outputs import Output
from tracelib.stats import as_text
from tracelib.stats.proportions import wilson
from tracelib.traces.answers import KINDS, parts
from tracelib.traces.format import Trace, Wording, parse

CAPTION = "How the answers were found: outputs by mark (bare: without a mark the whole text is the answer)"
LOOKED_AT = 7  # outputs of a run, spread evenly, that are searched for an example
OTHER_WORDS = 6  # a text with so many words besides the answer may hold a trace
COMPARED, FAR_LONGER = 50, 4  # wrong answers compared with their gold text; suspicious ratio of lengths
EXAMPLES, LONGEST = 3, 160  # texts shown in a note, and the most characters of each
MOST_RUNS = 5  # runs with the same problem that get a note
MISSING_STEP = {"category": "label", "facts_text": "facts"}  # field of a trace -> its name in a note
UNMARKED = {  # way in which most answers of a run were found -> what a note says about it
    "bare": "answers carry no mark, so everything outside the thought is taken as the answer",
    "none": "outputs have no answer that can be found",
}
Read = dict[int, tuple[Output, Trace]]  # row -> its output and the parsed text


def found(outcomes: pd.DataFrame) -> pd.DataFrame:
    """A row per run: outputs, answers found in each way (`answers.KINDS`), share without an answer."""
    rows = []
    for _, run in outcomes.groupby(RUN, dropna=False, sort=False):
        by_kind = run["found"].value_counts()
        counts = {kind: int(by_kind.get(kind, 0)) for kind in KINDS}
        missing = as_text.percent(wilson(counts["none"], len(run)))
        label = run_names.label(next(run.itertuples()))
        rows.append({**label, "outputs": len(run), **counts, "without an answer": missing})
    return pd.DataFrame(rows)


def notes(audited: Audited) -> list[str]:
    """Warnings to read first: unread traces, strange labels, unmarked answers, long gold texts."""
    outcomes = audited.outcomes
    runs = [run for _, run in outcomes.groupby(RUN, dropna=False, sort=False)]
    wrong = outcomes[~outcomes["answer_correct"] & ~outcomes["dataset"].isin(NAMES)]
    own = [rows for _, rows in wrong.groupby("dataset", sort=False)]
    looked_at = [rows for run in runs for rows in (_spread(_unread(run)), _spread(_parsed(run)))]
    looked_at += [_beginning(run[run["found"] == kind], EXAMPLES) for run in runs for kind in UNMARKED]
    looked_at += [_beginning(rows, COMPARED) for rows in own]
    texts = audit.texts(audited, {row for rows in looked_at for row in rows})  # each call reads all files
    read: Read = {
        row: (output, parse(output.prediction, output.problem.category, audited.words))
        for row, output in texts.items()
    }
    unread = [_unread_traces(read, run, audited.words) for run in runs]
    labels = [_strange_labels(read, run) for run in runs]
    unmarked = [_unmarked_answers(read, run) for run in runs]
    of_runs = [note for said in (unread, labels, unmarked) for note in _first(said)]
    return [*of_runs, *filter(None, [_long_golds(read, rows) for rows in own])]


def _first(found: list[str]) -> list[str]:
    said = list(filter(None, found))
    more = len(said) - MOST_RUNS
    return said[:MOST_RUNS] + ([f"the same of {more:,} more runs"] if more > 0 else [])


def _unread(run: pd.DataFrame) -> pd.DataFrame:
    return run[~run["parsed"] & (run["status"] != UNJUDGED)]


def _parsed(run: pd.DataFrame) -> pd.DataFrame:
    return run[run["parsed"]]


def _spread(rows: pd.DataFrame) -> list[int]:
    step = max(1, len(rows) // LOOKED_AT)
    return list(rows.index[::step][:LOOKED_AT])


def _beginning(rows: pd.DataFrame, most: int) -> list[int]:
    return list(rows.index[:most])


def _unread_traces(read: Read, run: pd.DataFrame, words: Wording) -> str:
    unread = _unread(run)
    for output, trace in (read[row] for row in _spread(unread)):
        if _may_hold_a_trace(output, trace):
            missing = tuple(name for name in MISSING_STEP if getattr(trace, name) is None)
            step = MISSING_STEP[missing[0]] if len(missing) == 1 else "trace"
            return (
                f"{_name(run)}: in {len(unread):,} of {len(run):,} outputs no {step} can be read. "
                f"Looked for: {' and '.join(words.described)}. Other words are given with --category-after "
                f"and --facts-after. One of these outputs: {_shown(output.prediction)}"
            )
    return ""


def _strange_labels(read: Read, run: pd.DataFrame) -> str:
    """A warning if no label of a run is right. The run more likely uses other labels than errs every time."""
    parsed = _parsed(run)
    if len(parsed) < LOOKED_AT or parsed["category_correct"].any():
        return ""
    named = {read[row][1].category for row in _spread(parsed)}
    gold = sorted(map(str, parsed["category"].unique()))
    return (
        f"{_name(run)}: none of the {len(parsed):,} labels that were read is right. Read, for instance: "
        f"{_several(sorted(map(str, named)))}; labels of the problems: {_several(gold)}"
    )


def _unmarked_answers(read: Read, run: pd.DataFrame) -> str:
    for kind, what in UNMARKED.items():
        rows = run[run["found"] == kind]
        if 2 * len(rows) > len(run):
            shown = (read[row] for row in _beginning(rows, EXAMPLES))
            examples = ", ".join(_shown(trace.answer or output.prediction) for output, trace in shown)
            return f"{_name(run)}: {len(rows):,} of {len(run):,} {what}: {examples}"
    return ""


def _long_golds(read: Read, wrong: pd.DataFrame) -> str:
    """A warning if a user's own dataset has gold answers that look like worked solutions.

    No short answer equals such a gold answer.
    """
    rows = _beginning(wrong, COMPARED)
    pairs = []
    for output, trace in (read[row] for row in rows):
        answer, gold = trace.answer or "", min(output.problem.gold, key=len)
        if answer and len(gold) >= FAR_LONGER * len(answer) and len(gold.split()) > OTHER_WORDS:
            pairs.append((answer, gold))
    if 2 * len(pairs) <= len(rows):
        return ""
    answer, gold = pairs[0]
    return (
        f"{wrong['dataset'].iloc[0]}: of {len(rows):,} wrong answers looked at, {len(pairs):,} are far "
        f"shorter than their gold text, but an answer must equal all of it: {_shown(answer)} and "
        f"{_shown(gold)}. If a field holds the short answer, name it by --field gold=NAME"
    )


def _may_hold_a_trace(output: Output, trace: Trace) -> bool:
    """Whether a text has a thought, a fact of the context, the label, or many words besides its answer."""
    text, problem = output.prediction, output.problem
    beside = len(text.split()) - len((trace.answer or "").split())
    if beside >= OTHER_WORDS or any(map(str.strip, parts(text).thoughts)):
        return True
    said = folded(text.replace(trace.answer or "", "", 1))
    return any(folded(part) in said for part in (*problem.facts, problem.category))


def _name(run: pd.DataFrame) -> str:
    return ", ".join(map(str, run_names.label(next(run.itertuples())).values()))


def _several(texts: list[str]) -> str:
    return ", ".join(map(_shown, texts[:EXAMPLES])) + (", ..." if len(texts) > EXAMPLES else "")


def _shown(text: str) -> str:
    return repr(terminal.bounded(" ".join(text.split()), LONGEST))
