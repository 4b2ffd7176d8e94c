"""Serve the built book on this machine. What changes in its sources is made anew, and the browser reloads.

Sphinx renders into the folder of the last build, where it finds what it knows of the other pages, so that one
page takes seconds. The finished book, which a build made and sealed, stays as it is.
"""

import json
import re
import time
from pathlib import Path

from tracelib.book import contents, executing, rendering
from tracelib.book.forms import built, lesson
from tracelib.core import keys
from tracelib.core.errors import InputError
from tracelib.core.lock import only_one
from tracelib.core.paths import ROOT
from tracelib.core.reading import read_text

HOST = "127.0.0.1"
SAID = re.compile("WARNING|ERROR|CRITICAL")  # the lines of a log that an author has to read
LAST = 20  # lines that are shown if a failure has none of these
SOURCES = ("book", "notebooks", "_toc.yml", "_config.yml")  # what is watched


class Live:
    """A book that follows its sources.

    Attributes:
        work: the build's folder.
        source: the folder that is rendered.
        html: the pages that are served.
    """

    def __init__(self, work: Path):
        self.work = work
        self.source = work / "book"
        self.html = rendering.pages(self.source)
        self._executed = {name: self._key(name)["source"] for name in contents.chapters()}

    def _key(self, chapter: str) -> dict:
        return json.loads(read_text(self.work / "keys" / f"chapter-{chapter}.json"))

    def refresh(self) -> None:
        """Make what changed; print how long it took, and what is wrong."""
        start = time.perf_counter()
        try:
            with only_one(self.work / "lock", "a build of this profile is running", self.work):
                self._execute_changed()
                rendering.lay_out(self.source)
                is_made, log = rendering.render(self.source, "-q")
                rendering.complete(self.html, self.work)
            said = [line for line in log if SAID.search(line)] or log[-LAST:] * (not is_made)
        except InputError as error:
            is_made, said = False, [str(error)]
        for line in said:
            print(line)
        took = time.perf_counter() - start
        print(f"{'made' if is_made else 'not made'} in {took:.1f} s", flush=True)

    def _execute_changed(self) -> None:
        """Execute the chapters whose cells changed, as the build would."""
        for name, known in self._executed.items():
            notebook = contents.notebook(name)
            if (now := keys.source_hash(notebook)) != known:
                notes = self.source / "notebooks" / name
                parameters = self._key(name)["parameters"]
                executing.execute(notebook, notes.with_suffix(".ipynb"), parameters, notes)
                self._executed[name] = now


def serve(name: str, port: int) -> None:
    """Serve a profile's book until it is interrupted; `InputError` if there is none."""
    from livereload import Server

    _, work = built.places(name)
    if not (rendering.pages(work / "book") / "index.html").is_file():
        raise InputError(f"no book here to serve; make it first: tracelib build {name}", work)
    live = Live(work)
    lesson.write(live.html / "book" / "teaching", work)
    live.refresh()
    server = Server()
    for source in SOURCES:
        server.watch(str(ROOT / source), live.refresh)
    print(f"http://{HOST}:{port}/    Ctrl-C ends", flush=True)
    server.serve(port=port, host=HOST, root=str(live.html))
