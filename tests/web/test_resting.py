"""What another calendar throws away of the kept classes: what it may have changed, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from intake.rules.calendar import Calendar
from intake.web.resting import Gone, basis, gone
from intake.web.standing import BASIS, Standing, keep

CLOSED = "weekly:2017-07-21"


def changed(calendar, **rules):
    return Calendar(calendar.types, replace(calendar.rules, **rules))


def lost(site, calendar):
    old = site.console.reader.calendar
    with site.console.ask() as q:
        return gone(q, basis(old), basis(calendar))


def kept(site):
    with site.console.ask() as q:
        return q.due_classes([row.key for row in q.periods()])


def curing(site):
    calendar = site.console.reader.calendar
    return Calendar([replace(kind, cure_until=time(17)) for kind in calendar.types], calendar.rules)


def test_a_change_throws_away_what_it_may_have_changed_and_no_more(site):
    calendar = site.console.reader.calendar
    first, *rest = calendar.types
    assert first.type == "weekly"
    other = changed(calendar, month_friday="week_of_last_day", start=date(2017, 1, 1), holiday="previous")
    later = Calendar([replace(first, cure_until=time(11) if first.cure_until else time(17)), *rest], calendar.rules)
    assert other.version != calendar.version
    with site.console.ask() as q:
        weekly, opened = ({row.key for row in q.periods(name)} for name in ("weekly", None))
        earlier_version = gone(q, "3 0123456789ab", basis(calendar))
    assert lost(site, other) == Gone(everything=False)
    assert lost(site, changed(calendar, grace_seconds=60)).periods == opened
    assert lost(site, later).periods == weekly
    assert lost(site, changed(calendar, timezone="Asia/Tokyo")).everything
    assert earlier_version.everything


def test_a_day_off_throws_away_what_may_be_cured_until_then_and_no_more(site):
    calendar = curing(site)
    near = basis(changed(calendar, days_off=calendar.rules.days_off | {date(2017, 7, 24)}))
    far = basis(changed(calendar, days_off=calendar.rules.days_off | {date(2029, 7, 24)}))
    never = {**near, "types": {name: [rule, ""] for name, (rule, _) in near["types"].items()}}
    was = {**basis(calendar), "types": never["types"]}
    with site.console.ask() as q:
        assert CLOSED in gone(q, basis(calendar), near).periods
        assert gone(q, basis(calendar), far).periods == frozenset()
        assert gone(q, was, never).periods == frozenset(), "without a cure window no day matters"


def test_what_still_holds_is_stamped_over_and_the_rest_worked_out_again(site):
    console, calendar = site.console, site.console.reader.calendar
    keep(console)
    before = kept(site)
    with console.write() as tx:
        tx.set_meta(BASIS, basis(changed(calendar, days_worked=frozenset({date(2029, 1, 6)}))))
    assert keep(console) == 0
    with console.ask() as q:
        assert q.meta(BASIS) == basis(calendar)
    assert kept(site) == before
    with console.write() as tx:
        tx.set_meta(BASIS, basis(changed(calendar, grace_seconds=5)))
    with console.ask() as q:
        worked_out = Standing().classes(console.reader, q, [CLOSED], console.now())
    assert keep(console, most=1) == 1
    assert len(kept(site)) == 1
    keep(console)
    assert kept(site) == before
    assert before[CLOSED] == worked_out[CLOSED]
