"""A walk as each role over every link and form a page shows: nothing dead, nothing broken, nothing shown that the role may not use.

No list of pages: whatever is linked from the first page on is looked at, two of every kind of address.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from starlette.routing import Match

from intake.web.app import create_app
from tests.web.conftest import Site
from tests.web.test_guard import LOOKS, OWN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EACH = 2  # addresses of one kind
OWN_POSTS = OWN | LOOKS
SEEN = {  # what a walk must have come by, so that it is one
    "lan": {"/board/{key}", "/agency/{code}", "/mail/{mail_id}", "/mail/{mail_id}/part/{n}", "/review/{review_id}", "/period/{key}", "/results/{key}/{name}", "/due/{key}/{code}", "/roster/import", "/proof/access", "/letter/{letter_id}", "/erase", "/operation", "/log", "/account"},
    "binh": {"/decide/{mail_id}", "/roster/import", "/erase"},
    "kiem": {"/mail/{mail_id}/raw", "/log/export.{kind}", "/proof/bundle.zip", "/roster/file.xlsx", "/results/{key}"},
    "van": {"/operation", "/account"},
}  # fmt: skip


class Shown(HTMLParser):
    """The links and forms of a page, and the buttons in them."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.posts: list[tuple[str, set[str]]] = []
        self._asked: tuple[str, list[tuple[str, str]]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "hx-get"):
            if given.get(name) and not given[name].startswith("#"):
                self.links.append(urljoin(self.address, given[name]))
        if tag == "form":
            action = urljoin(self.address, given.get("action") or self.address)
            if given.get("method", "get").lower() == "post":
                self.posts.append((urlsplit(action).path, set()))
                self._asked = None
            else:
                self._asked = (action, [])
        if tag == "button" and self.posts and not self._asked:
            self.posts[-1][1].add(given.get("value", ""))
        self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        """What a form would ask as it stands."""
        if self._asked is None:
            return
        if tag == "select":
            self._select = given.get("name", "")
        value = given.get("value", "")
        if (tag == "option" and self._select) or (tag in ("input", "button") and given.get("name")):
            name = self._select if tag == "option" else given["name"]
            if name not in dict(self._asked[1]):
                self._asked[1].append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "form" and self._asked:
            self.links.append(f"{self._asked[0].split('?')[0]}?{urlencode(self._asked[1])}")
            self._asked = None


def routes_of(site: Site):
    app = create_app(site.console)._app

    def flat(routes):
        for route in routes:
            if hasattr(route, "original_router"):
                yield from flat(route.original_router.routes)
            else:
                yield route

    return list(flat(app.routes))


def kind_of(routes, method: str, path: str) -> str:
    """Which route answers."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return next((getattr(route, "path", "") for route in routes if route.matches(scope)[0] is Match.FULL), path)


@pytest.mark.parametrize("name", ["lan", "binh", "kiem", "van"])
def test_every_link_and_form_a_role_is_shown_works_for_it(site: Site, name: str) -> None:
    client, routes = site.client(name), routes_of(site)
    waiting, taken = deque(["/", "/periods?year=2017", "/boards?type=weekly"] if name != "van" else ["/"]), Counter()
    known, posts, wrong = set(waiting), {}, []
    while waiting:
        address = waiting.popleft()
        answer = client.get(address)
        if answer.status_code != 200:
            wrong.append((address, answer.status_code))
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Shown(str(answer.url).removeprefix("http://testserver"))
        page.feed(answer.text)
        for action, values in page.posts:
            posts.setdefault(kind_of(routes, "POST", action), set()).update(values)
        for link in page.links:
            parts = urlsplit(link)
            assert not parts.netloc, f"{address} leads elsewhere: {link}"
            where = f"{parts.path}{'?' + parts.query if parts.query else ''}"
            kind = (kind_of(routes, "GET", parts.path), *sorted(name for name, _ in parse_qsl(parts.query)))
            if where in known or parts.path.startswith("/static/") or taken[kind] >= EACH:
                continue
            taken[kind] += 1
            known.add(where)
            waiting.append(where)
    assert wrong == []
    assert SEEN[name] <= {kind[0] for kind in taken}, sorted({kind[0] for kind in taken})
    assert all(re.search(r"[{]", path) or path in {getattr(r, "path", "") for r in routes} for path in posts)
    if name in ("kiem", "van"):
        assert set(posts) <= OWN_POSTS, posts
    if name == "binh":
        assert "confirm" not in posts.get("/proposal/{review_id}", set()), "only a lead is the second person"
    if name == "van":
        assert all(kind[0] in {"/", "/operation", "/account", "/login"} for kind in taken), taken
