"""Pages, and parts of pages, from the templates beside this module.

HTML is escaped wherever a template prints a text. Markdown has other marks: its template asks for `marked`.
"""

from html import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tracelib.core.paths import TEMPLATES
from tracelib.reporting.markdown import marked
from tracelib.reporting.writing import spelled_out


def between_tags(text: str) -> Markup:
    """A text escaped for a place between tags: there quotes stay as they are, and many make a page long."""
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
    """The template of this name with these values in it."""
    return ENVIRONMENT.get_template(name).render(values)
