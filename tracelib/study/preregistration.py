"""A preregistration in Markdown, filled from a study's file. What only its authors know is in brackets."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracelib import __version__
from tracelib.study import config
from tracelib.study.config import Ratings, Study, Trust
from tracelib.study.orders import williams
from tracelib.study.pages import TEMPLATES

RULES = {  # rule of `tracelib.study.config.Exclusions` -> in words
    "attention_failed": "at least {} failed attention checks",
    "comprehension_below": "a share of right comprehension answers below {}",
    "seconds_below": "less than {} seconds from consent to the last page",
}


def text(study: Study, file: str) -> str:
    """The preregistration of a study. `file` is the name of its file."""
    environment = Environment(  # Markdown, so nothing is escaped
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    parts = {"ratings": study.ratings, "trust": study.trust}
    return environment.get_template("preregistration.md").render(
        study=study,
        file=file,
        digest=config.digest(study),
        version=__version__,
        designs={name: design(part) for name, part in parts.items() if part},
        exclusions=exclusions(study),
    )


def design(part: Ratings | Trust) -> str:
    """The design of a part in a few sentences."""
    names, rows = config.names(part), len(williams(len(config.within(part))))
    what = "kinds of trace" if isinstance(part, Ratings) else "ways to show an answer, right and wrong,"
    seen = "sees all" if part.assignment == "within" else "sees one"
    block = rows * len(config.between(part))
    return (
        f"{len(names)} {what} are compared {part.assignment} participants: each {seen} of them. "
        f"A participant sees {part.pages} of {part.problems} problems, each once. "
        f"Orders are the {rows} rows of a balanced Latin square (Williams). Participants get rows in "
        f"randomised blocks of {block}, and problems get levels by rotation, so that every problem is "
        "shown equally often at every level."
    )


def exclusions(study: Study) -> list[str]:
    """The rules of exclusion in words."""
    rules = study.exclusions.model_dump(exclude_none=True)
    return [RULES[name].format(limit) for name, limit in rules.items()]
