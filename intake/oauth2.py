"""Access tokens for mailbox and submission server: client credentials, refresh tokens (RFC 6749), service accounts (RFC 7523).

Rules:

1. Tokens live in a file of their own, mode 0600, written whole or not at all; configuration and log never see one. Two
   processes ask one after the other: a refresh token that changes with every use is used once.
2. A token is renewed before it ends, and when a server refuses it; one renewed within the last minute is not renewed again:
   then it is not the token that is refused (no account is locked by asking on and on).
3. The token endpoint is reached by TLS with a certificate the system trusts, in the clear on loopback only; no redirects.
4. What comes back is checked: a bearer token of printable ASCII, at most 16 KiB, or it is refused. Errors name what the endpoint
   calls them, never what was sent.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from intake import service_account
from intake.config_values import is_loopback
from intake.settings import OAuth2Settings

if TYPE_CHECKING:
    import httpx

EARLY = timedelta(minutes=5)  # renewed so long before its end, or at a quarter of its life if that is less
YOUNG = timedelta(minutes=1)
LIFE = timedelta(hours=1)  # of a token whose endpoint names none
ANSWER_MAX = 256 * 1024  # bytes of the endpoint's answer
SECONDS = 20.0  # for each step of asking
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_ERROR = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_OURS = frozenset(("invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"))


class NoToken(ConnectionError):
    """No access token is to be had; ``permanent``: only a person mends it. The message holds no secret."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Token:
    """An access token with its times."""

    access: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    refresh: str = field(default="", repr=False)

    def good(self, now: datetime) -> bool:
        """Whether it may still be used; one from the future (a clock set back) may not."""
        life = self.expires_at - self.issued_at
        return self.issued_at <= now < self.expires_at - min(EARLY, life / 4)


class Tokens:
    """The tokens of one account. Any thread may ask."""

    def __init__(self, settings: OAuth2Settings, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self._now = now
        self._lock = threading.Lock()

    def __call__(self, refused: str = "") -> str:
        """A token for a login; ``refused``: the one a server has just refused. Raises ``NoToken``."""
        with self._lock, self._alone():
            kept, now = self._kept(), self._now()
            if kept and kept.good(now) and (kept.access != refused or now - kept.issued_at < YOUNG):
                return kept.access
            return self._renewed(kept, now).access

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process asks meanwhile."""
        path = self.settings.token_file
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(path.with_name(path.name + ".lock"), "a", opener=_private) as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
        except NoToken:
            raise
        except OSError as fault:
            raise NoToken(f"{path}: tokens cannot be kept there: {fault.strerror}", permanent=False) from fault

    def _kept(self) -> Token | None:
        try:
            found = json.loads(self.settings.token_file.read_text(encoding="utf-8"))
            issued, expires = (datetime.fromisoformat(found[name]) for name in ("issued_at", "expires_at"))
            return Token(str(found["access"]), issued, expires, str(found.get("refresh", "")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _renewed(self, kept: Token | None, now: datetime) -> Token:
        answer = ask(self.settings, self._form(kept, now))
        access, refresh = str(answer.get("access_token", "")), str(answer.get("refresh_token") or "")
        if str(answer.get("token_type", "bearer")).lower() != "bearer" or not _TOKEN.fullmatch(access):
            raise NoToken(f"{self.settings.token_url}: the answer holds no bearer token", permanent=False)
        life = _seconds(answer.get("expires_in"))
        token = Token(access, now, now + life, refresh or (kept.refresh if kept else ""))
        self._keep(token)
        return token

    def _form(self, kept: Token | None, now: datetime) -> dict[str, str]:
        s = self.settings
        if s.grant == "service_account":
            return {"grant_type": service_account.GRANT, "assertion": self._assertion(now)}
        form = {"grant_type": s.grant, "client_id": s.client_id}
        if secret := s.client_secret.value:
            form["client_secret"] = secret
        elif s.grant == "client_credentials":
            raise NoToken(s.client_secret.missing, permanent=True)
        if s.scope:
            form["scope"] = s.scope
        if s.grant == "refresh_token":
            form["refresh_token"] = self._refresh_token(kept)
        return form

    def _assertion(self, now: datetime) -> str:
        s = self.settings
        if not s.service_key.value:
            raise NoToken(s.service_key.missing, permanent=True)
        try:
            key = service_account.read_key(s.service_key.value)
        except service_account.BadKey as error:
            raise NoToken(f"service_key: {error}", permanent=True) from None
        return service_account.assertion(key, s.subject, s.scope, s.token_url, now)

    def _refresh_token(self, kept: Token | None) -> str:
        """The one the endpoint gave last, unless the operator has put a new one into the file since."""
        given = self.settings.refresh_token.value
        first = self._first()
        if kept and kept.refresh and (not given or given == first):
            return kept.refresh
        if not given:
            raise NoToken(self.settings.refresh_token.missing, permanent=True)
        return given

    def _first(self) -> str:
        try:
            return str(json.loads(self.settings.token_file.read_text(encoding="utf-8")).get("given", ""))
        except (OSError, ValueError, AttributeError):
            return ""

    def _keep(self, token: Token) -> None:
        path = self.settings.token_file
        kept = {
            "access": token.access,
            "refresh": token.refresh,
            "issued_at": token.issued_at.isoformat(),
            "expires_at": token.expires_at.isoformat(),
            "given": self.settings.refresh_token.value or "",
        }
        fresh = path.with_name(path.name + ".new")
        fresh.unlink(missing_ok=True)
        with open(fresh, "x", encoding="utf-8", opener=_private) as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def ask(settings: OAuth2Settings, form: dict[str, str]) -> dict[str, Any]:
    """One question to the token endpoint. Raises ``NoToken``, permanent when the endpoint calls it our mistake."""
    import httpx  # noqa: PLC0415 - a tenth of a second that most verbs need not wait

    where = settings.token_url
    try:
        with (
            httpx.Client(
                verify=ssl.create_default_context(),
                timeout=SECONDS,
                trust_env=not is_loopback(httpx.URL(where).host),
                headers={"Accept": "application/json"},
            ) as client,
            client.stream("POST", where, data=form) as response,
        ):
            status, raw = response.status_code, _read(response)
    except (httpx.HTTPError, OSError, ValueError) as fault:
        raise NoToken(f"{where}: not reached: {type(fault).__name__}: {fault}"[:300], permanent=False) from None
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = None
    if status == httpx.codes.OK and isinstance(answer, dict):
        return answer
    error = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    error = error if _ERROR.fullmatch(error) else "no error named"
    permanent = error in _OURS or status in (401, 403)
    raise NoToken(f"{where}: answered {status}: {error}", permanent=permanent)


def _read(response: httpx.Response) -> bytes:
    found = b""
    for piece in response.iter_bytes():
        found += piece
        if len(found) > ANSWER_MAX:
            raise ValueError("the answer is too long")
    return found


def _seconds(value: Any) -> timedelta:
    """A lifetime as the endpoint names it (a number, or one in quotes), within a minute and a day."""
    try:
        return timedelta(seconds=min(max(int(value), 60), 86_400))
    except (TypeError, ValueError, OverflowError):
        return LIFE


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
