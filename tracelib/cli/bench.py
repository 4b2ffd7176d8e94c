"""``tracelib bench``: time what this package does."""

import argparse

from tracelib.cli.common import print_json

HELP = "time what this package does"
DESCRIPTION = """\
Time what this package does. Training and generation are timed beside a named peer, on the same base,
problems and precision, and printed as ratios. The peers are TRL's SFTTrainer, the same with packing, the
release's recipe, and one prompt at a time. SmolLM2-135M is timed too if it was fetched ('tracelib models
fetch'). Then follow the audit of the whole release, trace checking, the twins, the solver, ROUGE-L, the
bootstrap, the verifier of natural traces, and the client that asks a teacher, with a server that answers
at once. Timings that need the release are left out if it is unavailable. The machine should do nothing
else meanwhile.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is timed, and how it is printed."""
    parser.formatter_class = argparse.HelpFormatter  # the description is one paragraph
    parser.add_argument("--json", action="store_true", help="print one JSON object for machines")
    parser.add_argument(
        "--gpu", action="store_true", help="instead, time fine-tuning at the shapes of the paper's models"
    )
    parser.add_argument(
        "--quick", action="store_true", help="rougher figures in under a minute, without SmolLM2"
    )


def run(args: argparse.Namespace) -> None:
    """Measure and print the figures: a table of those with a peer, then all figures."""
    if args.gpu:
        from tracelib.bench import gpu

        print_json(gpu.run())
        return
    figures = _measure(args.quick)
    if args.json:
        print_json(figures)
        return
    _print(figures)


def _measure(quick: bool) -> dict:
    from tracelib.bench import audit, natural, smollm2, teacher, training

    figures = audit.run(quick)  # first, because peak memory never falls
    figures |= natural.run(quick)
    figures |= training.run(quick) | teacher.run(quick)
    return figures | ({} if quick else smollm2.run())


def _print(figures: dict) -> None:
    from tracelib.bench import smollm2, training

    for what, *numbers in training.table(figures, training.COMPARED | smollm2.COMPARED):
        print(f"{what:42}" + "".join(f"{number:>12}" for number in numbers))
    print()
    for name, value in figures.items():
        print(f"{name:30} {f'{value:,.2f}' if isinstance(value, float) else value}")
