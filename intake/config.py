"""config.toml → frozen ``Settings``; every mistake is reported at once, with its key path and what is expected.

Rules: a key that is not known is a mistake; relative paths are relative to the file; passwords come from the environment or a file
and are needed only by verbs that log in; what the file leaves out is as in the ``config.toml`` of the repository.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from intake import config_values as read
from intake.config_calendar import read_calendar, read_reports
from intake.config_oauth2 import read_oauth2
from intake.config_oidc import read_oidc
from intake.config_table import Expected, Table
from intake.settings import (
    ConfigError,
    MailboxSettings,
    NotifySettings,
    OAuth2Settings,
    OfficeSettings,
    Secret,
    Settings,
    SmtpSettings,
    StorageSettings,
    WebSettings,
)
from intake.starter import starter

__all__ = ["ConfigError", "Settings", "load", "starter"]

_IMAP = "imaps://user@host:993/INBOX, imap://user@host:143/INBOX or maildir:///path"
_SMTP = "smtps://user@host:465 or smtp://user@host:587"
_NONE: tuple[str, ...] = ()
_SHARED = 0o077  # permission bits that let others at a secret


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read and check the file. Raises ``ConfigError`` with every mistake in it."""
    path = path.absolute()
    problems: list[str] = []
    warnings: list[str] = []
    top = Table("", _parsed(path), problems)
    base = path.parent
    secrets = _Secrets(base, environ, warnings)
    notify = _notify(top.table("notify"))
    reports, paper = read_reports(top)
    settings = Settings(
        path=path,
        office=_office(top.table("office")),
        mailbox=_mailbox(top.table("mailbox"), base, secrets),
        smtp=_smtp(top.table("smtp"), secrets, answer=notify.answer),
        storage=_storage(top.table("storage"), base),
        calendar=read_calendar(top, reports),
        reports=reports,
        roster_file=_one(top.table("roster"), "file", read.optional_path(base), base / "roster.csv"),
        forms_folder=_one(top.table("forms"), "folder", read.optional_path(base), base / "forms"),
        notify=notify,
        retention_years=_one(top.table("retention"), "years", read.whole(0, 100), 0),
        web=_web(top, secrets),
        paper=paper,
        warnings=tuple(warnings),
    )
    top.done()
    if problems:
        raise ConfigError(problems)
    return settings


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        raise ConfigError(
            [f"{path}: cannot be read ({fault.strerror}); expected a configuration: cchc init writes one"]
        ) from fault
    except UnicodeDecodeError as fault:
        raise ConfigError([f"{path}: expected UTF-8 text ({fault})"]) from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError([f"{path}: expected TOML: {fault}"]) from fault


class _Secrets:
    """Where passwords come from."""

    def __init__(self, base: Path, environ: Mapping[str, str], warnings: list[str]) -> None:
        self._base = base
        self._environ = environ
        self._warnings = warnings

    def of(self, table: Table, default_env: str) -> Secret:
        env = table.take("password_env", read.words, default_env)
        file = table.take("password_file", read.optional_path(self._base), None)
        if "oauth2" in table:
            if "password_env" in table or "password_file" in table:
                table.problem("oauth2", "expected either a password or [oauth2], got both")
            return Secret(None, f"{table.path}.oauth2: tokens are used, there is no password")
        if "password" in table:
            table.take("password", read.text, "")
            table.problem("password", "expected password_env or password_file: no password stands in this file")
        if file is None:
            value = self._environ.get(env) or None
            return Secret(
                value,
                f"{table.path}.password_env: expected a password in the environment variable {env}, which is not set",
            )
        if "password_env" in table:
            table.problem("password_file", "expected either password_env or password_file, got both")
        return self._from(file, f"{table.path}.password_file")

    def named(self, table: Table, name: str, *, needed: bool) -> Secret:
        """A further secret of a table: ``<name>_env`` or ``<name>_file``; ``needed``: without it nothing works."""
        env = table.take(f"{name}_env", read.text, "")
        file = table.take(f"{name}_file", read.optional_path(self._base), None)
        if name in table:
            table.take(name, read.text, "")
            table.problem(name, f"expected {name}_env or {name}_file: no secret stands in this file")
        if env and file:
            table.problem(f"{name}_file", f"expected either {name}_env or {name}_file, got both")
        if file:
            return self._from(file, f"{table.path}.{name}_file")
        missing = f"{table.path}.{name}_env: expected a secret in the environment variable {env}, which is not set"
        if needed and not env:
            missing = f"{table.path}.{name}_file: expected a file with it, but none is named"
        return Secret(self._environ.get(env) or None if env else None, missing)

    def tokens(self, table: Table, use: str) -> OAuth2Settings | None:
        """The table's [oauth2], when it has one."""
        return read_oauth2(table.table("oauth2"), self._base, self, use) if "oauth2" in table else None

    def _from(self, file: Path, key: str) -> Secret:
        try:
            mode = file.stat().st_mode
            value = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            return Secret(None, f"{key}: expected a file with the password, but {file} cannot be read ({fault})")
        if mode & _SHARED:
            self._warnings.append(f"{key}: {file} can be read by others (mode {mode & 0o777:o}); chmod 600 mends it")
        return Secret(value or None, f"{key}: expected a file with the password, but {file} is empty")


def _one(table: Table, key: str, reader: Any, default: Any) -> Any:
    """A table with a single key."""
    value = table.take(key, reader, default)
    table.done()
    return value


def _office(table: Table) -> OfficeSettings:
    packaged = tomllib.loads(starter(date.min)["config.toml"])["office"]
    office = OfficeSettings(
        name=table.take("name", read.words, packaged["name"]),
        contact=table.take("contact", read.text, packaged["contact"]),
        phone=table.take("phone", read.text, packaged["phone"]),
    )
    table.done()
    return office


def _mailbox(table: Table, base: Path, secrets: _Secrets) -> MailboxSettings:
    where = table.need("url", _mailbox_url(base), MailboxSettings("maildir", path=base), _IMAP)
    also = table.take("also_watch", read.several(read.words), _NONE)
    settings = replace(
        where,
        secret=secrets.of(table, "CCHC_IMAP_PASSWORD"),
        oauth2=secrets.tokens(table, "mailbox"),
        poll_seconds=table.take("poll_seconds", read.whole(1, 86_400), where.poll_seconds),
        idle=table.take("idle", read.flag, where.idle),
        filed=table.take("filed", read.text, where.filed).strip("/"),
        also_watch=tuple(name for name in also if name != where.folder),
        border=table.take("border", read.text, ""),
        authserv_id=table.take("authserv_id", read.text, ""),
        require_auth=table.take("require_auth", read.flag, where.require_auth),
    )
    if settings.require_auth and not settings.authserv_id:
        table.problem("require_auth", "expected authserv_id beside it: without our border's id nothing ever passes")
    table.done()
    return settings


def _mailbox_url(base: Path) -> Callable[[Any], MailboxSettings]:
    def reader(value: Any) -> MailboxSettings:
        if read.text(value).startswith("maildir:"):
            return MailboxSettings("maildir", path=read.maildir(base)(value))
        found = read.endpoint("imaps", "imap", (993, 143), _IMAP)(value)
        if not found.user:
            raise Expected(f"{_IMAP}, with the user before the @")
        return MailboxSettings("imap", found.host, found.port, found.security, found.user, found.path or "INBOX")

    return reader


def _smtp(table: Table, secrets: _Secrets, *, answer: bool) -> SmtpSettings:
    nowhere = read.Endpoint("", 465, "tls", "", "")
    url = read.endpoint("smtps", "smtp", (465, 587), _SMTP)
    secret = secrets.of(table, "CCHC_SMTP_PASSWORD")
    if answer:
        where = table.need("url", url, nowhere, _SMTP)
        header, address = table.need("from", read.sender, ("", ""), "a sender such as CCHC <cchc@mail.example>")
    else:  # nothing is ever sent
        where = table.take("url", url, nowhere)
        header, address = table.take("from", read.sender, ("", ""))
    if where.path:
        table.problem("url", f"expected {_SMTP}, nothing behind the port")
    settings = SmtpSettings(
        host=where.host,
        port=where.port,
        security=where.security,
        user=where.user,
        secret=secret if where.user else Secret(""),
        oauth2=secrets.tokens(table, "smtp"),
        from_header=header,
        from_address=address.lower(),
        envelope_from=table.take("envelope_from", _or_empty(read.address), "") or address.lower(),
        self_copy=table.take("self_copy", _or_empty(read.address), ""),
    )
    if settings.oauth2 and not where.user:
        table.problem("url", "expected a user before the @: tokens are for an account")
    table.done()
    return settings


def _or_empty(reader: Any) -> Any:
    return lambda value: reader(value) if value != "" else ""


def _storage(table: Table, base: Path) -> StorageSettings:
    settings = StorageSettings(
        url=table.take("url", read.database(base), f"sqlite:///{base / 'var' / 'cchc.db'}"),
        vault=table.take("vault", read.path(base), base / "var" / "vault"),
        min_free_mib=table.take("min_free_mib", read.whole(0, 2**31), 500),
    )
    table.done()
    return settings


def _notify(table: Table) -> NotifySettings:
    standard = NotifySettings()
    minutes = read.whole(0, int(timedelta(days=1).total_seconds() // 60))
    settings = NotifySettings(
        secretariat=table.take("secretariat", read.several(read.address), _NONE),
        operator=table.take("operator", read.several(read.address), _NONE),
        reminders=table.take("reminders", read.several(read.reminder), standard.reminders),
        digest_after_minutes=table.take("digest_after_minutes", minutes, standard.digest_after_minutes),
        follow_up=table.take("follow_up", read.hour, standard.follow_up),
        summaries=table.take("summaries", read.several(read.one_of("month", "quarter")), standard.summaries),
        escalation=table.take("escalation", read.several(read.rung), standard.escalation),
        quiet_days_off=table.take("quiet_days_off", read.flag, standard.quiet_days_off),
        answer=table.take("answer", read.flag, standard.answer),
        per_address_per_hour=table.take(
            "per_address_per_hour", read.whole(1, 1_000_000), standard.per_address_per_hour
        ),
        per_hour=table.take("per_hour", read.whole(1, 1_000_000), standard.per_hour),
    )
    table.done()
    return settings


def _web(top: Table, secrets: _Secrets) -> WebSettings:
    enabled = "web" in top
    standard = WebSettings()
    table = top.table("web")
    host, port = table.take("listen", read.listen, (standard.host, standard.port))
    idle = table.take("idle_minutes", read.whole(1, 24 * 60), standard.idle.seconds // 60)
    hours = table.take("session_hours", read.whole(1, 7 * 24), standard.session.seconds // 3600)
    oidc = read_oidc(table.table("oidc"), secrets) if "oidc" in table else None
    near = table.take("open_metrics", read.flag, standard.open_metrics)
    table.done()
    return WebSettings(host, port, enabled and bool(host), timedelta(minutes=idle), timedelta(hours=hours), oidc, near)
