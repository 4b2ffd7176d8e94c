"""Hand the values that a chapter's prose cites to the book."""

from collections.abc import Mapping

from myst_nb import glue


def glue_all(numbers: Mapping[str, object]) -> None:
    """Glue each value under its name; prose cites it with ``{glue:text}`` and the name."""
    for name, value in numbers.items():
        glue(name, value, display=False)
