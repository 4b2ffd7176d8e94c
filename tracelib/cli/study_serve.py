"""``tracelib study serve``: run a study, for one person or for hundreds."""

import argparse

from tracelib.cli.common import note
from tracelib.core import terminal

HELP = "run a study in the browser"
STUDY = "paper, trust, classroom, or a YAML file"
DESCRIPTION = """\
Serve a study until you stop it with Ctrl-C. Start the same command again, and everybody goes on where they
were. STUDY is paper, trust, classroom, or a YAML file of your own, which may extend one of these.

Each answer is stored in --database before the participant sees the next page: by default an SQLite file
here, named after the study; for PostgreSQL, postgresql://USER:PASSWORD@HOST/NAME. The database also keeps
the texts that were drawn. It cannot be used with a study file that has changed.

Participants of Prolific come with /?PROLIFIC_PID={{%PROLIFIC_PID%}}; any other id goes into ?participant=.
The answers so far are at /admin, for whoever has the token that this command prints.

On the internet, put a server with HTTPS in front of it, such as Caddy: caddy reverse-proxy --from
study.example.org --to 127.0.0.1:8000

examples:
  tracelib study serve mine.yaml
  tracelib study serve mine.yaml --database postgresql://ada@localhost/study
  TRACELIB_STUDY_TOKEN=... tracelib study serve mine.yaml --port 8080
"""
TOKEN = "TRACELIB_STUDY_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the study, its database, and where to listen."""
    parser.add_argument("study", metavar="STUDY", help=STUDY)
    add_database(parser)
    add_place(parser)


def add_database(parser: argparse.ArgumentParser) -> None:
    """Add ``--database``."""
    parser.add_argument(
        "--database", metavar="D", help="an SQLite file or a URL (default: the study's name with .sqlite)"
    )


def add_place(parser: argparse.ArgumentParser, host: str = "127.0.0.1") -> None:
    """Add ``--host`` and ``--port``."""
    parser.add_argument("--host", default=host, help=f"the address to listen at (default: {host})")
    parser.add_argument("--port", type=int, default=8000, help="the port; 0 takes a free one (default: 8000)")


def run(args: argparse.Namespace) -> None:
    """Serve the study."""
    from tracelib.study import app, config, materials, serving, store

    study, path = config.load(args.study)
    config.check_ready(study, path)
    database = args.database or serving.database_beside(path)
    kept = store.create(store.address_of(database), study, lambda: materials.draw(study, path.parent))
    sock = serving.listening(args.host, args.port)
    token = admin_token()
    address = f"http://{args.host}:{serving.port_of(sock)}/"
    print(f"{terminal.one_line(study.title)}: {address}")
    print(f"answers so far: {address}admin    token: {token}")
    print(f"stored in: {terminal.one_line(database)}", flush=True)
    note(terminal.one_line(kept.materials.origin))
    serving.serve(app.create(kept, token), sock)


def admin_token() -> str:
    """The token for the answers: the one in the environment, else a new one."""
    import os
    import secrets

    return os.environ.get(TOKEN) or secrets.token_urlsafe(12)
