"""``tracelib release derive``: rebuild the tables shipped with the package from the release's files."""

import argparse

from tracelib.cli.common import note

HELP = "rebuild the tables shipped with the package"
DESCRIPTION = """\
Rebuild the tables shipped with the package from the files of the release on this machine. If
TRACELIB_DATA names no copy, available files are downloaded first. Rows that rest on missing files stay
as they are.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run(args: argparse.Namespace) -> None:
    """Rebuild each table whose files are here, and print how many rows it has."""
    from tracelib.datasets import release_problems

    _derive_about_outputs()
    _derive_targets()
    _derive_family()
    if release_problems.would_lose_problems():
        note("tables that rest on training problems stay as they are: one of their files is not here")
        return
    _derive_about_problems()


def _derive_about_outputs() -> None:
    from tracelib.paper import evidence, items, release

    for target, rows in evidence.derive().items():
        print(f"{rows} rows about outputs -> {target}")
    release.derive_stated()
    print(f"stated accuracies -> {release.SHIPPED_ACCURACIES.path}")
    print(f"stated confusion matrices -> {release.SHIPPED_MATRICES.path}")
    print(f"{len(items.SHIPPED.derive())} descriptions of problems -> {items.SHIPPED.path}")


def _derive_targets() -> None:
    from tracelib.datasets.release_files import Unreachable
    from tracelib.paper import target_formats, targets

    for table, what in (
        (targets.SHIPPED, "targets counted"),
        (target_formats.SHIPPED, "targets and their formats"),
    ):
        try:
            print(f"{table.derive()['n'].sum()} {what} -> {table.path}")
        except Unreachable as error:
            note(f"{table.path.name} stays as it is: {error}")


def _derive_family() -> None:
    from tracelib.datasets import family_files
    from tracelib.paper import cut_traces, family

    if family_files.present():
        table = family.SHIPPED.derive()
        print(f"{len(table)} outcomes of the R1 family and the seeds -> {family.SHIPPED.path}")
    if family_files.sample():
        table = cut_traces.SHIPPED.derive()
        print(f"{table['n'].iloc[-1]} traces of R1's, cut -> {cut_traces.SHIPPED.path}")


def _derive_about_problems() -> None:
    from tracelib.datasets import release_problems
    from tracelib.paper import frequent_answers, label_audit, r1_pairing, sharing

    for table, what in (
        (sharing.SHIPPED, "problems and what they share"),
        (r1_pairing.SHIPPED, "counts of the look-up"),
        (label_audit.SHIPPED_SOLVED, "verdicts of the solvers"),
        (frequent_answers.SHIPPED, "verdicts on the most frequent answers"),
    ):
        print(f"{len(table.derive())} {what} -> {table.path}")
    label_audit.SHIPPED_FINDINGS.derive()
    print(f"findings -> {label_audit.SHIPPED_FINDINGS.path}")
    listed = release_problems.SHIPPED_PROBLEM_FILES
    print(f"{len(listed.derive())} files behind the problems -> {listed.path}")
