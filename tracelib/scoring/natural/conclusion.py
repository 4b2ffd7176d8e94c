"""Which answers a trace concludes, and whether they follow from what it states."""

from tracelib.datasets.cotempqa.reader import Fact
from tracelib.scoring.natural.citations import ALTERED, Citation
from tracelib.scoring.natural.claims import Claim
from tracelib.scoring.natural.intervals import NEGATIVE, NO, POSITIVE, UNCLEAR, YES, holds
from tracelib.scoring.natural.phrases import ANSWER, CONCLUDES, HEADS, OTHERS, SPECULATES
from tracelib.scoring.natural.reading import Read, Setting
from tracelib.scoring.natural.topics import NEW_ITEM, About

RELATION_OF = {"equal": "equal", "within": "during", "contains": "during", "part": "overlap"}
MOST_ITEMS = 50  # of a list of answers


def concluded(
    reads: list[Read], abouts: list[About], said: list[Claim], setting: Setting
) -> tuple[tuple[int, ...], int | None]:
    """The facts whose answers a trace concludes, and the number of the sentence that concludes, if any does.

    The last sentence that speaks of the answer counts, else the last one that draws a conclusion. If there is
    none, the answers are the facts that the trace last claims to share time with the event.
    """
    denied = {(claim.sentence, claim.fact) for claim in said if claim.relation in NEGATIVE}
    for cue in (ANSWER, CONCLUDES):
        for number in range(len(reads) - 1, -1, -1):
            text = reads[number].text
            if cue.search(text) and not SPECULATES.search(text):
                facts = _named(reads[number], abouts[number], denied, setting)
                facts = facts or (
                    _below(number, reads, abouts, denied, setting) if HEADS.search(text) else ()
                )
                if facts:
                    return facts, number
    last = {claim.fact: claim.relation in POSITIVE for claim in said}
    return tuple(sorted(fact for fact, shares in last.items() if shares)), None


def _named(read: Read, about: About, denied: set[tuple[int, int]], setting: Setting) -> tuple[int, ...]:
    """The facts that a sentence concludes: those it is about, without those it denies or calls others."""
    others = OTHERS.search(read.text)
    end = others.end() if others else len(read.text)
    mentions = [mention for mention in about.subjects if mention.start - read.start <= end]
    facts = [fact for mention in mentions if len(mention.facts) == 1 for fact in mention.facts]
    kept = (fact for fact in facts if fact not in setting.event and (read.number, fact) not in denied)
    return tuple(dict.fromkeys(kept))


def _below(
    heading: int, reads: list[Read], abouts: list[About], denied: set[tuple[int, int]], setting: Setting
) -> tuple[int, ...]:
    """The answers below a heading or an introduction: those of the items of a list, else of one sentence."""
    found: list[int] = []
    for number in range(heading + 1, min(heading + 1 + MOST_ITEMS, len(reads))):
        is_item = bool(NEW_ITEM.match(reads[number].text))
        if not is_item and (found or number > heading + 1):
            break
        found += _named(reads[number], abouts[number], denied, setting)
        if not is_item:
            break
    return tuple(dict.fromkeys(found))


def relation(answers: tuple[int, ...], said: list[Claim]) -> str:
    """The relation that a trace commits to for its answers, by its most exact claims about them."""
    best: dict[int, str] = {}
    for claim in said:
        if claim.fact in answers and claim.relation in POSITIVE:
            old = best.get(claim.fact, "shared")
            best[claim.fact] = min(old, claim.relation, key=POSITIVE.index)
    exact = {RELATION_OF[name] for name in best.values() if name in RELATION_OF}
    return "none" if not best else "shared" if not exact else exact.pop() if len(exact) == 1 else "mix"


def follows(answers: tuple[int, ...], cited: list[Citation], setting: Setting) -> str:
    """Whether the answers follow from the facts as the trace states them."""
    stated = _stated(cited, setting)
    event = [stated[fact] for fact in setting.event if fact in stated]
    if not answers or not event or not set(answers) <= set(stated):
        return NO
    shares = {
        fact: _any(holds("shared", stated[fact], one) for one in event)
        for fact in stated
        if fact not in setting.event
    }
    verdicts = {shares[fact] for fact in answers}
    missed = {shares[fact] for fact in setting.asked & set(shares) - set(answers)}
    if NO in verdicts or YES in missed:
        return NO
    return UNCLEAR if UNCLEAR in verdicts | missed else YES


def _any(verdicts) -> str:
    found = set(verdicts)
    return YES if YES in found else UNCLEAR if UNCLEAR in found else NO


def _stated(cited: list[Citation], setting: Setting) -> dict[int, Fact]:
    """Each cited fact with its time as the trace states it: the fact's own unless it is altered."""
    found: dict[int, Fact] = {}
    for citation in cited:
        fact = setting.facts[citation.fact]
        if citation.form == ALTERED:
            period = citation.stated
            start = period.first if period.shape != "end" else fact.start
            end = period.last if period.shape != "start" else fact.end
            fact = Fact(fact.subject, fact.relation, fact.object, start, end)
        found[citation.fact] = fact
    return found
