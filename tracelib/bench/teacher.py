"""Benchmarks of the teacher's client: its own work per request, and how fast a large store goes on.

The requests go to a server that answers at once, in a process of its own. Our process stays on one core. A
request is finished when its reply is in the store. Each problem has three: the trace, which is judged, the
summary, the explanation. The large store is filled in the same way, with a share of wrong answers, from which
nothing goes on. Its time is that of opening it and finding out that nothing is missing.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tracelib.bench import echo_server
from tracelib.core.errors import InputError
from tracelib.datasets.problem import Problem, content_id
from tracelib.teacher import asking, estimate, outcome, plan, store
from tracelib.teacher.settings import Teacher
from tracelib.teacher.store import Store

FINISHED = 100_000  # requests in the large store
PROBLEMS = 400  # whose requests are sent
AT_ONCE = 16
ANSWERS = {True: echo_server.ANSWER, False: "Omega"}  # right and wrong
WRONG = 0.3  # the share of wrong answers in the large store
NAMES = ("Beta", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa", "Lambda", "Sigma")


def run(quick: bool = False) -> dict[str, float | int | str]:
    """Figures by name: requests per second, milliseconds of the processor for each, seconds of going on.

    `quick` sends fewer requests and leaves the large store out. Without the extra teacher, only one figure is
    there, which says so.
    """
    try:
        figures = _measured("requests", PROBLEMS // 4 if quick else PROBLEMS)
    except InputError as error:
        return {"teacher_not_measured": str(error)}
    return figures | ({} if quick else _measured("resume", FINISHED))


def _measured(what: str, count: int) -> dict[str, float | int]:
    command = [sys.executable, "-m", __name__, what, str(count)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InputError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def requests(count: int) -> dict[str, float | int]:
    """Send all requests of `count` problems."""
    from tracelib.teacher import collection
    from tracelib.teacher.budget import Limit
    from tracelib.teacher.server import Key

    _stay_on_one_core()
    with _echo() as url, TemporaryDirectory() as folder, store.writing(Path(folder) / "s.db") as kept:
        teacher = Teacher(url, "echo")
        kept.begin(teacher)
        todo = plan.plan(teacher, (("train", problem) for problem in made(count)), kept).todo
        sending = collection.Sending(AT_ONCE)
        start, processor = time.perf_counter(), time.process_time()
        asyncio.run(collection.collect(teacher, kept, Key(), Limit(), todo, sending))
        seconds, busy = time.perf_counter() - start, time.process_time() - processor
        finished = len(kept.finished())
    assert finished == 3 * count, f"{finished} of {3 * count} requests are finished"
    return {
        "teacher_requests_per_s": round(finished / seconds),
        "teacher_ms_per_request": round(1e3 * busy / finished, 2),
    }


def resume(count: int) -> dict[str, float | int]:
    """Go on with a store in which `count` requests are finished, and none is missing."""
    teacher = Teacher("http://127.0.0.1/v1", "echo")
    right, rng = [], random.Random(1)
    while sum(3 if each else 1 for each in right) < count:
        right.append(rng.random() >= WRONG)
    problems = made(len(right))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        with store.writing(path) as kept:
            _fill(kept, teacher, problems, right)
        _stay_on_one_core()
        start, processor = time.perf_counter(), time.process_time()
        with store.writing(path) as kept:
            kept.begin(teacher)
            found = plan.plan(teacher, (("train", problem) for problem in problems), kept)
            estimate.estimate(teacher, found, kept)
            kept.spent()
        seconds, busy = time.perf_counter() - start, time.process_time() - processor
    assert not found.todo, f"{len(found.todo)} problems are not finished"
    return {
        "teacher_resumed": found.finished.total(),
        "teacher_resume_s": round(seconds, 2),
        "teacher_resume_processor_s": round(busy, 2),
    }


def made(count: int) -> list[Problem]:
    """Problems with eight facts, all of which have the answer that the server gives."""
    rng = random.Random("teacher")
    problems = []
    for number in range(count):
        facts = tuple(
            f"Ada {number} works for {name} from {rng.randint(1900, 1950)} to {rng.randint(1951, 2000)}."
            for name in (*rng.sample(NAMES, 7), echo_server.ANSWER)
        )
        question, gold = f"For whom did Ada {number} work last?", (echo_server.ANSWER,)
        problems.append(
            Problem(content_id(question, facts, gold), "bench", question, facts, gold, (7,), "last")
        )
    return problems


def _fill(kept: Store, teacher: Teacher, problems: list[Problem], right: list[bool]) -> None:
    kept.begin(teacher)
    replies = {
        is_right: outcome.of_reply(echo_server.reply(answer).encode()) for is_right, answer in ANSWERS.items()
    }
    for problem, is_right in zip(problems, right, strict=True):
        trace = asking.trace(teacher, problem)
        later = [
            asking.summary(teacher, trace.key, "x"),
            asking.explanation(teacher, trace.key, problem, "x"),
        ]
        for request in (trace, *(later if is_right else ())):
            attempt = kept.sending(request, problem, "train", request.most)
            kept.came(attempt, request, replies[is_right])


@contextmanager
def _echo():
    """The base URL of a server in a process of its own."""
    command = [sys.executable, "-m", echo_server.__name__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()


def _stay_on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):  # macOS cannot
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    print(json.dumps({"requests": requests, "resume": resume}[sys.argv[1]](int(sys.argv[2]))))
