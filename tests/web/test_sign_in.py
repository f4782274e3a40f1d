"""Who gets in, for how long, and what every answer carries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import pytest
from starlette.testclient import TestClient

from intake.web.access import Throttle, hashed
from intake.web.app import create_app
from tests.pipeline.world import at
from tests.web.conftest import NOW, PASSWORD, Site, sign_in, token_of


def test_without_signing_in_every_page_leads_to_the_form_and_back(site):
    client = site.client()
    answer = client.get("/board/weekly:2017-07-21?level=district", follow_redirects=False)
    assert answer.headers["location"] == "/login?to=/board/weekly%3A2017-07-21%3Flevel%3Ddistrict"
    form = client.get(answer.headers["location"])
    assert 'name="to" value="/board/weekly:2017-07-21?level=district"' in form.text
    answer = sign_in(client, "lan", to="/board/weekly:2017-07-21?level=district")
    assert answer.headers["location"] == "/board/weekly:2017-07-21?level=district"


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/login", "javascript:1"]
)
def test_nobody_is_led_elsewhere_after_signing_in(site, to):
    assert sign_in(site.client(), "lan", to=to).headers["location"] == "/"


def test_a_session_is_a_hidden_cookie_and_its_token_is_nowhere_else(site):
    client = site.client()
    answer = sign_in(client, "lan")
    cookie = answer.headers["set-cookie"]
    assert re.search(r"cchc_session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", cookie)
    assert "Secure" not in cookie
    with site.console.ask() as q:
        kept = [s.token_sha256 for s in q.sessions_of(1)]
    assert client.cookies["cchc_session"] not in kept


def test_over_tls_the_cookie_is_secure_and_the_browser_told_to_stay_there(site):
    client = site.client(base="https://testserver")
    assert "Secure" in sign_in(client, "lan").headers["set-cookie"]
    assert client.get("/login").headers["strict-transport-security"].startswith("max-age=31536000")


def test_every_answer_forbids_inline_code_framing_and_guessing_of_types(site):
    client = site.client("lan")
    for path in ("/account", "/nothing-here", "/static/console.css", "/login"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert client.get("/account").headers["cache-control"] == "no-store"
    assert "immutable" in client.get("/static/console.css").headers["cache-control"]
    assert "strict-transport-security" not in client.get("/account").headers


def test_no_template_holds_inline_script_or_style(site):
    del site
    for template in files("intake.web").joinpath("templates").iterdir():
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text), template.name


def test_a_wrong_password_is_refused_logged_and_after_a_while_slowed_down(site):
    client = site.client()
    for _ in range(5):
        answer = sign_in(client, "binh", "sai sai sai sai")
        assert answer.status_code == 401
        assert "chưa đúng" in answer.text
    slowed = sign_in(client, "binh", "sai sai sai sai")
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0
    assert sign_in(client, "binh").status_code == 429, "the right password must wait as well"
    with site.console.ask() as q:
        failed = [e for e in q.entries() if e.kind == "sign_in_failed"]
    assert len(failed) == 5
    assert failed[-1].payload["name"] == "binh"
    assert PASSWORD not in str(failed)


def test_waiting_grows_with_every_wrong_try_and_ends():
    throttle, now = Throttle(), at(NOW)
    waits = []
    for _ in range(20):
        throttle.wrong(("name:x",), now)
        waits.append(throttle.wait(("name:x", "address:y"), now))
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4] == 4
    assert waits[5] == 8
    assert waits[-1] == 900
    assert throttle.wait(("name:x",), now + timedelta(minutes=15)) == 0
    throttle.right(("name:x",))
    assert throttle.wait(("name:x",), now) == 0


def test_a_disabled_account_is_out_at_once(site):
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.add_account("ngan", "Ngân", "secretary", hashed(PASSWORD))
    client = site.client("ngan")
    assert client.get("/account").status_code == 200
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.change_account(tx.account_named("ngan"), "disable", disabled=True)
    assert client.get("/account", follow_redirects=False).status_code == 303
    assert sign_in(client, "ngan").status_code == 401


def test_a_session_ends_when_idle_and_in_any_case_after_a_day_of_work(site):
    client = site.client("kiem")
    try:
        site.clock.moment = at("2017-07-28 11:29:00")
        assert client.get("/account").status_code == 200
        site.clock.moment = at("2017-07-28 11:58:00")
        assert client.get("/account").status_code == 200, "used meanwhile"
        site.clock.moment = at("2017-07-28 12:29:00")
        assert client.get("/account", follow_redirects=False).status_code == 303
        console = replace(site.console, limits=replace(site.console.limits, whole=timedelta(minutes=40)))
        other = replace(site, console=console).client("kiem")
        site.clock.moment = at("2017-07-28 12:50:00")
        assert other.get("/account").status_code == 200
        site.clock.moment = at("2017-07-28 13:12:00")
        assert other.get("/account", follow_redirects=False).status_code == 303
    finally:
        site.clock.moment = max(site.clock.moment, at(NOW))


def test_live_refresh_alone_keeps_nobody_signed_in(site):
    client = site.client("kiem")
    start = site.clock.moment
    for minutes in (10, 20, 29):
        site.clock.moment = start + timedelta(minutes=minutes)
        assert client.get("/board/weekly:2017-07-21", headers={"HX-Polling": "1"}).status_code == 200
    site.clock.moment = start + timedelta(minutes=31)
    answer = client.get("/board/weekly:2017-07-21", headers={"HX-Request": "true", "HX-Polling": "1"})
    assert (answer.status_code, answer.text) == (401, ""), "the form must not take the place of a part of the page"


def test_signing_out_needs_the_form_and_ends_the_session(site):
    client = site.client("lan")
    assert client.post("/logout", data={"csrf": "wrong"}, follow_redirects=False).status_code == 403
    crossed = {"Sec-Fetch-Site": "cross-site"}
    good = {"csrf": token_of(client)}
    assert client.post("/logout", data=good, headers=crossed, follow_redirects=False).status_code == 403
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/logout", data=good, headers=foreign, follow_redirects=False).status_code == 403
    assert client.post("/logout", data=good, follow_redirects=False).status_code == 303
    assert client.get("/account", follow_redirects=False).status_code == 303


def test_nobody_can_be_signed_in_by_a_form_from_elsewhere(site):
    client = site.client()
    data = {"csrf": "made up", "name": "lan", "password": PASSWORD}
    assert client.post("/login", data=data, follow_redirects=False).status_code == 403


def test_changing_the_password_ends_the_other_sessions(site):
    mine, other = site.client("mai"), site.client("mai")
    form = {"csrf": token_of(mine), "old": PASSWORD, "new": "ngắn", "again": "ngắn"}
    assert "cần ít nhất" in mine.post("/account/password", data=form).text
    form |= {"new": "một câu khác dài hơn", "again": "một câu khác"}
    assert "chưa giống" in mine.post("/account/password", data=form).text
    assert "chưa đúng" in mine.post("/account/password", data=form | {"old": "sai"}).text
    form |= {"again": form["new"]}
    assert "Đã đổi mật khẩu" in mine.post("/account/password", data=form).text
    assert other.get("/account", follow_redirects=False).status_code == 303
    assert sign_in(site.client(), "mai", form["new"]).status_code == 303


def test_light_and_dark_are_remembered(site):
    client = site.client("lan")
    client.post("/account/theme", data={"csrf": token_of(client), "theme": "dark"})
    assert '<html lang="vi" data-theme="dark">' in client.get("/account").text
    client.post("/account/theme", data={"csrf": token_of(client), "theme": ""})
    assert '<html lang="vi">' in client.get("/account").text


def test_health_and_metrics_are_open_on_loopback_only(site):
    client = site.client()
    assert client.get("/healthz").text == "ok\n"
    assert 'cchc_mails{state="recorded"}' in client.get("/metrics").text
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
        proxied = {name: "10.0.0.9"}
        assert client.get("/metrics", headers=proxied, follow_redirects=False).status_code == 303
        assert client.get("/healthz", headers=proxied, follow_redirects=False).status_code == 303
        assert site.client("van").get("/metrics", headers=proxied).status_code == 200
    far = TestClient(create_app(site.console), client=("10.0.0.9", 40000))
    for path in ("/metrics", "/healthz"):
        assert far.get(path, follow_redirects=False).headers["location"] == f"/login?to={path}"


def test_behind_a_proxy_that_tells_nothing_a_setting_closes_them(site):
    settings = site.desk.settings
    closed = replace(site.desk, settings=replace(settings, web=replace(settings.web, open_metrics=False)))
    shut = Site(site.world, replace(site.console, desk=closed), closed, site.clock)
    for path in ("/metrics", "/healthz"):
        assert shut.client().get(path, follow_redirects=False).status_code == 303
        assert shut.client("van").get(path).status_code == 200


def test_the_operator_sees_no_reports(site):
    client = site.client("van")
    assert client.get("/board/weekly:2017-07-21").status_code == 403
    assert client.get("/account").status_code == 200


def test_an_unknown_page_says_so_in_words(site):
    answer = site.client("lan").get("/nothing-here")
    assert answer.status_code == 404
    assert "Không tìm thấy" in answer.text
