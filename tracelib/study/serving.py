"""Start the server of a study: on this machine, or on the network's address for a class."""

import io
import logging
import socket
from pathlib import Path

import segno
import uvicorn

from tracelib.core.errors import InputError

LAST_PORT = 65_535
EVERYWHERE = "0.0.0.0"
ELSEWHERE = ("192.0.2.1", 9)  # an address for documentation (RFC 5737): nothing is sent to it


def network_address() -> str:
    """This machine's address in its network; 127.0.0.1 without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)  # of a datagram socket: only looks up the route
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free port. `InputError` if it cannot."""
    if not 0 <= port <= LAST_PORT:
        raise InputError(f"port {port}, expected a number from 0 to {LAST_PORT}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"cannot listen at {host}:{port} ({reason}); --port names another one") from None


def port_of(sock: socket.socket) -> int:
    """The port at which a socket listens."""
    return sock.getsockname()[1]


def qr_svg(address: str) -> bytes:
    """A QR code of an address as an SVG image."""
    buffer = io.BytesIO()
    segno.make(address, error="m").save(buffer, kind="svg", border=4, scale=6, svgclass=None, lineclass=None)
    return buffer.getvalue()


def qr_text(address: str) -> str:
    """A QR code of an address for a terminal."""
    buffer = io.StringIO()
    segno.make(address, error="l").terminal(buffer, compact=True, border=2)
    return buffer.getvalue()


def server(application) -> uvicorn.Server:
    """The server of an application. No request is logged, because a log would hold internet addresses."""
    silent = {"log_level": "warning", "access_log": False, "server_header": False}
    return uvicorn.Server(uvicorn.Config(application, lifespan="off", **silent))


def serve(application, sock: socket.socket) -> None:
    """Serve until the process is interrupted."""
    logging.basicConfig(format="%(name)s: %(message)s")
    server(application).run(sockets=[sock])


def database_beside(study: Path) -> str:
    """The database of a study that names none: a file in the current folder, named after the study's file."""
    return f"{study.stem}.sqlite"
