"""A class's votes, by hand: reading them, and what they say beside the verifier."""

import pytest

from tracelib.analysis.class_votes import compare, read, write_template
from tracelib.core.errors import InputError
from tracelib.scoring.class_set import STEPS, cards

HEADER = "voter,set,card,step1,step2,answer"
SAID = {True: "yes", False: "no"}


def written(path, *rows):
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


def as_verifier(voter, flipped=()):
    """The rows of a voter who says what the verifier says, but for (card, step) in `flipped`."""
    return [
        f"{voter},0,{card.number},"
        + ",".join(SAID[card.right[step] != ((card.number, step) in flipped)] for step in STEPS)
        for card in cards(0)
    ]


def test_a_class_that_judges_like_the_verifier(tmp_path):
    found = compare(read(written(tmp_path / "v.csv", *as_verifier(1), *as_verifier(2))))
    assert found.tallies == {"class": (3, 1, 3, 3), "verifier": (3, 1, 3, 3)}
    assert found.rates["class"]["joint"]["estimate"] == 0.3
    assert found.rates["class"]["given_right"]["estimate"] == 0.75
    assert found.rates["class"]["given_wrong"]["estimate"] == 0.5
    for row in found.steps.itertuples():
        assert (row.votes, row.agree["estimate"], row.same, row.decided) == (20, 1, 10, 10)
        assert row.cohen["estimate"] == row.fleiss["estimate"] == 1


def test_disagreement_ties_and_the_tally_by_hand(tmp_path):
    """Three voters; two of them flip the answer of card 1, and one says nothing on step 1 of card 2."""
    flipped = {(1, "answer")}
    rows = [*as_verifier("a"), *as_verifier("b", flipped), *as_verifier("c", flipped)]
    rows[1] = rows[1].replace(",yes,", ",,", 1) if ",yes," in rows[1] else rows[1].replace(",no,", ",,", 1)
    found = compare(read(written(tmp_path / "v.csv", *rows)))
    steps = {row.step: row for row in found.steps.itertuples()}
    assert (steps["step1"].votes, steps["step1"].agree["estimate"]) == (29, 1)
    assert steps["answer"].agree["estimate"] == pytest.approx(28 / 30)
    assert (steps["answer"].same, steps["answer"].decided) == (9, 10)
    first = found.by_card.set_index("card").loc[1]
    assert (first["answer_yes"], first["answer_votes"]) in ((1, 3), (2, 3))
    assert first["answer_class"] != first["answer_verifier"]
    own, verifier = found.tallies["class"], found.tallies["verifier"]
    assert sum(own) == sum(verifier) == 10
    assert sorted(a - b for a, b in zip(own, verifier, strict=True)) == [-1, 0, 0, 1]


def test_a_card_without_a_majority_is_left_out_of_the_class_s_tally_alone(tmp_path):
    rows = [*as_verifier(1), *as_verifier(2, {(5, "step2")})]
    found = compare(read(written(tmp_path / "v.csv", *rows)))
    assert found.by_card.set_index("card").loc[5, "step2_class"] is None
    assert (sum(found.tallies["class"]), sum(found.tallies["verifier"])) == (9, 10)


def test_one_vote_alone_is_compared_as_far_as_it_goes(tmp_path):
    found = compare(read(written(tmp_path / "v.csv", "1,0,1,YES, , ")))
    assert found.tallies["class"] == (0, 0, 0, 0)
    assert found.rates["class"]["joint"]["note"] == "no items"
    assert found.steps.loc[1, "agree"]["estimate"] is None
    assert found.steps.loc[0, "fleiss"]["estimate"] is None


def test_a_template_that_nobody_filled_in_has_no_vote(tmp_path):
    path = tmp_path / "v.csv"
    write_template(path, 7, 2)
    lines = path.read_text().splitlines()
    assert (lines[0], lines[1], lines[-1], len(lines)) == (HEADER, "1,7,1,,,", "2,7,10,,,", 21)
    with pytest.raises(InputError, match="no vote in it"):
        read(path)
    path.write_text(path.read_text().replace("2,7,3,,,", "2,7,3,no,yes,no"))
    votes = read(path)
    assert (votes.number, votes.table["card"].tolist()) == (7, [3])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1,0,11,yes,yes,yes"], ":2: unknown card, expected 1 to 10, found '11'"),
        (["1,0,1,yes,yes,yes", "1,0,zwei,yes,yes,yes"], ":3: unknown card, expected 1 to 10, found 'zwei'"),
        (["1,-1,1,yes,yes,yes"], ":2: unknown set, expected 0 to 999999999, found '-1'"),
        (["1,0,1,yes,maybe,yes"], ":2: column 'step2': expected yes, no or nothing, found 'maybe'"),
        (["1,0,1,yes,yes"], ":2: not the 6 columns that the header names"),
        ([" ,0,1,yes,yes,yes"], ":2: no voter, expected a number or a made-up name"),
        (["1,0,1,no,no,no", "2,3,1,no,no,no"], ":3: set 3 after set 0, expected one set in a file"),
        (
            ["1,0,1,no,no,no", "1,0,1,no,no,yes"],
            ":3: voter '1' judges card 1 again (first on line 2), expected each card once",
        ),
        ([], ": no vote in it, expected yes or no under step1, step2, answer"),
    ],
)
def test_bad_votes_are_named_with_their_line(tmp_path, rows, message):
    path = written(tmp_path / "v.csv", *rows)
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value) == f"{path}{message}"


def test_a_missing_column_and_other_separators_are_named(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("voter,set,card,step1,step2\n1,0,1,yes,yes\n")
    with pytest.raises(InputError, match=r"v\.csv:2: field 'answer' is missing \(found: card, set, step1"):
        read(path)
    path.write_text("voter;set;card;step1;step2;answer\n1;0;1;yes;yes;no\n")
    with pytest.raises(InputError, match="columns separated by ';', expected commas"):
        read(path)
