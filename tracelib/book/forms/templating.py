"""Render the templates beside this module. No chapter depends on them, as on those of `reporting`."""

from pathlib import Path

from jinja2 import FileSystemLoader

from tracelib.reporting import templating

FOLDER = Path(__file__).parent / "templates"
ENVIRONMENT = templating.ENVIRONMENT.overlay(loader=FileSystemLoader(FOLDER, encoding="utf-8"))


def render(name: str, **values: object) -> str:
    """The text of a template, filled with these values, which are escaped."""
    return ENVIRONMENT.get_template(name).render(values)
