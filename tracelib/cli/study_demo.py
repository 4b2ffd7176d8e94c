"""``tracelib study demo``: a class takes part, and sees its own answers."""

import argparse

from tracelib.cli.study_serve import STUDY, add_database, add_place, admin_token
from tracelib.core import terminal

HELP = "let a class take part in five minutes"
DESCRIPTION = """\
Start a study on this computer's network address, with a QR code for telephones. The teacher's page shows
the code, and then the class's answers as they come. The problems are generated, and all reasoning is made by
rules (simulated), so nothing has to be fetched. Everybody must be in the same network, and the firewall of
this computer must let the port through.

examples:
  tracelib study demo
  tracelib study demo mine.yaml --port 8080
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study, its database, and where to listen."""
    parser.add_argument("study", nargs="?", default="classroom", metavar="STUDY", help=STUDY)
    add_database(parser)
    add_place(parser, host="0.0.0.0")


def run(args: argparse.Namespace) -> None:
    """Serve the study to the network."""
    from datetime import datetime

    from tracelib.study import app, config, materials, serving, store

    study, path = config.load(args.study)
    config.check_ready(study, path)
    database = args.database or f"{path.stem}-{datetime.now():%Y-%m-%d-%H%M}.sqlite"
    kept = store.create(store.address_of(database), study, lambda: materials.draw(study, path.parent))
    sock = serving.listening(args.host, args.port)
    host = serving.network_address() if args.host == serving.EVERYWHERE else args.host
    port, token = serving.port_of(sock), admin_token()
    join = f"http://{host}:{port}/"
    print(serving.qr_text(join))
    print(f"for the class:   {join}")
    print(f"for the teacher: http://127.0.0.1:{port}/admin    token: {token}")
    print(f"stored in:       {terminal.one_line(database)}", flush=True)
    serving.serve(app.create(kept, token, join, serving.qr_svg(join)), sock)
