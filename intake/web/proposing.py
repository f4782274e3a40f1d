"""What needs two persons: kept as a proposal in the queue, confirmed by another lead or turned down.

Rules:

1. A proposal changes nothing; it names who proposed it, what, and why, and stands in the queue; one at a time about one thing.
2. Only a lead confirms, and never one's own proposal; the change is then made in the proposer's name with the lead beside it.
3. It is refused when anything was written since it was proposed about the mail, the due (or its period), or the period it is about;
   who looks at it is told so before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from intake import due_changes, erasing
from intake.asking import NotFound
from intake.decisions import Refused
from intake.desk import Desk
from intake.foreseen import DueChange
from intake.web import deciding, enrolling
from intake.web.access import Visitor
from intake.web.console import Console
from intake.web.deciding import PROPOSAL, Asked, Changed
from intake.web.undoing import CONFIRMED, TURNED_DOWN
from storage.queries import Queries
from storage.records import Entry, ReviewItem

# ---- proposing -------------------------------------------------------------------------------------------------------


def propose_due(desk: Desk, key: str, agency: str, change: DueChange) -> None:
    """Keep a change of a due for a second person. Raises ``Refused``."""
    until = change.until.isoformat() if change.until else ""
    detail = {"by": desk.actor, "period": key, "agency": agency, "action": change.what, "reason": change.reason}
    deciding.propose(desk, ReviewItem(PROPOSAL, f"due:{key}/{agency}", detail={**detail, "until": until, "due": True}))


def propose_period(desk: Desk, key: str, reason: str, *, skip: bool, due_at: datetime | None) -> None:
    """Keep a change of a period for everybody for a second person. Raises ``Refused``."""
    detail = {"by": desk.actor, "period": key, "action": "skip" if skip else "due-at", "reason": reason}
    until = due_at.isoformat() if due_at else ""
    deciding.propose(desk, ReviewItem(PROPOSAL, f"period:{key}", detail={**detail, "until": until, "whole": True}))


def propose_roster(desk: Desk, draft: enrolling.Draft, reason: str) -> None:
    """Keep a roster for a second person. Raises ``Refused``."""
    name, detail = enrolling.proposal(desk, draft, reason)
    deciding.propose(desk, ReviewItem(PROPOSAL, name, detail=detail))


def propose_erasing(console: Console, visitor: Visitor, what: str, reason: str) -> None:
    """Keep an erasure for a second person. Raises ``Refused``."""
    if not reason:
        raise Refused("reason")
    with console.ask() as q:
        try:
            target = erasing.erasable(q, what)
        except NotFound:
            raise Refused("nothing") from None
        except Refused:
            raise Refused("not_erasable") from None
        if target.mail and q.erased_at(target.mail.id) is not None:
            raise Refused("erased")
    mail_id = target.mail.id if target.mail else None
    name = f"mail:{mail_id}" if target.mail else target.id
    with console.deciding(visitor.account) as desk:
        detail = {"by": desk.actor, "action": "erase", "reason": reason, "what": target.id, "erase": True}
        deciding.propose(desk, ReviewItem(PROPOSAL, name, mail_id=mail_id, detail=detail))


# ---- the second person -----------------------------------------------------------------------------------------------


def confirm(console: Console, visitor: Visitor, item: ReviewItem) -> None:
    """Carry a proposal out, with this lead as the second person. Raises ``Refused``, ``Changed``."""
    if not visitor.may("second"):
        raise Refused("not_lead")
    if visitor.account.actor == item.detail["by"]:
        raise Refused("same_person")
    with console.deciding(visitor.account) as desk:
        _still_waits(desk, item)
        named = replace(desk, actor=str(item.detail["by"]))
        _carry_out(named, console, item, visitor.account.actor)
        _close(desk, item, CONFIRMED)


def stale(q: Queries, item: ReviewItem) -> tuple[Entry, ...]:
    """What was written about its subject since it was proposed: it can no longer be confirmed."""
    return deciding.written_since(q, item.seq, _about(q, item))


def _about(q: Queries, item: ReviewItem) -> list[str]:
    """The subjects of the log it is about; a roster knows by itself what it was compared with, and what is erased is erased."""
    said = item.detail
    if said.get("due"):
        return [f"due:{said['period']}/{said['agency']}", f"period:{said['period']}"]
    if said.get("whole"):
        return [f"period:{said['period']}"]
    if said.get("erase") or not item.mail_id:
        return []
    return deciding.subjects_of(q, item.mail_id)


def _carry_out(named: Desk, console: Console, item: ReviewItem, second: str) -> None:
    """In the name of whoever proposed it."""
    said = item.detail
    unchanged = deciding.unchanged_since(item.seq, lambda q: _about(q, item))
    if said.get("due"):
        change = DueChange(said["action"], said["reason"], second, _moment(said["until"]))
        due_changes.change_due(named, said["period"], said["agency"], change, unchanged)
    elif said.get("erase"):
        _erase(named, str(said["what"]), second, str(said["reason"]))
    elif said["action"] == enrolling.KIND:
        enrolling.bring(named, enrolling.kept(said), str(said["reason"]), second)
    elif said.get("whole"):
        skip, due_at = said["action"] == "skip", _moment(said["until"])
        due_changes.change_period(
            named, said["period"], skip=skip, due_at=due_at, reason=said["reason"], second=second, unchanged=unchanged
        )
    else:
        deciding.taken(named, console, Asked.of(item), second)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _erase(desk: Desk, what: str, second: str, reason: str) -> None:
    try:
        erasing.erase(desk, what, second=second, reason=reason)
    except (Refused, NotFound):
        raise Refused("not_erasable") from None


def turn_down(console: Console, visitor: Visitor, item: ReviewItem, reason: str) -> None:
    """End a proposal without carrying it out; its own author may. Raises ``Changed``."""
    with console.deciding(visitor.account) as desk:
        _still_waits(desk, item)
        _close(desk, item, f"{TURNED_DOWN}{reason}")


def ended(q: Queries, item: ReviewItem) -> Entry | None:
    """The entry that ended a proposal; None while it waits."""
    return next((e for e in q.entries_about([f"review:{item.id}"]) if e.kind == "review_closed"), None)


def _still_waits(desk: Desk, item: ReviewItem) -> None:
    """Nobody else has ended it while this person looked at it. Raises ``Changed``."""
    with desk.ledger.read() as q:
        if end := ended(q, item):
            raise Changed((end,))


def _close(desk: Desk, item: ReviewItem, why: str) -> None:
    with desk.write(desk.clock.now()) as tx:
        now = tx.review(item.id)
        if now is not None and now.closed_at is None:
            tx.close_review(item.id, item.version, why)
