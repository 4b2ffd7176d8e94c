"""Tables and examples in notebooks, as escaped HTML. Model output is untrusted text."""

import re
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd
from IPython.display import HTML

from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.reporting import templating
from tracelib.scoring.verify import Verdict, verify
from tracelib.stats.as_text import VERDICT
from tracelib.traces.conditions import CONDITIONS, target
from tracelib.traces.described import describe
from tracelib.traces.format import parse

LONGEST = 3000  # characters of a generated text that a page shows
FOLDED = 24  # rows of a table; a longer one is folded away
INTERVAL = re.compile(r"\[-?[\d.]+, -?[\d.]+\]")


def table(frame: pd.DataFrame | None) -> HTML | None:
    """A table without its index, escaped; ``book/_static/book.css`` makes it scroll on small screens.

    An interval stays on one line. A table of more than 24 rows is folded away, and its rows are counted.
    The column ``dataset`` is left out if all rows have the same, since the text around the table names it.
    None shows nothing.
    """
    return None if frame is None else _table(frame, "results")


def prose_table(frame: pd.DataFrame | None) -> HTML | None:
    """A table with sentences in it: like `table`, but its lines wrap."""
    return None if frame is None else _table(frame, "results prose")


def glossary(meanings: Mapping[str, str], name: str, meaning: str) -> HTML:
    """Names and their meanings, as a `prose_table` with the headings `name` and `meaning`."""
    return prose_table(pd.DataFrame(meanings.items(), columns=[name, meaning]))


def _table(frame: pd.DataFrame, classes: str) -> HTML:
    if frame.empty:
        return HTML("<p><em>Nothing to show here: no rows.</em></p>")
    varied = [name for name in frame if name != "dataset" or frame[name].nunique() > 1]
    html = frame[varied].rename_axis(columns=None).to_html(index=False, escape=True, border=0, na_rep="")
    html = INTERVAL.sub(r'<span class="whole">\g<0></span>', html)
    shown = f'<div class="{classes}">{html}</div>'
    if len(frame) > FOLDED:
        columns = escape(", ".join(map(str, varied)))
        shown = (
            f'<details class="long"><summary>Table of {len(frame)} rows: {columns}</summary>{shown}</details>'
        )
    return HTML(shown)


def text(content: str) -> HTML:
    """A text with its line breaks, escaped and bounded."""
    return HTML(f'<pre class="written">{escape(_cut(content))}</pre>')


def texts(contents: Mapping[str, str]) -> HTML:
    """Several texts in one block, each below its name."""
    return text("\n\n".join(f"[{name}]\n{content}" for name, content in contents.items()))


def _cut(content: str) -> str:
    return content if len(content) <= LONGEST else content[:LONGEST] + " ... (cut)"


def framed(document: str, title: str) -> HTML:
    """A whole document of HTML in a frame in which nothing runs and nothing is sent."""
    frame = f'<iframe class="framed" sandbox title="{escape(title)}" srcdoc="{escape(document)}"></iframe>'
    return HTML(f"<div>{frame}</div>")  # IPython warns of a bare frame: it has a class for addresses


def problem(shown: Problem) -> HTML:
    """A problem: question, numbered facts with the gold supporting ones in bold, gold steps and answer."""
    return HTML(templating.render("problem.html", problem=shown))


def verdict_row(name: str, verdict: Verdict) -> dict:
    """One row of a table of verdicts."""
    return {
        "trace": name,
        "step 1: category": VERDICT[verdict.category],
        "step 2: retrieval": VERDICT[verdict.retrieval],
        "facts cited": verdict.cited,
        "gold facts": verdict.gold,
        "in both": verdict.both,
        "whole trace": VERDICT[verdict.trace],
    }


def gallery(
    shown: Problem,
    pool: list[Problem],
    seed: int,
    names: Sequence[str] = tuple(CONDITIONS),
    texts: Mapping[str, Texts] | None = None,
) -> HTML:
    """A problem under each of these conditions: the condition's description, its target, and the verdicts.

    Args:
        texts: a teacher's texts by the ids of problems, for the conditions that need them.
    """
    targets = {name: target(shown, name, seed, pool, texts) for name in names}
    cards = [(name, describe(name), _chips(shown, text), _cut(text)) for name, text in targets.items()]
    return HTML(templating.render("gallery.html", cards=cards))


def _chips(shown: Problem, text: str) -> list[tuple[str, str]]:
    """Each step with its verdict as a word. Colours only repeat the word."""
    trace = parse(text)
    verdict = verify(shown, trace)
    found = {
        "category": None if trace.category is None else verdict.category,
        "facts": None if trace.facts_text is None else verdict.retrieval,
    }
    words = {**VERDICT, None: "absent"}
    return [(step, words[value]) for step, value in found.items()]
