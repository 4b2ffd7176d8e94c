"""``tracelib grid``: the experiments of a profile, and their outcome tables."""

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
(tracelib/assets/grid/PROFILE), where the book's chapters read them. It first says how long that will
take. Finished runs are kept: after an interruption, run the same command again.

examples:
  tracelib grid --estimate          # how many runs are missing, and how many hours they need here
  tracelib grid                     # profiles/grid.yaml
  tracelib grid mine.yaml --cores 8
  tracelib grid --cells lengths-filler-25 lengths-filler-50    # SETTING-CONDITION, all seeds of each
  tracelib grid smollm2-babi --seeds 1 2    # two seeds of every cell now; the tables grow seed by seed
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The profile, which part of it, and what it runs on."""
    parser.add_argument("profile", nargs="?", default="grid", help=PROFILE)
    parser.add_argument("--cores", type=positive, default=os.cpu_count(), help="runs side by side")
    parser.add_argument("--estimate", action="store_true", help="say how long it would take, and stop")
    parser.add_argument(
        "--cells",
        nargs="+",
        action="extend",
        default=[],
        metavar="CELL",
        help="only these; other rows stay as they are",
    )
    parser.add_argument(
        "--seeds",
        nargs="+",
        action="extend",
        default=[],
        type=int,
        metavar="SEED",
        help="only these: every cell of a seed, then write what there is by now",
    )
    add_executor(parser)


def run(args: argparse.Namespace) -> None:
    """Say what is missing and how long it takes; unless only that was asked, make it and write the tables."""
    from tracelib.book import build
    from tracelib.experiments import profiles, sweep

    profile = profiles.load(args.profile)
    folder = build.work_folder(profile) / "runs"
    chosen = sweep.experiments(profile, args.cells, args.seeds)
    if args.cells or args.seeds:
        sweep.kept(profile, args.cells, args.seeds)  # before hours are spent
    waiting = sweep.missing(chosen, folder)
    print(f"{len(waiting)} of {len(chosen)} runs to go")
    if waiting and (args.estimate or not args.executor):  # many machines say nothing about this one
        _print_estimate(waiting, args.cores)
    if args.estimate:
        return
    if waiting:
        _make(profile, args)
    found = sweep.write(profile, folder, _command(args), cells=args.cells, seeds=args.seeds)
    print(f"{found['outcomes']:,} outcomes of {found['runs']} runs: {sweep.TABLES / profile.name}")


def _print_estimate(waiting: list[Experiment], cores: int) -> None:
    from tracelib.experiments import sweep

    hours = sweep.estimate(waiting, cores) / 3600
    print(f"about {hours:.1f} h on {cores} cores, by a short trial; stop and go on at any time")
    print(sweep.memory(waiting, cores))


def _make(profile: Profile, args: argparse.Namespace) -> None:
    from tracelib.book import build

    targets = [build.cell_target(profile, cell) for cell in args.cells] or ["experiments"]
    build.make(profile.of_seeds(args.seeds), targets, args.cores, executor=args.executor)


def _command(args: argparse.Namespace) -> str:
    """The command that makes these tables, without what only says where it runs."""
    part = ["--cells", *args.cells] if args.cells else []
    part += ["--seeds", *map(str, args.seeds)] if args.seeds else []
    return shlex.join(["tracelib", "grid", args.profile, *part])
