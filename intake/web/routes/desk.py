"""The page on which one mail is decided: its original, what was read of it, and what may be decided, the usual thing first."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from intake.book import Law, law_of
from intake.decisions import AGAIN
from intake.replying import open_codes
from intake.review_queue import proposed
from intake.rules.roster import valid
from intake.rules.values import Agency
from intake.web import deciding
from intake.web.access import console_of, field_of
from intake.web.agencies import AHEAD
from intake.web.mailing import MailView, mail_view
from intake.web.originals import Original, marked
from intake.web.pages import page
from intake.web.routes.mail import originals_of, pages_of
from storage.queries import Queries
from storage.records import Entry, Part, PeriodRow, ReviewItem

FIGURE = "figure."  # beginning of the names of the fields of figures
_SHOWN_MOST = 40_000  # characters of all figures as shown
_PERIODS = 8  # to choose from, the latest first
OURS = ("tool_missing", "timeout", "memory", "reader_crashed")  # our side could not read it: reading again may help


def desk_page(
    request: Request,
    mail_id: int,
    one: ReviewItem | None,
    turn: tuple[int | None, int | None],
    *,
    said: str = "",
    done: str = "",
    since: tuple[Entry, ...] = (),
    given: FormData | None = None,
    status: int = 200,
) -> Response:
    """What one mail shows to whoever decides on it. Raises ``NotFound``.

    ``given``: the form of a decision that was not taken, because of ``said`` or of what was written ``since``; what was typed
    stands in the fields again, and only that: the rest shows what holds now.
    """
    console = console_of(request)
    now = console.now()
    with console.ask() as q:
        view = mail_view(console.reader, q, mail_id, now)
        one = one or next(iter(view.reviews), None)
        law = law_of(console.reader, q)
        values = {
            "seen": deciding.position(q, mail_id),
            "periods": _periods(q, view, law, now),
            "people": people_of(q),
            "open_codes": open_codes(q, view.mail) if view.mail.state == "needs_review" and not view.reports else (),
        }
    values |= _beside(request, view) | _usual(view, one)
    values |= {"view": view, "item": one, "turn": turn, "agencies": _agencies(law, now), "today": law.calendar.day(now)}
    values |= {"given": given or {}, "typed": deciding.typed_figures(*figure_fields(given)) if given else {}}
    return page(request, "decide.html", status, said=said, done=done, since=since, **values)


def figure_fields(form: FormData) -> tuple[dict[str, str], dict[str, str]]:
    """KEY → what the page showed in the field of a figure, and what stands in it."""
    shown = (pair.partition("=") for pair in field_of(form, "shown", _SHOWN_MOST).split())
    given = {name.removeprefix(FIGURE): field_of(form, name, 40) for name in form if name.startswith(FIGURE)}
    return {key: text for key, _, text in shown}, given


def _beside(request: Request, view: MailView) -> dict[str, object]:
    """The file to look at, its text with the places of the figures marked, and the pictures of its pages."""
    part = _main_part(view)
    original = originals_of(request).open(console_of(request).reader, view.mail, part) if part else Original(None, None)
    figures = {
        key: figure
        for report in view.reports
        if part and report.submission.part_n == part.n
        for key, figure in (report.content.get("figures") or {}).items()
    }
    return {
        "part": part,
        "original": original,
        "blocks": marked(original.document, figures) if original.document else (),
        "pages": pages_of(part, view.reports) if part and original.leaf else [],
    }


def _usual(view: MailView, one: ReviewItem | None) -> dict[str, object]:
    """What the form proposes: the usual decision, the likeliest agencies, the moment an agency claims."""
    return {
        "why": _usual_reason(one, view),
        "candidates": _candidates(view, one),
        "deemed": proposed(one) if one else None,
        "explained": sorted({f["code"] for report in view.reports for f in report.findings if f.get("explanation")}),
        "standard": deciding.STANDARD,
        "again": AGAIN,
    }


def _periods(q: Queries, view: MailView, law: Law, now: datetime) -> list[PeriodRow]:
    """The latest periods of the types the mail's reports are of; of every type where there is no report."""
    types = {report.submission.type for report in view.reports} or {t.type for t in law.calendar.types}
    return [row for kind in sorted(types) for row in reversed(q.recent_periods(kind, now + AHEAD, _PERIODS))]


def _agencies(law: Law, now: datetime) -> list[Agency]:
    """Those that report here today, then those that did and have ended: a report of theirs may still be under way."""
    day, roster = law.calendar.day(now), law.roster
    last = [
        row for row in roster.agencies if roster.row(row.code, day) is row and roster.reports_at_last(row.code, day)
    ]
    return sorted(last, key=lambda row: not valid(row, day))


def _main_part(view: MailView) -> Part | None:
    """The part to look at: one that waits, else one a report was read from, else the largest file."""
    wanted = {r.submission.part_n for r in view.reports if r.submission.part_n}
    waiting = [p for p in view.parts if p.outcome == "needs_review"]
    read = [p for p in view.parts if p.n in wanted]
    files = sorted(view.parts, key=lambda p: (p.name.startswith("part-"), -p.size))
    return next(iter([*[p for p in waiting if p.n in wanted], *read, *waiting, *files]), None)


def _candidates(view: MailView, one: ReviewItem | None) -> tuple[str, ...]:
    """Agencies the mail may be of, the likeliest first."""
    found = [r.submission.agency for r in view.reports] + [c for r in view.reports for c in r.submission.candidates]
    if one and one.detail.get("agency"):
        found.append(str(one.detail["agency"]))
    found.append(str(view.mail.facts.get("sender") or ""))
    return tuple(dict.fromkeys(code for code in found if code))


def _usual_reason(one: ReviewItem | None, view: MailView) -> str:
    """Which decision is the usual one for what waits here; it stands first."""
    reason = one.reason if one else ""
    if reason in ("sender_unknown", "ambiguous_agency", "sender_unverified"):
        return "agency"
    if reason == "ambiguous_period":
        return "period"
    if view.mail.state in AGAIN and (view.mail.state == "set_aside" or view.mail.reason in OURS):
        return "retry"
    if not view.reports:
        return "not_a_report"
    return "looked"


def people_of(q: Queries) -> dict[str, str]:
    """What the people of the console are called, by how the log names them."""
    return {account.actor: account.shown or account.name for account in q.accounts()}
