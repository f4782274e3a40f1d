"""Opening the database and bringing its schema up to date.

Rules: one URL chooses the database (``sqlite:///var/cchc.db`` or ``postgresql://…``). SQLite: WAL, synchronous=FULL (a
commit survives power loss), foreign keys, recursive_triggers (else INSERT OR REPLACE walks around the append-only
triggers), and every write begins with BEGIN IMMEDIATE (a deferred one fails at once with "database is locked").
PostgreSQL: psycopg 3, read-only snapshots for readers, an advisory lock taken by each write transaction. Migrations run
in one transaction on both: killed half-way they start again.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, DisconnectionError

from storage.errors import Locked, Unavailable
from storage.prepared import KEPT, WRITING, straight

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_WAIT = timedelta(seconds=15)  # how long a write waits for another one before it reports a passing fault
WRITE_LOCK = 0x63636863  # advisory lock held by the one write transaction (PostgreSQL)
SOLE_LOCK = 0x63636865  # advisory lock held by the one instance for its whole life (PostgreSQL)
UPGRADE_LOCK = 0x63636864  # advisory lock held while migrating (PostgreSQL)
_SNAPSHOTS = "snapshots"  # option of an engine each transaction of which is one, read-only
_LEFT_AT = "left at"  # in a pooled connection's ``info``
_TRUSTED = 5.0  # seconds after its last use a connection is taken without asking the server
_PAGES = "-c jit=off -c max_parallel_workers_per_gather=0"  # a page is short: either takes longer to begin than a page to end
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")


def open_engine(url: str, busy_wait: timedelta = BUSY_WAIT) -> Engine:
    """An engine for the URL; opens nothing yet. The folder of an SQLite file is made when missing."""
    parsed = make_url(url)
    wait = int(busy_wait.total_seconds() * 1000)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={"options": f"-c lock_timeout={wait} -c timezone=UTC", "connect_timeout": 10},
            pool_pre_ping=True,
        )
        event.listen(engine, "before_execute", _tell_of_writing)
        return engine
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ValueError(f"expected sqlite:///path or postgresql://…, got {parsed.render_as_string()}")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": wait / 1000, "cached_statements": KEPT})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_execute", _tell_of_writing)
    return engine


def _tell_of_writing(connection: Connection, statement: Any, *_: Any) -> None:
    if getattr(statement, "is_dml", False) and (told := connection.info.get(WRITING)):
        told(statement.table)


def open_reader(url: str) -> Engine:
    """An engine whose connections cannot write, whatever is asked of them: the audit side of the console has no other.

    SQLite ``mode=ro`` and ``query_only``; PostgreSQL read-only transactions by default.
    """
    parsed = make_url(url)
    wait = int(BUSY_WAIT.total_seconds() * 1000)
    if parsed.get_backend_name() == "postgresql":
        options = f"-c default_transaction_read_only=on -c lock_timeout={wait} -c timezone=UTC {_PAGES}"
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={"options": options, "connect_timeout": 10},
            isolation_level="REPEATABLE READ",
            execution_options={_SNAPSHOTS: True},
            pool_size=10,
        )
        event.listen(engine, "checkin", _left)
        event.listen(engine, "checkout", partial(_looked_after, engine))
        return engine
    place = f"file:{quote(str(Path(parsed.database or '').resolve()))}"
    address = URL.create("sqlite", database=place, query={"mode": "ro", "uri": "true"})
    engine = create_engine(address, connect_args={"timeout": wait / 1000}, poolclass=QueuePool, pool_size=10)
    event.listen(engine, "connect", _prepare_reader)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _left(_connection: object, record: Any) -> None:
    record.info[_LEFT_AT] = time.monotonic()


def _looked_after(engine: Engine, connection: Any, record: Any, _proxy: object) -> None:
    """Whether the server still knows a connection that nobody has used for a while; the pool opens another when it does not."""
    if time.monotonic() - record.info.get(_LEFT_AT, time.monotonic()) <= _TRUSTED:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as gone:
        raise DisconnectionError from gone


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON").close()
    connection.execute("PRAGMA cache_size=-32000").close()  # KiB, each connection: pages over a large log


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin or commit by itself: DDL would escape the transaction
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    straight(connection, "BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def passing_faults() -> Iterator[None]:
    """Database faults that pass by themselves, as ``Unavailable``; our own mistakes stay what they are.

    OperationalError: locked, disk full, server gone; InternalError and InterfaceError: connection broken in mid-command;
    a refused constraint (IntegrityError) and bad SQL (ProgrammingError) are bugs.
    """
    try:
        yield
    except DBAPIError as fault:
        kind = type(fault).__name__
        if kind in ("OperationalError", "InterfaceError", "InternalError") or fault.connection_invalidated:
            raise Unavailable(f"{kind}: {fault.orig}") from fault
        raise


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One serialised write transaction; commits at the end, rolls back on any error."""
    with passing_faults(), engine.connect().execution_options(writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITE_LOCK})
        try:
            yield connection
        finally:
            if not connection.invalidated:
                connection.info.pop(WRITING, None)


def tend(engine: Engine) -> None:
    """Let the database look at what its tables hold, so that it chooses its indexes by it: bounded on SQLite, PostgreSQL does so itself."""
    if engine.dialect.name != "sqlite":
        return
    with writing(engine) as connection:
        connection.exec_driver_sql("PRAGMA analysis_limit=200")
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    plain = engine.dialect.name != "postgresql" or _SNAPSHOTS in engine.get_execution_options()
    snapshot = engine if plain else engine.execution_options(**options)
    with passing_faults(), snapshot.begin() as connection:
        yield connection


@contextmanager
def sole_lock(engine: Engine) -> Iterator[None]:
    """Hold the database's one-instance lock; ``Locked`` at once when somebody does."""
    if engine.dialect.name != "postgresql":
        with Path(f"{engine.url.database}.lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as held:
                raise Locked(f"another instance works on {engine.url.database}") from held
            yield
        return
    with passing_faults(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": SOLE_LOCK}).scalar():
            raise Locked(f"another instance works on {engine.url.render_as_string()}")
        try:
            yield
        finally:
            with suppress(DBAPIError):  # the session may be gone, and the lock with it
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": SOLE_LOCK})
            connection.invalidate()  # never back into the pool: a session that still held the lock would hide there


def revision(connection: Connection) -> str | None:
    """The migration the database stands at, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def newest_revision() -> str:
    """The newest migration we carry, by file name (``0001_first.py`` is revision 0001); needs no Alembic."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).split("_")[0]


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest migration; nothing happens when it is there, one transaction when it is not."""
    with passing_faults(), engine.connect() as connection:
        if revision(connection) == newest_revision():
            return
    from alembic import command  # noqa: PLC0415 - a quarter of a second, needed once per version
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
