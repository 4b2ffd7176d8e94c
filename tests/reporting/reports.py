"""Made outputs, reports on them, and the tables and prose of reports."""

from dataclasses import replace

from tracelib.core.pylist import listed
from tracelib.datasets.problem import Problem
from tracelib.reporting import audit_report as report
from tracelib.reporting import document
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.traces.format import render


def task(number, category="mix", dataset="cotempqa"):
    """A problem of its own content: the second and third fact answer it."""
    return Problem(
        id=str(number),
        dataset=dataset,
        question=f"While Ada was working for Beta, which employer did Ada work for? ({number})",
        facts=(
            "Ada works for Beta from 1948 to 1952.",
            "Ada works for Gamma from 1940 to 1960.",
            "Ada works for Delta from 1950 to 1955.",
        ),
        gold=("Gamma", "Delta"),
        supporting=(1, 2),
        category=category,
        kind="S1_R1_O2" if dataset == "cotempqa" else "",
    )


def said(problem, cell):
    """An output in one cell of the 2x2 (``T+A-``), or an answer alone (``A+``)."""
    answered = problem if "A+" in cell else replace(problem, gold=("Beta",))
    if "T" not in cell:
        return f"<answer>{listed(answered.gold)}</answer>"
    return render(answered, problem.category if "T+" in cell else "equal", listed(problem.supporting_facts))


def run(cells, model="m", condition="correct", seed=None, first=0, category="mix"):
    """One run: a cell per problem, numbered from `first`."""
    problems = [task(first + place, category) for place in range(len(cells))]
    return [
        Output(problem, said(problem, cell), model, condition, seed)
        for problem, cell in zip(problems, cells, strict=True)
    ]


def parts(*runs):
    return report.sections(score([output for run in runs for output in run]))


def table(found, caption):
    """The rows of the only table whose caption begins so."""
    (shown,) = [t.rows for part in found for t in part.tables if t.caption.startswith(caption)]
    return shown.to_dict("records")


def as_html(found):
    return document.as_html(report.TITLE, found)


def as_markdown(found):
    return document.as_markdown(report.TITLE, found)


def prose(found):
    return " ".join(" ".join(part.prose) for part in found)


CELLS = ["T+A+"] * 6 + ["T+A-"] * 2 + ["T-A+"] * 3 + ["T-A-"] * 9
