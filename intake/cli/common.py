"""What every verb shares: configuration, the moment, one JSON document on stdout, and exit codes for every kind of mistake."""

from __future__ import annotations

import errno
import functools
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from intake.config import Settings
    from intake.desk import Clock, Desk

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)  # full, or failing: passing, not ours
NEW_FILE = click.Path(dir_okay=False, path_type=Path)  # to be written
FOLDER = click.Path(file_okay=False, path_type=Path)
GIVEN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)  # to be read
DONE, PERSON_NEEDED, USAGE, UNREACHABLE, OUR_BUG = 0, 1, 2, 3, 70


class Mistake(click.ClickException):
    """Usage or configuration: every mistake at once, no traceback."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:
        """Print the mistakes, a line each."""
        click.echo(self.message, file=file or sys.stderr)


def verb(function: Callable[..., int | None]) -> Callable[..., int]:
    """Turn what can go wrong into the contract's exit codes."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> int:
        quiet_logs()
        try:
            return function(*args, **kwargs) or DONE
        except click.ClickException:
            raise
        except BrokenPipeError:  # the reader of our pipe has seen enough: "cchc log | head"
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE
        except Exception as error:  # noqa: BLE001 the loop edge of the command line
            return _exit_code(error)

    return run


def _exit_code(error: Exception) -> int:
    from intake.board import NoSuchPeriod  # noqa: PLC0415
    from intake.mailbox.errors import MailboxError  # noqa: PLC0415
    from storage.errors import Locked, Stale, Unavailable  # noqa: PLC0415

    operator = _operator_mistakes()
    if isinstance(error, operator):
        raise Mistake("\n".join(getattr(error, "problems", None) or [str(error)])) from error
    if isinstance(error, NoSuchPeriod):
        raise Mistake(
            f"{error.args[0]}: no such period; expected a key such as weekly:2017-07-21 or monthly:2017-07"
        ) from error
    if isinstance(error, Locked):
        raise Mistake(f"another instance holds the vault ({error})") from error
    if isinstance(error, Stale):
        raise Mistake(f"it changed meanwhile, look again: {error}") from error
    if isinstance(error, (MailboxError, Unavailable)):
        click.echo(f"unreachable: {error}", err=True)
        return UNREACHABLE
    if isinstance(error, OSError) and error.errno in _DISK:
        click.echo(f"unreachable: the disk does not take it ({error}); nothing is lost, it is tried again", err=True)
        return UNREACHABLE
    logging.getLogger("cchc").error("a mistake of ours", exc_info=error)
    return OUR_BUG


def _operator_mistakes() -> tuple[type[Exception], ...]:
    from intake.anchors import BadAnchors  # noqa: PLC0415
    from intake.asking import NotFound  # noqa: PLC0415
    from intake.config import ConfigError  # noqa: PLC0415
    from intake.decisions import Refused  # noqa: PLC0415
    from intake.rules.roster import RosterError  # noqa: PLC0415
    from parsers.form import FormError  # noqa: PLC0415
    from storage.backup import BadBackup  # noqa: PLC0415

    return (ConfigError, FormError, RosterError, Refused, NotFound, BadAnchors, BadBackup)


def quiet_logs() -> None:
    """Logs go to stderr, so that stdout holds one document; a stderr that takes nothing more stops nobody."""
    from intake.cli.unfailing import unfailing_stderr  # noqa: PLC0415
    from intake.thrift import without  # noqa: PLC0415

    with without("rich"):  # 5 MB, with which it would colour errors on a terminal
        import structlog  # noqa: PLC0415

    unfailing_stderr()
    logging.basicConfig(level=os.environ.get("CCHC_LOG", "WARNING").upper(), stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(os.environ.get("CCHC_LOG", "WARNING").upper())
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def settings_of(ctx: click.Context) -> Settings:
    """The configuration of this call. Raises ``ConfigError`` with every mistake."""
    from intake.config import load  # noqa: PLC0415

    path = ctx.obj["config"] or os.environ.get("CCHC_CONFIG") or "config.toml"
    return load(Path(path), os.environ)


def moment_of(text: str, timezone: str, option: str) -> datetime:
    """A moment given on the command line; without offset in the office's time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Mistake(f"{option}: expected a moment such as 2017-07-21T10:00:00+07:00, got {text!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def clock_of(ctx: click.Context, timezone: str) -> Clock:
    """The system's clock, or the moment of ``--at``."""
    from intake.wiring import given_clock, system_clock  # noqa: PLC0415

    at = ctx.obj["at"]
    return given_clock(moment_of(at, timezone, "--at")) if at else system_clock()


@contextmanager
def desk_of(ctx: click.Context, *, lock: bool, worker: bool, roster: bool = True) -> Iterator[Desk]:
    """The desk for one verb; ``roster=False`` for one that brings the first roster itself."""
    from intake.desk import refuse_earlier  # noqa: PLC0415
    from intake.wiring import open_desk, operator  # noqa: PLC0415

    settings = settings_of(ctx)
    clock = clock_of(ctx, settings.calendar.timezone)
    with (
        clock_told_in(settings.calendar.timezone, clock),
        progress_bar() as progress,
        open_desk(settings, clock, actor=operator(), lock=lock, worker=worker, progress=progress) as desk,
    ):
        with desk.ledger.read() as q:
            refuse_earlier(q, clock)
        if roster:
            _refuse_without_roster(desk)
        yield desk


@contextmanager
def clock_told_in(timezone: str, clock: Clock) -> Iterator[None]:
    """A clock that lies before the last log entry is the operator's mistake, told in the office's time zone."""
    from storage.errors import ClockBackwards  # noqa: PLC0415

    try:
        yield
    except ClockBackwards as fault:
        whose = "--at" if clock.kind == "given" else "this machine's clock"
        raise Mistake(f"{whose}: {fault.told(ZoneInfo(timezone))}") from fault


def _refuse_without_roster(desk: Desk) -> None:
    from intake.roster_file import lacking  # noqa: PLC0415

    with desk.ledger.read() as q:
        if wrong := lacking(desk.settings.roster_file, q):
            raise Mistake(wrong)


def noted(desk: Desk, what: str, subject: str, **said: Any) -> None:
    """Write down that somebody at the command line takes something away, before it is given (``Who saw what``).

    Not on a given clock: whoever replays a year must be able to look at it without changing what is replayed.
    """
    with desk.ledger.read() as q:
        head = q.head()
    if desk.clock.kind == "given" or (head is not None and head.clock == "given"):
        return
    from storage.errors import ClockBackwards, Unavailable  # noqa: PLC0415

    try:
        with desk.write(desk.clock.now()) as tx:
            tx.note_access(what, subject, **said)
    except (Unavailable, ClockBackwards) as fault:
        click.echo(f"not noted in the log, which cannot be written: {fault}", err=True)


@contextmanager
def named_file(path: Path, option: str = "") -> Iterator[None]:
    """Work on a file the operator named: what is wrong with it is the operator's mistake, said with the file's name."""
    prefix = f"{option} {path}".strip()
    try:
        yield
    except OSError as fault:
        raise Mistake(f"{prefix}: {fault.strerror or fault}") from fault


def exactly_one(verb_name: str, given: Mapping[str, bool], *, none_allowed: bool = False) -> str | None:
    """Which of several flags was given. Raises ``Mistake`` when it was more than one, or none."""
    chosen = [name for name, on in given.items() if on]
    if len(chosen) > 1 or not (chosen or none_allowed):
        flags = " ".join(f"--{name}" for name in given)
        raise Mistake(f"{verb_name}: expected {'at most ' if none_allowed else ''}one of {flags}")
    return chosen[0] if chosen else None


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _all: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield advance


def out(document: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def table(headers: list[str], rows: list[list[str]]) -> None:
    """Columns for people, padded by the width of their text."""
    from rich.cells import cell_len  # noqa: PLC0415

    widths = [max([cell_len(h), *(cell_len(row[i]) for row in rows)]) for i, h in enumerate(headers)]
    for line in (headers, ["-" * w for w in widths], *rows):
        click.echo("  ".join(text + " " * (w - cell_len(text)) for text, w in zip(line, widths, strict=True)).rstrip())


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
