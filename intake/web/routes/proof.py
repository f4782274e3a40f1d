"""Proof: how chain, vault and mailbox stand, a receipt checked, a period's evidence to take away, who saw what, what was erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any, cast

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from intake.asking import NotFound
from intake.board import period_of
from intake.book import law_of
from intake.chain_walk import RESULT as WALKED
from intake.decisions import Refused
from intake.erasing import erasable
from intake.evidence import write_bundle
from intake.scrub import RESULT as SCRUBBED
from intake.web import proposing
from intake.web.access import Decider, Form, Reader, Visitor, console_of, field_of
from intake.web.growing import grown
from intake.web.pages import page
from intake.web.proving import SHOWN, Check, compared
from intake.web.routes.mail import noted
from storage.proof import Proof
from storage.queries import Queries

router = APIRouter()
_LETTERS, _PERIODS, _PAGE, _ERASED = 10, 8, 100, 20
_PATIENCE = 3.0  # seconds a check may take within the request; a longer one goes on by itself


def check_of(request: Request) -> Check:
    """The check of this application."""
    found: Check | None = getattr(request.app.state, "proof_check", None)
    if found is None:
        found = request.app.state.proof_check = Check()
    return found


@router.get("/proof")
def proof(request: Request, visitor: Reader, paste: str = "") -> Response:
    """Everything that proves the log, on one page."""
    console, pasted = console_of(request), paste.strip()[:4000]
    with console.ask() as q:
        answer = compared(q, pasted) if pasted else None
        values: dict[str, Any] = {
            "head": q.head(),
            "walked": _moments(q.meta(WALKED)),
            "scrubbed": _moments(q.meta(SCRUBBED)),
            "reconciled": _moments(q.meta("last_reconcile")),
            "letters": q.last_letters_sent(_LETTERS),
            "erased": q.entries_of("erased", None, _ERASED),
            "periods": list(_periods(request, q)),
            "names": _names(q),
        }
    if answer:
        noted(request, visitor, "receipt_checked", "log", seq=answer.seq, verdict=answer.verdict)
    check = check_of(request)
    problems = check.proof.problems[:SHOWN] if check.proof else ()
    return page(request, "proof.html", check=check, problems=problems, answer=answer, pasted=pasted, **values)


def _periods(request: Request, q: Queries) -> Iterator[str]:
    console = console_of(request)
    for one in console.desk.calendar.types:
        yield from (row.key for row in reversed(q.recent_periods(one.type, console.now(), _PERIODS)))


def _moments(found: object) -> dict[str, Any] | None:
    """What was found, with its end as a moment."""
    return {**found, "ended": datetime.fromisoformat(str(found["ended"]))} if isinstance(found, dict) else None


def _names(q: Queries) -> dict[str, str]:
    return {account.actor: account.shown or account.name for account in q.accounts()}


@router.post("/proof/check")
def check_all(request: Request, visitor: Reader, _form: Form) -> Response:
    """Check the whole log now; what came of it is in the log."""
    console = console_of(request)

    def told(found: Proof) -> None:
        with console.write(visitor.account.actor) as tx:
            tx.note_access("log_checked", "log", ok=found.ok, entries=found.entries, problems=len(found.problems))

    thread = check_of(request).start(console.reader.ledger, console.now, told)
    if thread:
        thread.join(_PATIENCE)
    return RedirectResponse("/proof#check", 303)


@router.get("/proof/bundle.zip")
def bundle(request: Request, visitor: Reader, period: str) -> Response:
    """A period's evidence; noted in the log before it is made, so that the bundle tells of itself."""
    console = console_of(request)
    with console.ask() as q:
        period_of(q, law_of(console.reader, q).calendar, period)
    noted(request, visitor, "exported", "log", kind="bundle", period=period)
    pieces = grown(lambda file: write_bundle(console.reader, period, cast("IO[bytes]", file), visitor.account.actor))
    name = f"doi-chung-{period.replace(':', '-')}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@router.get("/proof/access")
def access(request: Request, visitor: Reader, before: str = "") -> Response:
    """Who saw, searched for and took away what; the latest first."""
    del visitor
    with console_of(request).ask() as q:
        found = q.entries_of("access", int(before) if before.isdecimal() else None, _PAGE + 1)
        names = _names(q)
    following = found[_PAGE - 1].seq if len(found) > _PAGE else None
    return page(request, "accesses.html", entries=found[:_PAGE], following=following, before=before, names=names)


# ---- erasing ---------------------------------------------------------------------------------------------------------


@router.get("/erase")
def erase_form(request: Request, visitor: Decider, id: str = "") -> Response:  # noqa: A002
    """What would go and what would stay, before anybody is asked; looking is noted."""
    return _erase(request, visitor, id.strip()[:100])


@router.post("/erase")
def erase(request: Request, visitor: Decider, form: Form) -> Response:
    """Propose to erase; a lead who is somebody else confirms."""
    what, reason = field_of(form, "id", 100), field_of(form, "reason")
    try:
        proposing.propose_erasing(console_of(request), visitor, what, reason)
    except Refused as refused:
        return _erase(request, visitor, what, str(refused), 422)
    return RedirectResponse("/review?done=proposed", 303)


def _erase(request: Request, visitor: Visitor, what: str, said: str = "", status: int = 200) -> Response:
    target = None
    if what:
        with console_of(request).ask() as q:
            try:
                target = erasable(q, what)
            except NotFound:
                said = said or "nothing"
            except Refused:
                said = said or "not_erasable"
    if target:
        noted(request, visitor, "erase_looked", f"mail:{target.mail.id}" if target.mail else "log", id=target.id)
    entry = target.entry if target else None
    payload = json.dumps(entry.payload, ensure_ascii=False, indent=1) if entry else ""
    return page(request, "erase.html", status, what=what, target=target, said=said, payload=payload)
