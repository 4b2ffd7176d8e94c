"""``tracelib study preview``: see every page of a study."""

import argparse
from pathlib import Path

from tracelib.cli.common import note
from tracelib.cli.study_serve import STUDY, add_place
from tracelib.core import terminal

HELP = "see every page of a study"
DESCRIPTION = """\
Show a study before anybody takes part. Two addresses are served: /preview has every page, one below the
other, and / is the study itself, to click through. Answers go into a temporary
database that is deleted at the end. If R1's texts are not here, simulated ones stand in for them.

With --out, /preview is written to a file, for an ethics board or for printing, and nothing is served.

examples:
  tracelib study preview                    the paper's study
  tracelib study preview mine.yaml
  tracelib study preview mine.yaml --out pages.html
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study, the file, and where to listen."""
    parser.add_argument("study", nargs="?", default="paper", metavar="STUDY", help=STUDY)
    parser.add_argument("--out", type=Path, metavar="FILE.html", help="write every page to this file instead")
    add_place(parser)


def run(args: argparse.Namespace) -> None:
    """Write or serve the pages."""
    import tempfile

    from tracelib.core.atomic import write_text
    from tracelib.study import app, config, pages, plan, serving, store
    from tracelib.study.materials import previewed

    study, path = config.load(args.study)
    study, drawn, missing = previewed(study, path.parent)
    if missing:
        note(terminal.one_line(f"{missing}; simulated texts stand in"))
    shown = plan.samples(study, drawn)
    if args.out:
        write_text(args.out, pages.preview(study, shown, drawn.origin, styles=True))
        print(terminal.one_line(f"{len(shown) + 2} pages -> {args.out}"))
        return
    sock = serving.listening(args.host, args.port)
    with tempfile.TemporaryDirectory() as folder:
        kept = store.create(f"sqlite:///{folder}/preview.sqlite", study, lambda: drawn)
        address = f"http://{args.host}:{serving.port_of(sock)}/"
        print(f"every page: {address}preview\nthe study:  {address}", flush=True)
        preview = pages.preview(study, shown, drawn.origin)
        serving.serve(app.create(kept, config.digest(study), preview=preview), sock)
        kept.close()
