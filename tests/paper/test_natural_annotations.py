from collections import Counter

import pandas as pd
import pytest

from tests.conftest import need
from tests.scoring.natural.conftest import made
from tests.scoring.natural.test_verify import EXAMPLE
from tracelib.core.errors import InputError
from tracelib.datasets import family_files, r1_texts
from tracelib.paper import natural_annotations
from tracelib.scoring.natural.annotation import STYLES, Annotation, of_verdict
from tracelib.scoring.natural.sentences import sentences
from tracelib.scoring.natural.verify import verify


@pytest.fixture
def mayor():
    return made()


def test_the_committed_draw_is_the_one_that_the_seed_gives(release_root):
    need(family_files.sample() is not None, "no sample of R1's texts where TRACELIB_DATA points")
    problems = [problem for problem, _ in r1_texts.sampled()]
    assert natural_annotations.draw(problems) == natural_annotations.drawn()


def test_the_draw_has_forty_problems_in_the_shares_of_the_relations():
    assert len(set(natural_annotations.drawn())) == natural_annotations.SIZE


def test_a_draw_does_not_depend_on_the_order_and_rounds_the_shares(twins):
    chosen = natural_annotations.draw(twins)
    assert natural_annotations.draw(reversed(twins)) == chosen
    relation = {twin.id: twin.category for twin in twins}
    drawn = Counter(relation[identity] for identity in chosen)
    for name, count in Counter(relation.values()).items():
        assert drawn[name] == round(40 * count / len(twins))


def test_a_sheet_numbers_the_facts_and_the_sentences_and_shows_no_gold(problem):
    sheet = natural_annotations.sheet(problem, "Okay. Beta was from 1948.")
    assert "  [1] Ada works for Gamma from 1940 to 1960." in sheet
    assert sheet.endswith("TRACE:\n  [0] Okay.\n  [1] Beta was from 1948.\n")
    assert problem.category not in sheet


EMPTY = {name: frozenset() for name in STYLES}


def annotation(citations=(), claims=None, answers=(), follows="yes", **styles):
    stated = dict.fromkeys(citations, False)
    found = {name: frozenset(places) for name, places in styles.items()}
    return Annotation(
        frozenset([0]), stated, claims or {}, "equal", frozenset(answers), follows, EMPTY | found
    )


def test_a_table_gives_back_what_was_put_in(mayor):
    starts = [one.start for one in sentences(EXAMPLE)]
    one = of_verdict(verify(EXAMPLE, mayor), starts)
    table = pd.DataFrame(
        [(mayor.id, "judge", *cell) for cell in natural_annotations._cells(one)],
        columns=natural_annotations.COLUMNS,
    )
    assert natural_annotations.judged(table.astype(str)) == {"judge": {mayor.id: one}}


def test_agreement_by_hand(monkeypatch):
    """Two traces; the judges share two of three and two of three citations, and one of two claims exactly."""
    said = ("before", "yes", "none")
    first = {
        "a": annotation(
            [(0, 1), (9, 2)], {(0, 1): said, (9, 2): ("shared", "no", "wrong")}, [1], hedging=[3]
        ),
        "b": annotation([(0, 1)], follows="no"),
    }
    second = {
        "a": annotation([(0, 1), (9, 3)], {(0, 1): said, (9, 2): ("equal", "no", "none")}, [1]),
        "b": annotation([(0, 1)]),
    }
    monkeypatch.setattr(natural_annotations, "judged", lambda table: {"x": first, "y": second})
    table = natural_annotations.agreement(pd.DataFrame()).set_index("field")
    counts = table[["first", "second", "both"]].to_dict("index")
    assert counts["citations"] == {"first": 3, "second": 3, "both": 2}
    assert counts["claims"] == {"first": 2, "second": 2, "both": 2}
    assert counts["claims, exact"] == {"first": 2, "second": 2, "both": 1}
    assert counts["refuted claims"] == {"first": 1, "second": 1, "both": 1}
    assert counts["shared times"] == {"first": 1, "second": 0, "both": 0}
    assert counts["hedging"] == {"first": 1, "second": 0, "both": 0}
    assert counts["holds"] == {"first": 1, "second": 1, "both": 1}
    assert counts["follows"] == {"first": 2, "second": 2, "both": 1}
    assert table.loc["citations", "agree"] == pytest.approx(4 / 6)
    assert table.loc["citations", "precision"] == table.loc["citations", "recall"] == pytest.approx(2 / 3)
    assert table.loc["citations", "precision_low"] < 2 / 3 < table.loc["citations", "precision_high"]
    assert pd.isna(table.loc["shared times", "precision"])


def test_a_sheet_gives_back_where_its_sentences_begin(mayor):
    found = natural_annotations.starts(natural_annotations.sheet(mayor, EXAMPLE), EXAMPLE)
    assert found == [one.start for one in sentences(EXAMPLE)]


def test_the_shipped_table_has_both_readings_and_the_frozen_score_of_every_drawn_trace():
    table = natural_annotations.load()
    assert set(table["judge"]) == {"sheet", "first reading", "second reading", "rules, frozen"}
    for _, rows in table.groupby("judge"):
        assert set(rows["id"]) == set(natural_annotations.drawn())
    assert set(table["field"]) <= {
        "sentence",
        "event",
        "citation",
        "claim",
        "answer",
        *natural_annotations.WHOLE,
        *STYLES,
    }
    assert set(table.columns) == set(natural_annotations.COLUMNS)
    found = natural_annotations.as_text(natural_annotations.agreement(table))
    assert len(found) == 3 * len(natural_annotations.FIELDS)
    assert found["judges"].str.contains("frozen").sum() == 2 * len(natural_annotations.FIELDS)


def test_the_rules_of_today_are_scored_beside_the_frozen_ones(release_root):
    need(family_files.sample() is not None, "no sample of R1's texts where TRACELIB_DATA points")
    table = natural_annotations.with_rules_now(natural_annotations.load())
    found = natural_annotations.agreement(table).set_index(["field", "judges"])
    for field in ("citations", "claims, exact", "answers", "follows"):
        now = found.loc[(field, "first reading, rules, now"), "agree"]
        assert now >= found.loc[(field, "first reading, rules, frozen"), "agree"] - 0.02


def test_missing_traces_are_named(mayor):
    table = natural_annotations.load()
    with pytest.raises(InputError, match=r"no trace of .* \(40 of 40 annotated ones\)"):
        natural_annotations.of_rules([], table, "rules")


def test_simulated_traces_are_compared_with_their_truth():
    table = natural_annotations.on_simulated(40).set_index("field")
    assert list(table.index) == list(natural_annotations.FIELDS)
    assert table.loc["citations", "first"] > 200
    assert table.loc["claims, exact", ["precision", "recall"]].min() > 0.95
    assert table.loc["claims, exact", "precision_low"] < 1
