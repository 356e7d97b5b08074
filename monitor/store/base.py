"""Opening the database and doing one unit of work in it. Knows no table and no query.

SQLite (default): WAL, synchronous=FULL, and `BEGIN IMMEDIATE` for every write unit, because an upgrade from read to
write fails at once whatever the busy timeout (SQLITE_BUSY_SNAPSHOT). PostgreSQL by URL, through psycopg 3.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError

from monitor.errors import XinshaoError
from monitor.store import whole
from monitor.store.migrate import HEAD, known, upgrade

T = TypeVar("T")
log = logging.getLogger(__name__)

BUSY_MS = 5_000  # how long one attempt waits for another writer
ATTEMPTS = 4  # of a whole unit
_RETRIED = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08006", "08003", "08001"}  # PostgreSQL SQLSTATE
UNIQUE_VIOLATION = "23505"  # of the same list


class StoreError(XinshaoError):
    """The database cannot be used; the text says what to do about it."""


class Store:
    """One database. `read` sees one consistent moment; `unit` writes all of it or nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._writers: AbstractContextManager[object] = threading.RLock() if self.sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection inside a transaction that is rolled back at the end."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection inside a write transaction, committed at the end. Not retried: prefer `unit`.

        SQLite has one writer at a time and makes the others sleep and look again; within a process they queue up here.
        """
        write = {"xinshao_write": True}
        with self._writers, self.engine.connect().execution_options(**write) as connection, connection.begin():
            yield connection

    def unit(self, work: Callable[[Connection], T]) -> T:
        """`work(connection)` in one write transaction, the whole of it again when the database was busy or went away.

        Retried at most ATTEMPTS times with growing pauses; `work` must do nothing but use its connection. A row that
        another machine wrote between this unit's look and its insert is met once more: then the look finds it.
        Raises StoreError when the database stays busy; every other error as it is.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self.write() as connection:
                    return work(connection)
            except DBAPIError as problem:
                if attempt == 1 and _taken(problem):
                    continue
                if not _passing(problem):
                    raise
                if attempt == ATTEMPTS:
                    raise StoreError(
                        f"the database stayed busy or away for {ATTEMPTS} attempts: {problem.orig}"
                    ) from problem
                log.warning("database busy, attempt %d of %d: %s", attempt, ATTEMPTS, problem.orig)
                time.sleep(random.uniform(0.5, 1.0) * 0.1 * 2**attempt)  # noqa: S311  spreads writers, no secret
        raise AssertionError("unreachable")

    def check(self) -> None:
        """Reads the whole SQLite file for damage; of a server's database, whether it has every key. StoreError: no."""
        if not self.sqlite:
            with self.read() as connection:
                lacks = whole.missing(connection)
            if lacks:
                raise _in_part(lacks)
            return
        try:
            with self.read() as connection:
                answer = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
        except DBAPIError as problem:
            answer = str(problem.orig)
        if answer != "ok":
            raise StoreError(f"the database is damaged ({answer}): stop the service and run `xinshao restore BACKUP`")

    def close(self) -> None:
        """Gives every connection back."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at a database URL (`sqlite:///path`, `postgresql://...`), with its tables brought up to date.

    Raises StoreError in one sentence when it cannot be opened or written.
    """
    address = address_of(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        store = Store(_engine(address))
        with store.read() as connection:
            version = _version(connection)
            half = whole.missing(connection, keys_only=True) if version != HEAD and not store.sqlite else []
        if half:
            store.close()
            raise _in_part(half)
        if version is not None and not known(version):
            store.close()
            raise StoreError(
                f"the database is of a newer version of this program (tables {version}): install that one or a later, "
                "or restore the backup from before the upgrade"
            )
        if version != HEAD:
            store.unit(upgrade)
    except SQLAlchemyError as problem:
        cause = " ".join(str(getattr(problem, "orig", None) or problem).split())
        if address.get_backend_name() == "sqlite":
            name, remedy = address.database, "that the folder is writable, or run `xinshao restore BACKUP`"
        else:
            name, remedy = address.render_as_string(), "that the server is up and XINSHAO_DATABASE_URL is right"
        raise StoreError(f"the database {name} cannot be used ({cause}): check {remedy}") from problem
    return store


def _in_part(lacks: list[str]) -> StoreError:
    return StoreError(
        f"the database is not whole ({whole.told(lacks)}): a restore broke off; "
        "restore the dump again into an empty database, until pg_restore ends without an error"
    )


def address_of(url: str) -> URL:
    """A database address with the driver of this house; StoreError where it is none, or of another kind of database."""
    try:
        address = make_url(url)
    except SQLAlchemyError as problem:
        raise StoreError(
            "XINSHAO_DATABASE_URL is no database address: write postgresql://user:password@host/name"
        ) from problem
    if address.drivername in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        kind = address.get_backend_name()
        raise StoreError(f"XINSHAO_DATABASE_URL names a {kind} database: write sqlite:///… or postgresql://…")
    return address


def _engine(address: Any) -> Engine:
    """`hide_parameters`: an error's text names the statement, never the words of posts that it would have written."""
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, json_serializer=plain_json, hide_parameters=True)
    engine = create_engine(
        address, connect_args={"timeout": BUSY_MS / 1000}, json_serializer=plain_json, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not guessed by the driver
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("xinshao_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _passing(problem: DBAPIError) -> bool:
    """Whether the same unit may succeed when it is tried again."""
    state = getattr(problem.orig, "sqlstate", None)
    if state is not None:
        return state in _RETRIED
    words = str(problem.orig).lower()
    return problem.connection_invalidated or "database is locked" in words or "database is busy" in words


def _taken(problem: DBAPIError) -> bool:
    """Whether a row of that key is there already; SQLite has one writer at a time, there it always was."""
    return getattr(problem.orig, "sqlstate", None) == UNIQUE_VIOLATION


def outside(problem: BaseException) -> str | None:
    """What the disk or the database said, where one of them failed; None where the fault is in the program."""
    if isinstance(problem, (XinshaoError, OSError)):
        return str(problem)
    if not isinstance(problem, DBAPIError) or isinstance(problem, (IntegrityError, ProgrammingError, DataError)):
        return None
    return " ".join(str(problem.orig).split())


def plain_json(value: Any) -> str:
    """JSON as it is stored and hashed: sorted keys, no spaces, readable Chinese, moments in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    raise TypeError(f"cannot store {type(value).__name__} as JSON")
