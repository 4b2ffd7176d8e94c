"""A server on loopback that answers as a model would, and fails as servers do, by a script."""

import asyncio
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable

from tracelib.datasets.problem import Problem
from tracelib.teacher import asking
from tracelib.teacher.settings import INSTRUCTIONS, SUMMARY
from tracelib.traces.format import answer_text

THOUGHT = "Let me look at the context and find the facts that the question is about. This one is: "
TEXT = "The facts that overlap with the one in the question are all that is needed for the answer."
USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
DRIP = 0.05  # seconds between two bytes


class FaultServer:
    """Answers the prompts of known problems. Use it in a ``with`` block.

    Attributes:
        faults: by problem, the faults of the next replies to its trace request; after them all is well.
        answers: by problem, what is said in place of the right answer.
        delay: seconds before each reply.
        asked: (moment, kind, problem) of every request that arrived.
        paid: how often a whole text was generated, by kind and problem, whether it arrived or not.
        traces: the problem of each trace that was given.
        keys: the Authorization headers that arrived.
    """

    def __init__(self, problems: Iterable[Problem], delay: float = 0.0):
        self.problems = {asking.prompt(problem): problem for problem in problems}
        self.faults: dict[Problem, list[str]] = defaultdict(list)
        self.answers: dict[Problem, dict] = {}
        self.delay = delay
        self.asked: list[tuple[float, str, Problem | None]] = []
        self.paid: Counter[tuple[str, Problem | None]] = Counter()
        self.keys: set[str] = set()
        self.most_at_once = self._at_once = 0
        self.traces: dict[str, Problem] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "FaultServer":
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                fields = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in fields}
                body = json.loads(await reader.readexactly(int(headers["content-length"])))
                self.keys.add(headers["authorization"])
                self._at_once += 1
                self.most_at_once = max(self.most_at_once, self._at_once)
                try:
                    is_open = await self._answer(body, writer, headers["authorization"])
                finally:
                    self._at_once -= 1
                if not is_open:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()

    async def _answer(self, body: dict, writer: asyncio.StreamWriter, key: str) -> bool:
        """Answer a request; False if the connection is to be closed."""
        kind, problem = self._understood(body["messages"])
        self.asked.append((time.monotonic(), kind, problem))
        await asyncio.sleep(self.delay)
        faults = self.faults[problem] if kind == "trace" else []
        fault = faults.pop(0) if faults else ""
        status, _, detail = fault.partition(" ")
        if status.isdecimal():  # "429", "429 retry-after: 0.2"
            said = json.dumps({"error": {"message": f"wrong, your key is {key}", "code": "some"}})
            _write(writer, said.encode(), int(status), detail)
            return True
        if fault == "closed":
            return False
        self.paid[kind, problem] += 1
        message = {"role": "assistant", "content": TEXT}
        if kind == "trace":
            message |= {"content": f"<answer>{answer_text(problem)}</answer>"}
            message |= {"reasoning_content": THOUGHT + problem.supporting_facts[0]}
            message |= self.answers.get(problem, {})
            self.traces[message.get("reasoning_content") or ""] = problem
        finish = message.pop("finish_reason", "stop")
        choice = {"index": 0, "finish_reason": finish, "message": message}
        reply = {"id": "x", "object": "chat.completion", "choices": [choice], "usage": USAGE}
        said = json.dumps(_broken(reply, fault)).encode()
        if fault == "malformed":
            said = said[:-40]
        elif fault == "doubled":
            said += said
        if fault == "cut":
            writer.write(_head(200, len(said)) + said[:50])
            await writer.drain()
            return False
        if fault == "drip":
            writer.write(_head(200, len(said)))
            for place in range(len(said)):
                writer.write(said[place : place + 1])
                await writer.drain()
                await asyncio.sleep(DRIP)
            return True
        _write(writer, said)
        await writer.drain()
        return True

    def _understood(self, messages: list[dict]) -> tuple[str, Problem | None]:
        first = messages[0]["content"]
        if first.startswith(INSTRUCTIONS[SUMMARY]):
            return "summary", self.traces[first.removeprefix(INSTRUCTIONS[SUMMARY])]
        return ("explanation" if len(messages) == 3 else "trace"), self.problems[first]


def _broken(reply: dict, fault: str) -> object:
    """The reply as a server with this fault sends it."""
    choice = reply["choices"][0]
    if fault == "no choices":
        return reply | {"choices": []}
    if fault == "schema":
        return reply | {"choices": [{"text": choice["message"]["content"]}]}
    if fault == "list":
        return [reply]
    if fault == "empty":
        return reply | {"choices": [choice | {"message": {"role": "assistant", "content": ""}}]}
    if fault == "large":
        return reply | {"choices": [choice | {"message": choice["message"] | {"content": "x" * 10_000_000}}]}
    if fault == "two choices":
        return reply | {"choices": [choice, choice | {"message": {"role": "assistant", "content": "Other."}}]}
    if fault == "no usage":
        return {name: value for name, value in reply.items() if name != "usage"}
    return reply


def _head(status: int, length: int, header: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {length}"]
    return "\r\n".join([*lines, *([header] if header else []), "", ""]).encode()


def _write(writer: asyncio.StreamWriter, said: bytes, status: int = 200, header: str = "") -> None:
    writer.write(_head(status, len(said), header) + said)
