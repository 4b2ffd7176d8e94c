"""The page on the architecture: it draws the imports of the code, and agrees with lint and README."""

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


def test_the_readme_says_the_same_of_each_package():
    readme = (ROOT / "README.md").read_text()
    for name, what in architecture.PACKAGES.items():
        assert f"tracelib/{name}/{' ' * (18 - len(name))}{what}" in readme
