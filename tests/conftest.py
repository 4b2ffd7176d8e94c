"""Shared by all tests: the place of the release, tests that CI must not skip, and common fixtures."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracelib.datasets.cotempqa import twin as cotempqa
from tracelib.datasets.problem import Problem
from tracelib.training.model_files import VARIABLE

os.environ["CUDA_VISIBLE_DEVICES"] = ""  # tests run on the CPU, also on a machine with GPUs
ROOT = Path(__file__).parent.parent
IN_CI = bool(os.environ.get("CI"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first, so that quick tests fill the workers' remaining time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def need(condition: bool, reason: str) -> None:
    """Skip the test if a condition does not hold; in CI, fail."""
    if not condition:
        (pytest.fail if IN_CI else pytest.skip)(reason)


@pytest.fixture(scope="session", autouse=True)
def kept_models(tmp_path_factory) -> Iterator[str | None]:
    """The user's folder of kept models, for tests that ask for it; all other code sees an empty folder."""
    kept = os.environ.get(VARIABLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("no_models")))
        yield kept


@pytest.fixture(scope="session")
def release_root() -> Path:
    """The local copy of the release, for golden tests."""
    need(bool(os.environ.get("TRACELIB_DATA")), "TRACELIB_DATA is not set: no local copy of the release")
    return Path(os.environ["TRACELIB_DATA"]).resolve() / "trace_check_qa"


@pytest.fixture(scope="session")
def published_babi() -> Path:
    """bAbI's twenty tasks as published. They are no part of the release, so they may be missing."""
    data = os.environ.get("TRACELIB_DATA")
    folder = Path(data or ".").resolve() / "babi_tasks" / "en"
    if not (data and folder.is_dir()):
        pytest.skip("no folder babi_tasks/en where TRACELIB_DATA points: no copy of bAbI's published files")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium browser."""
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


@pytest.fixture(scope="session")
def pairs() -> tuple[list[str], list[str]]:
    """Prompts and targets of 24 generated problems."""
    from tracelib.traces import conditions
    from tracelib.traces import format as trace_format

    made = cotempqa.generate(24, seed=2)
    return [trace_format.prompt(twin) for twin in made], [conditions.target(t, "correct", 1) for t in made]


@pytest.fixture(scope="session")
def tiny():
    """A function that makes a model of a few thousand parameters, and its tokenizer as `tiny.tokenizer`."""
    from tracelib.traces import conditions
    from tracelib.traces import format as trace_format
    from tracelib.training import models

    made = cotempqa.generate(24, seed=2)
    texts = [trace_format.prompt(twin) + conditions.target(twin, "correct", 1) for twin in made]
    size = models.Size(vocabulary=300, hidden=32, layers=2, heads=2, head_width=16)
    tokenizer = models.train_tokenizer(texts, size)

    def model(seed: int = 1):
        return models.tiny_llama(tokenizer, size, seed)

    model.tokenizer, model.size = tokenizer, size
    return model
