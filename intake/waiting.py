"""Mails of an agency that a person has still to look at: any of them may be the report that seems missing, so nobody is accused.

Only a short answer without a file ("Cảm ơn quý Sở", "đã gửi rồi") casts doubt on no due but those our letter was about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from intake.letters import mail_receipt
from intake.replying import WORDS_MAX
from intake.rules.calendar import Calendar
from intake.rules.values import Period
from intake.tools import TOOL_MISSING, lacks_tool
from intake.understanding import receipt_period
from intake.unopened import SECOND, span_of
from notifier.facts import WaitingFact
from storage.queries import Queries
from storage.records import Mail, Part

_NO_FILE = ("enclosure", "copy")


def waiting_mails(
    q: Queries, calendar: Calendar, agency: str, periods: Iterable[Period], now: datetime
) -> tuple[WaitingFact, ...]:
    """Those received since the first of these periods could be reported, that made no report of any due or hold a file nobody could open yet."""
    periods = tuple(periods)
    since = min(span_of(calendar, period)[0] for period in periods)
    return tuple(
        WaitingFact(
            mail.received_at,
            mail_receipt(mail),
            tuple(part.name for part in _in_doubt(q, mail)),
        )
        for mail in q.unsettled_mails(agency, since, now)
        if (not q.submissions(mail.id) or mail.reason == TOOL_MISSING) and _speaks_of(q, mail, [p.key for p in periods])
    )


def _in_doubt(q: Queries, mail: Mail) -> Iterable[Part]:
    """The files that may be a report: of a mail that waits for a tool those that cannot be opened without it."""
    parts = q.parts(mail.id)
    return filter(lacks_tool, parts) if mail.reason == TOOL_MISSING else (p for p in parts if p.outcome not in _NO_FILE)


def _speaks_of(q: Queries, mail: Mail, periods: Sequence[str]) -> list[str]:
    """Which of these periods it may speak of: a short answer without a file of those of the letter answered, any other of all."""
    if mail.reason != "no_report" or any(not part.name.startswith("part-") for part in q.parts(mail.id)):
        return list(periods)
    answers = next((x.detail for x in q.reviews(open_only=False, mail_id=mail.id) if x.detail.get("answers")), {})
    short = len(str(answers.get("said", ""))) < WORDS_MAX
    of = answers.get("periods") or [receipt_period(str(answers.get("answers", "")))]
    return [key for key in periods if key in of] if short and any(of) else list(periods)


def waiting_for(q: Queries, calendar: Calendar, period: Period, as_of: datetime) -> Counter[str]:
    """Agency → how many of its mails may hold the report of this period and waited at that moment."""
    return Counter({agency: len(mails) for agency, mails in waiting_of(q, calendar, period, as_of, as_of).items()})


def waiting_in(q: Queries, calendar: Calendar, periods: Iterable[Period], at: datetime) -> dict[str, frozenset[str]]:
    """Period → the agencies of which a mail may be its report and waits now."""
    return {key: frozenset(mails) for key, mails in waiting_over(q, calendar, periods, at).items()}


def waiting_of(
    q: Queries, calendar: Calendar, period: Period, until: datetime, as_of: datetime | None = None
) -> dict[str, tuple[Mail, ...]]:
    """Agency → its mails that may hold the report of this period and waited at that moment; None: that wait now."""
    return waiting_over(q, calendar, [period], until, as_of)[period.key]


def waiting_over(
    q: Queries, calendar: Calendar, periods: Iterable[Period], until: datetime, as_of: datetime | None = None
) -> dict[str, dict[str, tuple[Mail, ...]]]:
    """The same of each of these periods.

    Looked at are mails received while it could be reported (``intake.unopened``), and not after ``until``; they are asked for once.
    """
    spans = {period.key: span_of(calendar, period) for period in periods}
    found: dict[str, dict[str, tuple[Mail, ...]]] = {key: {} for key in spans}
    since = min((first for first, _ in spans.values()), default=until)
    for mail in q.waiting_mails(since, until + SECOND, as_of):
        agency = str(mail.facts.get("sender") or "")
        meant = [key for key, (first, last) in spans.items() if first <= mail.received_at < (last or until + SECOND)]
        if not agency or not meant:
            continue
        for key in _speaks_of(q, mail, meant):
            found[key][agency] = (*found[key].get(agency, ()), mail)
    return found
