"""What the mailbox tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from intake.mailbox.imap import Account
from intake.mailbox.imap_source import ImapSource
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import dovecot, scripted, user  # noqa: F401
from tests.servers.imap_script import ScriptedImap

FRIDAY = datetime(2017, 7, 21, 2, 59, 58, tzinfo=UTC)


def mail(number: int, size: int = 400) -> bytes:
    """A distinct mail of exactly ``size`` bytes (at least some 80)."""
    head = f"From: snv@example.vn\r\nSubject: {number}\r\nMessage-ID: <{number}@example.vn>\r\n\r\n".encode()
    line = f"{number:08d} ".encode() * 8 + b"\r\n"
    body = line * (size // len(line) + 1)
    return head + body[: size - len(head) - 2] + b"\r\n"


@pytest.fixture
def sources() -> Iterator[Callable[..., ImapSource]]:
    """Sources on a server, closed at the end."""
    opened: list[ImapSource] = []

    def on(server: Dovecot | ScriptedImap, name: str = "u", read_seconds: float = 20.0, **more) -> ImapSource:
        port = server.plain if isinstance(server, Dovecot) else server.port
        account = Account("127.0.0.1", port, name, server.password, "none", read_seconds=read_seconds)
        opened.append(ImapSource(account, **{"idle": False, **more}))
        return opened[-1]

    yield on
    for source in opened:
        source.close()


def read_all(source: ImapSource, folder: str = "INBOX", cursor=None) -> tuple[dict[int, bytes], int]:
    """Everything new as uid → bytes, and where the cursor ends."""
    got: dict[int, bytes] = {}
    last = 0
    for batch in source.fetch_new(folder, cursor):
        for one in batch.mails:
            got[one.uid] = one.raw if isinstance(one.raw, bytes) else one.raw.read_bytes()
            assert one.size == len(got[one.uid])
        last = batch.last_uid
    return got, last
