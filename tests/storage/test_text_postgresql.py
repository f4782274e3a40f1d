"""Words on PostgreSQL: common ones are looked for among the newest mails, rare ones in the index, and none is missed between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from storage.engine import open_engine, upgrade
from storage.text_postgresql import about, newest

MAILS = 40
RARE = {3, 20}  # numbers of the mails that hold "hiem"


@pytest.fixture
def connection(empty_postgres_url: str) -> Iterator[Connection]:
    """Forty mails: each even one holds ``bao``, two of them ``hiem``."""
    engine = open_engine(empty_postgres_url)
    upgrade(engine)
    moment = "2017-07-21T03:00:00.000000Z"
    one = text(
        "INSERT INTO mail (id, sha256, size, state, version, attempts, received_at, internaldate, seen_at, from_address, subject, facts,"
        " search) VALUES (:id, :sha, 1, 'stored', 1, 0, :at, :at, :at, '', '', '{}', :said)"
    )
    with engine.begin() as opened:
        for n in range(1, MAILS + 1):
            said = " ".join(["thu", *(["bao"] if n % 2 == 0 else []), *(["hiem"] if n in RARE else [])])
            opened.execute(one, {"id": n, "sha": str(n), "at": moment, "said": said})
        yield opened
    engine.dispose()


@pytest.mark.parametrize("sample", [1, 2, 5, 64])
def test_the_newest_are_found_however_many_are_looked_through_at_once(connection: Connection, sample: int) -> None:
    even = [n for n in range(MAILS, 0, -1) if n % 2 == 0]
    assert newest(connection, "'bao'", 1, MAILS, 99, sample).numbers == even
    assert newest(connection, "'bao'", 1, MAILS, 3, sample).numbers == even[:3]
    assert newest(connection, "'bao'", 10, 20, 99, sample).numbers == [20, 18, 16, 14, 12, 10]
    assert newest(connection, "'hiem'", 1, MAILS, 99, sample).numbers == [20, 3]
    assert newest(connection, "'hiem' & 'bao'", 1, 19, 99, sample).numbers == []
    assert newest(connection, "'thu'", 5, 4, 9, sample).numbers == []


def test_no_more_are_looked_through_than_allowed_and_it_goes_on_below_them(connection: Connection) -> None:
    found, high = [], MAILS
    for _ in range(MAILS):
        seen = newest(connection, "'bao'", 1, high, 99, 4, most=6)
        assert seen.low > high - 6 - 1
        found, high = found + seen.numbers, seen.low - 1
        if high < 1:
            break
    assert found == [n for n in range(MAILS, 0, -1) if n % 2 == 0]
    assert newest(connection, "'bao'", 1, MAILS, 2, 4, most=6).low == MAILS - 2


def test_how_many_there_are_is_counted_of_rare_words_and_judged_of_common_ones(connection: Connection) -> None:
    assert about(connection, "'hiem'", 1, MAILS, 99, 2) == 2
    assert about(connection, "'hiem'", 1, MAILS, 1, 2) == 1
    assert about(connection, "'bao'", 1, MAILS, 99, 10) == MAILS // 2
    assert about(connection, "'bao'", 1, 8, 99, 64) == 4
