"""A study file: all wording, scales and anchors, the design, and the exclusions, in one YAML file.

Pages, the codebook of the export, the preregistration, and the labels of an analysis all read it from here.
``extends: NAME`` takes over another study, a shipped one or a file beside this one; what the file states
itself replaces the other's value under the same outer key. Errors name file, line and what was expected.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import STUDY_FILES
from tracelib.experiments.stated import Stated, read

STUDIES = STUDY_FILES / "studies"
EXTENDS = "extends"
MOST = 10_000  # pages of a participant, or problems of a part
RESERVED = ("check", "expected", "accept", "confidence", "comment", "token")  # names of other form fields
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PLACEHOLDER = re.compile(r"\[your [^\]]*\]")
ARMS = ("none", "trace", "explanation", "both")  # what stands beside an answer that may be accepted

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=50)]
Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
Size = Annotated[int, Field(ge=1, le=MOST)]
Assignment = Literal["within", "between"]


class Part(BaseModel):
    """What all parts of a study file share: values have exactly the stated types, and no key is unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Consent(Part):
    """The consent page: what is said before a participant agrees, and the sentence of agreement."""

    text: Texts
    agree: Text


class Construct(Part):
    """What several items measure together. `label` names it in figures, `about` in captions."""

    label: Label
    about: Text


class Item(Part):
    """A Likert item. It measures a construct; if `reversed`, a high answer means little of it."""

    text: Text
    scale: Name
    measures: Name
    label: Label
    reversed: bool = False


class Check(Part):
    """An attention check: the item's text says which answer to give, counted from 1."""

    text: Text
    scale: Name
    answer: Size


class Comprehension(Part):
    """The question what the model would answer, asked before the answer is known."""

    text: Text
    unsure: Label
    options: Annotated[int, Field(ge=2, le=8)] = 4


class Materials(Part):
    """Where problems and texts come from: a twin, the release, ``r1``, or a file of problems or outputs."""

    source: Text
    seed: Annotated[int, Field(ge=0)]
    facts: Annotated[int, Field(ge=2, le=50)] = 8


class Kind(Part):
    """A kind of trace: its label in figures, and the text that is shown (see `tracelib.study.materials`)."""

    label: Label
    text: Label


class Ratings(Part):
    """The part in which traces are rated."""

    assignment: Assignment
    kinds: Annotated[dict[Name, Kind], Field(min_length=1, max_length=12)]
    pages: Size
    problems: Size


class Confidence(Part):
    """How sure a participant is of having accepted or rejected rightly."""

    text: Text
    scale: Name


class Trust(Part):
    """The part in which answers, right or wrong, are accepted or rejected. `arms` is by name of `ARMS`."""

    assignment: Assignment
    arms: Annotated[dict[Literal[ARMS], Label], Field(min_length=1)]
    pages: Size
    problems: Size
    text: Text
    accept: Label
    reject: Label
    confidence: Confidence


class Exclusions(Part):
    """Rules that are stated before there are data. A participant to whom one applies is excluded."""

    attention_failed: Size | None = None
    comprehension_below: Annotated[float | int, Field(gt=0, le=1)] | None = None
    seconds_below: Size | None = None


class Completion(Part):
    """Where a participant goes at the end, and the code that says that the study was finished."""

    text: Label
    code: Label | None = None
    url: Text | None = None


class Study(Part):
    """A study. See the shipped ones for a description of each key."""

    title: Label
    contact: Text
    minutes: Size
    consent: Consent
    instructions: Texts
    scales: dict[Name, Annotated[tuple[Label, ...], Field(min_length=2, max_length=11)]]
    constructs: dict[Name, Construct]
    items: dict[Name, Item]
    checks: tuple[Check, ...] = ()
    comprehension: Comprehension | None = None
    materials: Materials
    ratings: Ratings | None = None
    trust: Trust | None = None
    comment: Text | None = None
    debrief: Texts
    completion: Completion | None = None
    seed: Annotated[int, Field(ge=0)]
    exclusions: Exclusions = Exclusions()
    hypotheses: tuple[Text, ...] = ()

    @property
    def anchors(self) -> dict[str, tuple[str, ...]]:
        """The anchors of each item, from the lowest answer (1) to the highest."""
        return {name: self.scales[item.scale] for name, item in self.items.items()}


class Loaded(NamedTuple):
    """A study, and the path of its file."""

    study: Study
    path: Path


def load(name: str) -> Loaded:
    """The shipped study of this name, or the study of this YAML file.

    Raises:
        InputError: there is no such file, it is not YAML, a key is unknown, missing or repeated, or a value
            is wrong or does not go together with others. The message names the file and the line.
    """
    path = _find(name, Path())
    if path is None or not path.is_file():
        raise InputError(f"no such study, {_known()}", path or quoted(name))
    return Loaded(_validated(_resolved(path)), path)


def _validated(stated: Stated) -> Study:
    """The study with these values; `InputError` at the place of the first that is wrong."""
    try:
        study = Study.model_validate(_as_tuples(stated.values))
    except ValidationError as error:
        keys, message = _in_words(error.errors(include_url=False))
        raise stated.error(message, *keys) from None
    for keys, message in _together(study):
        raise stated.error(message, *keys)
    return study


def digest(study: Study) -> str:
    """Twelve hex digits that change with any word of a study."""
    return hashlib.sha256(study.model_dump_json().encode()).hexdigest()[:12]


def check_ready(study: Study, path: Path) -> None:
    """`InputError` if the study still has a text in square brackets that asks for yours."""
    if found := PLACEHOLDER.search(study.model_dump_json()):
        raise InputError(f"still has {found[0]}; fill it in before anybody takes part", path)


def shipped() -> dict[str, Path]:
    """The studies that come with the package, by name."""
    return {path.stem: path for path in sorted(STUDIES.glob("*.yaml"))}


def _known() -> str:
    return f"expected one of {', '.join(shipped())}, or a YAML file"


def _find(name: str, folder: Path) -> Path | None:
    return (folder / name).resolve() if name.endswith((".yaml", ".yml")) else shipped().get(name)


def _resolved(path: Path, extending: tuple[Path, ...] = ()) -> Stated:
    """The values of a study file, with those that it takes over. `extending`: the files that extend it."""
    own = read(path, (EXTENDS, *Study.model_fields))
    if EXTENDS not in own.values:
        return own
    name = own.values[EXTENDS]
    found = _find(name, path.parent) if isinstance(name, str) else None
    if found is None or not found.is_file():
        raise own.error(f"'{EXTENDS}': no study {quoted(name)}, {_known()} beside this one", EXTENDS)
    if found in (*extending, path):
        raise own.error(f"'{EXTENDS}': {found.name} itself extends this study", EXTENDS)
    taken = _resolved(found, (*extending, path))
    values = taken.values | {key: value for key, value in own.values.items() if key != EXTENDS}
    kept = {keys: place for keys, place in taken.places.items() if keys[:1] not in own.places}
    return Stated({key: value for key, value in values.items() if value is not None}, kept | own.places)


def _as_tuples(value: object) -> object:
    """The value with every list as a tuple, which is what the strict models take."""
    if isinstance(value, dict):
        return {key: _as_tuples(entry) for key, entry in value.items()}
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


# --- Errors -----------------------------------------------------------------------------------

EXPECTED = {  # pydantic's type of an error -> what was expected
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "string_unicode": "a text",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
}
BOUNDS = {  # pydantic's type of an error -> the name of the limit, and what was expected
    "greater_than": ("gt", "a number above {}"),
    "greater_than_equal": ("ge", "at least {}"),
    "less_than": ("lt", "a number below {}"),
    "less_than_equal": ("le", "at most {}"),
    "string_too_long": ("max_length", "at most {} characters"),
    "string_too_short": ("min_length", "at least {} characters"),
    "too_long": ("max_length", "at most {} entries"),
    "too_short": ("min_length", "at least {} entries"),
}


def _in_words(errors: list[dict]) -> tuple[tuple[str, ...], str]:
    """The keys and our message for one of pydantic's errors: an unknown key first, often a misspelling."""
    first = min(errors, key=lambda error: error["type"] != "extra_forbidden")
    keys = tuple(str(key) for key in first["loc"] if key not in ("int", "float", "[key]"))
    key, kind, value = f"'{'.'.join(keys)}'", first["type"], first["input"]
    if kind == "extra_forbidden":
        return keys, f"unknown key {key}"
    if kind == "missing":
        return keys, f"key {key} is missing"
    if kind == "string_pattern_mismatch":
        return keys, f"{key}: expected a name of small letters, digits and _, found {quoted(value)}"
    if kind == "literal_error":
        return keys, f"{key}: expected {first['ctx']['expected']}, found {quoted(value)}"
    if kind in BOUNDS:
        bound, words = BOUNDS[kind]
        return keys, f"{key}: expected {words.format(first['ctx'][bound])}, found {quoted(value)}"
    return keys, f"{key}: expected {EXPECTED.get(kind, first['msg'])}, found {quoted(value)}"


def _together(study: Study) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (keys, fault) of values that are right one by one but do not go together."""
    yield from _scale_faults(study)
    for name in study.items:
        if name in RESERVED:
            yield ("items", name), f"'items.{name}': this name is taken, expected another"
    if study.ratings is None and study.trust is None:
        yield (), "expected 'ratings', 'trust', or both"
    if study.ratings and not study.items:
        yield ("items",), "'items' is empty, expected at least one, because traces are rated"
    if study.checks and study.ratings and len(study.checks) > study.ratings.pages:
        yield ("checks",), f"{len(study.checks)} checks, expected at most one per page of 'ratings'"
    if study.checks and not study.ratings:
        yield ("checks",), "'checks' stand among the items of 'ratings', which is missing"
    for name, part in (("ratings", study.ratings), ("trust", study.trust)):
        if part:
            yield from _size_faults(name, part)
    if study.completion and study.completion.url:
        yield from _url_faults(study.completion.url)


def _scale_faults(study: Study) -> Iterator[tuple[tuple[str, ...], str]]:
    uses = [(("items", name), item.scale) for name, item in study.items.items()]
    uses += [(("checks", str(number)), check.scale) for number, check in enumerate(study.checks)]
    if study.trust:
        uses.append((("trust", "confidence"), study.trust.confidence.scale))
    for keys, scale in uses:
        if scale not in study.scales:
            yield (*keys, "scale"), f"no scale {quoted(scale)}, expected one of {', '.join(study.scales)}"
    for name, item in study.items.items():
        if item.measures not in study.constructs:
            known = ", ".join(study.constructs)
            yield (
                ("items", name, "measures"),
                f"no construct {quoted(item.measures)}, expected one of {known}",
            )
    for number, check in enumerate(study.checks):
        most = len(study.scales.get(check.scale, ()))
        if check.answer > most:
            keys = ("checks", str(number), "answer")
            yield keys, f"'answer' is {check.answer}, expected at most {most}, the scale's highest"


def _size_faults(name: str, part: Ratings | Trust) -> Iterator[tuple[tuple[str, ...], str]]:
    levels = len(within(part))
    if part.pages % levels:
        expected = f"a multiple of {levels}, the levels that each participant sees"
        yield (name, "pages"), f"'{name}.pages' is {part.pages}, expected {expected}"
    if part.problems % part.pages:
        expected = f"a multiple of the {part.pages} pages of a participant"
        yield (name, "problems"), f"'{name}.problems' is {part.problems}, expected {expected}"


def _url_faults(url: str) -> Iterator[tuple[tuple[str, ...], str]]:
    try:
        TypeAdapter(HttpUrl).validate_python(url)
    except ValidationError:
        keys = ("completion", "url")
        yield keys, f"'completion.url': expected an address that begins with https://, found {quoted(url)}"


# --- The levels of a part ---------------------------------------------------------------------

TRUTHS = ("right", "wrong")


def names(part: Ratings | Trust) -> tuple[str, ...]:
    """The names of what a part compares: kinds of trace, or arms."""
    return tuple(part.kinds if isinstance(part, Ratings) else part.arms)


def between(part: Ratings | Trust) -> tuple[str | None, ...]:
    """The levels of which a participant sees one; (None,) if there are none."""
    return names(part) if part.assignment == "between" else (None,)


def within(part: Ratings | Trust) -> tuple[tuple[str | None, str | None], ...]:
    """The levels of which a participant sees all: (kind or arm, whether the answer is right)."""
    own = names(part) if part.assignment == "within" else (None,)
    truths = TRUTHS if isinstance(part, Trust) else (None,)
    return tuple((name, truth) for name in own for truth in truths)
