"""The log as a page: filters, one page by key, what each mail came to; and the same rows as files.

Rules: a page costs what its rows cost, wherever it lies; where the filters leave little of much, only so many mails are looked
through for one page and the next page goes on behind them; an export names its question and the moment it is as of.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from intake.asking import LogQuery, Times, filter_of, log_rows
from intake.desk import Desk
from intake.export import COLUMNS, lines, log_sheet
from intake.web.standing import Standing
from notifier.plain import marked, neutral, spelled
from storage.queries import Queries
from storage.records import Json, Mail, Verdict

PAGE = 50
SCANNED = 1000  # mails whose class is looked at for one page
EXPORTED = 20_000  # mails in one file


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters as they stand in the address."""

    text: str = ""
    agency: str = ""
    type: str = ""
    period: str = ""
    due_class: str = ""
    state: str = ""
    since: str = ""  # a day
    until: str = ""  # a day, inclusive
    before: str = ""  # id the page begins before

    @staticmethod
    def of(query: Mapping[str, str]) -> Wanted:
        """From the address; unknown words are left out."""
        return Wanted(**{field.name: query.get(field.name, "")[:200].strip() for field in fields(Wanted)})

    def address(self, **more: str) -> str:
        """The query string of these filters, changed by ``more``; empty ones are left out."""
        return urlencode({name: value for name, value in {**asdict(self), **more}.items() if value})

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.address(before=""))


@dataclass(frozen=True, slots=True)
class Row:
    """One mail."""

    mail: Mail
    words: tuple[tuple[Verdict, str], ...]  # each submission's verdict and its due's class


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the log."""

    rows: tuple[Row, ...]
    following: str | None  # the id the next page begins before


def page_of(desk: Desk, q: Queries, standing: Standing, wanted: Wanted, now: datetime) -> Page:
    """One page, newest first."""
    asked, before = filter_of(query_of(desk, wanted)), int(wanted.before) if wanted.before.isdecimal() else None
    rows: list[Row] = []
    scanned = 0
    while len(rows) <= PAGE and scanned < SCANNED:
        limit = 200 if wanted.due_class and scanned else PAGE + 1
        mails, before = q.log_scan(asked, before, limit)
        rows += [row for row in _rows(desk, q, standing, mails, now) if _of_class(row, wanted.due_class)]
        scanned += max(len(mails), PAGE)
        if before is None or len(mails) < limit:  # no more, or enough looked through for one page
            break
    if len(rows) > PAGE:
        return Page(tuple(rows[:PAGE]), str(rows[PAGE - 1].mail.id))
    return Page(tuple(rows), str(before) if before is not None else None)


def _rows(desk: Desk, q: Queries, standing: Standing, mails: tuple[Mail, ...], now: datetime) -> list[Row]:
    words = q.latest_words([mail.id for mail in mails])
    dues = {(word.period, word.agency) for said in words.values() for word in said if word.period}
    classes = standing.of(desk, q, dues, now)
    return [
        Row(
            mail,
            tuple((word, classes.get((word.period or "", word.agency), "")) for word in words.get(mail.id, ())),
        )
        for mail in mails
    ]


def _of_class(row: Row, due_class: str) -> bool:
    return not due_class or any(found == due_class for _, found in row.words)


def query_of(desk: Desk, wanted: Wanted, limit: int = PAGE) -> LogQuery:
    """The question as the log takes it; days become moments of the office's time zone."""
    since, until = _day(desk, wanted.since), _day(desk, wanted.until)
    return LogQuery(
        agency=wanted.agency or None,
        type=wanted.type or None,
        period=wanted.period or None,
        due_class=wanted.due_class or None,
        state=wanted.state or None,
        since=since,
        until=until + timedelta(days=1) if until else None,
        text=wanted.text or None,
        limit=limit,
    )


def _day(desk: Desk, text: str) -> datetime | None:
    try:
        return desk.calendar.moment(datetime.fromisoformat(text).date(), datetime.min.time()) if text else None
    except ValueError:
        return None


# ---- files -----------------------------------------------------------------------------------------------------------


def exported(desk: Desk, q: Queries, wanted: Wanted, kind: str, now: datetime) -> tuple[bytes, int]:
    """The rows as csv, xlsx or json, with the question and the moment in the file; and how many."""
    rows = list(log_rows(desk, q, query_of(desk, wanted, EXPORTED), now))
    head = q.head()
    about: Json = {
        "as_of": Times(desk)(now),
        "query": {name: value for name, value in asdict(wanted).items() if value and name != "before"},
        "seq": head.seq if head else 0,
        "hash": head.hash if head else "",
    }
    write = {"json": _json, "xlsx": _xlsx}.get(kind, _csv)
    return write(rows, about), len(rows)


def _json(rows: list[Json], about: Json) -> bytes:
    document = {"schema": "cchc.log/1", **about, "rows": rows}
    return spelled(json.dumps(document, ensure_ascii=False, indent=1, default=str)).encode()


def _csv(rows: list[Json], about: Json) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows(_about(about))
    writer.writerow([])
    writer.writerow(COLUMNS)
    writer.writerows(lines(rows))
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[Json], about: Json) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 heavy; only for this file

    book = Workbook(write_only=True)
    log_sheet(book, rows)
    question = book.create_sheet("query")
    for pair in _about(about):
        question.append(pair)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _about(about: Json) -> list[list[Any]]:
    pairs = [["as_of", about["as_of"]], *([name, value] for name, value in about["query"].items())]
    return [
        [neutral(marked(str(value))) for value in pair]
        for pair in (*pairs, ["seq", about["seq"]], ["hash", about["hash"]])
    ]
