"""A server on loopback that answers every request at once with the same reply; it prints its port.

It stands in for a teacher that takes no time, so that what is left is our own work.
"""

import asyncio
import json

ANSWER = "Gamma"
THOUGHT = "The question is about one fact, and the context has others at the same time. Let me compare them. "
WORDS = 300  # of the trace; R1's have some 300
USAGE = {"prompt_tokens": 400, "completion_tokens": 450, "total_tokens": 850}


def reply(answer: str = ANSWER) -> str:
    """A reply with a trace of `WORDS` words."""
    trace = THOUGHT * (WORDS // len(THOUGHT.split()))
    message = {"role": "assistant", "content": f"<answer>{answer}</answer>", "reasoning_content": trace}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return json.dumps({"id": "echo", "object": "chat.completion", "choices": [choice], "usage": USAGE})


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = reply().encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        while True:
            headers = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(headers.partition(b"content-length:")[2].split(None, 1)[0]))
            writer.write(head.encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
