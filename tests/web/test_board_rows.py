"""A row of the board: everything that may stand beside a class, and what a sender wrote shown as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from intake.rules.calendar import Calendar
from intake.rules.values import CalendarRules
from intake.web import shown
from intake.web.board_rows import board_rows
from intake.web.boarding import Line
from storage.records import Mail

DUE = datetime(2017, 7, 21, 3, tzinfo=UTC)
WHEN = shown.Moments(Calendar([], CalendarRules(start=date(2017, 1, 1))))
KEYS = ["weekly:2017-07-14", "weekly:2017-07-21"]
PLAIN = Line(
    code="STC", name="Sở Tài chính", group="", level="department", due_class="on_time", arrived=None, received_at=DUE,
    against=0, due_at=None, revision=1, number="245/BC-STC", findings=0, letters=("acknowledgement",), paper="not_required",
    paper_number="", streak=0, owed=(), contact="", phone="", reason="", after_cutoff=False, mail_id=7,
    strip=("on_time", "on_time"), waiting=(),
)  # fmt: skip


def mail(number: int, reason: str | None) -> Mail:
    return Mail(number, "0" * 64, 1, "needs_review", reason, None, 1, 1, DUE, DUE, None, DUE)


def test_a_plain_row_says_no_more_than_it_must() -> None:
    row = board_rows([PLAIN], KEYS, WHEN, papers=False)
    assert '<td class="num">1</td>' in row
    assert '<a href="/mail/7"><time datetime="2017-07-21T10:00:00+07:00">10:00:00 21/7/2017</time></a>' in row
    assert '<td class="num ">+' not in row
    assert "<small></small>" in row
    assert row.count("<td") == 11
    assert board_rows([PLAIN], KEYS, WHEN, papers=True).count("<td") == 12


def test_everything_that_may_stand_there_stands_there() -> None:
    full = replace(
        PLAIN, group="Nhóm 1", due_class="incomplete", arrived="late", against=61, due_at=DUE, findings=2, paper="received",
        paper_number="9", streak=3, owed=tuple(KEYS), contact="A", phone="0233", reason="core_missing", after_cutoff=True,
        mail_id=None, revision=None, waiting=(mail(8, "sender_unknown"), mail(9, None), mail(10, None)),
    )  # fmt: skip
    row = board_rows([full], KEYS, WHEN, papers=True)
    for said in (
        "<small>Nhóm 1</small>", 'class="num over">+0:01:01<', "<strong>2</strong>", " 9</small>", "14/7, 21/7",
        'A, <span class="whole">0233</span>', '<a href="/mail/8">', '<a href="/mail/9">', shown.reason("sender_unknown"),
        "10:00 21/7/2017", shown.due_class("late").lower(),
    ):  # fmt: skip
        assert said in row, said
    assert "/mail/10" not in row, "two of the mails that wait are enough"
    assert 'class="moment"><time' in row


def test_what_came_from_outside_is_text() -> None:
    hostile = '<script>"\u202e&'
    told = replace(PLAIN, name=hostile, group=hostile, number=hostile, contact=hostile, phone=hostile, code="A<B")
    row = board_rows([told], KEYS, WHEN, papers=False)
    assert "<script" not in row
    assert "\u202e" not in row
    assert row.count("&lt;script&gt;") == 5
    assert 'href="/agency/A&lt;B"' in row
