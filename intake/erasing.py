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

_ENTRY = re.compile(r"log:(\d+)")
_STAYS = ("erased", "letter")  # beginnings of kinds whose payload is not erased


@dataclass(frozen=True, slots=True)
class Erased:
    """What is gone, and where a copy may still lie."""

    what: str  # "mail:17", "log:311"
    seq: int  # the log entry that says so
    copies: tuple[str, ...] = ()  # "INBOX, UID 12": on the server


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
    found = tx.entry(seq)
    if found is None:
        raise NotFound(f"log:{seq}: there is no such entry")
    if found.kind.startswith(_STAYS):
        raise Refused(f"log:{seq}: an entry of kind {found.kind!r} keeps its payload")
    if found.payload is None:
        raise Refused(f"log:{seq}: its payload was erased before")
    tx.erase_payload(seq, reason, second)
    return Erased(f"log:{seq}", _last(tx)), None


def _mail(tx: Tx, id_: str, reason: str, second: str) -> tuple[Erased, str]:
    mail_id = find(tx, id_).mail_id
    mail = tx.mail(mail_id)
    assert mail
    if mail.state in ("stored", "reading"):
        raise Refused(f"mail {mail_id} has not been read yet: erase it once it has")
    before = tx.erased_at(mail_id)
    if before is None:
        tx.erase_mail(mail_id, reason, second)
    copies = tuple(f"{s.folder}, UID {s.uid}" for s in tx.sightings(mail_id) if not s.gone)
    return Erased(f"mail:{mail_id}", before or _last(tx), copies), mail.sha256


def _last(tx: Tx) -> int:
    head = tx.head()
    return head.seq if head else 0
