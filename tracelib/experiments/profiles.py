"""Profiles: YAML files that hold every knob. A misspelt key is an error that names its line."""

import hashlib
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from pathlib import Path

import yaml

from tracelib.core.files import InputError, quoted, read_text
from tracelib.core.paths import ROOT
from tracelib.experiments.config import DEFAULTS, Experiment, faults
from tracelib.traces.conditions import CONDITIONS, UNTRAINED

TOP_KEYS = ("datasets", "conditions", "seeds", "run")
RUN_KEYS = tuple(
    field.name for field in fields(Experiment) if field.name not in ("dataset", "condition", "seed")
)
LONGEST = 80  # characters of a name: it becomes a part of names of files
NAME = re.compile(rf"\w[\w.-]{{0,{LONGEST - 1}}}")
KINDS = (*UNTRAINED, *CONDITIONS)
OWN_KEYS = ("dataset", "conditions", *RUN_KEYS, *KINDS)


@dataclass(frozen=True)
class Profile:
    """A named grid of runs: settings x conditions x seeds.

    A setting is a dataset, or one of several ways to use it. `settings` holds all parameters of each
    one's runs (those of ``run``, and its own), `conditions` what it is trained on, `special` by cell what
    differs for one condition. `name` is the file's, fit for folders; `path` is the file.
    """

    name: str
    path: Path
    settings: dict[str, dict]
    conditions: dict[str, tuple[str, ...]]
    seeds: tuple[int, ...]
    special: dict[str, dict]
    only: tuple[int, ...] = ()  # of the seeds, where not all are asked for

    def cells(self) -> dict[str, dict]:
        """Parameters of each cell, setting x condition, whose seeds one notebook runs one by one."""
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
        """The same profile, of whose runs only those with these seeds are made."""
        return replace(self, only=tuple(seeds))

    def _seeds(self, condition: str, run: dict) -> list[int]:
        """All, or the first: what is not trained, and answers greedily, is the same for every seed.

        But in folds, where a seed has test problems of its own.
        """
        once = condition in UNTRAINED and run["split"] != "folds"
        every = self.seeds[:1] if once else self.seeds
        return [seed for seed in every if not self.only or seed in self.only]


def load(name: str) -> Profile:
    """The profile of this name in ``profiles/``, or of this YAML file."""
    shipped = {path.stem: path for path in sorted((ROOT / "profiles").glob("*.yaml"))}
    path = Path(name).resolve() if name.endswith((".yaml", ".yml")) else shipped.get(name)
    if path is None or not path.is_file():
        message = f"no such profile, expected one of {', '.join(shipped)}, or a YAML file"
        raise InputError(message, path or quoted(name))
    if path.stem in shipped and not path.samefile(shipped[path.stem]):
        raise InputError(f"'{path.stem}' is a profile of the project; give the file another name", path)
    lines, values = _read(path)
    _check_keys(values, TOP_KEYS, lines, path, "")
    _check_keys(values["run"], RUN_KEYS, lines, path, "run.", whole=False)
    _check_conditions(values, lines, path, "")
    _check_list(values, "seeds", int, lines, path)
    for value in values["seeds"]:
        for _, fault in faults({"seed": value}):
            raise InputError(fault, path, lines["seeds"])
    settings = _settings(values, lines, path)
    for run in settings.values():
        for _, fault in faults({**run, "seed": min(values["seeds"])}):
            raise InputError(fault, path, lines["seeds"])
    own = values["datasets"]
    conditions = {name: tuple(own[name].get("conditions", values["conditions"])) for name in settings}
    special = _special(own, settings, conditions, lines, path)
    return Profile(_as_folder(path.stem), path, settings, conditions, tuple(values["seeds"]), special)


def _as_folder(stem: str) -> str:
    """What a profile's folders are called: its name, or something like it that tells it apart.

    Shells, Sphinx and Snakemake read some characters in their own ways, so that no path holds them.
    """
    if NAME.fullmatch(stem):
        return stem
    plain = re.sub(r"[^\w.-]+", "-", stem).strip(".-")[:40]
    return f"{plain or 'profile'}-{hashlib.sha256(os.fsencode(stem)).hexdigest()[:8]}"


def _special(own: dict, settings: dict, conditions: dict, lines: dict, path: Path) -> dict[str, dict]:
    """By cell the parameters that differ for one condition of a setting: keys named after it."""
    found = {}
    for name, run in settings.items():
        for condition in [key for key in own[name] if key in KINDS]:
            place = f"datasets.{name}.{condition}"
            if condition not in conditions[name]:
                raise InputError(f"'{condition}' is not a condition of '{name}'", path, lines[place])
            different = own[name][condition]
            _check_keys(different, RUN_KEYS, lines, path, f"{place}.", whole=False)
            for parameter, fault in faults({**run, **different}):
                raise InputError(fault, path, lines.get(f"{place}.{parameter}", lines[place]))
            found[f"{name}-{condition}"] = different
    return found


def _settings(values: dict, lines: dict[str, int], path: Path) -> dict[str, dict]:
    """Each setting's parameters: the common ones, and above them its own."""
    if not isinstance(values["datasets"], dict) or not values["datasets"]:
        raise InputError("'datasets': expected names, each with its own keys", path, lines["datasets"])
    found = {}
    for name, own in values["datasets"].items():
        place = f"datasets.{name}"
        if not isinstance(name, str) or not NAME.fullmatch(name):
            expected = (
                f"expected letters, digits, dots and hyphens, {LONGEST} at most, none of the last two first"
            )
            message = f"{quoted(name)}: {expected}"
            raise InputError(message, path, lines.get(place, lines["datasets"]))
        _check_keys(own, OWN_KEYS, lines, path, f"{place}.", whole=False)
        if "conditions" in own:
            _check_conditions(own, lines, path, f"{place}.")
        for _, fault in faults({"dataset": own.get("dataset", name)}):
            raise InputError(fault, path, lines.get(f"{place}.dataset", lines[place]))
        own = {key: value for key, value in own.items() if key not in ("conditions", *KINDS)}
        both = {"dataset": name, **DEFAULTS, **values["run"], **own}
        if missing := [key for key in RUN_KEYS if key not in both]:
            raise InputError(f"key 'run.{missing[0]}' is missing", path)
        for parameter, fault in faults(both):
            raise InputError(
                fault, path, lines[f"{place}.{parameter}" if parameter in own else f"run.{parameter}"]
            )
        found[name] = both
    return found


def _check_conditions(values: dict, lines: dict, path: Path, prefix: str) -> None:
    _check_list(values, "conditions", str, lines, path, prefix)
    for value in values["conditions"]:
        for _, fault in faults({"condition": value}):
            raise InputError(fault, path, lines[f"{prefix}conditions"])


def _read(path: Path) -> tuple[dict[str, int], dict]:
    text = read_text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
        lines = _lines(node, "", path) if isinstance(values, dict) else {}
    except InputError:
        raise
    except RecursionError:  # deep, or an alias of what it stands in
        raise InputError("nested too deeply", path) from None
    except ValueError as error:  # a date that there is not, a number with too many digits
        raise InputError(f"not YAML: {error}", path) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"not YAML: {getattr(error, 'problem', error)}", path, mark.line + 1 if mark else None
        ) from None
    if not isinstance(values, dict):
        raise InputError(f"expected the keys {', '.join(TOP_KEYS)}, found {quoted(values)}", path, 1)
    return lines, values


def _lines(node: yaml.MappingNode, prefix: str, path: Path) -> dict[str, int]:
    lines = {}
    for key, value in node.value:
        name, line = prefix + str(key.value), key.start_mark.line + 1
        if name in lines or key.value == "<<":
            raise InputError(f"key '{key.value}': expected each key once, written out", path, line)
        lines[name] = line
        if isinstance(value, yaml.MappingNode):
            lines |= _lines(value, f"{name}.", path)
    return lines


def _check_keys(
    values: object, expected: tuple[str, ...], lines: dict, path: Path, prefix: str, whole: bool = True
) -> None:
    if not isinstance(values, dict):
        raise InputError(f"'{prefix.rstrip('.')}': expected keys and values, found {quoted(values)}", path)
    for key in values:
        if key not in expected:
            message = f"unknown key '{key}', expected one of {', '.join(expected)}"
            raise InputError(message, path, lines.get(f"{prefix}{key}"))
    if missing := [key for key in expected if whole and key not in values]:
        raise InputError(f"key '{prefix}{missing[0]}' is missing", path)


def _check_list(values: dict, key: str, kind: type, lines: dict, path: Path, prefix: str = "") -> None:
    value = values[key]
    good = isinstance(value, list) and value and all(type(entry) is kind for entry in value)
    if not good or len(set(value)) != len(value):
        expected = "different names" if kind is str else "different whole numbers"
        found = f"'{key}': expected a list of {expected}, found {quoted(value)}"
        raise InputError(found, path, lines[prefix + key])
