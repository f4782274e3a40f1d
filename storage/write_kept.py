"""Writing a whole batch of mails just fetched: the rows of ``tx.keep``, a statement a table instead of seven a mail.

Rule: what is written is what ``keep`` would write, one mail after the other; a batch that holds anything met before is
left to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select

from storage.records import Sighting
from storage.rows import values
from storage.tables import table
from storage.write_log import row_sha256
from storage.write_mails import MailWriting, kept_said, new_mail
from storage.write_search import note_receipts

_mail, _sighting, _state = table("mail"), table("sighting"), table("mail_state")
_OF_THESE = select(_mail.c.sha256, _mail.c.id).where(_mail.c.sha256.in_(bindparam("these", expanding=True)))


class KeptWriting(MailWriting):
    """Writes about mails that came together."""

    __slots__ = ()

    def keep_all(self, sightings: Sequence[Sighting]) -> list[tuple[int, bool]]:
        """``keep`` for each of them, in order."""
        hashes = [one.sha256 for one in sightings]
        if len(hashes) < 2 or len(set(hashes)) < len(hashes) or self._numbers(hashes):
            return [self.keep(one) for one in sightings]
        return [(mail_id, True) for mail_id in self._keep_new(sightings)]

    def _numbers(self, hashes: Sequence[str]) -> dict[str, int]:
        """The mails there are of these contents."""
        rows = self.connection.execute(_OF_THESE, {"these": list(hashes)})
        return {row.sha256: int(row.id) for row in rows}

    def _keep_new(self, sightings: Sequence[Sighting]) -> list[int]:
        seen = [one.seen_at or self.at for one in sightings]
        mails = [new_mail(one, at) for one, at in zip(sightings, seen, strict=True)]
        self.connection.execute(insert(_mail), mails)
        numbers = self._numbers([one.sha256 for one in sightings])
        ids = [numbers[one.sha256] for one in sightings]
        note_receipts(self.connection, [(n, row["received_at"]) for n, row in zip(ids, mails, strict=True)])
        states: list[dict[str, Any]] = [
            {"mail_id": n, "before": None, "after": "stored", "why": None, "at": self.at} for n in ids
        ]
        entries = self.log_many(
            [
                (
                    "kept",
                    f"mail:{n}",
                    kept_said(one)
                    | {"before": None, "after": "stored", "why": None}
                    | {"table": "mail_state", "row_sha256": row_sha256(state)},
                )
                for n, one, state in zip(ids, sightings, states, strict=True)
            ]
        )
        self.connection.execute(
            insert(_state), [state | {"seq": entry.seq} for state, entry in zip(states, entries, strict=True)]
        )
        self.connection.execute(
            insert(_sighting),
            [values(_sighting, one, mail_id=n, seen_at=at) for n, one, at in zip(ids, sightings, seen, strict=True)],
        )
        return ids
