"""The scoreboard: what the paper and its referee say, word for word short, and what is found of it here.

Claims stand in ``claims.yaml``; a claim's numbers are computed by the functions that it names
(`tracelib.paper.estimates`). A verdict without an estimate needs a reason why there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from tracelib.core.files import InputError, quoted, read_text

CLAIMS = Path(__file__).with_name("claims.yaml")
VERDICTS = ("supported", "qualified", "contradicted", "not testable from what is public", "open")
WITHOUT_ESTIMATE = VERDICTS[3:]  # verdicts that may rest on a reason alone
REFEREE = "review"
SOURCES = {  # in words; what follows the name in the file says where in it
    "abstract": "abstract",
    "page": "project page",
    "figures": "the release",
    REFEREE: "a referee",
}


@dataclass(frozen=True)
class Claim:
    """One claim, as ``claims.yaml`` has it; estimates are names of functions, the leading one first."""

    id: str
    says: str
    source: str
    verdict: str
    estimates: tuple[str, ...]
    because: str
    missing: str
    chapter: str
    quoted: bool = True

    @property
    def words(self) -> str:
        """What is claimed, in quotation marks where the words are the source's own."""
        return f"“{self.says}”" if self.quoted else self.says

    @property
    def is_of_referee(self) -> bool:
        """Whether the referee says it, not the paper."""
        return self.source == REFEREE


def load(path: Path = CLAIMS) -> list[Claim]:
    """All claims, in the file's order.

    `InputError` names the claim that lacks a field, has an unknown one, an unknown source or verdict, or a
    verdict that needs an estimate and has none.
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


def _claim(entry: object, number: int, path: Path) -> Claim:
    if not isinstance(entry, Mapping):
        raise InputError(f"claim {number}: {quoted(entry)}, expected fields with their values", path)
    known = {field.name for field in fields(Claim)}
    lacking = known - {"quoted"} - set(entry)
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
    if str(claim.source).split(" ")[0] not in SOURCES:
        raise InputError(
            f"claim {number}: source {quoted(claim.source)}, expected it to begin with one of "
            f"{', '.join(SOURCES)}",
            path,
        )
    if not claim.estimates and claim.verdict not in WITHOUT_ESTIMATE:
        raise InputError(f"claim {number}: the verdict '{claim.verdict}' needs an estimate", path)
    for name in ("says", "because", "missing"):
        if not str(getattr(claim, name)).strip():
            raise InputError(f"claim {number}: '{name}' is empty", path)
    return claim
