"""Load a command's problems from a twin, the paper's release, the hub, or a user's file.

The command line's help imports this module. So modules that need pandas or the network are imported only
where they are used.
"""

import re
from functools import partial
from itertools import islice
from pathlib import Path
from textwrap import fill

from tracelib import __version__
from tracelib.core import terminal
from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import STANDARD_INPUT
from tracelib.core.reading import unpacked_name
from tracelib.datasets.dataset import TWIN
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import DATASETS, RELEASED, TWINS

HUB = "hub:"
SUFFIXES = (".jsonl", ".json", ".csv", ".txt", ".eval")
PUBLISHED = ", ".join(f"{known.title} ({known.files})" for known in DATASETS if known.files)
FILES = (
    "a file of any name with problems or outputs that the audit reads (outputs give each problem once), "
    f"- for standard input; {PUBLISHED}; each of them also with .gz"
)
UNDERSTOOD = "\n".join(
    (
        f"  {', '.join(TWINS):36}   generated problems",
        f"  {', '.join(RELEASED):36}   the problems of the paper's release",
        f"  {', '.join(HUB + table.name for known in DATASETS for table in known.hub):36}   "
        "the first problems on the Hugging Face hub",
        fill(FILES, 110, initial_indent="  ", subsequent_indent=" " * 10),
        "",
    )
)
OURS = ({"question", "gold"}, {"doc_id", "resps"})  # fields of a record that the audit reads
SPLIT_WORDS = {"test": ("test", "eval"), "validation": ("validation", "val", "valid", "dev")}


def load(
    source: str,
    count: int,
    seed: int,
    facts: int,
    skipped: list[InputError] | None = None,
    fields: dict[str, str] | None = None,
    dataset: str | None = None,
) -> dict[str, list[Problem]]:
    """The problems of a source by split; no split is empty.

    A twin gives `count` problems in all (train, validation and test 80/10/10), with `facts` facts each,
    drawn with `seed`. The hub gives the first `count` of each split. The release and files give all their
    problems; a file is one split, which its name states (``train`` if it does not). Files and the hub are
    read strictly, or leniently with a list `skipped`. With `fields` or `dataset` (see
    `tracelib.datasets.records.stream`) a file is a user's own. `InputError` if the source is unknown, cannot
    be had, or has no problems.
    """
    is_own = bool(fields or dataset)
    if is_own and (source in (*TWINS, *RELEASED) or source.startswith(HUB)):
        raise InputError(f"--field and --dataset are for files, found {quoted(source)}")
    if count < 1:
        raise InputError(f"count {count}, expected at least 1")
    if source in TWINS:
        splits = _twin(source.removesuffix(TWIN), count, seed, facts)
    elif source in RELEASED:
        splits = _released(source)
    elif source.startswith(HUB):
        splits = _from_hub(source.removeprefix(HUB), count, skipped)
    elif unpacked_name(Path(source)).suffix in SUFFIXES or _is_there(source):
        read = partial(_in_our_format, fields=fields, dataset=dataset) if is_own else _read
        splits = {split_of(Path(source)): read(Path(source), skipped)}
    else:
        raise _unknown(source)
    found = {split: problems for split, problems in splits.items() if problems}
    if not found:
        raise InputError("no problems in it, expected at least one", source)
    return found


def choose(
    splits: dict[str, list[Problem]],
    source: str,
    number: int,
    identifier: str | None = None,
    category: str | None = None,
) -> list[tuple[str, Problem]]:
    """The first `number` problems with this id and category (None: any), each with its split.

    `InputError` if there is none; it lists the categories of the source.
    """
    found = (
        (split, problem)
        for split, problems in splits.items()
        for problem in problems
        if identifier in (None, problem.id) and category in (None, problem.category)
    )
    if chosen := list(islice(found, number)):
        return chosen
    wanted = {"id": identifier, "category": category}
    wanted = " and ".join(f"{name} {quoted(value)}" for name, value in wanted.items() if value is not None)
    categories = sorted({problem.category for problems in splits.values() for problem in problems})
    have = terminal.bounded(", ".join(categories), 400)
    total = sum(map(len, splits.values()))
    raise InputError(f"none of the {total:,} problems has {wanted}; the categories are {have}", source)


def card_texts(source: str, count: int, seed: int, facts: int) -> tuple[str, str, str]:
    """Title, origin and default licence for a dataset card. A file is named without its folder."""
    if source in TWINS:
        command = f"{source} OUT --count {count} --seed {seed} --facts {facts}"
        return (
            f"{source}, seed {seed}",
            f"Generated by tracelib {__version__}: `tracelib problems export {command}`.",
            "mit",
        )
    name = terminal.one_line(Path(source).name).replace("`", "'") or "problems"
    return name, f"Converted by tracelib {__version__} from `{name}`.", "other"


def _released(dataset: str) -> dict[str, list[Problem]]:
    from tracelib.datasets import release_problems

    return release_problems.load_splits(dataset)


def split_of(path: Path) -> str:
    """The split that a file's name states: ``test``, ``validation``, or ``train`` if it states none."""
    words = re.split(r"[^a-z]+", unpacked_name(path).stem.lower())
    return next((split for split, names in SPLIT_WORDS.items() if set(names) & set(words)), "train")


def _unknown(source: str) -> InputError:
    from tracelib.datasets import hub

    names = ", ".join((*TWINS, *RELEASED, *(HUB + name for name in hub.SPLITS)))
    return InputError(f"source {quoted(source)}, expected {names}, or a file ({', '.join(SUFFIXES)})")


def _twin(dataset: str, count: int, seed: int, facts: int) -> dict[str, list[Problem]]:
    from tracelib.datasets import twins

    tenth = count // 10
    sizes = {"train": count - 2 * tenth, "validation": tenth, "test": tenth}
    return twins.splits(dataset, sizes, seed, facts)


def _from_hub(dataset: str, count: int, skipped: list[InputError] | None) -> dict[str, list[Problem]]:
    from tracelib.datasets import hub

    if dataset not in hub.SPLITS:
        raise _unknown(HUB + dataset)
    return {split: hub.load(dataset, split, count, skipped) for split in hub.SPLITS[dataset]}


def _is_there(source: str) -> bool:
    return source != "" and (Path(source) == STANDARD_INPUT or Path(source).exists())


def _read(path: Path, skipped: list[InputError] | None) -> list[Problem]:
    """The problems of a file: in a format of the audit, or in a dataset's own by name and fields."""
    from tracelib.datasets import records

    if path == STANDARD_INPUT or path.is_fifo():  # it can be read only once
        return _in_our_format(path, skipped)
    fields = records.fields(path)
    if any(needed <= fields for needed in OURS):
        return _in_our_format(path, skipped)
    for known in reversed(DATASETS):  # the first accepts every table, so it comes last
        if known.is_file(path, fields):
            return known.read(path, skipped)
    return _in_our_format(path, skipped)


def _in_our_format(
    path: Path,
    skipped: list[InputError] | None,
    fields: dict[str, str] | None = None,
    dataset: str | None = None,
) -> list[Problem]:
    from tracelib.datasets.export import from_json_lines

    return from_json_lines(path, skipped, fields, dataset)
