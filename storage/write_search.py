"""Writing what the log is searched by, inside the transaction that writes what it follows from (``storage.search_tables``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, case, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from storage.among import among
from storage.columns import Moment
from storage.prepared import ask, write, write_many
from storage.search_tables import ANY_CLASS, BLOCK, within
from storage.search_words import words
from storage.tables import table

_word, _key, _span = table("search_word"), table("log_key"), table("mail_span")
_class, _counted = table("due_class"), table("class_count")
_verdict, _submission = table("verdict"), table("submission")


_OF_THESE_PERIODS = tuple(delete(rows).where(among(rows.c.period, "periods")) for rows in (_class, _counted))
_EVER = (
    select(_verdict.c.period)
    .where(_verdict.c.submission_id == bindparam("of_submission"), _verdict.c.period.is_not(None))
    .distinct()
)


_AGENCIES = (  # every agency a report of a mail named or was given
    select(_submission.c.agency)
    .where(_submission.c.mail_id == bindparam("of_mail"))
    .union(
        select(_verdict.c.agency)
        .join(_submission, _submission.c.id == _verdict.c.submission_id)
        .where(_submission.c.mail_id == bindparam("of_mail"))
    )
)


def insert_new(connection: Connection, rows: Table, many: list[dict[str, Any]]) -> None:
    """Insert what is not there yet."""
    if not many:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql_insert(rows).on_conflict_do_nothing(), many)
    else:
        write_many(connection, _insertion_of_new(rows), many)


@cache
def _insertion_of_new(rows: Table) -> Insert:
    return insert(rows).prefix_with("OR IGNORE")


def note_words(connection: Connection, folded: str) -> str:
    """Remember the words of a mail; what its column ``search`` is to hold."""
    found = words(folded)
    insert_new(connection, _word, [{"word": word} for word in sorted(found)])
    return " ".join(found)


_FIRST, _LAST = bindparam("first_", type_=Moment()), bindparam("last_", type_=Moment())
_WIDENED = (  # built once: executed for every batch of mails
    update(_span)
    .where(_span.c.block == bindparam("block_"))
    .values(
        first=case((_span.c.first > _FIRST, _FIRST), else_=_span.c.first),
        last=case((_span.c.last < _LAST, _LAST), else_=_span.c.last),
    )
)


def note_receipts(connection: Connection, received: Sequence[tuple[int, datetime]]) -> None:
    """Mails (by number) were received then, as far as known now."""
    blocks: dict[int, list[datetime]] = {}
    for mail_id, at in received:
        blocks.setdefault(mail_id // BLOCK, []).append(at)
    for block, moments in blocks.items():
        first, last = min(moments), max(moments)
        if write(connection, _WIDENED, {"block_": block, "first_": first, "last_": last})[0] == 0:
            connection.execute(insert(_span), {"block": block, "first": first, "last": last})


def note_report(
    connection: Connection, mail_id: int, agencies: set[str], types: set[str], keys: Collection[str] = ()
) -> None:
    """A report of that mail is to be found under the agencies and types it names or was given, and under these keys."""
    each = [f"type:{one}" for one in sorted(types)] + [one for one in keys if one.startswith("class:")]
    everywhere = {found for (found,) in ask(connection, _AGENCIES, {"of_mail": mail_id})} | agencies
    everywhere -= {None, ""}
    together = {within(agency, one) for agency in agencies for one in each}
    if len(everywhere) > 1:  # what one agency's report is of is found for the other as well: it is a class of the mail
        together |= {within(agency, ANY_CLASS) for agency in everywhere}
    found = sorted({*each, *keys, *(f"agency:{one}" for one in agencies), *together})
    insert_new(connection, _key, [{"key": key, "mail_id": mail_id} for key in found])


def drop_classes(connection: Connection, periods: Iterable[str | None] | None = None) -> None:
    """Something was written that may change the class of a due of these periods, or of any."""
    named = None if periods is None else {period for period in periods if period}
    if named is not None:
        for forgetting in _OF_THESE_PERIODS:
            write(connection, forgetting, {"periods": sorted(named)})
        return
    for rows in (_class, _counted):
        connection.execute(delete(rows))


def periods_of(connection: Connection, submission_id: int) -> set[str]:
    """Every period a submission was ever judged for."""
    return {row[0] for row in ask(connection, _EVER, {"of_submission": submission_id})}


def drop_sums(connection: Connection, periods: Iterable[str] | None = None) -> None:
    """Something was written, or has changed, that may change the sums of these periods, or of any, and the class of no due."""
    gone = update(_counted).values(sums=None)
    connection.execute(gone if periods is None else gone.where(_counted.c.period.in_(set(periods))))


def keep_classes(connection: Connection, period: str, classes: Mapping[str, str]) -> None:
    """The class of every due of a period; its mails are found under them."""
    rows = [{"period": period, "agency": code, "due_class": found} for code, found in classes.items()]
    insert_new(connection, _class, rows)
    insert_new(connection, _counted, [{"period": period, "counts": dict(Counter(classes.values()))}])
    of = select(_verdict.c.agency, _submission.c.mail_id).join(
        _submission, _submission.c.id == _verdict.c.submission_id
    )
    mails = {(agency, mail) for agency, mail in connection.execute(of.where(_verdict.c.period == period))}
    under = [(agency, f"class:{classes[agency]}", mail) for agency, mail in sorted(mails) if agency in classes]
    keys = [{"key": key, "mail_id": mail} for agency, found, mail in under for key in (found, within(agency, found))]
    insert_new(connection, _key, keys)
