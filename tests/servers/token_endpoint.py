"""An OAuth 2.0 provider on loopback: a token endpoint that can be told to fail, and introspection for Dovecot (RFC 6749, RFC 7662)."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, CLIENT_SECRET = "intake-client", "client-secret-7Kq2"
REFRESH = "refresh-token-first-9Zx4"


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class TokenEndpoint:
    """Running between ``start`` and ``stop``; ``answers`` are given before the usual one: (status, body)."""

    user: str = "cchc@tinh.example"
    life: int = 3600  # seconds
    rotates: bool = True  # a new refresh token with every use, the old one void
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    valid: set[str] = field(default_factory=set)
    refresh: str = REFRESH
    service_key: Any = None  # public key of a service account
    heads: list[dict[str, str]] = field(default_factory=list)  # of the assertions that were signed by it
    _server: ThreadingHTTPServer | None = None

    def start(self) -> TokenEndpoint:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                told = {name: values[0] for name, values in form.items()}
                status, body = endpoint.introspect(told) if self.path == "/introspect" else endpoint.give(told)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def give(self, form: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(form)
        if self.answers:
            return self.answers.pop(0)
        if form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            claims = self.signed(form["assertion"])
            if claims is None or claims.get("sub") != self.user or claims.get("aud") != f"{self.url}/token":
                return 400, b'{"error": "invalid_grant"}'
            return 200, self.token(form["grant_type"])
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, CLIENT_SECRET):
            return 401, json.dumps({"error": "invalid_client", "error_description": f"{form} is wrong"}).encode()
        if form["grant_type"] == "refresh_token" and form.get("refresh_token") != self.refresh:
            return 400, b'{"error": "invalid_grant"}'
        return 200, self.token(form["grant_type"])

    def signed(self, assertion: str) -> dict[str, object] | None:
        """The claims, when the service account's key signed them."""
        head, claims, signature = assertion.split(".")
        try:
            self.service_key.verify(_bytes(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return None
        self.heads.append(json.loads(_bytes(head)))
        found: dict[str, object] = json.loads(_bytes(claims))
        return found

    def token(self, grant: str) -> bytes:
        token = f"access-token-{len(self.issued)}-5Hd8"
        self.issued.append(token)
        self.valid.add(token)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        if grant == "refresh_token" and self.rotates:
            self.refresh = f"refresh-token-{len(self.issued)}-9Zx4"
            answer["refresh_token"] = self.refresh
        return json.dumps(answer).encode()

    def introspect(self, form: dict[str, str]) -> tuple[int, bytes]:
        active = form.get("token") in self.valid
        return 200, json.dumps({"active": active, "username": self.user} if active else {"active": False}).encode()
