"""Whatever routes there are: an auditor changes nothing through any of them, and what senders wrote is text on every page.

The routes are asked of the application itself, so that a new one cannot be forgotten: one this file cannot fill in fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from intake.web.app import create_app
from tests.web.conftest import NASTY, Site, token_of
from tests.web.test_mail import mail_of

OWN = {"/login", "/logout", "/account/password", "/account/theme"}  # about oneself, open to everybody
LOOKS = {"/proof/check"}  # has the ledger looked through; whoever reads may ask for it
FILES = {
    "/mail/{mail_id}/raw",
    "/mail/{mail_id}/part/{n}/download",
    "/log/export.{kind}",
    "/board/{key}/export.xlsx",
    "/period/{key}/export.{kind}",
    "/periods/{year}.{kind}",
    "/figures",
    "/roster/file.xlsx",
}


def of(routers: Iterable[Any], method: str) -> Iterator[str]:
    """The paths of routes, also of those inside a router that was taken in."""
    for route in routers:
        if isinstance(route, Route):
            if method in (route.methods or ()):
                yield route.path
        elif hasattr(route, "original_router"):
            yield from of(route.original_router.routes, method)
        else:
            assert isinstance(route, Mount), f"{route!r}: this test does not know what that is"
            assert route.name == "static"


def routes(site: Site, method: str) -> set[str]:
    return set(of(create_app(site.console)._app.routes, method))


def filled_in(site: Site, path: str) -> str:
    """The address with something that exists in every blank."""
    with site.console.ask() as q:
        review = next(iter(q.reviews()), None)
        letter = q.letters(mail_id=1)[0].id
    nasty = mail_of(site, "syt@tinh.example")
    values = {
        "mail_id": nasty, "review_id": review.id if review else 0, "letter_id": letter, "code": "SYT", "figure": "received", "name": "resolved_on_time",
        "n": 1, "number": 1, "year": 2017, "kind": "csv" if path.startswith("/log") else "docx", "key": "received" if "/part/" in path else "weekly:2017-07-21",
    }  # fmt: skip
    address = path
    for name, value in values.items():
        address = address.replace(f"{{{name}}}", str(value))
    assert "{" not in address, f"{path}: this test does not know what stands in its blanks"
    return address


def state_of(site: Site) -> tuple[int, ...]:
    """Everything but who looked at what."""
    with site.console.ask() as q:
        kinds = [entry.kind for entry in q.entries()]
    return (len([kind for kind in kinds if kind not in ("access", "signed_in", "signed_out", "sign_in_failed")]),)


@pytest.mark.parametrize("name", ["kiem", "van"])
def test_an_auditor_and_an_operator_are_refused_every_route_that_changes_something(site: Site, name: str) -> None:
    changing = sorted(
        {path for method in ("POST", "PUT", "PATCH", "DELETE") for path in routes(site, method)} - OWN - LOOKS
    )
    assert len(changing) >= 4
    client, before = site.client(name), state_of(site)
    token = token_of(client)
    for path in changing:
        data = {"csrf": token, "reason": "x", "action": "confirm", "second": "Lan", "id": "1"}
        answer = client.post(filled_in(site, path), data=data, follow_redirects=False)
        assert answer.status_code == 403, path
    assert state_of(site) == before


def test_every_form_needs_the_token_of_its_session(site: Site) -> None:
    client, before = site.client("lan"), state_of(site)
    for path in sorted(routes(site, "POST") - {"/login"}):
        address = filled_in(site, path)
        for token in ("", "x" * 43, "mã lạ", token_of(site.client("binh"))):
            data = {
                "csrf": token,
                "reason": "x",
                "action": "accept",
                "id": "1",
                "theme": "dark",
                "old": "x",
                "new": "x",
                "again": "x",
            }
            answer = client.post(address, data=data, follow_redirects=False)
            assert answer.status_code == 403, (path, token)
    assert state_of(site) == before
    assert client.get("/account").status_code == 200, "nor is anybody signed out"


def test_no_page_is_given_to_one_who_is_not_signed_in(site: Site) -> None:
    client = TestClient(create_app(site.console), client=("192.0.2.1", 40000))
    for path in routes(site, "GET") - {"/login", "/login/oidc", "/login/oidc/back"}:
        answer = client.get(filled_in(site, path), follow_redirects=False)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login"), path


class Seen(HTMLParser):
    """What a browser would make of a page: elements and the attributes that act."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src") or "inline")
        self.acting += [name for name in given if name.startswith("on") or name == "style"]
        address = (given.get("href") or given.get("src") or given.get("action") or "").strip().lower()
        if address.startswith(("javascript:", "data:", "http:", "https:", "//")):
            self.acting.append(address)


@pytest.mark.parametrize("name", ["lan", "kiem"])
def test_what_senders_wrote_is_text_on_every_page(site: Site, name: str) -> None:
    client, shown = site.client(name), 0
    more = [
        "/log?text=script",
        "/log?agency=SYT&text=<script>alert(2)</script>",
        "/find?id=<script>",
        "/board/weekly:2017-07-21?view=heat",
    ]
    for address in [filled_in(site, path) for path in routes(site, "GET") - FILES - {"/metrics", "/healthz"}] + more:
        answer = client.get(address)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Seen()
        page.feed(answer.text)
        assert not page.acting, (address, page.acting)
        assert all(script.startswith("/static/") for script in page.scripts), address
        assert "\u202e" not in answer.text, f"{address}: characters that turn the text are shown as marks"
        assert "<script>alert" not in answer.text, address
        assert "49" not in re.findall(r"=1\+1 (\S+)", answer.text), f"{address}: a template was filled in"
        shown += "&lt;script&gt;alert(1)" in answer.text
    assert shown >= 3
    assert "<script>" in NASTY
