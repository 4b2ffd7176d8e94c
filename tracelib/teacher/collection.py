"""Ask a teacher for what a store lacks: several requests at once, each problem's in their order.

A request is sent again after what may pass (a rate limit, an error of the server, a time-out, a cut
connection), never after a reply. When the budget has no room, or the server accepts nothing any more, no
further request is sent; those under way are finished first, because they are paid for.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tracelib.core import terminal
from tracelib.datasets.problem import Problem
from tracelib.teacher import asking, outcome, pace, plan
from tracelib.teacher.asking import Request
from tracelib.teacher.budget import Budget, Cost, Exhausted, Limit, cost, spent_on
from tracelib.teacher.outcome import Outcome
from tracelib.teacher.plan import Todo
from tracelib.teacher.server import Key, Server
from tracelib.teacher.settings import EXPLANATION, SUMMARY, TRACE, Teacher
from tracelib.teacher.store import Store

STREAK = 20  # requests in a row of which nothing came; then the server is taken to be down
SHOWN = 300  # characters of a server's words in a message


@dataclass(frozen=True)
class Progress:
    """What one step of a run did: requests that were answered or given up, and those that are not needed."""

    done: int = 0
    spared: int = 0


@dataclass(frozen=True)
class Sending:
    """How requests are sent.

    Attributes:
        at_once: how many are under way at once.
        seconds: the longest that a reply may take.
        progress: is told of each step.
    """

    at_once: int = 8
    seconds: float = 600.0
    progress: Callable[[Progress], None] = lambda step: None


async def collect(
    teacher: Teacher, store: Store, key: Key, limit: Limit, todo: Iterable[Todo], sending: Sending
) -> tuple[str, bool]:
    """Ask for all that is missing. Return why the run stopped early (or ""), and whether that is a fault."""
    budget = Budget(limit, spent_on(teacher, store.spent()))
    async with Server(teacher.url, key, sending.seconds, sending.at_once) as server:
        run = Collection(teacher, store, server, budget, sending)
        await run.run(todo)
    return run.stopped, run.failed


class Stopped(Exception):
    """The run goes on no further; the message says why."""


class Collection:
    """One run.

    Attributes:
        stopped: why no further request is sent; empty while there is no reason.
        failed: whether that is a fault, and not just the end of the budget or a server's wish.
    """

    def __init__(
        self,
        teacher: Teacher,
        store: Store,
        server: Server,
        budget: Budget,
        sending: Sending,
    ):
        self.teacher, self.store, self.server, self.budget = teacher, store, server, budget
        self.sending, self.progress = sending, sending.progress
        self.stopped, self.failed = "", False
        self._pace, self._rng = pace.Pace(), random.Random()
        self._has_answered, self._streak = False, 0

    async def run(self, todo: Iterable[Todo]) -> None:
        """Ask for all that is missing, or until something stops it."""
        todo = iter(todo)
        await asyncio.gather(*(self._worker(todo) for _ in range(self.sending.at_once)))

    async def _worker(self, todo: Iterator[Todo]) -> None:
        for each in todo:
            try:
                await self._ask_for(*each)
            except Stopped:
                return

    async def _ask_for(self, split: str, problem: Problem, missing: tuple[str, ...]) -> None:
        """Ask for the trace of a problem and, if it is kept, for the texts that go on from it."""
        asked = asking.trace(self.teacher, problem)
        if TRACE in missing:
            await self._ask(asked, problem, split)
        later = [kind for kind in missing if kind != TRACE]
        found = plan.kept(self.teacher, self.store, asked.key, problem) if later else None
        if not found:
            self.progress(Progress(spared=len(later)))
            return
        if SUMMARY in later:
            await self._ask(asking.summary(self.teacher, asked.key, found.trace), problem, split)
        if EXPLANATION in later:
            request = asking.explanation(self.teacher, asked.key, problem, found.said)
            await self._ask(request, problem, split)

    async def _ask(self, request: Request, problem: Problem, split: str) -> None:
        """Send a request until something settles it, or until it has been tried often enough."""
        perhaps_paid = 0
        for attempt in range(1, pace.ATTEMPTS + 1):
            await self._pace.wait()
            found = await self._attempt(request, problem, split)
            self._has_answered |= found.status is not None
            if found.cause == outcome.NO_CONNECTION and not self._has_answered:
                self._stop(f"no server answers at {self.teacher.url}", failed=True)
            perhaps_paid += found.cause in outcome.PERHAPS_PAID
            if found.cause not in outcome.RETRIED or perhaps_paid == pace.PERHAPS_PAID:
                break
            if attempt < pace.ATTEMPTS:
                await self._wait(found, attempt)
        self._judge(found)
        self.progress(Progress(done=1))

    async def _attempt(self, request: Request, problem: Problem, split: str) -> Outcome:
        most = request.most
        reserved = cost(self.teacher, request.kind, most)
        try:
            await self.budget.reserve(reserved)
        except Exhausted:
            self._stop("the budget has no room for another request")
            raise Stopped from None
        actual = Cost()
        try:
            if self.stopped:
                raise Stopped
            number = self.store.sending(request, problem, split, most)
            actual = reserved
            found = await self.server.ask(request.body)
            self.store.came(number, request, found)
            actual = self._paid(request.kind, found, reserved)
        finally:
            await self.budget.settle(reserved, actual)
        return found

    def _paid(self, kind: str, found: Outcome, reserved: Cost) -> Cost:
        if found.tokens:
            return cost(self.teacher, kind, found.tokens)
        return reserved if found.cause in (outcome.REPLIED, *outcome.PERHAPS_PAID) else Cost()

    async def _wait(self, found: Outcome, attempt: int) -> None:
        """Wait before a request is sent again. If the server asked to wait, everybody does."""
        if not found.wait:
            await asyncio.sleep(pace.back_off(attempt, self._rng))
        elif found.wait > pace.PATIENCE:
            self._stop(f"the server asks to wait {found.wait:,.0f} seconds; run the same command later")
        else:
            self._pace.pause(found.wait)

    def _judge(self, found: Outcome) -> None:
        """Stop the run if the server accepts nothing, or if nothing has come for long."""
        if found.cause == outcome.REPLIED:
            self._streak = 0
            return
        self._streak += 1
        said = terminal.bounded(terminal.one_line(found.text), SHOWN)
        words = f": {said}" if said else ""
        if found.cause == outcome.DENIED:
            self._stop(f"the server denies access (status {found.status}){words}", failed=True)
        elif self._streak >= STREAK:
            why = f"{self._streak} requests in a row came to nothing, the last by '{found.cause}'{words}"
            self._stop(why, failed=True)

    def _stop(self, why: str, failed: bool = False) -> None:
        if not self.stopped:
            self.stopped, self.failed = why, failed
