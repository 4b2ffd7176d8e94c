import pytest

from tracelib.bench import audit as bench_audit
from tracelib.bench import made_outputs, made_release
from tracelib.datasets import release_files, release_problems, twins
from tracelib.paper import release
from tracelib.scoring import outputs
from tracelib.scoring.outputs import Output


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bench_audit, "PROBLEMS", 5)
    monkeypatch.setattr(bench_audit, "_of_a_whole_release", dict)
    monkeypatch.setattr(bench_audit, "OUTPUTS", 8)
    monkeypatch.setattr(made_outputs, "PROBLEMS", 5)
    monkeypatch.setattr(made_outputs, "MILLION", 11)
    monkeypatch.setattr(
        bench_audit, "_in_a_process", lambda module, path, passes: made_outputs.measure(path, 1)
    )


def unreachable():
    raise release_files.Unreachable("cannot download the release")


def everywhere(figures):
    of_each = {f"{dataset}_{what}_per_s" for dataset in twins.DATASETS for what in ("twin", "audit")}
    return of_each | {"rouge_l_per_s", "bootstrap_s"} <= set(figures)


def test_figures_of_the_release_and_of_what_is_generated(monkeypatch, small):
    answered = [Output(problem, "['B']") for problem in twins.generate("cotempqa", 3, 0, 6)]
    monkeypatch.setattr(release, "load_outputs", lambda: answered)
    monkeypatch.setattr(
        release_problems, "load_splits", lambda dataset: {"test": twins.generate(dataset, 5, 0, 6)}
    )
    figures = bench_audit.run()
    assert everywhere(figures)
    assert figures["audit_outputs"] == 3
    assert figures["audit_peak_mb"] > 0
    assert figures["audit_outputs_per_s"] > 0
    assert figures["verify_per_s"] > 0
    assert figures["cotempqa_solver_per_s"] > 0
    assert figures["million_peak_mb"] > 0
    assert "not_measured" not in figures


def test_without_the_release_the_rest_is_measured(monkeypatch, small):
    monkeypatch.setattr(release, "load_outputs", unreachable)
    figures = bench_audit.run()
    assert everywhere(figures)
    assert figures["not_measured"] == "audit, verify, solver: cannot download the release"
    assert not [name for name in figures if name.startswith("audit") or name.startswith("verify")]


def test_the_best_pass_counts_and_each_is_another(monkeypatch):
    """Passes of 2, 1 and 4 seconds over 10 items each give 10 items per second."""
    clock = iter([0, 2, 10, 11, 20, 24])
    monkeypatch.setattr(bench_audit.time, "perf_counter", lambda: next(clock))
    passes = []
    assert bench_audit._per_second(lambda number: passes.append(number) or 10, 3) == 10
    assert passes == [0, 1, 2]


def test_quick_is_one_pass_of_everything(monkeypatch, small):
    asked = []
    monkeypatch.setattr(release, "load_outputs", unreachable)
    monkeypatch.setattr(bench_audit.timing, "best", lambda work, passes: asked.append(passes) or work())
    monkeypatch.setattr(bench_audit.clustered_rates, "cells", lambda outcomes: asked.append("bootstrap"))
    assert "million_peak_mb" not in bench_audit.run(quick=True)
    assert asked == [1] * (len(twins.DATASETS) + 2) + ["bootstrap"]


SMALL = {"equal": 2, "overlap": 2, "during": 2, "mix": 2, "babi": 3, "marco": 3}


def test_a_made_release_is_audited_in_a_process_of_its_own(monkeypatch):
    """44 + 11 files of CoTempQA have 2 outputs each; 8 of bAbI and 8 of MARCO have 3."""
    write = made_release.write
    monkeypatch.setattr(made_release, "write", lambda folder: write(folder, SMALL))
    figures = bench_audit._of_a_whole_release()
    assert figures["whole_outputs"] == 55 * 2 + 8 * 3 + 8 * 3
    assert figures["whole_audit_s"] > 0
    assert figures["whole_audit_peak_mb"] > 0


@pytest.mark.parametrize("dataset", twins.DATASETS)
def test_made_outputs_are_runs_on_the_same_problems(monkeypatch, tmp_path, dataset):
    monkeypatch.setattr(made_outputs, "PROBLEMS", 5)
    found = outputs.read(made_outputs.write(tmp_path / "p.jsonl", dataset, 23))
    assert len(found) == 23
    assert [(output.condition, output.seed) for output in found[::5]] == [
        *((condition, 0) for condition in made_outputs.CONDITIONS),
        (made_outputs.CONDITIONS[0], 1),
    ]
    assert [output.problem for output in found[5:10]] == twins.generate(dataset, 5, 0, made_outputs.FACTS)


def test_the_million_is_measured_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(made_outputs, "PROBLEMS", 5)
    figures = bench_audit._made("babi", 12, 2)
    assert figures["per_s"] > 0
    assert figures["peak_mb"] > 20


def test_made_problems_are_of_the_public_sizes_and_lengths():
    """There are 23,689 outputs, as in the public tree, and a MARCO problem's passages have up to 7 kB."""
    sizes = made_release.SIZES
    counted = sum(
        sizes[relation if dataset == "cotempqa" else dataset]
        for dataset, _, _, relation in release.runs().values()
    )
    assert counted == 23_689
    problems = list(made_release.made("marco", 20))
    lengths = [sum(map(len, problem.facts)) for problem in problems]
    assert 5_000 < max(lengths) < 9_000
    assert len(list(made_release.made("mix", 7))) == 7
