"""``cchc demo``: the real service lives through a fortnight on a simulated clock.

1. A private IMAP and a private SMTP server start on loopback; nothing else is reached, nothing is configured.
2. The mails of ``intake/demo/corpus.py`` arrive at their own moments; poll and tick are called as a minute's cron would.
3. Afterwards the board, the classes with their identity, and where letters, workbook and database lie are told.
4. What each story says must come of it is compared with the ledger; every difference is printed and makes the demo fail.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from intake import cutoff, flow
from intake.asking import LogQuery, Times, board_json, log_rows
from intake.board import board_of
from intake.config import load
from intake.demo.corpus import DemoMail, classes_at, fortnight, roster_csv
from intake.demo.earlier import fridays_before, quiet_weeks
from intake.demo.noise import POISON
from intake.demo.servers import PASSWORD, USER, LetterBox, Postbox, append, imap_server, smtp_server
from intake.demo.tasks import own_form
from intake.desk import Desk
from intake.mailbox.kept_open import KeptOpen
from intake.reconcile import reconcile
from intake.rules.roster import parse_roster
from intake.wiring import MovableClock, open_desk, readers_of, system_now
from parsers.box import Box, BoxFailure
from parsers.values import Envelope, PartReading
from storage.proof import verify

SEED = 20
ZONE = "Asia/Ho_Chi_Minh"
SECRET_ENV = "CCHC_DEMO_PASSWORD"  # noqa: S105 the name of a variable


@dataclass(slots=True)
class DemoResult:
    """What came of the fortnight."""

    folder: str
    mails: int = 0
    letters: int = 0
    boards: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        """Whether everything came as the stories say."""
        return not self.differences

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"schema": "cchc.demo/1", **asdict(self), "as_expected": self.as_expected}


@dataclass(frozen=True, slots=True)
class Servers:
    """The demo's private mail servers, while they run."""

    imap_port: int
    smtp_port: int
    box: LetterBox

    def take_mail(self, address: str, now: Callable[[], datetime]) -> None:
        """From here on a mail sent to that address by SMTP lies in the mailbox, received when it came."""
        self.box.deliver = lambda raw: append(self.imap_port, raw, now())
        self.box.address = address


class Mortal:
    """The real worker, but for one mail that kills it: a mail is set aside before the audience."""

    def __init__(self, box: Box) -> None:
        self._box = box

    def __getattr__(self, name: str) -> Any:
        return getattr(self._box, name)

    def read_mail(
        self, raw: bytes, received: date | None, as_form: str | None = None
    ) -> tuple[Envelope, tuple[PartReading, ...]]:
        """Die at the mark, else read."""
        if f"\n{POISON}:".encode() in raw:
            raise BoxFailure("reader_crashed")
        return self._box.read_mail(raw, received, as_form)


def first_friday(today: date) -> date:
    """The Friday before the last Friday of the latest month that is over: both weeks lie in the past."""
    day = today.replace(day=1) - timedelta(days=1)
    while day.weekday() != 4:
        day -= timedelta(days=1)
    return day - timedelta(days=7)


def run_demo(
    folder: Path | None,
    say: Callable[[str], Any],
    friday: date | None = None,
    weeks: int = 0,
    then: Callable[[DemoResult, Servers], None] | None = None,
) -> DemoResult:
    """Live through the fortnight, and through so many quiet weeks before it; ``then`` comes while the mail servers still run."""
    folder = (folder or Path(tempfile.mkdtemp(prefix="cchc-demo-"))).resolve()
    letters = folder / "letters"
    letters.mkdir(parents=True, exist_ok=True)
    friday = friday or first_friday(system_now().date())
    result = DemoResult(str(folder))
    roster = parse_roster(roster_csv())
    fridays = (*fridays_before(friday, weeks), friday, friday + timedelta(days=7))
    mails = (*quiet_weeks(SEED, roster.agencies, fridays[:-2], ZONE), *fortnight(SEED, roster.agencies, friday, ZONE))
    result.mails = len(mails)
    say(
        f"{len(mails)} mails of {len({a.code for a in roster.agencies})} agencies, {len(fridays)} weeks up to Friday {friday + timedelta(days=7)}"
    )
    with imap_server() as imap_port, smtp_server(letters) as (smtp_port, box):
        settings = load(_config(folder, fridays, imap_port, smtp_port), {SECRET_ENV: PASSWORD})
        clock = MovableClock(
            datetime.combine(fridays[0] - timedelta(days=7), time(0, 1), tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        )
        postbox = Postbox(imap_port)
        with open_desk(settings, clock.clock(), actor="system") as opened:
            mailbox = KeptOpen(opened.open_source())
            mortal = cast("Box", Mortal(opened.box))
            readers = readers_of(mortal, opened.forms, opened.vault, opened.calendar)
            desk = replace(opened, open_source=mailbox.open, box=mortal, readers=readers)
            _live(desk, clock, mails, postbox, fridays, say)
            reconciled = reconcile(desk)
            if not reconciled.agrees:
                result.differences.append(
                    f"mailbox and ledger disagree: {reconciled.server} on the server, {reconciled.ledger} in the ledger"
                )
            _tell(desk, clock, result, mails, roster.agencies, say)
            mailbox.let_go()
        postbox.close()
        result.letters = box.count
        _workbooks(folder)
        _end(result, folder, say)
        if then:
            then(result, Servers(imap_port, smtp_port, box))
    return result


def _config(folder: Path, fridays: Sequence[date], imap_port: int, smtp_port: int) -> Path:
    (folder / "roster.csv").write_text(roster_csv(), encoding="utf-8")
    (folder / "forms").mkdir(exist_ok=True)
    own = own_form(fridays[-1], parse_roster(roster_csv()).agencies)
    (folder / "forms" / "tasks.toml").write_text(own, encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(
        f"""[office]
name = "Sở Nội vụ"
contact = "Phòng Cải cách hành chính"
phone = "0208 000 0000"
[mailbox]
url = "imap://{USER}@127.0.0.1:{imap_port}/INBOX?starttls=no"
password_env = "{SECRET_ENV}"
idle = false
poll_seconds = 20
[smtp]
url = "smtp://127.0.0.1:{smtp_port}?starttls=no"
from = "CCHC <cchc@tinh.example>"
[storage]
url = "sqlite:///cchc.db"
vault = "vault"
[calendar]
start = {(fridays[0] - timedelta(days=6)).isoformat()}
timezone = "{ZONE}"
days_worked = {_list(friday + timedelta(days=n) for friday in fridays for n in (-1, 0, 3))}
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
type = "tasks"
every = "month"
form = "tasks"
due = "last FRI 10:00"
[roster]
file = "roster.csv"
[forms]
folder = "forms"
[notify]
secretariat = ["thuky@tinh.example"]
per_hour = 100000
""",
        encoding="utf-8",
    )
    return path


def _list(days: Iterator[date]) -> str:
    return "[" + ", ".join(day.isoformat() for day in days) + "]"


def moments(mails: Sequence[DemoMail], fridays: Sequence[date]) -> list[datetime]:
    """When poll and tick are called: after every mail (grouped by the quarter of an hour) and around each cutoff."""
    zone = ZoneInfo(ZONE)
    wanted = {_quarter(mail.deliver_at) for mail in mails}
    for day in fridays:
        for offset, hour, minute in (
            (-7, 0, 2),
            (-1, 14, 0),
            (0, 8, 0),
            (0, 9, 59),
            (0, 10, 1),
            (0, 10, 6),
            (0, 16, 0),
            (3, 17, 1),
        ):
            wanted.add(datetime.combine(day + timedelta(days=offset), time(hour, minute), tzinfo=zone))
    return sorted(wanted)


def _quarter(moment: datetime) -> datetime:
    """The next quarter of an hour at or after a moment."""
    return moment.replace(second=0, microsecond=0) + timedelta(
        minutes=-moment.minute % 15 or (15 if moment.second else 0)
    )


def _live(
    desk: Desk,
    clock: MovableClock,
    mails: Sequence[DemoMail],
    postbox: Postbox,
    fridays: Sequence[date],
    say: Callable[[str], Any],
) -> None:
    waiting = list(mails)
    stops = moments(mails, fridays)
    for n, stop in enumerate(stops, 1):
        while waiting and waiting[0].deliver_at <= stop:
            mail = waiting.pop(0)
            postbox.deliver(mail.raw, mail.deliver_at)
        clock.moment = stop.astimezone(UTC)
        polled = flow.poll(desk)
        ticked = cutoff.tick(desk)
        flow.send(desk)
        desk.progress("demo", n, len(stops))
        for key in ticked.closed:
            say(f"{stop:%a %Y-%m-%d %H:%M}  {key} closed")
        sent = Counter(line["kind"] for line in ticked.letters)
        if sent:
            say(f"{stop:%a %Y-%m-%d %H:%M}  " + ", ".join(f"{n} {kind}" for kind, n in sent.items()))
        elif polled.fetched >= 5:
            say(f"{stop:%a %Y-%m-%d %H:%M}  {polled.fetched} mails read")


def _tell(
    desk: Desk,
    clock: MovableClock,
    result: DemoResult,
    mails: Sequence[DemoMail],
    agencies: Any,
    say: Callable[[str], Any],
) -> None:
    """Boards, states, and every difference between the stories and the ledger."""
    now = clock.moment
    with desk.ledger.read() as q:
        result.states = q.state_counts()
        for key in sorted({e.period for mail in mails for e in mail.expect}):
            board = board_json(board_of(desk, q, key, now), Times(desk))
            if not board["closed"]:
                continue
            result.boards.append(board)
            _say_board(board, say)
            said = {due["agency"]: due["class"] for due in board["dues"]}
            for code, expected in classes_at(mails, agencies, key, now).items():
                if said.get(code) != expected:
                    result.differences.append(f"{key} {code}: the story says {expected}, the board {said.get(code)}")
        _compare(desk, q, mails, result)
    proof = verify(desk.ledger, desk.vault, ())
    if not proof.ok:
        result.differences.append(f"the log does not verify: {proof.problems}")
    say(f"log: {proof.entries} entries, verified")


def _say_board(board: dict[str, Any], say: Callable[[str], Any]) -> None:
    counts = " + ".join(f"{n} {name}" for name, n in board["classes"].items())
    say(f"{board['period']}: {board['expected']} expected = {counts}")
    for due in board["dues"]:
        say(f"  {due['agency']:10} {due['class']:12} {due['received_at'] or '':25} {due['receipt'] or ''}")


def _compare(desk: Desk, q: Any, mails: Sequence[DemoMail], result: DemoResult) -> None:
    """Each mail's state and each figure against its story; a wrong figure without a flag is the worst."""
    import hashlib  # noqa: PLC0415

    rows = {row["sha256"]: row for row in log_rows(desk, q, LogQuery(limit=10_000), desk.clock.now())}
    for mail in mails:
        row = rows.get(hashlib.sha256(mail.raw).hexdigest())
        if row is None:
            result.differences.append(f"{mail.story}: the mail is not in the log")
            continue
        if mail.state and row["state"] != mail.state:
            result.differences.append(
                f"{mail.story}: the story says {mail.state}, mail {row['id']} is {row['state']} ({row['reason']})"
            )
        readings = {f"{r.mail_id}.{r.part_n}.{r.report_n}": r.report for r in q.readings(row["id"])}
        for expected in mail.expect:
            of_type = [
                readings[s["report"]]
                for s in row["submissions"]
                if s["type"] == expected.type and s["report"] in readings
            ]
            for report in of_type[:1]:
                result.differences += [
                    f"{mail.story} mail {row['id']}: {line}" for line in wrong_figures(report, dict(expected.figures))
                ]


def wrong_figures(report: dict[str, Any], truth: dict[str, int]) -> Iterator[str]:
    """Figures read that differ from what was written and that no warning names."""
    flagged = {key for f in report["findings"] if f["severity"] in ("warning", "error") for key in f["figures"]}
    for key, value in truth.items():
        figure = report["figures"].get(key)
        if figure and figure["value"] is not None and int(figure["value"]) != value and key not in flagged:
            yield f"{key} read as {figure['value']}, written {value}, not flagged"


def _workbooks(folder: Path) -> None:
    """Take the digests' workbooks out of their letters, to be opened without a mail program."""
    import email  # noqa: PLC0415
    import email.policy  # noqa: PLC0415

    for letter in sorted((folder / "letters").glob("*.eml")):
        message = email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
        for part in message.iter_attachments():
            name = part.get_filename() or ""
            if name.endswith(".xlsx"):
                (folder / f"{letter.stem}.xlsx").write_bytes(bytes(part.get_payload(decode=True) or b""))


def _end(result: DemoResult, folder: Path, say: Callable[[str], Any]) -> None:
    say(", ".join(f"{n} {state}" for state, n in sorted(result.states.items())))
    for difference in result.differences:
        say(f"NOT AS EXPECTED: {difference}")
    say(f"letters    {folder / 'letters'} ({result.letters})")
    for workbook in sorted(folder.glob("*.xlsx"))[-3:]:
        say(f"workbook   {workbook}")
    say(f"database   {folder / 'cchc.db'}")
    say(f"look       cchc -c {folder / 'config.toml'} board")
    say(
        "the demo ended as its stories say"
        if result.as_expected
        else f"{len(result.differences)} things are not as expected"
    )
