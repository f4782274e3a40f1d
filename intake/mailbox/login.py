"""From an account to a session: the line, its encryption, the login.

Rules: TLS (implicit or STARTTLS), cleartext to loopback only; a refused password is for a person, everything else passes.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import ssl
from dataclasses import replace

import imapclient
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError

from intake.mailbox.account import Account
from intake.mailbox.client import NONSENSE, Client, hang_up, said
from intake.mailbox.errors import MailboxError, OutsideUnreachable, Passing, Refused
from intake.mailbox.limits import CONNECT_SECONDS
from intake.oauth2 import NoToken

_USER = re.compile(r"[^\x00-\x1f\x7f]+")
_LOGIN_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")  # RFC 5530


def _connect(account: Account) -> Client:
    context = None if account.security == "none" else ssl.create_default_context(cafile=account.ca_file)
    timeout = imapclient.SocketTimeout(connect=CONNECT_SECONDS, read=account.read_seconds)
    try:
        client = Client(account.host, account.port, ssl=account.security == "tls", ssl_context=context, timeout=timeout)
    except NONSENSE as fault:
        raise _no_line(account, fault) from fault
    try:
        _secure(client, account, context)
    except NONSENSE as fault:
        hang_up(client)
        raise _no_line(account, fault) from fault
    except Refused:
        hang_up(client)
        raise
    client.normalise_times = False  # else INTERNALDATE would come as naive local time
    with contextlib.suppress(
        *NONSENSE
    ):  # else the end of a SEARCH waits for the acknowledgement of its beginning: 40 ms
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _secure(client: Client, account: Account, context: ssl.SSLContext | None) -> None:
    if account.security == "starttls":
        client.starttls(context)
    if account.security == "none" and not ipaddress.ip_address(client.socket().getpeername()[0]).is_loopback:
        raise Refused(f"{account.name}: cleartext goes to loopback only; use imaps:// or STARTTLS")


def _no_line(account: Account, fault: BaseException) -> MailboxError:
    if isinstance(fault, CapabilityError):
        return Refused(f"{account.name}: the server offers no STARTTLS; a password never goes over a clear line")
    if isinstance(fault, ssl.SSLCertVerificationError):
        return Refused(f"{account.name}: certificate not trusted: {fault.verify_message}")
    return OutsideUnreachable(f"{account.name}: no connection: {said(fault)}")


def _token(account: Account, refused: str) -> str:
    """A token for the next login, "" where a password is used."""
    try:
        return account.token(refused) if account.token else ""
    except NoToken as fault:
        raise (Refused if fault.permanent else OutsideUnreachable)(f"{account.name}: no token: {fault}") from fault


def _bearer(client: Client, account: Account, token: str) -> None:
    """SASL XOAUTH2, or OAUTHBEARER (RFC 7628); what the server says to a refused token is answered by nothing."""
    if not _USER.fullmatch(account.user):
        raise Refused(f"{account.name}: a user name with control characters")
    if account.mechanism == "OAUTHBEARER":
        name = account.user.replace("=", "=3D").replace(",", "=2C")
        first, then = f"n,a={name},\1host={account.host}\1port={account.port}\1auth=Bearer {token}\1\1", "\1"
    else:
        first, then = f"user={account.user}\1auth=Bearer {token}\1\1", ""
    says = iter((first.encode(),))
    client._command_and_check(  # noqa: SLF001 - its own oauth2_login repeats the token to an error
        "authenticate", account.mechanism, lambda _challenge: next(says, then.encode())
    )


def _login(client: Client, account: Account, token: str) -> None:
    try:
        if token:
            _bearer(client, account, token)
        elif (account.user + account.password).isascii():
            client.login(account.user, account.password)
        else:
            client.plain_login(account.user, account.password)  # LOGIN knows ASCII only, SASL PLAIN is UTF-8 (RFC 4616)
    except IMAPClientError as fault:
        words = said(fault)
        # imapclient wraps a broken line into its LoginError as well
        broken = isinstance(fault.__context__, IMAPClientAbortError) or isinstance(fault, IMAPClientAbortError)
        if broken or any(code in words.upper() for code in _LOGIN_PASSING):
            raise Passing(f"{account.name}: login broken off: {words}") from fault
        raise Refused(f"{account.name}: login refused: {words}") from fault
    except NONSENSE as fault:
        raise Passing(f"{account.name}: login broken off: {said(fault)}") from fault


def logged_in(account: Account) -> Client:
    """A refused token is renewed once; a password, or a token just renewed, that is refused stays refused."""
    token = _token(account, "")
    while True:
        client = _connect(account)
        try:
            _login(client, account, token)
        except MailboxError as fault:
            hang_up(client)
            fresh = _token(account, token) if token and isinstance(fault, Refused) else token
            if fresh == token:
                raise
            token, account = fresh, replace(account, token=None)  # the second refusal is final
        else:
            return client
