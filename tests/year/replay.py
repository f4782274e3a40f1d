"""The year lived through by the real service: real mailbox folder, real confined worker, real SMTP, real ledger; only the clock is ours.

``live`` delivers each mail into a Maildir at its moment, lets people decide, and calls poll and tick at every stop, as a minute's
cron with ``--at`` would; one desk and its mailbox stay open, as in ``cchc run``, so that starting is not paid seven hundred times.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from intake import cutoff, decisions, due_changes, flow, foreseen
from intake.asking import find
from intake.config import load
from intake.desk import Desk
from intake.mailbox.kept_open import KeptOpen
from intake.wiring import MovableClock, open_desk
from tests.year.facts import Act, Mail, Year
from tests.year.paper import raw_mail, roster_csv

HERE = Path(__file__).parent
CONFIG = """[office]
name = "Sở Nội vụ"
contact = "Phòng Cải cách hành chính"
phone = "0208 000 0000"
[mailbox]
url = "maildir://{folder}/Maildir"
[smtp]
url = "smtp://127.0.0.1:{port}?starttls=no"
from = "CCHC <cchc@tinh.example>"
[storage]
url = "sqlite:///cchc.db"
vault = "vault"
[calendar]
start = {start}
days_off = [{off}]
days_worked = [{worked}]
[[report]]
type = "weekly"
every = "week"
form = "weekly"
due = "FRI 10:00"
[[report]]
type = "monthly"
every = "month"
form = "monthly"
due = "last FRI 10:00"
[[report]]
type = "quarterly"
every = "quarter"
form = "quarterly"
due = "before day 20"
{periods}
[roster]
file = "roster.csv"
[forms]
folder = "forms"
[notify]
secretariat = ["thuky@tinh.example"]
per_hour = 1000000
per_address_per_hour = 1000
"""


@dataclass
class Lived:
    """The year when it is over: its desk still open, for questions."""

    desk: Desk
    year: Year
    clock: MovableClock
    ids: dict[int, int]  # n of a mail → its number in the ledger


def prepare(year: Year, folder: Path, port: int) -> None:
    """Write configuration, roster, forms and an empty mailbox."""
    for name in ("new", "cur", "tmp"):
        (folder / "Maildir" / name).mkdir(parents=True)
    (folder / "forms").mkdir()
    (folder / "forms" / "quarterly.toml").write_bytes((HERE / "quarterly.toml").read_bytes())
    (folder / "roster.csv").write_text(roster_csv(year), encoding="utf-8")
    periods = "\n".join(
        f'[[period]]\nkey = "{key}"\n{"skip = true" if due is None else f"due_at = {chr(34)}{due.isoformat()}{chr(34)}"}\nreason = "Nghỉ lễ"'
        for key, due in year.set_periods
    )
    text = CONFIG.format(
        folder=folder,
        port=port,
        start=year.start,
        off=", ".join(map(str, year.days_off)),
        worked=", ".join(map(str, year.days_worked)),
        periods=periods,
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")


@contextmanager
def live(
    year: Year,
    folder: Path,
    port: int,
    say: Callable[[datetime, int], None] = lambda _stop, _mails: None,
    ready: Callable[[], None] = lambda: None,
) -> Iterator[Lived]:
    """Live through the whole year; yields it when it is over. ``ready``: called once everything stands open."""
    prepare(year, folder, port)
    clock = MovableClock(year.stops[0].astimezone(UTC))
    with open_desk(load(folder / "config.toml", {}), clock.clock(), actor="cli:nhan") as opened:
        desk = replace(opened, open_source=KeptOpen(opened.open_source()).open)
        ready()
        lived = Lived(desk, year, clock, {})
        waiting, acts = list(reversed(year.mails)), list(reversed(year.acts))
        for stop in year.stops:
            while waiting and waiting[-1].received <= stop:
                deliver(folder, year, waiting.pop())
            clock.moment = stop.astimezone(UTC)
            polled = flow.poll(desk)
            while acts and acts[-1].at <= stop:
                decide(lived, acts.pop())
            cutoff.tick(desk)
            flow.send(desk)
            say(stop, polled.fetched)
        yield lived


def deliver(folder: Path, year: Year, mail: Mail) -> None:
    """Put a mail into the mailbox; its file's time is the moment of receipt."""
    path = folder / "Maildir" / "new" / f"{mail.n:06d}.host"
    path.write_bytes(raw_mail(year, mail))
    os.utime(path, (mail.received.timestamp(), mail.received.timestamp()))


def decide(lived: Lived, act: Act) -> None:
    """What a person decided, by the same functions the command line calls."""
    desk, second, reason = lived.desk, "Trưởng phòng", f"{act.what}: việc đột xuất"
    if act.what in ("skip", "move"):
        due_changes.change_period(
            desk, act.period, skip=act.what == "skip", due_at=act.until, reason=reason, second=second
        )
    elif act.what in ("attribute", "withdraw"):
        with desk.ledger.read() as q:
            mail = q.mails_by_message_id(f"<m{act.mail}@tinh.example>")[0]
            found = find(q, str(mail.id))
        outcome = "withdraw" if act.what == "withdraw" else None
        agency = act.agency if act.what == "attribute" else None
        decisions.decide(desk, found, decisions.Verdicts(reason, second, agency, outcome=outcome))
    else:
        change = foreseen.DueChange(act.what, reason, second, act.until)
        due_changes.change_due(desk, act.period, act.agency, change)
