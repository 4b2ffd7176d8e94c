"""``tracelib release derive``: the tables shipped with the package, from the release's files."""

import argparse

from tracelib.cli.common import note

HELP = "rebuild the tables shipped with the package"
DESCRIPTION = """\
Rebuild the tables shipped with the package from the files of the release that are on this machine; where
no copy is named by TRACELIB_DATA, what can be had of it is downloaded first. Rows that rest on files
which are not here stay as they are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(args: argparse.Namespace) -> None:
    """Rebuild each table whose files are here, and say how many rows it has."""
    from tracelib.datasets import release_problems

    _derive_about_outputs()
    _derive_targets()
    _derive_family()
    if release_problems.would_lose_problems():
        note("what rests on training problems stays as it is: a file that it rests on is not here")
        return
    _derive_about_problems()


def _derive_about_outputs() -> None:
    from tracelib.paper import evidence, items, release

    for target, rows in evidence.derive().items():
        print(f"{rows} rows about outputs -> {target}")
    release.derive_stated()
    print(f"stated accuracies -> {release.SHIPPED_ACCURACIES}")
    print(f"stated confusion matrices -> {release.SHIPPED_MATRICES}")
    print(f"{items.derive()} descriptions of problems -> {items.SHIPPED_ITEMS}")


def _derive_targets() -> None:
    from tracelib.datasets.release_files import Unreachable
    from tracelib.paper import target_formats, targets

    for derived, what, target in (
        (targets.derive, "targets counted", targets.SHIPPED),
        (target_formats.derive, "targets and their formats", target_formats.SHIPPED),
    ):
        try:
            print(f"{derived()} {what} -> {target}")
        except Unreachable as error:
            note(f"{target.name} stays as it is: {error}")


def _derive_family() -> None:
    from tracelib.paper import cut_traces, family, family_files

    if family_files.present():
        print(f"{family.derive()} outcomes of the R1 family and the seeds -> {family.SHIPPED}")
    if cut_traces.sample():
        print(f"{cut_traces.derive()} traces of R1's, cut -> {cut_traces.SHIPPED}")


def _derive_about_problems() -> None:
    from tracelib.datasets import release_problems
    from tracelib.paper import label_audit, r1_pairing, sharing

    print(f"{sharing.derive()} problems and what they share -> {sharing.SHIPPED}")
    print(f"{r1_pairing.derive()} counts of the look-up -> {r1_pairing.SHIPPED}")
    print(f"{label_audit.derive()} verdicts of the solvers -> {label_audit.SHIPPED_SOLVED}")
    print(f"findings -> {label_audit.SHIPPED_FINDINGS}")
    listed = release_problems.derive_problem_files()
    print(f"{listed} files behind the problems -> {release_problems.SHIPPED_PROBLEM_FILES}")
