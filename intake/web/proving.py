"""What the page of proofs shows: a receipt pasted from a letter against the log, a check of everything, the last witnesses.

Rules: a pasted number and hash are looked up, and the entry's own hash is computed again; a hash may be shortened as pages print
it (ten characters or more). A check of the whole log runs in a thread of its own, one at a time, over the read-only connection.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import structlog

from intake.asking import NotFound, find
from storage.chain import entry_hash, moment_text
from storage.errors import Unavailable
from storage.ledger import Ledger
from storage.proof import Proof, verify
from storage.queries import Queries
from storage.records import Entry, Letter

LOG = structlog.get_logger()
SHOWN = 50  # problems on the page
_PRINTED = re.compile(r"(?<!\w)(\d{1,15})(?!\w)\D{0,80}?(?<!\w)([0-9a-f]{10,64})(?!\w)")
_RECEIPT = re.compile(r"CCHC-[A-Z0-9-]+(?:-r\d+|-[0-9a-f]{10})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Compared:
    """A pasted receipt against the log."""

    verdict: str  # same | differs | beyond | broken | unreadable | known | unknown
    seq: int = 0
    given: str = ""  # the hash as pasted
    entry: Entry | None = None
    letter: Letter | None = None
    mail_id: int | None = None
    head: int = 0


def compared(q: Queries, text: str) -> Compared:
    """What the log says of a number and hash, or of a receipt, pasted from a letter."""
    found = _PRINTED.search(text)
    if found is None:
        return _receipt(q, text)
    seq, given = int(found[1]), found[2]
    head, entry = q.head(), q.entry(seq)
    last = head.seq if head else 0
    if entry is None:
        return Compared("beyond", seq, given, head=last)
    own = entry_hash({**asdict(entry), "at": moment_text(entry.at)}) == entry.hash
    verdict = "broken" if not own else "same" if entry.hash.startswith(given) else "differs"
    said = (entry.payload or {}).get("message_id") if entry.kind.startswith("letter") else None
    letter = q.letter_by_message_id(str(said)) if said else None
    return Compared(verdict, seq, given, entry, letter, _mail_of(q, entry), last)


def _receipt(q: Queries, text: str) -> Compared:
    found = _RECEIPT.search(text)
    if found is None:
        return Compared("unreadable")
    try:
        return Compared("known", given=found[0], mail_id=find(q, found[0]).mail_id)
    except NotFound:
        return Compared("unknown", given=found[0])


def _mail_of(q: Queries, entry: Entry) -> int | None:
    kind, _, number = entry.subject.removeprefix("access:").partition(":")
    if kind == "mail" and number.isdecimal():
        return int(number)
    submission = q.submission(int(number)) if kind == "submission" and number.isdecimal() else None
    return submission.mail_id if submission else None


@dataclass(slots=True)
class Check:
    """The check of the whole log: what was found last, and whether one is running."""

    running: bool = False
    began: datetime | None = None
    ended: datetime | None = None
    proof: Proof | None = None
    failed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self, ledger: Ledger, now: Callable[[], datetime], told: Callable[[Proof], Any]
    ) -> threading.Thread | None:
        """Begin, unless one is running; ``told`` when it is done."""
        with self._lock:
            if self.running:
                return None
            self.running, self.began, self.failed = True, now(), False
        thread = threading.Thread(target=self._run, args=(ledger, now, told), name="proof", daemon=True)
        thread.start()
        return thread

    def _run(self, ledger: Ledger, now: Callable[[], datetime], told: Callable[[Proof], Any]) -> None:
        try:
            found = verify(ledger, None)
            told(found)
            self.proof, self.ended = found, now()
        except (Unavailable, OSError) as error:
            LOG.warning("the log could not be checked", error=str(error))
            self.failed = True
        finally:
            self.running = False
