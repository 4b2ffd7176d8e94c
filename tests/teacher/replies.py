"""Replies as servers send them, for tests that need no server."""

import json


def reply(
    content: str | None = "", finish: str = "stop", usage: dict | None = None, **message: object
) -> str:
    """A reply with one choice, as JSON."""
    said = {"role": "assistant", "content": content, **message}
    whole = {"choices": [{"index": 0, "finish_reason": finish, "message": said}]}
    return json.dumps(whole | ({"usage": usage} if usage else {}))
