import ast
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from tests.conftest import ROOT
from tests.test_repository import declared, normal
from tracelib.core import extras

LINES = [
    "pandas>=3",
    "jupyter-book<2,>=1.0.4.post1; extra == 'book'",
    'PyYAML>=6; extra == "book"',
    "pydantic>=2.11; extra == 'train'",
    "pydantic>=2.11; extra == 'study'",
    "psycopg[binary]>=3.2; extra == 'study'",
    "torch==2.13.0; (python_version < '3.14') and extra == 'train'",
    "tomli; python_version < '3.11'",
]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("yaml", "pip install '.[book]'"),
        ("myst_nb.core", "pip install '.[book]'"),
        ("torch.nn", "pip install '.[train]'"),
        ("pydantic", "pip install '.[train]' or pip install '.[study]'"),
        ("psycopg", "pip install '.[study]'"),
        ("pandas", "pip install ."),
        ("tomli", "pip install ."),
        ("sympy", "pip install sympy"),
    ],
)
def test_the_command_installs_the_extra_of_the_package(monkeypatch, module, line):
    monkeypatch.setattr(extras, "requires", lambda name: LINES)
    assert extras.command(module) == line


def test_without_an_installation_the_command_names_the_package(monkeypatch):
    def fail(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(extras, "requires", fail)
    assert extras.command("yaml") == "pip install pyyaml"


def imported() -> set[str]:
    """The top-level names of all third-party modules that tracelib imports."""
    names = set()
    for path in (ROOT / "tracelib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module)
    first = {name.partition(".")[0] for name in names}
    return first - sys.stdlib_module_names - {"tracelib"}


def test_every_imported_module_has_a_declared_package():
    assert {extras.package_of(name) for name in imported()} <= {normal(name) for name in declared()}
