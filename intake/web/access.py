"""Who may come in and do what: roles, passwords, sessions, and what every form must bring.

Rules:

1. A session is a random token in a cookie (HttpOnly, SameSite, Secure over TLS) and a row that ends by itself: idle, and in all.
2. Every form brings the session's own token (CSRF) and comes from our own origin.
3. Guessing is slowed down by name and by address; an unknown name costs as much time as a known one.
4. The operator sees how the service stands and no report; the auditor reads everything and changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from pwdlib import PasswordHash
from starlette.datastructures import FormData

from intake.web.console import Console
from storage.read_accounts import Account, Session

ROLES = ("auditor", "secretary", "lead", "operator")
RIGHTS: dict[str, frozenset[str]] = {
    "auditor": frozenset({"read", "operate"}),
    "secretary": frozenset({"read", "decide", "operate"}),
    "lead": frozenset({"read", "decide", "dues", "second", "operate"}),
    "operator": frozenset({"operate"}),
}
COOKIE = "cchc_session"
PASSWORD_LEAST = 12  # characters
_TOUCH = timedelta(seconds=60)  # a session's last use is written at most this often
_FIELDS_MOST = 400
UPLOAD_MOST = 8 << 20  # bytes of a form with a file


class NotSignedIn(Exception):
    """Nobody is signed in here; the text is the address asked for."""


class Forbidden(Exception):
    """This person may not do that."""


class BadForm(Exception):
    """The form is not one of ours, or too old."""


class TooLarge(Exception):
    """The form holds more than one may send."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, at this request."""

    account: Account
    session: Session
    waiting: int  # items that wait for a person

    def may(self, right: str) -> bool:
        """Whether the role has that right."""
        return right in RIGHTS.get(self.account.role, frozenset())


# ---- passwords -------------------------------------------------------------------------------------------------------

_PASSWORDS = PasswordHash.recommended()
_NOBODY = _PASSWORDS.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    """The argon2 hash to keep."""
    return _PASSWORDS.hash(password)


def matches(account: Account | None, password: str) -> bool:
    """Whether this is the account's password; as slow for nobody as for somebody."""
    right = _PASSWORDS.verify(password[:1000], account.password if account else _NOBODY)
    return right and account is not None and not account.disabled


@dataclass(slots=True)
class Throttle:
    """After some wrong passwords a name, and an address, must wait, twice as long each time."""

    free: int = 5  # tries before anybody waits
    longest: timedelta = timedelta(minutes=15)
    _tries: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, keys: tuple[str, ...], now: datetime) -> int:
        """Seconds still to wait, 0 when one may try."""
        with self._lock:
            return max((self._left(key, now) for key in keys), default=0)

    def wrong(self, keys: tuple[str, ...], now: datetime) -> None:
        """Another wrong password."""
        with self._lock:
            if len(self._tries) > 10_000:
                self._tries = {k: t for k, t in self._tries.items() if now - t[1] < self.longest}
            for key in keys:
                count, last = self._tries.get(key, (0, now))
                self._tries[key] = (1 if now - last > self.longest else count + 1, now)

    def right(self, keys: tuple[str, ...]) -> None:
        """A right one: forgotten."""
        with self._lock:
            for key in keys:
                self._tries.pop(key, None)

    def _left(self, key: str, now: datetime) -> int:
        count, last = self._tries.get(key, (0, now))
        if count < self.free:
            return 0
        wait = min(timedelta(seconds=2 ** min(count - self.free + 2, 12)), self.longest)
        return max(0, int((last + wait - now).total_seconds() + 0.999))


# ---- sessions --------------------------------------------------------------------------------------------------------


def token_hash(token: str) -> str:
    """What the row of a session is found by."""
    return hashlib.sha256(token.encode()).hexdigest()


def console_of(request: Request) -> Console:
    """The console of this application."""
    found: Console = request.app.state.console
    return found


def address_of(request: Request) -> str:
    """Where the request came from."""
    return request.client.host if request.client else ""


def visitor_of(request: Request) -> Visitor | None:
    """Who is signed in; None for nobody, or when the session has ended."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    console, now = console_of(request), console_of(request).now()
    with console.ask() as q:
        visit = q.visit(token_hash(token))
    if visit is None or visit.account.disabled:
        return None
    session, account = visit.session, visit.account
    idle, whole = now - session.seen_at > console.limits.idle, now - session.opened_at > console.limits.whole
    if idle or whole:
        with console.write(account.actor) as tx:
            tx.close_session(session, "idle" if idle else "limit")
        return None
    if now - session.seen_at > _TOUCH and not request.headers.get("HX-Polling"):
        with console.write(account.actor) as tx:
            tx.touch_session(session.token_sha256)
    return Visitor(account, session, visit.waiting)


def signed_in(request: Request) -> Visitor:
    """Whoever is signed in. Raises ``NotSignedIn``."""
    visitor = visitor_of(request)
    if visitor is None:
        query = f"?{request.url.query}" if request.url.query else ""
        raise NotSignedIn(f"{request.url.path}{query}" if request.method == "GET" else "/")
    request.state.visitor = visitor
    return visitor


def _with(right: str) -> Callable[[Visitor], Visitor]:
    def allowed(visitor: Annotated[Visitor, Depends(signed_in)]) -> Visitor:
        if not visitor.may(right):
            raise Forbidden(right)
        return visitor

    return allowed


Anyone = Annotated[Visitor, Depends(signed_in)]
Reader = Annotated[Visitor, Depends(_with("read"))]
Decider = Annotated[Visitor, Depends(_with("decide"))]
Operator = Annotated[Visitor, Depends(_with("operate"))]


# ---- forms -----------------------------------------------------------------------------------------------------------


def same_origin(request: Request) -> bool:
    """Whether a form was sent from a page of ours, by what the browser says of itself."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('Host', '')}"


def same(given: str, wanted: str) -> bool:
    """Whether two secrets agree, in a time that does not tell where they differ; whatever letters were given."""
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


async def plain_form(request: Request) -> FormData:
    """The fields of a form, bounded; no files."""
    if not same_origin(request):
        raise BadForm("origin")
    return await request.form(max_files=0, max_fields=_FIELDS_MOST, max_part_size=64 * 1024)


async def own_form(request: Request, visitor: Anyone) -> FormData:
    """The fields of a form that carries the session's token. Raises ``BadForm``."""
    return _owned(await plain_form(request), visitor)


async def own_upload(request: Request, visitor: Anyone) -> FormData:
    """The same of a form that may bring one file. Raises ``BadForm``, ``TooLarge``."""
    if not same_origin(request):
        raise BadForm("origin")
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > UPLOAD_MOST:
        raise TooLarge(length)
    return _owned(await request.form(max_files=1, max_fields=_FIELDS_MOST, max_part_size=UPLOAD_MOST), visitor)


def _owned(form: FormData, visitor: Visitor) -> FormData:
    if not same(str(form.get("csrf", "")), visitor.session.csrf):
        raise BadForm("token")
    return form


Form = Annotated[FormData, Depends(own_form)]
Upload = Annotated[FormData, Depends(own_upload)]


def field_of(form: FormData, name: str, most: int = 2000) -> str:
    """One text field, trimmed; "" when absent."""
    value = form.get(name, "")
    return value.strip()[:most] if isinstance(value, str) else ""


def seen_of(form: FormData) -> int:
    """The log position of what the person looked at; 0 when the form names none."""
    seen = field_of(form, "seen", 20)
    return int(seen) if seen.isdecimal() else 0
