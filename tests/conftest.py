"""Shared by all tests: where the release is, and what must not be skipped in CI."""

import os
import shutil
from pathlib import Path

import pytest

from tracelib.problems import Problem
from tracelib.twins import cotempqa

ROOT = Path(__file__).parent.parent
IN_CI = bool(os.environ.get("CI"))


def need(condition: bool, reason: str) -> None:
    """Skip where something is not there; in CI its absence is a failure."""
    if not condition:
        (pytest.fail if IN_CI else pytest.skip)(reason)


@pytest.fixture(scope="session")
def release_root() -> Path:
    """The local copy of the release, for golden tests."""
    need(bool(os.environ.get("TRACELIB_DATA")), "TRACELIB_DATA is not set: no local copy of the release")
    return Path(os.environ["TRACELIB_DATA"]).resolve() / "trace_check_qa"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    need(found is not None, "no chromium on this machine")
    return found


@pytest.fixture
def problem() -> Problem:
    """A small problem, worked by hand: two facts support the two answers of a mix question."""
    facts = (
        "Ada works for Beta from 1948 to 1952.",
        "Ada works for Gamma from 1940 to 1960.",
        "Ada works for Delta from 1950 to 1955.",
        "Ada works for Epsilon from 1980 to 1990.",
    )
    return Problem(
        id="p1",
        dataset="cotempqa",
        question="While Ada was working for Beta, which employer did Ada work for at the same time?",
        facts=facts,
        gold=("Gamma", "Delta"),
        supporting=(1, 2),
        category="mix",
        kind="S1_R1_O2",
    )


@pytest.fixture
def twins() -> list[Problem]:
    """Generated problems."""
    return cotempqa.generate(60, seed=3)
