"""The training path on a model of a few thousand parameters: what is learned, from what, repeatably."""

import math
from dataclasses import replace

import pytest
import torch

from tracelib import conditions, experiment, generate, models, outputs, runs, sft, traces
from tracelib.files import InputError
from tracelib.outcomes import score
from tracelib.parameters import Experiment, from_parameters
from tracelib.twins import cotempqa

SIZE = models.Size(vocabulary=300, hidden=32, layers=1, heads=2)
TINY = Experiment(
    dataset="cotempqa-twin", model="tiny-random", condition="correct", seed=1,
    train_items=16, test_items=8, facts=5, data_seed=7, epochs=1, batch_size=8,
    learning_rate=0.005, warmup_ratio=0.03, lora_rank=16, lora_alpha=32, lora_dropout=0.05,
    hidden=32, layers=1, heads=2, context=1024, vocabulary=300,
    max_new_tokens=12, generation_batch=3, threads=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def pairs():
    twins = cotempqa.generate(24, seed=2)
    prompts = [traces.prompt(twin) for twin in twins]
    return prompts, [conditions.target(twin, "correct", 1) for twin in twins]


@pytest.fixture(scope="module")
def tokenizer(pairs):
    return models.train_tokenizer([*pairs[0], *pairs[1]], SIZE)


@pytest.mark.parametrize(
    "text", ["plain", "Éamon\u00a0de 'Valera' <think>\n\t", "日本 🙂", "", "  two  spaces "]
)
def test_any_text_round_trips_through_the_tokenizer(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text


def test_the_tokenizer_and_the_weights_repeat(tokenizer, pairs):
    again = models.train_tokenizer([*pairs[0], *pairs[1]], SIZE)
    assert again.get_vocab() == tokenizer.get_vocab()
    first, second = (models.tiny_llama(tokenizer, SIZE, seed=4).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = models.tiny_llama(tokenizer, SIZE, seed=5).state_dict()
    assert not torch.equal(first["model.embed_tokens.weight"], other["model.embed_tokens.weight"])


def test_labels_cover_the_completion_and_its_end_only(tokenizer):
    (example,) = sft.encode(tokenizer, ["What?"], ["This."])
    learned = [token for token in example["labels"] if token != sft.IGNORED]
    assert tokenizer.decode(learned) == "This.<end>"
    assert tokenizer.decode(example["input_ids"]) == "<user>What?<assistant>This.<end>"
    assert example["labels"][-len(learned) :] == learned


def test_an_example_longer_than_the_context_is_refused(tokenizer):
    with pytest.raises(InputError, match=r"training example 1 has \d+ tokens, expected at most 1024"):
        sft.encode(tokenizer, ["a", "b " * 2000], ["c", "d"])


def test_padding_is_masked_and_ignored():
    batch = sft.collate(
        [{"input_ids": [5, 6, 7], "labels": [-100, 6, 7]}, {"input_ids": [8], "labels": [8]}], pad=0
    )
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[-100, 6, 7], [8, -100, -100]]


def test_every_adapter_weight_moves_nothing_else_does_and_the_loss_falls(tokenizer, pairs):
    base = models.tiny_llama(tokenizer, SIZE, seed=1)
    before = {name: value.clone() for name, value in base.state_dict().items()}
    recipe = sft.Recipe(epochs=4, batch_size=8, learning_rate=5e-3)
    adapted, losses = sft.finetune(base, tokenizer, sft.encode(tokenizer, *pairs), recipe, seed=1)
    trained = {name: value for name, value in adapted.named_parameters() if value.requires_grad}
    assert len(trained) == 2 * len(sft.PROJECTIONS)
    still = sft.finetune(
        models.tiny_llama(tokenizer, SIZE, seed=1),
        tokenizer,
        sft.encode(tokenizer, *pairs),
        replace(recipe, learning_rate=0.0),
        seed=1,
    )[0]
    for name, value in still.named_parameters():
        if name in trained:
            assert "lora" in name
            assert not torch.equal(value, trained[name]), name
    for name, value in adapted.get_base_model().state_dict().items():
        if "lora" not in name:
            assert torch.equal(value, before[name.replace("base_layer.", "")]), name
    assert losses[-1]["loss"] < 0.85 * losses[0]["loss"]


def test_a_loss_that_is_not_a_number_stops_training(tokenizer, pairs):
    base = models.tiny_llama(tokenizer, SIZE, seed=1)
    with torch.no_grad():
        base.model.embed_tokens.weight.fill_(math.nan)
    recipe = sft.Recipe(epochs=1, batch_size=8)
    with pytest.raises(InputError, match="the loss became nan at step 1"):
        sft.finetune(base, tokenizer, sft.encode(tokenizer, *pairs), recipe, seed=1)


def test_batched_generation_equals_one_at_a_time(tokenizer, pairs):
    model = models.tiny_llama(tokenizer, SIZE, seed=3)
    prompts = [prompt[: 40 + 9 * number] for number, prompt in enumerate(pairs[0][:7])]
    batched = generate.generate(model, tokenizer, prompts, max_new_tokens=10, batch_size=4)
    single = [generate.generate(model, tokenizer, [p], max_new_tokens=10, batch_size=1)[0] for p in prompts]
    assert batched == single
    assert len(set(batched)) > 1


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    folders = [tmp_path_factory.mktemp("runs") / name for name in ("a", "b")]
    for folder in folders:
        experiment.run(TINY, folder)
    return folders


def test_a_run_folder_is_complete_and_bit_identical_to_its_repeat(two_runs):
    first, second = two_runs
    names = {str(path.relative_to(first)) for path in first.rglob("*") if path.is_file()}
    assert {"run.json", "predictions.jsonl", "outcomes.csv", "loss.csv"} <= names
    assert "adapter/adapter_model.safetensors" in names
    for name in names - {"run.json"}:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_run_says_what_made_it(two_runs):
    about = runs.read_about(two_runs[0])
    assert about["parameters"]["condition"] == "correct"
    assert about["versions"]["torch"].startswith("2.13.0")
    assert set(about["seconds"]) == {"prepare", "train", "generate", "verify"}
    assert len(about["data_sha256"]) == len(about["lock_sha256"]) == 64
    assert {"tracelib.sft", "tracelib.traces"} <= set(about["library_sha256"])
    base = 300 * 32 + 4 * 32 * 32 + 3 * 32 * 96 + 3 * 32  # embeddings, attention, MLP, norms
    assert about["model_parameters"] == base


def test_predictions_are_in_the_audits_shape_and_outcomes_agree(two_runs):
    written = outputs.read(two_runs[0] / "predictions.jsonl")
    table = runs.read_outcomes(two_runs[0])
    assert [output.problem.id for output in written] == table["item"].tolist()
    assert len(table) == TINY.test_items
    assert score(written).equals(table)


def test_training_and_test_problems_are_disjoint():
    train, test = experiment.problems(TINY)
    assert not {p.id for p in train} & {p.id for p in test}
    assert (train, test) == experiment.problems(replace(TINY, condition="vanilla", seed=9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"condition": "wrong"}, "unknown condition 'wrong', expected one of vanilla, correct, incorrect"),
        ({"dataset": "cotempqa"}, "unknown dataset 'cotempqa', expected one of cotempqa-twin"),
        ({"model": "gpt"}, "unknown model 'gpt', expected one of tiny-random"),
        ({"batch_size": 0}, "'batch_size' is 0, expected at least 1"),
    ],
)
def test_wrong_parameters_are_named(change, message):
    with pytest.raises(InputError, match=message):
        replace(TINY, **change)


def test_unknown_and_missing_parameters_are_named():
    with pytest.raises(InputError, match="parameters: unknown colour"):
        from_parameters({"colour": 1, "seed": 1})
    with pytest.raises(InputError, match="parameters: missing batch_size, condition, context, data_seed"):
        from_parameters({"seed": 1})


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(InputError, match="expected a finished run folder"):
        runs.read_outcomes(tmp_path)


def test_a_failure_while_writing_leaves_no_run(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(experiment, "_about", fail)
    with pytest.raises(OSError, match="No space"):
        experiment.run(TINY, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
