"""What people ask about letters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from storage.letter_tables import COUNTED
from storage.prepared import ask
from storage.records import Letter
from storage.rows import Snapshot, columns, matching, records, remembered
from storage.tables import table

_letter, _change = table("letter"), table("letter_state")
_READY = (
    select(*columns(_letter, Letter))
    .where(
        _letter.c.state == "pending", or_(_letter.c.next_try_at.is_(None), _letter.c.next_try_at <= bindparam("now"))
    )
    .order_by(_letter.c.id)
    .limit(bindparam("limit"))
)
_LAST_N = select(func.coalesce(func.max(_letter.c.n), 0)).where(
    _letter.c.about == bindparam("about"), _letter.c.kind == bindparam("kind")
)
_PENDING = select(func.count()).select_from(_letter).where(_letter.c.state == "pending")
_KINDS_SENT = (
    select(_letter.c.agency, _letter.c.kind)
    .where(_letter.c.period == bindparam("of_period"), _letter.c.state == "sent", _letter.c.agency.is_not(None))
    .order_by(_letter.c.id)
)
_READERS_SINCE = select(_letter.c.to).where(_letter.c.created_at >= bindparam("since"), COUNTED)


@dataclass(frozen=True, slots=True)
class LetterChange:
    """A letter's move from one state to another."""

    letter_id: int
    before: str | None
    after: str
    why: str | None  # what the submission server said, or why withheld
    at: datetime


class LetterQueries(Snapshot):
    """Questions about the outbox."""

    __slots__ = ()

    def letters(
        self,
        about: str | None = None,
        state: str | Collection[str] | None = None,
        kind: str | None = None,
        agency: str | None = None,
        mail_id: int | None = None,
    ) -> tuple[Letter, ...]:
        """Letters matching everything given, oldest first; ``mail_id`` is short for what is about that mail."""
        named = {"about": about, "kind": kind, "agency": agency}
        wanted = {name: value for name, value in named.items() if value is not None}
        if mail_id is not None:
            wanted["about"] = f"mail:{mail_id}"
        if state is None or isinstance(state, str):
            return matching(self.connection, _letter, Letter, "id", **wanted, **({"state": state} if state else {}))
        where = [_letter.c[name] == value for name, value in wanted.items()]
        where.append(_letter.c.state.in_(list(state)))
        return records(self.connection, select(*columns(_letter, Letter)).where(*where).order_by(_letter.c.id), Letter)

    def kinds_sent(self, period: str) -> tuple[tuple[str, str], ...]:
        """Agency and kind of each letter about a period that left to an agency, oldest first."""
        found = ask(self.connection, _KINDS_SENT, {"of_period": period})
        return tuple((str(agency), str(kind)) for agency, kind in found)

    def letter(self, letter_id: int) -> Letter | None:
        """One letter."""
        found = matching(self.connection, _letter, Letter, id=letter_id)
        return found[0] if found else None

    def letter_by_message_id(self, message_id: str) -> Letter | None:
        """The letter that carries this Message-ID."""
        found = matching(self.connection, _letter, Letter, message_id=message_id)
        return found[0] if found else None

    def letters_to(self, address: str, since: datetime) -> tuple[Letter, ...]:
        """Letters that left for an address since then, or may have, oldest first."""
        statement = select(*columns(_letter, Letter)).where(
            _letter.c.sent_at >= since, _letter.c.state.in_(("sent", "unknown"))
        )
        found = records(self.connection, statement.order_by(_letter.c.id), Letter)
        return tuple(letter for letter in found if address in letter.to)

    def next_letter_n(self, about: str, kind: str) -> int:
        """The number the next letter of that kind about that subject takes."""
        return 1 + int(ask(self.connection, _LAST_N, {"about": about, "kind": kind})[0][0])

    def letter_changes(self, letter_id: int) -> tuple[LetterChange, ...]:
        """Every change of a letter's state, oldest first."""
        statement = select(*columns(_change, LetterChange)).where(_change.c.letter_id == letter_id)
        return records(self.connection, statement.order_by(_change.c.id), LetterChange)

    def letters_since(self, since: datetime, to: str | None = None) -> int:
        """How many letters not withheld were written since then, in all or to one address (budgets)."""
        found = self._readers_since(since)
        return len(found) if to is None else sum(to in readers for readers in found)

    @remembered("letter")
    def _readers_since(self, since: datetime) -> tuple[tuple[str, ...], ...]:
        return tuple(row[0] for row in ask(self.connection, _READERS_SINCE, {"since": since}))

    def outbox_counts(self) -> dict[str, int]:
        """How many letters stand in each state."""
        statement = select(_letter.c.state, func.count()).group_by(_letter.c.state)
        return {state: count for state, count in self.connection.execute(statement)}  # noqa: C416 - rows, not pairs

    def due_letters(self, now: datetime, limit: int) -> tuple[Letter, ...]:
        """Pending letters whose next try has come, oldest first."""
        return records(self.connection, _READY, Letter, {"now": now, "limit": limit})

    def letters_pending(self) -> int:
        """How many letters are still to go."""
        return int(ask(self.connection, _PENDING)[0][0])
