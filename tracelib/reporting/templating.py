"""Render pages, and parts of pages, from the templates beside this module.

HTML templates escape every text that they print. The Markdown template uses the filter `marked` instead.
"""

from html import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tracelib.core.paths import TEMPLATES
from tracelib.reporting.markdown import marked
from tracelib.reporting.writing import spelled_out


def between_tags(text: str) -> Markup:
    """Escape a text that stands between tags. Quotes are left alone there, which keeps pages short."""
    return Markup(escape(text, quote=False))


ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
    autoescape=select_autoescape(disabled_extensions=["md"], default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.filters |= {"marked": marked, "spelled_out": spelled_out, "between_tags": between_tags}


def render(name: str, **values: object) -> str:
    """The text of a template, filled with these values."""
    return ENVIRONMENT.get_template(name).render(values)
