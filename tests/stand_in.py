"""A local server that stands in for the public repository, and a made release for it to serve."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tracelib.datasets import release_files
from tracelib.datasets.release_files import COMMITS, File


class Server(ThreadingHTTPServer):
    """Serves bytes by path, and notes each request's path and range.

    Attributes:
        files: content by path; a path starts with the commit.
        cut: by path, the number of bytes after which the next answer breaks off.
        asked: (path, range header or None) of every request.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cut: dict[str, int] = {}
        self.asked: list[tuple[str, str | None]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, wanted = self.path.lstrip("/"), self.headers.get("Range")
        self.server.asked.append((path, wanted))
        content = self.server.files.get(path)
        if content is None:
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted else 0
        if start and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = self.server.cut.pop(path, len(content))
        self.wfile.write(content[start:end])
        if end < len(content):
            self.close_connection = True

    def log_message(self, *args): ...


@contextmanager
def serving():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def blob(content: bytes, folder: Path) -> str:
    path = folder / "content"
    path.write_bytes(content)
    return release_files.git_blob(path)


def manifest(contents: dict[str, bytes], folder: Path) -> dict[str, File]:
    """A manifest of made files by name, with only their blob ids."""
    found = {}
    for name, content in sorted(contents.items()):
        branch, path = name.split("/", 1)
        found[name] = File(branch, path, blob(content, folder), None, None)
    return found


def publish(server: Server, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        branch, path = name.split("/", 1)
        server.files[f"{COMMITS[branch]}/{path}"] = content
