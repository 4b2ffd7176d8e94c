"""The explorer's sources: which outcomes a build shows, and which of their texts."""

import json
import shutil

import pytest

from tracelib.book import publishing
from tracelib.book.explorer import sources
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER
from tracelib.datasets import export, registry
from tracelib.datasets.release_files import Unreachable
from tracelib.paper import release
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.traces import conditions


@pytest.fixture
def data(tmp_path):
    """A build's data, with the shipped outcomes."""
    (tmp_path / "data").mkdir()
    shutil.copy(PAPER / "release_outcomes.parquet", tmp_path / "data")
    return tmp_path / "data"


def run(folder, problems, dataset: str) -> None:
    """A finished run in a folder."""
    folder.mkdir(parents=True)
    outputs = [Output(p, conditions.target(p, "correct", 1), "made-model", "correct", 1) for p in problems]
    named = {"model": "made-model", "condition": "correct", "seed": 1}
    lines = [export.to_record(o.problem) | {"prediction": o.prediction} | named for o in outputs]
    (folder / "predictions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    score(outputs).to_csv(folder / "outcomes.csv", index=False)
    about = {"parameters": {"dataset": dataset, "condition": "correct", "seed": 1}}
    (folder / "run.json").write_text(json.dumps(about))


def test_without_the_release_there_are_its_outcomes_and_no_text(data, monkeypatch):
    def unreachable(*args, **options):
        raise Unreachable("no network")

    monkeypatch.setattr(release, "load_outputs", unreachable)
    found = sources.released(data)
    assert [(source.dataset, len(source.outcomes), len(source.outputs)) for source in found] == [
        ("cotempqa", 10450, 0),
        ("babi", 3008, 0),
    ]


def test_the_release_s_texts_come_with_their_licence(release_root, data):
    for source in sources.released(data):
        assert len(source.outputs) == len(source.outcomes)
        assert source.credits == (registry.dataset(source.dataset).credit, sources.OF_RELEASE)


def test_a_public_build_reads_no_released_text(data, monkeypatch):
    monkeypatch.setenv(publishing.PUBLIC, "1")
    monkeypatch.setattr(release, "load_outputs", lambda **options: pytest.fail("texts were read"))
    assert all(not source.outputs for source in sources.released(data))


def test_texts_of_ms_marco_are_never_read(data, monkeypatch):
    asked = []
    monkeypatch.setattr(release, "load_outputs", lambda skipped, datasets: asked.extend(datasets) or [])
    marco = release.shipped_outcomes().assign(dataset="marco", answer_exact=True)
    monkeypatch.setattr(sources.evidence, "read_outcomes", lambda folder: marco)
    assert [source.dataset for source in sources.released(data)] == ["marco"]
    assert asked == []


@pytest.mark.parametrize(
    ("dataset", "public", "shown"),
    [
        ("cotempqa-twin", "", True),
        ("cotempqa-twin", "1", True),
        ("cotempqa", "", True),
        ("cotempqa", "1", False),
        ("marco-twin", "", True),
        ("marco", "", False),
        ("unheard-of", "", False),
    ],
)
def test_a_run_s_texts_are_shown_if_its_problems_may_be(dataset, public, shown, twins, tmp_path, monkeypatch):
    monkeypatch.setenv(publishing.PUBLIC, public)
    run(tmp_path / "runs" / "small-correct-s1", twins[:3], dataset)
    (source,) = sources.replicated(tmp_path, ["small-correct-s1"])
    assert (source.origin, source.setting, source.dataset) == ("replicated", "small", dataset)
    assert len(source.outcomes) == 3
    assert len(source.outputs) == (3 if shown else 0)


def test_a_missing_run_is_named(tmp_path):
    with pytest.raises(InputError, match="no run 'small-correct-s1'"):
        sources.replicated(tmp_path, ["small-correct-s1"])
