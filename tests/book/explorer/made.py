"""Made sources for the explorer's tests: no model wrote these texts."""

import json
import re
import shutil
from itertools import cycle
from pathlib import Path

from tests.conftest import ROOT
from tracelib.book.explorer import files
from tracelib.book.explorer.sources import Source
from tracelib.datasets.problem import Problem
from tracelib.scoring.outcomes import score
from tracelib.scoring.outputs import Output, distinct
from tracelib.traces import conditions

CREDIT = ("Problems: made for a test.",)
SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=\"document.title='taken over'\">"
STRANGE = {  # texts that a page may stumble over
    "markup": SCRIPT,
    "end of a script": "</script><h1>out</h1> <!--",
    "right to left": "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 <answer>x</answer>",
    "emoji": "\U0001f469\u200d\U0001f680 <answer>\U0001f600</answer>",
    "long": "word " * 1000,
    "separators": "a\u2028b\u2029c\0d",
}


def source(
    problems: list[Problem], condition: str, model: str = "made-model", texts: list[str] | None = None, **more
) -> Source:
    """Outputs to some problems: the given texts in turn, or the training texts of a condition."""
    said = cycle(texts) if texts else (conditions.target(p, condition, 1, problems) for p in problems)
    outputs = distinct(Output(*pair, model, condition, 1) for pair in zip(problems, said, strict=False))
    named = {"origin": "replicated", "setting": "cotempqa-twin", "dataset": "cotempqa-twin"} | more
    return Source(**named, outcomes=score(outputs), outputs=outputs, credits=CREDIT)


def read(folder: Path, name: str) -> dict:
    """The value that one of the files sets."""
    script = (folder / f"{name}.js").read_text("utf-8")
    return json.loads(
        re.fullmatch(r'\(self\.explorerData \?\?= \{\}\)\["[\w-]+"\] = (.*);\n', script, re.DOTALL)[1]
    )


def pages(folder: Path, sources: list[Source], most: int = files.CHUNK) -> Path:
    """The explorer's and the calculator's page in a folder, as the book has them, without the book around."""
    shutil.copytree(ROOT / "book" / "explorer", folder / "explorer")
    files.write(sources, folder / "explorer" / "data", most)
    for name in ("explorer", "calculator"):
        body = re.search(
            r"```\{raw\} html\n(.*?)```", (ROOT / "book" / f"{name}.md").read_text("utf-8"), re.DOTALL
        )[1]
        head = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Book</title></head>'
        (folder / f"{name}.html").write_text(
            f"{head}<body><h1>Page</h1>{body}</body></html>", encoding="utf-8"
        )
    return folder
