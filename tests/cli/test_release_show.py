import json

from tests.cli.conftest import run
from tracelib.paper import release, specifications


def test_release_show_text_and_json(capsys, monkeypatch):
    monkeypatch.setattr(
        release,
        "load_outcomes",
        lambda quiet: (release.shipped_outcomes(), release.Source("shipped", "here")),
    )
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    status, out, _ = run(capsys, "release", "show")
    assert status == 0
    assert out.startswith("Source: here.")
    assert out.count(" reproduced ") == 52
    rows = json.loads(run(capsys, "release", "show", "--metric", "strict", "--json")[1])
    assert {row["metric"] for row in rows} == {"strict", "exact"}
    assert len(rows) == 11 * 5 + 8 * 12


def test_what_the_machines_table_rests_on_is_said_to_people(capsys, monkeypatch):
    """Notes name the source and the outputs without a check; an empty printed table says why it is empty."""
    outcomes, checks = release.shipped_outcomes(), specifications.SHIPPED.read()
    monkeypatch.setattr(release, "load_outcomes", lambda quiet: (outcomes, release.Source("shipped", "here")))
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    monkeypatch.setattr(specifications, "load", lambda: checks[checks["model"] != "Qwen3-1.7B"])
    err = run(capsys, "release", "show", "--evaluator", "published", "--json")[2]
    assert "source: here" in err
    assert "outputs (babi's outputs of Qwen3-1.7B (4 files); cotempqa's outputs of Qwen3-1.7B" in err
    outcomes = outcomes[outcomes["condition"] == "vanilla"]
    assert "\n(no output of a model trained on traces is here)" in run(capsys, "release", "show")[1]


def test_release_show_under_the_published_check(capsys, monkeypatch):
    shipped = (release.shipped_outcomes(), release.Source("shipped", "here"))
    monkeypatch.setattr(release, "load_outcomes", lambda quiet: shipped)
    monkeypatch.setattr(release, "load_accuracies", release.shipped_accuracies)
    monkeypatch.setattr(specifications, "load", specifications.SHIPPED.read)
    rows = json.loads(run(capsys, "release", "show", "--evaluator", "published", "--json")[1])
    assert {row["evaluator"] for row in rows} == {"published"}
    for row in rows:
        cells = [
            row[f"trace_{trace}_answer_{answer}"]
            for trace in ("right", "wrong")
            for answer in ("right", "wrong")
        ]
        assert sum(cells) == row["n"] - row["unparsed"]
    (found,) = [
        row
        for row in rows
        if (row["model"], row["condition"], row["category"]) == ("Qwen3-1.7B", "incorrect", "all")
        and row["dataset"] == "cotempqa"
    ]
    assert (found["trace_right_answer_right"], found["unparsed"]) == (37, 30)
    out = run(capsys, "release", "show", "--evaluator", "published")[1]
    assert "evaluator published" in out
