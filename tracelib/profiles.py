"""Profiles: YAML files that hold every knob. A misspelt key is an error that names its line."""

from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from tracelib.files import InputError, quoted, read_text
from tracelib.parameters import Experiment, faults
from tracelib.provenance import ROOT

RUN_KEYS = tuple(field.name for field in fields(Experiment) if field.name not in ("condition", "seed"))
TOP_KEYS = ("conditions", "seeds", "run")


@dataclass(frozen=True)
class Profile:
    """A named set of runs: conditions x seeds, all with the same `run` parameters."""

    name: str
    path: Path
    conditions: tuple[str, ...]
    seeds: tuple[int, ...]
    run: dict

    def runs(self) -> dict[str, dict]:
        """Parameters of each run by its name, for instance ``correct-s1``."""
        return {
            f"{condition}-s{seed}": {**self.run, "condition": condition, "seed": seed}
            for condition in self.conditions
            for seed in self.seeds
        }


def load(name: str) -> Profile:
    """The profile of this name in ``profiles/``, or of this YAML file."""
    shipped = {path.stem: path for path in sorted((ROOT / "profiles").glob("*.yaml"))}
    path = Path(name).resolve() if name.endswith((".yaml", ".yml")) else ROOT / "profiles" / f"{name}.yaml"
    if not path.is_file():
        raise InputError(f"no such profile, expected one of {', '.join(shipped)}, or a YAML file", path)
    if path.stem in shipped and path != shipped[path.stem]:
        raise InputError(f"'{path.stem}' is a profile of the project; give the file another name", path)
    lines, values = _read(path)
    _check_keys(values, TOP_KEYS, lines, path, "")
    _check_keys(values["run"], RUN_KEYS, lines, path, "run.")
    _check_list(values, "conditions", str, lines, path)
    _check_list(values, "seeds", int, lines, path)
    for parameter, fault in faults(values["run"]):
        raise InputError(fault, path, lines[f"run.{parameter}"])
    for key, parameter in (("conditions", "condition"), ("seeds", "seed")):
        for value in values[key]:
            for _, fault in faults({parameter: value}):
                raise InputError(fault, path, lines[key])
    return Profile(path.stem, path, tuple(values["conditions"]), tuple(values["seeds"]), values["run"])


def _read(path: Path) -> tuple[dict[str, int], dict]:
    text = read_text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"not YAML: {getattr(error, 'problem', error)}", path, mark.line + 1 if mark else None
        ) from None
    if not isinstance(values, dict):
        raise InputError(f"expected the keys {', '.join(TOP_KEYS)}, found {quoted(values)}", path, 1)
    return _lines(node, "", path), values


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


def _check_keys(values: object, expected: tuple[str, ...], lines: dict, path: Path, prefix: str) -> None:
    if not isinstance(values, dict):
        raise InputError(f"'{prefix.rstrip('.')}': expected keys and values, found {quoted(values)}", path)
    for key in values:
        if key not in expected:
            message = f"unknown key '{key}', expected one of {', '.join(expected)}"
            raise InputError(message, path, lines.get(f"{prefix}{key}"))
    if missing := [key for key in expected if key not in values]:
        raise InputError(f"key '{prefix}{missing[0]}' is missing", path)


def _check_list(values: dict, key: str, kind: type, lines: dict, path: Path) -> None:
    value = values[key]
    good = isinstance(value, list) and value and all(type(entry) is kind for entry in value)
    if not good or len(set(value)) != len(value):
        expected = "different names" if kind is str else "different whole numbers"
        raise InputError(f"'{key}': expected a list of {expected}, found {quoted(value)}", path, lines[key])
