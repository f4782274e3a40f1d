"""An SMTP server on loopback that keeps what it is given and can be told to refuse."""

from __future__ import annotations

import asyncio
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.dovecot import free_port

SILENCE, LOST, CUT, DROP = "silence", "lost", "cut", "drop"


@dataclass(frozen=True)
class Received:
    """One SMTP transaction that ended with 250."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class SmtpSink:
    """Running between ``start`` and ``stop``. ``replies`` maps a verb (MAIL RCPT DATA) to the answers given before the usual one.

    ``after_text`` says what happens once a letter's text is in: SILENCE (taken, never answered), LOST (not taken, the line cut),
    CUT (taken, the line cut before the 250), DROP (taken, the line cut after the 250).
    """

    user: str = ""  # not empty: AUTH is demanded
    password: str = ""
    certificate: tuple[Path, Path] | None = None  # (certificate, key): STARTTLS is offered
    implicit_tls: bool = False
    received: list[Received] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=dict)
    refused_recipients: set[str] = field(default_factory=set)
    after_text: list[str] = field(default_factory=list)
    on_taken: Callable[[Received], None] | None = None  # told of every letter before its 250 is said
    port: int = 0
    _arrived: threading.Condition = field(default_factory=threading.Condition)
    _controller: Any = None

    def start(self) -> SmtpSink:
        self.port = self.port or free_port()
        context = None
        if self.certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self.certificate)
        options: dict[str, Any] = {"data_size_limit": 64 * 1024 * 1024}
        if self.user:
            options |= {"auth_exclude_mechanism": ["LOGIN", "PLAIN"]} if isinstance(self, OAuthSink) else {}
            options |= {"authenticator": self._authenticate, "auth_required": True, "auth_require_tls": False}
        if context is not None and not self.implicit_tls:
            options |= {"tls_context": context}
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if self.implicit_tls else None,
            **options,
        )
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def wait_for(self, count: int, timeout: float = 20.0) -> list[Received]:
        """Until so many letters have come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, timeout), (
                f"{len(self.received)} letters came, {count} were awaited"
            )
            return list(self.received)

    def to(self, address: str) -> list[Received]:
        return [letter for letter in self.received if address in letter.recipients]

    # -- aiosmtpd's hooks --------------------------------------------------------------------------------------------

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if refusal := self._scripted("MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if refusal := self._scripted("RCPT"):
            return refusal
        if address in self.refused_recipients:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if refusal := self._scripted("DATA"):
            return refusal
        raw = envelope.content
        assert isinstance(raw, bytes)
        trouble = self.after_text.pop(0) if self.after_text else ""
        if trouble == LOST:
            server.transport.abort()
            return "250 never said"
        letter = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        with self._arrived:
            self.received.append(letter)
            self._arrived.notify_all()
        if self.on_taken is not None:
            self.on_taken(letter)
        if trouble == SILENCE:
            await asyncio.sleep(600)
        if trouble == CUT:
            server.transport.abort()
        if trouble == DROP:
            asyncio.get_running_loop().call_later(0.02, server.transport.abort)
        return f"250 2.0.0 queued as {len(self.received)}"

    def _scripted(self, verb: str) -> str | None:
        waiting = self.replies.get(verb)
        return waiting.pop(0) if waiting else None

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
        return AuthResult(success=given == (self.user, self.password))


@dataclass
class OAuthSink(SmtpSink):
    """A sink that knows bearer tokens only (SASL XOAUTH2 and OAUTHBEARER): those in ``valid``."""

    valid: set[str] = field(default_factory=set)
    tried: list[tuple[str, str]] = field(default_factory=list)  # mechanism, what the client said

    def start(self) -> OAuthSink:
        super().start()
        return self

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._bearer(server, args, "user={user}\x01auth=Bearer {token}\x01\x01")

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._bearer(
            server, args, "n,a={user},\x01host=127.0.0.1\x01port={port}\x01auth=Bearer {token}\x01\x01"
        )

    async def _bearer(self, server: SMTP, args: list[str], pattern: str) -> AuthResult:
        said = b64decode(args[1]).decode()
        self.tried.append((args[0], said))
        wanted = {pattern.format(user=self.user, token=token, port=self.port) for token in self.valid}
        if said in wanted:
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"invalid_token"}', encode_to_b64=True)
        return AuthResult(success=False, handled=False)
