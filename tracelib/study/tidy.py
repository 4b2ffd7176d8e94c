"""The data of a study as tidy tables.

Participants have their pseudonymous code. The ids that a platform gave are in no table but ``ids``.
"""

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from tracelib.study import config, forms, plan
from tracelib.study.config import Study
from tracelib.study.plan import Page, RatingPage, TrustPage
from tracelib.study.store import Answer, Participant, Store

COLUMNS = {  # table -> column -> (type, meaning)
    "answers": {
        "participant": ("string", "pseudonymous code"),
        "part": ("string", "ratings or trust"),
        "page": ("string", "page, unique in a participant"),
        "position": ("Int64", "position of the page in its part, from 1"),
        "kind": ("string", "kind of trace (ratings), or what stood beside the answer (trust)"),
        "answer_right": ("boolean", "whether the shown answer was right (trust); missing in ratings"),
        "problem": ("string", "id of the problem"),
        "words": ("Int64", "words of the texts that were rated or stood beside the answer"),
        "question": ("string", "name of the question; its wording is in the table questions"),
        "measures": ("string", "construct that an item measures; missing for other questions"),
        "value": ("Int64", "the answer: a point of the scale from 1, an option in the order shown, 1 or 0"),
        "score": ("Int64", "value of an item, turned round if the item is reversed: high is much"),
        "label": ("string", "the answer in words"),
        "correct": ("boolean", "for check: as asked; expected: the model's answer; accept: a right decision"),
        "seconds": ("Float64", "time from showing the page to storing it"),
    },
    "participants": {
        "participant": ("string", "pseudonymous code"),
        "slot": ("Int64", "number in the order of consent, from 0; it fixes the design"),
        "state": ("string", "finished, unfinished or withdrawn"),
        "ratings_kind": ("string", "the one kind that was seen, if kinds are between participants"),
        "trust_arm": ("string", "the one arm that was seen, if arms are between participants"),
        "pages": ("Int64", "pages that were sent, with instructions and comment"),
        "checks_failed": ("Int64", "attention checks that were not answered as asked"),
        "comprehension": ("Float64", "share of comprehension questions with the model's answer"),
        "seconds": ("Float64", "time from consent to the last page; missing if unfinished"),
        "excluded": (
            "string",
            "the rule of the study file by which the participant is excluded; else missing",
        ),
    },
    "materials": {
        "part": ("string", "ratings or trust"),
        "problem": ("string", "id of the problem"),
        "kind": ("string", "kind of trace; right or wrong: the answer's explanation (trust)"),
        "question": ("string", "the problem's question"),
        "answer": ("string", "the answer that was shown or asked for"),
        "words": ("Int64", "words of the text"),
        "characters": ("Int64", "characters of the text"),
        "text": ("string", "the text; its source may have a licence of its own"),
    },
    "questions": {
        "question": ("string", "name of the question"),
        "part": ("string", "ratings or trust"),
        "text": ("string", "its wording"),
        "measures": ("string", "construct that an item measures"),
        "reversed": ("boolean", "whether a high answer means little of the construct"),
        "value": ("Int64", "an answer"),
        "label": ("string", "the anchor of this answer"),
    },
    "comments": {
        "participant": ("string", "pseudonymous code"),
        "comment": ("string", "free text; may hold what a participant wrote about persons"),
    },
    "ids": {
        "participant": ("string", "pseudonymous code"),
        "external": ("string", "the id that the platform gave"),
    },
}


def tables(store: Store, ids: bool = False) -> dict[str, pd.DataFrame]:
    """The tables of a study by name (`COLUMNS`); ``ids`` only if asked for.

    Answers of participants who have withdrawn do not exist.
    """
    stored = store.answers()  # before the participants, so that each answer has its participant
    people = store.participants()
    rows = list(_answers(store, people, stored))
    found = {
        "answers": rows,
        "participants": list(_participants(store, people, stored, rows)),
        "materials": list(_materials(store)),
        "questions": list(_questions(store.study)),
        "comments": list(_comments(stored)),
    }
    if ids:
        found["ids"] = [
            {"participant": each.code, "external": each.external} for each in people if each.external
        ]
    return {name: _table(name, rows_of) for name, rows_of in found.items()}


def answers(store: Store) -> pd.DataFrame:
    """The table ``answers`` alone."""
    stored = store.answers()
    return _table("answers", list(_answers(store, store.participants(), stored)))


def codebook(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """A row per column of the tables: table, column, type, meaning."""
    return pd.DataFrame(
        [
            {"table": name, "column": column, "type": kind, "meaning": meaning}
            for name in tables
            for column, (kind, meaning) in COLUMNS[name].items()
        ]
    )


def _table(name: str, rows: list[dict]) -> pd.DataFrame:
    types = {column: kind for column, (kind, _) in COLUMNS[name].items()}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


# --- Rows -------------------------------------------------------------------------------------


def _answers(store: Store, people: list[Participant], stored: list[Answer]) -> Iterator[dict]:
    """A row per question that was answered, by participant, in the order of the pages."""
    given = {(answer.code, answer.page): answer for answer in stored}
    for person in people:
        for page in plan.pages(store.study, store.materials, person.slot):
            answer = given.get((person.code, page.name))
            if answer and isinstance(page, RatingPage | TrustPage):
                yield from _of_page(store.study, page, answer)


def _of_page(study: Study, page: RatingPage | TrustPage, answer: Answer) -> Iterator[dict]:
    is_trust = isinstance(page, TrustPage)
    shared = {
        "participant": answer.code,
        "part": page.kind,
        "page": page.name,
        "position": page.number,
        "kind": page.arm if is_trust else page.trace_kind,
        "answer_right": page.is_right if is_trust else None,
        "problem": page.shown.id,
        "words": len(page.text.split()),
        "seconds": round(answer.stored - answer.shown, 1),
    }
    for question in forms.questions(study, page):
        yield shared | _answer(study, page, question, answer.values[question.name])


def _answer(study: Study, page: Page, question: forms.Question, value: int) -> dict:
    item = study.items.get(question.name)
    label = dict(question.choices)[str(value)]
    top = len(question.choices) + 1
    return {
        "question": question.name,
        "measures": item.measures if item else None,
        "value": value,
        "score": (top - value if item.reversed else value) if item else None,
        "label": label,
        "correct": _correct(page, question.name, value),
    }


def _correct(page: Page, question: str, value: int) -> bool | None:
    if question == forms.CHECK:
        return value == page.check[0].answer
    if question == forms.EXPECTED:
        return value > 0 and page.options[value - 1] == page.shown.answer
    return bool(value) == page.is_right if question == forms.ACCEPT else None


def _participants(
    store: Store, people: list[Participant], stored: list[Answer], rows: list[dict]
) -> Iterator[dict]:
    pages = Counter(answer.code for answer in stored)
    judged: dict[tuple[str, str], list[bool]] = {}
    for row in rows:
        judged.setdefault((row["participant"], row["question"]), []).append(row["correct"])
    for person in people:
        expected = judged.get((person.code, forms.EXPECTED), [])
        row = {
            "participant": person.code,
            "slot": person.slot,
            "state": state(person),
            **_groups(store, person.slot),
            "pages": pages[person.code],
            "checks_failed": judged.get((person.code, forms.CHECK), []).count(False),
            "comprehension": sum(expected) / len(expected) if expected else None,
            "seconds": round(person.finished - person.started, 1) if person.finished else None,
        }
        yield row | {"excluded": exclusion(store.study, row)}


def _groups(store: Store, slot: int) -> dict[str, str]:
    """The one kind and the one arm that a participant sees, where these are between participants."""
    study, pages = store.study, plan.pages(store.study, store.materials, slot)
    found = {}
    if study.ratings and study.ratings.assignment == "between":
        found["ratings_kind"] = next(page.trace_kind for page in pages if isinstance(page, RatingPage))
    if study.trust and study.trust.assignment == "between":
        found["trust_arm"] = next(page.arm for page in pages if isinstance(page, TrustPage))
    return found


def state(person: Participant) -> str:
    """``finished``, ``unfinished`` or ``withdrawn``."""
    return "withdrawn" if person.withdrawn else "finished" if person.finished else "unfinished"


def exclusion(study: Study, row: dict) -> str | None:
    """The rule of the study file by which a participant is excluded, if there is one; the first that applies.

    Args:
        row: checks_failed, comprehension and seconds, as in the table of participants.
    """
    limits = study.exclusions
    rules = (
        ("attention_failed", limits.attention_failed, lambda limit: row["checks_failed"] >= limit),
        (
            "comprehension_below",
            limits.comprehension_below,
            lambda limit: _below(row["comprehension"], limit),
        ),
        ("seconds_below", limits.seconds_below, lambda limit: _below(row["seconds"], limit)),
    )
    return next((name for name, limit, applies in rules if limit and applies(limit)), None)


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _materials(store: Store) -> Iterator[dict]:
    for rated in store.materials.rated:
        for kind, text in rated.texts.items():
            yield _text("ratings", rated.id, kind, rated.question, rated.answer, text)
    for judged in store.materials.judged:
        for truth, side in zip(config.TRUTHS, (judged.right, judged.wrong), strict=True):
            for kind, text in (("trace", side.trace), ("explanation", side.explanation)):
                yield _text("trust", judged.id, f"{kind}, {truth}", judged.question, side.answer, text)


def _text(part: str, problem: str, kind: str, question: str, answer: str, text: str) -> dict:
    sizes = {"words": len(text.split()), "characters": len(text)}
    return {
        "part": part,
        "problem": problem,
        "kind": kind,
        "question": question,
        "answer": answer,
        **sizes,
        "text": text,
    }


def _questions(study: Study) -> Iterator[dict]:
    """A row per question and answer. The options of the comprehension question differ by page."""
    if study.ratings:
        for name, item in study.items.items():
            for value, anchor in enumerate(study.scales[item.scale], 1):
                about = {"measures": item.measures, "reversed": item.reversed}
                yield {
                    "question": name,
                    "part": "ratings",
                    "text": item.text,
                    **about,
                    "value": value,
                    "label": anchor,
                }
        for check in study.checks:
            for value, anchor in enumerate(study.scales[check.scale], 1):
                yield {
                    "question": forms.CHECK,
                    "part": "ratings",
                    "text": check.text,
                    "value": value,
                    "label": anchor,
                }
        if asked := study.comprehension:
            row = {"question": forms.EXPECTED, "part": "ratings", "text": asked.text}
            yield row | {"value": 0, "label": asked.unsure}
    if part := study.trust:
        for value, label in ((1, part.accept), (0, part.reject)):
            yield {
                "question": forms.ACCEPT,
                "part": "trust",
                "text": part.text,
                "value": value,
                "label": label,
            }
        for value, anchor in enumerate(study.scales[part.confidence.scale], 1):
            row = {"question": forms.CONFIDENCE, "part": "trust", "text": part.confidence.text}
            yield row | {"value": value, "label": anchor}


def _comments(stored: list[Answer]) -> Iterator[dict]:
    for answer in stored:
        if text := answer.values.get(plan.COMMENT):
            yield {"participant": answer.code, "comment": text}
