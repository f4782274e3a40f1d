"""The mailbox on a real IMAP server."""

from __future__ import annotations

import hashlib
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest

from intake.mailbox.account import Account
from intake.mailbox.connection import Connection
from intake.mailbox.errors import NoSuchFolder, OutsideUnreachable, Passing, Refused
from intake.mailbox.imap import ImapSource
from intake.mailbox.source import Cursor
from tests.mailbox.conftest import FRIDAY, heard, line_to, mail, read_all
from tests.servers import dovecot as dovecot_server
from tests.servers.dovecot import self_signed
from tests.servers.imap_script import ScriptedImap


def flags_of(dovecot, user, folder="INBOX"):
    with dovecot.client(user) as client:
        client.select_folder(folder, readonly=True)
        uids = client.search("ALL")
        return {uid: set(flags) - {b"\\Recent"} for uid, flags in client.get_flags(uids).items()} if uids else {}


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_a_mail_comes_whole_with_its_receipt_moment_over_every_kind_of_line(dovecot, user, security):
    dovecot.append(user, mail(1), at=FRIDAY)
    port = dovecot.tls if security == "tls" else dovecot.plain
    account = Account("localhost", port, user, dovecot.password, security, ca_file=dovecot.certificate)
    source = ImapSource(line_to(dovecot, user), account=account)
    (batch,) = source.fetch_new("INBOX", None)
    source.close()
    assert batch.mails[0].raw == mail(1)
    assert batch.mails[0].internaldate == FRIDAY
    assert batch.mails[0].internaldate.tzinfo is UTC
    assert batch.uidvalidity > 0
    assert batch.last_uid == batch.mails[0].uid == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_we_do_not_know_is_refused_for_good(dovecot, user, security):
    port = dovecot.tls if security == "tls" else dovecot.plain
    with pytest.raises(Refused, match="certificate not trusted") as refused:
        Connection(Account("localhost", port, user, dovecot.password, security))
    assert refused.value.permanent


def test_what_was_told_over_the_clear_line_counts_no_more_after_starttls(dovecot, user):
    account = Account("localhost", dovecot.plain, user, dovecot.password, "starttls", ca_file=dovecot.certificate)
    connection = Connection(account)
    assert "AUTH=PLAIN" in connection._client._imap.capabilities  # before the login, yet told by the encrypted line:
    assert "STARTTLS" not in connection._client._imap.capabilities
    connection.close()


def test_a_certificate_for_another_host_is_refused(tmp_path):
    certificate, key = self_signed(tmp_path, "DNS:mail.example")
    server = ScriptedImap()
    server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.tls.load_cert_chain(certificate, key)
    server.start()
    with pytest.raises(Refused, match="certificate not trusted"):
        Connection(Account("127.0.0.1", server.port, "u", server.password, "tls", ca_file=certificate))
    server.stop()


def test_a_wrong_password_is_refused_for_good_and_the_message_holds_no_secret(dovecot, user):
    with pytest.raises(Refused) as refused:
        Connection(Account("127.0.0.1", dovecot.plain, user, "no-such-word", "none"))
    assert refused.value.permanent
    assert "no-such-word" not in str(refused.value)
    assert "no-such-word" not in repr(Account("h", 1, user, "no-such-word"))


def test_nobody_listening_is_unreachable_and_passing():
    with pytest.raises(OutsideUnreachable) as unreachable:
        Connection(Account("127.0.0.1", 9, "u", "p", "none"))
    assert not unreachable.value.permanent


def test_new_mail_is_what_lies_above_the_cursor_and_never_the_newest_again(dovecot, user, sources):
    for number in range(1, 4):
        dovecot.append(user, mail(number))
    source = sources(dovecot, user)
    got, last = read_all(source)
    assert list(got) == [1, 2, 3]
    epoch = source.listing("INBOX").uidvalidity
    assert read_all(source, cursor=Cursor(epoch, last)) == ({}, 0)
    dovecot.append(user, mail(4))
    assert read_all(source, cursor=Cursor(epoch, last)) == ({4: mail(4)}, 4)


def test_reading_changes_no_flag_and_a_person_reading_the_box_changes_nothing_for_us(dovecot, user, sources):
    dovecot.append(user, mail(1))
    source = sources(dovecot, user)
    read_all(source)
    assert flags_of(dovecot, user) == {1: set()}
    dovecot.append(user, mail(2))
    with dovecot.client(user) as person:
        person.select_folder("INBOX")
        person.add_flags([2], [b"\\Seen"])
    got, _last = read_all(source, cursor=Cursor(source.listing("INBOX").uidvalidity, 1))
    assert got == {2: mail(2)}


def test_many_mails_come_in_order_with_a_rising_cursor(dovecot, user, sources):
    for number in range(1, 121):
        dovecot.deliver(user, mail(number))
    batches = list(sources(dovecot, user).fetch_new("INBOX", None))
    assert [batch.last_uid for batch in batches] == sorted(batch.last_uid for batch in batches)
    assert [one.uid for batch in batches for one in batch.mails] == list(range(1, 121))
    assert batches[-1].last_uid == 120


@pytest.mark.parametrize("size", [2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20, 5_000_000])
def test_a_big_mail_read_in_pieces_is_the_same_to_the_byte(dovecot, user, sources, size):
    raw = mail(1, size)
    dovecot.append(user, raw)
    dovecot.append(user, mail(2))
    got, last = read_all(sources(dovecot, user))
    assert hashlib.sha256(got[1]).digest() == hashlib.sha256(raw).digest()
    assert got[2] == mail(2)
    assert last == 2


def test_a_very_big_mail_lies_in_a_file_that_goes_away(dovecot, user, sources, tmp_path):
    raw = mail(1, 9_000_000)
    dovecot.append(user, raw)
    dovecot.append(user, mail(2))
    seen = []
    for batch in sources(dovecot, user, spool=tmp_path).fetch_new("INBOX", None):
        for one in batch.mails:
            if not isinstance(one.raw, bytes):
                seen.append(one.raw)
                assert one.raw.read_bytes() == raw
    assert len(seen) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_mail_moved_by_us_lies_in_the_folder_of_its_year_and_nowhere_else(dovecot, user, sources):
    dovecot.append(user, mail(1), at=FRIDAY)
    dovecot.append(user, mail(2))
    source = sources(dovecot, user)
    epoch = source.listing("INBOX").uidvalidity
    filed = source.file("INBOX", epoch, 1, "CCHC/2017")
    assert filed is not None
    assert filed.moved
    assert filed.folder == "CCHC/2017"
    there = source.listing("CCHC/2017")
    assert (there.uidvalidity, there.mails[0].uid) == (filed.uidvalidity, filed.uid)
    assert there.mails[0].internaldate == FRIDAY
    assert [one.uid for one in source.listing("INBOX").mails] == [2]
    assert source.filed_folders("CCHC") == ("CCHC/2017",) or source.filed_folders("CCHC") == ("CCHC", "CCHC/2017")
    assert source.file("INBOX", epoch, 1, "CCHC/2017") is None


def test_a_mail_that_came_after_the_folder_was_opened_for_filing_is_filed_as_well(dovecot, user, sources):
    dovecot.append(user, mail(1))
    source = sources(dovecot, user)
    epoch = source.listing("INBOX").uidvalidity
    assert source.file("INBOX", epoch, 1, "CCHC/2017")
    dovecot.append(user, mail(2))
    assert source.file("INBOX", epoch, 2, "CCHC/2017")


def test_a_target_folder_removed_meanwhile_is_made_again(dovecot, user, sources):
    dovecot.append(user, mail(1))
    dovecot.append(user, mail(2))
    source = sources(dovecot, user)
    epoch = source.listing("INBOX").uidvalidity
    assert source.file("INBOX", epoch, 1, "CCHC/2017")
    with dovecot.client(user) as person:
        person.delete_folder("CCHC/2017")
    assert source.file("INBOX", epoch, 2, "CCHC/2017")


def test_a_vietnamese_folder_name_goes_through(dovecot, user, sources):
    dovecot.append(user, mail(1))
    dovecot.append(user, mail(9), folder="Thư rác")
    source = sources(dovecot, user, also_watch=["Thư rác"])
    assert source.folders() == ("INBOX", "Thư rác")
    assert read_all(source, "Thư rác")[0] == {1: mail(9)}
    filed = source.file("INBOX", source.listing("INBOX").uidvalidity, 1, "Đã nhận/2017")
    assert filed
    assert source.filed_folders("Đã nhận")[-1] == "Đã nhận/2017"
    assert len(source.listing("Đã nhận/2017").mails) == 1


def test_nothing_is_filed_under_another_epoch(dovecot, user, sources):
    dovecot.append(user, mail(1))
    source = sources(dovecot, user)
    epoch = source.listing("INBOX").uidvalidity
    assert source.file("INBOX", epoch + 1, 1, "CCHC/2017") is None
    assert source.file("INBOX", 0, 1, "CCHC/2017") is None
    assert len(source.listing("INBOX").mails) == 1


def test_a_folder_rebuilt_under_a_new_uidvalidity_is_read_whole_again(dovecot, user, sources):
    with dovecot.client(user) as client:
        client.create_folder("Box")
    for number in (1, 2, 3):
        dovecot.append(user, mail(number), folder="Box")
    source = sources(dovecot, user)
    before = source.listing("Box")
    with dovecot.client(user) as client:
        client.delete_folder("Box")
        time.sleep(1.1)  # Dovecot's UIDVALIDITY is the second of creation
        client.create_folder("Box")
    for number in (1, 2, 3):
        dovecot.append(user, mail(number), folder="Box")
    assert source.listing("Box").uidvalidity != before.uidvalidity
    got, last = read_all(source, "Box", Cursor(before.uidvalidity, 3))
    assert (len(got), last) == (3, 3)


def test_a_folder_that_is_not_there_is_said_so(dovecot, user, sources):
    with pytest.raises(NoSuchFolder, match="Junk") as missing:
        sources(dovecot, user).fetch_new("Junk", None)
    assert missing.value.permanent


def test_chosen_mails_are_fetched_without_touching_the_cursor(dovecot, user, sources):
    for number in range(1, 6):
        dovecot.append(user, mail(number))
    source = sources(dovecot, user)
    epoch = source.listing("INBOX").uidvalidity
    batches = list(source.fetch("INBOX", epoch, [4, 2, 99]))
    assert {one.uid: one.raw for batch in batches for one in batch.mails} == {2: mail(2), 4: mail(4)}
    assert {batch.last_uid for batch in batches} == {0}
    assert list(source.fetch("INBOX", epoch + 1, [1])) == []


def test_mails_expunged_between_listing_and_fetching_are_passed_over(dovecot, user, sources):
    for number in range(1, 8):
        dovecot.append(user, mail(number, 3_000_000 if number < 3 else 400))
    batches = sources(dovecot, user).fetch_new("INBOX", None)
    got = {one.uid for one in next(batches).mails}
    with dovecot.client(user) as person:
        person.select_folder("INBOX")
        person.delete_messages([5, 6])
        person.expunge()
    last = 0
    for batch in batches:
        got |= {one.uid for one in batch.mails}
        last = batch.last_uid
    assert {1, 2, 3, 4, 7} <= got
    assert last == 7


def test_a_session_the_server_ended_is_opened_again_at_the_next_poll(dovecot, user, sources, monkeypatch):
    dovecot.append(user, mail(1))
    source = sources(dovecot, user)
    assert read_all(source)[0] == {1: mail(1)}
    monkeypatch.setattr("intake.mailbox.line.NOOP_AFTER", -1.0)
    dovecot.kick(user)
    time.sleep(0.3)
    dovecot.append(user, mail(2))
    assert list(read_all(source)[0]) == [1, 2]


def test_a_consumer_that_stops_early_lets_go_at_once_and_can_begin_again(dovecot, user, sources):
    for number in range(1, 130):
        dovecot.deliver(user, mail(number))
    source = sources(dovecot, user)
    batches = source.fetch_new("INBOX", None)
    next(batches)
    begun = time.monotonic()
    batches.close()
    assert time.monotonic() - begun < 30
    assert len(read_all(source)[0]) == 129


def test_idle_wakes_the_poller_on_delivery(dovecot, user, idles):
    _idle, news = idles(dovecot, user)
    assert heard(news)  # the first connection announces what may have come before it
    for number in range(2, 7):
        while heard(news, 0.3):
            pass
        dovecot.deliver(user, mail(number))
        assert heard(news, 30)


def test_idle_goes_on_after_it_was_renewed(dovecot, user, idles):
    idle, news = idles(dovecot, user, renew_seconds=0.3)
    assert heard(news)
    time.sleep(1.0)
    dovecot.deliver(user, mail(1))
    assert heard(news, 30)
    assert idle.fault is None


def test_internaldate_keeps_its_moment_whatever_the_servers_offset(dovecot, user, sources):
    hanoi = datetime(2017, 7, 21, 10, 0, tzinfo=UTC) - timedelta(hours=7)
    dovecot.append(user, mail(1), at=hanoi)
    assert sources(dovecot, user).listing("INBOX").mails[0].internaldate == datetime(2017, 7, 21, 3, 0, tzinfo=UTC)


def test_a_password_with_letters_beyond_ascii_goes_by_sasl(dovecot, user):
    with pytest.raises(Refused):
        Connection(Account("127.0.0.1", dovecot.plain, user, "mật khẩu", "none"))


def test_a_dead_line_says_so_instead_of_hanging(dovecot, user):
    connection = Connection(Account("127.0.0.1", dovecot.plain, user, dovecot.password, "none"))
    connection.drop()
    with pytest.raises(Passing):
        connection.noop()


def test_a_server_with_a_prefix_and_dots_gets_the_folder_in_its_own_spelling():
    server = dovecot_server.start(separator=".", prefix="INBOX.")
    try:
        server.append("u", mail(1))
        source = ImapSource(line_to(server, "u"))
        filed = source.file("INBOX", source.listing("INBOX").uidvalidity, 1, "CCHC/2017")
        assert filed is not None
        assert filed.folder == "INBOX.CCHC.2017"
        assert "INBOX.CCHC.2017" in source.filed_folders("CCHC")
        assert len(source.listing("INBOX.CCHC.2017").mails) == 1
        source.close()
    finally:
        server.stop()
