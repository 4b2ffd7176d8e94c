"""The pages of a class set, and the page that compares a class with the verifier."""

import re

import pytest

from tests.analysis.test_class_votes import as_verifier, written
from tracelib.analysis.class_votes import compare, read
from tracelib.core.errors import InputError
from tracelib.reporting import class_set, document
from tracelib.scoring.class_set import cards


def test_the_sheet_asks_and_does_not_tell():
    sheet, key = class_set.page(0, "sheet"), class_set.page(0, "key")
    assert sheet.count('<section class="card">') == key.count('<section class="card">') == 10
    assert sheet.count("☐ yes") == 30
    for card in cards(0):
        assert card.lesson not in sheet
        assert card.lesson in key
    assert "gives an answer)" not in sheet
    assert key.count("(gives an answer)") == sum(len(card.problem.supporting) for card in cards(0))
    assert re.findall(r"<td>(\d)</td>", key) == ["3", "1", "3", "3"]


@pytest.mark.parametrize("shows", class_set.PAGES.values())
def test_a_page_runs_and_loads_nothing_and_escapes_its_texts(shows):
    page = class_set.page(0, shows)
    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|src=|url\(|https?:", page)
    assert "Murkiba &amp; Daughters" in page
    assert "simulated" in page or shows == "cards"


def test_a_folder_is_written_whole_and_never_over_another(tmp_path):
    files = class_set.write(tmp_path / "new" / "set", 0, 2)
    assert sorted(path.name for path in files) == ["cards.html", "key.html", "sheet.html", "votes.csv"]
    assert all(path.stat().st_size for path in files)
    with pytest.raises(InputError, match="is there already, expected a new folder"):
        class_set.write(tmp_path / "new" / "set", 1, 2)
    assert sorted((tmp_path / "new").iterdir()) == [tmp_path / "new" / "set"]


def test_the_comparison_in_words_and_tables(tmp_path):
    rows = [*as_verifier(1), *as_verifier(2), *as_verifier(3, {(1, "step1"), (2, "step1")})]
    votes = read(written(tmp_path / "v.csv", *rows))
    found = compare(votes)
    said = class_set.headline(votes, found)
    assert said[0].startswith(
        "3 voters, set 0. Percent of the votes that are the verifier's verdict: step 1 93.3 ["
    )
    assert said[1] == (
        "By the class's own tally trace and answer are right on 3 of 10 cards. Of the cards with a right "
        "trace the answer is right on 3 of 4; with a wrong trace, on 3 of 6."
    )
    assert len(said) == 2
    tally = class_set.tally_table(found)
    assert tally.iloc[0].drop("judge").equals(tally.iloc[1].drop("judge"))
    shown = class_set.cards_table(found)
    assert shown["card"].tolist() == list(range(1, 11))
    assert not shown["step 1"].str.contains("differs|tie").any()
    page = document.as_html(class_set.TITLE, class_set.sections(votes, found))
    assert "Everything on the cards is simulated" in page


def test_a_majority_that_differs_or_ties_is_marked(tmp_path):
    rows = [*as_verifier(1, {(1, "answer"), (2, "answer")}), *as_verifier(2, {(1, "answer")})]
    votes = read(written(tmp_path / "v.csv", *rows))
    found = compare(votes)
    answers = class_set.cards_table(found)["answer"]
    assert answers[0].endswith("(differs)")
    assert answers[1].endswith("(tie)")
    assert class_set.headline(votes, found)[2].endswith("has no majority: 1.")
