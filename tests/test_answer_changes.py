"""``docs/answer-changes.csv`` agrees with the shipped outcomes."""

from pathlib import Path

import pandas as pd

from tracelib.paper import release

CHANGES = Path(__file__).parents[1] / "docs" / "answer-changes.csv"
KEYS = ["dataset", "model", "condition", "category", "item"]


def test_the_listed_changes_agree_with_the_shipped_outcomes():
    changes = pd.read_csv(CHANGES)
    assert not changes.duplicated([*KEYS, "metric"]).any()
    assert (changes["before"] != changes["after"]).all()
    assert changes["why"].notna().all()
    assert "official" not in set(changes["metric"])  # the release's own search did not change
    merged = changes.merge(release.shipped_outcomes(), on=KEYS, how="left", validate="many_to_one")
    now = [row[f"answer_{row['metric']}"] for row in merged.to_dict("records")]
    assert now == changes["after"].tolist()
    assert merged["found_x"].tolist() == merged["found_y"].tolist()


def test_the_changes_of_fine_tuned_runs():
    """The numbers of outputs that became right or wrong, by dataset, metric and run."""
    changes = pd.read_csv(CHANGES).query("condition != 'prompted'")
    keys = ["dataset", "metric", "model", "condition"]
    found = {run: (int(part.sum()), int((~part).sum())) for run, part in changes.groupby(keys)["after"]}
    llama, qwen = "Llama-3.2-1B-Instruct", "Qwen3-1.7B"
    assert found == {
        ("babi", "exact", llama, "correct"): (1, 0),
        ("babi", "exact", llama, "incorrect"): (0, 1),
        ("babi", "exact", qwen, "incorrect"): (1, 0),
        ("cotempqa", "corrected", llama, "correct"): (0, 1),
        ("cotempqa", "corrected", qwen, "correct"): (1, 0),
        ("cotempqa", "corrected", qwen, "incorrect"): (2, 0),
        ("cotempqa", "strict", llama, "correct"): (0, 1),
        ("cotempqa", "strict", qwen, "correct"): (8, 0),
        ("cotempqa", "strict", qwen, "incorrect"): (9, 1),
    }
