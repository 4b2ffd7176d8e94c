"""The larger grid: an estimate of its time, and its outcomes as tables that are committed with the project.

A laptop needs hours for the grid, so the book's chapters read these tables
(`tracelib.experiments.sweep_tables`). Each table's provenance says when, where and from what it was
computed; `tracelib grid` computes it again.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from tracelib.core.errors import InputError
from tracelib.core.provenance import has_gpu, text_hash
from tracelib.core.reading import sha256
from tracelib.experiments import run_folder
from tracelib.experiments.config import Experiment, from_parameters
from tracelib.experiments.cost import sizes, work
from tracelib.experiments.profiles import Profile
from tracelib.experiments.sweep_tables import TABLES, read, store
from tracelib.traces.conditions import UNFORCED

KEPT = (  # the columns of an outcome that the chapters use
    "item", "category", "answer_correct", "answer_official", "answer_strict", "category_correct",
    "retrieval_correct", "trace_correct", "facts_cited", "facts_gold", "facts_both", "parsed", "found",
    "tokens",
)  # fmt: skip
OF_A_ROW = ["setting", "condition", "seed"]
OF_A_STATE = ("versions", "hardware", "precision", "device", "base_sha256")
HASHED = ("predictions.jsonl", "interventions.csv", "model/adapter_model.safetensors")
TRIAL = (128, 32)  # greatest numbers of training and test problems of the run that the estimate times


def experiments(
    profile: Profile, cells: Collection[str] = (), seeds: Collection[int] = ()
) -> dict[str, Experiment]:
    """The runs of a profile by name: all, or only these cells (setting-condition) and seeds.

    `InputError` for a cell or seed that the profile does not have.
    """
    names = {field.name for field in fields(Experiment)}
    if unknown := [seed for seed in seeds if seed not in profile.seeds]:
        expected = ", ".join(map(str, profile.seeds))
        raise InputError(f"no seed {unknown[0]}, expected some of {expected}", profile.path)
    known = profile.of_seeds(seeds).cells()
    if unknown := [cell for cell in cells if cell not in known]:
        raise InputError(f"no cell '{unknown[0]}', expected some of {', '.join(known)}", profile.path)
    found = {}
    for cell in cells or known:
        parameters = known[cell]
        common = {name: value for name, value in parameters.items() if name in names}
        for seed in parameters["seeds"]:
            found[f"{cell}-s{seed}"] = from_parameters({**common, "seed": seed})
    return found


def estimate(chosen: Sequence[Experiment], cores: int) -> float:
    """The estimated time of these runs on so many cores, in seconds, from one short trial per model.

    The trial is a small version of the model's longest run, with interventions if any run has them. The
    estimate assumes that a run's time grows with its training examples and generated texts. As in the graph,
    cells run side by side (with a GPU, one after the other), and the seeds of a cell one after the other.
    """
    if not chosen:
        return 0.0
    cells: dict[Experiment, float] = defaultdict(float)
    for model in dict.fromkeys(run.model for run in chosen):
        own = [run for run in chosen if run.model == model]
        longest = max(own, key=lambda run: (run.condition not in UNFORCED, sum(work(run).values())))
        seconds, done = _trial(longest)
        for run in own:
            parts = (seconds[part] * amount / done[part] for part, amount in work(run).items() if done[part])
            cells[replace(run, seed=1)] += seconds["prepare"] + seconds["verify"] + sum(parts)
    return max(sum(cells.values()) / side_by_side(chosen, cores), *cells.values())


def side_by_side(chosen: Sequence[Experiment], cores: int) -> int:
    """How many of these runs (at least one) are made at a time on so many cores."""
    at_once = 1 if has_gpu() else max(1, cores // max(run.threads for run in chosen))
    return min(at_once, len({replace(run, seed=1) for run in chosen}))


def memory(chosen: Sequence[Experiment], cores: int) -> str:
    """A line with the memory that one run and the runs side by side need, and the available memory."""
    from tracelib.experiments import runner
    from tracelib.experiments.memory import available, in_gb

    cells = {replace(run, seed=1): run for run in chosen}
    most = max(runner.memory_needed(run).most for run in cells.values())
    count = side_by_side(chosen, cores)
    words = f"about {in_gb(most)} of memory for a run, {in_gb(count * most)} for {count} side by side"
    return f"{words}; {in_gb(available())} available"


def _trial(longest: Experiment) -> tuple[dict[str, float], dict[str, float]]:
    """The seconds per stage of a small run like this one, and its work per stage."""
    from tracelib.experiments import runner

    train, test = map(min, TRIAL, sizes(longest))
    fewer = {"epochs": min(1, longest.epochs), "intervene_items": min(4, longest.intervene_items)}
    trial = replace(longest, train_items=train, test_items=test, **fewer, checkpoint_steps=0)
    with TemporaryDirectory() as scratch:
        runner.run(trial, Path(scratch) / "trial")
        runner.forget_base()
        return run_folder.read_about(Path(scratch) / "trial")["seconds"], work(trial)


def missing(chosen: Mapping[str, Experiment], folder: Path) -> list[Experiment]:
    """The runs that the folder does not hold, or holds as made by other code."""
    from tracelib.experiments.runner import is_done

    return [run for name, run in chosen.items() if not is_done(run, folder / name)]


def collect(chosen: Mapping[str, Experiment], folder: Path) -> list[pd.DataFrame]:
    """Three tables of finished runs: outcomes, interventions, runs. Each row has setting, condition and seed.

    `InputError` if a run is missing.
    """
    outcomes, about = run_folder.read_all(folder, chosen)
    interventions, table = [], []
    for name, run in chosen.items():
        setting, of_run = run_folder.setting(name, about[name]), folder / name
        if (of_run / "interventions.csv").is_file():
            interventions.append(pd.read_csv(of_run / "interventions.csv").assign(setting=setting))
        row = dict(zip(OF_A_ROW, (setting, run.condition, run.seed), strict=True))
        table.append(row | _summary(of_run, about[name]))
    outcomes = outcomes[[*OF_A_ROW, *KEPT]].astype({"seed": int})
    forced = pd.concat(interventions, ignore_index=True) if interventions else pd.DataFrame(columns=OF_A_ROW)
    return [outcomes, forced.set_index(OF_A_ROW).reset_index(), pd.DataFrame(table)]


def _summary(run: Path, about: dict) -> dict:
    curve = pd.read_csv(run / "loss.csv")
    return {
        **{name: about["parameters"][name] for name in ("model", "train_items", "test_items", "facts")},
        "target_tokens": round(about["target_tokens"], 1),
        "last_loss": round(float(curve["loss"].iloc[-1]), 4) if len(curve) else None,
        "seconds": round(sum(about["seconds"].values()), 1),
        **{f"too_long_{part}": len(ids) for part, ids in about["too_long"].items()},
        **{f"unfinished_{part}": len(ids) for part, ids in about["unfinished"].items()},
        **{f"{Path(name).stem}_sha256": sha256(run / name) for name in HASHED if (run / name).is_file()},
        **{name: about[name] for name in ("git_commit", "data_sha256")},
        "parameters": json.dumps(about["parameters"], sort_keys=True),
    }


def kept(
    profile: Profile, cells: Collection[str], seeds: Collection[int] = (), tables: Path = TABLES
) -> tuple[list[pd.DataFrame], list[dict]]:
    """The rows of a profile's tables that stay if these cells or seeds are written again, and their states.

    `InputError` if a run that would stay has other parameters than the profile's, or is missing although no
    seeds are named. With seeds, tables may grow from nothing.
    """
    if seeds and not (tables / profile.name).is_dir():
        return [], []
    chosen = experiments(profile, cells, seeds)
    others = {name: run for name, run in experiments(profile).items() if name not in chosen}
    *found, about = read(profile.name, tables)
    found = [table[_names(table).isin(list(others))] for table in found]
    there = dict(zip(_names(found[-1]), found[-1]["parameters"].map(json.loads), strict=True))
    for name, run in others.items():
        is_so = from_parameters(there[name]) == run if name in there else bool(seeds)
        if not is_so:
            message = f"'{name}' is not there as the profile has it; compute its cell, too"
            raise InputError(message, tables / profile.name)
    return found, about["computed"]


def write(
    profile: Profile,
    work: Path,
    command: str,
    tables: Path = TABLES,
    cells: Collection[str] = (),
    seeds: Collection[int] = (),
) -> dict:
    """Write the profile's tables, whole or not at all; return their provenance.

    With `cells` or `seeds`, only their rows are written again; the others stay (`kept`). A run's ``computed``
    is the index of the state that made it: command, date, library, versions, hardware. `InputError` if a run
    is missing, was made by another state of the library, or was made on another kind of processor than the
    other runs of its setting and seed.
    """
    chosen = experiments(profile, cells, seeds)
    if waiting := missing(chosen, work):
        raise InputError(
            f"{len(waiting)} runs are missing, or made by other code; run the same command again", work
        )
    fresh = collect(chosen, work)
    made = [_state(run_folder.read_about(work / name), command) for name in chosen]
    new = [state for number, state in enumerate(made) if state not in made[:number]]
    old, states = kept(profile, cells, seeds, tables) if cells or seeds else ([], [])
    fresh[-1]["computed"] = [len(states) + new.index(state) for state in made]
    states = states + new
    if old:
        fresh = [pd.concat(pair) for pair in zip(old, fresh, strict=True)]
    outcomes, interventions, table = (_in_order(profile, part) for part in fresh)
    used = sorted(set(table["computed"]))
    table["computed"] = table["computed"].map(used.index)
    found = {
        "profile": profile.name,
        "runs": len(table),
        "planned": len(experiments(profile)),
        "outcomes": len(outcomes),
        "hours": round(float(table["seconds"].sum()) / 3600, 2),
        "computed": [states[number] for number in used],
    }
    _one_kind_per_seed(table, found["computed"])
    store(profile.name, outcomes, interventions, table, found, tables)
    return found


def _one_kind_per_seed(table: pd.DataFrame, states: Sequence[dict]) -> None:
    """Raise an `InputError` if runs that are compared in pairs were made on two kinds of processor."""
    kinds = table["computed"].map(lambda number: _kind(states[number]))
    for (setting, seed), found in kinds.groupby([table["setting"], table["seed"]]):
        if found.nunique() > 1:
            apart = " and ".join(sorted(map(" ".join, found.unique())))
            raise InputError(
                f"the runs of {setting} with seed {seed} were made on {apart}; "
                "runs of a seed are compared in pairs, so make them on one kind"
            )


def _kind(state: dict) -> tuple[str, str, str]:
    """Processor, device and precision: they can change a training's last bits, with the same versions."""
    return state["hardware"]["processor"], state["device"], state["precision"]


def _state(about: dict, command: str) -> dict:
    """The state that made a run, from its ``run.json``."""
    return {
        "command": command,
        "written": datetime.now(UTC).strftime("%Y-%m-%d"),
        "library_sha256": text_hash(json.dumps(about["library_sha256"], sort_keys=True)),
        **{name: about[name] for name in OF_A_STATE},
    }


def _names(table: pd.DataFrame) -> pd.Series:
    """The run that each row of a table belongs to."""
    return table["setting"] + "-" + table["condition"] + "-s" + table["seed"].astype(str)


def _in_order(profile: Profile, table: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of the profile's runs; rows of one run keep their order."""
    places = {name: place for place, name in enumerate(experiments(profile))}
    order = _names(table).map(places).argsort(kind="stable")
    return table.iloc[order].reset_index(drop=True)
