"""Read the sample logs of lm-evaluation-harness and Inspect as records in the audit's format.

Each record keeps the log's own fields, so that ``--field`` can take facts, a category or the bare question
from them (``--field facts=doc.facts``, ``--field question=metadata.question``). The audit's fields are filled
from the log as follows.

lm-evaluation-harness (``samples_TASK_DATE.jsonl``, written with ``--log_samples``): the id is ``doc_id``; the
question is the prompt (in a chat, the user's messages); gold is ``target``, where a list is written as Python
prints it; the prediction is the raw text in ``resps``. A task with several filters has one line per document
and filter, with the same prompt and raw text; only the lines of one filter are read. A task that repeats its
documents has several outputs per line, which get ``seed`` 1, 2, ...
Source: ``lm_eval/evaluator.py`` and ``lm_eval/loggers/evaluation_tracker.py`` of its repository.

Inspect (``.eval``, which is a zip, or ``.json``): id, input, target, and the text of ``output``. Reasoning
that the log keeps apart from the text is put before it in ``<think>`` tags. The log's header gives the model
and the task; if the log has more than one epoch, ``seed`` is the epoch.
Source: ``inspect_ai/log/_log.py`` and ``_recorders/eval.py``.
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

from tracelib.core.errors import InputError, quoted
from tracelib.core.jsonl import DECODER, an_object, decoded, line_at
from tracelib.core.reading import Values, read_whole, unpacked_name

ZIP = b"PK\x03\x04"
SAMPLES_FILE = re.compile(r"samples_(?P<task>.+)_\d{4}-\d\d-\d\dT[\d.:-]+\.jsonl?")
HEADERS = ("header.json", "_journal/start.json")  # in a finished log; in a stopped one
SAMPLE = re.compile(r"samples/.*\.json", re.DOTALL)
CHAT = re.compile(r'\s*\[\s*\{\s*"(?:role|content|type)"')  # the messages of a chat
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, UnicodeDecodeError)
LARGEST_SAMPLE = 256 * 1024**2  # bytes, unpacked, of one sample with its messages and events


# --- lm-evaluation-harness --------------------------------------------------------------------


def is_lm_eval(record: dict) -> bool:
    """Whether a record is a line of a sample log of lm-evaluation-harness."""
    return "doc_id" in record and "resps" in record


class LmEval:
    """Reads the lines of one file. A line that repeats an earlier one for another filter gives no record."""

    def __init__(self, path: Path):
        self.path = path
        named = SAMPLES_FILE.fullmatch(unpacked_name(path).name)
        self.task = {"dataset": named["task"]} if named else {}
        self.met: dict[bytes, object] = {}  # hash of document, prompt and texts -> filter
        self.left_out = 0

    def records(self, record: dict, path: str | Path, line: int) -> list[dict]:
        """The outputs of one line, each as a record in the audit's format."""
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
        """Whether the line repeats an earlier one for another filter; old versions do not name the filter."""
        said = [record[name] for name in ("doc_id", "doc", "arguments", "resps") if name in record]
        content = blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        filtered = record.get("filter")
        if content not in self.met:
            self.met[content] = filtered
            return False
        return filtered is None or self.met[content] != filtered

    def notes(self) -> list[str]:
        """A note on the lines that gave no record, if there are any."""
        if not self.left_out:
            return []
        return [
            f"{self.path}: each text is read once; lines left out because they repeat document, prompt and "
            f"texts of an earlier line, as another filter does: {self.left_out:,}"
        ]


def _generated(resps: object, path: str | Path, line: int) -> list[str]:
    """The texts that answer a document's one request, one for each repeat."""
    texts = resps[0] if isinstance(resps, list) and len(resps) == 1 else None
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise InputError(
            "field 'resps': expected the generated text of one request (a task that scores given answers "
            f"generates none), found {quoted(resps)}",
            path,
            line,
        )
    return texts


def _prompt(arguments: object) -> str | None:
    """The model's prompt: the first argument of the first request, in either form of the log."""
    if isinstance(arguments, dict):
        first = arguments.get("gen_args_0")
        arguments = first.get("arg_0") if isinstance(first, dict) else None
    while isinstance(arguments, list) and arguments:
        arguments = arguments[0]
    return _of_a_chat(arguments) if isinstance(arguments, str) else None


def _of_a_chat(prompt: str) -> str:
    """The text of the user's messages, if the prompt is a chat as JSON; else the prompt as it is."""
    if not CHAT.match(prompt):
        return prompt
    messages, reason, _ = decoded(DECODER.decode, prompt)
    return prompt if reason else _asked(messages) or prompt


# --- Inspect ----------------------------------------------------------------------------------


def is_inspect(document: object) -> bool:
    """Whether a JSON document is a log of Inspect."""
    return isinstance(document, dict) and isinstance(document.get("eval"), dict) and "samples" in document


def inspect_json(text: str, path: Path) -> Values:
    """The samples of an Inspect log in JSON, numbered from 1, each with the log's header."""
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
    """The samples of an Inspect log in the ``.eval`` format, numbered from 1, in the order of their writing.

    Each is (archive, name of the sample's member, header of the log). In a log that was rewritten, a member
    can stand twice; then the last one counts.
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
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):  # the disk's
            raise
        raise InputError(f"a zip that is cut or damaged ({quoted(str(error))})", path) from None
    except (NotImplementedError, RuntimeError) as error:  # unknown compression; encryption
        hint = "convert it with 'inspect log convert --to json'"
        raise InputError(f"a zip that cannot be read here ({quoted(str(error))}); {hint}", path) from None


def zipped_sample(member: tuple[zipfile.ZipFile, str, dict], path: Path, number: int) -> dict:
    """The record of a sample that `inspect_zip` gives."""
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
    """The record of a sample that `inspect_json` gives; `InputError` if the sample ended in an error."""
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
    """The input as text; if the input is a chat, the text of the user's messages."""
    if not isinstance(messages, list):
        return messages
    of_user = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
    return "\n".join(filter(None, (_text(message.get("content")) for message in of_user))) or None


def _written(output: object) -> str | None:
    """The text that the model wrote. Reasoning that is kept apart comes before it, in tags."""
    if not isinstance(output, dict):
        return None
    match output:
        case {"choices": [{"message": {"content": content}}, *_]} if content is not None:
            return _text(content)
    return output.get("completion")


def _text(content: object) -> str | None:
    """The text of a message's content, or of the content's parts; None where it has neither."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else None
    parts = [part for part in content if isinstance(part, dict)]
    thought = "\n".join(_strings(part.get("reasoning") for part in parts if part.get("type") == "reasoning"))
    text = "\n".join(_strings(part.get("text") for part in parts if part.get("type") == "text"))
    return f"<think>{thought}</think>\n{text}" if thought else text


def _strings(values: Iterator[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]
