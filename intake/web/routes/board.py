"""The board: the period's dues by class, the countdown, the recent periods of every agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from intake.board import latest_open
from intake.rules.values import CLASSES
from intake.web.access import Anyone, Reader, console_of
from intake.web.boarding import BoardPage, Line, Moment, board_page
from intake.web.noting import is_list, notes_of
from intake.web.outcomes import has_results
from intake.web.pages import page
from intake.web.standing import Standing

router = APIRouter()
VIEWS = ("heat", "notes")
BESIDE = ("waived", "not_applicable", "not_yet_due")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the page shows of the period."""

    level: str
    group: str
    due_class: str

    def __call__(self, line: Line) -> bool:
        """Whether a line is wanted."""
        of_class = self.due_class in ("", line.due_class) or (
            self.due_class == "received" and line.received_at is not None
        )
        return of_class and self.level in ("", line.level) and self.group in ("", line.group)


def moment(text: str, zone: str) -> datetime | None:
    """A moment from an address or a form, office's time zone when it has no offset; None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def standing_of(request: Request) -> Standing:
    """The remembered classes of this application."""
    found: Standing | None = getattr(request.app.state, "standing", None)
    if found is None:
        found = request.app.state.standing = Standing()
    return found


@router.get("/")
def home(request: Request, visitor: Anyone) -> Response:
    """The latest period open; how the service stands for who reads no reports."""
    if not visitor.may("read"):
        return RedirectResponse("/operation", 303)
    console = console_of(request)
    with console.ask() as q:
        key = latest_open(console.reader, q, console.now())
    return page(request, "empty.html") if key is None else RedirectResponse(f"/board/{key}", 303)


@router.get("/board/{key}")
def board(
    request: Request,
    visitor: Reader,
    key: str,
    level: str = "",
    group: str = "",
    due_class: str = "",
    view: str = "",
    as_of: str = "",
    received_by: str = "",
) -> Response:
    """The board of one period; ``as_of``: what the log knew then; ``received_by``: what had arrived then, by today's knowledge."""
    del visitor
    console = console_of(request)
    zone = console.desk.calendar.rules.timezone
    at = Moment(console.now(), moment(as_of, zone), moment(received_by, zone))
    with console.ask() as q:
        found = board_page(console.reader, q, standing_of(request), key, at, listed=view not in VIEWS)
        noted = notes_of(console.reader, q, key, at.known) if view == "notes" else ()
        head = q.head()
    wanted = Filters(level, group, due_class)
    return page(
        request,
        "board.html",
        found=found,
        lines=[line for line in found.lines if wanted(line)],
        filters=wanted,
        levels=sorted({line.level for line in found.lines if line.level}),
        groups=sorted({line.group for line in found.lines if line.group}),
        view=view if view in VIEWS else "",
        noted=noted,
        tasks=is_list(console.reader, found.period),
        results=has_results(console.reader, found.period),
        classes=CLASSES,
        beside=BESIDE,
        counts=_counts(found),
        types=[t.type for t in console.desk.calendar.types],
        at=at,
        kept=urlencode({name: text for name, text in (("as_of", as_of), ("received_by", received_by)) if text}),
        head=head,
        segments=_segments(found),
        left=(found.period.due_at - at.now).total_seconds(),
    )


@router.get("/boards")
def chosen(request: Request, visitor: Reader, type: str = "", period: str = "") -> Response:  # noqa: A002
    """The board of the period chosen in the form, or the latest of a type."""
    del visitor
    console = console_of(request)
    if not period:
        with console.ask() as q:
            known = q.recent_periods(type, console.now(), 1)
        period = known[-1].key if known else ""
    return RedirectResponse(f"/board/{period}" if period else "/", 303)


def _counts(found: BoardPage) -> dict[str, int]:
    board = found.board
    beside = {"waived": board.waived, "not_applicable": board.not_applicable, "not_yet_due": board.not_yet_due}
    return {**board.classes, **beside}


def _segments(found: BoardPage) -> list[tuple[str, float, float]]:
    """Class, start and width in percent of the bar; before the cutoff what has arrived so far."""
    counts: dict[str, int] = {}
    for line in found.lines:
        name = line.arrived or line.due_class
        if name not in ("waived", "not_applicable"):
            counts[name] = counts.get(name, 0) + 1
    whole, at, segments = sum(counts.values()) or 1, 0.0, []
    for name in (*CLASSES, "not_yet_due"):
        width = 100 * counts.get(name, 0) / whole
        if width:
            segments.append((name, round(at, 3), round(width, 3)))
        at += width
    return segments
