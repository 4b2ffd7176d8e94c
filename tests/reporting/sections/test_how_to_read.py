import pandas as pd

from tests.reporting.reports import CELLS, as_html, parts, prose, run, table


def test_seeds_are_whole_numbers_and_several_seeds_are_explained():
    large = 2**40 + 1
    found = parts(
        run(CELLS, seed=large), run(CELLS, condition="vanilla", seed=large), run(CELLS, model="plain")
    )
    seeds = [row["seed"] for row in table(found, "Runs")]
    assert [seed for seed in seeds if not pd.isna(seed)] == [str(large)] * 2
    assert pd.isna(seeds).sum() == 1
    assert table(found, "cotempqa: pairs")[0]["seed"] == str(large)
    assert "Each model and condition has one run." in prose(found)
    assert str(large) in as_html(found)
    two = parts(run(CELLS, seed=1), run(CELLS, seed=2))
    assert "Runs that differ only in the seed have a row each." in prose(two)
    assert [row["seed"] for row in table(two, "Metric corrected: conditional")] == ["1", "2"]
