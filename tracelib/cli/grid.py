"""``tracelib grid``: run the experiments of a profile and write their outcome tables."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import TYPE_CHECKING

from tracelib.cli.common import PROFILE, add_executor, positive

if TYPE_CHECKING:
    from tracelib.experiments.config import Experiment
    from tracelib.experiments.profiles import Profile

HELP = "run a profile's experiments and write their outcome tables"
DESCRIPTION = """\
Run all experiments of a profile, without the book, and write their outcome tables into the package
(tracelib/assets/grid/PROFILE), where the book's chapters read them. The command first prints how long
this will take; for the paper's models it counts gigabytes and hours before anything is fetched.
Finished runs are kept: after an interruption, run the same command again.

examples:
  tracelib grid --estimate          # how many runs are missing, and how many hours they need here
  tracelib grid                     # profiles/grid.yaml
  tracelib grid mine.yaml --cores 8
  tracelib grid --cells lengths-filler-25 lengths-filler-50    # SETTING-CONDITION, all seeds of each
  tracelib grid smollm2-babi --seeds 1 2    # two seeds of every cell now; the tables grow seed by seed
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the profile, the part of it, and what it runs on."""
    parser.add_argument("profile", nargs="?", default="grid", help=PROFILE)
    parser.add_argument("--cores", type=positive, default=os.cpu_count(), help="cores to use (default: all)")
    parser.add_argument("--estimate", action="store_true", help="print how long it would take, and stop")
    parser.add_argument(
        "--cells",
        nargs="+",
        action="extend",
        default=[],
        metavar="CELL",
        help="only these cells; other rows of the tables stay",
    )
    parser.add_argument(
        "--seeds",
        nargs="+",
        action="extend",
        default=[],
        type=int,
        metavar="SEED",
        help="only these seeds, in every cell; rows of other seeds stay",
    )
    add_executor(parser)


def run(args: argparse.Namespace) -> None:
    """Print the missing runs and their time; unless ``--estimate``, make them and write the tables."""
    from tracelib.book import build
    from tracelib.experiments import profiles, sweep

    profile = profiles.load(args.profile)
    folder = build.work_folder(profile) / "runs"
    chosen = sweep.experiments(profile, args.cells, args.seeds)
    if args.cells or args.seeds:
        sweep.kept(profile, args.cells, args.seeds)  # fail here, not after hours
    waiting = sweep.missing(chosen, folder)
    print(f"{len(waiting)} of {len(chosen)} runs to go")
    if waiting and (args.estimate or not args.executor):  # a trial here does not predict other machines
        _print_estimate(waiting, args.cores)
    if args.estimate:
        return
    if waiting:
        _make(profile, args)
    found = sweep.write(profile, folder, _command(args), cells=args.cells, seeds=args.seeds)
    print(f"{found['outcomes']:,} outcomes of {found['runs']} runs: {sweep.TABLES / profile.name}")


def _print_estimate(waiting: list[Experiment], cores: int) -> None:
    from tracelib.experiments import cost, sweep

    for line in cost.counted(waiting):
        print(line)
    hours = sweep.estimate(waiting, cores) / 3600
    print(f"about {hours:.1f} h on {cores} cores, by a short trial; you can stop and go on at any time")
    print(sweep.memory(waiting, cores))


def _make(profile: Profile, args: argparse.Namespace) -> None:
    from tracelib.book import build

    targets = [build.cell_target(profile, cell) for cell in args.cells] or ["experiments"]
    build.make(profile.of_seeds(args.seeds), targets, args.cores, executor=args.executor)


def _command(args: argparse.Namespace) -> str:
    """The command that makes these tables, without options that only say where it runs."""
    part = ["--cells", *args.cells] if args.cells else []
    part += ["--seeds", *map(str, args.seeds)] if args.seeds else []
    return shlex.join(["tracelib", "grid", args.profile, *part])
