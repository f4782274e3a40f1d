"""Signing in through an identity provider: the whole way with a real one on loopback, and every answer that must let nobody in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from intake.settings import OidcSettings, Secret
from intake.web.app import create_app
from tests.servers.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.web.conftest import Site

BACK = "http://testserver/login/oidc/back"
ROLES = {"auditor": ("cchc-audit",), "lead": ("cchc-lead",), "secretary": (), "operator": ()}


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """One console for the file."""
    return shared_site


@pytest.fixture(scope="module")
def running(site: Site) -> Iterator[IdentityProvider]:
    provider = IdentityProvider(lambda: int(site.clock.moment.timestamp()))
    yield provider
    provider.stop()


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    """The provider, behaving well and giving an auditor's role."""
    running.claims, running.change, running.signed_with, running.discovery = (
        {"roles": ["cchc-audit"]},
        lambda _c: None,
        "own",
        {},
    )
    return running


@pytest.fixture
def client(site: Site, provider: IdentityProvider) -> TestClient:
    """A browser before a console that knows this provider."""
    oidc = OidcSettings(provider.issuer, CLIENT, Secret(SECRET), BACK, roles=ROLES)
    desk = replace(site.desk, settings=replace(site.desk.settings, web=replace(site.desk.settings.web, oidc=oidc)))
    return TestClient(create_app(replace(site.console, desk=desk)), client=("127.0.0.1", 40000), follow_redirects=False)


def sent_back(client: TestClient, to: str = "/") -> str:
    """Where the provider sends the browser."""
    there = client.get(f"/login/oidc?to={to}").headers["location"]
    return httpx.get(there, follow_redirects=False).headers["location"]


def arrived(client: TestClient, to: str = "/"):
    return client.get(sent_back(client, to))


def refused(client: TestClient) -> bool:
    answer = arrived(client)
    assert answer.headers["location"].startswith("/login")
    assert "cchc_session" not in client.cookies
    return client.get("/").headers["location"].startswith("/login")


def test_who_the_provider_names_comes_in_with_the_role_it_names(client, provider, site):
    assert "/login/oidc" in client.get("/login").text
    asked = parse_qs(urlsplit(client.get("/login/oidc").headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    answer = arrived(client, "/log")
    assert (answer.status_code, answer.headers["location"]) == (303, "/log")
    account = client.get("/account").text
    assert "Nguyễn Thị Hoa" in account
    assert client.get("/log").status_code == 200
    assert client.get("/decide/1").status_code == 403, "an auditor"
    provider.claims = {"roles": ["x", "cchc-lead"], "name": "Nguyễn Thị Hoa, đổi tên"}
    arrived(client)
    assert client.get("/decide/1").status_code == 200, "the same person, a lead by now"
    with site.console.ask() as q:
        assert len([a for a in q.accounts() if a.subject == f"{provider.issuer} person-1"]) == 1
    provider.claims = {"roles": ["cchc-audit"], "sub": "person-2", "aud": [CLIENT, "other"], "azp": CLIENT}
    arrived(client)
    with site.console.ask() as q:
        assert len([a for a in q.accounts() if a.subject]) == 2


def claim(name, value):
    return lambda claims: claims.update({name: value})


@pytest.mark.parametrize(
    "change",
    [claim("iss", "https://other.example"), claim("aud", "other"), claim("aud", []), claim("exp", 1), claim("nonce", "other"), claim("sub", ""),
     claim("aud", [CLIENT, "other"]), claim("azp", "other"), claim("iat", 10**11), claim("roles", ["nothing of ours"]), claim("roles", None),
     lambda c: c.pop("nonce"), lambda c: c.pop("exp"), lambda c: c.pop("sub")],
)  # fmt: skip
def test_a_token_that_is_wrong_in_anything_lets_nobody_in(client, provider, change):
    provider.change = change
    assert refused(client)


@pytest.mark.parametrize("key", ["other", "none", "shared"])
def test_only_the_published_key_counts(client, provider, key):
    provider.signed_with = key
    assert refused(client)


@pytest.mark.parametrize(
    "discovery",
    [{"issuer": "https://other.example"}, {"token_endpoint": "http://192.0.2.1/token"}, {"jwks_uri": None}],
)  # fmt: skip
def test_a_provider_that_calls_itself_otherwise_is_not_gone_to(client, provider, discovery):
    provider.discovery = discovery
    assert client.get("/login/oidc").headers["location"].startswith("/login?said=oidc")


def test_an_answer_counts_once_and_in_the_browser_that_asked(client, provider, site):
    address = sent_back(client)
    stranger = TestClient(client.app, client=("127.0.0.1", 40000), follow_redirects=False)
    assert stranger.get(address).headers["location"].startswith("/login?said=oidc")
    before = provider.exchanges[-1:]
    assert stranger.get(f"{BACK}?state=&code=x").headers["location"].startswith("/login?said=oidc")
    assert provider.exchanges[-1:] == before, "nothing is exchanged for a stranger"
    first = sent_back(client)
    assert client.get(first).headers["location"] == "/"
    assert client.get(first).headers["location"].startswith("/login?said=oidc")
    assert client.get(f"{BACK}?error=access_denied&state=x").headers["location"].startswith("/login?said=oidc")


def test_a_disabled_account_stays_out_and_the_log_says_so(client, provider, site):
    arrived(client)
    with site.console.write() as tx:
        account = tx.account_of_subject(f"{provider.issuer} person-1")
        tx.change_account(account, "disable", disabled=True)
    client.cookies.clear()
    try:
        assert refused(client)
        with site.console.ask() as q:
            last = [e for e in q.entries() if e.kind == "sign_in_failed"][-1]
        assert last.payload["why"] == "oidc: disabled"
    finally:
        with site.console.write() as tx:
            account = tx.account_of_subject(f"{provider.issuer} person-1")
            tx.change_account(account, "enable", disabled=False)


def test_where_to_go_on_is_always_here(client):
    assert arrived(client, "//evil.example/").headers["location"] == "/"


def test_without_a_provider_there_is_no_such_page(site):
    client = site.client()
    assert "/login/oidc" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/back").status_code == 404
