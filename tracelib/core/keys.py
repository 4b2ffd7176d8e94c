"""Keys: hashes of everything a result depends on (notebook, parameters, library modules, data, lock file).

The graph's rules take these keys as inputs. A key file is written only when its content changes:
editing a module re-runs its dependents and nothing else; touching a file or committing re-runs
nothing. Results record the git commit, but no key contains it.
"""

import ast
import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

from tracelib.core.atomic import write_text
from tracelib.core.errors import InputError
from tracelib.core.paths import PAPER, ROOT, STUDY_FILES, TEMPLATES, TINY_BASE
from tracelib.core.provenance import text_hash
from tracelib.core.reading import read_text, sha256

LOCK = ROOT / "constraints.txt"
# The next two tables name modules as text, because core imports no later package: what a key holds depends on
# whether such a module is among the imports.
DOCSTRINGS = {"tracelib.core.described", "tracelib.experiments.parameters"}  # the modules that read them
READ = {  # module -> the packaged files that it reads
    "tracelib.datasets.release_files": (PAPER, "*"),
    "tracelib.training.models": (TINY_BASE, "*.safetensors"),
    "tracelib.reporting.templating": (TEMPLATES, "*"),
    "tracelib.study.config": (STUDY_FILES, "studies/*"),
    "tracelib.study.pages": (STUDY_FILES, "*/*"),
}
DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


def notebook_source(path: Path) -> list[tuple[str, str, str]]:
    """The type, source and metadata (tags, captions) of every cell of a notebook, without its outputs.

    `InputError` where the file is not a notebook.
    """
    try:
        cells = json.loads(read_text(path))["cells"]
        return [
            (cell["cell_type"], "".join(cell["source"]), json.dumps(cell["metadata"], sort_keys=True))
            for cell in cells
        ]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(f"not a notebook ({type(error).__name__}: {error})", path) from None


def code_of(path: Path) -> str:
    """The Python source of a module, or of a notebook's code cells without their ``%`` and ``!`` lines."""
    if path.suffix != ".ipynb":
        return read_text(path)
    code = "\n".join(source for kind, source, _ in notebook_source(path) if kind == "code")
    return "\n".join(line for line in code.split("\n") if not line.lstrip().startswith(("%", "!")))


def source_hash(path: Path, docstrings: bool = False) -> str:
    """A hash of a notebook's cells with their metadata, or of a module's syntax tree.

    A module's comments and layout do not count. Docstrings count only with `docstrings`.
    """
    if path.suffix == ".ipynb":
        return text_hash(*map("\0".join, notebook_source(path)))
    return _code_hash(read_text(path), path, docstrings)


@cache
def _code_hash(code: str, path: Path, docstrings: bool) -> str:
    return text_hash(ast.dump(_parsed(code, path))) if docstrings else _read(code, path)[1]


@cache  # many closures contain the same module
def _read(code: str, path: Path) -> tuple[frozenset[str], str]:
    """What a file imports (`imported`), and the hash of its syntax tree without docstrings."""
    tree = _parsed(code, path)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            node.body = [statement for statement in node.body if not _is_text(statement)]
        elif isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    parts = {name.rsplit(".", depth)[0] for name in names for depth in range(name.count(".") + 1)}
    ours = frozenset(name for name in parts if name.split(".")[0] == "tracelib")
    return ours, text_hash(ast.dump(tree))


def _is_text(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a text: the docstring of what stands before it."""
    return isinstance(statement, ast.Expr) and isinstance(getattr(statement.value, "value", None), str)


def _parsed(code: str, path: Path) -> ast.Module:
    try:
        return ast.parse(code)
    except SyntaxError as error:
        raise InputError(f"not Python: {error.msg}", path, error.lineno) from None


def closure(path: Path, left_out: Collection[str] = ()) -> dict[str, Path]:
    """Every tracelib module that a file imports, directly or through others: module name to path.

    The modules `left_out`, and what is imported by them alone, are not among them.
    """
    found: dict[str, Path] = {}
    seen = set(left_out)
    waiting = [path]
    while waiting:
        for name in imported(waiting.pop()):
            if name not in seen:
                seen.add(name)
                if module := _module_path(name):
                    found[name] = module
                    waiting.append(module)
    return dict(sorted(found.items()))


def imported(path: Path) -> frozenset[str]:
    """The names of the tracelib packages and modules that a file imports directly."""
    return _read(code_of(path), path)[0]


def _module_path(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    for candidate in (place.with_suffix(".py"), place / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def key(path: Path, parameters: dict, data: str = "", left_out: Collection[str] = ()) -> dict:
    """The key of running `path` (a notebook or a module): one entry for each thing the result depends on.

    `data` identifies the input data, such as the release, by its source. `left_out` is as in `closure`.
    """
    modules = closure(path, left_out)
    shows_docstrings = not DOCSTRINGS.isdisjoint(modules)
    used = [file for name, (folder, kind) in READ.items() if name in modules for file in folder.glob(kind)]
    return {
        "file": path.relative_to(ROOT).as_posix(),
        "source": source_hash(path, shows_docstrings),
        "parameters": parameters,
        "modules": {name: source_hash(module, shows_docstrings) for name, module in modules.items()},
        "assets": {asset.name: sha256(asset) for asset in sorted(used)},
        "data": data,
        "lock": sha256(LOCK),
    }


def files_key(paths: list[Path]) -> dict:
    """The key of a result made from files alone (the book's prose and settings): path to sha256."""
    return {path.relative_to(ROOT).as_posix(): sha256(path) for path in sorted(paths)}


def store(path: Path, value: dict) -> None:
    """Write a key file if its content has changed."""
    text = json.dumps(value, indent=1, sort_keys=True) + "\n"
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)
