"""The postman's steps with the outbox, one by one: claim a letter, and say what became of it."""

from __future__ import annotations

from datetime import datetime

from storage.outbox import Fate, Outbox
from storage.records import Letter


def claim(outbox: Outbox, now: datetime, limit: int = 10) -> tuple[Letter, ...]:
    ready = outbox.ready(now, limit)
    return tuple(claimed for letter in ready if (claimed := outbox.turn(now, None, letter, letter.raw_sha256)))


def sent(outbox: Outbox, letter: Letter, at: datetime, reply: str, raw_sha256: str) -> None:
    outbox.turn(at, Fate(letter, "sent", reply, sent_at=at, smtp_reply=reply, raw_sha256=raw_sha256))


def retry(outbox: Outbox, letter: Letter, at: datetime, next_try_at: datetime, reply: str) -> None:
    outbox.turn(at, Fate(letter, "pending", reply, next_try_at=next_try_at, smtp_reply=reply))


def failed(outbox: Outbox, letter: Letter, at: datetime, reply: str) -> None:
    outbox.turn(at, Fate(letter, "failed", reply, smtp_reply=reply))


def unknown(outbox: Outbox, letter: Letter, at: datetime, reply: str, raw_sha256: str) -> None:
    outbox.turn(at, Fate(letter, "unknown", reply, smtp_reply=reply, raw_sha256=raw_sha256))
