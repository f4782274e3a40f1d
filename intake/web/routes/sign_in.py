"""Signing in and out, one's own account, light or dark."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from intake.web import access
from intake.web.access import COOKIE, Anyone, BadForm, Form, console_of, field_of, same
from intake.web.pages import THEME_COOKIE, THEMES, page
from storage.read_accounts import Account

router = APIRouter()
LOGIN_COOKIE = "cchc_login"
_YEAR = 365 * 86_400


@router.get("/login")
def login(request: Request, to: str = "/") -> Response:
    """The form; its token is also in a cookie, so that nobody can sign somebody else in."""
    if access.visitor_of(request):
        return RedirectResponse(inside(to), 303)
    return _form(request, to, said="oidc" if request.query_params.get("said") == "oidc" else "")


@router.post("/login")
def sign_in(request: Request, form: Annotated[FormData, Depends(access.plain_form)]) -> Response:
    """Check the password, open a session."""
    cookie = request.cookies.get(LOGIN_COOKIE, "")
    if not cookie or not same(field_of(form, "csrf"), cookie):
        raise BadForm("login")
    console, now = console_of(request), console_of(request).now()
    name, address = field_of(form, "name", 100).lower(), access.address_of(request)
    throttle: access.Throttle = request.app.state.throttle
    keys = (f"name:{name}", f"address:{address}")
    if wait := throttle.wait(keys, now):
        answer = _form(request, field_of(form, "to"), 429, "wait", wait, name)
        answer.headers["Retry-After"] = str(wait)
        return answer
    with console.ask() as q:
        account = q.account_named(name)
    password = form.get("password", "")
    if account is None or not access.matches(account, password if isinstance(password, str) else ""):
        throttle.wrong(keys, now)
        with console.write() as tx:
            tx.sign_in_failed(name, address, "disabled" if account and account.disabled else "password")
        return _form(request, field_of(form, "to"), 401, "wrong", 0, name)
    throttle.right(keys)
    return signed_in_as(request, account, field_of(form, "to"))


def signed_in_as(request: Request, account: Account, to: str) -> Response:
    """Open a session for somebody who has shown who they are, and go on."""
    console = console_of(request)
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    with console.write(account.actor) as tx:
        tx.forget_sessions(console.now() - console.limits.whole)
        tx.open_session(account, access.token_hash(token), csrf, access.address_of(request))
    answer = RedirectResponse(inside(to), 303)
    set_cookie(request, answer, COOKIE, token)
    answer.delete_cookie(LOGIN_COOKIE)
    return answer


@router.post("/logout")
def sign_out(request: Request, visitor: Anyone, _form: Form) -> Response:
    """End this session."""
    with console_of(request).write(visitor.account.actor) as tx:
        tx.close_session(visitor.session, "asked")
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/account")
def account(request: Request, visitor: Anyone) -> Response:
    """Who I am, where I am signed in."""
    return _account(request, visitor)


@router.post("/account/password")
def change_password(request: Request, visitor: Anyone, form: Form) -> Response:
    """A new password; ends the other sessions."""
    old, new, again = (field_of(form, name, 1000) for name in ("old", "new", "again"))
    said = ""
    if not access.matches(visitor.account, old):
        said = "old_wrong"
    elif len(new) < access.PASSWORD_LEAST:
        said = "too_short"
    elif new != again:
        said = "not_same"
    if said:
        return _account(request, visitor, said, 422)
    console = console_of(request)
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    with console.write(visitor.account.actor) as tx:
        changed = tx.change_account(visitor.account, "password", password=access.hashed(new))
        tx.open_session(changed, access.token_hash(token), csrf, access.address_of(request))
    answer = RedirectResponse("/account?said=changed", 303)
    set_cookie(request, answer, COOKIE, token)
    return answer


@router.post("/account/theme")
def theme(request: Request, _visitor: Anyone, form: Form) -> Response:
    """Light, dark, or as the machine has it."""
    answer = RedirectResponse("/account", 303)
    chosen = field_of(form, "theme")
    if chosen in THEMES:
        set_cookie(request, answer, THEME_COOKIE, chosen, _YEAR)
    else:
        answer.delete_cookie(THEME_COOKIE)
    return answer


def _account(request: Request, visitor: Anyone, said: str = "", status: int = 200) -> Response:
    with console_of(request).ask() as q:
        sessions = q.sessions_of(visitor.account.id)
    said = said or ("changed" if request.query_params.get("said") == "changed" else "")
    return page(request, "account.html", status, sessions=sessions, said=said, least=access.PASSWORD_LEAST)


def _form(request: Request, to: str, status: int = 200, said: str = "", wait: int = 0, name: str = "") -> Response:
    token = request.cookies.get(LOGIN_COOKIE) or secrets.token_urlsafe(32)
    answer = page(
        request,
        "login.html",
        status,
        to=inside(to),
        said=said,
        wait=wait,
        name=name,
        token=token,
        oidc=console_of(request).desk.settings.web.oidc is not None,
    )
    set_cookie(request, answer, LOGIN_COOKIE, token)
    return answer


def inside(to: str) -> str:
    """Only addresses of our own: never another place, nor the form again."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\", "/login")) and "\n" not in to and "\r" not in to
    return to if plain else "/"


def set_cookie(request: Request, answer: Response, name: str, value: str, age: int | None = None) -> None:
    """A cookie no script sees and no other site sends along; over TLS only there."""
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", secure=secure)
