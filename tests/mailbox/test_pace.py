"""The mailbox's small pure parts: how long to wait, what is still owed, working ahead, how mails are grouped."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.mailbox.ahead import ahead
from intake.mailbox.backoff import Backoff
from intake.mailbox.bodies import chunks
from intake.mailbox.fetching import Owed
from intake.mailbox.limits import CHUNK_BYTES, CHUNK_MAILS, PIECE
from intake.mailbox.source import Listed


def test_the_wait_doubles_from_one_to_sixty_seconds_and_begins_anew_after_success():
    backoff = Backoff(lambda: 0.0)
    assert [backoff.next() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    backoff.reset()
    assert backoff.next() == 1


def test_a_refused_login_waits_minutes():
    backoff = Backoff(lambda: 0.0)
    assert [backoff.next(refused=True) for _ in range(6)] == [60, 120, 240, 480, 600, 600]


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=100))
def test_jitter_only_ever_shortens_the_wait_and_by_half_at_most(chances):
    drawn = iter(chances)
    backoff, plain = Backoff(lambda: next(drawn)), Backoff(lambda: 0.0)
    for _ in chances:
        whole, wait = plain.next(), backoff.next()
        assert max(1.0, whole / 2) <= wait <= whole <= 60


@given(st.sets(st.integers(1, 2**32 - 1), max_size=40), st.randoms())
def test_nothing_at_or_below_the_watermark_is_owed_and_it_never_falls(uids, order):
    owed = Owed(sorted(uids))
    settled: set[int] = set()
    last = owed.watermark
    shuffled = list(uids)
    order.shuffle(shuffled)
    for uid in shuffled:
        assert owed.owes(uid)
        owed.settle(uid)
        settled.add(uid)
        assert owed.watermark >= last
        last = owed.watermark
        assert all(other in settled for other in uids if other <= last)
    assert owed.watermark == max(uids, default=0)


@given(st.lists(st.integers(0, 3 * PIECE), max_size=200))
def test_chunks_keep_the_order_and_both_caps(sizes):
    moment = datetime(2017, 7, 21, tzinfo=UTC)
    mails = [Listed(uid, size, moment) for uid, size in enumerate(sizes, 1)]
    groups = list(chunks(mails))
    assert [mail for group in groups for mail in group] == mails
    for group in groups:
        assert 1 <= len(group) <= CHUNK_MAILS
        assert len(group) == 1 or sum(mail.size for mail in group) <= CHUNK_BYTES
        assert len(group) == 1 or all(mail.size <= PIECE for mail in group)


def one(_item: object) -> int:
    return 1


def test_the_next_items_are_made_while_these_are_used_and_no_more_than_there_is_room_for():
    made = [threading.Event() for _ in range(9)]

    def items():
        for number, event in enumerate(made):
            event.set()
            yield number

    taken = ahead(items(), one, 2)
    first = next(taken)
    # two wait where there is room for two, and one that was made has no room yet
    assert all(event.wait(5) for event in made[: len(first) + 3])
    assert not any(event.is_set() for event in made[len(first) + 3 :])
    assert first + [number for more in taken for number in more] == list(range(9))


def test_whoever_was_busy_gets_everything_that_waits_at_once():
    third = threading.Event()

    def items():
        yield from (1, 2)
        third.set()
        yield 3

    taken = ahead(items(), one, 8)
    first = next(taken)
    assert third.wait(5)
    taken_later = [*taken]
    assert [*first, *(number for more in taken_later for number in more)] == [1, 2, 3]
    assert len(taken_later) <= 2


def test_an_item_too_heavy_for_the_room_comes_all_the_same():
    assert [number for more in ahead(iter([5, 7]), lambda weight: weight, 1) for number in more] == [5, 7]


def test_a_few_wait_for_more_only_while_more_are_coming():
    released = threading.Event()

    def items():
        yield 1
        released.wait(20)
        yield 2

    threading.Timer(0.05, released.set).start()
    assert list(ahead(items(), one, 8, enough=2, patience=20)) == [[1, 2]]
    assert list(ahead(iter([1]), one, 8, enough=2, patience=3600)) == [[1]]


def test_a_few_do_not_wait_for_ever():
    released = threading.Event()

    def items():
        yield 1
        released.wait(20)
        yield 2

    taken = ahead(items(), one, 8, enough=2, patience=0.01)
    assert next(taken) == [1]
    released.set()
    assert next(taken) == [2]


def test_a_fault_comes_after_what_came_before_it_and_things_are_put_away_in_order():
    put_away = []

    def failing():
        yield from (1, 2)
        raise ValueError("no more")

    def everything():
        for more in ahead(failing(), one, 1, done_with=put_away.extend):
            came.extend(more)
            assert put_away == came[: -len(more)]

    came: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        everything()
    assert put_away == came == [1, 2]


def test_stopping_early_ends_a_long_wait():
    released = threading.Event()

    def waiting():
        yield 1
        released.wait(20)

    items = ahead(waiting(), one, 1, abandon=released.set)
    assert next(items) == [1]
    begun = time.monotonic()
    items.close()
    assert time.monotonic() - begun < 15


def test_stopping_early_throws_away_what_waits_for_room():
    made = []

    def endless():
        for number in range(100):
            made.append(number)
            yield number

    items = ahead(endless(), one, 1)
    next(items)
    items.close()
    assert len(made) < 100
