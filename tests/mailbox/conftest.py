"""What the mailbox tests share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intake.mailbox.account import Account
from intake.mailbox.idle import Idle
from intake.mailbox.imap import ImapSource
from intake.settings import MailboxSettings, Secret
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


def line_to(server: Dovecot | ScriptedImap, name: str = "u", **more) -> MailboxSettings:
    """The settings of a cleartext line to a server on loopback."""
    port = server.plain if isinstance(server, Dovecot) else server.port
    return MailboxSettings("imap", "127.0.0.1", port, "none", name, secret=Secret(server.password), **more)


@pytest.fixture
def sources() -> Iterator[Callable[..., ImapSource]]:
    """Sources on a server, closed at the end."""
    opened: list[ImapSource] = []

    def on(server, name: str = "u", read_seconds: float = 20.0, spool=None, **more) -> ImapSource:
        mailbox = line_to(server, name, **more)
        account = replace(Account.of(mailbox), read_seconds=read_seconds)
        opened.append(ImapSource(mailbox, account=account, spool=spool))
        return opened[-1]

    yield on
    for source in opened:
        source.close()


@pytest.fixture
def idles() -> Iterator[Callable[..., tuple[Idle, threading.Semaphore]]]:
    """IDLE watches that count what they announce, stopped at the end: two announcements in one breath are two."""
    running: list[Idle] = []

    def on(server, name: str = "u", **more) -> tuple[Idle, threading.Semaphore]:
        news = threading.Semaphore(0)
        running.append(Idle(line_to(server, name), news.release, **more))
        running[-1].start()
        return running[-1], news

    yield on
    for idle in running:
        idle.stop()


def heard(news: threading.Semaphore, seconds: float = 10.0) -> bool:
    """Whether mail is announced (once more) within so many seconds."""
    return news.acquire(timeout=seconds)


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
