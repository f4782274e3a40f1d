"""A person's decision as a form of the console brings it, and what becomes of it.

Rules:

1. The decision functions of the command line are called, in the person's name; nothing is decided here.
2. What the person looked at is named by the position of the last log entry about the mail: anything newer, and nothing is
   written (``Changed``); two people on one item cannot overwrite each other. How far a letter has got on its way is not newer.
3. A decision that needs two persons is kept as a proposal in the queue (``intake/web/proposing.py`` confirms it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from intake import decisions, requesting
from intake.asking import Found
from intake.book import law_of
from intake.decisions import NeedsSecond, Refused, Verdicts
from intake.desk import Desk
from intake.replying import EXPLAINS
from intake.taking_back import take_back
from intake.web.access import Visitor
from intake.web.console import Console
from intake.web.remembering import remember
from storage.queries import Queries
from storage.records import Entry, Json, ReviewItem

PROPOSAL = "proposal"
_BY_ITSELF = (
    "letter_",
    "step",
    "period_opened",
    "due_opened",
)  # kinds of entries that change nothing a person decided on
STANDARD = {  # action → its usual reason, written where the person gives none; the others must be given one
    "accept": "looked",
    "agency": "agency",
    "period": "period",
    "not-a-report": "not_a_report",
    "ask": "ask",
    "retry": "retry",
}
USUAL = {**STANDARD, EXPLAINS: EXPLAINS}
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")


class Changed(Exception):
    """Somebody, or a later mail, was quicker. Holds what has been written since."""

    def __init__(self, since: tuple[Entry, ...]) -> None:
        super().__init__("something was written since it was looked at")
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

    def kept(self, by: str) -> Json:
        """As a proposal keeps it for a second person."""
        return {
            "by": by,
            "seen": self.seen,
            "action": self.action,
            "reason": self.reason,
            "agency": self.agency,
            "period": self.period,
            "sets": dict(self.sets or {}),
            "submission": self.submission,
            "deemed_at": self.deemed_at.isoformat() if self.deemed_at else "",
        }

    @classmethod
    def of(cls, item: ReviewItem) -> Asked:
        """What a proposal asks; seen is the proposal's own entry: nothing may have happened since."""
        said = item.detail
        return cls(
            item.mail_id or 0,
            item.seq,
            said["action"],
            said["reason"],
            said["agency"],
            said["period"],
            said["sets"],
            said["submission"],
            datetime.fromisoformat(said["deemed_at"]) if said["deemed_at"] else None,
        )


def position(q: Queries, mail_id: int) -> int:
    """The last log entry about a mail or its submissions."""
    return last_about(q, subjects_of(q, mail_id))


def last_about(q: Queries, subjects: Iterable[str]) -> int:
    """The position of the last log entry about these; 0 for none."""
    return max((entry.seq for entry in _telling(q, subjects)), default=0)


def written_since(q: Queries, seen: int, subjects: Iterable[str]) -> tuple[Entry, ...]:
    """What was written about these after that position."""
    return tuple(entry for entry in _telling(q, subjects) if entry.seq > seen)


def unchanged_since(seen: int, subjects: Callable[[Queries], Iterable[str]]) -> Callable[[Queries], None]:
    """Raises ``Changed`` when something was written about these since the person looked."""

    def unchanged(q: Queries) -> None:
        if since := written_since(q, seen, subjects(q)):
            raise Changed(since)

    return unchanged


def subjects_of(q: Queries, mail_id: int) -> list[str]:
    """What the log says of a mail it says of these."""
    return [f"mail:{mail_id}", *(f"submission:{submission.id}" for submission in q.submissions(mail_id))]


def _telling(q: Queries, subjects: Iterable[str]) -> Iterator[Entry]:
    """Entries that may change what a person thinks of it; how far a letter or the clock has got does not."""
    return (entry for entry in q.entries_about(subjects) if not entry.kind.startswith(_BY_ITSELF))


def carry_out(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Whatever the form asks for. Raises ``Changed``, ``Proposed``, ``Refused``."""
    if not asked.reason:
        raise Refused("reason")
    if asked.action in ("agency", "ask") and not asked.agency:
        raise Refused("chosen")
    does = {"retry": again, "ask": ask_sender, "revoke": revoke}.get(asked.action.partition(":")[0], decide)
    does(console, visitor, asked)


def decide(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Do it. Raises ``Changed``, ``Proposed``, ``Refused``."""
    with console.deciding(visitor.account) as desk:
        taken(desk, console, asked, second=None)
    if asked.remember and asked.agency and visitor.may("dues"):
        with console.deciding(visitor.account) as desk:
            remember(desk, asked.mail_id, asked.agency)


def _unchanged(asked: Asked) -> Callable[[Queries], None]:
    return unchanged_since(asked.seen, lambda q: subjects_of(q, asked.mail_id))


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


def taken(desk: Desk, console: Console, asked: Asked, second: str | None) -> None:
    """The decision, taken in the desk's name; kept as a proposal where it needs a second person. Raises ``Proposed``."""
    with desk.ledger.read() as q:
        found = _found(q, asked)
    try:
        decisions.decide(desk, found, _verdicts(asked, second), console.reread, _unchanged(asked))
    except NeedsSecond:
        kept = asked.kept(desk.actor)
        propose(desk, ReviewItem(PROPOSAL, f"mail:{asked.mail_id}", mail_id=asked.mail_id, detail=kept))
        raise Proposed from None


def proposed(q: Queries, name: str) -> ReviewItem | None:
    """The proposal about one thing ("due:weekly:2017-08-04/STC") that waits for its second person."""
    return next((one for one in q.reviews() if (one.kind, one.reason) == (PROPOSAL, name)), None)


def propose(desk: Desk, item: ReviewItem) -> None:
    """Keep a proposal for a second person. Raises ``Refused`` while another about the same thing waits: one would end the other."""
    with desk.write(desk.clock.now()) as tx:
        waiting = proposed(tx, item.reason)
        if waiting and waiting.detail != item.detail:
            raise Refused("proposed")
        tx.open_review(item)


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
        (asked.action.partition(":")[2],) if asked.action.startswith(f"{EXPLAINS}:") else (),
    )


def again(console: Console, visitor: Visitor, asked: Asked) -> None:
    """Have the mail read again. Raises ``Changed``, ``Refused``."""
    with console.ask() as q:
        mail = q.mail(asked.mail_id)
        _unchanged(asked)(q)
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
            _unchanged(asked)(tx)
            mail = tx.mail(asked.mail_id)
            if mail is None:
                raise Refused("nothing")
            law = law_of(desk, tx)
            if law.roster.get(asked.agency, law.calendar.day(now)) is None:
                raise Refused("agency")
            requesting.ask_agency(desk, tx, law, mail, asked.agency, now)


# ---- figures ---------------------------------------------------------------------------------------------------------


def typed_figures(shown: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """KEY → what stands in every field that says something else than what was shown in it."""
    return {key: text for key, text in given.items() if plain_number(text) != plain_number(shown.get(key, ""))}


def changed_figures(shown: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The same as the ledger wants it. Raises ``Refused`` for an emptied field: what the reader had would be taken as looked at."""
    typed = {key: plain_number(text) for key, text in typed_figures(shown, given).items()}
    if "" in typed.values():
        raise Refused("emptied")
    return typed


def plain_number(text: str) -> str:
    """A number as the ledger wants it.

    >>> plain_number("1.625"), plain_number("95,5"), plain_number("95.5")
    ('1625', '95.5', '95.5')
    """
    text = text.strip()
    if _THOUSANDS.fullmatch(text.partition(",")[0]) or "," in text:
        text = text.replace(".", "").replace(",", ".")
    return text
