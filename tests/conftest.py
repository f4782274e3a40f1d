"""Databases for tests: a private PostgreSQL started once a session, a fresh database for each test that asks.

``postgres_url``: schema already there (copied from a template, 40 ms); ``empty_postgres_url``: nothing there at all.
``sqlite_url``: the same for SQLite. Everything lies in temporary folders and dies with the session.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.servers.postgresql import postgresql

_NUMBERS = itertools.count(1)


@pytest.hookimpl(trylast=True)  # behind the start of the coverage
def pytest_sessionstart() -> None:
    """A form file is judged once for what stands in its folder: a thousand verbs would each judge the packaged ones anew."""
    from parsers import form_file  # noqa: PLC0415

    read, judged = form_file.read_form, {}

    def read_once(path: Path) -> object:
        try:
            seen = (path, *((file, file.read_bytes()) for file in sorted(path.parent.glob("*.toml"))))
        except OSError:
            return read(path)
        if seen not in judged:
            judged[seen] = read(path)
        return judged[seen]

    form_file.read_form = read_once


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    """A command run inside a test sends the log to what was then its standard error: closed when the next test writes."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from storage.engine import open_engine, upgrade  # noqa: PLC0415 - not for tests that need no database

    file = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "ledger.db")
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """A server of our own; called with a database name it gives its URL."""
    with postgresql() as url_of:
        yield url_of


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: Callable[[str], str]) -> str:
    from storage.engine import open_engine, upgrade  # noqa: PLC0415 - not for tests that need no database

    _command(postgres_server, "CREATE DATABASE template_ledger")
    engine = open_engine(postgres_server("template_ledger"))
    upgrade(engine)
    engine.dispose()
    return "template_ledger"


@pytest.fixture
def postgres_url(postgres_server: Callable[[str], str], _postgres_template: str) -> Iterator[str]:
    yield from _database(postgres_server, f"TEMPLATE {_postgres_template}")


@pytest.fixture
def empty_postgres_url(postgres_server: Callable[[str], str]) -> Iterator[str]:
    yield from _database(postgres_server, "")


def _database(server: Callable[[str], str], how: str) -> Iterator[str]:
    name = f"test_{next(_NUMBERS)}"
    _command(server, f"CREATE DATABASE {name} {how}")
    yield server(name)
    _command(server, f"DROP DATABASE {name} WITH (FORCE)")


def _command(server: Callable[[str], str], sql: str) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(server("postgres"), autocommit=True) as connection:
        connection.execute(sql)
