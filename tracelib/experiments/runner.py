"""One run: dataset x model x condition x seed, from problems to outcomes, in one run folder."""

import json
import logging
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd
import torch
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tracelib.core import keys, provenance, seals
from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError, quoted
from tracelib.core.lock import only_one
from tracelib.core.reading import sha256
from tracelib.datasets import problem_sets, teacher_texts
from tracelib.datasets.export import to_record
from tracelib.datasets.problem import Problem
from tracelib.datasets.registry import TWINS
from tracelib.experiments import memory, run_code
from tracelib.experiments.config import DEFAULTS, Experiment, from_parameters
from tracelib.experiments.interventions import intervene
from tracelib.experiments.run_folder import read_about, read_outcomes
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output
from tracelib.traces import conditions
from tracelib.training import model_files, models
from tracelib.training.generate import generate
from tracelib.training.sft import IGNORED, Example, Recipe, chat_prompt, encode, finetune


def run(chosen: Experiment, folder: Path, progress: bool = False) -> pd.DataFrame:
    """Fine-tune, generate on the test problems, verify; write the run folder; return the outcomes.

    If the folder already holds this run (same parameters, code, weights and versions), it is kept.
    """
    if is_done(chosen, folder):
        return read_outcomes(folder)
    if models.processes().is_main_process:
        with only_one(folder.with_name(f".{folder.name}.lock"), "another process computes this run", folder):
            return _run(chosen, folder, progress)
    return _run(chosen, folder, progress)


def run_seeds(
    parameters: Mapping, seeds: Sequence[int], folder: str, overwrite: bool = False
) -> pd.DataFrame:
    """`run` for each seed in turn, into ``FOLDER-sSEED``; return the outcomes of all seeds.

    `parameters` are the parameters of an `Experiment` without its seed. Without `overwrite`, a folder that
    holds anything but a run with these parameters raises an `InputError` before any training.
    """
    if not isinstance(folder, str) or not Path(folder).name:
        raise InputError(f"'folder': expected the name of a folder, found {quoted(folder)}")
    if not isinstance(overwrite, bool):
        raise InputError(f"'overwrite': expected true or false, found {quoted(overwrite)}")
    base = Path(folder)
    chosen = {
        base.with_name(f"{base.name}-s{seed}"): from_parameters({**parameters, "seed": seed})
        for seed in seeds
    }
    if not overwrite:
        for place, one in chosen.items():
            _refuse_another(one, place)
    return pd.concat([run(one, place) for place, one in chosen.items()])


def _refuse_another(chosen: Experiment, folder: Path) -> None:
    """Raise an `InputError` if the folder holds other files, or a run with other parameters or weights."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / "run.json").is_file():
        raise InputError("is there already, and is no run; give another folder", folder)
    there, here = read_about(folder), made_by(chosen)
    known = DEFAULTS | there.get("parameters", {})
    differ = [
        f"{name} is {quoted(known.get(name))} there, {quoted(value)} here"
        for name, value in asdict(chosen).items()
        if known.get(name) != value
    ]
    if there.get("texts_sha256") != here.get("texts_sha256"):
        differ.append("the teacher's texts are not the same")
    if there.get("base_sha256") != here["base_sha256"]:
        differ.append("the model's weights are not the same")
    if differ:
        way_out = "give another folder, or overwrite it with -p overwrite True"
        raise InputError(f"holds another run: {'; '.join(differ)}; {way_out}", folder)


def is_done(chosen: Experiment, folder: Path) -> bool:
    """Whether a folder holds exactly this run: same parameters, code, weights and versions."""
    whole = seals.is_whole_folder(folder, "run.json")
    return whole and made_by(chosen).items() <= read_about(folder).items()


def _run(chosen: Experiment, folder: Path, progress: bool) -> pd.DataFrame:
    try:
        return _computed(chosen, folder, progress)
    except BaseException:
        forget_base()  # it may still carry adapters
        raise


def _computed(chosen: Experiment, folder: Path, progress: bool) -> pd.DataFrame:
    made = made_by(chosen)
    clock = _Clock()
    torch.set_num_threads(chosen.threads)
    torch.use_deterministic_algorithms(True)
    train, test, dropped = problem_sets.deal(chosen)
    stand_ins = problem_sets.standing_in(chosen)
    if stand_ins:
        logging.getLogger(__name__).warning("%s", stand_ins)
    test_prompts = [conditions.prompt(problem, chosen.condition) for problem in test]
    tokenizer, lengths = _tokenizer(chosen, test_prompts)
    examples, left_out, untold = _examples(chosen, tokenizer, train)
    if chosen.texts:
        logging.getLogger(__name__).warning("%s", teacher_texts.load(chosen.texts).source)
    precision = made["precision"]
    if precision != chosen.precision:
        said = "products are in %s, not in %s as asked for: this processor has no fast ones"
        logging.getLogger(__name__).warning(said, precision, chosen.precision)
    needed = memory.needed(replace(chosen, precision=precision), examples, lengths)
    logging.getLogger(__name__).info("%s", memory.check(needed))
    base = _base(chosen, precision, made["base_sha256"])
    weights = base.num_parameters()  # before adapters are added
    clock.lap("prepare")

    scratch = folder.with_name(f".{folder.name}-{provenance.text_hash(repr(made))[:8]}")
    kept = scratch if chosen.checkpoint_steps else None
    if chosen.condition in conditions.UNTRAINED:
        trained = _Trained(base)
    else:
        trained = _train(replace(chosen, precision=precision), base, tokenizer, examples, kept, progress)
    clock.lap("train")
    if not models.processes().is_main_process:  # several GPUs train together; one of them answers
        _take_off(trained.model)
        return pd.DataFrame()

    texts, unread, unfinished = generate(
        trained.model,
        tokenizer,
        test_prompts,
        chosen.max_new_tokens,
        chosen.generation_batch,
        progress=progress,
    )
    clock.lap("generate")

    table, forced = _interventions(chosen, trained.model, tokenizer, test, train, texts, progress)
    clock.lap("intervene")

    outputs = [
        Output(problem, text, chosen.model, chosen.condition, chosen.seed)
        for problem, text in zip(test, texts, strict=True)
    ]
    outcomes = score(outputs)
    clock.lap("verify")
    with written_beside(folder) as beside:
        beside.mkdir()
        if chosen.condition not in conditions.UNTRAINED:
            trained.model.save_pretrained(beside / "model", safe_serialization=True)
        lines = [json.dumps(_record(output), ensure_ascii=False) + "\n" for output in outputs]
        (beside / "predictions.jsonl").write_text("".join(lines), encoding="utf-8")
        outcomes.to_csv(beside / "outcomes.csv", index=False)
        curve = pd.DataFrame(trained.losses, columns=["step", "loss"])
        curve.to_csv(beside / "loss.csv", index=False)
        if table is not None:
            table.to_csv(beside / "interventions.csv", index=False)
        about = _about(made, train + test, clock, weights) | {"stand_ins": stand_ins}
        about["problems"] = {"train": len(train), "test": len(test), "dropped": dropped}
        if chosen.texts:
            source = teacher_texts.load(chosen.texts).source
            about["texts"] = {"source": source, "without_text": untold}
        about["target_tokens"] = trained.target_tokens
        about["too_long"] = {
            "train": left_out,
            "test": [test[number].id for number in unread],
            "forced": forced["too_long"],
        }
        about["unfinished"] = {
            "test": [test[number].id for number in unfinished],
            "forced": forced["unfinished"],
        }
        about["files"] = seals.hashes(beside)
        (beside / "run.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    shutil.rmtree(scratch, ignore_errors=True)
    _take_off(trained.model)
    return outcomes


def memory_needed(chosen: Experiment) -> memory.Needed:
    """The memory that a run needs; no weights are loaded."""
    train, test = problem_sets.load(chosen)
    prompts = [conditions.prompt(problem, chosen.condition) for problem in test]
    tokenizer, lengths = _tokenizer(chosen, prompts)
    examples, *_ = _examples(chosen, tokenizer, train)
    return memory.needed(replace(chosen, precision=models.usable(chosen.precision)), examples, lengths)


def _tokenizer(chosen: Experiment, test_prompts: Sequence[str]) -> tuple[PreTrainedTokenizerBase, list[int]]:
    """The model's tokenizer, set to the run's context, and the prompts' lengths in tokens.

    `InputError` if the context is too long for the model or too short for every prompt.
    """
    most = models.positions(chosen.model)
    if most and chosen.context > most:
        raise InputError(f"'context' is {chosen.context}, expected at most {most}, what the model can read")
    tokenizer = models.tokenizer(chosen.model)
    tokenizer.model_max_length = chosen.context
    lengths = [len(chat_prompt(tokenizer, prompt)) for prompt in test_prompts]
    if min(lengths) >= chosen.context:
        found = f"'context' is {chosen.context}, but the shortest test prompt has {min(lengths)} tokens"
        raise InputError(f"{found}; expected at least one more")
    return tokenizer, lengths


def _examples(
    chosen: Experiment, tokenizer, train: list[Problem]
) -> tuple[list[Example], list[str], list[str]]:
    """The training examples, the ids of problems that do not fit, and of those without the teacher's text.

    `InputError` if no example is left.
    """
    if chosen.condition in conditions.UNTRAINED:
        return [], [], []
    texts = teacher_texts.load(chosen.texts).of(train) if chosen.texts else {}
    made = [
        (problem, conditions.target(problem, chosen.condition, chosen.seed, train, texts))
        for problem in train
    ]
    untold = [problem.id for problem, target in made if not target]
    if len(untold) == len(train):
        found = f"has no text for condition {chosen.condition} on any of the {len(train)} training problems"
        raise InputError(found, chosen.texts)
    targets = [target for _, target in made if target]
    prompts = [conditions.prompt(problem, chosen.condition) for problem, target in made if target]
    names = [problem.id for problem, target in made if target]
    examples, left_out = encode(tokenizer, prompts, targets, names)
    if not examples:
        tokenizer.model_max_length = sys.maxsize
        shortest = min(len(e["input_ids"]) for e in encode(tokenizer, prompts, targets)[0])
        found = f"'context' is {chosen.context}, but the shortest training example has {shortest} tokens"
        raise InputError(f"{found}; expected at least as many")
    return examples, left_out, untold


def _base(chosen: Experiment, precision: str, weights: str | None) -> PreTrainedModel:
    """The base model. For adapters it is loaded once and kept; each run puts new adapters on it."""
    if chosen.method == "full":  # fp32: bf16 would round most updates away
        return models.load(chosen.model, "fp32", chosen.attention)[0]
    as_it_is = chosen.condition in conditions.UNTRAINED  # training casts some bf16 weights of a 4bit model
    return _loaded(chosen.model, precision, chosen.attention, weights, as_it_is)


@lru_cache(maxsize=1)
def _loaded(model: str, precision: str, attention: str, *_) -> PreTrainedModel:
    """`models.load`, cached. The other arguments only tell apart a folder's contents and the base's use."""
    return models.load(model, precision, attention)[0]


def forget_base() -> None:
    """Free the memory of the base that is kept for the next seed."""
    _loaded.cache_clear()


def _take_off(model: PreTrainedModel) -> None:
    """Take the adapters off a base, without merging them, for the next training."""
    if isinstance(model, PeftModel):
        base = model.unload()
        base.activation_checkpointing_disable()
        base.disable_input_require_grads()


@dataclass(frozen=True)
class _Trained:
    """A model to test: trained, or the base that is only prompted."""

    model: PreTrainedModel
    losses: Sequence[dict] = ()
    target_tokens: float = 0.0  # mean over the training examples


def recipe(chosen: Experiment) -> Recipe:
    """The fine-tuning parameters of a run."""
    return Recipe(**{field.name: getattr(chosen, field.name) for field in fields(Recipe)})


def _train(
    chosen: Experiment,
    base: PreTrainedModel,
    tokenizer,
    examples: list[Example],
    kept: Path | None,
    progress: bool,
) -> _Trained:
    adapted, losses = finetune(base, tokenizer, examples, recipe(chosen), chosen.seed, kept, progress)
    learned = sum(label != IGNORED for example in examples for label in example["labels"])
    return _Trained(adapted, losses, learned / len(examples))


def _interventions(
    chosen: Experiment, model, tokenizer, test, train, texts, progress: bool
) -> tuple[pd.DataFrame | None, dict[str, list[str]]]:
    """The table of interventions on some test problems; None if the condition has no trace to set.

    Also the ids of problems that are not answered because they do not fit with the set trace (too_long), and
    of problems whose answer was cut (unfinished).
    """
    counted: dict[str, list[str]] = {"too_long": [], "unfinished": []}
    if not chosen.intervene_items or chosen.condition in conditions.UNFORCED:
        return None, counted

    def answers(problems: Sequence[Problem], starts: Sequence[str]) -> list[str]:
        prompts = [conditions.prompt(problem, chosen.condition) for problem in problems]
        texts, unread, unfinished = generate(
            model,
            tokenizer,
            prompts,
            chosen.max_new_tokens,
            chosen.generation_batch,
            starts=starts,
            progress=progress,
            doing="setting traces",
        )
        counted["too_long"] += [problems[number].id for number in unread]
        counted["unfinished"] += [problems[number].id for number in unfinished]
        return texts

    places = _forced(chosen, len(test))
    problems, own = ([part[place] for place in places] for part in (test, texts))
    table = intervene(problems, chosen.condition, chosen.seed, train, own, answers)
    return table, counted


def _forced(chosen: Experiment, tested: int) -> Sequence[int]:
    """Indices of the test problems whose trace is set: the first of a twin, every nth of real problems.

    Real problems are sorted by category.
    """
    count = min(chosen.intervene_items, tested)
    return range(count) if chosen.dataset in TWINS else [n * tested // count for n in range(count)]


def made_by(chosen: Experiment) -> dict:
    """Everything that a run's results depend on, in the form of its ``run.json``."""
    parameters = asdict(chosen)
    taught = {"texts_sha256": teacher_texts.digest(chosen.texts)} if chosen.texts else {}
    if not taught:  # so runs without a teacher are those that were made before there were any
        del parameters["texts"]
    return {
        "parameters": parameters,
        **taught,
        "precision": models.usable(chosen.precision),
        "device": models.device().partition(":")[0],
        "library_sha256": _library(chosen.dataset in TWINS, bool(chosen.texts)),
        "base_sha256": model_files.weights(chosen.model),
        "lock_sha256": sha256(keys.LOCK) if keys.LOCK.is_file() else None,
    }


@cache
def _library(twin: bool, taught: bool) -> dict[str, str]:
    """Hashes of the modules that a run executes, read once: later edits do not change loaded modules."""
    imported = keys.closure(Path(__file__), run_code.left_out(twin, taught))
    modules = {"tracelib.experiments.runner": Path(__file__), **imported}
    return {name: keys.source_hash(path) for name, path in modules.items()}


class _Clock:
    """Seconds per stage, in order."""

    def __init__(self):
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now


def _record(output: Output) -> dict:
    written = {name: getattr(output, name) for name in ("prediction", "model", "condition", "seed")}
    return {**to_record(output.problem), **written}


def _about(made: dict, used: list[Problem], clock: _Clock, parameters: int) -> dict:
    return {
        **made,
        "model_parameters": parameters,
        "data_sha256": provenance.text_hash(*(repr(problem) for problem in used)),
        "git_commit": provenance.git_commit(),
        "versions": provenance.versions(),
        "hardware": provenance.hardware(),
        "seconds": clock.seconds,
    }
