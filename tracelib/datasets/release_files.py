"""The files of the paper's public release: their names and pinned contents, and how to get them.

``assets/paper/release_tree.csv`` lists all data and result files of the public repository at the commits of
`COMMITS`: branch, path and git blob id as git lists them, the size where it is known, and the sha256 of the
files that we have read. A file is looked for in the local copy (``TRACELIB_DATA``, layout
``trace_check_qa/BRANCH/upstream path``), then in the cache of downloads. It is used only if its content is
the pinned one: by sha256 where that is known, else by its blob id.
"""

import csv
import errno
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from tracelib.core import reading
from tracelib.core.caches import cache
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets.cotempqa.reader import CATEGORIES as RELATIONS

COMMITS = {
    "main": "fa84bdc5c65b440bf3893f081612392508ae4a9c",
    "babiqa": "68cdd384817ff65ab7e0aea0d6c6f093a08d3fe8",
    "marcoqa": "6a1b5347b2d81a70320b8e033dcc1af703ac8c17",
}
DATASET_OF_BRANCH = {"main": "cotempqa", "babiqa": "babi", "marcoqa": "marco"}
RAW = "https://raw.githubusercontent.com/sbhambr1/Trace_Check_QA"
VARIABLE = "TRACELIB_DATA"  # the folder of a local copy
ADDRESS = "TRACELIB_RELEASE_URL"  # the address of a mirror of `RAW`
NOT_GIVEN = (401, 403, 404, 410, 451)  # status codes that refuse one file; the server itself works
TIMEOUT = 15  # seconds without an answer before the network counts as unreachable

OUTPUTS, STATED, MATRICES = "evaluation_outputs", "evaluation_results", "confusion_matrix"
MAIN_TEST = {"equal": 87, "overlap": 131, "during": 619, "mix": 113}  # a fifth of all problems each
RELATION = re.compile(rf"(?<=[/_])({'|'.join(RELATIONS)})(?=[/_.])")  # as a part of a path

# All files that the chapters read.
SFT_SETS = {
    "vanilla": "sft_dataset_chat_template",
    "correct": "sft_dataset_reasoning_with_facts_chat_template",
    "incorrect": "sft_dataset_reasoning_facts_perturbed_chat_template",
}
COTEMPQA, BABI = "main/data/cotempqa", "babiqa/data/babiqa"
PROBLEM_FILES = {
    "cotempqa": {
        split: [f"{COTEMPQA}/{SFT_SETS['correct']}/{relation}_{split}.csv" for relation in RELATIONS]
        for split in ("train", "test")
    },
    "babi": {split: [f"{BABI}/{split}_dataset_for_prompting.csv"] for split in ("train", "test")},
}
DURING_TRAIN = f"{COTEMPQA}/{SFT_SETS['correct']}/during_train.csv"
DURING_STAND_IN = [f"{COTEMPQA}/{name}.csv" for name in ("val_set", "test_set")]
SFT_FILES = {  # by dataset, condition and split
    dataset: {
        condition: {
            split: [f"{place}/{folder}/{part}{split}.csv" for part in parts] for split in ("train", "test")
        }
        for condition, folder in SFT_SETS.items()
    }
    for dataset, place, parts in (
        ("cotempqa", COTEMPQA, [f"{relation}_" for relation in RELATIONS]),
        ("babi", BABI, [""]),
    )
}

# The states of a file.
HERE = "used here"
UNUSED = "here, not used by the chapters"
PUBLIC = "public, not in this copy"
WRONG = "other content than the pinned one"
NOT_PUBLIC = "not in the public tree"

HTML = re.compile(rb"\s*<(!doctype\s+html|html|head)\b", re.IGNORECASE)
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
PART = ".part-"  # begins the name of an unfinished download
CHUNK = 1 << 14  # bytes; a cut download loses at most one chunk


class Unreachable(InputError):
    """Neither a local copy nor the network has the release."""


class Missing(Unreachable):
    """The local copy lacks a file."""


class Refused(Unreachable):
    """The server answers, but refuses a file; it may still give others."""


unanswered: dict[str, Unreachable] = {}  # by address; this process does not try these again


@dataclass(frozen=True)
class File:
    """One file of the pinned trees. Its sha256 and size (bytes) are None if we have not read it."""

    branch: str
    path: str
    blob: str
    sha256: str | None
    size: int | None


# --- The list ---------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def tree() -> dict[str, File]:
    """Every file of the pinned trees by name (``branch/upstream path``), in the order of names."""
    with (PAPER / "release_tree.csv").open(encoding="utf-8", newline="") as stream:
        return {
            f"{row['branch']}/{row['path']}": File(
                branch=row["branch"],
                path=row["path"],
                blob=row["git_blob"],
                sha256=row["sha256"] or None,
                size=int(row["bytes"]) if row["bytes"] else None,
            )
            for row in csv.DictReader(stream)
        }


def names(part: str) -> list[str]:
    """Release files whose path contains ``/part/``, for instance ``evaluation_outputs``."""
    return [name for name in tree() if f"/{part}/" in name]


def kind(name: str) -> str:
    """What a file holds: outputs, stated accuracies, confusion matrices or data."""
    kinds = {OUTPUTS: "outputs", STATED: "stated accuracies", MATRICES: "confusion matrices"}
    return next((kind for part, kind in kinds.items() if f"/{part}/" in name), "data")


def used() -> list[str]:
    """The files that the chapters read, if they can be had."""
    problems = [name for splits in PROBLEM_FILES.values() for listed in splits.values() for name in listed]
    targets = [
        name
        for conditions in SFT_FILES.values()
        for condition, splits in conditions.items()
        for split, listed in splits.items()
        if (condition, split) != ("vanilla", "train")
        for name in listed
    ]
    wanted = {*problems, *DURING_STAND_IN, *targets, *names(OUTPUTS), *names(STATED), *names(MATRICES)}
    return [name for name in tree() if name in wanted]


def not_in_tree() -> list[str]:
    """Files that exist for some relations, but are in no pinned tree for the relation in their name."""
    expected = {
        RELATION.sub(relation, name) for name in tree() if RELATION.search(name) for relation in RELATIONS
    }
    return sorted(expected - set(tree()))


# --- The copies on this machine ---------------------------------------------------------------


def local_root() -> Path | None:
    """The local copy of the release in the folder that ``TRACELIB_DATA`` names; None if it is not set."""
    if not os.environ.get(VARIABLE):
        return None
    root = Path(os.environ[VARIABLE]) / "trace_check_qa"
    if not root.is_dir():
        raise InputError(f"{VARIABLE} is set, but there is no such folder; expected the release in it", root)
    return root


def cached(name: str) -> Path:
    """The path at which a download of the file is kept, whether or not it exists."""
    file = tree()[name]
    return cache() / COMMITS[file.branch][:8] / file.path


def copies(name: str) -> list[Path]:
    """The copies of a file on this machine, unchecked: the local copy's first, then the download."""
    root = local_root()
    places = [cached(name)] if root is None else [root / name, cached(name)]
    return [place for place in places if place.is_file()]


def locate(name: str) -> Path:
    """The checked path of a release file on this machine. Without a local copy, a missing file is downloaded.

    Raises `Missing` if neither the local copy nor the cache has the file, `InputError` if any copy has other
    content than the pinned one (even if another copy is right), and `Unreachable` if a download fails.
    """
    if name not in tree():
        raise InputError(f"'{name}' is not a file of the pinned release")
    file, root = tree()[name], local_root()
    found = copies(name)
    for path in found:
        if wrong := _wrong(path, file.blob, file.sha256):
            hint = "" if root and path == root / name else "; 'tracelib release fetch' replaces it"
            raise InputError(f"wrong content: {wrong}{hint}", path)
    if found:
        return found[0]
    if root is not None:
        pinned = f"{file.branch} at {COMMITS[file.branch][:8]}"
        message = f"missing; expected this file of the release ({pinned}); 'tracelib release fetch' gets it"
        raise Missing(message, root / name)
    _fetch_unasked([name])
    return cached(name)


def absent(wanted: Iterable[str] | None = None) -> list[str]:
    """The files (default: the released outputs) that are neither in the local copy nor downloaded."""
    return [name for name in (names(OUTPUTS) if wanted is None else wanted) if not copies(name)]


def available(wanted: Iterable[str], quiet: bool = True) -> list[str]:
    """The files that can be used: those on this machine. Without a local copy, missing ones are downloaded.

    `Unreachable` if there are none. The same process does not try a failed network again.
    """
    wanted = list(wanted)
    refused = None
    if local_root() is None:
        try:
            _fetch_unasked(wanted, quiet)
        except Unreachable as error:  # earlier downloads are still used
            refused = error
    if found := [name for name in wanted if copies(name)]:
        return found
    raise refused or Missing("none of these files of the release is in this folder", local_root())


def unknown() -> list[str]:
    """Files in the local copy that are in no pinned tree; nothing reads them."""
    root = local_root()
    if root is None:
        return []
    found = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(name for name in found if name not in tree())


def states() -> list[dict]:
    """One row per file: name, kind, used (by the chapters), state, bytes (None if unknown), note.

    Every copy is read and checked. The files of `not_in_tree` come last.
    """
    wanted = set(used())
    rows = [_state(name, name in wanted) for name in tree()]
    lacking = [
        {"name": name, "kind": kind(name), "used": False}
        | {"state": NOT_PUBLIC, "bytes": None, "note": "other relations of this run are there"}
        for name in not_in_tree()
    ]
    return rows + lacking


def _state(name: str, is_used: bool) -> dict:
    file, found = tree()[name], copies(name)
    reasons = {path: _wrong(path, file.blob, file.sha256) for path in found}
    wrong = [f"{path}: {reason}" for path, reason in reasons.items() if reason]
    here = HERE if is_used else UNUSED
    state = WRONG if wrong else here if found else PUBLIC
    place = cached(name)
    part = place.with_name(PART + place.name)
    note = "; ".join(wrong)
    if not found and part.is_file():
        note = f"partly downloaded, {part.stat().st_size:,} bytes"
    size = found[0].stat().st_size if found and not wrong else file.size
    return {
        "name": name, "kind": kind(name), "used": is_used, "state": state, "bytes": size, "note": note,
    }  # fmt: skip


# --- Downloads --------------------------------------------------------------------------------


def fetch(wanted: Iterable[str], quiet: bool = True) -> list[str]:
    """Download the files that are not on this machine into the cache, and return their names.

    A wrong copy in the cache is replaced. After an interruption, the same call goes on where it stopped.
    Files that the server refuses are skipped; at the end, one `Refused` counts them.
    """
    missing = [name for name in wanted if not copies(name) or _is_wrong_download(name)]
    refused: list[Refused] = []
    for name in tqdm(missing, "release", unit="file", disable=quiet or not missing):
        try:
            _fetched(name, quiet)
        except Refused as error:
            refused.append(error)
    if refused:
        raise Refused(f"{len(refused)} of {len(missing)} files were not given; the first is {refused[0]}")
    return missing


def _fetch_unasked(wanted: Iterable[str], quiet: bool = True) -> None:
    """`fetch`, unless the network has failed before in this process."""
    address = os.environ.get(ADDRESS, RAW)
    if address in unanswered:
        raise unanswered[address]
    try:
        fetch(wanted, quiet)
    except Refused:
        raise
    except Unreachable as error:
        unanswered[address] = error
        raise


def _is_wrong_download(name: str) -> bool:
    file, place = tree()[name], cached(name)
    return place.is_file() and bool(_wrong(place, file.blob, file.sha256))


def _fetched(name: str, quiet: bool = True) -> Path:
    file = tree()[name]
    url = f"{os.environ.get(ADDRESS, RAW)}/{COMMITS[file.branch]}/{file.path}"
    return download(url, cached(name), file.blob, file.sha256, quiet)


def download(
    url: str, target: Path, blob: str | None = None, sha256: str | None = None, quiet: bool = True
) -> Path:
    """Download a file and check it. `target` appears only when it is complete and right.

    A target that is right already is kept.

    Args:
        blob: the git blob id, 40 hex digits.
        sha256: 64 hex digits, checked instead of the blob id. Without either, only obvious errors are
            refused: a page of HTML, a pointer of Git LFS, an empty file.
        quiet: whether to hide the progress bar.

    Raises `Unreachable` if the network fails or the target cannot be written; the received part stays beside
    the target, and the next call goes on from there. Raises `Refused` if the server refuses the file, and
    `InputError` for other content, which is deleted.
    """
    from filelock import has_fcntl, lock_descriptor  # takes long to import

    if not has_fcntl:
        raise Unreachable(f"downloads need Linux or macOS; set {VARIABLE} to a local copy", url)
    try:
        if target.is_file() and not _wrong(target, blob, sha256):
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(PART + target.name)
        with part.open("ab") as stream:
            lock_descriptor(stream.fileno())  # another process may be downloading
            if not (part.is_file() and os.path.samestat(part.stat(), os.fstat(stream.fileno()))):
                return download(url, target, blob, sha256, quiet)  # it has finished or given up
            _receive_checked(url, part, stream, (blob, sha256), quiet)
            part.replace(target)
        return target
    except OSError as error:  # the errors of requests are OSErrors
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = error.strerror or type(error).__name__ if status is None else f"the server answers {status}"
        hint = f"run the same command again, or set {VARIABLE} to a local copy"
        kind = Refused if status in NOT_GIVEN else Unreachable
        raise kind(f"cannot download the release ({reason}); {hint}", url) from None


def _receive_checked(url: str, part: Path, stream: BinaryIO, ids: tuple, quiet: bool) -> None:
    resumed = part.stat().st_size > 0
    _receive(url, stream, quiet, any(ids))
    if resumed and _wrong(part, *ids):  # the earlier part was of other content
        stream.truncate(0)
        _receive(url, stream, quiet, any(ids))
    if wrong := _wrong(part, *ids):
        part.unlink()
        raise InputError(f"downloaded file is not the pinned one: {wrong}", url)


def _receive(url: str, stream: BinaryIO, quiet: bool, has_id: bool) -> None:
    """Append the rest of a URL's content to a file that may hold its beginning.

    Without an id, only a stated length or chunks show that the file is complete: `InputError` without them.
    """
    import requests

    have = os.fstat(stream.fileno()).st_size
    headers = {"Accept-Encoding": "identity"}  # a range counts bytes as sent
    if have:
        headers["Range"] = f"bytes={have}-"
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # the file is complete
        response.raise_for_status()
        if not (has_id or "Content-Length" in response.headers or "Transfer-Encoding" in response.headers):
            raise InputError("the server does not say how long this file is, so it may be cut unseen", url)
        if response.status_code != requests.codes.partial_content:
            stream.truncate(0)
            have = 0
        total = have + int(response.headers.get("Content-Length", 0)) or None
        name = url.rpartition("/")[2]
        with tqdm(
            desc=name, total=total, initial=have, unit="B", unit_scale=True, leave=False, disable=quiet
        ) as bar:
            for chunk in response.iter_content(CHUNK):
                stream.write(chunk)
                bar.update(len(chunk))
    stream.flush()
    os.fsync(stream.fileno())


def _wrong(path: Path, blob: str | None, sha256: str | None) -> str:
    """What is wrong with a file's content; empty if the content is the expected one."""
    if sha256:
        found, expected, method = reading.sha256(path), sha256, "sha256"
    elif blob:
        found, expected, method = git_blob(path), blob, "git blob"
    else:
        found, expected, method = "", "", ""
    thing = _other_thing(path)
    if thing and (found != expected or not method):
        return f"it is {thing}"
    return f"{method} {found[:12]}..., expected {expected[:12]}..." if found != expected else ""


def git_blob(path: Path) -> str:
    """Git's id of a file's content: sha1 of ``blob SIZE``, a NUL byte and the bytes."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _other_thing(path: Path) -> str:
    """What a file obviously is instead of data; empty if it may be data."""
    with path.open("rb") as stream:
        head = stream.read(1024)
    if not head:
        return "empty"
    if HTML.match(head):
        return "a page of HTML"
    return "a pointer of Git LFS, not the file itself" if head.startswith(LFS_POINTER) else ""
