from collections import Counter

from tests.conftest import need
from tracelib.paper import natural_annotations, r1_sample


def test_the_committed_draw_is_the_one_that_the_seed_gives(release_root):
    need(r1_sample.path() is not None, "no sample of R1's traces where TRACELIB_DATA points")
    problems = [text.problem for text in r1_sample.load()]
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
