"""Golden tests on the paper's release, and the behaviour without it."""

import ast
import json

import pandas as pd
import pytest
import requests

from tracelib.analysis.comparison import compare_conditions
from tracelib.core.errors import InputError
from tracelib.datasets import release_files, release_problems
from tracelib.paper import (
    label_audit,
    r1_pairing,
    release,
    reproduction,
    specifications,
    target_formats,
    targets,
)
from tracelib.scoring.outcomes import counts_under
from tracelib.traces.conditions import target
from tracelib.traces.format import parse, prompt

# Accuracies as published (percent): equal, overlap, during, mix; bAbI.
PUBLISHED = {
    ("Llama-3.2-1B-Instruct", "prompted"): (8.0, 13.0, 15.7, 2.7, 12.8),
    ("Llama-3.2-1B-Instruct", "vanilla"): (72.4, 41.2, 51.7, 14.2, 96.5),
    ("Llama-3.2-1B-Instruct", "correct"): (62.1, 38.2, 47.5, 4.4, 94.4),
    ("Llama-3.2-1B-Instruct", "incorrect"): (67.8, 32.8, 42.5, 5.3, 86.2),
    ("Qwen3-1.7B", "prompted"): (16.1, 17.6, 14.2, 10.6, 0.0),
    ("Qwen3-1.7B", "vanilla"): (90.8, 56.5, 58.5, 26.5, 97.9),
    ("Qwen3-1.7B", "correct"): (87.4, 54.2, 55.1, 21.2, 96.5),
    ("Qwen3-1.7B", "incorrect"): (87.4, 54.2, 56.7, 30.1, 95.2),
    ("Llama-3.1-8B-Instruct", "vanilla"): (96.6, 84.7, 82.9, 67.3),
    ("Llama-3.1-8B-Instruct", "correct"): (97.7, 85.5, 83.8, 61.1),
    ("Llama-3.1-8B-Instruct", "incorrect"): (96.6, 82.4, 81.6, 56.6),
}
# The exact 2x2 under the official metric: T+A+, T+A-, T-A+, T-A-.
TWO_BY_TWO = {
    ("cotempqa", "Llama-3.2-1B-Instruct", "correct"): (238, 2, 165, 545),
    ("cotempqa", "Llama-3.2-1B-Instruct", "incorrect"): (0, 6, 371, 573),
    ("cotempqa", "Qwen3-1.7B", "correct"): (311, 5, 201, 433),
    ("cotempqa", "Qwen3-1.7B", "incorrect"): (2, 2, 530, 416),
    ("cotempqa", "Llama-3.1-8B-Instruct", "correct"): (525, 4, 260, 161),
    ("cotempqa", "Llama-3.1-8B-Instruct", "incorrect"): (0, 1, 761, 188),
    ("babi", "Llama-3.2-1B-Instruct", "correct"): (339, 12, 16, 9),
    ("babi", "Qwen3-1.7B", "correct"): (346, 3, 17, 10),
}


@pytest.fixture(scope="module")
def outcomes(release_root):
    return release.load_outcomes()[0]


def test_published_accuracies_to_the_printed_decimal(outcomes):
    table = counts_under(outcomes, "official")
    found = {
        (row.model, row.condition, row.category if row.dataset == "cotempqa" else "babi"): round(
            100 * row.answer_correct / row.n, 1
        )
        for row in table.itertuples()
        if row.dataset == "babi" or row.category != "all"
    }
    expected = {
        (*run, category): accuracy
        for run, accuracies in PUBLISHED.items()
        for category, accuracy in zip(("equal", "overlap", "during", "mix", "babi"), accuracies, strict=False)
    }
    assert {key: found[key] for key in expected} == expected


def test_the_exact_two_by_two(outcomes):
    table = counts_under(outcomes, "official")
    rows = table[table["category"] == "all"].set_index(["dataset", "model", "condition"])
    cells = ["right_answer_right", "right_answer_wrong", "wrong_answer_right", "wrong_answer_wrong"]
    found = {run: tuple(int(rows.loc[run, f"trace_{cell}"]) for cell in cells) for run in TWO_BY_TWO}
    assert found == TWO_BY_TWO


def test_fine_tuned_runs_share_their_items_and_prompted_ones_do_not(outcomes):
    """CoTempQA's prompted rows repeat problems: 698 are distinct, and 534 of these are test problems."""

    def item_sets(dataset, prompted):
        table = outcomes[
            (outcomes["dataset"] == dataset) & ((outcomes["condition"] == "prompted") == prompted)
        ]
        return {frozenset(run["problem"]) for _, run in table.groupby(["model", "condition"])}

    (tuned,), (prompted,) = item_sets("cotempqa", False), item_sets("cotempqa", True)
    assert (len(tuned), len(prompted), len(tuned & prompted)) == (950, 698, 534)
    (babi,) = item_sets("babi", False)
    assert item_sets("babi", True) == {babi}
    assert len(babi) == 375


def test_shipped_outcomes_are_what_the_release_gives(outcomes, tmp_path):
    pd.testing.assert_frame_equal(release.shipped_outcomes(), outcomes)
    pd.testing.assert_frame_equal(release.shipped_accuracies(), release.read_accuracies())
    pd.testing.assert_frame_equal(release.SHIPPED_MATRICES.read(), release.read_matrices())


def test_derive_rebuilds_the_shipped_files(release_root, tmp_path):
    release.derive_stated(tmp_path)
    for shipped in (release.SHIPPED_ACCURACIES.path, release.SHIPPED_MATRICES.path):
        assert (tmp_path / shipped.name).read_bytes() == shipped.read_bytes()


def test_shipped_outcomes_hold_no_text():
    table = release.shipped_outcomes()
    assert len(table) == 13_458
    longest = {name: table[name].str.len().max() for name in table.select_dtypes("str")}
    assert max(longest.values()) < 30


def completions(path):
    """The user's and the assistant's turn of each row of a released SFT set."""
    for printed in pd.read_csv(path)["messages"]:
        user, assistant = ast.literal_eval(printed)
        yield user["content"], assistant["content"]


@pytest.mark.parametrize(("condition", "name"), [("correct", "reasoning_with_facts_"), ("vanilla", "")])
@pytest.mark.parametrize("dataset", ["cotempqa", "babi"])
def test_prompts_and_targets_are_the_releases_own(release_root, dataset, condition, name):
    """Our correct and vanilla targets equal the SFT sets': all 950, and all but one of bAbI's 376.

    The exception cites a sentence once that occurs twice in its context.
    """
    folder = release_root / ("main/data/cotempqa" if dataset == "cotempqa" else "babiqa/data/babiqa")
    parts = ("equal_", "overlap_", "during_", "mix_") if dataset == "cotempqa" else ("",)
    released = [
        pair
        for part in parts
        for pair in completions(folder / f"sft_dataset_{name}chat_template/{part}test.csv")
    ]
    ours = [(prompt(p), target(p, condition, 0)) for p in release_problems.load_splits(dataset)["test"]]
    assert [user for user, _ in ours] == [user for user, _ in released]
    same = sum(mine == theirs for (_, mine), (_, theirs) in zip(ours, released, strict=True))
    assert same == (950 if dataset == "cotempqa" else 375 if condition == "correct" else 376)


def test_incorrect_targets_have_the_releases_shape(release_root):
    """Both are drawn at random, with another category and about as many facts in the same form."""
    folder = "sft_dataset_reasoning_facts_perturbed_chat_template"
    tables = {
        "cotempqa": f"main/data/cotempqa/{folder}/mix_test.csv",
        "babi": f"babiqa/data/babiqa/{folder}/test.csv",
    }
    for dataset, path in tables.items():
        problems = release_problems.load_splits(dataset)["test"]
        if dataset == "cotempqa":
            problems = [p for p in problems if p.category == "mix"]
        for problem, (_, theirs) in zip(problems, completions(release_root / path), strict=True):
            their, our = parse(theirs), parse(target(problem, "incorrect", 1))
            assert their.category != problem.category != our.category
            assert their.answer == our.answer
            assert their.facts_text.startswith("[") == our.facts_text.startswith("[")
            assert abs(len(their.quotes) - len(our.quotes)) <= 1


# --- Without the release ----------------------------------------------------------------------


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """No local copy, an empty cache, and a network that refuses."""

    def refuse(*args, **kwargs):
        raise requests.exceptions.ConnectionError("refused")

    monkeypatch.delenv("TRACELIB_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(requests.Session, "request", refuse)
    monkeypatch.setattr(release_files, "unanswered", {})


def test_offline_the_shipped_outcomes_stand_in(offline):
    outcomes, source = release.load_outcomes()
    assert source.kind == "shipped outcomes"
    assert len(outcomes) == 13_458
    with pytest.raises(release_files.Unreachable, match="set TRACELIB_DATA to a local copy"):
        release_files.locate("main/data/cotempqa/equal.json")


def test_a_local_copy_that_lacks_or_changes_a_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    with pytest.raises(InputError, match="TRACELIB_DATA is set, but there is no such folder"):
        release.load_outcomes()
    path = tmp_path / "trace_check_qa/main/data/cotempqa/equal.json"
    path.parent.mkdir(parents=True)
    with pytest.raises(
        InputError, match=r"equal.json: missing; expected this file of the release \(main at fa84"
    ):
        release_files.locate("main/data/cotempqa/equal.json")
    path.write_text(json.dumps({"index": 0}))
    with pytest.raises(InputError, match="wrong content: sha256"):
        release_files.locate("main/data/cotempqa/equal.json")


@pytest.mark.parametrize(
    "table",
    [
        *(target_formats.SHIPPED, r1_pairing.SHIPPED, targets.SHIPPED),
        *(label_audit.SHIPPED_SOLVED, label_audit.SHIPPED_FINDINGS),
    ],
    ids=lambda table: table.path.stem,
)
def test_nothing_is_derived_from_what_the_package_ships(offline, tmp_path, table):
    """Otherwise derived tables would always equal shipped ones if files are missing."""
    with pytest.raises(release_files.Unreachable):
        table.derive(tmp_path / "derived")
    assert not (tmp_path / "derived").exists()


def test_a_name_outside_the_release_is_refused():
    with pytest.raises(InputError, match="not a file of the pinned release"):
        release_files.locate("main/../secret")


@pytest.fixture
def partial_copy(release_root, monkeypatch, tmp_path):
    """The local copy without the vanilla outputs of one model on one relation."""
    lacking = f"main/results/Cotempqa/{release_files.OUTPUTS}/mix/Qwen3-1.7B-sft-adapter_default.json"
    for name in release_files.tree():
        if (release_root / name).is_file() and name != lacking:
            link = tmp_path / "trace_check_qa" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(release_root / name)
    monkeypatch.setenv("TRACELIB_DATA", str(tmp_path))
    return lacking


def test_a_copy_that_lacks_outputs_of_a_relation_is_used_and_says_so(partial_copy):
    """113 of 950 items have no vanilla answer. Comparisons use the other 837, with a note."""
    assert partial_copy in release_files.absent()
    outcomes, source = release.load_outcomes()
    assert len(outcomes) == 13_458 - 113
    assert partial_copy in source.absent
    assert "51 of 71 files of outputs; not in it, though public, are " in source.detail
    assert "cotempqa's outputs of Qwen3-1.7B, Qwen3-8B (12 files)" in source.detail
    compared = compare_conditions(outcomes[outcomes["dataset"] == "cotempqa"], "corrected")
    rows = compared[compared["model"] == "Qwen3-1.7B"].set_index(["first", "second"])
    assert rows["n"].tolist() == [837, 837, 950]
    assert "113 items" in rows.loc[("vanilla", "correct"), "note"]
    table = reproduction.accuracies(counts_under(outcomes, "official"), release.load_accuracies())
    (row,) = table[(table["dataset"] == "cotempqa") & (table["status"] == "cannot be checked")].itertuples()
    assert row.why.startswith("outputs public, not in this copy")
    checks = specifications.load()
    assert len(specifications.judged(outcomes, checks, specifications.EXACT)) == len(outcomes)
    (release_files.local_root() / release_files.PROBLEM_FILES["cotempqa"]["test"][3]).unlink()
    pd.testing.assert_frame_equal(specifications.load(), checks)
    assert specifications.unchecked(outcomes, checks) == ""


def test_one_missing_matrix_loses_no_stated_accuracy(partial_copy):
    """Shipped numbers stand in for the matrix, and every accuracy is read from its file."""
    whole = release.read_accuracies()
    with_matrix = whole[whole["matrix_right"].notna()].iloc[0]
    place = with_matrix["file"].replace("/evaluation_results/", "/confusion_matrix/")
    (release_files.local_root() / (place.removesuffix(".json") + release.MATRIX_END)).unlink()
    pd.testing.assert_frame_equal(release.read_accuracies(), whole)
