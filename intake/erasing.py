"""Removing a raw mail or one payload for good: privacy's right, evidence's limit.

Rules (plan, privacy; contract, ``erase``):

1. Two persons and a reason, always; who, why and with whom stand in the log, and the chain still verifies.
2. Of a mail its bytes go, and what was copied out of its headers; its hash, its moments, what was read and decided stay.
3. Bytes are removed after the commit that says so; asked again for the same mail, a removal cut short is finished.
4. What became of letters, and what was erased before, is evidence others hold too: those payloads stay.
5. The mailbox's own copy is nothing we touch; where it lies is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from intake.asking import NotFound, find
from intake.decisions import Refused, second_person
from intake.desk import Desk
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Entry, Mail

_ENTRY = re.compile(r"log:(\d+)")
_STAYS = ("erased", "letter")  # beginnings of kinds whose payload is not erased


@dataclass(frozen=True, slots=True)
class Erased:
    """What is gone, and where a copy may still lie."""

    what: str  # "mail:17", "log:311"
    seq: int  # the log entry that says so
    copies: tuple[str, ...] = ()  # "INBOX, UID 12": on the server


@dataclass(frozen=True, slots=True)
class Target:
    """What an erasure would take away."""

    id: str  # "17", "log:311"
    mail: Mail | None = None
    entry: Entry | None = None
    copies: tuple[str, ...] = ()


def erasable(q: Queries, id_: str) -> Target:
    """What that names, if it may be erased. Raises ``Refused`` (a code and its words), ``NotFound``."""
    if entry := _ENTRY.fullmatch(id_):
        return Target(id_, entry=_checked_entry(q, int(entry[1])))
    mail = _checked_mail(q, id_)
    return Target(str(mail.id), mail, copies=_copies(q, mail.id))


def erase(desk: Desk, id_: str, *, second: str, reason: str) -> Erased:
    """Erase a mail (any id of the contract) or an entry's payload (``log:311``). Raises ``Refused``, ``NotFound``."""
    second_person(desk, second, "erasing needs a second person")
    entry = _ENTRY.fullmatch(id_)
    with desk.write(desk.clock.now()) as tx:
        erased, sha256 = _payload(tx, int(entry[1]), reason, second) if entry else _mail(tx, id_, reason, second)
    if sha256:
        desk.vault.remove(sha256)
    return erased


def _payload(tx: Tx, seq: int, reason: str, second: str) -> tuple[Erased, None]:
    _checked_entry(tx, seq)
    tx.erase_payload(seq, reason, second)
    return Erased(f"log:{seq}", _last(tx)), None


def _checked_entry(q: Queries, seq: int) -> Entry:
    found = q.entry(seq)
    if found is None:
        raise NotFound(f"log:{seq}: there is no such entry")
    if found.kind.startswith(_STAYS):
        raise Refused(f"log:{seq}: an entry of kind {found.kind!r} keeps its payload")
    if found.payload is None:
        raise Refused(f"log:{seq}: its payload was erased before")
    return found


def _mail(tx: Tx, id_: str, reason: str, second: str) -> tuple[Erased, str]:
    mail = _checked_mail(tx, id_)
    before = tx.erased_at(mail.id)
    if before is None:
        tx.erase_mail(mail.id, reason, second)
    return Erased(f"mail:{mail.id}", before or _last(tx), _copies(tx, mail.id)), mail.sha256


def _checked_mail(q: Queries, id_: str) -> Mail:
    mail = q.mail(find(q, id_).mail_id)
    assert mail
    if mail.state in ("stored", "reading"):
        raise Refused(f"mail {mail.id} has not been read yet: erase it once it has")
    return mail


def _copies(q: Queries, mail_id: int) -> tuple[str, ...]:
    return tuple(f"{s.folder}, UID {s.uid}" for s in q.sightings(mail_id) if not s.gone)


def _last(tx: Tx) -> int:
    head = tx.head()
    return head.seq if head else 0
