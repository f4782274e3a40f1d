"""One province under faults: scripted IMAP and SMTP servers, a database, the service called in forks, and the judge's ledger.

The clock is ``now``, moved by the story and given to every call as ``--at``. What the servers take and hand out is written
into the ledger by the servers themselves; copies of our letters to ourselves come back into the mailbox as mails.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.faults import scene
from tests.faults.checker import Database, Delivered, Ledger, Left, judge
from tests.faults.forge import Call, Forge
from tests.servers.imap_script import PLAIN, ScriptedImap
from tests.servers.smtp_sink import Received, SmtpSink

QUICK = Path("/dev/shm")  # the disk is never waited for there; what is lost with the power is not what a kill loses
FINE = (0, 1)  # done, or done and a person is needed


def place() -> Path:
    """A folder of its own, in memory where there is such a place."""
    return Path(tempfile.mkdtemp(prefix="faults-", dir=QUICK if os.access(QUICK, os.W_OK) else None))


@dataclass
class Province:
    """Running between ``start`` and ``stop``."""

    forge: Forge
    url: str = ""  # of the database; SQLite in the folder when empty
    template: Path | None = None  # an SQLite database with the schema in it
    capabilities: str = PLAIN
    copies: bool = True  # our letters come back to us
    more: dict[str, str] = field(default_factory=dict)  # further lines of the configuration
    folder: Path = field(default_factory=place)
    now: datetime = scene.cutoff(0) - timedelta(days=1, hours=3)
    ledger: Ledger = field(default_factory=Ledger)
    sink: SmtpSink = field(default_factory=SmtpSink)
    tally: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)  # what was done, for whoever reads a failure
    imap: ScriptedImap = field(init=False)
    _numbers: int = 100

    def start(self) -> Province:
        self.imap = ScriptedImap({}, self.capabilities).start()
        self.imap.password = scene.PASSWORD
        self.sink.on_taken = self._taken
        self.sink.start()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.url:
            self.url = f"sqlite:///{self.folder / 'cchc.db'}"
            if self.template is not None:
                shutil.copy(self.template, self.folder / "cchc.db")
        self.ledger.agencies = {code: scene.address_of(code) for code in scene.AGENCIES}
        self.ledger.secretariat = scene.SECRETARIAT
        self.ledger.may_go_twice = not self.copies
        self.configure()
        return self

    def configure(self) -> None:
        copy = {} if self.copies else {"smtp_more": ""}
        address = f"imap://cchc@127.0.0.1:{self.imap.port}/INBOX?starttls=no"
        scene.write_configuration(self.folder, address, self.url, self.sink.port, **copy, **self.more)

    def stop(self) -> None:
        self.sink.stop()
        self.imap.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- what agencies do --------------------------------------------------------------------------------------------

    def report(
        self,
        agency: str,
        week: int = 0,
        received: int | None = None,
        *,
        again: bool = False,
        at: datetime | None = None,
    ) -> bytes:
        """A report arrives now; ``again``: a content sent before, in another mail."""
        self._numbers += 1
        number = self._numbers if received is None else received
        subject = f"Báo cáo tuần CCHC {self._numbers}"
        file = scene.report_docx(agency, week, number)
        raw = scene.mail_of(scene.address_of(agency), subject, "Xin gửi báo cáo.", {"bc.docx": file})
        self.ledger.cutoffs.setdefault(scene.period(week), scene.cutoff(week))
        content = (agency, scene.period(week), number)
        return self.arrive(raw, scene.address_of(agency), content, answered=not again, at=at)

    def question(self, agency: str) -> bytes:
        self._numbers += 1
        sender = scene.address_of(agency)
        raw = scene.mail_of(sender, f"Hỏi {self._numbers}", "Xin hỏi thời hạn nộp báo cáo.")
        return self.arrive(raw, sender, answered=True)

    def vacation(self, agency: str) -> bytes:
        self._numbers += 1
        sender, marks = scene.address_of(agency), {"Auto-Submitted": "auto-replied"}
        raw = scene.mail_of(sender, f"Đi vắng {self._numbers}", "Tôi đi vắng.", headers=marks)
        return self.arrive(raw, sender)

    def stranger(self) -> bytes:
        self._numbers += 1
        raw = scene.mail_of("ai-do@example.net", f"Quảng cáo {self._numbers}", "Mua ngay.")
        return self.arrive(raw, "ai-do@example.net")

    def arrive(
        self,
        raw: bytes,
        sender: str = "",
        content: tuple[str, str, int] | None = None,
        *,
        answered: bool = False,
        at: datetime | None = None,
        folder: str = "INBOX",
    ) -> bytes:
        """Put a mail on the server and into the ledger."""
        moment = at or self.now
        self.ledger.delivered.append(Delivered(raw, moment, _message_id(raw), sender, content, answered))
        self.imap.deliver(raw, moment, folder)
        return raw

    def _taken(self, letter: Received) -> None:
        """The submission server took a letter: it left, and its copy comes back to us."""
        self.ledger.left.append(Left(tuple(to for to in letter.recipients if to != scene.SELF_COPY), letter.raw))
        if self.copies and scene.SELF_COPY in letter.recipients:
            trace = f"Received: from submission by mailbox; {format_datetime(self.now)} ({len(self.ledger.left)})\r\n"
            raw = b"Return-Path: <cchc@tinh.example>\r\n" + trace.encode() + letter.raw
            self.ledger.delivered.append(Delivered(raw, self.now, _message_id(raw), scene.MAILBOX))
            self.imap.deliver(raw, self.now)

    # -- what the service does ---------------------------------------------------------------------------------------

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def call(self, *verb: str, **how: Any) -> Call:
        """One call of the command line at this moment."""
        return self.forge.end(self.begin(*verb, **how))

    def begin(self, *verb: str, **how: Any) -> int:
        self.calls.append(f"{self.now:%d/%m %H:%M:%S} {' '.join(verb)} {how or ''}")
        environment = {scene.PASSWORD_ENV: scene.PASSWORD, **how.pop("env", {})}
        moment = ("--at", self.now.isoformat())
        return self.forge.begin("-c", str(self.folder / "config.toml"), *moment, *verb, env=environment, **how)

    def well(self, *verb: str, **how: Any) -> Call:
        """The same, and it must go well."""
        lay_there = len(self.ledger.delivered)
        done = self.call(*verb, **how)
        assert done.code in FINE, self.story(done)
        if verb[0] == "poll":
            self.ledger.polled = lay_there
        return done

    def killed(self, *verb: str, **how: Any) -> bool:
        """One call that is to die; whether it did (a point may not be passed, a call may be quicker)."""
        done = self.call(*verb, **how)
        if done.killed:
            self.tally[done.passed[-1] if "strike" in how and done.passed else "any moment"] += 1
        else:
            assert done.code in FINE, self.story(done)
        return done.killed

    def settle(self) -> None:
        """Left alone for half an hour: one pass each quarter."""
        for minutes in (1, 16, 1):
            self.pass_time(minutes=minutes)
            self.well("poll")

    def close(self, week: int = 0) -> None:
        """The cutoff passes, everything the clock owes is done, and an hour goes by."""
        self.ledger.cutoffs.setdefault(scene.period(week), scene.cutoff(week))
        self.now = max(self.now, scene.cutoff(week) + timedelta(minutes=6))
        for _ in range(2):
            self.well("poll")
            self.well("tick")
            self.pass_time(minutes=70)
        self.settle()

    def story(self, done: Call) -> str:
        return "\n".join([*self.calls[-12:], f"exit {done.code}", done.out[-2000:], done.err[-6000:]])

    # -- what the judge says -----------------------------------------------------------------------------------------

    @property
    def database(self) -> Database:
        return Database(self.url)

    def judged(self, *, quiet: bool = True) -> list[str]:
        self.ledger.server = {name: list(folder.mails.values()) for name, folder in self.imap.folders.items()}
        broken = judge(self.ledger, self.database, self.folder / "vault", self.now, quiet=quiet)
        return [*broken, *self.calls[-12:]] if broken else []

    def good(self, *, quiet: bool = True) -> None:
        """No promise is broken."""
        broken = self.judged(quiet=quiet)
        assert not broken, "\n".join(broken)


def _message_id(raw: bytes) -> str:
    head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"message-id:"):
            return line.partition(b":")[2].strip().decode("ascii", "replace")
    return ""


Maker = Callable[..., Province]
