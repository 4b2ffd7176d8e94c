"""Contrasts of two settings beside those of other models."""

import pandas as pd

from tracelib.analysis import here_and_there


def row(estimate: float, p_holm: float, **names: object) -> dict:
    pair = {"first": "vanilla", "second": "correct"}
    return (
        pair | names | {"estimate": estimate, "low": estimate - 0.1, "high": estimate + 0.1, "p_holm": p_holm}
    )


HERE = pd.DataFrame([row(0.2, 0.01, setting="a"), row(0.0, 0.9, setting="b")])
THERE = pd.DataFrame(
    [
        row(0.3, 0.02, dataset="x", model="m", n=50),
        row(-0.3, 0.02, dataset="x", model="k", n=40),
        row(0.4, 0.01, dataset="x", model="m", n=50, second="incorrect"),
        row(0.1, 0.03, dataset="z", model="m", n=50),
    ]
)


def test_only_the_same_pair_on_the_same_dataset_is_set_beside():
    found = here_and_there.contrasts(HERE, THERE, {"a": "x", "b": "y"})
    assert found[
        ["setting", "model", "n_there", "estimate", "estimate_there", "pattern"]
    ].values.tolist() == [
        ["a", "m", 50, 0.2, 0.3, "same direction"],
        ["a", "k", 40, 0.2, -0.3, "opposite directions"],
    ]
    assert here_and_there.patterns(found) == "same direction: 1; opposite directions: 1"


def test_nothing_to_compare_has_no_rows():
    found = here_and_there.contrasts(HERE, THERE, {"a": "y", "b": "y"})
    assert found.empty
    assert here_and_there.patterns(found) == "nothing to compare"
