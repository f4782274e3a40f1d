"""An OpenID provider on loopback: signs what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "cchc", "not a secret"


@dataclass
class IdentityProvider:
    """``claims``: what a person's token holds beside the usual; ``change``: the last word on token, header or key."""

    now: Callable[[], int]
    claims: dict[str, Any] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], None] = lambda _claims: None
    signed_with: str = "own"  # own | other | none | shared
    discovery: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    exchanges: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
        self.other = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                outer.answer(self, {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()})

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, form: dict[str, str] | None) -> None:
        parts = urlsplit(request.path)
        if parts.path == "/authorize":
            asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
            code = f"code-{len(self.codes)}"
            self.codes[code] = asked
            request.send_response(302)
            request.send_header(
                "Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            )
            request.end_headers()
            return
        if parts.path == "/token" and form is not None:
            said: object = self._token(form, request.headers.get("Authorization", ""))
        elif parts.path == "/keys":
            said = {"keys": [self.key.as_dict(private=False)]}
        else:
            said = {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            } | self.discovery  # fmt: skip
        body = json.dumps(said).encode()
        request.send_response(400 if said == {"error": "invalid_grant"} else 200)
        request.send_header("Content-Type", "application/json")
        request.end_headers()
        request.wfile.write(body)

    def _token(self, form: dict[str, str], authorization: str) -> object:
        self.exchanges.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or authorization not in (basic, plain):
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "person-1", "iat": self.now(), "exp": self.now() + 300,
            "nonce": asked["nonce"], "name": "Nguyễn Thị Hoa",
        } | self.claims  # fmt: skip
        self.change(claims)
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.signed_with == "none":
            head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
            return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}."
        if self.signed_with == "shared":  # the public key taken for a shared secret
            secret = OctKey.import_key(self.key.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, secret, algorithms=["HS256"])
        key = self.key if self.signed_with == "own" else self.other
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
