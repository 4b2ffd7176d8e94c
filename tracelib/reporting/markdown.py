"""Text and tables as Markdown, with all markup escaped."""

import pandas as pd

from tracelib.reporting.writing import shown

MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_~$|"} | {"&": "&amp;"})


def marked(text: str) -> str:
    """The text with Markdown and HTML markup escaped; brackets are escaped only if they would make a link."""
    text = text.translate(MARKS).replace("<", "&lt;").replace("&lt; ", "< ")  # "< " opens no tag
    return text.replace("](", "]\\(").replace("][", "]\\[").replace("://", "&#58;//")


def table(rows: pd.DataFrame) -> str:
    """The rows as a pipe table."""
    body = ([marked(shown(cell)) for cell in row] for row in rows.itertuples(index=False, name=None))
    lines = [map(marked, rows.columns), ["---"] * rows.shape[1], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
