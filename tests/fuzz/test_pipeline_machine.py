"""Any order of mails, passes, ticks, restarts and failing stores: nothing lost, nothing doubled, nothing left undone.

The vault's disk, the database and the SMTP server fail at a step the machine chooses; the mailbox is a Maildir. At the end
everything is mended, two passes are made, and an independent count says what must be there.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from intake import wiring
from parsers.box import Box
from storage.engine import open_engine, upgrade
from storage.errors import Unavailable
from storage.ledger import Ledger
from storage.vault import Vault
from tests.pipeline.conftest import SharedBox
from tests.pipeline.world import World, at, mail, weekly_docx
from tests.servers.smtp_sink import SmtpSink

REPORT = {"Bao cao tuan.docx": weekly_docx()}
OTHER = {"Bao cao tuan.docx": weekly_docx("SỞ Y TẾ", number="12/BC-SYT")}
MAILS = (
    mail(files=REPORT),
    mail("sotaichinh@tinh.example", files=REPORT, text="gửi lại"),
    mail("syt@tinh.example", files=OTHER),
    mail("syt@tinh.example", files={"Bao cao tuan.docx": b"PK\x03\x04 cut"}),
    mail("a.b@gmail.example", files=REPORT),
    mail("stc@tinh.example", subject="Trả lời tự động", headers={"Auto-Submitted": "auto-replied"}),
    mail("MAILER-DAEMON@mail.example", headers={"Return-Path": "<>"}),
)
ANSWERED = frozenset(("stc@tinh.example", "sotaichinh@tinh.example", "syt@tinh.example"))
_SHARED: dict[str, Any] = {}


@contextmanager
def failing(where: str, after: int) -> Iterator[None]:
    """The store fails at its n-th use and at every one after it, until this is over."""
    target, name, error = {
        "vault": (Vault, "put_many", OSError(28, "No space left on device")),
        "ledger": (Ledger, "write", Unavailable("database is locked")),
        "nothing": (Vault, "has", None),
    }[where]
    real: Callable[..., Any] = getattr(target, name)
    used = 0

    def broken(*arguments: Any, **named: Any) -> Any:
        nonlocal used
        used += 1
        if error is not None and used > after:
            raise error
        return real(*arguments, **named)

    with patch.object(target, name, broken):
        yield


class Service(RuleBasedStateMachine):
    """What may happen, and beside it only the list of what was delivered."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        shutil.copy(_SHARED["template"], self.folder / "cchc.db")
        self.sink = SmtpSink().start()
        self.port = self.sink.port
        self.world = World(self.folder, self.sink)
        self.now = at("2017-07-20 08:00:00")
        self.delivered: set[bytes] = set()
        self.senders: dict[str, str] = {}

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.check()
        finally:
            self.sink.stop()
            shutil.rmtree(self.folder)

    def verb(self, name: str) -> int:
        self.now += timedelta(seconds=30)
        return self.world.cchc(name, now=self.now.isoformat(" ").removesuffix("+07:00")).code

    @rule(which=st.sampled_from(range(len(MAILS))))
    def arrive(self, which: int) -> None:
        self.now += timedelta(seconds=30)
        raw = self.world.deliver(MAILS[which], self.now)
        self.delivered.add(raw)
        self.senders[hashlib.sha256(raw).hexdigest()] = str(MAILS[which]["From"])

    @rule(verb=st.sampled_from(["poll", "tick", "reconcile"]))
    def work(self, verb: str) -> None:
        assert self.verb(verb) in (0, 1, 3)

    @rule(verb=st.sampled_from(["poll", "tick"]), where=st.sampled_from(["vault", "ledger"]), after=st.integers(0, 8))
    def work_while_it_fails(self, verb: str, where: str, after: int) -> None:
        with failing(where, after):
            assert self.verb(verb) in (0, 1, 3), f"{verb} with a failing {where} is no bug of ours"

    @rule(on=st.booleans())
    def smtp(self, on: bool) -> None:
        self.sink.stop()
        if on:
            self.sink.port = self.port
            self.sink.start()

    @rule(hours=st.sampled_from([1, 5, 26]))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    def check(self) -> None:
        """Everything is mended; then the count."""
        self.smtp(True)
        for _ in range(2):
            self.now += timedelta(hours=1)
            assert self.verb("poll") in (0, 1)
            assert self.verb("tick") == 0
        now = self.now.isoformat(" ").removesuffix("+07:00")
        rows = self.world.log(now, "--limit", "1000")
        assert Counter(row["sha256"] for row in rows) == Counter(
            hashlib.sha256(raw).hexdigest() for raw in self.delivered
        )
        for raw in self.delivered:
            name = hashlib.sha256(raw).hexdigest()
            assert (self.folder / "vault" / name[:2] / name).read_bytes() == raw
        assert {row["state"] for row in rows} <= {
            "recorded",
            "needs_review",
            "not_a_report",
            "automatic",
            "bounce",
            "duplicate",
        }
        acks = Counter(x.message["In-Reply-To"] for x in self.sink.received if x.message["In-Reply-To"])
        assert max(acks.values(), default=1) == 1, "at most one answer a mail"
        assert {address for x in self.sink.received for address in x.recipients} <= ANSWERED | {
            "thuky@tinh.example", "snv@tinh.example", "hdt@tinh.example",
        }  # fmt: skip
        contents = [(s["agency"], s["period"], row["sha256"]) for row in rows for s in row["submissions"]]
        assert len(contents) == len(set(contents))
        assert self.world.cchc("verify", now=now).code == 0


@pytest.mark.slow
def test_no_order_of_faults_loses_or_doubles_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    template = tmp_path / "template.db"
    engine = open_engine(f"sqlite:///{template}")
    upgrade(engine)
    engine.dispose()
    _SHARED["template"] = template
    with Box() as box:
        monkeypatch.setattr(SharedBox, "box", box, raising=False)
        monkeypatch.setattr(wiring, "Box", SharedBox)
        case = Service.TestCase
        case.settings = settings(
            max_examples=6,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        case("runTest").runTest()
