"""The packages of this library, and the imports between them, read from the code."""

from collections import Counter
from pathlib import Path

from tracelib.core import keys
from tracelib.core.paths import PACKAGE

PACKAGES = {  # in the order of the flow: a package imports only earlier ones (pyproject.toml, importlinter)
    "core": "Files, errors, hashes, paths, text.",
    "datasets": "Problems: the schema, a folder per dataset, splits.",
    "traces": "Traces as text; the conditions of training.",
    "scoring": "Outputs judged: answer and steps.",
    "teacher": "Traces by a large model: asked, kept, judged.",
    "stats": "Estimates with intervals; paired tests.",
    "training": "Models, fine-tuning, generation, pre-training.",
    "experiments": "Runs: parameters, profiles, interventions, sweeps.",
    "analysis": "What outcomes say: conditions, seeds, problems.",
    "paper": "The published release, scored; its claims.",
    "study": "The human study: design, pages, data.",
    "reporting": "Tables, figures, pages, reports.",
    "book": "From a profile to the book.",
    "bench": "Timings, each beside a named peer.",
    "cli": "The command line, a file per command.",
}


def package_of(module: str) -> str:
    """The package of a module, from the module's dotted name; empty for `tracelib` itself."""
    return next(iter(module.split(".")[1:2]), "")


def imports(package: Path = PACKAGE) -> dict[tuple[str, str], int]:
    """The number of modules of one package that import another package, by (importer, imported)."""
    counted: Counter = Counter()
    for path in sorted(package.rglob("*.py")):
        importer = path.relative_to(package).parts[0].removesuffix(".py")
        used = {package_of(name) for name in keys.imported(path)} & set(PACKAGES) - {importer}
        counted.update((importer, name) for name in used if importer in PACKAGES)
    return dict(sorted(counted.items()))


def sizes(package: Path = PACKAGE) -> dict[str, int]:
    """The number of modules of each package, in the order of the flow; empty files do not count."""
    return {
        name: sum(path.stat().st_size > 0 for path in (package / name).rglob("*.py")) for name in PACKAGES
    }
