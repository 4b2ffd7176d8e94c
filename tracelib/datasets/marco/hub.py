"""MS MARCO on the Hugging Face hub, at the last commit of its main branch as of 2026."""

from collections.abc import Iterator
from functools import partial

from tracelib.datasets.dataset import HubTable, Row
from tracelib.datasets.marco.reader import from_record
from tracelib.datasets.problem import Problem

PLACE, COMMIT = "microsoft/ms_marco", "a47ee7aae8d7d466ba15f9f0bfac3b3681087b3a"


def _parts(version: str, split: str) -> Iterator[tuple[str, dict, Row]]:
    yield f"{PLACE}/{version}/{split}", {"path": PLACE, "revision": COMMIT, "name": version}, _query


def _query(row: dict, where: str, number: int) -> Iterator[Problem]:
    yield from_record(row, where, number)


TABLES = (  # the test split of v2.1 is published without answers
    HubTable("marco-v1.1", ("train", "validation", "test"), partial(_parts, "v1.1")),
    HubTable("marco-v2.1", ("train", "validation"), partial(_parts, "v2.1"), ("train", "validation")),
)
