"""The examples of CONTRIBUTING.md, put in their places and run; `test_new_dataset` has the dataset's."""

import json
import shutil

import nbformat

from tests.chapters import glued, shown
from tests.checkout import EXAMPLES, copied, replace, run, with_the_dataset
from tracelib.core.paths import TINY_BASE
from tracelib.experiments import profiles, runner, sweep
from tracelib.traces import conditions, described

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def test_the_condition(problem, monkeypatch):
    monkeypatch.setattr(conditions, "CONDITIONS", dict(conditions.CONDITIONS))
    exec(EXAMPLES["condition"], vars(conditions) | {"CONDITIONS": conditions.CONDITIONS})
    made, correct = (conditions.target(problem, name, 1) for name in ("backwards", "correct"))
    assert made != correct
    assert sorted(made) == sorted(correct)
    assert described.describe("backwards") == "The correct trace with its facts in the opposite order."


def test_the_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TINY_BASE, tmp_path / "models" / "my-model")
    (tmp_path / "mine.yaml").write_text(EXAMPLES["model"])
    chosen = sweep.experiments(profiles.load("mine.yaml"))["babi-twin-correct-s1"]
    outcomes = runner.run(chosen, tmp_path / "run")
    assert outcomes["condition"].unique().tolist() == ["correct"]
    assert len(outcomes) == 16


def test_the_metric(tmp_path):
    checkout = with_the_dataset(tmp_path)
    (declared,) = (line for line in EXAMPLES["dataset"].splitlines() if line.startswith("DATASET = "))
    replace(checkout / "tracelib/datasets/toy/dataset.py", declared + "\n", EXAMPLES["declared"])
    metrics = checkout / "tracelib/scoring/metrics.py"
    metrics.write_text(metrics.read_text() + EXAMPLES["metric"])
    run(checkout, "-m", "tracelib", "problems", "export", "toy-twin", "all.jsonl", "--count", "3")
    records = [json.loads(line) for line in (checkout / "all.jsonl").read_text().splitlines()]
    answers = ("{}", "{} or so", "nowhere")
    for record, answer in zip(records, answers, strict=True):
        record["prediction"] = f"<answer>{answer.format(record['gold'][0])}</answer>"
    (checkout / "outputs.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    rows = json.loads(run(checkout, "-m", "tracelib", "audit", "--json", "outputs.jsonl", "--report", "r.md"))
    found = {row["metric"]: row["answer_correct"] for row in rows if row["category"] == "all"}
    assert found == {"exact": 1, "begins": 2}
    assert "the answer begins with a gold answer" in (checkout / "r.md").read_text()
    read = "from tracelib.paper import release; print(len(release.shipped_outcomes()))"
    assert int(run(checkout, "-c", read)) > 10_000


def test_the_chapter(tmp_path):
    checkout = copied(tmp_path)
    new = nbformat.v4
    cells = [
        new.new_markdown_cell(EXAMPLES["prose"]),
        new.new_code_cell(EXAMPLES["parameters"], metadata={"tags": ["parameters", "remove-cell"]}),
        new.new_code_cell(EXAMPLES["collect"], metadata={"tags": ["remove-cell"]}),
        new.new_code_cell(EXAMPLES["show"]),
    ]
    (checkout / "notebooks").mkdir()
    nbformat.write(new.new_notebook(cells=cells, metadata=PYTHON), checkout / "notebooks/lengths.ipynb")
    (checkout / "tracelib/book/facts/lengths.py").write_text(EXAMPLES["facts"])
    last = "      - file: notebooks/corrections\n"
    replace(checkout / "_toc.yml", last, last + EXAMPLES["contents"])
    assert "'corrections', 'lengths'," in run(
        checkout, "-c", "from tracelib.book import build; print(build.chapters())"
    )
    run(checkout, "-m", "papermill", "--progress-bar", "notebooks/lengths.ipynb", "out.ipynb")
    executed = nbformat.read(checkout / "out.ipynb", as_version=4)
    assert glued(executed) == {"longest": "prompted", "words": 194.0}
    assert "prompted" in shown(executed)
