"""A budget that is not exceeded: each request first reserves the most that it can take.

That holds for a server that keeps to the longest completion. What another one counts is counted here too.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

from tracelib.core.errors import InputError
from tracelib.teacher.settings import Teacher, Tokens
from tracelib.teacher.store import Spent


@dataclass(frozen=True)
class Cost:
    """Tokens, and US dollars."""

    tokens: int = 0
    dollars: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.tokens + other.tokens, self.dollars + other.dollars)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.tokens - other.tokens, self.dollars - other.dollars)


@dataclass(frozen=True)
class Limit:
    """The most tokens and US dollars that may be spent on a store, in all runs together."""

    tokens: float = math.inf
    dollars: float = math.inf

    def allows(self, cost: Cost) -> bool:
        """Whether a cost is within the limit; a dollar's last billionth does not count."""
        return cost.tokens <= self.tokens and cost.dollars <= self.dollars + 1e-9

    @property
    def is_set(self) -> bool:
        """Whether there is any limit."""
        return math.isfinite(min(self.tokens, self.dollars))


def checked_limit(limit: Limit, teacher: Teacher) -> Limit:
    """The limit itself; `InputError` if it is in dollars and the teacher has no price."""
    if math.isfinite(limit.dollars) and teacher.price is None:
        raise InputError("a budget in dollars needs the price of a million tokens: --price PROMPT COMPLETION")
    return limit


def cost(teacher: Teacher, kind: str, tokens: Tokens) -> Cost:
    """What tokens of a kind of text cost."""
    return Cost(tokens.total, teacher.dollars(kind, tokens))


def spent_on(teacher: Teacher, spent: Mapping[str, Spent]) -> Cost:
    """What a store has cost: all that the server counted and all that was perhaps paid for."""
    costs = (cost(teacher, kind, each.counted + each.perhaps) for kind, each in spent.items())
    return sum(costs, Cost())


class Exhausted(Exception):
    """The budget has no room for another request."""


class Budget:
    """What is spent and what is reserved by requests under way; see `reserve`."""

    def __init__(self, limit: Limit, spent: Cost):
        self.limit, self.spent = limit, spent
        self._reserved = Cost()
        self._settled = asyncio.Condition()

    async def reserve(self, most: Cost) -> None:
        """Reserve the most that a request can cost.

        If there is room only without the requests under way, wait: they mostly cost less than they reserved.
        `Exhausted` if there is no room even so.
        """
        async with self._settled:
            while not self.limit.allows(self.spent + self._reserved + most):
                if not self._reserved.tokens:
                    raise Exhausted
                await self._settled.wait()
            self._reserved += most

    async def settle(self, most: Cost, actual: Cost) -> None:
        """Count what a request has cost in place of what it had reserved."""
        async with self._settled:
            self._reserved -= most
            self.spent += actual
            self._settled.notify_all()
