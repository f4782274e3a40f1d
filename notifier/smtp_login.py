"""Logging in to the submission server: once, by one mechanism, by password or by token."""

from __future__ import annotations

import re
import smtplib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notifier.smtp import SmtpSettings

_USER = re.compile(r"[\x20-\x7e]+")


def login(client: smtplib.SMTP, settings: SmtpSettings, token: str) -> None:
    """One try by one mechanism: a wrong password tried by every mechanism in turn locks accounts."""
    if not settings.user:
        return
    if token:
        _bearer(client, settings, token)
        return
    offered = client.esmtp_features.get("auth", "").upper().split()
    client.user, client.password = settings.user, settings.password
    if "PLAIN" in offered:
        client.auth("PLAIN", client.auth_plain)
    elif "LOGIN" in offered:
        client.auth("LOGIN", client.auth_login)
    else:
        raise smtplib.SMTPNotSupportedError(f"no login we know is offered: {' '.join(offered) or 'none'}")


def _bearer(client: smtplib.SMTP, settings: SmtpSettings, token: str) -> None:
    """SASL XOAUTH2, or OAUTHBEARER (RFC 7628); what the server says to a refused token is answered by nothing."""
    says = iter((bearer(settings, token),))
    then = "\1" if settings.mechanism == "OAUTHBEARER" else ""
    client.auth(settings.mechanism, lambda _challenge=None: next(says, then))


def bearer(settings: SmtpSettings, token: str) -> str:
    """What a client says first. Raises ``ValueError`` for a user name that could say more than a name."""
    if not _USER.fullmatch(settings.user):
        raise ValueError("the user name is not plain ASCII")
    if settings.mechanism == "OAUTHBEARER":
        name = settings.user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\1host={settings.host}\1port={settings.port}\1auth=Bearer {token}\1\1"
    return f"user={settings.user}\1auth=Bearer {token}\1\1"
