"""Where the real parts are built, once; the only place that asks the clock.

``open_desk`` is a context manager: it takes the vault's lock (one instance), brings the database up to date, starts the
confined worker, imports the roster file into an empty ledger, and puts everything away again.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from intake.config import Settings
from intake.desk import Clock, Desk
from intake.mailbox.source import Source
from intake.oauth2 import Tokens
from intake.readers import AT_ONCE, SLOW_MAX, Readers
from intake.reading import read_stored
from intake.roster_file import digest, read_roster
from intake.rules.calendar import Calendar
from intake.rules.reply_gate import Budgets, Own
from intake.rules.roster import parse_roster
from intake.rules.sender import Trust
from notifier.compose import Office
from notifier.postman import Postman
from notifier.scribe import Scribe, scribe_for_this_machine
from notifier.smtp import Smtp, SmtpSettings
from notifier.titles import Title, own_titles
from parsers.box import Box
from parsers.form import FormSet, load_forms
from storage.engine import open_engine, open_reader, upgrade
from storage.ledger import Ledger
from storage.outbox import Outbox
from storage.records import RosterVersion
from storage.vault import Vault

if TYPE_CHECKING:
    from intake.mailbox.account import Account


def system_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)  # noqa: TID251


def system_clock() -> Clock:
    """A clock that the system drives."""
    return Clock(system_now, "system")


def given_clock(moment: datetime) -> Clock:
    """A clock that stands at a given moment (``--at``)."""
    return Clock(lambda: moment.astimezone(UTC), "given")


@dataclass(slots=True)
class MovableClock:
    """A clock somebody else moves: the demo and the replay of a year."""

    moment: datetime

    def clock(self) -> Clock:
        """This clock as the desk wants it."""
        return Clock(lambda: self.moment, "given")


def operator() -> str:
    """Who sits at the command line, for the log."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"cli:uid{os.getuid()}"


@contextmanager
def open_desk(
    settings: Settings,
    clock: Clock,
    *,
    actor: str = "system",
    lock: bool = True,
    worker: bool = True,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Iterator[Desk]:
    """Every part, ready to work; ``lock=False`` for verbs that only read, ``worker=False`` for those that read no mail.

    Raises ``storage.vault.Locked`` when another instance holds the vault, ``FormError``, ``RosterError``, ``OSError``.
    """
    with ExitStack() as stack:
        forms = open_forms(settings)
        stack.enter_context(own_titles([Title(r.type, r.title, r.key) for r in settings.reports if r.title]))
        box = Box(_folders(settings), at_once=AT_ONCE + SLOW_MAX)
        if worker:
            stack.enter_context(box)
        vault = Vault(settings.storage.vault)
        ledger = _ledger(settings, vault, clock, actor, stack, lock=lock)
        scribe = scribe_for_this_machine()
        stack.callback(scribe.close)
        desk = replace(_desk(settings, clock, forms, box, vault, ledger, scribe), actor=actor, progress=progress)
        if lock:
            first_roster(desk)
        yield desk


def _ledger(settings: Settings, vault: Vault, clock: Clock, actor: str, stack: ExitStack, *, lock: bool) -> Ledger:
    """The ledger, its schema up to date; with ``lock`` vault and ledger are ours alone until the stack is left."""
    if lock:
        stack.enter_context(vault.lock())
    engine = open_engine(settings.storage.url)
    stack.callback(engine.dispose)
    upgrade(engine)
    ledger = Ledger(engine)
    if lock:
        stack.enter_context(ledger.sole(clock.now(), clock.kind, actor))
    return ledger


def _desk(
    settings: Settings, clock: Clock, forms: FormSet, box: Box, vault: Vault, ledger: Ledger, scribe: Scribe
) -> Desk:
    """Every part put together."""
    office = office_of(settings)
    calendar = Calendar(settings.reports, settings.calendar)
    outbox = Outbox(ledger, clock=clock.kind)
    return Desk(
        settings=settings,
        clock=clock,
        calendar=calendar,
        ledger=ledger,
        vault=vault,
        outbox=outbox,
        box=box,
        readers=readers_of(box, forms, vault, calendar),
        forms=forms,
        office=office,
        trust=trust_of(settings),
        own=Own(tuple({office.mailbox_address, office.envelope_from, office.self_copy} - {""}), office.bot_domain),
        budgets=Budgets(settings.notify.per_address_per_hour, settings.notify.per_hour),
        open_source=lambda: open_source(settings),
        open_postman=lambda: Postman(outbox, vault, Smtp(smtp_of(settings)), office, scribe),
    )


@contextmanager
def open_reader_ledger(settings: Settings) -> Iterator[Ledger]:
    """The ledger over connections that cannot write: what the console asks."""
    engine = open_reader(settings.storage.url)
    try:
        yield Ledger(engine)
    finally:
        engine.dispose()


def readers_of(box: Box, forms: FormSet, vault: Vault, calendar: Calendar) -> Readers:
    """Who reads the mails of the vault, a few side by side."""
    return Readers(lambda mail: read_stored(box, forms, vault.path(mail.sha256), calendar.day(mail.received_at)))


def open_box(settings: Settings | None) -> Box:
    """The confined worker alone, for dry runs; with the office's forms when there is a configuration."""
    return Box(_folders(settings) if settings else ())


def open_forms(settings: Settings | None) -> FormSet:
    """The forms in force: the packaged ones, the office's own winning by name. Raises ``FormError``."""
    return load_forms(_folders(settings) if settings else ())


def _folders(settings: Settings) -> tuple[Path, ...]:
    folder = settings.forms_folder
    return (folder,) if folder and folder.is_dir() else ()


def office_of(settings: Settings) -> Office:
    """Who speaks in letters."""
    sender = settings.smtp.from_address
    return Office(
        name=settings.office.name,
        contact=settings.office.contact,
        phone=settings.office.phone,
        mailbox_address=sender,
        from_header=settings.smtp.from_header,
        envelope_from=settings.smtp.envelope_from or sender,
        self_copy=settings.smtp.self_copy,
        bot_domain=sender.rpartition("@")[2],
        timezone=settings.calendar.timezone,
        at_cutoff=settings.calendar.at_cutoff,
    )


def trust_of(settings: Settings) -> Trust:
    """What our own border says of a sender, and who may hand mails on."""
    mailbox = settings.mailbox
    own = tuple({settings.smtp.from_address, settings.smtp.envelope_from, settings.smtp.self_copy} - {""})
    return Trust(mailbox.authserv_id, mailbox.require_auth, mailbox.border, settings.notify.secretariat, own)


def smtp_of(settings: Settings) -> SmtpSettings:
    """Where letters are handed over."""
    smtp = settings.smtp
    if smtp.oauth2:
        tokens = Tokens(smtp.oauth2, system_now)
        return SmtpSettings(
            smtp.host, smtp.port, smtp.security, smtp.user, token=tokens, mechanism=smtp.oauth2.mechanism
        )
    return SmtpSettings(smtp.host, smtp.port, smtp.security, smtp.user, smtp.password())


def imap_account(settings: Settings) -> Account:
    """How to log in to the mailbox: by password, or by tokens."""
    from intake.mailbox.account import Account  # noqa: PLC0415

    oauth2 = settings.mailbox.oauth2
    return Account.of(settings.mailbox, Tokens(oauth2, system_now) if oauth2 else None)


def open_source(settings: Settings) -> Source:
    """The mailbox, by its URL. Nothing is reached before it is asked for something."""
    spool = settings.storage.vault.parent  # very large mails pass through here: the disk that must hold them anyway
    spool.mkdir(parents=True, exist_ok=True)
    if settings.mailbox.kind == "maildir":
        from intake.mailbox.maildir import MaildirSource  # noqa: PLC0415

        return MaildirSource(settings.mailbox, spool=spool)
    from intake.mailbox.imap import ImapSource  # noqa: PLC0415

    return ImapSource(settings.mailbox, account=imap_account(settings), spool=spool)


def first_roster(desk: Desk) -> None:
    """Import ``[roster].file`` once, when the ledger holds no roster yet. Raises ``RosterError``."""
    path = desk.settings.roster_file
    with desk.ledger.read() as q:
        if q.roster() is not None or path is None or not path.exists():
            return
    csv = read_roster(path)
    parse_roster(csv)
    now = desk.clock.now()
    effective = min(
        desk.calendar.rules.start, desk.calendar.day(now)
    )  # one imported later must not have to wait for it
    with desk.write(now) as tx:
        tx.import_roster(RosterVersion(csv, digest(csv), effective))
    structlog.get_logger().info("roster imported", file=path.name)
