"""A person's decision as a form of the console brings it, and what becomes of it.

Rules:

1. The decision functions of the command line are called, in the person's name; nothing is decided here.
2. What the person looked at is named by the position of the last log entry about the mail: anything newer, and nothing is
   written (``Changed``); two people on one item cannot overwrite each other.
3. A decision that needs two persons is kept as a proposal in the queue; another lead confirms it and is the second person.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from intake import decisions, erasing, requesting
from intake.asking import Found, NotFound
from intake.book import law_of
from intake.decisions import DueChange, NeedsSecond, Refused, Verdicts
from intake.desk import Desk
from intake.roster_file import digest
from intake.taking_back import take_back
from intake.web import enrolling
from intake.web.access import Visitor
from intake.web.console import Console
from storage.queries import Queries
from storage.records import Entry, Json, ReviewItem

PROPOSAL = "proposal"
STANDARD = {  # action → its usual reason, written where the person gives none; the others must be given one
    "accept": "looked",
    "agency": "agency",
    "period": "period",
    "not-a-report": "not_a_report",
    "ask": "ask",
    "retry": "retry",
}
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")


class Changed(Exception):
    """Somebody, or a later mail, was quicker. Holds what has been written since."""

    def __init__(self, mail_id: int, since: tuple[Entry, ...]) -> None:
        super().__init__(f"mail {mail_id} has changed")
        self.mail_id = mail_id
        self.since = since


class Proposed(Exception):
    """Kept for a second person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says."""

    mail_id: int
    seen: int  # log position of what the person looked at
    action: str
    reason: str
    agency: str = ""
    period: str = ""
    sets: Mapping[str, str] | None = None
    submission: str = ""  # "17.2.1", "" for the whole mail
    deemed_at: datetime | None = None
    remember: bool = False


def position(q: Queries, mail_id: int) -> int:
    """The last log entry about a mail or its submissions."""
    about = _about(q, mail_id)
    return about[-1].seq if about else 0


def _about(q: Queries, mail_id: int) -> tuple[Entry, ...]:
    own = [f"submission:{submission.id}" for submission in q.submissions(mail_id)]
    return q.entries_about([f"mail:{mail_id}", *own])


def carry_out(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Whatever the form asks for. Raises ``Changed``, ``Proposed``, ``Refused``."""
    if not asked.reason:
        raise Refused("reason")
    does = {"retry": again, "ask": ask_sender, "revoke": revoke}.get(asked.action.partition(":")[0], decide)
    does(console, visitor, asked)


def decide(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Do it. Raises ``Changed``, ``Proposed``, ``Refused``."""
    with console.deciding(visitor.account) as desk:
        _decide(desk, console, asked, second=None)
    if asked.remember and asked.agency and visitor.may("dues"):
        with console.deciding(visitor.account) as desk:
            remember(desk, asked.mail_id, asked.agency)


def _unchanged(asked: Asked) -> Callable[[Queries], None]:
    """Raises ``Changed`` when something was written about the mail since the person looked at it."""

    def unchanged(q: Queries) -> None:
        since = tuple(entry for entry in _about(q, asked.mail_id) if entry.seq > asked.seen)
        if since:
            raise Changed(asked.mail_id, since)

    return unchanged


def revoke(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Take back what the agency said of a finding (``revoke:W03``). Raises ``Changed``, ``Refused``."""
    with console.deciding(visitor.account) as desk:
        with desk.ledger.read() as q:
            found = _found(q, asked)
        code = asked.action.partition(":")[2]
        try:
            take_back(desk, found, [code], asked.reason, unchanged=_unchanged(asked))
        except Refused:
            raise Refused("no_explanation") from None


def _decide(desk: Desk, console: Console, asked: Asked, second: str | None) -> None:
    with desk.ledger.read() as q:
        found = _found(q, asked)
    try:
        decisions.decide(desk, found, _verdicts(asked, second), console.reread, _unchanged(asked))
    except NeedsSecond:
        _propose(desk, asked)
        raise Proposed from None


def _found(q: Queries, asked: Asked) -> Found:
    chosen = tuple(s for s in q.submissions(asked.mail_id) if asked.submission in ("", s.ref))
    return Found(asked.mail_id, chosen)


def _verdicts(asked: Asked, second: str | None) -> Verdicts:
    outcome = asked.action if asked.action in decisions.OUTCOMES else None
    return Verdicts(
        asked.reason,
        second,
        asked.agency or None,
        asked.period or None,
        asked.sets or None,
        outcome or ("accept" if asked.action == "set" and asked.sets else None),
        asked.deemed_at,
    )


def again(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Have the mail read again. Raises ``Changed``, ``Refused``."""
    with console.ask() as q:
        mail = q.mail(asked.mail_id)
        since = tuple(entry for entry in _about(q, asked.mail_id) if entry.seq > asked.seen)
    if since:
        raise Changed(asked.mail_id, since)
    if mail is None or mail.state not in decisions.AGAIN:
        raise Refused("state")
    with console.write(visitor.account.actor) as tx:
        tx.note_access("retry_asked", f"mail:{asked.mail_id}", reason=asked.reason)
    console.reread(asked.mail_id)


def ask_sender(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Have an agency asked, at its registered addresses, whether the mail is its own. Raises ``Changed``, ``Refused``."""
    with console.deciding(visitor.account) as desk:
        now = desk.clock.now()
        with desk.write(now) as tx:
            since = tuple(entry for entry in _about(tx, asked.mail_id) if entry.seq > asked.seen)
            mail = tx.mail(asked.mail_id)
            if since or mail is None:
                raise Changed(asked.mail_id, since)
            law = law_of(desk, tx)
            if law.roster.get(asked.agency, law.calendar.day(now)) is None:
                raise Refused("agency")
            requesting.ask_agency(desk, tx, law, mail, asked.agency, now)


def remember(desk: Desk, mail_id: int, agency: str) -> None:
    """Put the mail's address into the roster from today on, for the agency it was found to be of. Raises ``Refused``."""
    today = desk.calendar.day(desk.clock.now())
    with desk.ledger.read() as q:
        mail, version = q.mail(mail_id), q.roster(day=today)
        roster = desk.roster(q)
    if mail is None or version is None or "@" not in mail.from_address:
        raise Refused("address")
    if roster.by_address(mail.from_address, today) is not None:
        return
    wider = with_address(version.csv, agency, mail.from_address, today.isoformat())
    decisions.import_roster(desk, wider, today, digest(wider))


def with_address(text: str, agency: str, address: str, since: str) -> str:
    """The roster with one more address for the agency's last row, in force from a day on."""
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    own = [row for row in rows if row["code"].strip() == agency]
    if not own:
        raise Refused("agency")
    own[-1]["addresses"] = ";".join(filter(None, (own[-1]["addresses"].strip(), f"{address}[{since}..]")))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


# ---- figures ---------------------------------------------------------------------------------------------------------


def changed_figures(shown: Mapping[str, object], given: Mapping[str, str]) -> dict[str, str]:
    """KEY → value for every field that says something else than what was shown; Vietnamese or plain numbers."""
    found = {}
    for key, text in given.items():
        value = plain_number(text)
        was = shown.get(key)
        if value and value != ("" if was is None else plain_number(str(was))):
            found[key] = value
    return found


def plain_number(text: str) -> str:
    """A number as the ledger wants it.

    >>> plain_number("1.625"), plain_number("95,5"), plain_number("95.5")
    ('1625', '95.5', '95.5')
    """
    text = text.strip()
    if _THOUSANDS.fullmatch(text.partition(",")[0]) or "," in text:
        text = text.replace(".", "").replace(",", ".")
    return text


# ---- two persons -----------------------------------------------------------------------------------------------------


def _propose(desk: Desk, asked: Asked) -> None:
    detail: Json = {
        "by": desk.actor,
        "seen": asked.seen,
        "action": asked.action,
        "reason": asked.reason,
        "agency": asked.agency,
        "period": asked.period,
        "sets": dict(asked.sets or {}),
        "submission": asked.submission,
        "deemed_at": asked.deemed_at.isoformat() if asked.deemed_at else "",
    }
    with desk.write(desk.clock.now()) as tx:
        tx.open_review(ReviewItem(PROPOSAL, f"mail:{asked.mail_id}", mail_id=asked.mail_id, detail=detail))


def propose_due(desk: Desk, key: str, agency: str, change: DueChange) -> None:
    """Keep a change of a due for a second person."""
    until = change.until.isoformat() if change.until else ""
    detail = {"by": desk.actor, "period": key, "agency": agency, "action": change.what, "reason": change.reason}
    with desk.write(desk.clock.now()) as tx:
        item = ReviewItem(PROPOSAL, f"due:{key}/{agency}", detail={**detail, "until": until, "due": True})
        tx.open_review(item)


def propose_period(desk: Desk, key: str, reason: str, *, skip: bool, due_at: datetime | None) -> None:
    """Keep a change of a period for everybody for a second person."""
    detail = {"by": desk.actor, "period": key, "action": "skip" if skip else "due-at", "reason": reason}
    with desk.write(desk.clock.now()) as tx:
        item = ReviewItem(
            PROPOSAL,
            f"period:{key}",
            detail={**detail, "until": due_at.isoformat() if due_at else "", "whole": True},
        )
        tx.open_review(item)


def propose_roster(desk: Desk, draft: enrolling.Draft, reason: str) -> None:
    """Keep a roster for a second person."""
    name, detail = enrolling.proposal(desk, draft, reason)
    with desk.write(desk.clock.now()) as tx:
        tx.open_review(ReviewItem(PROPOSAL, name, detail=detail))


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
    with console.deciding(visitor.account) as desk, desk.write(desk.clock.now()) as tx:
        detail = {"by": desk.actor, "action": "erase", "reason": reason, "what": target.id, "erase": True}
        tx.open_review(ReviewItem(PROPOSAL, name, mail_id=mail_id, detail=detail))


def confirm(console: Console, visitor: Visitor, item: ReviewItem) -> None:
    """Carry a proposal out, with this lead as the second person. Raises ``Refused``, ``Changed``, ``Stale``."""
    said = item.detail
    if not visitor.may("second"):
        raise Refused("not_lead")
    if visitor.account.actor == said["by"]:
        raise Refused("same_person")
    with console.deciding(visitor.account) as desk:
        named = _named(desk, str(said["by"]))
        if said.get("due"):
            until = datetime.fromisoformat(said["until"]) if said["until"] else None
            change = DueChange(said["action"], said["reason"], visitor.account.actor, until)
            decisions.change_due(named, said["period"], said["agency"], change)
        elif said.get("erase"):
            _erase(named, str(said["what"]), visitor.account.actor, str(said["reason"]))
        elif said["action"] == enrolling.KIND:
            enrolling.bring(named, enrolling.kept(said), str(said["reason"]), visitor.account.actor)
        elif said.get("whole"):
            decisions.change_period(
                named,
                said["period"],
                skip=said["action"] == "skip",
                due_at=datetime.fromisoformat(said["until"]) if said["until"] else None,
                reason=said["reason"],
                second=visitor.account.actor,
            )
        else:
            asked = Asked(
                item.mail_id or 0,
                item.seq,  # the proposal's own entry: nothing may have happened since
                said["action"],
                said["reason"],
                said["agency"],
                said["period"],
                said["sets"],
                said["submission"],
                datetime.fromisoformat(said["deemed_at"]) if said["deemed_at"] else None,
            )
            _decide(named, console, asked, visitor.account.actor)
        _close(desk, item, "confirmed")


def _erase(desk: Desk, what: str, second: str, reason: str) -> None:
    try:
        erasing.erase(desk, what, second=second, reason=reason)
    except (Refused, NotFound):
        raise Refused("not_erasable") from None


def turn_down(console: Console, visitor: Visitor, item: ReviewItem, reason: str) -> None:
    """End a proposal without carrying it out; its own author may. Raises ``Stale``."""
    with console.deciding(visitor.account) as desk:
        _close(desk, item, f"turned down: {reason}")


def _close(desk: Desk, item: ReviewItem, why: str) -> None:
    with desk.write(desk.clock.now()) as tx:
        now = tx.review(item.id)
        if now is not None and now.closed_at is None:
            tx.close_review(item.id, item.version, why)


def _named(desk: Desk, actor: str) -> Desk:
    return replace(desk, actor=actor)
