"""Moments, texts and JSON come back as they went in, the same on both databases; hashes are of the stored text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from storage.chain import canonical, entry_hash, moment_of, moment_text
from storage.engine import open_engine
from storage.ledger import Ledger
from storage.receipts import mail_receipt, receipt, token
from storage.verify_export import entry_hash as offline_hash
from tests.storage.ledger_samples import EARLY, kept, reading, sighting

HANOI = timezone(timedelta(hours=7))


def test_a_naive_moment_is_refused_at_the_door(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="naive"), ledger.write(datetime(2017, 7, 21, 10)):
        pass
    with pytest.raises(Exception, match="naive"), ledger.write(EARLY) as tx:
        tx.keep(sighting(internaldate=datetime(2017, 7, 21, 10)))


def test_a_moment_given_in_local_time_is_kept_as_utc(ledger: Ledger) -> None:
    mail_id = kept(ledger, at=datetime(2017, 7, 21, 10, 0, tzinfo=HANOI))
    with ledger.read() as q:
        mail = q.mail(mail_id)
    assert mail is not None
    assert mail.received_at == datetime(2017, 7, 21, 3, 0, tzinfo=UTC)
    assert mail.received_at.utcoffset() == timedelta(0)


def test_sqlite_stores_the_text_that_is_hashed(sqlite_url: str) -> None:
    ledger = Ledger(open_engine(sqlite_url))
    kept(ledger, at=datetime(2017, 7, 21, 10, 0, tzinfo=HANOI))
    with ledger.read() as q:
        stored = q.connection.execute(text("SELECT at FROM log_entry")).scalar_one()
    assert stored == "2017-07-21T03:00:00.000000Z"


def test_the_hash_of_an_entry_can_be_recomputed_from_its_fields(ledger: Ledger) -> None:
    with ledger.write(EARLY + timedelta(microseconds=5), clock="given", actor="cli:root") as tx:
        entry = tx.log("closed", "period:x", {"tên": "Sở Nội vụ"})
    fields = {name: getattr(entry, name) for name in entry.__slots__} | {"at": moment_text(entry.at)}
    assert entry_hash(fields) == offline_hash(fields) == entry.hash
    with ledger.read() as q:
        assert q.entry(entry.seq) == entry


def test_nul_and_lone_surrogates_never_reach_the_database(ledger: Ledger) -> None:
    mail_id = kept(ledger)
    with ledger.write(EARLY) as tx:
        tx.set_mail_facts(
            mail_id, subject="Báo\x00 cáo \ud83d", facts={"a\x00": ["\ud800b", {"c": "\\u0000"}]}, search="bao\x00"
        )
        number = tx.add_reading(reading(mail_id, report={"title": "x\x00y"}))
        tx.log("note\x00", "mail:1\x00", {"x": "\x00"})
    with ledger.read() as q:
        mail, read = q.mail(mail_id), q.reading(number)
    assert mail is not None
    assert read is not None
    assert (mail.subject, mail.facts) == ("Báo cáo ", {"a": ["b", {"c": "\\u0000"}]})
    assert read.report == {"title": "xy"}


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(HANOI)))
def test_the_text_of_a_moment_gives_the_moment_back_and_sorts_as_it_does(moment: datetime) -> None:
    written = moment_text(moment)
    assert moment_of(written) == moment
    assert len(written) == 27
    assert (written < moment_text(DAY)) == (moment < DAY)


DAY = datetime(2017, 7, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "spelling", ["2017-07-21T03:00:00Z", "2017-07-21T10:00:00.000000+07:00", "2017-7-21T03:00:00.000000Z", ""]
)
def test_any_other_spelling_of_a_moment_is_refused(spelling: str) -> None:
    with pytest.raises(ValueError, match=r"moment|isoformat"):
        moment_of(spelling)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        canonical({"a": object()})
    with pytest.raises(ValueError, match="float"):
        canonical({"a": float("nan")})
    assert canonical({"b": frozenset("ba"), "a": DAY}) == '{"a":"2017-07-21T03:00:00.000000Z","b":["a","b"]}'


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("weekly:2017-07-21", "CCHC-20170721-W-SNV-r2"),
        ("monthly:2017-07", "CCHC-201707-M-SNV-r2"),
        ("quarterly:2017-Q3", "CCHC-2017Q3-Q-SNV-r2"),
        ("half:2017-H2", "CCHC-2017H2-H-SNV-r2"),
        ("yearly:2017", "CCHC-2017-Y-SNV-r2"),
        ("KH121-30-7", "CCHC-KH121-30-7-A-SNV-r2"),
        ("tasks:2017-07", "CCHC-tasks201707-M-SNV-r2"),
    ],
)
def test_a_receipt_is_written_as_the_contract_says(key: str, written: str) -> None:
    assert receipt(key, "SNV", 2) == written


def test_names_that_differ_only_in_other_letters_get_different_receipts() -> None:
    keys = ["tasks:2017-07-21", "tasks 2017-07-21", "nhiệm vụ", "nhiem vu", "đột xuất", "báo cáo"]
    assert len({token(key) for key in keys}) == len(keys)
    assert all(token(key).isascii() for key in keys)


def test_a_mail_without_a_due_is_quoted_by_its_hash() -> None:
    assert mail_receipt("0123456789abcdef") == "CCHC-X-0123456789"
