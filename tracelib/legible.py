"""How much of the outputs could be read: where the answers stood, and which traces were not found.

An audit of texts that were written in other words than those it looks for is an audit of nothing; so this
is said first, with examples.
"""

import pandas as pd

from tracelib import audit, tables, terminal
from tracelib.answers import KINDS
from tracelib.audit import Audited
from tracelib.datasets.own import KNOWN
from tracelib.outcomes import RUN, UNJUDGED
from tracelib.stats.proportions import wilson
from tracelib.traces import parse

CAPTION = "Where the answers stood: outputs by the mark that was found (bare: none, all of the text is taken)"
LOOKED_AT = 1000  # outputs among which an example is looked for
OTHER_WORDS = 6  # beside the answer, from which a text may hold a trace
COMPARED, FAR_LONGER = 50, 4  # wrong answers beside their gold text, and how many times as long that is
EXAMPLES, LONGEST = 3, 160  # texts that a note shows, and characters of each
MOST_RUNS = 5  # that notes name


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
    """What to look at before the figures: traces that cannot be read, answers that carry no mark."""
    return [*_unread_traces(audited), *_bare_answers(audited), *_long_golds(audited)]


def _unread_traces(audited: Audited) -> list[str]:
    outcomes = audited.outcomes
    unread = outcomes[~outcomes["parsed"] & (outcomes["status"] != UNJUDGED)]
    if unread.empty:
        return []
    longest = unread["tokens"].head(LOOKED_AT).idxmax()
    text = audit.texts(audited, [longest])[longest].prediction
    answer = parse(text).answer or ""
    if len(text.split()) - len(answer.split()) < OTHER_WORDS:  # nothing but answers
        return []
    return [
        f"{len(unread):,} of {len(outcomes):,} outputs have no trace that can be read. Looked for: "
        f"{audited.words.described}. Other words are given with --category-after and --facts-after. One of "
        f"these outputs: {_shown(text)}"
    ]


def _bare_answers(audited: Audited) -> list[str]:
    said = []
    for names, run in audited.outcomes.groupby(RUN, dropna=False, sort=False):
        bare = run[run["found"] == "bare"]
        if 2 * len(bare) <= len(run):
            continue
        rows = list(bare.index[:EXAMPLES])
        texts = audit.texts(audited, rows)
        examples = ", ".join(_shown(parse(texts[row].prediction).answer or "") for row in rows)
        dataset, model, condition, _ = names
        said.append(
            f"{dataset}, {model}, {condition}: {len(bare):,} of {len(run):,} answers carry no mark, so "
            f"all that stands outside the thought is taken for the answer: {examples}"
        )
    more = len(said) - MOST_RUNS
    return said[:MOST_RUNS] + ([f"the same of {more:,} more runs"] if more > 0 else [])


def _long_golds(audited: Audited) -> list[str]:
    """Datasets of one's own whose gold answers look like worked solutions: no short answer can equal them."""
    said = []
    wrong = audited.outcomes[~audited.outcomes["answer_correct"] & ~audited.outcomes["dataset"].isin(KNOWN)]
    for dataset, rows in wrong.groupby("dataset", sort=False):
        pairs = []
        for output in audit.texts(audited, rows.index[:COMPARED]).values():
            answer, gold = parse(output.prediction).answer or "", min(output.problem.gold, key=len)
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


def _shown(text: str) -> str:
    return repr(terminal.bounded(" ".join(text.split()), LONGEST))
