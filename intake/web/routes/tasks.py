"""The plan's tasks as they stand at a period: whose, due when, how far, what is past its date."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.asking import NotFound
from intake.web.access import Reader, console_of
from intake.web.noting import chosen, is_list, task_list
from intake.web.pages import page
from intake.web.telling import Telling
from notifier.tasks import tasks_identity
from notifier.texts import phrase

router = APIRouter()
STATES = ("done", "under_way", "not_begun", "unclear", "unreported")


@router.get("/tasks/{key}")
def tasks(request: Request, visitor: Reader, key: str, state: str = "", agency: str = "") -> Response:
    """The tasks known by that period. Raises ``NoSuchPeriod``, ``NotFound``."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        found = task_list(console.reader, q, _telling(request), key, console.now())
    if not is_list(console.reader, found.period):
        raise NotFound(key)
    filters = {"state": state, "agency": agency}
    return page(
        request,
        "tasks.html",
        found=found,
        tasks=chosen(found.tasks, filters),
        filters=filters,
        identity=tasks_identity(found.tasks),
        states=[(code, phrase("tasks", code)) for code in STATES],
        agencies=sorted({(one.agency, one.agency_name) for one in found.tasks if one.agency}),
    )


def _telling(request: Request) -> Telling:
    """What the application remembers."""
    found: Telling | None = getattr(request.app.state, "telling", None)
    if found is None:
        found = request.app.state.telling = Telling()
    return found
