"""The page on the architecture: it draws the imports of the code, and agrees with lint and README."""

import subprocess
import sys
import tomllib

from tests.conftest import ROOT
from tracelib.book import architecture


def made(root, **modules):
    for name, code in modules.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return root


def test_imports_are_counted_by_module_and_inside_functions_too(tmp_path):
    package = made(
        tmp_path,
        core__files="import os\n",
        core__paths="from tracelib.core import files\n",
        stats__a="from tracelib.core import files\nfrom tracelib.core.paths import ROOT\n",
        stats__b="def f():\n    from tracelib.core import paths\n    return paths\n",
        paper__c="from tracelib.stats.a import x\nimport tracelib.core.paths\n",
    )
    assert architecture.imports(package) == {
        ("paper", "core"): 1, ("paper", "stats"): 1, ("stats", "core"): 2,
    }  # fmt: skip
    found = architecture.sizes(package)
    assert [found[name] for name in ("core", "stats", "paper", "book")] == [2, 2, 1, 0]


def test_the_page_has_every_package_in_the_order_that_lint_checks():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = [contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers"]
    assert list(architecture.PACKAGES) == layers[::-1]
    there = {path.parent.name for path in (ROOT / "tracelib").glob("*/__init__.py")}
    assert there <= set(architecture.PACKAGES)


def test_every_import_goes_to_a_package_that_comes_before():
    order = list(architecture.PACKAGES)
    found = architecture.imports()
    assert len(found) > 40
    for importer, imported in found:
        assert order.index(imported) < order.index(importer), (importer, imported)


# Imports every module of the packages that it is given; a module whose extra is not installed is passed over.
IMPORT_ALL = """
import contextlib, importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(f"tracelib.{name}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module.name)
print(*(name for name in sys.modules if name.startswith("tracelib.")))
print(*{"torch", "transformers", "peft", "accelerate"} & sys.modules.keys())
"""
READING = (
    "core",
    "datasets",
    "traces",
    "scoring",
    "teacher",
    "stats",
    "analysis",
    "paper",
    "study",
    "reporting",
    "cli",
)


def test_the_packages_that_read_and_judge_load_no_torch_not_even_through_others():
    command = [sys.executable, "-c", IMPORT_ALL, *READING]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded, heavy = done.stdout.splitlines()
    assert {"tracelib.scoring.audit", "tracelib.paper.release", "tracelib.cli.audit"} <= set(loaded.split())
    assert heavy == ""


def test_the_readme_says_the_same_of_each_package():
    readme = (ROOT / "README.md").read_text()
    for name, what in architecture.PACKAGES.items():
        assert f"tracelib/{name}/{' ' * (18 - len(name))}{what}" in readme
