"""The sums of the results of every closed period, remembered in the ledger: a page of results adds up the whole year.

Rules: as of now only. The ledger throws a period's away with its classes (``intake.web.standing``), and when a person states a figure
of one of its reports; all of them go when a form or what a result is made of has changed. What is not kept is added up by the page.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from intake import results
from intake.board import NoSuchPeriod, period_of
from intake.book import RULES_VERSION, law_of
from intake.desk import Desk
from intake.results import Sum
from intake.web.console import Console
from storage.queries import Queries
from storage.records import Json

BASIS = "sums_rest_on"  # what the kept sums were made by


def rests_on(desk: Desk) -> Json:
    """What sums rest on beside the ledger, plain values."""
    forms = {kind.type: form.sha256 for kind in desk.calendar.types if (form := desk.form(kind.type))}
    made = {one.key: [list(pair) for pair in one.pairs] for one in results.definitions()}
    return {"rules": RULES_VERSION, "forms": forms, "results": made}


def kept(desk: Desk, q: Queries, periods: Collection[str]) -> dict[str, dict[str, Sum]]:
    """Period → result → its sums, of those that are kept."""
    if q.meta(BASIS) != rests_on(desk):
        return {}
    return {
        period: {
            key: Sum(Decimal(part), Decimal(whole), n, expected) for key, (part, whole, n, expected) in sums.items()
        }
        for period, sums in q.kept_sums(periods).items()
    }


def keep_sums(console: Console, most: int = 0) -> int:
    """Add up and keep what is missing, the latest first; how many periods. 0: all there are."""
    desk, count = console.reader, 0
    _rest_on(console, rests_on(desk))
    with console.ask() as q:
        missing = q.without_sums(most or 1_000_000)
    for key in missing:
        with console.ask() as q:
            stamp, decided = q.stamp(), q.last_decision()
            sums = _added_up(desk, q, key)
        said = {name: [str(one.part), str(one.whole), one.n, one.expected] for name, one in sums.items()}
        with console.write() as tx:
            count += tx.keep_sums(key, said, stamp, decided)
    return count


def _added_up(desk: Desk, q: Queries, key: str) -> dict[str, Sum]:
    """The sums of a period; none of one that this calendar does not have."""
    law = law_of(desk, q)
    try:
        period = period_of(q, law.calendar, key)
    except NoSuchPeriod:
        return {}
    return results.added_up(desk, q, law, period, desk.clock.now())


def _rest_on(console: Console, now: Json) -> None:
    """See to it that every sum kept rests on that."""
    with console.ask() as q:
        if q.meta(BASIS) == now:
            return
    with console.write() as tx:
        tx.drop_sums()
        tx.set_meta(BASIS, now)
