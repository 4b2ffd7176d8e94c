"""Pages in a real browser, for all tests that need one: what it complains of, and what axe finds."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, sync_playwright

from tracelib.book.forms import printing

ARGUMENTS = printing.OPTIONS
DESKTOP, TABLET, PHONE = (
    {"width": width, "height": height} for width, height in ((1280, 900), (820, 1180), (390, 844))
)
# Light pages are asked all of WCAG, and that a button's name has the words on it; dark pages are asked for
# contrast alone, because no other rule depends on the colours.
ASKED = {
    "light": {
        "resultTypes": ["violations"],
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        "rules": {"label-content-name-mismatch": {"enabled": True}},
    },
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
# Opens what is folded, and cuts what repeats: rows of a table look alike, and so do items of a list.
SEEN_WHOLE = """() => {
    document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
    document.querySelectorAll("tr:nth-child(n+5), .gallery > :nth-child(n+5)").forEach((one) => one.remove());
    return new Promise(requestAnimationFrame);
}"""


def lost(request: Request) -> bool:
    """Whether a request failed, and was not given up because the page was left."""
    return "ERR_ABORTED" not in (request.failure or "")


@contextmanager
def opened(chromium: str, **settings) -> Iterator[tuple[Page, list[str]]]:
    """A page in a new browser, and all complaints of the browser about it."""
    complaints: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = browser.new_context(**settings).new_page()
        page.on(
            "console", lambda m: m.type in ("error", "warning") and complaints.append(f"{page.url} {m.text}")
        )
        page.on("pageerror", lambda error: complaints.append(f"{page.url} {error}"))
        page.on("requestfailed", lambda request: lost(request) and complaints.append(request.url))
        yield page, complaints
        browser.close()


def faults(page: Page, schemes: Iterable[str] = ASKED) -> list[str]:
    """What axe finds on a page that is serious or critical: address, colours, rule, elements.

    The page must have been opened with `reduced_motion="reduce"`, or axe sees colours that are still fading.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [fault for scheme in schemes for fault in _found(page, scheme)]


def _found(page: Page, scheme: str) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    page.evaluate("new Promise(requestAnimationFrame)")  # the page hears of it with the next frame
    results = page.evaluate("asked => axe.run(asked)", ASKED[scheme])
    assert results["passes"], page.url  # axe saw a page
    return [
        f"{page.url} {scheme} {violation['id']} {[node['html'][:120] for node in violation['nodes']]}"
        for violation in results["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


class _Handler(SimpleHTTPRequestHandler):
    """Sends files whole, text compressed, over connections that stay open: as GitHub Pages does."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body, kind = path.read_bytes(), self.guess_type(path)
        is_text = kind.startswith("text/") or kind.endswith(("javascript", "json", "xml"))
        if is_text:
            body = gzip.compress(body)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if is_text:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a local server of a folder's files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=folder)) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
