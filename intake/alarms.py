"""What is wrong with the service itself, for ``status`` and by mail to ``[notify].operator``.

Rules:

1. Nothing here asks a server: what the ledger and the disk know is enough, so an alarm leaves while the mailbox is down.
2. An alarm is mailed once when it begins and once when it is over, across restarts: which are open stands in the ledger and
   changes in the transaction that owes the letter; UNIQUE(about, kind, n) does the rest.
3. A disk counts as full below ``[storage].min_free_mib`` and as mended only a fifth above it: no letter for every file.
4. Without an operator alarms stand in ``status`` alone; with ``answer = false`` the letter is recorded as withheld.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from intake.asking import Times
from intake.chain_walk import RESULT as WALKED
from intake.desk import Desk
from intake.roster_file import differs
from intake.settings import Settings
from notifier.facts_of_many import AlarmFacts
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Json, Letter

POLL_TOO_OLD = timedelta(minutes=10)
LETTER_TOO_OLD = timedelta(hours=1)
MAILED = frozenset(
    ("no_good_poll", "letter_waits", "disk_nearly_full", "ledger_disagrees", "vault_damaged", "chain_broken")
)
COMPARED = "last_compared"  # in the ledger: mailbox and ledger side by side, nothing fetched
OPEN = "alarms"  # in the ledger: the mailed alarms that are not over, each with its beginning
_MENDED = 1.2  # times the floor: a disk that is nearly full no more
_MIB = 2**20
_NAMED = 5  # damaged files named in a letter


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong now."""

    what: str  # a code of docs/operator.md and of notifier/texts/…/matters.toml
    detail: str  # in words, with what to do
    since: datetime | None = None  # None: not known
    numbers: dict[str, int | str] = field(default_factory=dict)  # what the letter states

    def as_dict(self) -> Json:
        """For ``cchc.status/1``."""
        return {"what": self.what, "detail": self.detail}


def standing(desk: Desk, q: Queries, now: datetime) -> list[Alarm]:
    """Every alarm there is now, as far as the ledger and the disk know."""
    looks = (_no_good_poll, _letter_waits, _disk, _disagrees, _vault, _chain, _failed, _set_aside, _roster)
    return [alarm for look in looks for alarm in look(desk, q, now)]


def sound(desk: Desk) -> tuple[Letter, ...]:
    """Owe the operator a letter for every alarm that has begun, and one for every alarm that is over."""
    if not desk.settings.notify.operator:
        return ()
    now = desk.clock.now()
    with desk.ledger.read() as q:
        found = {alarm.what: alarm for alarm in standing(desk, q, now) if alarm.what in MAILED}
        if found.keys() == (q.meta(OPEN) or {}).keys():
            return ()
    with desk.write(now) as tx:
        opened: dict[str, Any] = dict(tx.meta(OPEN) or {})
        letters = [_begun(desk, tx, alarm, now, opened) for what, alarm in found.items() if what not in opened]
        letters += [_over(desk, tx, what, now, opened) for what in sorted(opened.keys() - found.keys())]
        tx.set_meta(OPEN, opened)
    return tuple(letters)


def shown(letter: Letter) -> Json:
    """A letter as ``cchc.tick/1`` names it."""
    return {
        "kind": letter.kind,
        "about": letter.about,
        "to": ", ".join(letter.to),
        "state": letter.state,
        "message_id": letter.message_id,
    }


def _begun(desk: Desk, tx: Tx, alarm: Alarm, now: datetime, opened: dict[str, Any]) -> Letter:
    about = f"alarm:{alarm.what}/{now.isoformat()}"
    opened[alarm.what] = {"about": about, "since": (alarm.since or now).isoformat()}
    return _owe(desk, tx, about, 1, AlarmFacts(alarm.what, alarm.since or now, at=now, numbers=alarm.numbers))


def _over(desk: Desk, tx: Tx, what: str, now: datetime, opened: dict[str, Any]) -> Letter:
    begun = opened.pop(what)
    since = datetime.fromisoformat(str(begun["since"]))
    return _owe(desk, tx, str(begun["about"]), 2, AlarmFacts(what, since, recovered=True, at=now))


def _owe(desk: Desk, tx: Tx, about: str, n: int, facts: AlarmFacts) -> Letter:
    to = desk.settings.notify.operator
    withheld = None if desk.settings.notify.answer else "answering_off"
    state = "withheld" if withheld else "pending"
    letter = Letter("alarm", about, to, facts.to_json(), state, n=n, withheld_because=withheld)
    return tx.add_letter(letter, desk.office.bot_domain)


# ---- one look each ---------------------------------------------------------------------------------------------------


def _no_good_poll(desk: Desk, q: Queries, now: datetime) -> Iterator[Alarm]:
    """No pass over the mailbox has reached everything lately; a young ledger has ten minutes for its first."""
    poll = q.meta("last_good_poll")
    first = q.entries(limit=1)
    since = datetime.fromisoformat(str(poll["ended"])) if poll else first[0].at if first else now
    if now - since > POLL_TOO_OLD:
        said = "last good poll ended" if poll else "no good poll since the ledger began"
        yield Alarm("no_good_poll", f"{said} {Times(desk)(since)}", since)


def _letter_waits(_desk: Desk, q: Queries, now: datetime) -> Iterator[Alarm]:
    waiting = [x for x in q.letters(state="pending") if x.created_at and now - x.created_at > LETTER_TOO_OLD]
    if waiting:
        detail = f"{len(waiting)} letters wait for over an hour"
        yield Alarm("letter_waits", detail, waiting[0].created_at, {"letters": len(waiting)})


def _disk(desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    floor = desk.settings.storage.min_free_mib
    if "disk_nearly_full" in (q.meta(OPEN) or {}):
        floor = int(floor * _MENDED)
    free = free_mib(desk.settings)
    if free < floor:
        yield Alarm("disk_nearly_full", f"{free} MiB free for vault and database", None, {"free": free})


def _disagrees(_desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    """What the latest comparison found, with or without fetching; the next one that finds nothing ends it."""
    found = max((one for one in (q.meta("last_reconcile"), q.meta(COMPARED)) if one), key=_ended, default=None)
    if found and (found.get("lost") or found.get("server") != found.get("ledger")):
        numbers: dict[str, int | str] = {name: int(found.get(name) or 0) for name in ("server", "ledger", "lost")}
        detail = "{server} mails on the server, {ledger} in the ledger, {lost} gone from the server: cchc reconcile"
        yield Alarm("ledger_disagrees", detail.format(**numbers), _ended(found), numbers)


def _ended(comparison: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(comparison["ended"]))


def _vault(_desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    last = q.meta("last_scrub") or {}
    if damaged := list(last.get("damaged") or ()):
        named = ", ".join(str(sha256)[:16] for sha256 in damaged[:_NAMED])
        detail = f"{len(damaged)} files of the vault are damaged or missing: {named}: cchc verify; restore them from a backup"
        numbers: dict[str, int | str] = {"files": len(damaged), "named": named}
        yield Alarm("vault_damaged", detail, datetime.fromisoformat(str(last["ended"])), numbers)


def _chain(_desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    last = q.meta(WALKED) or {}
    if problems := list(last.get("problems") or ()):
        detail = f"{len(problems)} problems in the log's chain, the first at {problems[0]['seq']}: cchc verify"
        numbers: dict[str, int | str] = {"problems": len(problems), "seq": int(problems[0]["seq"])}
        yield Alarm("chain_broken", detail, datetime.fromisoformat(str(last["ended"])), numbers)


def _failed(_desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    if failed := q.tally("letter").get("failed", 0):
        yield Alarm("letter_failed", f"{failed} letters could not be delivered", None, {"letters": failed})


def _set_aside(_desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    if aside := q.tally("mail").get("set_aside", 0):
        yield Alarm("set_aside", f"{aside} mails set aside: cchc review, cchc retry", None, {"mails": aside})


def _roster(desk: Desk, q: Queries, _now: datetime) -> Iterator[Alarm]:
    if differs(desk.settings.roster_file, q):
        detail = "the roster file differs from the ledger: cchc roster diff, cchc roster import"
        yield Alarm("roster_differs", detail)


def free_mib(settings: Settings) -> int:
    """The least room there is where vault and database lie, in MiB."""
    places = [settings.storage.vault]
    if settings.storage.url.startswith("sqlite:///"):
        places.append(Path(settings.storage.url.removeprefix("sqlite:///")).parent)
    return min(shutil.disk_usage(_existing(place)).free for place in places) // _MIB


def _existing(place: Path) -> Path:
    return next(folder for folder in (place, *place.parents) if folder.exists())
