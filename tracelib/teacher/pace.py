"""When the next attempt may be made: back-off of a request, and a pause of all when a server asks for one."""

import asyncio
import random

ATTEMPTS = 6  # per request and run
PERHAPS_PAID = 2  # of them whose reply the server may have charged for although it never came
FIRST, LONGEST = 1.0, 60.0  # seconds between the first two attempts; between any two
PATIENCE = 600.0  # seconds; a server that asks for more is asked again in a later run


def back_off(attempt: int, rng: random.Random) -> float:
    """The seconds after an attempt (from 1): doubling up to the longest, and between half and all of that.

    The random part keeps workers that failed together from trying again together.
    """
    return min(LONGEST, FIRST * 2 ** (attempt - 1)) * (0.5 + rng.random() / 2)


class Pace:
    """A pause that holds for all workers."""

    def __init__(self) -> None:
        self._until = 0.0

    def pause(self, seconds: float) -> None:
        """Let nobody start an attempt for these seconds; a longer pause stands."""
        self._until = max(self._until, asyncio.get_running_loop().time() + seconds)

    async def wait(self) -> None:
        """Wait until no pause is on."""
        while (left := self._until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)
