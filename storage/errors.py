"""What may go wrong in storage, one tree per cause, so that nobody else needs to know the database library.

- ``Unavailable``: the outside world (database locked or unreachable, disk full); passing, try again later;
- ``Locked``: the operator's (another instance holds the vault);
- ``ClockBackwards``: the operator's (``--at`` or the machine's clock lies before the last log entry);
- ``Stale``: somebody else moved the row first (compare-and-set lost); read again, decide again;
- ``NotFound``: no such mail, receipt, letter or file.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


class StorageError(Exception):
    """Root of this room's errors."""


class Unavailable(StorageError):
    """A passing fault of the database; nothing of the transaction was written, or it was and a retry is a no-op."""


class Locked(StorageError):
    """Another instance holds the lock."""


class ClockBackwards(StorageError):
    """A write dated before the last log entry; ``given`` and ``last``: both moments, for who tells them in another time zone."""

    def __init__(self, given: datetime, last: datetime, seq: int) -> None:
        self.given, self.last, self.seq = given, last, seq
        super().__init__(self.told(UTC))

    def told(self, zone: tzinfo) -> str:
        """The same in a time zone."""
        given, last = (moment.astimezone(zone).isoformat() for moment in (self.given, self.last))
        return f"{given} lies before the last log entry {self.seq} of {last}"


class Stale(StorageError):
    """The row is no longer in the state or version the caller saw."""


class NotFound(StorageError):
    """Nothing is kept under that name."""
