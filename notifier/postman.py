"""The postman: compose → keep → claim → send → mark, letter by letter.

Rules (ambiguous delivery; a letter goes out once):

1. the exact bytes are in the vault, and their name in the letter's row, before the first of them goes out; a letter whose delivery is
   in doubt is sent again with those very bytes, Message-ID and Date included, also when a crash put it in doubt;
2. a refusal that may pass comes back after 1, 5 and 15 minutes, then every hour; after 48 hours it has failed. Nobody has such a letter,
   so it is written anew then: what it says of the time left is true when it goes. A server that cannot be reached fails no letter: they
   wait, and the rest of the outbox is not even tried now. A reminder whose cutoff passes meanwhile is withheld, never sent;
3. a letter that cannot be composed is set aside as failed with the reason ``compose`` and named to the caller; the next one goes on;
4. silence after the text is ``unknown``: our own copy settles it, else it goes again after a quarter of an hour (the outbox's part);
5. one letter at a time is claimed. Once the server has taken one, the next few are written and kept together, and what became of a
   letter is noted in the transaction that claims the next: the disk is waited for once a letter. Of many letters a process beside us
   writes those that come later while the earlier ones go (``notifier.scribe``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from notifier.facts import ReminderFacts
from notifier.office import Office
from notifier.plain import one_line
from notifier.scribe import AtOnce, Job, Scribe
from notifier.smtp import Smtp
from storage.failpoint import failpoint
from storage.outbox import Fate, Outbox
from storage.records import Letter
from storage.vault import Vault

WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
GIVE_UP = timedelta(hours=48)  # since the letter was written
WRITTEN_AT_ONCE = 8  # letters kept together; only one of them is claimed and becomes unknown if we die
ASKED_AT_ONCE = 64  # letters asked of the outbox together; the scribe writes ahead among them

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One round: what was done in it, and what is left."""

    sent: int = 0
    pending: int = 0  # letters in the outbox still to go, after this round
    failed: int = 0
    unknown: int = 0
    retried: int = 0
    unreachable: bool = False  # the server could not be reached or did not take our login
    reply: str = ""  # why not
    uncomposed: tuple[str, ...] = ()  # "kind about: what went wrong", one for each letter we could not write


@dataclass(frozen=True, slots=True)
class _Written:
    """A letter with the bytes it goes out with."""

    letter: Letter
    raw: bytes
    sha256: str = ""


class Postman:
    """Sends what the outbox owes."""

    def __init__(self, outbox: Outbox, vault: Vault, smtp: Smtp, office: Office, scribe: Scribe | None = None) -> None:
        self.outbox = outbox
        self.vault = vault
        self.smtp = smtp
        self.office = office
        self.scribe = scribe or AtOnce()

    def deliver(self, now: datetime) -> Delivered:
        """Everything that may go now, once each."""
        done = Delivered()
        try:
            while not done.unreachable and (ready := self.outbox.ready(now, ASKED_AT_ONCE if done.sent else 1)):
                self._write_ahead(ready, now)
                for start in range(0, len(ready), WRITTEN_AT_ONCE):
                    if not done.unreachable:
                        done = self._deliver_few(ready[start : start + WRITTEN_AT_ONCE], now, done)
        finally:
            self.scribe.forget()
            self.smtp.close()
        return replace(done, pending=self.outbox.pending())

    def _deliver_few(self, letters: Sequence[Letter], now: datetime, done: Delivered) -> Delivered:
        """Written and kept together, claimed and sent one by one."""
        fate = None
        written, done = self._written(letters, now, done)
        for one in written:
            claimed = self.outbox.turn(now, fate, one.letter, one.sha256)
            fate = None
            if claimed is None:
                continue
            failpoint("outbox_claimed")
            if done.unreachable:
                fate, done = self._put_back(one.letter, claimed, now, done)
            else:
                fate, done = self._send(one, claimed, now, done)
        if fate:
            self.outbox.turn(now, fate)
        return done

    def _write_ahead(self, letters: Sequence[Letter], now: datetime) -> None:
        """The scribe meets us in the middle of the few kept together first, then goes on with those behind them."""
        order = (*reversed(letters[1:WRITTEN_AT_ONCE]), *letters[WRITTEN_AT_ONCE:])
        self.scribe.ahead([self._job(letter, now) for letter in order if not letter.raw_sha256])

    def _written(self, letters: Sequence[Letter], now: datetime, done: Delivered) -> tuple[list[_Written], Delivered]:
        """Those that can be written, their bytes safe in the vault; the others have failed or wait."""
        written = []
        for letter in letters:
            if out_of_time(letter, now):
                self.outbox.turn(now, Fate(letter, "withheld", "too_late", withheld_because="too_late"))
                continue
            try:
                written.append(_Written(letter, self._bytes(letter, now)))
            except Exception as wrong:  # whatever a sender made us write must not stop the other letters
                log.exception("letter.uncomposed", kind=letter.kind, about=letter.about)
                reason = one_line(f"compose: {type(wrong).__name__}: {wrong}", 300)
                self.outbox.turn(now, Fate(letter, "failed", reason, smtp_reply=reason))
                told = f"{letter.kind} {letter.about}: {reason}"
                done = replace(done, failed=done.failed + 1, uncomposed=(*done.uncomposed, told))
        try:
            names = self.vault.put_many([one.raw for one in written])
        except OSError as full:
            for one in written:
                self.outbox.turn(now, _waiting(one.letter, one.letter, now + WAITS[0], f"vault: {full}"))
            return [], replace(done, retried=done.retried + len(written))
        return [replace(one, sha256=name) for one, name in zip(written, names, strict=True)], done

    def _bytes(self, letter: Letter, now: datetime) -> bytes:
        """The bytes that may already be out there, else freshly written."""
        if letter.raw_sha256 and self.vault.has(letter.raw_sha256):
            return self.vault.get(letter.raw_sha256)
        return self.scribe.take(self._job(letter, now))

    def _job(self, letter: Letter, now: datetime) -> Job:
        named = letter.facts.get("attached", ())
        files = tuple((str(f["name"]), self.vault.path(str(f["sha256"]))) for f in named)
        return Job(letter, self.office, now, files)

    def _send(self, one: _Written, claimed: Letter, now: datetime, done: Delivered) -> tuple[Fate, Delivered]:
        """Hand one letter over; what became of it, to be noted in the next transaction."""
        result = self.smtp.send(one.raw, self._envelope_from(), claimed.to, self.office.self_copy)
        reply = "; ".join((result.reply, *result.refused))
        if result.state == "sent":
            failpoint("after_250")
            fate = Fate(claimed, "sent", reply, sent_at=now, smtp_reply=reply)
            return fate, replace(done, sent=done.sent + 1)
        if result.state == "unknown":
            return Fate(claimed, "unknown", reply, smtp_reply=reply or None), replace(done, unknown=done.unknown + 1)
        if result.state == "permanent" or (not result.unreachable and _too_old(claimed, now)):
            return Fate(claimed, "failed", reply, smtp_reply=reply), replace(done, failed=done.failed + 1)
        return _waiting(one.letter, claimed, next_try(claimed, now), reply), replace(
            done,
            retried=done.retried + 1,
            unreachable=result.unreachable,
            reply=reply if result.unreachable else done.reply,
        )

    def _put_back(self, before: Letter, claimed: Letter, now: datetime, done: Delivered) -> tuple[Fate, Delivered]:
        """Claimed when the server went away: not its fault, the short wait."""
        return _waiting(before, claimed, now + WAITS[0], done.reply), replace(done, retried=done.retried + 1)

    def _envelope_from(self) -> str:
        return self.office.envelope_from or self.office.mailbox_address


def _waiting(before: Letter, claimed: Letter, until: datetime, reply: str) -> Fate:
    """Pending again until then. Bytes that may have gone out in an earlier try are kept, those only refused are not."""
    return Fate(claimed, "pending", reply, next_try_at=until, smtp_reply=reply, raw_sha256=before.raw_sha256)


def next_try(letter: Letter, now: datetime) -> datetime:
    """When a letter refused for now goes again: the wait grows with its attempts."""
    return now + WAITS[min(max(letter.attempts, 1), len(WAITS)) - 1]


def _too_old(letter: Letter, now: datetime) -> bool:
    return letter.created_at is not None and now - letter.created_at >= GIVE_UP


def out_of_time(letter: Letter, now: datetime) -> bool:
    """Whether a reminder nobody can have yet asks for what was due before it could go."""
    if letter.kind != "reminder" or letter.raw_sha256:
        return False
    dues = [item.due_at for item in ReminderFacts.from_json(letter.facts).items if item.due_at]
    return bool(dues) and max(dues) <= now
