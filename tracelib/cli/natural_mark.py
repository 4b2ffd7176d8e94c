"""``tracelib natural mark``: write natural traces with their marked spans as an HTML page."""

import argparse
from pathlib import Path

from tracelib.cli.common import positive

HELP = "write traces with their marked spans as a page"
DESCRIPTION = """\
Write an HTML page of CoTempQA problems and free-text traces in which the verifier's spans are marked: facts
stated, claims that the facts confirm or refute, the conclusion, and sentences that turn back, hedge or
repeat.

SOURCE is a file of outputs as 'tracelib audit' reads it, or 'r1': R1's own traces, drawn at random from the
sample in the folder of TRACELIB_DATA. The page is for your own machine: it shows the texts.

examples:
  tracelib natural mark r1 --out r1.html
  tracelib natural mark outputs.jsonl --number 20 --out marked.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the source, where to write, and how many."""
    parser.add_argument("source", metavar="SOURCE", help="a file of outputs, or r1")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html", help="the page to write")
    parser.add_argument("--number", type=positive, default=5, metavar="N", help="how many (default: 5)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the draw (default: 0)")


def run(args: argparse.Namespace) -> None:
    """Write the page and say where it is."""
    from tracelib.core.atomic import write_text
    from tracelib.datasets import r1_texts
    from tracelib.reporting import natural, writing
    from tracelib.scoring import outputs

    inputs = [] if args.source == "r1" else [Path(args.source)]
    out = writing.checked(args.out, [".html", ".htm"], "a page", inputs)
    if inputs:
        texts = [(output.problem, output.prediction) for output in outputs.read(*inputs)]
    else:
        texts = [(problem, own.trace) for problem, own in r1_texts.sampled()]
    chosen = natural.drawn(texts, args.number, args.seed)
    write_text(out, natural.page(chosen))
    print(f"{writing.several(len(chosen), 'trace')} -> {out}")
