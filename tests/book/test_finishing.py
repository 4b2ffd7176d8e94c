"""Faults of the themes are mended in the built pages, and what no page uses is left out."""

import pytest
from PIL import Image

from tracelib.book import finishing

NAMES = {"a", "sd:x"}


@pytest.mark.parametrize(
    ("css", "left"),
    [
        (".a{x:y}.b{x:y}", ".a{x:y}"),
        (".b,.a b,#c{x:y}", ".a b{x:y}"),
        ("p,p>em{x:y}", "p,p>em{x:y}"),  # elements alone are left alone
        (".a:not(.b):is(.c,.d){x:y}", ".a:not(.b):is(.c,.d){x:y}"),
        (r".sd\:x{x:y}.sd\:y{x:y}", r".sd\:x{x:y}"),
        ("[class*=b]{x:y}", "[class*=b]{x:y}"),
        ("@media print{.b{x:y}}@media screen{.a{x:y}.b{x:y}}", "@media screen{.a{x:y}}"),
        ("@keyframes b{0%{x:y}}", "@keyframes b{0%{x:y}}"),
        ('@import "b.css";.b{x:y}', '@import "b.css";'),
        ('.a{content:"}.b{"}.b{x:y}', '.a{content:"}.b{"}'),
        ("/*! b, {c} */.a{x:y}/* d */", ".a{x:y}/*! b, {c} */"),  # licences stay
    ],
)
def test_rules_stay_that_a_page_can_use(css, left):
    assert finishing.used_rules(css, NAMES) == left


@pytest.fixture
def page(tmp_path):
    """A function that writes a page with this content, finishes it, and reads it again."""

    def finished(content: str, name: str = "page") -> str:
        path = tmp_path / f"{name}.html"
        path.write_text(content, "utf-8")
        finishing.finish(tmp_path)
        once = path.read_text("utf-8")
        finishing.finish(tmp_path)
        assert path.read_text("utf-8") == once  # a second time changes nothing
        return once

    return finished


def test_scripts_wait_until_the_page_is_read_and_unused_ones_are_left_out(page):
    scripts = [f'<script src="_static/{name}.js?v=1"></script>' for name in ("doctools", "searchtools")]
    scripts += [
        '<script src="documentation_options.js"></script>',
        '<script defer src="scripts/fontawesome.js?digest=1"></script>',
        '<script src="own.js" defer></script>',
    ]
    assert page("".join(scripts)) == (
        '<script defer src="_static/doctools.js?v=1"></script>'
        '<script src="documentation_options.js"></script>'
        '<script src="own.js" defer></script>'
    )
    assert "searchtools" in page("".join(scripts), "search")


def test_a_large_script_becomes_a_file(page, tmp_path):
    large = f"const x = '{'y' * finishing.LARGE}';"
    text = page(f"<head></head><body><script>{large}</script><script>small()</script></body>")
    (file,) = tmp_path.glob("page-*.js")
    assert file.read_text() == large
    assert text == (
        f'<head><script defer src="{file.name}"></script>\n</head><body><script>small()</script></body>'
    )


def test_faults_of_the_themes_are_mended(page):
    text = page("".join(wrong for wrong, _ in finishing.MENDS))
    assert text == "".join(right for _, right in finishing.MENDS)


def test_the_way_to_the_first_page_is_a_page(page):
    text = page('<meta http-equiv="Refresh" content="0; url=notebooks/index.html" />\n', "index")
    assert "<title>" in text
    assert 'href="notebooks/index.html"' in text
    assert 'url=notebooks/index.html"' in text


def test_an_image_says_its_size_and_all_but_the_first_wait(page, tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "one.png")
    image = '<img alt="x" src="one.png" />'
    assert page(image * 2) == (
        '<img alt="x" src="one.png" width="30" height="20" />'
        '<img alt="x" src="one.png" width="30" height="20" loading="lazy" />'
    )
