"""Signing in through the province's own identity provider: OpenID Connect, authorization code with PKCE. An extra, off by default.

Rules:

1. Nothing is believed that the provider's published keys have not signed: signature (asymmetric algorithms only), issuer, audience,
   expiry, moment of issue, and the nonce of this very browser are checked by joserfc; a token for several audiences must name us.
2. state, nonce and code verifier are made anew for each attempt, kept here for ten minutes, used once, and tied to the browser by a
   cookie: nobody can be signed in by somebody else's answer.
3. The provider is reached by TLS with a certificate the system trusts, in the clear on loopback only; no redirects; answers are
   bounded. What goes wrong is named in the log, never with a token or a code.
4. The role comes from a claim at every sign-in, the first of lead, secretary, auditor, operator that the claim's values are mapped to;
   nobody without one comes in. An account belongs to the subject of the issuer, whatever name it bears.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from intake.config_values import is_loopback
from intake.settings import OidcSettings
from intake.web.access import same

PATIENCE = timedelta(minutes=10)  # between leaving for the provider and coming back
FRESH = timedelta(hours=1)  # the provider's addresses and keys are asked for again after so long
SKEW = 60  # seconds the two clocks may differ
ANSWER_MAX = 256 * 1024  # bytes
ATTEMPTS_MAX = 1000  # under way at once
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
ROLES = ("lead", "secretary", "auditor", "operator")
_SECONDS = 10.0


class Refused(Exception):
    """The provider's answer does not let anybody in; the text says why, without anything secret.

    ``strange``: nobody of this console had asked for it.
    """

    def __init__(self, why: str, *, strange: bool = False) -> None:
        super().__init__(why)
        self.strange = strange


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says this is."""

    subject: str  # issuer and its own word for the person: never given to another
    shown: str
    role: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody on the way to the provider and back."""

    nonce: str
    verifier: str
    to: str
    begun: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """What the provider says of itself."""

    authorize: str
    token: str
    keys: str
    at: datetime


@dataclass(slots=True)
class Provider:
    """One provider, and who is on the way to it."""

    settings: OidcSettings
    _attempts: OrderedDict[str, Attempt] = field(default_factory=OrderedDict)
    _known: _Known | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def leave(self, to: str, now: datetime) -> tuple[str, str]:
        """(state, address at the provider) for a new attempt. Raises ``Refused`` when the provider cannot be reached."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        known = self._discovered(now)
        with self._lock:
            self._attempts[state] = Attempt(nonce, verifier, to, now)
            while len(self._attempts) > ATTEMPTS_MAX:
                self._attempts.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect,
            "scope": self.settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        joined = "&" if urlsplit(known.authorize).query else "?"
        return state, f"{known.authorize}{joined}{urlencode(asked)}"

    def arrive(self, answer: Mapping[str, str], cookie: str, now: datetime) -> tuple[Identity, str]:
        """(who it is, where they were going). Raises ``Refused``."""
        state = answer.get("state", "")
        if not state or not same(state, cookie):
            raise Refused("state", strange=True)
        with self._lock:
            attempt = self._attempts.pop(state, None)
        if attempt is None or now - attempt.begun > PATIENCE:
            raise Refused("state", strange=True)
        if answer.get("error") or not answer.get("code"):
            raise Refused("refused by the provider")
        known = self._discovered(now)
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise Refused("issuer")
        token = self._exchanged(known, answer["code"], attempt.verifier)
        claims = self._verified(known, token, attempt.nonce, now)
        return self._identity(claims), attempt.to

    # ---- asking the provider -------------------------------------------------------------------------------------

    def _discovered(self, now: datetime) -> _Known:
        if self._known is not None and now - self._known.at < FRESH:
            return self._known
        said = self._asked("GET", f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.settings.issuer:
            raise Refused("the provider calls itself otherwise")
        places = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        authorize, token, keys = (_endpoint(place) for place in places)
        self._known = _Known(authorize, token, keys, now)
        return self._known

    def _exchanged(self, known: _Known, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect,
            "code_verifier": verifier,
        }
        secret = self.settings.client_secret.value
        auth = httpx.BasicAuth(self.settings.client_id, secret) if secret else None
        if not secret:
            form["client_id"] = self.settings.client_id
        token = self._asked("POST", known.token, form, auth).get("id_token")
        if not isinstance(token, str):
            raise Refused("no ID token")
        return token

    def _asked(
        self, method: str, address: str, form: Mapping[str, str] | None = None, auth: httpx.Auth | None = None
    ) -> dict[str, Any]:
        try:
            with (
                httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, data=form, auth=auth, headers={"Accept": "application/json"}) as answer,
            ):
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > ANSWER_MAX:
                        raise Refused("the provider's answer is too long")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise Refused(f"the provider cannot be reached: {type(fault).__name__}") from fault
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if status != 200 or not isinstance(said, dict):
            raise Refused(f"the provider answered {status}")
        return said

    # ---- believing it --------------------------------------------------------------------------------------------

    def _verified(self, known: _Known, token: str, nonce: str, now: datetime) -> dict[str, Any]:
        from joserfc import jwt  # noqa: PLC0415 - an extra: needed by whoever uses it
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415

        published: Any = self._asked("GET", known.keys)
        ours = self.settings.client_id
        wanted = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": ours},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = dict(jwt.decode(token, KeySet.import_key_set(published), algorithms=ALGORITHMS).claims)
            wanted.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as fault:
            raise Refused(f"ID token: {type(fault).__name__}") from fault
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != ours:
            raise Refused("ID token: azp")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        held = _values(claims, self.settings.claim)
        role = next((name for name in ROLES if held & set(self.settings.roles.get(name, ()))), None)
        if role is None:
            raise Refused("no role")
        shown = next((claims[name] for name in ("name", "preferred_username", "email") if _text(claims.get(name))), "")
        return Identity(f"{self.settings.issuer} {claims['sub']}", str(shown)[:200], role)


def _values(claims: Mapping[str, Any], path: str) -> set[str]:
    """The values of a claim, which may lie inside others: ``realm_access.roles``."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    return (
        {found}
        if isinstance(found, str)
        else {v for v in found if isinstance(v, str)}
        if isinstance(found, list)
        else set()
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _endpoint(value: object) -> str:
    parts = urlsplit(value) if isinstance(value, str) else None
    clear = parts is not None and parts.scheme == "http" and is_loopback(parts.hostname or "")
    if parts is None or not parts.hostname or parts.username or (parts.scheme != "https" and not clear):
        raise Refused("the provider names an address that is not https")
    return parts.geturl()
