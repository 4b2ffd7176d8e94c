"""Render the pages of a study from its templates. Every printed text is escaped."""

import re
from collections.abc import Mapping

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tracelib.core.paths import STUDY_FILES
from tracelib.study import forms
from tracelib.study.config import Study
from tracelib.study.plan import Page

TEMPLATES, STATIC = STUDY_FILES / "templates", STUDY_FILES / "static"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
BOLD, BULLET = re.compile(r"\*\*([^*\n]+)\*\*"), re.compile(r"^([ \t]*)[*-](?= )", re.MULTILINE)
MESSAGES = {  # status -> heading and text of a page that says what went wrong
    400: ("This link is not complete", "Please open the link that you were given once more, unchanged."),
    403: (
        "This form cannot be taken",
        "It does not belong to this browser. Please allow cookies for this site, open the study again, and "
        "go on where you were: all pages that you sent are kept.",
    ),
    404: ("There is no such page", "The study goes on where you left it."),
    405: ("There is no such page", "The study goes on where you left it."),
    410: ("This page was open for too long", "Open the study again: it goes on where you left it."),
    413: ("This is too long", "Please go back and shorten what you wrote."),
    414: ("This link is too long", "Please open the link that you were given once more, unchanged."),
    429: ("Too many requests", "Please wait a few seconds, and load the page again. Nothing is lost."),
    500: (
        "Something went wrong",
        "It is our fault. Pages that you sent are kept; please open the study again.",
    ),
    503: (
        "Your answers could not be stored",
        "Please go back and send the page again in a moment. All earlier pages are kept.",
    ),
}
EXPIRED = "This page was open for twelve hours. Your answers are still on it: please send them again."
NOT_STORED = "Your answers could not be stored just now. They are still on this page: please send them again."


def laid_out(text: str) -> Markup:
    """A model's text with bold words and bullets as Markdown writes them; all else is shown as it is."""
    return Markup(BULLET.sub(r"\1•", BOLD.sub(r"<strong>\1</strong>", str(escape(text)))))


ENVIRONMENT.filters["laid_out"] = laid_out


def render(name: str, **values: object) -> str:
    """The text of a template, filled with these values."""
    return ENVIRONMENT.get_template(name).render(values)


def consent(study: Study, token: str, external: str | None, error: str = "") -> str:
    """The first page. `external` is the id that a platform gave."""
    return render("consent.html", study=study, token=token, external=external or "", error=error)


def page(
    study: Study,
    shown: Page,
    number: int,
    total: int,
    token: str,
    values: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
    notice: str = "",
) -> str:
    """A page of the plan, its number from 1 among all pages; with the values and errors of a refused form."""
    return render(
        "page.html",
        study=study,
        page=shown,
        questions=forms.questions(study, shown),
        number=number,
        total=total,
        token=token,
        values={name: str(value) for name, value in (values or {}).items()},
        errors=errors or {},
        notice=notice,
        longest=forms.LONGEST_COMMENT,
    )


def withdraw(study: Study, token: str) -> str:
    """The page that asks whether all answers should be deleted."""
    return render("withdraw.html", study=study, token=token)


def done(study: Study, withdrawn: bool = False) -> str:
    """The last page: the debrief, and the way back to the platform."""
    return render("done.html", study=study, withdrawn=withdrawn)


def message(study: Study, status: int) -> str:
    """A page that says what went wrong, and how the study goes on."""
    heading, text = MESSAGES.get(status, MESSAGES[500])
    return render("message.html", study=study, heading=heading, text=text)


def sheet(study: Study, shown: Page) -> str:
    """One page as participants see it, as a document that needs no other file and cannot be sent."""
    questions = forms.questions(study, shown)
    return render("sheet.html", study=study, page=shown, questions=questions, style=_style(), longest=0)


def _style() -> Markup:
    return Markup((STATIC / "study.css").read_text("utf-8"))


def preview(study: Study, shown: list[Page], origin: str, styles: bool = False) -> str:
    """Every page of a participant on one page; with `styles`, it needs no other file."""
    return render(
        "preview.html",
        study=study,
        shown=[(each, forms.questions(study, each)) for each in shown],
        origin=origin,
        style=_style() if styles else "",
        longest=forms.LONGEST_COMMENT,
    )
