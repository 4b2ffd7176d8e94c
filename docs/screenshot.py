"""Draw the README's picture of the book: ``python docs/screenshot.py [HTML FOLDER]``. It needs Chromium."""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tracelib.book.forms import printing

ROOT = Path(__file__).parent.parent
WINDOW = {"width": 1280, "height": 800}
COLOURS = 64  # enough for text and flat figures, and a third of the size


def draw(html: Path, picture: Path) -> None:
    """Write the first screen of a built book as a PNG, in light colours."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=printing.chromium(), args=printing.OPTIONS)
        tab = browser.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
        tab.goto((html / "notebooks" / "index.html").resolve().as_uri(), wait_until="networkidle")
        shown = tab.screenshot()
        browser.close()
    image = Image.open(io.BytesIO(shown)).convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS)
    image.save(picture, optimize=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "_build" / "html", ROOT / "docs" / "book.png")
