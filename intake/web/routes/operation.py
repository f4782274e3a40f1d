"""How the service stands: mailbox, outbox, alarms, the reader's walls, versions. No report is shown here."""

from __future__ import annotations

import platform
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.alarms import free_mib, standing
from intake.chain_walk import RESULT as WALKED
from intake.status import next_cutoffs
from intake.web.access import Operator, console_of
from intake.web.pages import page
from intake.web.routes.board import moment
from intake.web.walls import Walls
from storage.engine import newest_revision

router = APIRouter()
_PACKAGES = ("cchc-intake", "imapclient", "mail-parser", "pdfplumber", "openpyxl", "sqlmodel", "apscheduler", "fastapi")
_LETTERS = 50


def walls_of(request: Request) -> Walls:
    """What is known of the reader's walls in this application."""
    found: Walls | None = getattr(request.app.state, "walls", None)
    if found is None:
        found = request.app.state.walls = Walls()
    return found


@router.get("/operation")
def operation(request: Request, visitor: Operator) -> Response:
    """The whole state on one page; the mailbox itself is not asked, the last comparison is shown."""
    console = console_of(request)
    now = console.now()
    with console.ask() as q:
        poll, compared, scrubbed, walked = (
            q.meta(name) for name in ("last_good_poll", "last_reconcile", "last_scrub", WALKED)
        )
        values: dict[str, Any] = {
            "alarms": standing(console.reader, q, now),
            "states": q.tally("mail"),
            "outbox": q.tally("letter"),
            "letters": q.waiting_letters(_LETTERS),
            "reviews": q.open_reviews(),
            "cutoffs": next_cutoffs(console.reader, q, now),
            "head": q.head(),
            "sightings": q.tally("sighting").get("there", 0),
        }
    seen = walls_of(request).look(console.desk.box.confinement)
    forms = [form for name in console.desk.forms.names() if (form := console.desk.forms.get(name))]
    return page(
        request,
        "operation.html",
        poll=_moment(poll, "ended"),
        compared=_ended(compared),
        scrubbed=_ended(scrubbed),
        walked=_ended(walked),
        walls=seen.walls,
        fallen=seen.failed,
        forms=forms,
        versions=[*_versions(), ("Python", platform.python_version()), ("schema", newest_revision())],
        database=console.desk.ledger.engine.dialect.name,
        free=free_mib(console.desk.settings),
        parsed=lambda text: moment(text, console.desk.calendar.rules.timezone),
        content=visitor.may("read"),
        **values,
    )


def _moment(found: object, name: str) -> datetime | None:
    return datetime.fromisoformat(str(found[name])) if isinstance(found, dict) and found.get(name) else None


def _ended(found: object) -> dict[str, object] | None:
    """What a comparison found, its end a moment."""
    return {**found, "ended": _moment(found, "ended")} if isinstance(found, dict) else None


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    """What this process runs on: looked up once, it stays so."""
    found = []
    for name in _PACKAGES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "–"))
    return tuple(found)
