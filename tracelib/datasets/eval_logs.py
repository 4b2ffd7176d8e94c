"""The sample logs of lm-evaluation-harness and of Inspect, as records in the audit's format.

Each record keeps the log's own fields, so that facts, a category or the bare question can be named in them
(``--field facts=doc.facts``, ``--field question=metadata.question``), and gets ours from where the format
has them:

lm-evaluation-harness (``samples_TASK_DATE.jsonl`` of ``--log_samples``): doc_id, the prompt as the question,
target (a list is written there as Python prints it), the raw text in ``resps``. Of a chat the question is
what the user says. A task with several filters has a line per document and filter, with the same prompt and
raw text: those of one filter are read. A task that repeats its documents gives several outputs per line, with
``seed`` 1, 2, ...
Source: ``lm_eval/evaluator.py`` and ``lm_eval/loggers/evaluation_tracker.py`` of its repository.

Inspect (``.eval``, a zip, or ``.json``): id, input, target, the text of ``output``; reasoning that is kept
apart from the text stands before it in ``<think>`` tags. Model and task are in the log's header; where it has
more than one epoch, ``seed`` is the epoch. Source: ``inspect_ai/log/_log.py`` and ``_recorders/eval.py``.
"""

import errno
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from tracelib.core.files import (
    DECODER,
    InputError,
    Values,
    an_object,
    decoded,
    line_at,
    quoted,
    read_whole,
    unpacked_name,
)

ZIP = b"PK\x03\x04"
SAMPLES_FILE = re.compile(r"samples_(?P<task>.+)_\d{4}-\d\d-\d\dT[\d.:-]+\.jsonl?")
HEADERS = ("header.json", "_journal/start.json")  # of a finished log, and of one that was stopped
SAMPLE = re.compile(r"samples/.*\.json", re.DOTALL)
CHAT = re.compile(r'\s*\[\s*\{\s*"(?:role|content|type)"')  # the messages of a chat
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, UnicodeDecodeError)
LARGEST_SAMPLE = 256 * 1024**2  # bytes, unpacked; the messages and events of one sample


# --- lm-evaluation-harness --------------------------------------------------------------------


def is_lm_eval(record: dict) -> bool:
    """Whether a record is a line of lm-evaluation-harness' sample logs."""
    return "doc_id" in record and "resps" in record


class LmEval:
    """Reads the lines of one file; a line that repeats an earlier one for a further filter gives nothing."""

    def __init__(self, path: Path):
        self.path = path
        named = SAMPLES_FILE.fullmatch(unpacked_name(path).name)
        self.task = {"dataset": named["task"]} if named else {}
        self.met: dict[bytes, object] = {}  # document, prompt and texts (hashed) -> the filter of their line
        self.left_out = 0

    def records(self, record: dict, path: str | Path, line: int) -> list[dict]:
        """The outputs of one line in the audit's format."""
        if self._is_of_another_filter(record):
            self.left_out += 1
            return []
        texts = _generated(record["resps"], path, line)
        ours = {
            **record,
            **self.task,
            "id": str(record["doc_id"]),
            "question": _prompt(record.get("arguments")),
            "gold": record.get("target"),
        }
        ours = {name: value for name, value in ours.items() if value is not None}
        if len(texts) == 1:
            return [{**ours, "prediction": texts[0]}]
        return [{**ours, "prediction": text, "seed": seed} for seed, text in enumerate(texts, start=1)]

    def _is_of_another_filter(self, record: dict) -> bool:
        """Versions that do not write the filter write such a line as the same once more."""
        said = [record[name] for name in ("doc_id", "doc", "arguments", "resps") if name in record]
        content = blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        filtered = record.get("filter")
        if content not in self.met:
            self.met[content] = filtered
            return False
        return filtered is None or self.met[content] != filtered

    def notes(self) -> list[str]:
        """What has to be said of the lines that gave nothing."""
        if not self.left_out:
            return []
        return [
            f"{self.path}: each text is read once; lines with document, prompt and texts of an earlier line, "
            f"as a further filter writes them, that are left out: {self.left_out:,}"
        ]


def _generated(resps: object, path: str | Path, line: int) -> list[str]:
    """The texts of a document's one request, as many as it was repeated."""
    texts = resps[0] if isinstance(resps, list) and len(resps) == 1 else None
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise InputError(
            "field 'resps': expected the generated text of one request; a task that scores given answers "
            f"generates none, found {quoted(resps)}",
            path,
            line,
        )
    return texts


def _prompt(arguments: object) -> str | None:
    """What the model was asked: the first argument of the first request, in either form of the log."""
    if isinstance(arguments, dict):
        first = arguments.get("gen_args_0")
        arguments = first.get("arg_0") if isinstance(first, dict) else None
    while isinstance(arguments, list) and arguments:
        arguments = arguments[0]
    return _of_a_chat(arguments) if isinstance(arguments, str) else None


def _of_a_chat(prompt: str) -> str:
    """What the user says, of a prompt that is a chat's messages as JSON; else the prompt as it is."""
    if not CHAT.match(prompt):
        return prompt
    messages, reason, _ = decoded(DECODER.decode, prompt)
    return prompt if reason else _asked(messages) or prompt


# --- Inspect ----------------------------------------------------------------------------------


def is_inspect(document: object) -> bool:
    """Whether a JSON document is a log of Inspect."""
    return isinstance(document, dict) and isinstance(document.get("eval"), dict) and "samples" in document


def inspect_json(text: str, path: Path) -> Values:
    """The samples of a log in Inspect's JSON format, numbered from 1, each with the log's header."""
    document, reason, at = decoded(DECODER.decode, text)
    if reason:
        message = f"not one JSON document ({reason}), expected a log of Inspect"
        raise InputError(message, path, line_at(text, at))
    if not is_inspect(document):
        found = quoted(list(document) if isinstance(document, dict) else document)
        raise InputError(
            f"one JSON object over several lines, found {found}; expected one object per line, an array of "
            "objects or a log of Inspect",
            path,
        )
    header, samples = document["eval"], document["samples"]
    if not isinstance(samples, list):
        raise InputError(f"'samples': expected a list, found {quoted(samples)}", path)
    return enumerate(((one, header) for one in samples), start=1)


def inspect_zip(path: Path) -> Values:
    """The samples of a log in Inspect's ``.eval`` format, numbered from 1, in the order of their writing.

    Each is the archive, the name of the sample's member, and the log's header. Of a member that stands
    there twice, as in a log that was rewritten, the last one counts.
    """
    with _unzipping(path), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        place = next((name for name in HEADERS if name in names), None)
        if place is None:
            raise InputError(f"a zip without {' or '.join(HEADERS)}, expected a log of Inspect", path)
        header = _member(archive, place, path).get("eval")
        if not isinstance(header, dict):
            raise InputError(f"{place}: expected an object 'eval', found {quoted(header)}", path)
        members = (name for name in dict.fromkeys(names) if SAMPLE.fullmatch(name))
        yield from enumerate(((archive, name, header) for name in members), start=1)


@contextmanager
def _unzipping(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):  # of the disk
            raise
        raise InputError(f"a zip that is cut or damaged ({quoted(str(error))})", path) from None
    except (NotImplementedError, RuntimeError) as error:  # a compression that this Python lacks; encrypted
        hint = "'inspect log convert --to json' writes it in a form that can be"
        raise InputError(f"a zip that cannot be read here ({quoted(str(error))}); {hint}", path) from None


def zipped_sample(member: tuple[zipfile.ZipFile, str, dict], path: Path, number: int) -> dict:
    """The record of a sample as `inspect_zip` gives it."""
    archive, name, header = member
    return sample((_member(archive, name, path), header), path, number)


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> dict:
    with _unzipping(path), archive.open(name) as stream:
        text = read_whole(stream, path, LARGEST_SAMPLE)
    document, reason, _ = decoded(DECODER.decode, text)
    if reason:
        raise InputError(f"{quoted(name)}: not JSON ({reason})", path)
    return an_object(document, f"{path} ({quoted(name)})", 1)


def sample(value: tuple[object, dict], path: Path, number: int) -> dict:
    """The record of a sample as `inspect_json` gives it."""
    found, header = an_object(value[0], path, number), value[1]
    if found.get("error"):
        error = found["error"]
        said = error.get("message") if isinstance(error, dict) else error
        raise InputError(
            f"sample {quoted(found.get('id'))} ended in an error, found {quoted(said)}", path, number
        )
    record = {
        **found,
        "dataset": header.get("task"),
        "model": header.get("model"),
        "question": _asked(found.get("input")),
        "gold": found.get("target"),
        "prediction": _written(found.get("output")),
        "seed": found.get("epoch") if _epochs(header) > 1 else None,
    }
    return {name: value for name, value in record.items() if value is not None}


def _epochs(header: dict) -> int:
    config = header.get("config")
    epochs = config.get("epochs") if isinstance(config, dict) else None
    return epochs if isinstance(epochs, int) else 1


def _asked(messages: object) -> str | None:
    """The input: a text, or what the user says in the messages of a chat."""
    if not isinstance(messages, list):
        return messages
    of_user = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    return "\n".join(filter(None, (_text(message.get("content")) for message in of_user))) or None


def _written(output: object) -> str | None:
    """What the model wrote; reasoning that is kept apart stands before it in its tags."""
    if not isinstance(output, dict):
        return None
    match output:
        case {"choices": [{"message": {"content": content}}, *_]} if content is not None:
            return _text(content)
    return output.get("completion")


def _text(content: object) -> str | None:
    """The text of a message's content, or of its parts; None where it is neither text nor parts."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else None
    parts = [part for part in content if isinstance(part, dict)]
    thought = "\n".join(_strings(part.get("reasoning") for part in parts if part.get("type") == "reasoning"))
    text = "\n".join(_strings(part.get("text") for part in parts if part.get("type") == "text"))
    return f"<think>{thought}</think>\n{text}" if thought else text


def _strings(values: Iterator[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]
