"""Work done once a day in small steps: where it stands and what the last whole round found, both in the ledger.

A round may be left at any step; the next call, or the next start of the service, goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from intake.desk import Desk
from storage.records import Json

DAILY = timedelta(days=1)  # from the beginning of one round to the beginning of the next


@dataclass(frozen=True, slots=True)
class Daily:
    """One such work, by its two names in the ledger."""

    state: str  # the round under way: {"began": ISO moment, …}
    result: str  # what the last whole one found: {"began": …, …}

    def owed(self, desk: Desk) -> tuple[Json, Json | None] | None:
        """The round to go on with or to begin, and the last result; None while the last round is less than a day old."""
        now = desk.clock.now()
        with desk.ledger.read() as q:
            last, state = q.meta(self.result), q.meta(self.state)
        if not state and last and now - datetime.fromisoformat(str(last["began"])) < DAILY:
            return None
        return state or {"began": now.isoformat()}, last

    def remember(self, desk: Desk, now: datetime, state: Json, result: Json | None) -> None:
        """Where the round stands; with a result it is over."""
        with desk.write(now) as tx:
            tx.set_meta(self.state, None if result else state)
            if result:
                tx.set_meta(self.result, result)
