"""Load on a study's server: many people at once, a restart in the middle, and what was stored afterwards.

The server runs in a process of its own, started as a user starts it. In the middle it is killed and started
again. People are coroutines of this process. Each opens a page, thinks, sends the page, and reloads if the
server is away. Server and people share the machine, so the times are upper figures.
"""

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from itsdangerous import URLSafeSerializer

from tracelib.core.errors import InputError
from tracelib.study import store

PEOPLE = 200
THINK = (2.0, 5.0)  # seconds before a page is sent
TARGET = 0.5  # seconds within which 95 of 100 requests should be answered
PATIENCE = 30.0  # seconds that a person waits for an answer
RELOAD = 0.25  # seconds before a person whose request failed tries again
ACCEPTED = 303  # the status of a page that was stored


@dataclass
class Log:
    """What people saw.

    Attributes:
        requests: (begin, end, status) of each answered request, in seconds of one clock.
        failed: when a request got no answer.
        told: the token and name of each page whose storage the server has told.
    """

    requests: list[tuple[float, float, int]] = field(default_factory=list)
    failed: list[float] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """The result of a load.

    Attributes:
        people, finished: how many began, and how many reached the end.
        told, stored, lost, twice: pages whose storage was told; pages in the database; pages told but not
            stored; pages stored more than once.
        requests, failed: requests outside the restart; requests without an answer.
        statuses: answers by status.
        median, p95, longest: seconds of a request outside the restart.
        away: seconds from the kill to the first answer of the new server.
        seconds: of the whole load.
    """

    people: int
    finished: int
    told: int
    stored: int
    lost: int
    twice: int
    requests: int
    failed: int
    statuses: dict[int, int]
    median: float
    p95: float
    longest: float
    away: float
    seconds: float


class Server:
    """A study's server in a process of its own, at one port."""

    def __init__(self, study: Path, database: str):
        self.command = [sys.executable, "-m", "tracelib", "study", "serve", str(study)]
        self.command += ["--database", database]
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start the server, at the same port as before; return when it listens."""
        self.process = subprocess.Popen(
            [*self.command, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        said = self.process.stdout.readline()
        found = re.search(r"(http://\S+:(\d+))/\n", said)
        if not found:
            self.stop()
            raise InputError("the study's server did not start")
        self.address, self.port = found[1], int(found[2])

    def stop(self) -> None:
        """End the process at once, as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def measure(
    study: Path,
    database: str,
    people: int = PEOPLE,
    think: tuple[float, float] = THINK,
    seed: int = 0,
    progress: Callable[[int], object] = lambda count: None,
) -> Report:
    """Let people fill a whole study, kill and restart its server half way, and compare with the database.

    Args:
        study: the study's file.
        database: a new SQLite file, or the URL of an empty database.
        think: the least and the most seconds before a page is sent.
        progress: is told the number of stored pages after each.
    """
    server, log = Server(study, database), Log()
    begin = time.perf_counter()
    try:
        killed = asyncio.run(_all(server, log, people, think, seed, progress))
    finally:
        server.stop()
    return _report(log, database, people, killed, time.perf_counter() - begin)


async def _all(
    server: Server, log: Log, people: int, think: tuple[float, float], seed: int, progress: Callable
) -> float:
    """Run everybody to the end; return when the server was killed."""
    async with asyncio.TaskGroup() as tasks:  # if the restart fails, nobody goes on waiting
        watch = tasks.create_task(_restart(server, log, people))
        for number in range(people):
            rng = random.Random(f"{seed}/{number}")
            tasks.create_task(_person(server.address, log, rng, think, progress))
    return watch.result()


async def _restart(server: Server, log: Log, people: int) -> float:
    """Kill the server and start it again when everybody has sent three pages on average."""
    while len(log.told) < 3 * people:
        await asyncio.sleep(0.05)
    killed = time.perf_counter()
    server.stop()
    await asyncio.to_thread(server.start)
    return killed


async def _person(
    address: str, log: Log, rng: random.Random, think: tuple[float, float], progress: Callable
) -> None:
    import httpx2

    await asyncio.sleep(rng.uniform(0, think[1]))
    async with httpx2.AsyncClient(base_url=address, timeout=PATIENCE) as client:
        browser = _Browser(client, log)
        page = await browser.get("/")
        await browser.post("/consent", token=_token(page.text), agree="yes")
        while (place := (await browser.get("/next")).headers["location"]).startswith("/page/"):
            page = await browser.get(place)
            if page.status_code != 200:
                continue  # sent on to another page
            token = _token(page.text)
            await asyncio.sleep(rng.uniform(*think))
            names = dict.fromkeys(re.findall(r'type="radio" name="(\w+)"', page.text))
            sent = await browser.post(place, token=token, **{name: "1" for name in names})
            if sent.status_code == ACCEPTED:
                log.told.append((token, place.removeprefix("/page/")))
                progress(len(log.told))


class _Browser:
    """A person's browser: it reloads until the server answers."""

    def __init__(self, client, log: Log):
        self.client, self.log = client, log

    async def get(self, path: str):
        return await self._ask("GET", path)

    async def post(self, path: str, **fields: str):
        return await self._ask("POST", path, data=fields)

    async def _ask(self, method: str, path: str, **given: object):
        import httpx2

        while True:
            begin = time.perf_counter()
            try:
                answer = await self.client.request(method, path, **given)
            except httpx2.TransportError:
                self.log.failed.append(begin)
            else:
                self.log.requests.append((begin, time.perf_counter(), answer.status_code))
                if answer.status_code < 500:
                    return answer
            await asyncio.sleep(RELOAD)


def _token(page: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def _report(log: Log, database: str, people: int, killed: float, seconds: float) -> Report:
    kept = store.existing(store.address_of(database))
    try:
        stored = Counter((answer.code, answer.page) for answer in kept.answers())
        finished = sum(person.finished is not None for person in kept.participants())
        forms = URLSafeSerializer(kept.secret, salt="form")
        told = {(forms.loads(token)[0], page) for token, page in log.told}
    finally:
        kept.close()
    back = min(end for begin, end, _ in log.requests if begin > killed)
    outside = [end - begin for begin, end, _ in log.requests if end < killed or begin > back]
    return Report(
        people=people,
        finished=finished,
        told=len(told),
        stored=len(stored),
        lost=len(told - stored.keys()),
        twice=sum(count > 1 for count in stored.values()),
        requests=len(outside),
        failed=len(log.failed),
        statuses=dict(sorted(Counter(status for *_, status in log.requests).items())),
        median=float(np.median(outside)),
        p95=float(np.quantile(outside, 0.95)),
        longest=max(outside),
        away=back - killed,
        seconds=seconds,
    )


def text(reports: Sequence[tuple[str, Report]]) -> str:
    """The reports as a table in Markdown, a column per database."""
    rows = {
        "people at once": [f"{one.people}" for _, one in reports],
        "finished": [f"{one.finished}" for _, one in reports],
        "pages told to be stored": [f"{one.told:,}" for _, one in reports],
        "of these, not in the database": [f"{one.lost}" for _, one in reports],
        "stored twice": [f"{one.twice}" for _, one in reports],
        "requests outside the restart": [f"{one.requests:,}" for _, one in reports],
        "median, ms": [f"{1000 * one.median:.0f}" for _, one in reports],
        f"95 of 100 within, ms (target {1000 * TARGET:.0f})": [f"{1000 * one.p95:.0f}" for _, one in reports],
        "longest, ms": [f"{1000 * one.longest:.0f}" for _, one in reports],
        "away at the restart, s": [f"{one.away:.1f}" for _, one in reports],
        "requests without an answer": [f"{one.failed}" for _, one in reports],
        "answers by status": [_statuses(one) for _, one in reports],
        "seconds in all": [f"{one.seconds:.0f}" for _, one in reports],
    }
    names = " | ".join(name for name, _ in reports)
    lines = [f"| | {names} |", "|---|" + "---|" * len(reports)]
    lines += [f"| {what} | {' | '.join(cells)} |" for what, cells in rows.items()]
    return "\n".join(lines) + "\n"


def _statuses(one: Report) -> str:
    return ", ".join(f"{status}: {count:,}" for status, count in one.statuses.items())
