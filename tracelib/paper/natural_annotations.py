"""Check the verifier of natural traces against two blind annotations of R1's traces.

``docs/natural-guide.md`` is the guide of the annotators, who are language models. The traces were drawn
(`draw`) before the verifier's rules were written. The rules were written without them, and scored on them
once, at commit 8ceb976. The annotations and that score are in ``assets/natural/annotations.csv``: ids,
numbers, offsets and verdicts, no text. `NOW` are the rules as they are today. Some were changed after the
annotations had been seen, so their score is no test of them.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from operator import add
from pathlib import Path

import pandas as pd

from tracelib.core.errors import InputError
from tracelib.core.paths import NATURAL
from tracelib.datasets import r1_texts
from tracelib.datasets.cotempqa import twin
from tracelib.datasets.distilled import Texts
from tracelib.datasets.problem import Problem
from tracelib.scoring.natural import annotation, simulated
from tracelib.scoring.natural.annotation import STYLES, Annotation
from tracelib.scoring.natural.intervals import NEGATIVE, NONE
from tracelib.scoring.natural.sentences import sentences
from tracelib.scoring.natural.verify import verify
from tracelib.stats.bootstrap import ratio
from tracelib.stats.estimate import Estimate, prefixed
from tracelib.stats.proportions import clustered_wilson, wilson

DRAWN = NATURAL / "drawn.csv"
ANNOTATIONS = NATURAL / "annotations.csv"
SIZE = 40
FIRST, SECOND, FROZEN, NOW = "first reading", "second reading", "rules, frozen", "rules, now"
SHEET = "sheet"  # where its sentences begin
COLUMNS = ["id", "judge", "field", "sentence", "fact", "value"]
UNITS = {  # field -> what its units are
    "facts cited": "facts of a trace",
    "citations": "facts in a sentence",
    "altered citations": "facts in a sentence",
    "claims": "facts in a sentence, and whether time is shared",
    "claims, exact": "facts in a sentence, and the relation",
    "refuted claims": "facts in a sentence",
    "shared times": "facts in a sentence, and whether the time is right",
    "answers": "facts of a trace",
    **dict.fromkeys(STYLES, "sentences"),
}
WHOLE = ("relation", "follows")  # one verdict a trace
FIELDS = (*UNITS, "holds", *WHOLE)


def draw(problems: Iterable[Problem], seed: int = 1) -> list[str]:
    """The ids of the problems whose traces are annotated, in random order.

    Every relation gives its share of `SIZE`, rounded.
    """
    rng = random.Random(f"natural/{seed}")
    by_relation: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        by_relation[problem.category].append(problem.id)
    total = sum(map(len, by_relation.values()))
    chosen = [
        identity
        for _, ids in sorted(by_relation.items())
        for identity in rng.sample(sorted(ids), round(SIZE * len(ids) / total))
    ]
    rng.shuffle(chosen)
    return chosen


def drawn() -> list[str]:
    """The drawn ids, as committed before the rules were written."""
    return pd.read_csv(DRAWN)["id"].tolist()


def sheet(problem: Problem, trace: str) -> str:
    """The text that an annotator sees: question, numbered facts, and the trace in numbered sentences."""
    facts = "\n".join(f"  [{index}] {fact}" for index, fact in enumerate(problem.facts))
    lines = "\n".join(f"  [{index}] {piece.text}" for index, piece in enumerate(sentences(trace)))
    return f"ID: {problem.id}\nQUESTION: {problem.question}\nCONTEXT FACTS:\n{facts}\nTRACE:\n{lines}\n"


def starts(sheet: str, trace: str) -> list[int]:
    """Where the sentences of a sheet begin in its trace, also if it was cut by other rules than today's."""
    found, place = [], 0
    for number, line in enumerate(sheet.partition("\nTRACE:\n")[2].splitlines()):
        place = trace.index(line.removeprefix(f"  [{number}] "), place)
        found.append(place)
    return found


def collected(
    readings: Mapping[str, Path], sheets: Mapping[str, Sequence[int]], problems: Mapping[str, Problem]
) -> pd.DataFrame:
    """The annotations of several judges as one table, with the sheets' sentences; strict.

    Args:
        readings: judge -> JSON-lines file.
        sheets: where the sentences of each sheet begin, by id.
    """
    facts = {identity: len(problems[identity].facts) for identity in sheets}
    parts = [
        _rows(identity, SHEET, [("sentence", start, "", "") for start in begins])
        for identity, begins in sheets.items()
    ]
    for judge, path in readings.items():
        for identity, one in annotation.read(path, sheets, facts).items():
            parts.append(_rows(identity, judge, _cells(one)))
    return pd.concat(parts, ignore_index=True)


def of_rules(texts: Iterable[tuple[Problem, Texts]], table: pd.DataFrame, judge: str) -> pd.DataFrame:
    """The verifier's account of the annotated traces, in the terms of their sheets, as rows of the table.

    `InputError` if an annotated trace is not among the texts.
    """
    begins = _sheets(table)
    by_id = {problem.id: (problem, own) for problem, own in texts}
    if missing := sorted(set(begins) - set(by_id)):
        named = ", ".join(missing[:3])
        raise InputError(f"no trace of {named} ({len(missing)} of {len(begins)} annotated ones)")
    parts = []
    for identity, places in begins.items():
        problem, own = by_id[identity]
        verdict = verify(own.trace, problem)
        parts.append(_rows(identity, judge, _cells(annotation.of_verdict(verdict, places))))
    return pd.concat(parts, ignore_index=True)


def with_rules_now(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the account of the rules as they are today; it needs R1's traces on this machine."""
    return pd.concat([table, of_rules(r1_texts.sampled(), table, NOW)], ignore_index=True)


def _sheets(table: pd.DataFrame) -> dict[str, list[int]]:
    rows = table[table["judge"] == SHEET]
    return {identity: sorted(map(int, part["sentence"])) for identity, part in rows.groupby("id", sort=False)}


def _cells(one: Annotation) -> list[tuple]:
    """The field, the sentence, the fact and the value of everything that a judge says of a trace."""
    cells: list[tuple] = [("event", "", fact, "") for fact in sorted(one.event)]
    cells += [
        ("citation", sentence, fact, "altered" if altered else "stated")
        for (sentence, fact), altered in sorted(one.citations.items())
    ]
    cells += [("claim", *key, " ".join(said)) for key, said in sorted(one.claims.items())]
    cells += [("answer", "", fact, "") for fact in sorted(one.answers)]
    cells += [("relation", "", "", one.relation), ("follows", "", "", one.follows)]
    return cells + [(name, place, "", "") for name in STYLES for place in sorted(one.styles[name])]


def _rows(identity: str, judge: str, cells: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame([(identity, judge, *cell) for cell in cells], columns=COLUMNS)


def load() -> pd.DataFrame:
    """The shipped table: `COLUMNS`, a row for each thing that a judge says of a trace."""
    return pd.read_csv(ANNOTATIONS, dtype=str, keep_default_na=False)


def judged(table: pd.DataFrame) -> dict[str, dict[str, Annotation]]:
    """The table as annotations: judge -> id -> annotation."""
    found: dict[str, dict[str, Annotation]] = defaultdict(dict)
    for (judge, identity), rows in table[table["judge"] != SHEET].groupby(["judge", "id"], sort=False):
        found[judge][identity] = _read(rows)
    return found


def _read(rows: pd.DataFrame) -> Annotation:
    by_field: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows.astype(str).itertuples(index=False):
        by_field[row.field].append((row.sentence, row.fact, row.value))

    def facts(name: str) -> frozenset[int]:
        return frozenset(int(fact) for _, fact, _ in by_field[name])

    return Annotation(
        event=facts("event"),
        citations={(int(s), int(f)): value == "altered" for s, f, value in by_field["citation"]},
        claims={(int(s), int(f)): tuple(value.split()) for s, f, value in by_field["claim"]},
        relation=by_field["relation"][0][2],
        answers=facts("answer"),
        follows=by_field["follows"][0][2],
        styles={name: frozenset(int(s) for s, _, _ in by_field[name]) for name in STYLES},
    )


def units(one: Annotation) -> dict[str, set]:
    """The units of each field of `UNITS` in an annotation."""
    claims = one.claims.items()
    return {
        "facts cited": {fact for _, fact in one.citations},
        "citations": set(one.citations),
        "altered citations": {key for key, altered in one.citations.items() if altered},
        "claims": {(*key, said[0] in NEGATIVE) for key, said in claims},
        "claims, exact": {(*key, said[0]) for key, said in claims},
        "refuted claims": {key for key, said in claims if said[1] == "no"},
        "shared times": {(*key, said[2]) for key, said in claims if said[2] != NONE},
        "answers": set(one.answers),
        **one.styles,
    }


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """How far each two judges agree, field by field.

    With a reading as the first judge and the rules as the second, `precision` is the share of what the rules
    find that the reading has too, and `recall` the share of what the reading has that the rules find. `agree`
    is the F1 of both, the same from either side. Intervals are clustered on the trace: bootstrap for the F1,
    Wilson's for shares.

    Returns:
        judges, field, first, second, both (units), agree, agree_low, agree_high, precision..., recall...,
        note. For the fields of `WHOLE`, first and second are the traces, both those with the same verdict,
        and agree is their share (Wilson). For ``holds`` they are the claims that both make with the same
        relation, and those of them whose truth they judge alike.
    """
    judges = judged(table)
    rows = []
    for one, other in combinations(judges, 2):
        if {one, other} == {FROZEN, NOW}:
            continue
        first, second = judges[one], judges[other]
        pairs = [(first[identity], second[identity]) for identity in first]
        rows += [{"judges": f"{one}, {other}"} | row for row in _compared(pairs)]
    table = pd.DataFrame(rows)
    return table.sort_values(
        "field", key=lambda names: names.map(FIELDS.index), kind="stable", ignore_index=True
    )


def on_simulated(count: int = 200, seed: int = 1) -> pd.DataFrame:
    """The table of `agreement` for simulated traces of generated problems, whose truth is known.

    The truth is the first judge, so precision and recall are the verifier's.
    """
    pairs = []
    for problem in twin.generate(count, seed, twin.Knobs(facts=10)):
        text, truth = simulated.write(problem, seed)
        pairs.append((truth, annotation.of_verdict(verify(text, problem))))
    return pd.DataFrame([{"judges": "truth (simulated), rules"} | row for row in _compared(pairs)])


def _compared(pairs: list[tuple[Annotation, Annotation]]) -> Iterator[dict]:
    yield from _of_units(pairs)
    yield _of_truth(pairs)
    yield from (_of_traces(pairs, name) for name in WHOLE)


def _of_units(pairs: list[tuple[Annotation, Annotation]]) -> Iterator[dict]:
    both_units = [(units(one), units(other)) for one, other in pairs]
    for name in UNITS:
        first = [len(one[name]) for one, _ in both_units]
        second = [len(other[name]) for _, other in both_units]
        both = [len(one[name] & other[name]) for one, other in both_units]
        row = {"field": name, "first": sum(first), "second": sum(second), "both": sum(both)}
        found = {
            "agree": ratio([2 * count for count in both], list(map(add, first, second)), range(len(pairs))),
            "precision": _share(both, second),
            "recall": _share(both, first),
        }
        for what, estimate in found.items():
            row |= prefixed(what, estimate)
        yield row | {"note": found["agree"]["note"]}


def _share(both: list[int], of: list[int]) -> Estimate:
    """The share of units, clustered on the trace; traces without a unit do not count."""
    counted = [(one, all_) for one, all_ in zip(both, of, strict=True) if all_]
    return clustered_wilson([one for one, _ in counted], [all_ for _, all_ in counted])


def _of_traces(pairs: list[tuple[Annotation, Annotation]], name: str) -> dict:
    same = sum(getattr(one, name) == getattr(other, name) for one, other in pairs)
    row = {"field": name, "first": len(pairs), "second": len(pairs), "both": same}
    return row | prefixed("agree", wilson(same, len(pairs))) | {"note": ""}


def _of_truth(pairs: list[tuple[Annotation, Annotation]]) -> dict:
    alike, of = [], []
    for one, other in pairs:
        found = other.claims
        shared = [key for key, said in one.claims.items() if key in found and said[0] == found[key][0]]
        of.append(len(shared))
        alike.append(sum(one.claims[key][1] == found[key][1] for key in shared))
    row = {"field": "holds", "first": sum(of), "second": sum(of), "both": sum(alike)}
    estimate = _share(alike, of)
    return row | prefixed("agree", estimate) | {"note": estimate["note"]}


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """The table of `agreement` for people: shares in per cent, each with its interval."""
    texts = {name: _with_interval(table, name) for name in ("agree", "precision", "recall")}
    return table[["field", "judges", "first", "second", "both"]].assign(**texts)


def _with_interval(table: pd.DataFrame, name: str) -> list[str]:
    rows = table[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False)
    return [
        "" if pd.isna(share) else f"{share:.0%}" if pd.isna(low) else f"{share:.0%} ({low:.0%} to {high:.0%})"
        for share, low, high in rows
    ]
