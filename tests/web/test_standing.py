"""Classes of closed periods are kept in the ledger, thrown away by a write about them, and worked out again."""

from __future__ import annotations

import pytest

from intake.web import standing
from intake.web.agencies import agency_view
from intake.web.boarding import Moment, board_page
from intake.web.resting import basis
from intake.web.standing import BASIS, Keeper, Standing, keep

CLOSED, OPEN = "weekly:2017-07-21", "weekly:2017-07-28"


def kept(site):
    with site.console.ask() as q:
        return q.due_classes([CLOSED])


def test_what_is_kept_is_what_would_be_worked_out(site):
    console, now = site.console, site.console.now()
    with console.ask() as q:
        worked_out = Standing().classes(console.reader, q, [CLOSED], now)
    assert keep(console) > 0
    assert kept(site) == worked_out
    with console.ask() as q:
        known = Standing()
        assert known.classes(console.reader, q, [CLOSED], now) == worked_out
        assert known.counts(console.reader, q, [CLOSED], now)[CLOSED]["late"] == 1
        dues = {(CLOSED, "STC"), (CLOSED, "NOBODY"), ("weekly:2017-07-28", "STC")}
        found = Standing().of(console.reader, q, dues, now)
    assert found[CLOSED, "STC"] == "on_time"
    assert set(found) == dues - {(CLOSED, "NOBODY")}
    assert keep(console) == 0, "nothing is left to keep"
    assert 'href="/mail/' in site.client("kiem").get("/log?due_class=late").text


def test_for_who_owes_nothing_a_kept_period_is_not_judged_anew(site, monkeypatch):
    keep(site.console)
    monkeypatch.setattr(standing, "classes_of", lambda *_: pytest.fail("judged anew"))
    with site.console.ask() as q:
        assert Standing().of(site.console.reader, q, {(CLOSED, "NOBODY")}, site.console.now()) == {}


def test_other_rules_throw_all_away(site):
    keep(site.console)
    with site.console.write() as tx:
        tx.set_meta(BASIS, "other rules")
    with site.console.ask() as q:
        assert Standing().classes(site.console.reader, q, [CLOSED], site.console.now())[CLOSED]["STC"] == "on_time"
    assert keep(site.console) > 0
    with site.console.ask() as q:
        assert q.meta(BASIS) == basis(site.console.reader.calendar)


def test_a_console_that_is_up_keeps_them_by_itself(site):
    with site.console.write() as tx:
        tx.drop_classes()
    keeper = Keeper(site.console)
    keeper.start()
    waited = 0
    while not kept(site) and waited < 600:
        keeper._thread.join(timeout=0.1)
        waited += 1
    keeper.stop()
    assert kept(site)


def test_words_of_the_mail_itself_and_of_its_report_are_found(site):
    client = site.client("kiem")
    assert client.get("/log?text=kính gửi sở").text.count("<tr><td") == 6
    assert client.get("/log?text=245 bc stc").text.count("<tr><td") >= 1


def test_what_a_page_asks_for_is_never_forgotten_to_make_room_for_the_rest_of_it():
    class Ledger:
        def due_classes(self, keys):
            return {key: {"STC": "late"} for key in keys}

    known = Standing(_basis=True)
    known._recall(Ledger(), [f"weekly:{n}" for n in range(200)])
    asked = ["weekly:0", *(f"weekly:{n}" for n in range(200, 211))]
    known._recall(Ledger(), asked)
    assert set(asked) <= set(known._known)


def test_a_mail_set_aside_changes_the_classes_it_may_concern_at_once(site):
    console, now, known = site.console, site.console.now(), Standing()
    keep(console)
    with console.ask() as q:
        assert known.classes(console.reader, q, [CLOSED], now)[CLOSED]["SYT"] == "late"
        mail = next(m for m in q.mails() if m.received_at.isoformat().startswith("2017-07-21T02"))
    for agency, found in (("SYT", "in_review"), ("", "late")):
        with console.write() as tx:
            tx.note_aside(mail.id, agency)
        with console.ask() as q:
            assert known.classes(console.reader, q, [CLOSED], now)[CLOSED]["SYT"] == found
            assert Standing().of(console.reader, q, {(CLOSED, "SYT")}, now) == {(CLOSED, "SYT"): found}


def test_a_period_whose_report_may_be_in_a_mail_that_waits_is_in_no_row_of_missed_ones(site):
    console, now = site.console, site.console.now()
    with console.ask() as q:
        news = next(mail for mail in q.mails() if mail.subject == "Bản tin tuần")
    assert missed(site, now) == (2, (CLOSED,), 2)
    with console.write() as tx:
        tx.set_mail_facts(news.id, facts={"sender": "HDT"})
        tx.move_mail(news.id, "needs_review", expect=("not_a_report",), why="no_report")
    assert missed(site, now) == (1, (), 1)
    page = site.client("kiem").get("/agency/HDT").text
    assert f'<a href="/mail/{news.id}">thư số {news.id} đang chờ</a>' in page, "the page says which"


def missed(site, now) -> tuple[int, tuple[str, ...], int]:
    """Of the district: how many in a row and which others its line on the board says, how many in a row its own page."""
    with site.console.ask() as q:
        board = board_page(site.console.reader, q, Standing(), OPEN, Moment(now))
        line = next(line for line in board.lines if line.code == "HDT")
        view = agency_view(site.console.reader, q, Standing(), "HDT", now)
    return line.streak, line.owed, view.types[0].missing_streak
