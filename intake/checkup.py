"""``cchc check``: everything the service leans on, a line each: OK, or what is wrong and how to mend it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from intake.alarms import free_mib
from intake.config import Settings
from intake.desk import Clock, as_changed, refuse_earlier
from intake.mailbox.errors import NoSuchFolder
from intake.roster_file import differs, lacking, read_roster
from intake.rules import near
from intake.rules.calendar import Calendar
from intake.rules.roster import parse_roster
from intake.tools import tools
from intake.wiring import open_box, open_source, smtp_of, system_now
from notifier.smtp import Smtp
from parsers.form import load_forms
from storage.engine import open_engine, upgrade
from storage.errors import ClockBackwards
from storage.ledger import Ledger
from storage.queries import Queries

NO_ROOM_MIB = 100
SAFE_PYTHON = (3, 11, 15)
KNOWN = (
    "CVE-2023-27043, CVE-2024-0450 (fixed 3.11.8), CVE-2025-8194 and CVE-2025-8291 (3.11.14), CVE-2026-1299 (3.11.15);"
    " each is guarded in code"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at."""

    what: str
    ok: bool
    said: str
    warning: bool = False


def checkup(settings: Settings, clock: Clock) -> list[Line]:
    """Look at everything as it stands at the clock's now; a failing line never hides the next."""
    checks: tuple[tuple[str, Callable[[Settings], Line]], ...] = (
        ("configuration", _configuration),
        ("forms", _forms),
        ("roster", _roster),
        ("calendar", lambda settings: _calendar(settings, clock)),
        ("database", lambda settings: _database(settings, clock)),
        ("vault", _vault),
        ("mailbox", _mailbox),
        ("smtp", _smtp),
        ("confinement", _confinement),
        ("tools", _tools),
        ("clock", lambda settings: _clock(settings, clock)),
        ("python", _python),
    )
    return list(_each(settings, checks))


def _each(settings: Settings, checks: tuple[tuple[str, Callable[[Settings], Line]], ...]) -> Iterator[Line]:
    for what, look in checks:
        try:
            yield look(settings)
        except ClockBackwards:  # asked about a moment before the last log entry: refused like every verb
            raise
        except Exception as error:  # noqa: BLE001 one line a check, whatever goes wrong
            yield Line(what, ok=False, said=f"{type(error).__name__}: {error}")


def _configuration(settings: Settings) -> Line:
    notes = settings.warnings
    return Line("configuration", ok=True, said="; ".join(notes) or str(settings.path), warning=bool(notes))


def _forms(settings: Settings) -> Line:
    folder = settings.forms_folder
    forms = load_forms((folder,) if folder and folder.is_dir() else ())
    wanted = {t.form for t in settings.reports if t.form} - set(forms.names())
    return Line(
        "forms",
        ok=not wanted,
        said=f"no form named {', '.join(sorted(wanted))}: add it to [forms].folder"
        if wanted
        else ", ".join(forms.get(n).id for n in forms.names()),
    )


def _roster(settings: Settings) -> Line:
    path = settings.roster_file
    with _ledger(settings) as q:
        wrong, stale = lacking(path, q), differs(path, q)
    if wrong:
        return Line("roster", ok=False, said=wrong)
    if path is None or not path.exists():
        return Line("roster", ok=True, said="no roster file; the ledger's roster is used", warning=True)
    n = len(parse_roster(read_roster(path)).agencies)
    said = f"{n} rows in {path.name}"
    if stale:
        said += "; it differs from the ledger's roster, which holds: cchc roster diff, cchc roster import"
    elif not n:
        said += ": nobody owes anything and nobody is answered; write the agencies into it as roster.example.csv shows"
    return Line("roster", ok=True, said=said, warning=stale or not n)


def _calendar(settings: Settings, clock: Clock) -> Line:
    calendar = Calendar(settings.reports, settings.calendar)
    with (
        suppress(Exception),
        _ledger(settings) as q,
    ):  # the line of the database says why; the configured cutoffs are told then
        calendar = as_changed(calendar, q)
    coming = [p for t in calendar.types if (p := near.coming(calendar, t.type, clock.now()))]
    table = (
        "days_off and days_worked are empty: swapped days off are not known to the holiday table"
        if not settings.calendar.days_off
        else ""
    )
    said = ", ".join(f"{p.key} at {calendar.local(p.due_at).isoformat()}" for p in coming)
    return Line("calendar", ok=True, said=f"next: {said}. {table}".strip(), warning=bool(table))


def _database(settings: Settings, clock: Clock) -> Line:
    with _ledger(settings) as q:
        refuse_earlier(q, clock)
        return Line("database", ok=True, said=q.connection.dialect.name)


@contextmanager
def _ledger(settings: Settings) -> Iterator[Queries]:
    engine = open_engine(settings.storage.url)
    try:
        upgrade(engine)
        with Ledger(engine).read() as q:
            yield q
    finally:
        engine.dispose()


def _vault(settings: Settings) -> Line:
    settings.storage.vault.mkdir(parents=True, exist_ok=True)
    free, wanted = free_mib(settings), settings.storage.min_free_mib
    scarce = f", fewer than the {wanted} of [storage].min_free_mib" if free < wanted else ""
    return Line("vault", ok=free > NO_ROOM_MIB, said=f"{free} MiB free{scarce}", warning=bool(scarce))


def _mailbox(settings: Settings) -> Line:
    source = open_source(settings)
    try:
        inbox, *others = source.folders()
        counts = [f"{inbox} {len(source.listing(inbox).mails)}"]
        missing = []
        for folder in others:
            try:
                counts.append(f"{folder} {len(source.listing(folder).mails)}")
            except NoSuchFolder:
                missing.append(folder)
        said = ", ".join(counts)
        if missing:
            said += f"; also_watch names what is not there: {', '.join(missing)}"
        return Line("mailbox", ok=True, said=said, warning=bool(missing))
    finally:
        source.close()


def _smtp(settings: Settings) -> Line:
    wrong = Smtp(smtp_of(settings)).probe()
    reached = f"{settings.smtp.host}:{settings.smtp.port} ({settings.smtp.security})"
    return Line("smtp", ok=not wrong, said=wrong or reached)


def _confinement(settings: Settings) -> Line:
    with open_box(settings) as box:
        state = box.confinement()
    full = state.rlimits and state.landlock and state.seccomp
    return Line(
        "confinement",
        ok=state.rlimits,
        said="limits, landlock, seccomp" if full else "; ".join(state.notes),
        warning=not full,
    )


def _tools(settings: Settings) -> Line:
    with open_box(settings) as box:
        found = tools(box)
    missing = [tool for tool in found if tool.missing]
    said = "; ".join(f"{tool.what}: {tool.said}" for tool in missing or found)
    return Line("tools", ok=True, said=said, warning=bool(missing))


def _clock(settings: Settings, clock: Clock) -> Line:
    calendar = Calendar(settings.reports, settings.calendar)
    now, machine = (calendar.local(moment).replace(microsecond=0) for moment in (clock.now(), system_now()))
    given = f" (--at); this machine's clock stands at {machine.isoformat()}" if clock.kind == "given" else ""
    return Line("clock", ok=True, said=f"{now.isoformat()}{given}")


def _python(_settings: Settings) -> Line:
    old = sys.version_info[:3] < SAFE_PYTHON
    return Line(
        "python",
        ok=True,
        said=f"{platform.python_version()}"
        + (f" is older than {'.'.join(map(str, SAFE_PYTHON))}: {KNOWN}" if old else ""),
        warning=old,
    )
