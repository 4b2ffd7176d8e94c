"""The database of a study: participants and their answers, in SQLite or PostgreSQL.

A page's answers are one row, written in one transaction, so a page is stored whole or not at all. Its key is
(participant, page): a second submission changes nothing. A call that returns has stored what it says: SQLite
syncs each commit to the disk, as PostgreSQL does.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import sqlalchemy as sql
from pydantic import ValidationError
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from tracelib.core.errors import InputError, quoted
from tracelib.study.config import Study
from tracelib.study.materials import Materials

WAIT = 30  # seconds that a writer waits for another one in SQLite
TABLES = sql.MetaData()
STUDY = sql.Table(
    "study",
    TABLES,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("study", sql.Text, nullable=False),
    sql.Column("materials", sql.Text, nullable=False),
    sql.Column("secret", sql.String(64), nullable=False),
    sql.Column("next_slot", sql.Integer, nullable=False),
)
PARTICIPANTS = sql.Table(
    "participants",
    TABLES,
    sql.Column("code", sql.String(32), primary_key=True),
    sql.Column("slot", sql.Integer, nullable=False, unique=True),
    sql.Column("external", sql.String(64), unique=True),
    sql.Column("started", sql.Float, nullable=False),
    sql.Column("finished", sql.Float),
    sql.Column("withdrawn", sql.Boolean, nullable=False, default=False),
)
ANSWERS = sql.Table(
    "answers",
    TABLES,
    sql.Column("code", sql.String(32), sql.ForeignKey("participants.code"), primary_key=True),
    sql.Column("page", sql.String(40), primary_key=True),
    sql.Column("values", sql.Text, nullable=False),
    sql.Column("shown", sql.Float, nullable=False),
    sql.Column("stored", sql.Float, nullable=False),
)


@dataclass(frozen=True)
class Participant:
    """A row of `PARTICIPANTS`. `external` is the id that a platform gave. Times are seconds since 1970."""

    code: str
    slot: int
    external: str | None
    started: float
    finished: float | None
    withdrawn: bool


@dataclass(frozen=True)
class Answer:
    """A row of `ANSWERS`: the values of a page by question, and when it was shown and stored."""

    code: str
    page: str
    values: dict
    shown: float
    stored: float


class Store:
    """A study's database, and the study and materials that it was made with."""

    def __init__(self, engine: Engine, study: Study, materials: Materials, secret: str):
        self.engine, self.study, self.materials, self.secret = engine, study, materials, secret
        # SQLite has one writer at a time. Threads that wait for a lock are woken; SQLite itself polls.
        self._turn = Lock() if engine.name == "sqlite" else nullcontext()

    def begin(self, code: str, external: str | None) -> Participant:
        """The participant with this code or external id; a new one, in the next slot, if there is none."""
        if found := self._known(code, external):
            return found
        try:
            with self._writing() as connection:
                taken = sql.update(STUDY).values(next_slot=STUDY.c.next_slot + 1).returning(STUDY.c.next_slot)
                slot = connection.execute(taken).scalar_one() - 1
                row = {"code": code, "slot": slot, "external": external, "started": time.time()}
                connection.execute(sql.insert(PARTICIPANTS).values(row))
        except IntegrityError:  # the same consent was sent twice at once; the first one counts
            pass
        return self._known(code, external)

    def _known(self, code: str, external: str | None) -> Participant | None:
        """The participant with this external id, or else with this code."""
        by_id = self._one(PARTICIPANTS.c.external == external) if external else None
        return by_id or self.find(code)

    def find(self, code: str) -> Participant | None:
        """The participant with this code, if there is one."""
        return self._one(PARTICIPANTS.c.code == code)

    def _one(self, condition: sql.ColumnElement) -> Participant | None:
        with self.engine.connect() as connection:
            row = connection.execute(sql.select(PARTICIPANTS).where(condition)).one_or_none()
        return row and Participant(**row._mapping)

    def answered(self, code: str) -> set[str]:
        """The names of the pages that a participant has answered."""
        with self.engine.connect() as connection:
            return set(connection.execute(sql.select(ANSWERS.c.page).where(ANSWERS.c.code == code)).scalars())

    def submit(self, code: str, page: str, values: dict, shown: float, last: bool) -> bool:
        """Store a page's answers, and with the last page the end; return whether they were stored.

        Answers to a page that has some are not stored, nor are those of a participant who has withdrawn.
        """
        row = {"code": code, "page": page, "values": json.dumps(values, ensure_ascii=False)}
        row |= {"shown": shown, "stored": time.time()}
        try:
            with self._writing() as connection:
                here = (
                    sql.select(PARTICIPANTS.c.withdrawn).where(PARTICIPANTS.c.code == code).with_for_update()
                )
                if connection.execute(here).scalar_one():
                    return False
                connection.execute(sql.insert(ANSWERS).values(row))
                if last:
                    done = sql.update(PARTICIPANTS).where(PARTICIPANTS.c.code == code)
                    connection.execute(done.values(finished=row["stored"]))
        except IntegrityError:
            return False
        return True

    def withdraw(self, code: str) -> None:
        """Delete all answers of a participant who has not finished; the slot stays taken."""
        with self._writing() as connection:
            open_still = (PARTICIPANTS.c.code == code) & PARTICIPANTS.c.finished.is_(None)
            changed = connection.execute(sql.update(PARTICIPANTS).where(open_still).values(withdrawn=True))
            if changed.rowcount:
                connection.execute(sql.delete(ANSWERS).where(ANSWERS.c.code == code))

    def forget(self, external: str) -> bool:
        """Delete the answers and the id of the participant with this id; return whether there was one."""
        with self._writing() as connection:
            same = sql.select(PARTICIPANTS.c.code).where(PARTICIPANTS.c.external == external)
            code = connection.execute(same).scalar_one_or_none()
            if code is None:
                return False
            connection.execute(sql.delete(ANSWERS).where(ANSWERS.c.code == code))
            gone = sql.update(PARTICIPANTS).where(PARTICIPANTS.c.code == code)
            connection.execute(gone.values(withdrawn=True, finished=None, external=None))
        return True

    def forget_ids(self) -> int:
        """Delete the ids that a platform gave, and keep the answers; return how many there were."""
        known = PARTICIPANTS.c.external.is_not(None)
        with self._writing() as connection:
            return connection.execute(sql.update(PARTICIPANTS).where(known).values(external=None)).rowcount

    def participants(self) -> list[Participant]:
        """All participants, in the order of their slots."""
        with self.engine.connect() as connection:
            rows = connection.execute(sql.select(PARTICIPANTS).order_by(PARTICIPANTS.c.slot))
            return [Participant(**row._mapping) for row in rows]

    def answers(self) -> list[Answer]:
        """All answers, by participant and time."""
        with self.engine.connect() as connection:
            rows = connection.execute(sql.select(ANSWERS).order_by(ANSWERS.c.code, ANSWERS.c.stored))
            return [Answer(**{**row._mapping, "values": json.loads(row.values)}) for row in rows]

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or rolled back."""
        with self._turn, self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def create(url: str, study: Study, draw: Callable[[], Materials]) -> Store:
    """The store of a study; a new one if the database is empty.

    A database keeps the materials that it was made with, so a restarted study shows the same texts.

    Args:
        draw: draws the materials, for a new database.

    Raises:
        InputError: the database cannot be opened, or it was made with another version of the study.
    """
    with _named(url):
        engine = _engine(url)
        TABLES.create_all(engine)
        if not _is_made(engine):
            _make(engine, study, draw())
        store = _opened(engine)
    if store.study != study:
        changed = ", ".join(key for key, value in store.study if value != getattr(study, key))
        raise InputError(
            f"holds answers to another version of this study (changed: {changed}); expected the same study "
            "file, or another --database",
            _shown(url),
        )
    return store


def existing(url: str) -> Store:
    """The store in a database that a study was served with; `InputError` if it is not one."""
    address = sql.engine.make_url(url) if "://" in url else None
    if address is None or (
        address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file()
    ):
        raise InputError("no such database, expected the one that the study was served with", _shown(url))
    with _named(url):
        engine = _engine(url)
        if not sql.inspect(engine).has_table(STUDY.name):
            raise InputError("no study in this database", _shown(url))
        return _opened(engine)


def _is_made(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(sql.select(STUDY.c.id)).first() is not None


def _make(engine: Engine, study: Study, materials: Materials) -> None:
    row = {
        "id": 1,
        "study": study.model_dump_json(),
        "materials": materials.to_json(),
        "secret": secrets.token_hex(32),
        "next_slot": 0,
    }
    try:
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(sql.insert(STUDY).values(row))
    except IntegrityError:  # another process was first
        pass


def _opened(engine: Engine) -> Store:
    with engine.connect() as connection:
        row = connection.execute(sql.select(STUDY)).one()
    try:
        study = Study.model_validate_json(row.study)
    except ValidationError:
        raise InputError("made by another version of tracelib", _shown(str(engine.url))) from None
    return Store(engine, study, Materials.from_json(row.materials), row.secret)


def address_of(database: str) -> str:
    """The URL of a database that is given as a URL or as the path of an SQLite file."""
    return database if "://" in database else f"sqlite:///{database}"


@contextmanager
def _named(url: str) -> Iterator[None]:
    """Turn the errors of opening a database into an `InputError` that names it."""
    try:
        yield
    except ArgumentError:
        expected = "expected a file name, sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        raise InputError(f"no address of a database, {expected}", quoted(url)) from None
    except OSError as error:
        raise InputError(f"the database cannot be used: {error.strerror}", _shown(url)) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise InputError(f"the database cannot be used: {reason}", _shown(url)) from None


def _shown(url: str) -> str:
    """The URL for messages, without its password."""
    try:
        return sql.engine.make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


def _engine(url: str) -> Engine:
    address = sql.engine.make_url(url)
    backend, pool = address.get_backend_name(), {"pool_size": 20, "max_overflow": 30}
    if backend == "postgresql":
        return sql.create_engine(address.set(drivername="postgresql+psycopg"), **pool, pool_pre_ping=True)
    if backend != "sqlite":
        raise InputError(f"a database of the kind {backend}, expected sqlite or postgresql", _shown(url))
    if not address.database or address.database == ":memory:":
        raise InputError("a database in memory is lost at the end, expected a file", _shown(url))
    Path(address.database).touch(mode=0o600)  # no other user of this machine may read it
    engine = sql.create_engine(address, connect_args={"timeout": WAIT}, **pool)
    sql.event.listen(engine, "connect", _prepare)
    sql.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection, record) -> None:
    """Settings of a new SQLite connection.

    Readers beside a writer, commits that survive a power cut, and deleted answers that are overwritten.
    """
    connection.isolation_level = None  # the driver must not begin transactions; `_begin` does
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}").close()


def _begin(connection) -> None:
    """Begin a transaction; one that writes waits for other writers here, where nothing can be lost yet."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
