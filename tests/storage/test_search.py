"""Mails are found by their words, by keys and by when they came, the same on both databases."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

from storage.engine import MIGRATIONS, open_engine, upgrade, writing
from storage.ledger import Ledger, Tx
from storage.read_log import LogFilter
from storage.search_tables import BLOCK
from storage.search_words import LONGEST, words
from storage.vault import Vault
from tests.storage.ledger_samples import DUE, EARLY, PERIOD, due, kept, period, recorded, submission, verdict

MINUTE = timedelta(minutes=1)


def found(ledger: Ledger, said: str, **more: object) -> list[int]:
    with ledger.read() as q:
        return [mail.id for mail in q.log_page(text=said, **more)]  # type: ignore[arg-type]


@pytest.fixture
def written(ledger: Ledger) -> Ledger:
    """Four mails a minute apart, found by these words."""
    for n, said in enumerate(
        ("bao cao dakrong", "bao cao huong hoa", "ban tin dakrong 30", "bao_cao <x@tinh.example>")
    ):
        number = kept(ledger, b"%d" % n, n + 1, EARLY + n * MINUTE)
        with ledger.write(EARLY + n * MINUTE) as tx:
            tx.set_mail_facts(number, search=said)
    return ledger


def test_every_word_must_stand_in_a_mail(written: Ledger) -> None:
    assert found(written, "dakrong") == [3, 1]
    assert found(written, "bao cao") == [4, 2, 1]
    assert found(written, "cao bao dakrong") == [1]
    assert found(written, "x@tinh.example") == [4]
    assert found(written, "bao nothing") == []
    assert found(written, "%") == found(written, "' OR 1") == []
    assert found(written, "bao", before_id=4, limit=1) == [2]


def test_an_unfinished_word_finds_what_begins_so_a_finished_one_only_itself(written: Ledger) -> None:
    assert found(written, "dakr") == [3, 1]
    assert found(written, "ba") == [4, 3, 2, 1]
    assert found(written, "hoa") == [2]
    with written.write(DUE) as tx:
        tx.set_mail_facts(4, search=" ".join(["h", *(f"h{n}x" for n in range(100))]))
    assert found(written, "h") == [4]
    with written.write(DUE) as tx:
        tx.set_mail_facts(4, search=" ".join(["dakrong", *(f"hz{n}" for n in range(300))]))
    assert found(written, "hz") == [
        4
    ]  # too many words begin so: looked at on each mail, or by the index as a beginning
    assert found(written, "hz dakrong") == [4]
    assert found(written, "hz dakrong 30") == []
    assert found(written, "hz", state="stored") == [4]


def test_what_is_rewritten_or_erased_is_no_longer_found(written: Ledger) -> None:
    with written.write(DUE) as tx:
        tx.set_mail_facts(1, search="huong hoa")
        tx.erase_mail(3, "asked", "mai")
    assert found(written, "dakrong") == []
    assert found(written, "huong") == [2, 1]


def test_the_rarest_thing_asked_for_leads_the_others_are_looked_at(written: Ledger) -> None:
    with written.write(DUE) as tx:
        tx.move_mail(3, "reading", expect=("stored",))
    assert found(written, "dakrong", state="stored") == [1]
    assert found(written, "bao", state="reading") == []
    assert found(written, "dakrong", since=EARLY + MINUTE) == [3]
    assert found(written, "dakrong", until=EARLY + MINUTE) == [1]
    assert found(written, "dakrong", since=EARLY + 9 * MINUTE) == []


def test_a_page_looks_at_so_many_and_says_where_it_goes_on(written: Ledger) -> None:
    asked = LogFilter(text="bao", state="reading")
    with written.read() as q:
        assert q.log_scan(asked, None, 2, scanned=1) == ((), None)  # fewer than a handful: looked at in one go
        page, following = q.log_scan(LogFilter(text="bao"), None, 2)
        assert ([m.id for m in page], following) == ([4, 2], 2)
        page, following = q.log_scan(LogFilter(text="bao"), following, 2)
        assert ([m.id for m in page], following) == ([1], None)


def test_mails_received_long_ago_are_found_by_blocks(ledger: Ledger, vault: Vault) -> None:
    kept(ledger, b"1", 1, EARLY)
    with ledger.bare_write() as connection:
        connection.execute(text("UPDATE mail_span SET block = 7"))
    with ledger.read() as q:
        within = q.range_received(EARLY, EARLY + MINUTE)
        assert within is not None
        assert (within.low, within.high) == (7 * BLOCK, 8 * BLOCK - 1)
        assert q.range_received(EARLY + MINUTE, None) is None


def test_a_mail_that_turns_out_older_is_found_where_it_belongs(ledger: Ledger) -> None:
    kept(ledger, b"1", 1, EARLY)
    with ledger.write(DUE) as tx:
        tx.set_mail_facts(1, border_received=EARLY - 99 * MINUTE)
    with ledger.read() as q:
        assert [m.id for m in q.log_page(until=EARLY - 98 * MINUTE)] == [1]
        assert q.log_page(since=EARLY) == ()


def test_classes_kept_are_thrown_away_by_the_next_word_on_the_period(ledger: Ledger, vault: Vault) -> None:
    recorded(ledger, vault, b"1", "SNV", 1, EARLY)
    with ledger.read() as q:
        stamp = q.stamp()
    with ledger.write(DUE) as tx:
        assert tx.keep_classes(PERIOD, {"SNV": "late", "SYT": "missing"}, stamp)
    with ledger.read() as q:
        assert q.due_classes([PERIOD]) == {PERIOD: {"SNV": "late", "SYT": "missing"}}
        assert q.classes_of([(PERIOD, "SNV"), (PERIOD, "SGD")]) == {(PERIOD, "SNV"): "late"}
        assert q.class_counts([PERIOD]) == {PERIOD: {"late": 1, "missing": 1}}
        assert [m.id for m in q.log_scan(LogFilter(due_class="late"), None, 9)[0]] == [1]
        assert [m.id for m in q.log_scan(LogFilter(due_class="late", agency="SNV"), None, 9)[0]] == [1]
        assert q.log_scan(LogFilter(due_class="late", agency="SGD"), None, 9)[0] == ()
        unopened = q.log_scan(LogFilter(due_class="cured"), None, 9)[0]
        assert [m.id for m in unopened] == [1], "judged before its period was open: looked at whatever the class"
        claim = q.submissions(1)[0]
    with ledger.write(DUE) as tx:
        tx.add_verdict(verdict(claim.id, "SGD"))
        assert not tx.keep_classes(PERIOD, {"SNV": "on_time"}, stamp), "worked out before the new word"
    with ledger.read() as q:
        assert q.due_classes([PERIOD]) == q.class_counts([PERIOD]) == {}


@pytest.fixture
def intertwined(ledger: Ledger) -> Ledger:
    """Mails 1 to 5: one report; a weekly and a monthly one; one each of two agencies; one given to another agency; one whose period is not open."""
    monthly = {"type": "monthly", "period": "monthly:2017-07", "n": 2}
    mails: list[list[dict[str, Any]]] = [
        [{"agency": "SNV"}],
        [{"agency": "SNV"}, {"agency": "SNV"} | monthly],
        [{"agency": "SNV"}, {"agency": "SYT"} | monthly],
        [{"agency": "SNV", "given": "SYT"}],
        [{"agency": "SYT", "period": "weekly:2030-01-04"}],
    ]
    for number, reports in enumerate(mails, 1):
        kept(ledger, b"%d" % number, number, EARLY)
        with ledger.write(EARLY) as tx:
            if number == 1:
                tx.open_period(period(), [due("SNV"), due("SYT")])
                tx.open_period(
                    period("monthly:2017-07", type="monthly"), [due("SYT", "monthly:2017-07", type="monthly")]
                )
            for report in reports:
                _judged(tx, number, **report)
    for key, classes in (
        (PERIOD, {"SNV": "late", "SYT": "on_time"}),
        ("monthly:2017-07", {"SNV": "missing", "SYT": "cured"}),
    ):
        with ledger.read() as q:
            stamp = q.stamp()
        with ledger.write(DUE) as tx:
            assert tx.keep_classes(key, classes, stamp)
    return ledger


def _judged(tx: Tx, number: int, agency: str, n: int = 1, given: str = "", **more: str) -> None:
    kind = more.pop("type", "weekly")
    claim = tx.add_submission(submission(number, agency, part_n=n, type=kind))
    tx.add_verdict(verdict(claim.id, given or agency, type=kind, **more))


AGENCIES, TYPES, CLASSES = ("SNV", "SYT", "SGD"), ("weekly", "monthly"), ("late", "on_time", "cured", "missing")


def test_several_filters_find_what_each_of_them_finds_on_all_mails(intertwined: Ledger) -> None:
    with intertwined.read() as q:
        words = q.latest_words(range(1, 6))
        claims = {number: q.submissions(number) for number in words}
        classes = q.classes_of([(one.period or "", one.agency) for said in words.values() for one in said])
        for agency, kind, due_class in product((None, *AGENCIES), (None, *TYPES), (None, *CLASSES)):
            asked = LogFilter(agency=agency, type=kind, due_class=due_class)
            expected = {
                number
                for number, said in words.items()
                if any(
                    agency in (None, claim.agency, word.agency) and kind in (None, claim.type, word.type)
                    for claim, word in product(claims[number], said)
                    if word.submission_id == claim.id
                )
                and (due_class is None or due_class in {classes.get((one.period or "", one.agency)) for one in said})
            }
            some, following = q.log_scan(asked, None, 9)
            assert following is None
            assert expected <= {mail.id for mail in some} <= set(words), asked
            if due_class is None:
                assert expected == {mail.id for mail in some}, asked


def test_of_an_agency_with_a_class_only_its_own_mails_of_that_class_are_walked(intertwined: Ledger) -> None:
    with intertwined.read() as q:
        assert [m.id for m in q.log_scan(LogFilter(agency="SNV", due_class="missing"), None, 9)[0]] == [4, 3, 2]
        assert [m.id for m in q.log_scan(LogFilter(agency="SGD", due_class="late"), None, 9)[0]] == []


def test_keys_of_an_older_ledger_are_those_written_today(intertwined: Ledger) -> None:
    filling = import_module("storage.migrations.versions.0016_keys_of_an_agency").FILLING
    of_agencies = "SELECT key, mail_id FROM log_key WHERE key LIKE 'agency:% %'"
    with intertwined.bare_write() as connection:
        written = set(map(tuple, connection.execute(text(of_agencies))))
        connection.execute(text("DELETE FROM log_key WHERE key LIKE 'agency:% %'"))
        connection.execute(text(filling))
        filled = set(map(tuple, connection.execute(text(of_agencies))))
    assert len(written) > 9
    assert written <= filled


def test_an_older_ledger_is_filled_when_it_is_brought_up_to_date(
    request: pytest.FixtureRequest, url: str, tmp_path
) -> None:
    old = f"sqlite:///{tmp_path}/old.db" if url.startswith("sqlite") else request.getfixturevalue("empty_postgres_url")
    engine = open_engine(old)
    _to(engine, "0004")
    moment = "2017-07-21T03:00:00.000000Z"
    with writing(engine) as connection:
        for n, said in enumerate(("bc-tuan dakrong", ""), 1):
            connection.execute(
                text(
                    "INSERT INTO mail (sha256, size, state, version, attempts, received_at, internaldate, seen_at,"
                    " from_address, subject, facts, search) VALUES (:sha, 1, 'stored', 1, 0, :at, :at, :at, '', '', '{}', :said)"
                ),
                {"sha": str(n), "at": moment, "said": said},
            )
    upgrade(engine)
    assert found(Ledger(engine), "tuan") == [1]
    assert found(Ledger(engine), "tuan", since=EARLY - timedelta(days=9000)) == [1]
    engine.dispose()


def _to(engine: Engine, where: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, where)


def test_words_are_cut_alike_whatever_stands_between_them() -> None:
    assert words("bc_tuan-30.docx stc@tinh.example bc") == ("bc", "tuan", "30", "docx", "stc", "tinh", "example")
    assert words("x" * 100) == ("x" * LONGEST,)
    assert words("… – _") == ()
