"""Read YAML files together with the place of each value, so that errors can name it."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from tracelib.core.errors import InputError, quoted
from tracelib.core.reading import read_text


class Stated(NamedTuple):
    """The values of a YAML file, and the place (file, line) of each.

    Places are found by keys, the outermost first: ``places["run", "epochs"]``. The key of a list's entry is
    its number, from 0. ``places[()]`` is the file.
    """

    values: dict
    places: dict[tuple[str, ...], tuple[Path, int | None]]

    def error(self, message: str, *keys: object) -> InputError:
        """An error at the place of this value, or of the nearest value that contains it."""
        within = [tuple(map(str, keys[:depth])) for depth in range(len(keys), -1, -1)]
        return InputError(message, *next(self.places[place] for place in within if place in self.places))

    def check_keys(self, values: object, expected: Collection[str], *keys: str) -> None:
        """`InputError` unless the values under `keys` are a mapping that has only expected keys."""
        if not isinstance(values, dict):
            raise self.error(f"'{'.'.join(keys)}': expected keys and values, found {quoted(values)}", *keys)
        if unknown := [key for key in values if key not in expected]:
            message = f"unknown key '{unknown[0]}', expected one of {', '.join(expected)}"
            raise self.error(message, *keys, unknown[0])


def read(path: Path, expected: Collection[str]) -> Stated:
    """The values of a YAML file. `InputError` if it is not YAML, or has outer keys that are not expected."""
    text = read_text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
        places = dict(_places(node, (), path, set())) if isinstance(values, dict) else {}
    except InputError:
        raise
    except RecursionError:  # nested deeply, or an alias of a value that contains it
        raise InputError("nested too deeply", path) from None
    except ValueError as error:  # an impossible date, or a number with too many digits
        raise InputError(f"not YAML: {error}", path) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(
            f"not YAML: {getattr(error, 'problem', error)}", path, mark.line + 1 if mark else None
        ) from None
    if not isinstance(values, dict):
        raise InputError(f"expected the keys {', '.join(expected)}, found {quoted(values)}", path, 1)
    stated = Stated(values, {(): (path, None)} | places)
    stated.check_keys(values, expected)
    return stated


def _places(node: yaml.MappingNode, outer: tuple[str, ...], path: Path, lists: set[int]) -> Iterator[tuple]:
    """Yield (keys, place) of every value in a mapping. `InputError` for a repeated key."""
    seen = set()
    for key, value in node.value:
        name, place = str(key.value), (path, key.start_mark.line + 1)
        if name in seen or name == "<<":
            raise InputError(f"key '{name}': expected each key once, written out", *place)
        seen.add(name)
        yield (*outer, name), place
        yield from _inside(value, (*outer, name), path, lists)


def _inside(node: yaml.Node, outer: tuple[str, ...], path: Path, lists: set[int]) -> Iterator[tuple]:
    """The places within a value. A list is walked once (`lists`): aliases could repeat it for ever."""
    if isinstance(node, yaml.MappingNode):
        yield from _places(node, outer, path, lists)
    elif isinstance(node, yaml.SequenceNode) and id(node) not in lists:
        lists.add(id(node))
        for number, entry in enumerate(node.value):
            yield (*outer, str(number)), (path, entry.start_mark.line + 1)
            yield from _inside(entry, (*outer, str(number)), path, lists)
