"""The page *Use from Python*: its code blocks run in order and print the text below them."""

import contextlib
import importlib
import io
import json
import re

import pytest

from tests.conftest import ROOT
from tracelib.scoring import columns

PAGE = (ROOT / "book" / "python.md").read_text("utf-8")
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def printed(code, names):
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(compile(code, "python.md", "exec"), names)
    return shown.getvalue()


def other(path):
    """The page's outputs with another answer, as the page describes."""
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    wrong = [
        line | {"prediction": re.sub(r"<answer>.*", "<answer>['nobody']</answer>", line["prediction"])}
        for line in lines
    ]
    path.with_name("other.jsonl").write_text(
        "".join(json.dumps(line | {"model": "other"}) + "\n" for line in wrong)
    )


def test_the_code_blocks_print_the_text_below_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks, names, shown = BLOCK.findall(PAGE), {}, ""
    assert len(blocks) > 8
    for kind, text in blocks:
        if kind == "text":
            assert shown == text
            continue
        shown = printed(text, names)
        if (tmp_path / "outputs.jsonl").exists():
            other(tmp_path / "outputs.jsonl")
    assert {"items.csv", "accuracy.tex", "report.html"} <= {path.name for path in tmp_path.iterdir()}


def test_the_page_lists_every_column():
    table = re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert table == list(columns.OUTCOMES.items())


STABLE = re.findall(r"`(tracelib\.[\w.]+)`", PAGE.split("## What is stable")[1])


@pytest.mark.parametrize("name", STABLE)
def test_stable_names_exist_and_are_documented(name):
    module, _, attribute = name.rpartition(".")
    assert getattr(importlib.import_module(module), attribute).__doc__
