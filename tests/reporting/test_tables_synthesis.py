"""Tables of the combined evidence: nearly certain probabilities, intervals, verdicts of each method."""

import pandas as pd
import pytest

from tracelib.paper import clustered, release, sharing, synthesis
from tracelib.reporting import tables_synthesis


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.4411, "44.1%"),
        (0.9996, "over 99.9%"),
        (0.0004, "below 0.1%"),
        (1.0, "over 99.9%"),
        (0.999, "99.9%"),
    ],
)
def test_what_is_nearly_certain_is_not_shown_as_certain(probability, shown):
    assert tables_synthesis.chance(probability) == shown


def test_totals_show_the_ends_of_their_pairing_and_pairs_do_not():
    evidence = synthesis.load(release.shipped_outcomes())
    table = tables_synthesis.rows_table(synthesis.rows(evidence, "correct", "incorrect"))
    totals = table[table["interval"].str.startswith("Newcombe")]
    assert totals.iloc[0][["points", "fewest discordant", "most discordant"]].tolist() == [
        "4.8 [0.7, 8.8]",
        "[3.4, 6.1]",
        "[-0.1, 9.7]",
    ]
    assert table.loc[table["interval"].str.startswith("Bonett"), "fewest discordant"].eq("–").all()
    assert table["combined"].eq("yes").sum() == 11


def test_ways_of_telling_a_difference_are_named():
    row = {
        "metric": "corrected", "model": "m", "first": "a", "second": "b", "estimate": 0.02, "low": 0.001,
        "high": 0.04, "low_problems": -0.001, "high_problems": 0.04, "low_subjects": -0.002,
        "high_subjects": 0.04, "widths": 1.08, "p": 0.06,
        "note": "",
    }  # fmt: skip
    told = {f"told_{name}": name == "interval" for name in clustered.WAYS}
    some, every, none = (
        row | told,
        row | dict.fromkeys(told, True),
        row | dict.fromkeys(told, False),
    )
    lacking = none | {"low_subjects": None, "high_subjects": None, "widths": float("nan"), "note": "why"}
    table = tables_synthesis.clustered_table(pd.DataFrame([some, every, none, lacking]))
    assert table["told from zero by"].tolist() == ["Bonett-Price", "all four", "none", "none"]
    assert table.loc[3, ["subjects drawn", "ratio of widths", "note"]].tolist() == ["–", "–", "why"]
    assert table.iloc[0]["subjects drawn"] == "[-0.2, 4.0]"


def test_what_is_shared_is_in_words_with_what_it_rests_on():
    shared = sharing.SHIPPED.read()
    table = tables_synthesis.sharing_table(sharing.counts(shared), sharing.rests_on(shared))
    first = table[table["dataset"] == "CoTempQA"].iloc[0]
    assert first["shared"] == sharing.KINDS["any_fact"]
    assert first["test problems"].endswith(" of 950")
