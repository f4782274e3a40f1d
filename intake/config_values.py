"""How single values of config.toml are read: each function takes what TOML gave and returns a value, or raises ``Expected``.

Everything that ends in a header or a command is one line: control characters are refused here, once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from intake.config_table import Expected
from intake.rules import schedule
from intake.rules.values import Every
from intake.settings import Rung, Security

Value = TypeVar("Value")
Word = TypeVar("Word", bound=str)
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>()\",;:]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's URL understood."""

    host: str
    port: int
    security: Security
    user: str
    path: str  # without the leading slash


def text(value: Any) -> str:
    """One line of text."""
    if not isinstance(value, str) or _CONTROL.search(value):
        raise Expected("one line of text")
    return value.strip()


def words(value: Any) -> str:
    """One line of text that says something."""
    if not text(value):
        raise Expected("one line of text, not empty")
    return text(value)


def name(value: Any) -> str:
    """A report type's or form's name."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Expected("a name of small letters, digits, - and _")
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Expected("true or false")
    return value


def whole(least: int, most: int) -> Callable[[Any], int]:
    """A whole number between two others, both inclusive."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Expected(f"a whole number, {least} to {most}")
        return value

    return read


def one_of(*options: Word) -> Callable[[Any], Word]:
    """One of these words."""

    def read(value: Any) -> Word:
        for option in options:
            if value == option:
                return option
        raise Expected(f"one of {', '.join(options)}")

    return read


def several(read_one: Callable[[Any], Value]) -> Callable[[Any], tuple[Value, ...]]:
    """A list; says which element is wrong."""

    def read(value: Any) -> tuple[Value, ...]:
        if not isinstance(value, list):
            raise Expected("a list in [ ]")
        found = []
        for element in value:
            try:
                found.append(read_one(element))
            except Expected as wrong:
                raise Expected(f"in the list {wrong.expected}, got {element!r}", quote=False) from wrong
        return tuple(dict.fromkeys(found))

    return read


def day(value: Any) -> date:
    """A TOML date, or the same in quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Expected("a date such as 2017-07-17") from None


def moment(zone: str) -> Callable[[Any], datetime]:
    """A date and time, with its offset or in the office's time zone."""

    def read(value: Any) -> datetime:
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise Expected('a moment such as "2026-02-24T10:00:00+07:00"') from None
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))

    return read


def timezone(value: Any) -> str:
    """A name of the time zone database."""
    try:
        return ZoneInfo(text(value)).key
    except (KeyError, ValueError, OSError):
        raise Expected('a time zone such as "Asia/Ho_Chi_Minh"') from None


def due(every: Every) -> Callable[[Any], str]:
    """When a report of that rhythm is due; TOML's own dates are taken as well."""

    def read(value: Any) -> str:
        written = str(value) if isinstance(value, date) else text(value)
        return _understood(lambda: schedule.parse_due(written, every), written)

    return read


def reminder(value: Any) -> str:
    """When to remind: "D-1 14:00"."""
    return _understood(lambda: schedule.parse_reminder(text(value)), text(value))


def cure(value: Any) -> time | None:
    """An hour of the next working day; "" = off."""
    written = text(value)
    _understood(lambda: schedule.parse_cure(written), written)
    return schedule.parse_cure(written)


def _understood(parse: Callable[[], object], written: str) -> str:
    try:
        parse()
    except ValueError as wrong:
        _before, said, expected = str(wrong).rpartition("expected ")
        raise Expected(expected if said else f"a day and hour that exist; {wrong}") from wrong
    return written


def rung(value: Any) -> Rung:
    """One rung of the escalation ladder: "2 head"."""
    match = re.fullmatch(r"([1-9]\d?) (head|secretariat)", value) if isinstance(value, str) else None
    if match is None:
        raise Expected('a number of periods and who is written to, such as "2 head" or "3 secretariat"')
    return Rung(int(match[1]), "head" if match[2] == "head" else "secretariat")


def hour(value: Any) -> time | None:
    """An hour of a day; "" = off."""
    written = text(value)
    return schedule.parse_clock(_understood(lambda: schedule.parse_clock(written), written)) if written else None


def address(value: Any) -> str:
    """A bare mail address, in small letters as the roster holds them."""
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value.strip()):
        raise Expected("a mail address such as thuky@mail.example")
    return value.strip().lower()


def sender(value: Any) -> tuple[str, str]:
    """A From header: (as written, its bare address)."""
    written = text(value)
    _name, bare = parseaddr(written)
    if not _ADDRESS.fullmatch(bare):
        raise Expected("a sender such as CCHC <cchc@mail.example>")
    return written, bare


def listen(value: Any) -> tuple[str, int]:
    """Host and port to listen on; "" for nowhere."""
    if value == "":
        return "", 0
    host, colon, port = text(value).rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
        raise Expected("host:port such as 127.0.0.1:8017")
    return host.strip("[]"), int(port)


def endpoint(tls: str, clear: str, ports: tuple[int, int], example: str) -> Callable[[Any], Endpoint]:
    """A mail server: ``tls`` scheme, or ``clear`` scheme with STARTTLS (?starttls=no on loopback only)."""

    def read(value: Any) -> Endpoint:
        parts = _split(value, example)
        if parts.scheme not in (tls, clear) or not parts.hostname:
            raise Expected(example, quote=parts.password is None)
        host = parts.hostname
        security = _security(parts, tls, host)
        port = parts.port or ports[parts.scheme == clear]
        return Endpoint(host, port, security, unquote(parts.username or ""), unquote(parts.path).strip("/"))

    return read


def _split(value: Any, example: str) -> SplitResult:
    try:
        parts = urlsplit(text(value))
        _port = parts.port  # refuses what is no port
    except ValueError:
        raise Expected(example, quote="@" not in str(value)) from None
    if parts.password is not None:
        raise Expected(f"{example}, without a password in it (password_env or password_file holds it)", quote=False)
    return parts


def _security(parts: SplitResult, tls: str, host: str) -> Security:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.fragment or options.keys() - {"starttls"} or options.get("starttls", "no") not in ("yes", "no"):
        raise Expected("nothing behind the URL but ?starttls=no")
    if parts.scheme == tls:
        if options:
            raise Expected(f"no ?starttls with {tls}://, which is encrypted from the first byte")
        return "tls"
    if options.get("starttls") != "no":
        return "starttls"
    if not is_loopback(host):
        raise Expected(
            "?starttls=no only to this very machine (localhost, 127.0.0.1): a password never goes over a clear line"
        )
    return "none"


def is_loopback(host: str) -> bool:
    """Whether a host as configured is this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def web_address(expected: str, fits: Callable[[SplitResult], bool] = lambda _parts: True) -> Callable[[Any], str]:
    """An https address (plain http on loopback) without a user in it; ``fits`` looks at the rest. A password is never quoted."""

    def read(value: Any) -> str:
        try:
            parts = urlsplit(text(value))
            host = parts.hostname or ""
        except ValueError:
            raise Expected(expected) from None
        clear = parts.scheme == "http" and is_loopback(host)
        if not host or parts.username or (parts.scheme != "https" and not clear) or not fits(parts):
            raise Expected(f"{expected}; plain http to this very machine only", quote=not parts.password)
        return str(value)

    return read


def maildir(base: Path) -> Callable[[Any], Path]:
    """maildir:///absolute/path, or maildir:relative/path."""

    def read(value: Any) -> Path:
        parts = urlsplit(text(value))
        if parts.netloc or parts.query or not parts.path:
            raise Expected("maildir:///absolute/path")
        return base / unquote(parts.path)

    return read


def path(base: Path) -> Callable[[Any], Path]:
    """A path, relative to the configuration file."""

    def read(value: Any) -> Path:
        return base / Path(words(value)).expanduser()

    return read


def optional_path(base: Path) -> Callable[[Any], Path | None]:
    """A path, or "" for none."""
    return lambda value: path(base)(value) if text(value) else None


def database(base: Path) -> Callable[[Any], str]:
    """The ledger's URL; an SQLite path is relative to the file."""

    def read(value: Any) -> str:
        url = text(value)
        scheme, separator, rest = url.partition("://")
        if scheme in ("postgresql", "postgresql+psycopg") and separator and rest:
            return url
        if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and "?" not in rest:
            return f"sqlite:///{base / rest[1:]}"
        raise Expected("sqlite:///path/to/file.db or postgresql://user@host/database", quote="@" not in url)

    return read
