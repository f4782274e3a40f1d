"""Handing a letter to the submission server: one transaction, one of four answers.

Rules (ambiguous delivery):

1. ``sent``: the server said 2xx after the final dot. ``permanent``: it said 5xx to this letter. ``passing``: 4xx, or nothing could be
   reached before the letter's text went out. ``unknown``: the text went out and no answer came: nobody can say;
2. the readers come first, our own copy last, all in one transaction; no reader accepted: RSET, no DATA. A refused copy is noted only.
   Sender and readers go in one go where the server takes them so, then copy and DATA (``smtp_commands``);
3. cleartext only to loopback; certificates are checked against the system's store; nothing is sent before TLS stands;
4. what the server says about us (login, TLS, "authentication required") is never the letter's fault: ``passing`` and ``unreachable``;
5. addresses and lines are checked here again: plain ASCII, every line ending CR LF, leading dots doubled (RFC 5321, 4.5.2).

smtplib is used by its single steps, because only between them can the moment of doubt be seen.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from notifier.plain import one_line
from notifier.smtp_commands import Commands
from notifier.smtp_login import login
from storage.failpoint import failpoint

Security = Literal["tls", "starttls", "none"]
State = Literal["sent", "passing", "permanent", "unknown"]
_ADDRESS = re.compile(r"[!-;=?A-~]{1,64}@[!-;=?A-~]{1,255}")
_LOGIN_NEEDED = (530, 534, 535, 538)  # RFC 4954: about our login, not about the letter
_SHUTTING_DOWN = 421
REPLY_MAX = 300  # characters of a server's reply kept


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where letters are handed over, and how."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0  # seconds for each step
    final_timeout: float = 60.0  # seconds for the answer after the final dot
    context: ssl.SSLContext | None = None  # None: the system's certificates
    token: Callable[[str], str] | None = field(default=None, repr=False)  # OAuth 2; given the token just refused
    mechanism: str = "XOAUTH2"  # or OAUTHBEARER


@dataclass(frozen=True, slots=True)
class SmtpResult:
    """What became of one letter."""

    state: State
    reply: str  # the server's last words, or what went wrong: "250 2.0.0 Ok: queued as 1A2B"
    unreachable: bool = False  # the server itself, not this letter: trying the next one is useless now
    refused: tuple[str, ...] = ()  # "address 550 reply" of recipients not accepted while others were


class _Trouble(Exception):
    """A transaction that ends early, with its result."""

    def __init__(self, state: State, reply: str, *, unreachable: bool = False) -> None:
        super().__init__(reply)
        self.result = SmtpResult(state, one_line(reply, REPLY_MAX), unreachable)


class Smtp:
    """A connection to the submission server, opened when first needed and kept until ``close``."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self._client: smtplib.SMTP | None = None
        self._commands: Commands | None = None  # said last

    def send(self, raw: bytes, sender: str, recipients: Sequence[str], copy: str = "") -> SmtpResult:
        """One letter to its readers, and a copy to ourselves; never raises for anything the network does."""
        bad = [a for a in (sender, *recipients, *([copy] if copy else [])) if not _ADDRESS.fullmatch(a)]
        if bad or not recipients:
            return SmtpResult("permanent", one_line(f"not an address: {', '.join(bad) or 'nobody'}", REPLY_MAX))
        try:
            return self._transaction(raw, sender, tuple(recipients), copy)
        except _Trouble as trouble:
            if trouble.result.unreachable or trouble.result.state == "unknown":
                self._drop()
            else:
                self._reset()
            return trouble.result

    def probe(self) -> str:
        """Greet, encrypt and log in, send nothing; "" when that went well, else why it did not (``cchc check``)."""
        try:
            self._connect()
        except _Trouble as trouble:
            return trouble.result.reply
        finally:
            self.close()
        return ""

    def close(self) -> None:
        """Say goodbye; nothing that happens then matters any more."""
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self._drop()

    def _transaction(self, raw: bytes, sender: str, recipients: tuple[str, ...], copy: str) -> SmtpResult:
        client = self._begin(sender, recipients)
        refused = self._readers(recipients)
        failpoint("after_rcpt")
        if copy and copy not in recipients:
            self._say(client, f"RCPT TO:<{copy}>", "DATA")
            code, reply = self._answer()
            refused += () if _accepted(code) else (f"{copy} {code} {reply}",)
        else:
            self._say(client, "DATA")
        code, reply = self._answer()
        if code != 354:
            raise _Trouble(_state(code), f"{code} {reply}", unreachable=code == _SHUTTING_DOWN)
        code, reply = self._hand_over(client, raw)
        if not _accepted(code):
            raise _Trouble(_state(code), f"{code} {reply}", unreachable=code == _SHUTTING_DOWN)
        return SmtpResult("sent", one_line(f"{code} {reply}", REPLY_MAX), refused=refused)

    def _begin(self, sender: str, recipients: tuple[str, ...]) -> smtplib.SMTP:
        """A client that has accepted MAIL FROM; a kept connection the server has closed meanwhile is opened again once."""
        kept = self._client is not None
        try:
            client = self._client or self._connect()
            self._say(client, f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{address}>" for address in recipients))
            code, reply = self._answer()
        except _Trouble:
            if not kept:
                raise
            self._drop()
            return self._begin(sender, recipients)
        if _accepted(code):
            return client
        if kept and code == _SHUTTING_DOWN:
            self._drop()
            return self._begin(sender, recipients)
        ours = code in _LOGIN_NEEDED or code == _SHUTTING_DOWN
        raise _Trouble("passing" if ours else _state(code), f"{code} {reply}", unreachable=ours)

    def _readers(self, recipients: tuple[str, ...]) -> tuple[str, ...]:
        """Offer every reader; those not accepted, when at least one was."""
        answers = [(address, *self._answer()) for address in recipients]
        refused = [(address, code, reply) for address, code, reply in answers if not _accepted(code)]
        if len(refused) == len(answers):
            passing = next((r for r in refused if _state(r[1]) == "passing"), None)
            _, code, reply = passing or refused[0]
            ours = code in _LOGIN_NEEDED or code == _SHUTTING_DOWN
            raise _Trouble("passing" if ours else _state(code), f"{code} {reply}", unreachable=ours)
        return tuple(f"{address} {code} {reply}" for address, code, reply in refused)

    def _say(self, client: smtplib.SMTP, *lines: str) -> None:
        self._commands = Commands(client, *lines)

    def _answer(self) -> tuple[int, str]:
        """The answer to the next command before the letter's text: a broken line here is passing."""
        commands = self._commands
        assert commands
        try:
            code, reply = commands.answer()
        except (OSError, smtplib.SMTPException) as broken:
            raise _Trouble("passing", f"{commands.verb}: {broken}", unreachable=True) from broken
        if code == -1:
            raise _Trouble("passing", f"{commands.verb}: no answer we understand: {reply!r}", unreachable=True)
        return code, reply.decode("utf-8", "replace")

    def _hand_over(self, client: smtplib.SMTP, raw: bytes) -> tuple[int, str]:
        """The text and the final dot: from here on silence means ``unknown``."""
        try:
            if client.sock is not None:
                client.sock.settimeout(self.settings.final_timeout)
            client.send(dotted(raw))
            failpoint("after_data")
            code, reply = client.getreply()
        except (OSError, smtplib.SMTPException) as broken:
            raise _Trouble("unknown", f"no answer after the text: {broken}") from broken
        if code == -1:
            raise _Trouble("unknown", f"no answer after the text that we understand: {reply!r}")
        if client.sock is not None:
            client.sock.settimeout(self.settings.timeout)
        return code, reply.decode("utf-8", "replace")

    def _connect(self) -> smtplib.SMTP:
        """A greeted, encrypted and logged-in client. A refused token is renewed once, on a new line."""
        try:
            token = self.settings.token("") if self.settings.token else ""
            try:
                client = self._greeted()
                login(client, self.settings, token)
            except smtplib.SMTPAuthenticationError:
                fresh = self.settings.token(token) if self.settings.token else ""
                if fresh == token:
                    raise
                self._drop()
                client = self._greeted()
                login(client, self.settings, fresh)
        except (OSError, smtplib.SMTPException, ValueError) as broken:
            raise _Trouble(
                "passing", f"{self.settings.host}:{self.settings.port}: {broken}", unreachable=True
            ) from broken
        return client

    def _greeted(self) -> smtplib.SMTP:
        client = self._client = self._open()
        if client.sock is not None:  # else the end of a letter waits for the acknowledgement of its beginning: 40 ms
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.local_hostname = own_name(client.sock)
        client.ehlo_or_helo_if_needed()
        if self.settings.security == "starttls":
            client.starttls(context=self._context())
            client.ehlo()
        return client

    def _open(self) -> smtplib.SMTP:
        where = (self.settings.host, self.settings.port)
        if self.settings.security == "tls":
            return smtplib.SMTP_SSL(
                *where, local_hostname="localhost", timeout=self.settings.timeout, context=self._context()
            )
        client = smtplib.SMTP(*where, local_hostname="localhost", timeout=self.settings.timeout)
        if self.settings.security == "none" and not _is_loopback(client.sock):
            client.close()
            raise ValueError("cleartext is allowed to loopback only")
        return client

    def _context(self) -> ssl.SSLContext:
        return self.settings.context or ssl.create_default_context()

    def _reset(self) -> None:
        """Take back a transaction the server did not want; a connection that cannot even do that is dropped."""
        if self._client is None:
            return
        try:
            if self._commands:
                self._commands.hear_out()
            code, _ = self._client.docmd("RSET")
        except (OSError, smtplib.SMTPException):
            code = -1
        if not _accepted(code):
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            with suppress(OSError):
                self._client.close()
        self._client = None


def dotted(raw: bytes) -> bytes:
    """The text as it goes over the line: every line ends CR LF, leading dots doubled, the final dot at the end."""
    whole = raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")  # as our own letters are: looked at in a moment
    lines = raw if whole else re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    lines = lines.replace(b"\r\n.", b"\r\n..")
    lines = b"." + lines if lines.startswith(b".") else lines
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _accepted(code: int) -> bool:
    return 200 <= code < 300


def _state(code: int) -> State:
    return "permanent" if 500 <= code < 600 else "passing"


def _peer(sock: socket.socket | None) -> str:
    return str(sock.getpeername()[0]) if sock is not None else ""


def _is_loopback(sock: socket.socket | None) -> bool:
    return ipaddress.ip_address(_peer(sock).partition("%")[0]).is_loopback


def own_name(sock: socket.socket | None) -> str:
    """How we greet: our address in brackets (RFC 5321, 4.1.3), so that no name lookup can hang us."""
    own = str(sock.getsockname()[0]).partition("%")[0] if sock is not None else "127.0.0.1"
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"
