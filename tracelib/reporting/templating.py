"""Render pages, and parts of pages, from the templates beside this module.

HTML templates escape every text that they print. The Markdown template uses the filter `marked` instead.
"""

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracelib.core.paths import TEMPLATES
from tracelib.reporting.markdown import marked
from tracelib.reporting.writing import spelled_out

ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
    autoescape=select_autoescape(disabled_extensions=["md"], default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.filters |= {"marked": marked, "spelled_out": spelled_out}


def render(name: str, **values: object) -> str:
    """The text of a template, filled with these values."""
    return ENVIRONMENT.get_template(name).render(values)
