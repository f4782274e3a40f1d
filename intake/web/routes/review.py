"""What waits for a person, and the person's word on it."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from intake.asking import NotFound
from intake.board import NoSuchPeriod
from intake.book import law_of
from intake.decisions import Refused
from intake.letters import latest_name
from intake.people import content_of
from intake.review_queue import asked_of, queue_json
from intake.web import deciding, enrolling, proposing
from intake.web.access import Decider, Form, Reader, console_of, field_of, seen_of
from intake.web.album import Page, boxes_by_page
from intake.web.deciding import PROPOSAL, Asked, Changed, Proposed
from intake.web.originals import PICTURED
from intake.web.pages import page, t
from intake.web.routes.board import moment
from intake.web.routes.desk import desk_page, figure_fields, people_of
from intake.web.routes.mail import album_of, noted
from storage.queries import Queries
from storage.records import Entry, ReviewItem

router = APIRouter()
_AHEAD = 3  # items of the queue whose pages are drawn before anybody opens them


@router.get("/review")
def queue(request: Request, visitor: Reader, done: str = "", kind: str = "") -> Response:
    """The queue, oldest cutoff first."""
    del visitor
    console = console_of(request)
    with console.ask() as q:
        items = queue_json(console.reader, q)["items"]
        details = {item.id: item for item in q.reviews()}
        law = law_of(console.reader, q)
        people = people_of(q)
        _ahead(request, q, [item["mail"] for item in items[:_AHEAD]])
    kinds = sorted({item["kind"] for item in items})
    return page(
        request,
        "review.html",
        items=[item for item in items if kind in ("", item["kind"])],
        details=details,
        kinds=kinds,
        kind=kind,
        done=done,
        agencies={row.code: row.name for row in law.roster.agencies},
        people=people,
        parsed=lambda text: moment(text, console.desk.calendar.rules.timezone),
    )


@router.get("/review/{review_id}")
def item(request: Request, visitor: Reader, review_id: int, done: str = "") -> Response:
    """One item, with all that is needed to decide."""
    console = console_of(request)
    with console.ask() as q:
        one = q.review(review_id)
        waiting = {entry["id"]: entry["mail"] for entry in queue_json(console.reader, q)["items"]}
        order, people = list(waiting), people_of(q)
        turn = _turn(order, review_id)
        _ahead(request, q, [waiting.get(number) for number in (review_id, turn[1]) if number])
    if one is None:
        raise NotFound(str(review_id))
    if one.kind == PROPOSAL:
        return _proposed(request, one, people, turn=turn, done=done)
    if one.mail_id is None:
        raise NotFound(str(review_id))
    noted(request, visitor, "mail_opened", f"mail:{one.mail_id}")
    return desk_page(request, one.mail_id, one, turn, done=done)


@router.get("/decide/{mail_id}")
def any_mail(request: Request, visitor: Decider, mail_id: int) -> Response:
    """A decision on a mail that waits for nobody: what was decided is undone by deciding again."""
    noted(request, visitor, "mail_opened", f"mail:{mail_id}")
    return desk_page(request, mail_id, None, (None, None))


@router.post("/decide/{mail_id}")
def decide(request: Request, visitor: Decider, form: Form, mail_id: int) -> Response:
    """Take the decision; the next item follows."""
    console = console_of(request)
    try:
        deciding.carry_out(console, visitor, asked := _asked(request, form, mail_id))
    except Changed as changed:
        return desk_page(request, mail_id, None, (None, None), since=changed.since, given=form, status=409)
    except Proposed:
        return _back(request, form, mail_id, "proposed")
    except (Refused, NoSuchPeriod) as refused:
        return desk_page(request, mail_id, None, (None, None), said=str(refused), given=form, status=422)
    return _back(request, form, mail_id, asked.action.partition(":")[0])


@router.post("/proposal/{review_id}")
def proposal(request: Request, visitor: Decider, form: Form, review_id: int) -> Response:
    """A second person confirms what another proposed, or turns it down."""
    console = console_of(request)
    with console.ask() as q:
        one = q.review(review_id)
        people = people_of(q)
    if one is None or one.kind != PROPOSAL:
        raise NotFound(str(review_id))
    reason = field_of(form, "reason", 500)
    try:
        if field_of(form, "action") == "confirm":
            proposing.confirm(console, visitor, one)
        else:
            proposing.turn_down(console, visitor, one, reason)
    except Changed as changed:
        return _proposed(request, one, people, since=changed.since, reason=reason, status=409)
    except Refused as refused:
        return _proposed(request, one, people, said=str(refused), reason=reason, status=422)
    return RedirectResponse("/review?done=proposal", 303)


def _proposed(
    request: Request,
    one: ReviewItem,
    people: dict[str, str],
    *,
    turn: tuple[int | None, int | None] = (None, None),
    said: str = "",
    done: str = "",
    since: tuple[Entry, ...] = (),
    reason: str = "",
    status: int = 200,
) -> Response:
    """What another proposed, with all that is needed to confirm it; what was done meanwhile, and what somebody typed."""
    console = console_of(request)
    with console.ask() as q:
        one = q.review(one.id) or one
        code = str(one.detail.get("agency") or "")
        waits = enrolling.kept(one.detail) if one.detail["action"] == enrolling.KIND and not one.closed_at else None
        stale = () if one.closed_at else proposing.stale(q, one)
        values = {
            "item": one,
            "people": people,
            "turn": turn,
            "due_at": asked_of(console.reader, q, one),
            "ended": proposing.ended(q, one),
            "agency": latest_name(law_of(console.reader, q), code) or code,
            "roster": enrolling.look(console.reader, q, waits) if waits else None,
        }
    values |= {"said": said, "done": done, "since": since, "stale": stale, "reason": reason}
    return page(request, "proposal.html", status, labels=_labels(request, one), **values)


def _ahead(request: Request, q: Queries, numbers: Iterable[str | None]) -> None:
    """Have what a person is about to look at opened, and its pages drawn, before it is looked at."""
    sheets = []
    for mail in filter(None, (q.mail(int(number)) for number in numbers if number)):
        submissions = q.submissions(mail.id)
        for part in q.parts(mail.id):
            if part.type in PICTURED:
                places = boxes_by_page([content_of(q, s) for s in submissions if s.part_n == part.n]) or {1: {}}
                sheets += [Page(mail, part, number, tuple(boxes.values())) for number, boxes in places.items()]
    album_of(request).ahead(console_of(request).reader, sheets)


# ---- ----------------------------------------------------------------------------------------------------------------


def _asked(request: Request, form: FormData, mail_id: int) -> Asked:
    console = console_of(request)
    action = field_of(form, "action", 40)
    submission = field_of(form, "submission", 40)
    sets = deciding.changed_figures(*figure_fields(form)) if action in ("accept", "set", "credit") else None
    return Asked(
        mail_id,
        seen_of(form),
        action,
        field_of(form, "reason") or _usual(action, typed=bool(sets)),
        field_of(form, "agency", 20) if action in ("agency", "ask") else "",
        field_of(form, "period", 60) if action == "period" else "",
        sets,
        submission,
        moment(field_of(form, "deemed_at"), console.desk.calendar.rules.timezone) if action == "deemed-at" else None,
        bool(field_of(form, "remember")),
    )


def _usual(action: str, *, typed: bool) -> str:
    """The reason written for a decision nobody gave one for; "" where one must be given."""
    name = "typed" if typed and action == "accept" else deciding.USUAL.get(action.partition(":")[0])
    return t(f"decide.why_{name}") if name else ""


def _labels(request: Request, one: ReviewItem) -> dict[str, str]:
    """What the lines are called whose figures a proposal states."""
    desk = console_of(request).reader
    forms = [form for name in desk.forms.names() if (form := desk.forms.get(name))]
    return {
        line.key: line.label for form in forms for line in form.figures if line.key in (one.detail.get("sets") or {})
    }


def _turn(order: list[int], here: int) -> tuple[int | None, int | None]:
    if here not in order:
        return None, (order[0] if order else None)
    at = order.index(here)
    return (order[at - 1] if at else None), (order[at + 1] if at + 1 < len(order) else None)


def _back(request: Request, form: FormData, mail_id: int, what: str) -> Response:
    """On to the item that followed, while it is still open; else to the queue."""
    following = field_of(form, "next", 20)
    with console_of(request).ask() as q:
        one = q.review(int(following)) if following.isdecimal() else None
    where = f"/review/{one.id}" if one and one.closed_at is None and one.mail_id != mail_id else "/review"
    return RedirectResponse(f"{where}?{urlencode({'done': what})}" + ("" if where[7:] else f"#mail-{mail_id}"), 303)
