"""Sphinx's pages finished: faults of the themes are mended, and the pages are made light.

The theme brings two thousand icons, a megabyte and a half, on every page, and styles for parts that the book
does not have. ``_config.yml`` names this module as an extension; it works on the pages when Sphinx is done,
and leaves alone what it has finished before.
"""

import base64
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.images import get_image_size

from tracelib.core.provenance import text_hash

OWN = "book.css"  # the book's own styles stay whole: scripts of other pages use them too
ICON_SCRIPT = "fontawesome.js"  # draws each icon; the icon font, cut to the icons in use, does the same
SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")  # of use on the page of results alone
AT_ONCE = "documentation_options.js"  # a later script in the page itself needs it
LARGE = 50_000  # characters of a script in a page that goes into a file of its own
# What the themes write, and what they should: without roles that the elements have already or must not have,
# and without names that hide the words on a button.
MENDS = (
    ('<main id="main-content" class="bd-main" role="main">', '<main id="main-content" class="bd-main">'),
    ('<div role="list" class="citation-list">', '<div class="citation-list">'),
    (' role="doc-biblioentry"', ""),
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    (
        '"btn search-button-field search-button__button pst-js-only" title="Search" aria-label="Search"',
        '"btn search-button-field search-button__button pst-js-only" title="Search"',
    ),
)
BARE = re.compile(r'<meta http-equiv="Refresh" content="0; url=([^"]+)" />\s*')
REDIRECT = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>To the book</title><meta http-equiv="refresh" content="0; url={0}">
<link rel="icon" href="_static/icon.svg"></head>
<body><p><a href="{0}">To the book</a></p></body>
</html>
"""

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[{};]', re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CONDITION = re.compile(r"@(media|supports|layer|container)\b")
NOT_NAMES = re.compile(r"\[[^\]]*\]|:[\w-]+\([^()]*(?:\([^()]*\)[^()]*)*\)")  # [attributes] and :is(...)
NAME = re.compile(r"[.#]((?:\\.|[\w-])+)")
COMMA = re.compile(r",(?![^()]*\))")
FACE = re.compile(r"@font-face\{[^}]*?url\(([^)]*fontawesome/webfonts/[\w-]+)\.woff2\)[^}]*\}")
CODE_POINT = re.compile(r'content:"\\([0-9a-f]+)"')


def setup(app: Sphinx) -> dict:
    """Register with Sphinx: finish the pages of a build of HTML, after all other extensions."""
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        finish(Path(app.outdir))


def finish(html: Path) -> None:
    """Mend all pages of a built book and make them light, in place."""
    pages = [path for path in html.rglob("*.html") if "_static" not in path.parts]
    for page in pages:
        _write(page, _finished(page))
    (html / "_static" / "scripts" / ICON_SCRIPT).unlink(missing_ok=True)
    for unused in [*(html / "_static").rglob("*.map"), *(html / "_static").rglob("*.html")]:
        unused.unlink()  # maps of scripts to their sources, and templates of the theme
    scripts = (html / "_static").rglob("*.js")
    names = {name for path in [*pages, *scripts] for name in re.findall(r"[\w-]+", path.read_text("utf-8"))}
    for sheet in (html / "_static").rglob("*.css"):
        if sheet.name != OWN:
            _write(sheet, _with_icons(sheet, used_rules(sheet.read_text("utf-8"), names)))
    shutil.rmtree(html / "_static" / "vendor", ignore_errors=True)  # the icon fonts, now in the style sheet


def _write(path: Path, text: str) -> None:
    if text != path.read_text("utf-8"):
        path.write_text(text, "utf-8")


# Pages.


def _finished(page: Path) -> str:
    text = page.read_text("utf-8")
    if bare := BARE.fullmatch(text):
        return REDIRECT.format(bare[1])
    for wrong, right in MENDS:
        text = text.replace(wrong, right)
    dropped = [ICON_SCRIPT, *(() if page.stem == "search" else SEARCH)]
    unused = "|".join(map(re.escape, dropped))
    text = re.sub(rf'\s*<script[^>]* src="[^"]*({unused})[^"]*"></script>', "", text)
    # Scripts that are fetched early compete with the styles, without which nothing is shown.
    text = re.sub(r'\s*<link rel="preload" as="script"[^>]*/>', "", text)
    text = re.sub(rf'<script (?![^>]*\bdefer\b)([^>]*src="(?![^"]*{AT_ONCE}))', r"<script defer \1", text)
    text = _large_scripts_in_files(text, page)
    return _images_with_sizes(text, page)


def _large_scripts_in_files(text: str, page: Path) -> str:
    """Move large scripts into files, which the browser runs in their order when it has read the page."""
    for script in re.findall(r"<script>(.*?)</script>", text, re.DOTALL):
        if len(script) > LARGE:
            file = page.with_name(f"{page.stem}-{text_hash(script)[:12]}.js")
            file.write_text(script, "utf-8")
            text = text.replace(f"<script>{script}</script>", "")
            text = text.replace("</head>", f'<script defer src="{file.name}"></script>\n</head>', 1)
    return text


def _images_with_sizes(text: str, page: Path) -> str:
    """Say how large each image is, so that nothing moves when it comes; all but the first wait their turn."""
    seen = 0

    def sized(found: re.Match) -> str:
        nonlocal seen
        seen += 1
        size = get_image_size(str(page.parent / found[2]))
        if not size:
            return found[0]
        later = ' loading="lazy"' if seen > 1 else ""
        return f'<img {found[1]}src="{found[2]}" width="{size[0]}" height="{size[1]}"{later}'

    return re.sub(r'<img ([^>]*?)src="([^":]+)"(?! width=)', sized, text)


# Styles.


def used_rules(css: str, names: set[str]) -> str:
    """A style sheet without the rules of which every selector needs a class or an id that is not in `names`.

    Of its comments only licences stay, at the end.
    """
    licences = [comment for comment in COMMENT.findall(css) if comment.startswith("/*!")]
    return "".join([*_used(COMMENT.sub("", css), names), *licences])


def _used(css: str, names: set[str]) -> Iterator[str]:
    for statement in _statements(css):
        head, brace, body = statement.partition("{")
        if CONDITION.match(head.strip()):
            if inner := "".join(_used(body.rpartition("}")[0], names)):
                yield f"{head}{{{inner}}}"
        elif not brace or head.lstrip().startswith("@"):
            yield statement
        elif selectors := [part for part in COMMA.split(head) if _is_used(part, names)]:
            yield f"{','.join(selectors)}{{{body}"


def _statements(css: str) -> Iterator[str]:
    """The statements of a style sheet: rules with their braces, and ``@import`` and the like."""
    depth = start = 0
    for token in TOKEN.finditer(css):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth and token[0] in ("}", ";"):
            yield css[start : token.end()]
            start = token.end()


def _is_used(selector: str, names: set[str]) -> bool:
    plain = NOT_NAMES.sub("", selector)
    return all(name.replace("\\", "") in names for name in NAME.findall(plain))


def _with_icons(sheet: Path, css: str) -> str:
    """The style sheet with its icon fonts inside it, each cut to the icons that the rules still have."""
    icons = {int(code, 16) for code in CODE_POINT.findall(css)}
    return FACE.sub(lambda face: _cut_face(face, sheet.parent / f"{face[1]}.ttf", icons), css)


def _cut_face(face: re.Match, font: Path, icons: set[int]) -> str:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    whole = TTFont(font, recalcTimestamp=False)
    if not icons & set(whole.getBestCmap()):
        return ""
    cutter = subset.Subsetter(subset.Options(layout_features=[], notdef_outline=False))
    cutter.populate(unicodes=icons)
    cutter.subset(whole)
    cut = BytesIO()
    whole.save(cut)
    data = base64.b64encode(cut.getvalue()).decode()
    return re.sub(r"src:[^}]*", f"src:url(data:font/ttf;base64,{data})", face[0])
