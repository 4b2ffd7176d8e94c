"""Profiles: YAML files that define runs and their parameters.

A profile states ``datasets`` (settings, each with its own parameters), ``conditions``, ``seeds``, and ``run``
(the parameters of all settings). ``extends: NAME`` takes over another profile: one of the project, or a file
beside this one. The profile's own values replace the other's: ``datasets``, ``conditions`` and ``seeds`` as a
whole, ``run`` parameter by parameter. A setting's own parameters always override ``run``. Errors name the
file and line of a mistake.
"""

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from tracelib.core.errors import InputError, quoted
from tracelib.core.paths import ROOT
from tracelib.experiments.config import DECLARED, DEFAULTS, faults
from tracelib.experiments.stated import Stated, read
from tracelib.traces.conditions import CONDITIONS, TAUGHT, UNTRAINED

TOP_KEYS = ("datasets", "conditions", "seeds", "run")
EXTENDS = "extends"
RUN_KEYS = tuple(name for name in DECLARED if name not in ("dataset", "condition", "seed"))
LONGEST = 80  # characters of a name, which becomes a part of file names
NAME = re.compile(rf"\w[\w.-]{{0,{LONGEST - 1}}}")
KINDS = (*UNTRAINED, *CONDITIONS, *TAUGHT)
OWN_KEYS = ("dataset", "conditions", *RUN_KEYS, *KINDS)
LISTED = {"condition": "conditions", "seed": "seeds"}  # parameters that a profile gives as a list


@dataclass(frozen=True)
class Profile:
    """A named grid of runs: settings x conditions x seeds.

    A setting is a dataset, or one of several ways to use a dataset.

    Attributes:
        name: the file's name, made fit for folders.
        path: the file.
        settings: by setting, all parameters of its runs: those of ``run``, and its own.
        conditions: by setting, its conditions.
        special: by cell (setting-condition), the parameters that differ for this condition.
        only: the seeds that are asked for; empty for all.
    """

    name: str
    path: Path
    settings: dict[str, dict]
    conditions: dict[str, tuple[str, ...]]
    seeds: tuple[int, ...]
    special: dict[str, dict]
    only: tuple[int, ...] = ()

    def cells(self) -> dict[str, dict]:
        """The parameters of each cell (setting x condition). One notebook runs the seeds of a cell."""
        cells = {
            f"{setting}-{condition}": {
                **run,
                **self.special.get(f"{setting}-{condition}", {}),
                "condition": condition,
                "seeds": self._seeds(condition, run),
            }
            for setting, run in self.settings.items()
            for condition in self.conditions[setting]
        }
        return {cell: run for cell, run in cells.items() if run["seeds"]}

    def runs(self) -> list[str]:
        """The name of every run, for instance ``cotempqa-twin-correct-s1``."""
        return [f"{cell}-s{seed}" for cell, run in self.cells().items() for seed in run["seeds"]]

    def of_seeds(self, seeds: Collection[int]) -> "Profile":
        """The profile with only the runs of these seeds."""
        return replace(self, only=tuple(seeds))

    def _seeds(self, condition: str, run: dict) -> list[int]:
        """All seeds; only the first for an untrained model, whose greedy answers are the same for every seed.

        With folds an untrained model has all seeds too, because each seed has its own test problems.
        """
        once = condition in UNTRAINED and run["split"] != "folds"
        every = self.seeds[:1] if once else self.seeds
        return [seed for seed in every if not self.only or seed in self.only]


def load(name: str) -> Profile:
    """The profile of this name in ``profiles/``, or in this YAML file. Errors name the place of a mistake."""
    path = _find(name, Path())
    if path is None or not path.is_file():
        raise InputError(f"no such profile, {_known()}", path or quoted(name))
    shipped = _shipped()
    if path.stem in shipped and not path.samefile(shipped[path.stem]):
        raise InputError(f"'{path.stem}' is a profile of the project; give the file another name", path)
    stated = _resolved(path)
    if missing := [key for key in TOP_KEYS if key not in stated.values]:
        raise InputError(f"key '{missing[0]}' is missing", path)
    _check_shape(stated)
    profile = _profile(path, stated.values)
    _check_special(profile, stated)
    _check_cells(profile, stated)
    return profile


def _shipped() -> dict[str, Path]:
    found = (ROOT / "profiles").glob("*.yaml")
    return {path.stem: path for path in sorted(found, key=lambda path: path.stem)}


def _find(name: str, folder: Path) -> Path | None:
    """The file of this name relative to `folder`, or the project's profile of this name, if there is one."""
    return (folder / name).resolve() if name.endswith((".yaml", ".yml")) else _shipped().get(name)


def _known() -> str:
    return f"expected one of {', '.join(_shipped())}, or a YAML file"


def _resolved(path: Path, extending: tuple[Path, ...] = ()) -> Stated:
    """The values of a profile, together with those of the profile that it extends.

    Args:
        extending: the profiles that extend this one, so that a circle is found.
    """
    own = read(path, (*TOP_KEYS, EXTENDS))
    if "run" in own.values:
        own.check_keys(own.values["run"], RUN_KEYS, "run")
    if EXTENDS not in own.values:
        return own
    name = own.values[EXTENDS]
    found = _find(name, path.parent) if isinstance(name, str) else None
    if found is None or not found.is_file():
        raise own.error(f"'{EXTENDS}': no profile {quoted(name)}, {_known()} beside this one", EXTENDS)
    if found in (*extending, path):
        raise own.error(f"'{EXTENDS}': {found.name} itself extends this profile", EXTENDS)
    return _over(own, _resolved(found, (*extending, path)))


def _over(own: Stated, taken: Stated) -> Stated:
    """Replace the values that were taken over: ``run`` key by key, all else as a whole."""
    values = taken.values | own.values
    if "run" in taken.values and "run" in own.values:
        values["run"] = taken.values["run"] | own.values["run"]
    kept = {
        keys: place
        for keys, place in taken.places.items()
        if keys[:1] == ("run",) or keys[:1] not in own.places
    }
    return Stated(values, kept | own.places)


def _check_shape(stated: Stated) -> None:
    """`InputError` unless settings, lists and keys are where they are expected."""
    values = stated.values
    _check_list(stated, "condition", values["conditions"], "conditions")
    _check_list(stated, "seed", values["seeds"], "seeds")
    if not isinstance(values["datasets"], dict) or not values["datasets"]:
        raise stated.error("'datasets': expected names, each with its own keys", "datasets")
    for name, own in values["datasets"].items():
        place = ("datasets", name)
        if not isinstance(name, str) or not NAME.fullmatch(name):
            expected = (
                f"expected at most {LONGEST} letters, digits, dots and hyphens, a letter or digit first"
            )
            raise stated.error(f"{quoted(name)}: {expected}", *place)
        stated.check_keys(own, OWN_KEYS, *place)
        if "conditions" in own:
            _check_list(stated, "condition", own["conditions"], *place, "conditions")
        for condition in [key for key in own if key in KINDS]:
            stated.check_keys(own[condition], RUN_KEYS, *place, condition)


def _check_list(stated: Stated, parameter: str, values: object, *keys: str) -> None:
    """`InputError` unless this is a list of different values that are allowed for the parameter."""
    kind, words = (int, "whole numbers") if parameter == "seed" else (str, "names")
    good = isinstance(values, list) and values and all(type(value) is kind for value in values)
    if not good or len(set(values)) != len(values):
        message = f"'{keys[-1]}': expected a list of different {words}, found {quoted(values)}"
        raise stated.error(message, *keys)
    for value in values:
        for _, fault in faults({parameter: value}):
            raise stated.error(fault, *keys)


def _profile(path: Path, values: dict) -> Profile:
    """The profile with these values. Their shape has been checked."""
    datasets = values["datasets"]
    conditions = {name: tuple(own.get("conditions", values["conditions"])) for name, own in datasets.items()}
    settings = {
        name: {"dataset": name, **DEFAULTS, **values["run"]}
        | {key: value for key, value in own.items() if key != "conditions" and key not in KINDS}
        for name, own in datasets.items()
    }
    special = {
        f"{name}-{condition}": own[condition]
        for name, own in datasets.items()
        for condition in conditions[name]
        if condition in own
    }
    return Profile(_as_folder(path.stem), path, settings, conditions, tuple(values["seeds"]), special)


def _as_folder(stem: str) -> str:
    """The name of a profile's folders: the profile's name, or a similar name with a hash.

    Shells, Sphinx and Snakemake interpret some characters, so no path may contain them.
    """
    if NAME.fullmatch(stem):
        return stem
    plain = re.sub(r"[^\w.-]+", "-", stem).strip(".-")[:40]
    return f"{plain or 'profile'}-{hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]}"


def _check_special(profile: Profile, stated: Stated) -> None:
    """`InputError` if a setting in this file has parameters for a condition that it does not make.

    A setting that was taken over may have such parameters.
    """
    for name, own in stated.values["datasets"].items():
        for condition in [key for key in own if key in KINDS and key not in profile.conditions[name]]:
            if stated.places["datasets", name][0] == profile.path:
                message = f"'{condition}' is not a condition of '{name}'"
                raise stated.error(message, "datasets", name, condition)


def _check_cells(profile: Profile, stated: Stated) -> None:
    """`InputError` unless every run has all parameters with valid values; it names the value's place."""
    for setting, common in profile.settings.items():
        for condition in profile.conditions[setting]:
            cell = common | profile.special.get(f"{setting}-{condition}", {}) | {"condition": condition}
            for seed in profile.seeds:
                for parameter, fault in faults(cell | {"seed": seed}):
                    raise stated.error(fault, *_place_of(stated, parameter, setting, condition))
            if missing := [key for key in RUN_KEYS if key not in cell]:
                raise InputError(f"key 'run.{missing[0]}' is missing", profile.path)


def _place_of(stated: Stated, parameter: str, setting: str, condition: str) -> tuple[str, ...]:
    """The keys of the value that a cell has for a parameter."""
    own, key = ("datasets", setting), LISTED.get(parameter, parameter)
    possible = ((*own, condition, key), (*own, key), ("run", key), (key,), own)
    return next(place for place in possible if place in stated.places)
