"""What the packages of this library are, and which imports which, read from the code."""

from collections import Counter
from pathlib import Path

from tracelib.core import keys
from tracelib.core.paths import PACKAGE

PACKAGES = {  # in the order of the flow: each imports only those before it (pyproject.toml, importlinter)
    "core": "Files in and out, errors that name file and line, hashes, paths, text.",
    "datasets": "Problems: one schema, a folder per dataset (reader, solver, twin), splits, export.",
    "traces": "Traces as text, and the conditions that a model is trained on.",
    "scoring": "Outputs judged: the answer by each metric, each step of the trace.",
    "stats": "Estimates with intervals, and tests of paired data.",
    "training": "Models, fine-tuning, generation; the pre-training of the bundled base.",
    "experiments": "Runs: parameters, profiles, from problems to outcomes; interventions, sweeps.",
    "analysis": "What outcomes say: conditions compared, effects over seeds, problem by problem.",
    "paper": "The published release: scored, reproduced, its claims, the R1 family.",
    "reporting": "Tables, figures, pages and reports for people.",
    "book": "From a profile to the book: the graph's rules, the facts of each chapter.",
    "bench": "Timings, each beside a named peer.",
    "cli": "The command line, one file per command.",
}


def package_of(module: str) -> str:
    """The package of a module by its dotted name; empty for `tracelib` itself."""
    return next(iter(module.split(".")[1:2]), "")


def imports(package: Path = PACKAGE) -> dict[tuple[str, str], int]:
    """How many modules of one package import another: by (importer, imported)."""
    counted: Counter = Counter()
    for path in sorted(package.rglob("*.py")):
        importer = path.relative_to(package).parts[0].removesuffix(".py")
        used = {package_of(name) for name in keys.imported(path)} & set(PACKAGES) - {importer}
        counted.update((importer, name) for name in used if importer in PACKAGES)
    return dict(sorted(counted.items()))


def sizes(package: Path = PACKAGE) -> dict[str, int]:
    """How many modules each package has, in the order of the flow; empty files do not count."""
    return {
        name: sum(path.stat().st_size > 0 for path in (package / name).rglob("*.py")) for name in PACKAGES
    }
