"""What the notebooks show: tables and examples as escaped HTML. Model output is untrusted text."""

from html import escape

import pandas as pd
from IPython.display import HTML

from tracelib.problems import Problem
from tracelib.verify import Verdict

LONGEST = 1500  # characters of a generated text that a page shows


def table(frame: pd.DataFrame) -> HTML:
    """A table without its index, escaped; ``book/_static/book.css`` makes it scroll on small screens.

    The dataset's name is left out where there is only one: the text around the table says it.
    """
    if frame.empty:
        return HTML("<p><em>Nothing to show here: no rows.</em></p>")
    varied = [name for name in frame if name != "dataset" or frame[name].nunique() > 1]
    html = frame[varied].to_html(index=False, escape=True, border=0, na_rep="")
    return HTML(f'<div class="results">{html}</div>')


def text(content: str) -> HTML:
    """A text as it is: escaped, bounded, line breaks kept."""
    shown = content if len(content) <= LONGEST else content[:LONGEST] + " ... (cut)"
    return HTML(f'<pre class="written">{escape(shown)}</pre>')


def problem(shown: Problem) -> HTML:
    """A problem: question, numbered facts with the gold supporting ones in bold, gold steps and answer."""
    items = []
    for index, fact in enumerate(shown.facts):
        gold = index in shown.supporting
        items.append(f"<li>{f'<strong>{escape(fact)}</strong> (gold)' if gold else escape(fact)}</li>")
    return HTML(
        f"<p><em>Question.</em> {escape(shown.question)}</p><ol>{''.join(items)}</ol>"
        f"<p><em>Step 1, category.</em> {escape(shown.category)}. "
        f"<em>Answer.</em> {escape(', '.join(shown.gold))}.</p>"
    )


def verdict_row(name: str, verdict: Verdict) -> dict:
    """One row of a table of verdicts."""
    words = {True: "right", False: "wrong"}
    return {
        "trace": name,
        "step 1: category": words[verdict.category],
        "step 2: retrieval": words[verdict.retrieval],
        "facts cited": verdict.cited,
        "gold facts": verdict.gold,
        "in both": verdict.both,
        "whole trace": words[verdict.trace],
    }
