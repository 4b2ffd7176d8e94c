"""The scoreboard: claims of the paper and of a referee, with this edition's verdicts.

The claims are in ``claims.yaml``. Each names the functions that compute its numbers
(`tracelib.paper.estimates`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from tracelib.core.errors import InputError, quoted
from tracelib.core.reading import read_text

CLAIMS = Path(__file__).with_name("claims.yaml")
VERDICTS = ("supported", "qualified", "contradicted", "not testable from what is public", "open")
WITHOUT_ESTIMATE = VERDICTS[3:]  # verdicts that need no estimate
REFEREE = "review"
OPTIONAL = {"where", "quoted"}  # optional fields of a claim
SOURCES = {  # source -> in words
    "abstract": "abstract",
    "page": "project page",
    "figures": "the release",
    REFEREE: "a referee",
}


@dataclass(frozen=True)
class Claim:
    """One claim of ``claims.yaml``.

    Attributes:
        says: the claim, in the source's words if `quoted`.
        source: a key of `SOURCES`.
        verdict: one of `VERDICTS`.
        estimates: names of functions in `tracelib.paper.estimates`, the most important first.
        because: the reason for the verdict.
        missing: what would settle the claim, or support the verdict better.
        chapter: the chapter about the claim.
        where: the place in the source, if it needs one.
    """

    id: str
    says: str
    source: str
    verdict: str
    estimates: tuple[str, ...]
    because: str
    missing: str
    chapter: str
    where: str = ""
    quoted: bool = True

    @property
    def words(self) -> str:
        """The claim, in quotation marks if the words are the source's own."""
        return f"“{self.says}”" if self.quoted else self.says

    @property
    def is_of_referee(self) -> bool:
        """Whether the claim is the referee's, not the paper's."""
        return self.source == REFEREE


def load(path: Path = CLAIMS) -> list[Claim]:
    """All claims, in the file's order.

    Raises:
        InputError: a claim lacks a field, has an unknown field, source or verdict, or lacks an estimate that
            its verdict needs.
    """
    try:
        entries = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise InputError(f"not YAML: {quoted(str(error))}", path) from None
    if not isinstance(entries, list) or not entries:
        raise InputError(f"expected a list of claims, found {quoted(entries)}", path)
    claims = [_claim(entry, number, path) for number, entry in enumerate(entries, 1)]
    if len({claim.id for claim in claims}) < len(claims):
        raise InputError("two claims with one id", path)
    return claims


def tally(claims: Iterable[Claim]) -> str:
    """How many claims have each verdict that occurs, in words: "1 supported, 7 qualified"."""
    counted = Counter(claim.verdict for claim in claims)
    return ", ".join(f"{counted[verdict]} {verdict}" for verdict in VERDICTS if counted[verdict])


def _claim(entry: object, number: int, path: Path) -> Claim:
    if not isinstance(entry, Mapping):
        raise InputError(f"claim {number}: {quoted(entry)}, expected fields with their values", path)
    known = {field.name for field in fields(Claim)}
    lacking = known - OPTIONAL - set(entry)
    if lacking or set(entry) - known:
        wrong = ", ".join(sorted(map(str, lacking | (set(entry) - known))))
        raise InputError(f"claim {number}: fields missing or unknown: {wrong}", path)
    names = entry["estimates"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError(f"claim {number}: estimates {quoted(names)}, expected a list of names", path)
    claim = Claim(**{**entry, "estimates": tuple(names)})
    if claim.verdict not in VERDICTS:
        raise InputError(
            f"claim {number}: verdict {quoted(claim.verdict)}, expected one of {', '.join(VERDICTS)}", path
        )
    if claim.source not in tuple(SOURCES):
        raise InputError(
            f"claim {number}: source {quoted(claim.source)}, expected one of {', '.join(SOURCES)}", path
        )
    if not claim.estimates and claim.verdict not in WITHOUT_ESTIMATE:
        raise InputError(f"claim {number}: the verdict '{claim.verdict}' needs an estimate", path)
    for name in ("says", "because", "missing"):
        if not str(getattr(claim, name)).strip():
            raise InputError(f"claim {number}: '{name}' is empty", path)
    return claim
