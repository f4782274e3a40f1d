"""The servers as fixtures: import what a room's conftest needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.servers import dovecot as dovecot_server
from tests.servers.dovecot import Dovecot
from tests.servers.imap_script import PLAIN, ScriptedImap
from tests.servers.smtp_sink import SmtpSink


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One real Dovecot for the session; take a user name of your own for each test."""
    server = dovecot_server.start()
    yield server
    server.stop()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox nobody else uses."""
    return f"u{abs(hash(request.node.nodeid)):x}@example.vn"


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedImap]]:
    """Start scripted IMAP servers."""
    running: list[ScriptedImap] = []

    def start(mails: Mapping[int, bytes] | None = None, capabilities: str = PLAIN) -> ScriptedImap:
        running.append(ScriptedImap(mails, capabilities).start())
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A sink that takes everything."""
    sink = SmtpSink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(certificate, key) for localhost and 127.0.0.1."""
    return dovecot_server.self_signed(tmp_path_factory.mktemp("certificate"))
