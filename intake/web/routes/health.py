"""Is it alive, and its figures for Prometheus: without signing in only on loopback."""

from __future__ import annotations

import ipaddress

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from intake.web.access import Forbidden, NotSignedIn, address_of, console_of, visitor_of
from intake.web.console import Console

router = APIRouter()
_PROXIED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")  # somebody else asked, by way of a proxy here


@router.get("/healthz")
def health(request: Request) -> Response:
    """``ok`` when the database answers; 503 (by the application) when it does not."""
    _near(request)
    with console_of(request).ask() as q:
        q.head()
    return PlainTextResponse("ok\n")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Counts, never names or addresses."""
    _near(request)
    return Response(generate_latest(_gauges(console_of(request))), media_type=CONTENT_TYPE_LATEST)


def _gauges(console: Console) -> CollectorRegistry:
    registry = CollectorRegistry()
    mails = Gauge("cchc_mails", "mails by state", ["state"], registry=registry)
    letters = Gauge("cchc_letters", "letters by state", ["state"], registry=registry)
    with console.ask() as q:
        for state, count in q.tally("mail").items():
            mails.labels(state).set(count)
        for state, count in q.tally("letter").items():
            letters.labels(state).set(count)
        head, poll = q.head(), q.meta("last_good_poll")
        Gauge("cchc_review_open", "items waiting for a person", registry=registry).set(q.open_reviews())
    Gauge("cchc_log_seq", "position of the last log entry", registry=registry).set(head.seq if head else 0)
    if poll:
        ended = console.desk.clock.now().fromisoformat(str(poll["ended"]))
        Gauge("cchc_last_good_poll_seconds", "moment the last good poll ended, Unix time", registry=registry).set(
            ended.timestamp()
        )
    return registry


def _near(request: Request) -> None:
    """On loopback anybody, unless ``[web].open_metrics`` says otherwise; from elsewhere whoever may operate."""
    try:
        near = ipaddress.ip_address(address_of(request)).is_loopback
    except ValueError:
        near = False
    if (
        near
        and console_of(request).desk.settings.web.open_metrics
        and not any(name in request.headers for name in _PROXIED)
    ):
        return
    visitor = visitor_of(request)
    if visitor is None:
        raise NotSignedIn(request.url.path)
    if not visitor.may("operate"):
        raise Forbidden("operate")
