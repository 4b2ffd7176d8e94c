"""Text and tables as Markdown: what would be read as markup is escaped."""

import pandas as pd

from tracelib.reporting.writing import shown

MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_~$|"} | {"&": "&amp;"})


def marked(text: str) -> str:
    """The text with what Markdown or HTML would read as markup escaped; brackets only where they link."""
    text = text.translate(MARKS).replace("<", "&lt;").replace("&lt; ", "< ")  # before a space it opens no tag
    return text.replace("](", "]\\(").replace("][", "]\\[").replace("://", "&#58;//")


def table(rows: pd.DataFrame) -> str:
    """A pipe table, a row per line."""
    body = ([marked(shown(cell)) for cell in row] for row in rows.itertuples(index=False, name=None))
    lines = [map(marked, rows.columns), ["---"] * rows.shape[1], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
