"""Whose mailbox, where it is, and how to get in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from intake.mailbox.limits import READ_SECONDS
from intake.settings import MailboxSettings, Mechanism, Security


@dataclass(frozen=True, slots=True)
class Account:
    """Where and as whom to connect."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Security = "tls"
    ca_file: Path | None = None  # None: the system's trust store (SSL_CERT_FILE is honoured)
    read_seconds: float = READ_SECONDS  # without a single byte
    token: Callable[[str], str] | None = field(default=None, repr=False)  # OAuth 2 instead of the password
    mechanism: Mechanism = "XOAUTH2"

    @classmethod
    def of(cls, mailbox: MailboxSettings, token: Callable[[str], str] | None = None) -> Self:
        """``token`` gives access tokens (``intake.oauth2``). Raises ``ConfigError`` when there is no password without one."""
        if token is not None and mailbox.oauth2 is not None:
            where = (mailbox.host, mailbox.port, mailbox.user, "", mailbox.security)
            return cls(*where, token=token, mechanism=mailbox.oauth2.mechanism)
        return cls(mailbox.host, mailbox.port, mailbox.user, mailbox.password(), mailbox.security)

    @property
    def name(self) -> str:
        """Stable name in the ledger: "imaps://cchc@mail.example:993"."""
        scheme = "imaps" if self.security == "tls" else "imap"
        return f"{scheme}://{self.user}@{self.host}:{self.port}"
