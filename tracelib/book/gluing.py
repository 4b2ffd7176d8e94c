"""What a chapter's sentences cite, handed to the book by name."""

from collections.abc import Mapping

from myst_nb import glue


def glue_all(numbers: Mapping[str, object]) -> None:
    """Glue each value under its name: prose then cites it by ``{glue:text}`` and the name."""
    for name, value in numbers.items():
        glue(name, value, display=False)
