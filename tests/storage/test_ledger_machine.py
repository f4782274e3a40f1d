"""Any order of writes, sends, crashes and repetitions: each letter out once, the chain gapless, every state accounted for."""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from storage.engine import open_engine, upgrade
from storage.errors import Stale
from storage.ledger import Ledger
from storage.outbox import Outbox
from storage.proof import verify
from storage.records import Letter
from storage.vault import Vault
from tests.storage.ledger_samples import BOT, EARLY, PERIOD, judged, letter, sha, sighting
from tests.storage.sending import claim, retry, sent

RAWS = st.sampled_from([b"a", b"b", b"c"])
_TEMPLATE: list[Path] = []  # one migrated database, copied for every run


class Service(RuleBasedStateMachine):
    """What the service may do, beside a plain model of what must have come of it."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        file = self.folder / "ledger.db"
        if not _TEMPLATE:
            first = Path(tempfile.mkdtemp()) / "template.db"
            engine = open_engine(f"sqlite:///{first}")
            upgrade(engine)
            engine.dispose()
            _TEMPLATE.append(first)
        shutil.copy(_TEMPLATE[0], file)
        self.engine = open_engine(f"sqlite:///{file}")
        self.ledger, self.vault = Ledger(self.engine), Vault(self.folder / "vault")
        self.outbox = Outbox(self.ledger)
        self.now = EARLY
        self.kept: set[bytes] = set()
        self.submitted: set[bytes] = set()
        self.on_the_wire: list[Letter] = []
        self.delivered: dict[str, int] = {}  # Message-ID → how often a recipient saw it

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            shutil.rmtree(self.folder)

    @rule(raw=RAWS, folder=st.sampled_from(["INBOX", "Junk"]), uid=st.integers(1, 3), earlier=st.integers(0, 3))
    def fetch(self, raw: bytes, folder: str, uid: int, earlier: int) -> None:
        self.vault.put(raw)
        with self.ledger.write(self.now) as tx:
            _, new = tx.keep(sighting(raw, uid, EARLY - timedelta(minutes=earlier), folder))
        assert new == (raw not in self.kept)
        self.kept.add(raw)

    @precondition(lambda self: bool(self.kept))
    @rule(data=st.data(), crash=st.booleans())
    def handle(self, data: st.DataObject, crash: bool) -> None:
        raw = data.draw(st.sampled_from(sorted(self.kept)))
        try:
            with self.ledger.write(self.now) as tx:
                mail = tx.mail_by_sha256(sha(raw))
                assert mail is not None
                tx.begin_attempt(mail.id)
        except Stale:
            assert raw in self.submitted
            return
        if crash:  # found in ``reading`` at start-up, and given back
            with self.ledger.write(self.now) as tx:
                tx.move_mail(mail.id, "stored", expect=("reading",), why="reader_crashed")
            return
        with self.ledger.write(self.now) as tx:
            judged(tx, mail.id, received_at=mail.received_at)
            tx.add_letter(letter(f"mail:{mail.id}"), BOT)
            tx.move_mail(mail.id, "recorded", expect=("reading",))
        self.submitted.add(raw)

    @rule()
    def claim(self) -> None:
        self.on_the_wire += claim(self.outbox, self.now)

    @precondition(lambda self: bool(self.on_the_wire))
    @rule(how=st.sampled_from(["sent", "passing", "died before", "died after"]))
    def speak_smtp(self, how: str) -> None:
        owed = self.on_the_wire.pop()
        if how in ("sent", "died after"):
            self.delivered[owed.message_id] = self.delivered.get(owed.message_id, 0) + 1
        if how == "sent":
            sent(self.outbox, owed, self.now, "250", self.vault.put(owed.message_id.encode()))
        elif how == "passing":
            retry(self.outbox, owed, self.now, self.now + timedelta(minutes=5), "451")

    @rule()
    def start_again(self) -> None:
        self.on_the_wire = []
        self.outbox.stale_sending(self.now)
        for message_id in self.delivered:  # our own copies have come into the mailbox meanwhile
            self.outbox.settle(message_id, self.now)

    @rule(minutes=st.integers(1, 20))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        if not self.on_the_wire:
            self.outbox.resend_unknown(self.now)

    @invariant()
    def all_is_accounted_for(self) -> None:
        if not hasattr(self, "ledger"):
            return
        proof = verify(self.ledger, self.vault)
        assert proof.problems == ()
        with self.ledger.read() as q:
            counts = q.state_counts()
            assert q.tally("mail") == counts
            assert q.tally("letter") == q.outbox_counts()
            assert q.tally("sighting").get("there", 0) == q.sighting_count()
            assert sum(counts.values()) == len(self.kept)
            assert counts.get("recorded", 0) == len(self.submitted)
            receipts = [v.receipt for _, v in q.verdicts(PERIOD)]
            assert sorted(str(r) for r in receipts) == [
                f"CCHC-20170721-W-SNV-r{n + 1}" for n in range(len(self.submitted))
            ]
            assert len(q.letters()) == len(self.submitted)
            for mail in q.mails():
                assert mail.received_at == min(s.internaldate for s in q.sightings(mail_id=mail.id))
        assert all(times == 1 for times in self.delivered.values())


Service.TestCase.settings = settings(
    max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestService = Service.TestCase
