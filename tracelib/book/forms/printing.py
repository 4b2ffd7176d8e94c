"""HTML files as PDF, by a Chromium that is on this machine."""

import shutil
from pathlib import Path

from tracelib.core.atomic import written_beside
from tracelib.core.errors import InputError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Without a sandbox, since a container has none to give; the pages are our own, and nothing else is loaded.
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE = 300_000  # milliseconds; the whole book takes a tenth of it


def chromium() -> str:
    """The path of the browser; `InputError` if there is none."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found:
        raise InputError(f"a PDF needs Chromium, and there is no program {' or '.join(PROGRAMS)} here")
    return found


def write(page: Path, out: Path) -> None:
    """Print a page, which states its own paper size; scripts do not run, and other servers are not asked."""
    from playwright.sync_api import sync_playwright

    program = chromium()
    with written_beside(out) as beside, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=OPTIONS)
        context = browser.new_context(java_script_enabled=False, offline=True)
        context.set_default_timeout(PATIENCE)
        opened = context.new_page()
        opened.goto(page.resolve().as_uri(), wait_until="load")
        content = opened.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
        beside.write_bytes(content)
        browser.close()
