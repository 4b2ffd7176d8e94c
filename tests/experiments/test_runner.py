"""Whole runs of small experiments on the bundled model: they repeat bit by bit, and count what is cut."""

import re
import shutil
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from tracelib.core import lock
from tracelib.core.errors import InputError
from tracelib.datasets import export, problem_sets
from tracelib.datasets.export import Column
from tracelib.experiments import profiles, run_folder, runner
from tracelib.experiments.config import Experiment, from_parameters
from tracelib.scoring import outputs
from tracelib.scoring.outcomes import score
from tracelib.traces import format as trace_format
from tracelib.training import model_files, models, sft

TINY = Experiment(
    dataset="cotempqa-twin", model="tiny-base", condition="correct", seed=1,
    train_items=16, test_items=8, facts=5, dates="day", data_seed=7, method="lora", precision="fp32",
    attention="sdpa", gradient_checkpointing=False, epochs=1, batch_size=8,
    accumulation=1, learning_rate=0.005, warmup_ratio=0.03, lora_rank=4, lora_alpha=8, lora_dropout=0.05,
    checkpoint_steps=0, context=1024, max_new_tokens=12, generation_batch=3, intervene_items=3, threads=1,
)  # fmt: skip
# On a CPU without bf16 products, one product takes a second.
FEW = {"train_items": 8, "test_items": 2, "max_new_tokens": 2, "intervene_items": 0}


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    folders = [tmp_path_factory.mktemp("runs") / name for name in ("a", "b")]
    for folder in folders:
        runner.run(TINY, folder)
    return folders


def test_a_run_folder_is_complete_and_bit_identical_to_its_repeat(two_runs):
    first, second = two_runs
    names = {str(path.relative_to(first)) for path in first.rglob("*") if path.is_file()}
    assert {"run.json", "predictions.jsonl", "outcomes.csv", "loss.csv"} <= names
    assert "model/adapter_model.safetensors" in names
    for name in names - {"run.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def raises(error):
    def stop(*_, **__):
        raise error

    return stop


def test_seeds_share_one_base_which_each_leaves_as_it_was(tmp_path, monkeypatch):
    """Adapters are put on and taken off, not merged. After a failed run, the base is loaded again."""
    loaded, load = [], models.load
    monkeypatch.setattr(models, "load", lambda *given: loaded.append(given) or load(*given))
    first, second = (replace(TINY, seed=seed, gradient_checkpointing=seed == 5) for seed in (5, 6))
    runner.forget_base()
    runner.run(second, tmp_path / "alone")
    runner.forget_base()
    for name, chosen in (("first", first), ("second", second)):
        runner.run(chosen, tmp_path / name)
    assert len(loaded) == 2
    for name in ("predictions.jsonl", "loss.csv", "model/adapter_model.safetensors"):
        assert (tmp_path / "second" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    base = runner._base(first, "fp32", model_files.weights("tiny-base"))
    fresh = load("tiny-base")[0].state_dict()
    assert base.state_dict().keys() == fresh.keys()
    assert all(torch.equal(weights, fresh[name]) for name, weights in base.state_dict().items())
    assert not any(getattr(part, "gradient_checkpointing", False) for part in base.modules())
    assert not base.get_input_embeddings()._forward_hooks
    with monkeypatch.context() as stopping:
        stopping.setattr(runner, "generate", raises(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            runner.run(first, tmp_path / "stopped")
    runner.run(second, tmp_path / "after")
    assert len(loaded) == 3
    assert (tmp_path / "after" / "loss.csv").read_bytes() == (tmp_path / "alone" / "loss.csv").read_bytes()


def test_the_run_says_what_made_it(two_runs):
    about = run_folder.read_about(two_runs[0])
    assert about["parameters"]["condition"] == "correct"
    assert about["versions"]["torch"].startswith("2.13.0")
    assert set(about["seconds"]) == {"prepare", "train", "generate", "intervene", "verify"}
    assert len(about["data_sha256"]) == len(about["lock_sha256"]) == 64
    assert {"tracelib.training.sft", "tracelib.traces.format"} <= set(about["library_sha256"])
    assert about["model_parameters"] == models.load("tiny-base")[0].num_parameters()
    assert about["too_long"] == {"train": [], "test": [], "forced": []}
    assert about["problems"] == {"train": 16, "test": 8, "dropped": {}}
    assert about["base_sha256"] == model_files.weights("tiny-base")


def test_predictions_are_in_the_audits_shape_and_outcomes_agree(two_runs):
    written = outputs.read(two_runs[0] / "predictions.jsonl")
    table = run_folder.read_outcomes(two_runs[0])
    assert [output.problem.id for output in written] == table["item"].tolist()
    assert len(table) == TINY.test_items
    assert score(written).equals(table)


def test_training_and_test_problems_are_disjoint():
    train, test = problem_sets.load(TINY)
    assert not {p.id for p in train} & {p.id for p in test}
    assert (train, test) == problem_sets.load(replace(TINY, condition="vanilla", seed=9))
    assert (train[:5], test) == problem_sets.load(replace(TINY, train_items=5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"condition": "wrong"},
            "unknown condition 'wrong', expected one of prompted, prompted-thinking, vanilla, corr",
        ),
        ({"dataset": "squad"}, "unknown dataset 'squad', expected one of cotempqa-twin"),
        ({"precision": "8bit"}, "unknown precision '8bit', expected one of fp32, bf16, 4bit"),
        ({"gradient_checkpointing": 1}, "'gradient_checkpointing': expected true or false, found 1"),
        ({"model": ""}, "'model': expected a text, found ''"),
        ({"method": "magic"}, "unknown method 'magic', expected one of lora, full"),
        ({"accumulation": 3}, "'accumulation' is 3, expected a divisor of the batch size 8"),
        ({"batch_size": 0}, "'batch_size' is 0, expected at least 1"),
        ({"method": "full", "precision": "4bit"}, "'precision' is 4bit, whose weights are frozen"),
    ],
)
def test_wrong_parameters_are_named(change, message):
    with pytest.raises(InputError, match=message):
        replace(TINY, **change)


def test_unknown_and_missing_parameters_are_named():
    with pytest.raises(InputError, match="parameters: unknown colour"):
        from_parameters({"colour": 1, "seed": 1})
    with pytest.raises(InputError, match="parameters: missing accumulation, attention, batch_size"):
        from_parameters({"seed": 1})


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(InputError, match="expected a finished run folder"):
        run_folder.read_outcomes(tmp_path)


def test_a_failure_while_writing_leaves_no_run(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runner, "_about", fail)
    with pytest.raises(OSError, match="No space"):
        runner.run(TINY, tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == [".run.lock"]


def test_a_run_that_another_process_computes_is_refused(tmp_path):
    with (
        lock.only_one(tmp_path / ".run.lock", "taken", tmp_path),
        pytest.raises(InputError, match=r"run: another process computes this run; wait for it or stop it"),
    ):
        runner.run(TINY, tmp_path / "run")


def test_a_base_in_a_folder_counts_by_its_weights(tmp_path):
    base = tmp_path / "base"
    shutil.copytree(models.BASE, base)
    chosen = replace(TINY, model=str(base), condition="prompted")
    runner.run(chosen, tmp_path / "run")
    assert runner.is_done(chosen, tmp_path / "run")
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert not runner.is_done(chosen, tmp_path / "run")


@pytest.mark.parametrize("name", ["outcomes.csv", "predictions.jsonl", "run.json"])
def test_a_run_that_lost_a_file_or_a_part_of_one_is_made_again(tmp_path, name):
    chosen = replace(TINY, condition="prompted")
    outcomes = runner.run(chosen, tmp_path / "run")
    for damage in (Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9]), Path.unlink):
        damage(tmp_path / "run" / name)
        assert not runner.is_done(chosen, tmp_path / "run")
        pd.testing.assert_frame_equal(runner.run(chosen, tmp_path / "run"), outcomes)
        assert runner.is_done(chosen, tmp_path / "run")


def test_weights_that_are_all_trained_are_in_full_precision(tmp_path, monkeypatch):
    """With adapters, the base has the precision that was asked for."""
    loaded = []

    def load(name, precision, attention):
        loaded.append(precision)
        raise InputError("seen")

    monkeypatch.setattr(models, "load", load)
    monkeypatch.setattr(models, "usable", lambda precision: precision)
    for method in ("full", "lora"):
        with pytest.raises(InputError, match="seen"):
            runner.run(replace(TINY, method=method, precision="bf16"), tmp_path / method)
    assert loaded == ["fp32", "bf16"]


def test_products_are_in_bf16_only_where_the_processor_has_them(tmp_path, monkeypatch):
    asked, losses = replace(TINY, **FEW, method="full", precision="bf16"), []
    for has in (True, False):
        monkeypatch.setattr(models.torch.cpu, "get_capabilities", lambda has=has: {"amx_bf16": has})
        runner.run(asked, tmp_path / str(has))
        assert run_folder.read_about(tmp_path / str(has))["precision"] == ("bf16" if has else "fp32")
        losses.append((tmp_path / str(has) / "loss.csv").read_bytes())
    runner.run(replace(asked, precision="fp32"), tmp_path / "fp32")
    assert losses[0] != losses[1] == (tmp_path / "fp32" / "loss.csv").read_bytes()


def test_the_laptops_way_of_training_is_bit_identical_to_its_repeat(tmp_path):
    laptop = profiles.load("laptop").cells()["cotempqa-twin-correct"]
    how = {name: laptop[name] for name in ("method", "precision", "attention", "batch_size", "learning_rate")}
    for name in ("one", "two"):
        runner.run(replace(TINY, **FEW, **how), tmp_path / name)
    weights = [(tmp_path / name / "model" / "model.safetensors").read_bytes() for name in ("one", "two")]
    assert weights[0] == weights[1]


def test_a_forced_trace_that_does_not_fit_is_counted(tmp_path):
    many = replace(TINY, condition="incorrect", train_items=64)
    _, test = problem_sets.load(many)
    _, tokenizer = models.load("tiny-base")
    prompts = [len(sft.chat_prompt(tokenizer, trace_format.prompt(problem))) for problem in test]
    runner.run(replace(many, context=max(prompts) + 40), tmp_path / "run")
    forced = run_folder.read_about(tmp_path / "run")["too_long"]["forced"]
    assert set(forced) <= {problem.id for problem in test[: TINY.intervene_items]}
    assert forced


def test_an_answer_that_is_cut_is_counted(tmp_path):
    """With one token per answer, every text is cut, also each answer to a forced trace of three problems."""
    runner.run(replace(TINY, max_new_tokens=1), tmp_path / "run")
    _, test = problem_sets.load(TINY)
    unfinished = run_folder.read_about(tmp_path / "run")["unfinished"]
    assert unfinished["test"] == [problem.id for problem in test]
    assert set(unfinished["forced"]) == {problem.id for problem in test[: TINY.intervene_items]}


def test_a_run_that_is_there_is_kept_and_another_is_made_again(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    first = runner.run(TINY, folder)
    monkeypatch.setattr(runner, "finetune", lambda *args: pytest.fail("trained again"))
    assert runner.run(TINY, folder).equals(first)
    with pytest.raises(pytest.fail.Exception, match="trained again"):
        runner.run(replace(TINY, epochs=2), folder)
    assert run_folder.read_outcomes(folder).equals(first)


def test_the_base_as_it_is_prompted_is_not_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "finetune", lambda *args: pytest.fail("trained"))
    one, two = (replace(TINY, condition="prompted", seed=seed) for seed in (1, 2))
    outcomes = runner.run(one, tmp_path / "one")
    assert outcomes["condition"].unique().tolist() == ["prompted"]
    assert not (tmp_path / "one" / "model").exists()
    assert not (tmp_path / "one" / "interventions.csv").exists()
    assert (tmp_path / "one" / "loss.csv").read_text() == "step,loss\n"
    assert run_folder.read_about(tmp_path / "one")["target_tokens"] == 0
    again = runner.run(two, tmp_path / "two")
    assert again["answer_correct"].tolist() == outcomes["answer_correct"].tolist()


def test_who_is_asked_to_think_first_is_neither_trained_nor_intervened_on(tmp_path, monkeypatch):
    """Its prompt differs from the prompt that asks only for the answer."""
    monkeypatch.setattr(runner, "finetune", lambda *args: pytest.fail("trained"))
    asked = []
    generate = runner.generate
    monkeypatch.setattr(
        runner, "generate", lambda *given, **more: asked.append(given[2]) or generate(*given, **more)
    )
    chosen = replace(TINY, **FEW | {"intervene_items": 2}, condition="prompted-thinking")
    outcomes = runner.run(chosen, tmp_path / "run")
    assert outcomes["condition"].unique().tolist() == ["prompted-thinking"]
    (prompts,) = asked
    assert all("step by step" in prompt for prompt in prompts)
    assert not (tmp_path / "run" / "interventions.csv").exists()


@pytest.mark.parametrize("condition", ["vanilla-tagged", "answer-first"])
def test_a_model_without_a_trace_before_its_answer_is_not_intervened_on(condition, tmp_path):
    runner.run(replace(TINY, **FEW | {"intervene_items": 2}, condition=condition), tmp_path / "run")
    assert not (tmp_path / "run" / "interventions.csv").exists()
    assert run_folder.read_about(tmp_path / "run")["target_tokens"] > 0


@pytest.fixture
def taught(tmp_path):
    """A tiny experiment on texts of our own: traces of 10 of its 16 problems, summaries of 4 of these."""
    train, _ = problem_sets.load(TINY)
    texts = {"prediction": "It is {}.", "trace": "Let me see. {} fits.", "summary": "{} fits."}
    columns = [
        Column(name, name, {p: text.format(p.gold[0]) for p in train[: 4 if name == "summary" else 10]})
        for name, text in texts.items()
    ]
    export.to_json_lines(train[:10], tmp_path / "texts.jsonl", columns)
    return replace(TINY, texts=str(tmp_path / "texts.jsonl"), max_new_tokens=2), train


@pytest.mark.parametrize(
    ("condition", "trained"),
    [("teacher", 10), ("teacher-summary", 4), ("correct", 10), ("teacher-swapped", None)],
)
def test_a_run_on_a_teachers_texts_says_whose_and_counts_what_lacks_them(
    condition, trained, taught, tmp_path
):
    chosen, train = taught
    runner.run(replace(chosen, condition=condition), tmp_path / "run")
    about = run_folder.read_about(tmp_path / "run")
    assert about["problems"] == {"train": 10, "test": 8, "dropped": {"untaught": 6}}
    assert about["texts"]["source"] == f"a teacher's texts on 10 problems, from {chosen.texts}"
    without = about["texts"]["without_text"]
    if trained is None:  # alone in their category
        categories = Counter(problem.category for problem in train[:10])
        assert without == [problem.id for problem in train[:10] if categories[problem.category] == 1]
    else:
        assert without == [problem.id for problem in train[trained:10]]
    assert (tmp_path / "run" / "interventions.csv").is_file() == (condition == "correct")
    assert problem_sets.load(TINY)[1] == problem_sets.load(chosen)[1]


def test_other_texts_make_another_run_and_none_leave_no_trace_in_a_record(taught, tmp_path):
    chosen, _ = taught
    made = runner.made_by(chosen)
    assert made["parameters"]["texts"] == chosen.texts
    with Path(chosen.texts).open("a") as stream:
        stream.write("\n")
    assert runner.made_by(chosen)["texts_sha256"] != made["texts_sha256"]
    without = runner.made_by(TINY)
    assert "texts" not in without["parameters"]
    assert "texts_sha256" not in without
    assert (
        "tracelib.datasets.teacher_texts" in made["library_sha256"].keys() - without["library_sha256"].keys()
    )
    few = asdict(replace(TINY, **FEW))
    runner.run(replace(TINY, **FEW), tmp_path / "mine-s1")
    with pytest.raises(InputError, match=r"texts is '' there, '.* here; the teacher's texts are not"):
        runner.run_seeds(few | {"texts": chosen.texts}, [1], str(tmp_path / "mine"))


def test_texts_on_none_of_the_problems_are_refused(taught):
    chosen, _ = taught
    with pytest.raises(InputError, match=r"texts\.jsonl: has no text on any of the 16 training problems"):
        problem_sets.load(replace(chosen, data_seed=8))
    with pytest.raises(
        InputError, match="has no text for condition teacher-explanation on any of the 10 train"
    ):
        runner.memory_needed(replace(chosen, condition="teacher-explanation"))


def test_what_does_not_fit_is_counted_and_wrong(tmp_path):
    _, test = problem_sets.load(TINY)
    _, tokenizer = models.load("tiny-base")
    lengths = sorted(len(sft.chat_prompt(tokenizer, trace_format.prompt(problem))) for problem in test)
    outcomes = runner.run(replace(TINY, context=lengths[-1], condition="vanilla"), tmp_path / "run")
    about = run_folder.read_about(tmp_path / "run")["too_long"]
    assert about["test"]
    assert not outcomes.set_index("item")["answer_correct"][about["test"]].any()


@pytest.mark.parametrize("condition", ["vanilla", "prompted"])
def test_a_context_that_nothing_fits_is_refused_before_weights_are_read(condition, tmp_path, monkeypatch):
    """So is a context that is longer than the model can read."""
    monkeypatch.setattr(models, "load", lambda *_: pytest.fail("loaded"))
    shortest = r"'context' is 64, but the shortest test prompt has \d+ tokens; expected at least one more"
    with pytest.raises(InputError, match=shortest) as caught:
        runner.run(replace(TINY, condition=condition, context=64), tmp_path / "run")
    with pytest.raises(InputError, match="'context' is 1025, expected at most 1024, what the model can read"):
        runner.run(replace(TINY, condition=condition, context=1025), tmp_path / "run")
    if condition == "vanilla":
        prompts = int(re.search(r"has (\d+)", str(caught.value))[1])
        with pytest.raises(InputError, match=r"the shortest training example has \d+ tokens"):
            runner.run(replace(TINY, condition="simulated-r1", context=prompts + 1), tmp_path / "run")


GIVEN = {name: value for name, value in asdict(TINY).items() if name not in ("seed", "texts")}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """Two seeds: their common parameters, the common start of their folders' names, and their outcomes."""
    folder = tmp_path_factory.mktemp("seeds") / "mine"
    few = GIVEN | FEW
    return few, folder, runner.run_seeds(few, [1, 2], str(folder))


def test_seeds_have_a_folder_each(seeded):
    few, folder, outcomes = seeded
    assert sorted(path.name for path in folder.parent.glob("mine*")) == ["mine-s1", "mine-s2"]
    assert outcomes["seed"].tolist() == [1, 1, 2, 2]
    assert run_folder.read_about(folder.with_name("mine-s2"))["parameters"] == few | {"seed": 2}


def test_the_same_run_is_kept_and_another_is_refused_before_anything_is_trained(seeded, monkeypatch):
    few, folder, outcomes = seeded
    monkeypatch.setattr(runner, "finetune", lambda *args: pytest.fail("trained"))
    again = runner.run_seeds(few, [1, 2], f"{folder}/")
    assert again.equals(outcomes)
    other = few | {"condition": "incorrect", "epochs": 2}
    with pytest.raises(InputError) as caught:
        runner.run_seeds(other, [3, 2], str(folder))
    assert str(caught.value) == (
        f"{folder}-s2: holds another run: condition is 'correct' there, 'incorrect' here; "
        "epochs is 1 there, 2 here; give another folder, or overwrite it with -p overwrite True"
    )
    with monkeypatch.context() as patch:
        patch.setattr(model_files, "weights", lambda model: "0" * 64)
        with pytest.raises(InputError, match="another run: the model's weights are not the same; give"):
            runner.run_seeds(few, [1], str(folder))
    with pytest.raises(pytest.fail.Exception, match="trained"):
        runner.run_seeds(other, [2], str(folder), overwrite=True)
    assert run_folder.read_about(folder.with_name("mine-s2"))["parameters"] == few | {"seed": 2}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"notes.txt": "mine"}, "mine-s1: is there already, and is no run; give another folder"),
        ({"run.json": "{"}, r"mine-s1/run.json:1: not JSON \(.*\), expected what a run wrote"),
        ({"run.json": "[]"}, r"mine-s1/run.json: expected what a run wrote, found \[\]"),
        ({"run.json": "{}"}, "mine-s1: holds another run: dataset is None there, 'cotempqa-twin' here"),
        (None, "mine-s1: is there already, and is no run"),
    ],
)
def test_a_folder_of_other_things_is_left_alone(content, message, tmp_path):
    folder = tmp_path / "mine-s1"
    if content is None:
        folder.write_text("a file")
    for name, text in (content or {}).items():
        folder.mkdir()
        (folder / name).write_text(text)
    with pytest.raises(InputError, match=message):
        runner.run_seeds(GIVEN | FEW, [1], str(tmp_path / "mine"))
    assert content is None or {path.name for path in folder.iterdir()} == set(content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folder": ""}, "'folder': expected the name of a folder, found ''"),
        ({"folder": 5}, "'folder': expected the name of a folder, found 5"),
        ({"folder": "/"}, "'folder': expected the name of a folder, found '/'"),
        ({"overwrite": "true"}, "'overwrite': expected true or false, found 'true'"),
    ],
)
def test_what_is_no_folder_is_named(change, message):
    with pytest.raises(InputError, match=message):
        runner.run_seeds(GIVEN, [1], **{"folder": "work/mine"} | change)


def test_a_run_whose_outcomes_were_removed_is_made_again(seeded):
    few, folder, outcomes = seeded
    (folder.with_name("mine-s1") / "outcomes.csv").unlink()
    assert runner.run_seeds(few, [1, 2], str(folder)).equals(outcomes)


def test_every_long_step_shows_its_name_and_the_time_left(tmp_path, capsys):
    chosen = replace(TINY, **FEW | {"intervene_items": 1}, condition="correct")
    runner.run(chosen, tmp_path / "quiet")
    assert "it/s" not in capsys.readouterr().err
    runner.run(chosen, tmp_path / "run", progress=True)
    bars = capsys.readouterr().err
    for name in ("training", "generating", "setting traces"):
        shown = bars[bars.index(f"{name}: ") :]
        assert "<" in shown.partition("]")[0]  # elapsed<left
    assert "{'loss'" not in bars
