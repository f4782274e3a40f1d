"""The mailbox when the server misbehaves: nothing is handed over from a broken answer, nothing is lost, nobody starves."""

from __future__ import annotations

import contextlib
import re
import resource
import signal
import socket
import threading
import time
from collections.abc import Mapping

import pytest

from intake.mailbox.account import Account
from intake.mailbox.connection import Connection
from intake.mailbox.errors import NoSuchFolder, OutsideUnreachable, Passing, Refused
from intake.mailbox.source import Cursor
from tests.mailbox.conftest import heard, mail, read_all
from tests.servers import imap_script as script
from tests.servers.imap_script import PLAIN

FIVE = {uid: mail(uid) for uid in range(1, 6)}
BREAKING = [
    script.bye,
    script.cut,
    script.cut_mid_literal,
    script.bye_mid_literal,
    script.nonsense,
    script.lying_literal(3_000_000_000),
    script.lying_literal(50_000_000),
]
ENDLESS = [script.endless_lines, script.endless_line]


def collect(source, cursor=None):
    """What comes before the fault, and the fault."""
    got, last = {}, None
    try:
        for batch in source.fetch_new("INBOX", cursor):
            got |= {one.uid: one.raw for one in batch.mails}
            last = batch.last_uid
    except Passing as fault:
        return got, last, fault
    return got, last, None


def test_answers_to_two_fetches_may_come_in_any_order(scripted, sources):
    mails = {uid: mail(uid) for uid in range(1, 121)}
    server = scripted(mails)
    server.spoil("BODY", script.answers_swapped)
    batches = list(sources(server).fetch_new("INBOX", None))
    assert [one.uid for batch in batches for one in batch.mails] == list(mails)
    assert all(one.raw == mails[one.uid] for batch in batches for one in batch.mails)
    reached = [batch.last_uid for batch in batches]  # what waited together comes together
    assert reached == sorted(reached)
    assert reached[-1] == 120


@pytest.mark.parametrize("fault", BREAKING, ids=lambda fault: getattr(fault, "__qualname__", "?"))
@pytest.mark.parametrize("verb", ["BODY", "SIZES", "UID SEARCH", "EXAMINE", "LOGIN", "CAPABILITY"])
def test_a_line_that_breaks_once_costs_nothing(scripted, sources, verb, fault):
    server = scripted(FIVE)
    server.spoil(verb, fault)
    source = sources(server)
    got, _last, _fault = collect_or_refuse(source)
    assert all(FIVE[uid] == raw for uid, raw in got.items())
    again, last, fault_again = collect(source)
    assert (again, last, fault_again) == (FIVE, 5, None)


def collect_or_refuse(source):
    try:
        return collect(source)
    except Passing as fault:
        return {}, None, fault


@pytest.mark.parametrize("fault", BREAKING + ENDLESS, ids=lambda fault: getattr(fault, "__qualname__", "?"))
def test_a_line_that_breaks_on_every_body_hands_over_nothing_and_stays_a_passing_fault(scripted, sources, fault):
    server = scripted(FIVE)
    server.spoil("BODY", fault, times=1000)
    got, last, passing = collect(sources(server))
    assert got == {}
    assert last is None
    assert passing is not None
    assert not passing.permanent


def test_a_lying_literal_takes_no_memory(scripted, sources):
    server = scripted(FIVE)
    server.spoil("BODY", script.lying_literal(3_000_000_000), times=1000)
    source = sources(server)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _got, _last, passing = collect(source)
    assert passing is not None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KiB


@pytest.mark.parametrize("fault", [script.stall, script.stall_mid_literal])
def test_a_server_that_falls_silent_is_left_after_the_timeout(scripted, sources, fault):
    server = scripted(FIVE)
    server.spoil("BODY", fault)
    begun = time.monotonic()
    got, last, passing = collect(sources(server, read_seconds=0.5))
    assert (got, last, passing) == (FIVE, 5, None)
    assert time.monotonic() - begun < 10


def test_a_mail_that_comes_byte_by_byte_comes_whole(scripted, sources):
    server = scripted({1: mail(1, 600)})
    server.spoil("BODY", script.byte_by_byte(0.0005))
    assert collect(sources(server)) == ({1: mail(1, 600)}, 1, None)


def test_a_server_slower_than_any_real_line_is_left(scripted, sources, monkeypatch):
    monkeypatch.setattr("intake.mailbox.capped.READ_SECONDS", 0.2)
    monkeypatch.setattr("intake.mailbox.capped.SLOWEST", 10_000_000)
    server = scripted({1: mail(1, 2000)})
    server.spoil("BODY", script.byte_by_byte(0.01), times=1000)
    got, _last, passing = collect(sources(server))
    assert got == {}
    assert "too long" in str(passing)


def test_a_short_body_is_read_again_and_only_the_whole_one_is_handed_over(scripted, sources):
    server = scripted(FIVE)
    server.spoil("BODY", script.shortened(3, by=10))
    assert collect(sources(server)) == (FIVE, 5, None)


def test_a_body_that_stays_short_in_another_way_each_time_holds_the_cursor_not_the_others(scripted, sources):
    server = scripted(FIVE)
    turns = iter(range(1, 10_000))
    server.inbox.refetched = lambda uid, raw: raw[: -next(turns)] if uid == 3 else raw
    source = sources(server)
    got, last, passing = collect(source)
    assert sorted(got) == [1, 2, 4, 5]
    assert last == 2
    assert "UID 3" in str(passing)
    server.inbox.refetched = None
    assert collect(source, Cursor(7, 2)) == ({3: FIVE[3], 4: FIVE[4], 5: FIVE[5]}, 5, None)


@pytest.mark.parametrize("claimed", [100, 5000, 0])
def test_a_server_whose_sizes_are_wrong_is_believed_once_two_readings_agree(scripted, sources, claimed):
    server = scripted(FIVE)
    server.inbox.sizes = {2: claimed}
    assert collect(sources(server)) == (FIVE, 5, None)


@pytest.mark.parametrize("real", [1_500_000, 9_000_000])
@pytest.mark.parametrize("off", [-200_000, 200_000])
def test_wrong_sizes_of_big_mails_are_believed_as_well(scripted, sources, real, off):
    server = scripted({1: mail(1, real)})
    server.inbox.sizes = {1: real + off}
    got, last = read_all(sources(server))
    assert got == {1: mail(1, real)}
    assert last == 1


def test_one_mail_that_always_breaks_the_line_does_not_starve_the_others(scripted, sources):
    server = scripted({uid: mail(uid) for uid in range(1, 131)})

    async def poison(session, tag, text):
        numbers = text.split()[2].split(",")
        if "BODY" in text and "60" in numbers:
            session.cut()
        else:
            await script.before()(session, tag, text)

    server.spoil("UID FETCH", poison, times=10_000)
    source = sources(server)
    got, last, passing = collect(source)
    assert last == 59
    assert passing is not None
    rest = set(range(1, 131)) - set(got)
    for _ in range(3):
        more, last, _passing = collect(source, Cursor(7, last or 59))
        rest -= set(more)
    assert rest == {60}
    server.mend()
    more, last, passing = collect(source, Cursor(7, 59))
    assert 60 in more
    assert (last, passing) == (130, None)


@pytest.mark.parametrize("answer", [b"NO [UNAVAILABLE] later", b"NO [INUSE] busy", b"BAD what", b"NO no"])
@pytest.mark.parametrize("verb", ["BODY", "SIZES", "UID SEARCH", "EXAMINE"])
def test_a_refusal_in_passing_is_asked_again_at_the_next_poll(scripted, sources, verb, answer):
    server = scripted(FIVE)
    server.spoil(verb, script.says(answer))
    source = sources(server)
    collect_or_refuse(source)
    assert collect(source) == (FIVE, 5, None)


@pytest.mark.parametrize("answer", [b"NO [UNAVAILABLE] later", b"NO [INUSE] x", b"NO [LIMIT] too many"])
def test_a_login_refused_for_now_is_passing(scripted, answer):
    server = scripted()
    server.login_answer = answer
    with pytest.raises(Passing):
        Connection(Account("127.0.0.1", server.port, "u", server.password, "none"))


@pytest.mark.parametrize("answer", [b"NO [AUTHENTICATIONFAILED] x", b"NO [EXPIRED] x", b"NO go away"])
def test_a_login_refused_is_for_a_person(scripted, answer):
    server = scripted()
    server.login_answer = answer
    with pytest.raises(Refused):
        Connection(Account("127.0.0.1", server.port, "u", server.password, "none"))


def test_a_server_without_starttls_never_sees_the_password(scripted):
    server = scripted()
    server.spoil("LOGIN", script.cut, times=100)
    with pytest.raises(Refused, match="STARTTLS"):
        Connection(Account("127.0.0.1", server.port, "u", server.password, "starttls"))


def test_a_cleartext_line_to_anywhere_but_loopback_never_sees_the_password(scripted, monkeypatch):
    server = scripted()
    monkeypatch.setattr(socket.socket, "getpeername", lambda _self: ("192.0.2.1", 143))
    with pytest.raises(Refused, match="loopback"):
        Connection(Account("127.0.0.1", server.port, "u", server.password, "none"))


@pytest.mark.parametrize("greeting", [b"* BYE too busy", b"hello", b"* OK \xff\xfe", b""])
def test_a_strange_greeting_is_unreachable_or_goes_on(scripted, greeting):
    server = scripted(FIVE)
    server.greeting = greeting
    account = Account("127.0.0.1", server.port, "u", server.password, "none", read_seconds=1)
    with contextlib.suppress(OutsideUnreachable, Passing):
        Connection(account).close()


def test_unasked_answers_about_other_mails_change_nothing(scripted, sources):
    server = scripted(FIVE)
    noise = (b"* 2 FETCH (FLAGS (\\Seen))", b"* 4 EXPUNGE", b"* 9 EXISTS", b"* 5 FETCH (UID 5 FLAGS ())", b"* OK hello")
    for verb in ("BODY", "SIZES", "UID SEARCH"):
        server.spoil(verb, script.before(*noise))
    assert collect(sources(server)) == (FIVE, 5, None)


def test_a_mail_expunged_between_search_and_fetch_is_passed_over(scripted, sources):
    server = scripted(FIVE)

    async def expunged(session, tag, text):
        server.inbox.mails = {uid: raw for uid, raw in FIVE.items() if uid != 4}
        await script.before(b"* 4 EXPUNGE")(session, tag, text)

    server.spoil("BODY", expunged)
    assert collect(sources(server)) == ({uid: raw for uid, raw in FIVE.items() if uid != 4}, 5, None)


def test_another_uidvalidity_or_none_means_reading_everything_again(scripted, sources):
    server = scripted(FIVE)
    source = sources(server)
    assert collect(source, Cursor(7, 4))[0] == {5: FIVE[5]}
    server.inbox.uidvalidity = 8
    assert collect(source, Cursor(7, 4))[0] == FIVE
    server.inbox.uidvalidity = None
    assert collect(source, Cursor(0, 5))[0] == FIVE
    assert next(iter(source.fetch_new("INBOX", None))).uidvalidity == 0


def test_a_uidnext_that_goes_back_means_reading_everything_again(scripted, sources):
    server = scripted({1: mail(11), 2: mail(12)})
    assert collect(sources(server), Cursor(7, 90)) == ({1: mail(11), 2: mail(12)}, 2, None)


def test_a_server_that_never_says_uidnext_is_read_on_from_the_cursor(scripted, sources):
    server = scripted(FIVE)
    server.inbox.uidnext = None
    assert collect(sources(server), Cursor(7, 3)) == ({4: FIVE[4], 5: FIVE[5]}, 5, None)


def test_an_epoch_that_changes_while_reading_ends_the_pass(scripted, sources):
    server = scripted(FIVE)

    async def rebuilt(session, _tag, _text):
        server.inbox.uidvalidity = 8
        session.cut()

    server.spoil("BODY", rebuilt)
    got, _last, passing = collect(sources(server))
    assert got == {}
    assert "UIDVALIDITY" in str(passing)


def test_the_same_uid_with_other_bytes_is_handed_over_as_it_is_now(scripted, sources):
    server = scripted({1: mail(1)})
    source = sources(server)
    assert collect(source)[0] == {1: mail(1)}
    server.inbox.mails = {1: mail(2)}
    assert collect(source)[0] == {1: mail(2)}


def test_without_move_a_mail_is_copied_and_the_original_stays(scripted, sources):
    server = scripted(FIVE, PLAIN.replace("MOVE", ""))
    filed = sources(server).file("INBOX", 7, 2, "CCHC/2017")
    assert filed is not None
    assert (filed.folder, filed.uidvalidity, filed.uid, filed.moved) == ("CCHC/2017", 70, 1, False)
    assert server.folders["CCHC/2017"].mails == {1: FIVE[2]}
    assert server.inbox.mails == FIVE


def test_without_uidplus_a_moved_mail_is_filed_at_an_unknown_uid_and_a_missing_one_is_not(scripted, sources):
    server = scripted(FIVE, PLAIN.replace("UIDPLUS", ""))
    source = sources(server)
    filed = source.file("INBOX", 7, 2, "CCHC/2017")
    assert filed is not None
    assert (filed.uid, filed.moved) == (0, True)
    assert source.file("INBOX", 7, 99, "CCHC/2017") is None


def test_a_read_only_folder_is_read_but_not_filed_from(scripted, sources):
    server = scripted(FIVE)
    server.inbox.read_only = True
    source = sources(server)
    assert collect(source) == (FIVE, 5, None)
    assert source.file("INBOX", 7, 1, "CCHC/2017") is None
    assert server.inbox.mails == FIVE


@pytest.mark.parametrize("fault", [script.bye, script.says(b"NO [UNAVAILABLE] later"), script.says(b"NO over quota")])
def test_filing_that_fails_moves_nothing_and_works_the_next_time(scripted, sources, fault):
    server = scripted(FIVE)
    server.spoil("UID MOVE", fault)
    source = sources(server)
    with pytest.raises(Passing):
        source.file("INBOX", 7, 1, "CCHC/2017")
    assert server.inbox.mails == FIVE
    assert source.file("INBOX", 7, 1, "CCHC/2017")


def test_a_folder_the_server_denies_for_now_is_not_called_missing(scripted, sources):
    server = scripted(FIVE)
    server.spoil("EXAMINE", script.says(b"NO [INUSE] locked"))
    with pytest.raises(Passing):
        sources(server).fetch_new("INBOX", None)
    with pytest.raises(NoSuchFolder):
        sources(server).fetch_new("Junk", None)


def test_idle_reconnects_after_a_hang_up_and_announces_what_came_meanwhile(scripted, idles):
    server = scripted(FIVE)
    idle, news = idles(server, chance=lambda: 1.0)
    assert heard(news)
    server.await_idle()
    server.hang_up()
    assert heard(news)
    server.await_idle()
    assert idle.fault is None
    server.add(6, mail(6))
    assert heard(news)


def test_idle_hears_mail_announced_in_the_same_breath_as_its_start(scripted, idles):
    server = scripted(FIVE)

    async def both_at_once(session, _tag, _text):
        await session.raw(b"+ idling\r\n* 6 EXISTS\r\n")
        await session.reader.readline()

    server.spoil("IDLE", both_at_once)
    _idle, news = idles(server)
    assert heard(news)
    assert heard(news, 20)


@pytest.mark.parametrize("line", [b"* 3 FETCH (FLAGS ())", b"* OK still here", b"* 5 EXPUNGE"])
def test_idle_does_not_wake_for_what_is_no_new_mail(scripted, idles, line):
    server = scripted(FIVE)
    _idle, news = idles(server)
    assert heard(news)
    server.await_idle()
    server.tell(line)
    assert not heard(news, 0.4)


def test_without_idle_on_the_server_polling_goes_on_and_status_can_say_so(scripted, idles):
    idle, news = idles(scripted(FIVE, PLAIN.replace("IDLE", "")))
    assert not heard(news, 0.5)
    assert "polling only" in idle.fault


def test_a_refused_idle_login_is_not_hammered(scripted, idles):
    server = scripted(FIVE)
    server.login_answer = b"NO [AUTHENTICATIONFAILED] no"
    idle, news = idles(server)
    assert not heard(news, 1.5)
    assert "refused" in idle.fault
    assert server.sessions == 1


def test_stopping_ends_idle_at_once(scripted, idles):
    server = scripted(FIVE)
    idle, news = idles(server)
    idle.start()  # a second start changes nothing
    assert heard(news)
    server.await_idle()
    idle.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "mailbox-idle" and thread.is_alive()]


class Backlog(Mapping[int, bytes]):
    """Mails made when asked for."""

    def __init__(self, count: int, size: int) -> None:
        self._count, self._size = count, size

    def __getitem__(self, uid: int) -> bytes:
        if not 1 <= uid <= self._count:
            raise KeyError(uid)
        return mail(uid, self._size)

    def __contains__(self, uid: object) -> bool:
        return isinstance(uid, int) and 1 <= uid <= self._count

    def __iter__(self):
        return iter(range(1, self._count + 1))

    def __len__(self) -> int:
        return self._count


def test_a_long_backlog_is_read_in_windows_and_in_flat_memory(scripted, sources, monkeypatch):
    monkeypatch.setattr("intake.mailbox.imap.SEARCH_SPAN", 1000)
    server = scripted(Backlog(9_000, 100))
    source = sources(server)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    uids = [one.uid for batch in source.fetch_new("INBOX", Cursor(7, 5_000)) for one in batch.mails]
    assert uids == list(range(5_001, 9_001))
    assert [one.uid for one in source.listing("INBOX").mails] == list(range(1, 9_001))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_a_few_mails_far_apart_in_billions_of_uids_are_found(scripted, sources, monkeypatch):
    monkeypatch.setattr("intake.mailbox.imap.SEARCH_SPAN", 3)
    spread = {uid: mail(1) for uid in (1, 2, 3, 70, 5_000_000, 4_000_000_000)}
    assert collect(sources(scripted(spread))) == (spread, 4_000_000_000, None)


def test_a_mail_the_server_lists_but_never_gives_is_held_and_named(scripted, sources):
    server = scripted(FIVE)

    async def nothing_of_three(session, tag, text):
        if "3" in text.split()[2].split(","):
            text = text.replace(",3,", ",")
        if text.split()[2] == "3":
            await session.say(tag + b" OK done")
        else:
            await script.before()(session, tag, text)

    server.spoil("BODY", nothing_of_three, times=1000)
    got, last, passing = collect(sources(server))
    assert sorted(got) == [1, 2, 4, 5]
    assert last == 2
    assert "UID 3" in str(passing)


def test_a_server_that_goes_away_half_way_is_unreachable_and_the_rest_comes_later(scripted, sources, monkeypatch):
    monkeypatch.setattr("intake.mailbox.bodies.ASKED_BYTES", 1)  # nothing but the next chunk is under way
    monkeypatch.setattr("intake.mailbox.imap.WAITING_BYTES", 1)
    server = scripted({uid: mail(uid) for uid in range(1, 401)})
    source = sources(server)
    batches = source.fetch_new("INBOX", None)
    got = [one.uid for one in next(batches).mails]
    server.spoil("BODY", script.cut, times=1000)
    server.refused_after = 0
    with pytest.raises(OutsideUnreachable):
        got += [one.uid for batch in batches for one in batch.mails]
    server.refused_after = None
    server.mend()
    more, last, passing = collect(source, Cursor(7, got[-1]))
    assert got + sorted(more) == list(range(1, 401))
    assert (last, passing) == (400, None)


def test_a_mail_that_never_ends_is_given_up(scripted, sources, monkeypatch):
    monkeypatch.setattr("intake.mailbox.bodies.OVERRUN", 2_000_000)
    server = scripted({1: mail(1, 2_000_000), 2: mail(2)})

    async def without_end(session, tag, text):
        wanted = re.search(r"<(\d+)\.(\d+)>", text)
        if wanted is None:
            await script.before()(session, tag, text)
            return
        head = b"* 1 FETCH (UID 1 BODY[]<%s> {%s}" % (wanted[1].encode(), wanted[2].encode())
        await session.say(head, b"x" * int(wanted[2]) + b")", tag + b" OK done")

    server.spoil("BODY", without_end, times=1000)
    got, last, passing = collect(sources(server))
    assert (got, last) == ({2: mail(2)}, 0)
    assert "far longer" in str(passing)


def test_a_server_that_ignores_partial_fetch_gives_no_half_mail(scripted, sources):
    server = scripted({1: mail(1, 1_500_000), 2: mail(2)})

    async def more_than_asked(session, tag, text):
        if "<0." not in text:
            await script.before()(session, tag, text)
            return
        whole = mail(1, 1_500_000)
        await session.say(b"* 1 FETCH (UID 1 BODY[]<0> {%d}" % len(whole), whole + b")", tag + b" OK done")

    server.spoil("BODY", more_than_asked, times=1000)
    got, _last, passing = collect(sources(server))
    assert got == {2: mail(2)}
    assert "partial" in str(passing)


def test_no_room_for_a_big_mail_is_a_passing_fault(scripted, sources, tmp_path, monkeypatch):
    monkeypatch.setattr("intake.mailbox.bodies.SPOOL_OVER", 1_000_000)
    server = scripted({1: mail(1, 2_000_000), 2: mail(2)})
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limit[1]))
    try:
        got, _last, passing = collect(sources(server, spool=tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, previous)
    assert got == {2: mail(2)}
    assert "no room" in str(passing)
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_namespace_tells_its_delimiter_by_its_inbox(scripted, sources):
    server = scripted(FIVE, PLAIN.replace("NAMESPACE", ""))
    filed = sources(server).file("INBOX", 7, 1, "CCHC/2017")
    assert filed is not None
    assert filed.folder == "CCHC/2017"


def test_a_mail_is_not_filed_where_it_already_lies(scripted, sources):
    server = scripted(FIVE)
    assert sources(server).file("INBOX", 7, 1, "INBOX") is None
    assert server.inbox.mails == FIVE


def test_the_sizes_of_the_next_mails_are_asked_for_while_the_bodies_of_these_are_on_their_way(
    scripted, sources, monkeypatch
):
    monkeypatch.setattr("intake.mailbox.fetching.LISTED", 50)
    monkeypatch.setattr("intake.mailbox.connection.LISTED", 50)
    monkeypatch.setattr("intake.mailbox.bodies.CHUNK_MAILS", 10)
    monkeypatch.setattr("intake.mailbox.bodies.ASKED_BYTES", 30 * 1100)
    mails = {uid: mail(uid, 1000) for uid in range(1, 161)}
    server, asked = scripted(mails), []

    async def noted(session, tag, text):
        asked.append("sizes" if "SIZE" in text else "bodies")
        await script.before()(session, tag, text)

    server.spoil("UID FETCH", noted, times=1000)
    got, last = read_all(sources(server))
    assert (got, last) == (mails, 160)
    assert asked.count("bodies") == 16
    again = [n for n, what in enumerate(asked) if what == "sizes"]
    assert len(again) == 4  # nothing is asked twice
    assert all("bodies" in asked[n + 1 :] for n in again)
    assert all(asked[n - 1] == "bodies" and asked[:n].count("bodies") < 5 * k for k, n in enumerate(again) if k)


@pytest.mark.parametrize("fault", [script.bye, script.cut_mid_literal], ids=lambda fault: fault.__qualname__)
def test_a_line_that_breaks_between_two_groups_costs_nothing(scripted, sources, monkeypatch, fault):
    monkeypatch.setattr("intake.mailbox.fetching.LISTED", 5)
    monkeypatch.setattr("intake.mailbox.connection.LISTED", 5)
    mails = {uid: mail(uid) for uid in range(1, 13)}
    server = scripted(mails)
    passes = [script.before(), fault]

    async def second(session, tag, text):
        await passes.pop(0)(session, tag, text)

    server.spoil("SIZES", second, times=2)
    got, last = read_all(sources(server))
    assert (got, last) == (mails, 12)


def test_a_folder_is_opened_searched_and_its_sizes_asked_for_in_one_breath(scripted, sources):
    server, asked = scripted(FIVE), []

    async def patient(session, tag, text):
        following = [(await session.reader.readline()).rstrip(b"\r\n") for _ in range(2)]
        asked.extend([text, *(line.decode().split(" ", 1)[1] for line in following)])
        await script.before()(session, tag, text)
        for line in following:
            await session.server._answer(session, line)

    server.spoil("EXAMINE", patient)
    assert read_all(sources(server)) == (FIVE, 5)
    assert asked == ['EXAMINE "INBOX"', "UID SEARCH UID 1:50000", "UID FETCH 1:500 (RFC822.SIZE INTERNALDATE)"]


def test_sizes_refused_with_the_folder_just_opened_are_asked_for_again(scripted, sources):
    server = scripted(FIVE)
    server.spoil("SIZES", script.says(b"NO [LIMIT] later"))
    assert read_all(sources(server)) == (FIVE, 5)


@pytest.mark.parametrize(
    ("greeting", "times"), [(b"* OK ready", 2), (b"* OK [CAPABILITY IMAP4rev1 MOVE] ready", 1)], ids=["silent", "told"]
)
def test_what_a_server_can_do_is_not_asked_when_its_greeting_said_so(scripted, greeting, times):
    server, asked = scripted(FIVE), []

    async def counted(session, tag, text):
        asked.append(text)
        await script.before()(session, tag, text)

    server.greeting = greeting
    server.spoil("CAPABILITY", counted, times=9)
    connection = Connection(Account("127.0.0.1", server.port, "u", server.password, "none"))
    assert "UIDPLUS" in connection.capabilities  # as it is after the login
    assert len(asked) == times
    connection.close()
