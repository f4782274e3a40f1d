"""The mailbox as a Maildir."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from intake.mailbox.errors import NoSuchFolder, OutsideUnreachable, Passing
from intake.mailbox.maildir import MaildirSource, uid_of
from intake.settings import MailboxSettings
from tests.mailbox.conftest import FRIDAY, mail


@pytest.fixture
def box(tmp_path):
    for name in ("tmp", "new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


def put(box, name: str, raw: bytes, at: datetime = FRIDAY):
    (box / name).write_bytes(raw)
    os.utime(box / name, (at.timestamp(), at.timestamp()))


def source_on(box, **more) -> MaildirSource:
    return MaildirSource(MailboxSettings("maildir", path=box, **more))


def everything(source, folder="INBOX", known=None):
    return [one for batch in source.fetch_new(folder, None, known) for one in batch.mails]


def test_new_and_read_mails_come_oldest_first_with_their_files_moment(box):
    put(box, "new/2.host", mail(2), datetime(2017, 7, 21, 3, 0, 1, tzinfo=UTC))
    put(box, "cur/1.host:2,S", mail(1))
    put(box, "tmp/3.host", mail(3))
    put(box, "new/.hidden", mail(4))
    first, second = everything(source_on(box))
    assert (first.raw, first.internaldate) == (mail(1), FRIDAY)
    assert (second.raw, second.internaldate) == (mail(2), datetime(2017, 7, 21, 3, 0, 1, tzinfo=UTC))
    assert source_on(box).account == f"maildir://{box}"


def test_a_mail_keeps_its_uid_when_it_is_read_and_flagged(box):
    put(box, "new/1.host", mail(1))
    (before,) = everything(source_on(box))
    (box / "new/1.host").rename(box / "cur/1.host:2,FS")
    (after,) = everything(source_on(box))
    assert before.uid == after.uid == uid_of("1.host")
    assert 0 < after.uid < 2**63
    assert everything(source_on(box), known={after.uid, 7}.intersection) == []


def test_the_batches_leave_the_cursor_alone(box):
    put(box, "new/1.host", mail(1))
    assert [batch.last_uid for batch in source_on(box).fetch_new("INBOX", None)] == [0]


def test_the_listing_says_what_would_be_fetched(box):
    put(box, "new/1.host", mail(1))
    put(box, "cur/2.host:2,", mail(2, 900))
    listing = source_on(box).listing("INBOX")
    assert listing.uidvalidity == 1
    assert {(one.uid, one.size) for one in listing.mails} == {(uid_of("1.host"), 400), (uid_of("2.host"), 900)}


def test_a_filed_mail_lies_in_the_maildirs_own_subfolder_and_keeps_its_moment(box):
    put(box, "new/1.host", mail(1))
    source = source_on(box)
    filed = source.file("INBOX", 1, uid_of("1.host"), "CCHC/2017")
    assert filed is not None
    assert (filed.folder, filed.uid, filed.moved) == ("CCHC/2017", uid_of("1.host"), True)
    assert (box / ".CCHC.2017/cur/1.host:2,").read_bytes() == mail(1)
    assert (box / ".CCHC.2017/maildirfolder").exists()
    assert everything(source) == []
    assert source.listing("CCHC/2017").mails[0].internaldate == FRIDAY
    assert source.filed_folders("CCHC") == ("CCHC/2017",)
    assert source.filed_folders("Other") == ()


def test_a_filed_mail_keeps_its_flags(box):
    put(box, "cur/1.host:2,S", mail(1))
    assert source_on(box).file("INBOX", 1, uid_of("1.host"), "CCHC/2017")
    assert (box / ".CCHC.2017/cur/1.host:2,S").exists()


def test_a_mail_another_program_flagged_since_it_was_seen_is_filed_all_the_same(box):
    put(box, "new/1.host", mail(1))
    source = source_on(box)
    source.listing("INBOX")
    (box / "new/1.host").rename(box / "cur/1.host:2,S")
    assert source.file("INBOX", 1, uid_of("1.host"), "CCHC/2017")
    assert (box / ".CCHC.2017/cur/1.host:2,S").exists()


def test_a_source_kept_open_looks_at_each_file_once_and_anew_at_another_under_its_name(box, monkeypatch):
    looked_at = []
    monkeypatch.setattr("intake.mailbox.maildir.uid_of", lambda name: looked_at.append(name) or uid_of(name))
    put(box, "cur/1.host:2,", mail(1))
    put(box, "cur/2.host:2,", mail(2))
    source = source_on(box)
    assert source.listing("INBOX") == source.listing("INBOX")
    assert sorted(looked_at) == ["1.host:2,", "2.host:2,"]
    put(box, "cur/other", mail(1, 700))
    (box / "cur/other").replace(box / "cur/1.host:2,")
    assert {one.size for one in source.listing("INBOX").mails} == {400, 700}
    (box / "cur/2.host:2,").unlink()
    assert [one.size for one in source.listing("INBOX").mails] == [700]


def test_a_very_large_folder_is_not_held_in_memory(box, monkeypatch):
    monkeypatch.setattr("intake.mailbox.maildir.REMEMBERED", 1)
    put(box, "cur/1.host:2,", mail(1))
    put(box, "cur/2.host:2,", mail(2))
    source = source_on(box)
    assert len(source.listing("INBOX").mails) == len(source.listing("INBOX").mails) == 2
    assert source.file("INBOX", 1, uid_of("2.host"), "CCHC/2017")


@pytest.mark.parametrize(("epoch", "uid", "target"), [(1, 5, "CCHC/2017"), (2, None, "CCHC/2017"), (1, None, "INBOX")])
def test_what_is_not_there_is_not_filed(box, epoch, uid, target):
    put(box, "new/1.host", mail(1))
    assert source_on(box).file("INBOX", epoch, uid or uid_of("1.host"), target) is None
    assert (box / "new/1.host").exists()


def test_other_folders_are_watched_by_their_maildir_names(box):
    (box / ".Junk/cur").mkdir(parents=True)
    put(box, ".Junk/cur/1.host:2,", mail(1))
    source = source_on(box, also_watch=("Junk",))
    assert source.folders() == ("INBOX", "Junk")
    assert [one.raw for one in everything(source, "Junk")] == [mail(1)]


def test_a_very_big_mail_is_handed_over_as_a_copy_and_the_original_stays(box, tmp_path):
    put(box, "new/1.host", mail(1, 9_000_000))
    (tmp_path / "spool").mkdir()
    source = MaildirSource(MailboxSettings("maildir", path=box), spool=tmp_path / "spool")
    for batch in source.fetch_new("INBOX", None):
        (one,) = batch.mails
        assert not isinstance(one.raw, bytes)
        assert one.raw.read_bytes() == mail(1, 9_000_000)
        one.raw.unlink()  # the vault may take it away
    assert (box / "new/1.host").stat().st_size == 9_000_000
    assert list((tmp_path / "spool").iterdir()) == []


def test_chosen_mails_are_fetched(box):
    for number in range(3):
        put(box, f"new/{number}.host", mail(number))
    source = source_on(box)
    found = [one.raw for batch in source.fetch("INBOX", 1, [uid_of("2.host"), 77]) for one in batch.mails]
    assert found == [mail(2)]
    assert list(source.fetch("INBOX", 2, [uid_of("2.host")])) == []


def test_a_mail_a_reader_moves_while_we_read_is_still_read_and_one_taken_away_is_passed_over(box):
    for number in range(60):
        put(box, f"new/{number:02d}.host", mail(number))
    batches = source_on(box).fetch_new("INBOX", None)
    got = {one.raw for one in next(batches).mails}
    (box / "new/58.host").rename(box / "cur/58.host:2,S")
    (box / "new/59.host").unlink()
    got |= {one.raw for batch in batches for one in batch.mails}
    assert got == {mail(number) for number in range(59)}


def test_a_maildir_that_is_not_there_is_unreachable_and_a_missing_folder_is_said_so(box, tmp_path):
    with pytest.raises(OutsideUnreachable):
        source_on(tmp_path / "none").listing("INBOX")
    with pytest.raises(OutsideUnreachable):
        source_on(tmp_path / "none").filed_folders("CCHC")
    with pytest.raises(NoSuchFolder, match="Junk"):
        source_on(box).listing("Junk")


def test_a_maildir_that_cannot_be_written_is_a_passing_fault_and_the_mail_stays(box):
    put(box, "new/1.host", mail(1))
    (box / ".CCHC.2017").write_text("a file where a folder should be")
    with pytest.raises(Passing):
        source_on(box).file("INBOX", 1, uid_of("1.host"), "CCHC/2017")
    assert (box / "new/1.host").exists()
