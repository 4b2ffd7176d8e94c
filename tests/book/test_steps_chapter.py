"""The chapter on steps, following and exclusion, executed from the shipped tables."""

import pytest

from tests.chapters import executed, glued, outputs, shipped_evidence, shown

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chapter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    (folder / "data").mkdir()
    shipped_evidence(folder)
    return executed("steps", folder)


def test_the_first_screen_says_the_numbers_of_the_release(chapter):
    found = glued(chapter)
    assert found["right-any"] == "94.1 to 100.0"
    assert found["wrong-label-right"] == "5.2 to 15.6"
    assert found["follow-correct"] == "92.8 to 96.7"
    assert found["follow-count-incorrect"] == "4 of 2,498"
    assert (found["named"], found["named-n"], found["named-chance"]) == (6, "299", "43.3")
    assert found["source"].startswith("per-item outcomes shipped with the package, derived from")


def test_the_sentences_that_words_alone_carry_are_so(chapter):
    """The prose says in words: no significant contrast of the label, all of the facts, and their sign."""
    found = glued(chapter)
    assert found["label-found"] == 0
    tested, of = found["facts-found"].split(" of ")
    assert tested == of
    negative, of = found["turned"].split(" of ")
    assert negative == of
    assert found["leak"] == "949 of 949"
    assert found["repeats"] == "0 of 949"
    assert found["less-own"] == "6 of 225"
    assert int(found["less-untraced"]) == 37
    assert float(found["ruled-p"]) < 0.05


def test_the_what_if_of_the_exercise(chapter):
    found = glued(chapter)
    assert (found["exercise-n"], found["exercise-before"], found["exercise-after"]) == ("950", "74.9", "75.9")


def test_nothing_fails_and_tables_and_figures_are_there(chapter):
    for output in outputs(chapter):
        assert output.output_type not in ("error", "stream"), output
    assert shown(chapter).count("<table") == 10
    assert sum("image/svg+xml" in output.get("data", {}) for output in outputs(chapter)) == 3
