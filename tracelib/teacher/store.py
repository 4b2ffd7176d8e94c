"""Where a teacher's replies are kept: one SQLite file to which rows are only added.

Before a request is sent, the attempt is written down; when something came of it, that is. So after a kill the
store has every reply that came, and names the requests that were in flight. They may have been paid for, and
count as such. The database itself refuses changed rows, deleted rows, and a second reply to one request.

The file has a write-ahead log with ``synchronous=NORMAL``: a kill loses nothing that was written, and a power
failure at most the last seconds (SQLite documentation, "Write-Ahead Logging").
"""

import errno
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from tracelib import __version__
from tracelib.core.errors import InputError, quoted
from tracelib.core.lock import only_one
from tracelib.datasets import released
from tracelib.datasets.export import to_record
from tracelib.datasets.problem import Problem
from tracelib.teacher.asking import Request
from tracelib.teacher.outcome import PERHAPS_PAID, REPLIED, SAID_WHY, UNREADABLE, Outcome
from tracelib.teacher.settings import Teacher, Tokens, recipe_text

APPLICATION, VERSION = 0x7472636C, 1  # "trcl"; the version of the tables
TABLES = {
    "runs": "number INTEGER PRIMARY KEY, began REAL NOT NULL, url TEXT NOT NULL, version TEXT NOT NULL",
    "recipes": "kind TEXT PRIMARY KEY, recipe TEXT NOT NULL",
    "problems": "content TEXT PRIMARY KEY, split TEXT NOT NULL, record TEXT NOT NULL",
    "requests": "key TEXT PRIMARY KEY, content TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL",
    "attempts": "number INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, "
    "sent REAL NOT NULL, prompt INTEGER NOT NULL, completion INTEGER NOT NULL",  # tokens, at most
    "results": "attempt INTEGER PRIMARY KEY, key TEXT NOT NULL, came REAL NOT NULL, cause TEXT NOT NULL, "
    "status INTEGER, prompt INTEGER, completion INTEGER",  # tokens, as the server counted
    "texts": "attempt INTEGER PRIMARY KEY, text TEXT NOT NULL",  # apart, so that results are read fast
}
INDICES = (
    f"CREATE UNIQUE INDEX one_reply ON results (key) WHERE cause = '{REPLIED}'",
    "CREATE INDEX by_cause ON results (cause, key)",
    "CREATE INDEX by_kind ON requests (kind, content)",
)
SPENT = """
SELECT attempts.kind, results.prompt IS NOT NULL, SUM(COALESCE(results.prompt, attempts.prompt)),
       SUM(COALESCE(results.completion, attempts.completion))
FROM attempts LEFT JOIN results ON results.attempt = attempts.number
WHERE results.cause IS NULL OR results.prompt IS NOT NULL OR results.cause IN ({}) GROUP BY 1, 2
"""


class Reply(NamedTuple):
    """A request with its reply, as JSON texts."""

    key: str
    content: str
    request: str
    text: str


class Spent(NamedTuple):
    """The tokens of one kind of text: as the server counted, and those that were perhaps paid for.

    The second are the most that they can be, of replies that never came or came without a count.
    """

    counted: Tokens
    perhaps: Tokens


class Store:
    """An open store; see the functions `writing` and `reading`."""

    def __init__(self, database: sqlite3.Connection):
        self._database = database
        self._run = 0  # the number of this run; see `begin`

    # --- What was asked -----------------------------------------------------------------------

    def begin(self, teacher: Teacher) -> None:
        """Begin a run: keep its server and recipes; `InputError` if the store has texts by another recipe."""
        kept = self.recipes()
        for kind in teacher.kinds:
            recipe = teacher.recipe(kind)
            for name, value in recipe.items():
                if kind in kept and kept[kind].get(name) != value:
                    found = f"{name} {quoted(kept[kind].get(name))}, not {quoted(value)}"
                    raise InputError(f"the store's {kind} texts have {found}; expected another store")
        with self._database:
            self._database.executemany(
                "INSERT OR IGNORE INTO recipes VALUES (?, ?)",
                [(kind, recipe_text(teacher.recipe(kind))) for kind in teacher.kinds],
            )
            row = (time.time(), teacher.url, __version__)
            self._run = self._database.execute("INSERT INTO runs VALUES (NULL, ?, ?, ?)", row).lastrowid

    def recipes(self) -> dict[str, dict]:
        """The recipe of each kind of text that was asked for."""
        rows = self._database.execute("SELECT kind, recipe FROM recipes ORDER BY rowid")
        return {kind: json.loads(recipe) for kind, recipe in rows}

    def sending(self, request: Request, problem: Problem, split: str, most: Tokens) -> int:
        """Write down that a request is sent, and the most tokens that it can take; the attempt's number."""
        with self._database as database:
            if not database.execute("SELECT 1 FROM requests WHERE key = ?", (request.key,)).fetchone():
                content, record = problem.content, json.dumps(to_record(problem), ensure_ascii=False)
                database.execute("INSERT OR IGNORE INTO problems VALUES (?, ?, ?)", (content, split, record))
                body = json.dumps(request.body, ensure_ascii=False)
                row = (request.key, content, request.kind, body)
                database.execute("INSERT INTO requests VALUES (?, ?, ?, ?)", row)
            return database.execute(
                "INSERT INTO attempts VALUES (NULL, ?, ?, ?, ?, ?, ?)",
                (self._run, request.key, request.kind, time.time(), most.prompt, most.completion),
            ).lastrowid

    def came(self, attempt: int, request: Request, outcome: Outcome) -> None:
        """Write down what came of an attempt."""
        counted = outcome.tokens
        tokens = (counted.prompt, counted.completion) if counted else (None, None)
        row = (attempt, request.key, time.time(), outcome.cause, outcome.status, *tokens)
        with self._database as database:
            database.execute("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            database.execute("INSERT INTO texts VALUES (?, ?)", (attempt, outcome.text))

    # --- What came ----------------------------------------------------------------------------

    def finished(self, again: bool = False) -> set[str]:
        """The keys of the requests that are not sent again; with `again` only those with a readable reply."""
        causes = (REPLIED,) if again else (REPLIED, *UNREADABLE)
        marks = ", ".join("?" * len(causes))
        rows = self._database.execute(f"SELECT key FROM results WHERE cause IN ({marks})", causes)
        return {key for (key,) in rows}

    def reply(self, key: str) -> str | None:
        """The reply to a request as it came; None if none that can be read has come."""
        row = self._database.execute(
            "SELECT text FROM texts JOIN results USING (attempt) WHERE key = ? AND cause = ?", (key, REPLIED)
        ).fetchone()
        return row and row[0]

    def replies(self, kind: str) -> Iterator[Reply]:
        """The requests of a kind with their replies, in the order in which they were first sent."""
        rows = self._database.execute(
            "SELECT requests.key, content, body, text FROM requests "
            "JOIN results ON results.key = requests.key AND cause = ? JOIN texts USING (attempt) "
            "WHERE kind = ? ORDER BY requests.rowid",
            (REPLIED, kind),
        )
        return map(Reply._make, rows)

    def problems(self) -> dict[str, tuple[str, Problem]]:
        """The split and the problem of each content, in the order in which they were first asked."""
        rows = self._database.execute("SELECT content, split, record FROM problems ORDER BY rowid")
        return {
            content: (split, released.any_problem(json.loads(record), "the store", number))
            for number, (content, split, record) in enumerate(rows, 1)
        }

    def causes(self) -> dict[str, Counter[str]]:
        """By kind: how many attempts had each cause; attempts of which nothing is known have the cause ""."""
        return self._counted("")

    def _counted(self, which: str) -> dict[str, Counter[str]]:
        rows = self._database.execute(
            "SELECT kind, COALESCE(cause, ''), COUNT(*) FROM attempts "
            f"LEFT JOIN results ON attempt = number {which} GROUP BY 1, 2"
        )
        found: dict[str, Counter[str]] = {}
        for kind, cause, count in rows:
            found.setdefault(kind, Counter())[cause] = count
        return found

    def unanswered(self) -> dict[str, Counter[str]]:
        """By kind: how the last attempt ended of each request without a readable reply, as in `causes`."""
        return self._counted(
            "WHERE number IN (SELECT MAX(number) FROM attempts WHERE key NOT IN "
            f"(SELECT key FROM results WHERE cause = '{REPLIED}') GROUP BY key)"
        )

    def spent(self) -> dict[str, Spent]:
        """The tokens of each kind of text in all runs."""
        query = SPENT.format(", ".join(f"'{cause}'" for cause in (REPLIED, *PERHAPS_PAID)))
        found: dict[str, Spent] = {}
        for kind, is_counted, *tokens in self._database.execute(query):
            spent = found.get(kind, Spent(Tokens(), Tokens()))
            found[kind] = spent._replace(**{"counted" if is_counted else "perhaps": Tokens(*tokens)})
        return found

    def average(self, kind: str) -> Tokens | None:
        """The mean tokens of a readable reply of a kind, as the server counted; None if it never did."""
        row = self._database.execute(
            "SELECT AVG(results.prompt), AVG(results.completion) FROM results "
            "JOIN attempts ON attempt = number WHERE cause = ? AND kind = ? AND results.prompt IS NOT NULL",
            (REPLIED, kind),
        ).fetchone()
        return None if row[0] is None else Tokens(round(row[0]), round(row[1]))

    def last_reason(self) -> str:
        """What a server said of the last error; empty if none said anything."""
        marks = ", ".join("?" * len(SAID_WHY))
        row = self._database.execute(
            f"SELECT text FROM texts JOIN results USING (attempt) WHERE cause IN ({marks}) AND text <> '' "
            "ORDER BY attempt DESC LIMIT 1",
            SAID_WHY,
        ).fetchone()
        return row[0] if row else ""

    def servers(self) -> list[str]:
        """The base URLs of the servers that were asked, in the order in which they first were."""
        rows = self._database.execute(
            "SELECT url FROM runs JOIN attempts ON run = runs.number GROUP BY url ORDER BY MIN(runs.number)"
        )
        return [url for (url,) in rows]

    def period(self) -> tuple[float, float] | None:
        """When the first attempt was made and the last result came, in seconds since 1970."""
        first, last = self._database.execute(
            "SELECT (SELECT MIN(sent) FROM attempts), (SELECT MAX(came) FROM results)"
        ).fetchone()
        return None if last is None else (first, last)


@contextmanager
def writing(path: Path) -> Iterator[Store]:
    """Open a store to add to it, and make it if there is none; `InputError` if another process adds to it."""
    lock = path.with_name(f".{path.name}.lock")
    with only_one(lock, "another process fills this store", path), _opened(path) as database:
        if _is_new(database):
            _make(database)
        _check(database, path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        yield Store(database)


@contextmanager
def reading(path: Path) -> Iterator[Store]:
    """Open a store to read it, also while another process adds to it; `InputError` if there is none."""
    if not path.is_file():
        raise InputError("no such file, expected a store that 'tracelib teacher run' has made", path)
    with _opened(path) as database:
        _check(database, path)
        database.execute("PRAGMA query_only = ON")
        yield Store(database)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file; SQLite's errors become `InputError`, and a full disk an `OSError`."""
    try:
        with closing(sqlite3.connect(path)) as database:
            yield database
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, "No space left on device", str(path)) from None
        raise InputError(f"cannot be used as a store ({error})", path) from None
    except sqlite3.DatabaseError as error:
        raise InputError(f"is no store, or a damaged one ({error})", path) from None


def _is_new(database: sqlite3.Connection) -> bool:
    (tables,) = database.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
    return not (tables or any(_marks(database)))


def _marks(database: sqlite3.Connection) -> tuple[int, int]:
    """The application that made a database, and the version of its tables."""
    marks = ("application_id", "user_version")
    return tuple(database.execute(f"PRAGMA {mark}").fetchone()[0] for mark in marks)


def _check(database: sqlite3.Connection, path: Path) -> None:
    if _marks(database) != (APPLICATION, VERSION):
        raise InputError(f"is no store of version {VERSION}", path)


def _make(database: sqlite3.Connection) -> None:
    """Make the tables, all or none."""
    with database:
        database.execute("BEGIN")
        for name, columns in TABLES.items():
            database.execute(f"CREATE TABLE {name} ({columns})")
            for change in ("UPDATE", "DELETE"):
                database.execute(
                    f"CREATE TRIGGER {name}_no_{change.lower()} BEFORE {change} ON {name} "
                    "BEGIN SELECT RAISE(ABORT, 'rows are only added'); END"
                )
        for index in INDICES:
            database.execute(index)
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {VERSION}")
