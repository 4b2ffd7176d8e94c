"""The shipped claims are complete, and each verdict has an estimate or a reason."""

import pytest
import yaml

from tracelib.book import build
from tracelib.core.errors import InputError
from tracelib.paper import claims, estimates

GOOD = {
    "id": "a",
    "says": "traces help",
    "source": "abstract",
    "verdict": "qualified",
    "estimates": ["right_together"],
    "because": "in part",
    "missing": "runs",
    "chapter": "joint",
}


def written(tmp_path, *entries):
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(list(entries)))
    return path


def test_every_verdict_has_an_estimate_or_a_reason():
    found = claims.load()
    assert {claim.verdict for claim in found} == set(claims.VERDICTS)
    for claim in found:
        assert claim.because, claim.id
        assert claim.missing, claim.id
        assert claim.estimates or claim.verdict in claims.WITHOUT_ESTIMATE, claim.id
        assert set(claim.estimates) <= set(estimates.ESTIMATES), claim.id
        assert claim.chapter in build.chapters(), claim.id
    assert {name for claim in found for name in claim.estimates} == set(estimates.ESTIMATES)


def test_the_papers_claims_and_the_referees_are_both_there():
    assert {"abstract", "page", claims.REFEREE} <= {claim.source for claim in claims.load()}
    assert all(claim.quoted for claim in claims.load() if claim.source != claims.REFEREE)


def test_words_of_a_source_stand_in_quotation_marks():
    quoted = claims.Claim(**GOOD)
    assert quoted.words == "“traces help”"
    assert claims.Claim(**GOOD, quoted=False).words == "traces help"


def test_no_finding_is_typed_into_the_claims():
    """Only quotations and names hold digits, because findings are computed."""
    for claim in claims.load():
        for text in (claim.because, claim.missing):
            assert not any(
                part.isdigit() for part in text.replace("R1", "").replace("3.39", "").replace("4.86", "")
            ), claim.id


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "true"}, "claim 2: verdict 'true', expected one of supported"),
        ({"estimates": []}, "claim 2: the verdict 'qualified' needs an estimate"),
        ({"because": " "}, "claim 2: 'because' is empty"),
        ({"colour": "red"}, "claim 2: fields missing or unknown: colour"),
        ({"id": "a"}, "two claims with one id"),
        ({"estimates": None}, "claim 2: estimates None, expected a list of names"),
        ({"source": "a friend"}, "claim 2: source 'a friend', expected one of abstract, page"),
        ({"source": ["page"]}, r"claim 2: source \['page'\], expected one of abstract, page"),
    ],
)
def test_a_claim_without_ground_is_refused(tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        claims.load(written(tmp_path, GOOD, {**GOOD, "id": "b", **change}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a list of claims, found None"),
        ("id: a", "expected a list of claims, found {'id': 'a'}"),
        ("- a", "claim 1: 'a', expected fields with their values"),
        ("- [a", "not YAML"),
    ],
)
def test_a_file_that_is_no_list_of_claims_is_refused(tmp_path, text, message):
    path = tmp_path / "claims.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        claims.load(path)


def test_a_missing_field_is_named(tmp_path):
    with pytest.raises(InputError, match="claim 1: fields missing or unknown: missing"):
        claims.load(written(tmp_path, {name: value for name, value in GOOD.items() if name != "missing"}))


def test_an_open_claim_needs_no_estimate(tmp_path):
    (claim,) = claims.load(written(tmp_path, {**GOOD, "verdict": "open", "estimates": []}))
    assert claim.estimates == ()
