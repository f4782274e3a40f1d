"""Finding mails by their words on PostgreSQL, newest first: its index of words knows no order, so common words are not asked of it.

Rules:

1. The newest mails are looked through as they are: a common word stands in enough of them.
2. A word that hardly any of them holds is rare: the index gives all other mails that hold it, and these are put in order.
3. Otherwise as many more are looked through as should hold what is still wanted, no more than ``most`` in all.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

SAMPLE = 2048  # newest mails looked through first
_RARE = 256  # a word that fewer than one of so many mails holds is rare
_MOST = 32_768  # mails looked through at a time
_FEW = 64  # mails wanted of one sample
_LOOKED = text(  # as a function: for the operator the index would be asked, whose answer is all mails there ever were
    "SELECT mail_id FROM mail_text WHERE mail_id BETWEEN :low AND :high AND ts_match_vq(words, CAST(:asked AS tsquery)) "
    "ORDER BY mail_id DESC LIMIT :limit"
)
_INDEXED = text(
    "WITH found AS MATERIALIZED (SELECT mail_id FROM mail_text WHERE words @@ CAST(:asked AS tsquery)) "
    "SELECT mail_id FROM found WHERE mail_id BETWEEN :low AND :high ORDER BY mail_id DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Mails found, the highest number first, and the lowest number down to which none is missing."""

    numbers: list[int]
    low: int


def newest(
    connection: Connection, asked: str, low: int, high: int, limit: int, sample: int = SAMPLE, most: int = 1 << 62
) -> Stretch:
    """The highest numbers of mails in low..high that hold what is asked for."""
    found: list[int] = []
    width, below = min(_MOST, sample * max(1, limit // _FEW)), high
    while True:
        width = min(width, most - (high - below))
        first = max(low, below - width + 1)
        some = _numbers(connection, asked, first, below, limit - len(found), indexed=False)
        found, below = found + some, first - 1
        if len(found) < limit and below >= low and sample <= width > len(some) * _RARE:
            found, below = found + _numbers(connection, asked, low, below, limit - len(found), indexed=True), low - 1
        if len(found) >= limit:
            return Stretch(found, found[-1])
        if below < low or high - below >= most:
            return Stretch(found, below + 1)
        width = min(_MOST, max(width, (limit - len(found)) * width // max(1, len(some))))


def about(connection: Connection, asked: str, low: int, high: int, most: int, sample: int = SAMPLE) -> int:
    """How many mails in low..high hold that, counted no further than ``most``; of common words about as many."""
    first = max(low, high - sample + 1)
    here = len(_numbers(connection, asked, first, high, sample, indexed=False))
    if first > low and here * _RARE >= sample:
        return min(most, here * (high - low + 1) // sample)
    return min(most, here + len(_numbers(connection, asked, low, first - 1, most, indexed=True)))


def _numbers(connection: Connection, asked: str, low: int, high: int, limit: int, *, indexed: bool) -> list[int]:
    given = {"asked": asked, "low": low, "high": high, "limit": limit}
    return list(connection.execute(_INDEXED if indexed else _LOOKED, given).scalars()) if low <= high else []
