"""The configuration as values: what ``config.load`` makes of config.toml. Frozen; secrets show in no ``repr``.

Paths are absolute. Where a value is said nothing about, the default is the contract's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Literal

from intake.rules.values import CalendarRules, ReportType

Security = Literal["tls", "starttls", "none"]
Grant = Literal["client_credentials", "refresh_token", "service_account"]
Mechanism = Literal["XOAUTH2", "OAUTHBEARER"]


class ConfigError(Exception):
    """Everything wrong with the configuration, at once: "mailbox.url: expected imaps://user@host:993/FOLDER, got …"."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, or why there is none: verbs that never log in work without it."""

    value: str | None = field(default=None, repr=False)
    missing: str = ""  # "mailbox.password_env: the environment variable CCHC_IMAP_PASSWORD is not set"

    def reveal(self) -> str:
        """The password. Raises ``ConfigError`` when there is none."""
        if self.value is None:
            raise ConfigError([self.missing])
        return self.value


@dataclass(frozen=True, slots=True)
class OfficeSettings:
    """[office]: who speaks in letters."""

    name: str
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class OAuth2Settings:
    """[mailbox.oauth2], [smtp.oauth2]: tokens instead of a password."""

    token_url: str
    grant: Grant
    client_id: str
    client_secret: Secret  # without a value for a public client
    refresh_token: Secret  # the first one; those that follow lie in ``token_file``
    scope: str
    mechanism: Mechanism
    token_file: Path  # mode 0600
    service_key: Secret = Secret()  # the JSON key of a service account
    subject: str = ""  # the account a service account acts for


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """[mailbox]: where reports arrive."""

    kind: Literal["imap", "maildir"]
    host: str = ""
    port: int = 993
    security: Security = "tls"
    user: str = ""
    folder: str = "INBOX"
    path: Path | None = None  # kind maildir: its root
    secret: Secret = Secret()
    poll_seconds: int = 60
    idle: bool = True
    filed: str = "CCHC"  # "" = recorded mails stay where they are
    also_watch: tuple[str, ...] = ()
    border: str = ""  # "mx.tinh.example"; "" = INTERNALDATE decides
    authserv_id: str = ""
    require_auth: bool = False
    oauth2: OAuth2Settings | None = None  # else a password

    def password(self) -> str:
        """Raises ``ConfigError`` when it is not to be had."""
        return self.secret.reveal()


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """[smtp]: where letters are handed over. ``host`` is "" when nothing is ever sent (notify.answer = false)."""

    host: str = ""
    port: int = 465
    security: Security = "tls"
    user: str = ""  # "" = no login
    secret: Secret = Secret("")
    from_header: str = ""  # "CCHC <cchc@mail.example>"
    from_address: str = ""  # "cchc@mail.example"
    envelope_from: str = ""  # the From address unless said otherwise
    self_copy: str = ""  # "" = no copy to ourselves
    oauth2: OAuth2Settings | None = None  # else a password

    def password(self) -> str:
        """Empty without a login. Raises ``ConfigError`` when it is not to be had."""
        return self.secret.reveal()


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """[storage]: the ledger's database and the raw mails."""

    url: str = field(repr=False)  # sqlite:////absolute/path or postgresql://…; may hold a password
    vault: Path
    min_free_mib: int = 500  # less room than this where vault and database lie is an alarm; 0 = never


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the escalation ladder: from so many periods missed in a row, who is written to."""

    after: int
    to: Literal["head", "secretariat"]


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """[notify]: to whom, when, how much."""

    secretariat: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    reminders: tuple[str, ...] = ("D-1 14:00", "D 08:00")
    digest_after_minutes: int = 5
    follow_up: time | None = time(17, 0)  # of the due day; None = no follow-up digest
    summaries: tuple[str, ...] = ("month", "quarter")
    escalation: tuple[Rung, ...] = (Rung(2, "head"), Rung(3, "secretariat"))
    quiet_days_off: bool = True  # reminders, notices and escalations wait for a working day
    answer: bool = True  # False: everything is recorded, nothing is sent
    per_address_per_hour: int = 20  # letters
    per_hour: int = 1000  # letters


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """[web.oidc]: the identity provider people of the console may sign in through."""

    issuer: str  # exactly as the provider writes it
    client_id: str
    client_secret: Secret = Secret()  # none: a public client, PKCE alone
    redirect: str = ""  # our own address, …/login/oidc/back
    scope: str = "openid profile email"
    claim: str = "roles"  # whose values give the role; "realm_access.roles" goes inside
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # our role → values of the claim


@dataclass(frozen=True, slots=True)
class WebSettings:
    """[web]: the console."""

    host: str = "127.0.0.1"
    port: int = 8017
    enabled: bool = False  # True when config.toml has the table and names where to listen
    idle: timedelta = timedelta(minutes=30)  # a session ends after so long without a request
    session: timedelta = timedelta(hours=12)  # and in any case after so long
    oidc: OidcSettings | None = None
    open_metrics: bool = True  # /metrics and /healthz without signing in, on loopback


@dataclass(frozen=True, slots=True)
class Settings:
    """config.toml, whole."""

    path: Path  # the file it was read from
    office: OfficeSettings
    mailbox: MailboxSettings
    smtp: SmtpSettings
    storage: StorageSettings
    calendar: CalendarRules
    reports: tuple[ReportType, ...]
    roster_file: Path | None
    forms_folder: Path | None
    notify: NotifySettings
    retention_years: int  # 0 = for ever
    web: WebSettings
    paper: frozenset[str] = frozenset()  # report types that also come on paper
    warnings: tuple[str, ...] = ()  # what works but should not stay so

    def paper_expected(self, report_type: str) -> bool:
        """Whether a due of this type waits for a paper copy ("bằng văn bản và bản điện tử")."""
        return report_type in self.paper
