"""The judge of the faults: his own ledger of what was delivered and what left, the database asked in plain SQL, files read as files.

He shares no code with the service: the cutoff, the chain and the promises are written here a second time. ``Ledger`` is kept
by the fake servers; ``judge`` names every promise broken, an empty list being the only good answer.

P1 every mail delivered is one row with the right bytes, still on the server, received when the server said
P2 each content is one submission   P3 one acknowledgement where owed, none elsewhere, none twice   P4 nothing waits
P5 what was not read has a reason   P6 lateness is INTERNALDATE against Friday 10:00   P7 the chain holds
P8 nobody is called missing who was not, and the final digest of a closed period went once
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import psycopg

LONGEST_WAIT = timedelta(minutes=15)  # P4
DONE = {"recorded", "needs_review", "not_a_report", "automatic", "bounce", "duplicate", "own", "test"}
SETTLED = {"sent", "failed", "withheld"}


@dataclass(frozen=True)
class Delivered:
    """One mail put into the mailbox."""

    raw: bytes
    at: datetime  # INTERNALDATE
    message_id: str = ""
    sender: str = ""
    content: tuple[str, str, int] | None = None  # (agency, period, files taken in): the report it carries
    answered: bool = False  # whether an acknowledgement is owed (the first mail with a content)
    set_aside: bool = False  # whether it may stand aside
    refused: bool = False  # whether the sender's server refuses every letter to him for good
    unread: bool = False  # whether it is no report, whatever it tries to be

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True)
class Left:
    """One SMTP transaction that ended with the server taking the letter."""

    recipients: tuple[str, ...]
    raw: bytes
    confirmed: bool = True  # whether the server's 250 went out

    def header(self, name: str) -> str:
        return _headers(self.raw).get(name.lower(), "")

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return self.header("Message-ID")

    @property
    def kind(self) -> str:
        return self.message_id.lstrip("<").partition(".")[0]


@lru_cache(maxsize=8192)
def _headers(raw: bytes) -> dict[str, str]:
    lines = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n ", b" ").decode("ascii", "replace")
    pairs = (line.partition(":") for line in lines.split("\n"))
    return {name.lower(): value.strip() for name, _, value in pairs}


@dataclass
class Ledger:
    """What the world outside knows."""

    delivered: list[Delivered] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    server: dict[str, list[bytes]] = field(default_factory=dict)  # folder -> mails lying there now
    agencies: dict[str, str] = field(default_factory=dict)  # code -> address; each owes every period
    secretariat: str = ""
    cutoffs: dict[str, datetime] = field(default_factory=dict)  # period -> Friday 10:00
    may_go_twice: bool = False  # a crash after the text with no copy to ourselves: the same letter may come twice
    polled: int = 0  # so many of ``delivered`` lay there before the last pass that went well
    filing: bool = True  # whether mails done with leave the inbox
    lost_on_server: bool = False  # the fault deleted mails on the server itself


@dataclass(frozen=True)
class Database:
    """One connection for each question; SQLite read-only."""

    url: str

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        if self.url.startswith("sqlite:///"):
            path = self.url.removeprefix("sqlite:///")
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.url, autocommit=True, options="-c timezone=UTC") as line:
            return line.execute(sql.encode()).fetchall()


def judge(ledger: Ledger, database: Database, vault: Path, now: datetime, *, quiet: bool = True) -> list[str]:
    """Every promise broken, in words. ``quiet``: the service was left alone until nothing could be waiting any more."""
    found = [
        *_kept(ledger, database, vault, len(ledger.delivered) if quiet else ledger.polled),
        *_submissions(ledger, database),
        *_reasons(database),
        *_chain(database),
        *_answers(ledger, whole=quiet),
    ]
    if quiet:
        found += [*_nothing_waits(ledger, database), *_clock_letters(ledger, database, now)]
    return found


# ---- P1: rows and bytes ----------------------------------------------------------------------------------------------


def _kept(ledger: Ledger, database: Database, vault: Path, polled: int) -> Iterable[str]:
    rows = database.ask("SELECT sha256, size, received_at, state FROM mail")
    counted = Counter(row[0] for row in rows)
    by_hash = {row[0]: row for row in rows}
    earliest: dict[str, Delivered] = {}
    for mail in ledger.delivered:
        known = earliest.get(mail.sha256)
        earliest[mail.sha256] = mail if known is None or mail.at < known.at else known
    owed = {mail.sha256 for mail in ledger.delivered[:polled]}
    for sha256, mail in earliest.items():
        if not counted[sha256] and sha256 not in owed:
            continue
        if counted[sha256] != 1:
            yield f"P1: {counted[sha256]} rows for {mail.message_id}"
            continue
        _, size, received_at, _state = by_hash[sha256]
        if size != len(mail.raw):
            yield f"P1: {mail.message_id} has size {size}, was {len(mail.raw)}"
        if _moment(received_at) != mail.at:
            yield f"P1: {mail.message_id} received {received_at}, the server said {mail.at}"
        file = vault / sha256[:2] / sha256
        if not file.is_file() or file.read_bytes() != mail.raw:
            yield f"P1: the vault does not hold the bytes of {mail.message_id}"
    for sha256 in counted.keys() - earliest.keys():
        yield f"P1: a row for a mail nobody delivered: {sha256}"
    lying = Counter(hashlib.sha256(raw).hexdigest() for mails in ledger.server.values() for raw in mails)
    sent = Counter(mail.sha256 for mail in ledger.delivered)
    if ledger.server and not ledger.lost_on_server:
        for sha256 in sent:
            if lying[sha256] < 1:
                yield f"P1: {earliest[sha256].message_id} is no longer on the server"


# ---- P2, P6: submissions and lateness --------------------------------------------------------------------------------

_LATEST = """
SELECT m.sha256, s.agency, v.period, v.timing, v.late_seconds, v.received_at, v.duplicate_of, v.acceptable
FROM submission s JOIN mail m ON m.id = s.mail_id
JOIN verdict v ON v.id = (SELECT max(id) FROM verdict w WHERE w.submission_id = s.id)
"""


def _submissions(ledger: Ledger, database: Database) -> Iterable[str]:
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in database.ask(_LATEST):
        rows[row[0]].append(row)
    read = {row[0] for row in database.ask("SELECT sha256 FROM mail WHERE state NOT IN ('stored', 'reading')")}
    first: dict[tuple[str, str, int], str] = {}
    alone: Counter[tuple[str, str, int]] = Counter()
    for mail in sorted(ledger.delivered, key=lambda m: (m.at, m.sha256)):
        mine = rows.get(mail.sha256, [])
        if mail.unread:
            continue
        if mail.content is None:
            if mine:
                yield f"P2: {mail.message_id} carries no report and has {len(mine)} submissions"
            continue
        if mail.sha256 not in read:
            continue  # P4 says so when it waits too long
        if len({row[0] for row in mine}) != 1 or len(mine) != 1:
            yield f"P2: {len(mine)} submissions for {mail.message_id}"
            continue
        agency, period, _ = mail.content
        _, got_agency, got_period, timing, late, received_at, duplicate_of, acceptable = mine[0]
        due = ledger.cutoffs[period]
        if (got_agency, got_period) != (agency, period):
            yield f"P2: {mail.message_id} counted for {got_agency} {got_period}, is of {agency} {period}"
        if _moment(received_at) != mail.at:
            yield f"P6: {mail.message_id} judged by {received_at}, received {mail.at}"
        right = max(0, int((mail.at - due).total_seconds()))
        if late != right or (timing == "on_time") != (mail.at <= due):
            yield f"P6: {mail.message_id} is {timing}, {late} s; received {mail.at}, due {due}"
        if not acceptable and duplicate_of is None:
            yield f"P2: {mail.message_id} is a whole report and not acceptable"
        first.setdefault(mail.content, mail.sha256)
        alone[mail.content] += duplicate_of is None
    for content in first:
        if alone[content] != 1:
            yield f"P2: {alone[content]} submissions of the content {content}"


# ---- P3: what a sender sees ------------------------------------------------------------------------------------------


def _answers(ledger: Ledger, *, whole: bool) -> Iterable[str]:
    answers: dict[str, list[Left]] = defaultdict(list)
    for letter in ledger.left:
        if letter.kind in ("acknowledgement", "result"):
            answers[letter.header("In-Reply-To")].append(letter)
    known = {mail.message_id: mail for mail in ledger.delivered if mail.message_id}
    owed = {mail.message_id: _any_of(mail, ledger) for mail in ledger.delivered if mail.answered}
    may = {message_id for several in owed.values() for message_id in several}
    for original, letters in answers.items():
        mail = known.get(original)
        if mail is None or original not in may:
            yield f"P3: an answer to {original or 'nothing'}, to which none is owed"
        elif any(mail.sender not in letter.recipients for letter in letters):
            yield f"P3: an answer to {original} went to somebody else: {[x.recipients for x in letters]}"
        if len({letter.message_id for letter in letters}) > 1:
            yield f"P3: {len({letter.message_id for letter in letters})} different acknowledgements of {original}"
    for message_id, several in owed.items():
        answered = [one for one in several if answers.get(one)]
        if whole and not answered and not known[message_id].refused:
            yield f"P3: no acknowledgement of {message_id}"
        if len(answered) > 1:
            yield f"P3: {len(answered)} mails of one second with one content were answered: {answered}"
    transmissions = Counter(letter.message_id for letter in ledger.left)
    for message_id, count in transmissions.items():
        if count > 1 and not ledger.may_go_twice:
            yield f"P3: {message_id} went out {count} times"
    for message_id, count in Counter(
        message_id for message_id, _ in {(x.message_id, x.raw) for x in ledger.left}
    ).items():
        if count > 1:
            yield f"P3: {message_id} went out as {count} different texts"


def _any_of(mail: Delivered, ledger: Ledger) -> list[str]:
    """Mails one of which is answered for all: the mail, and those with its content received in the very same second."""
    if mail.content is None:
        return [mail.message_id]
    return [x.message_id for x in ledger.delivered if x.content == mail.content and x.at == mail.at]


# ---- P4, P5, P7 ------------------------------------------------------------------------------------------------------


def _nothing_waits(ledger: Ledger, database: Database) -> Iterable[str]:
    aside = {mail.sha256 for mail in ledger.delivered if mail.set_aside}
    for sha256, state in database.ask("SELECT sha256, state FROM mail"):
        if state not in DONE and not (state == "set_aside" and sha256 in aside):
            yield f"P4: mail {sha256[:8]} is still {state}"
    for message_id, state in database.ask("SELECT message_id, state FROM letter"):
        if state not in SETTLED:
            yield f"P4: letter {message_id} is still {state}"
    inbox = ledger.server.get("INBOX", [])
    waiting = [raw for raw in inbox if hashlib.sha256(raw).hexdigest() not in aside]
    if waiting and ledger.filing:
        yield f"P4: {len(waiting)} mails are not filed"


def _reasons(database: Database) -> Iterable[str]:
    for sha256, state in database.ask(
        "SELECT sha256, state FROM mail WHERE state IN ('needs_review', 'set_aside') AND coalesce(reason, '') = ''"
    ):
        yield f"P5: mail {sha256[:8]} is {state} without a reason"
    for name, outcome in database.ask(
        "SELECT name, outcome FROM part WHERE outcome IN ('needs_review', 'refused') AND coalesce(reason, '') = ''"
    ):
        yield f"P5: part {name} is {outcome} without a reason"


def _chain(database: Database) -> Iterable[str]:
    before, expected = "0" * 64, 1
    for seq, at, clock, kind, actor, subject, payload_sha256, prev, stored, salt, text in database.ask(
        "SELECT e.seq, e.at, e.clock, e.kind, e.actor, e.subject, e.payload_sha256, e.prev, e.hash, p.salt, p.text"
        " FROM log_entry e LEFT JOIN payload p ON p.seq = e.seq ORDER BY e.seq"
    ):
        fields = {
            "actor": actor,
            "at": _moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "clock": clock,
            "kind": kind,
            "payload_sha256": payload_sha256,
            "prev": prev,
            "seq": seq,
            "subject": subject,
        }
        line = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if seq != expected or prev != before or hashlib.sha256(line.encode()).hexdigest() != stored:
            yield f"P7: the chain breaks at {seq}"
        if text is None or hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest() != payload_sha256:
            yield f"P7: the payload of {seq} is not the one hashed"
        before, expected = stored, seq + 1


# ---- P8: letters of the clock ----------------------------------------------------------------------------------------


def _clock_letters(ledger: Ledger, database: Database, now: datetime) -> Iterable[str]:
    """Periods closed for over an hour: their notices and their digest."""
    period_of = dict(database.ask("SELECT message_id, period FROM letter"))
    left = {letter.message_id: letter for letter in ledger.left}.values()
    for period, due in ledger.cutoffs.items():
        about = [letter for letter in left if period_of.get(letter.message_id) == period]
        notices = Counter(to for letter in about if letter.kind == "missing_notice" for to in letter.recipients)
        came = {m.content[0] for m in ledger.delivered if m.content and m.content[1] == period}
        in_time = {m.content[0] for m in ledger.delivered if m.content and m.content[1] == period and m.at <= due}
        for code, address in ledger.agencies.items():
            if code in in_time and notices[address]:
                yield f"P8: {code} was called missing for {period}, its report had come in time"
            if notices[address] > 1:
                yield f"P8: {code} was called missing {notices[address]} times for {period}"
            if now > due + timedelta(hours=1) and code not in came and not notices[address]:
                yield f"P8: {code} sent nothing for {period} and was not told"
        finals = [x for x in about if x.kind == "digest" and x.message_id.startswith("<digest.2.")]
        if now > due + timedelta(hours=1) and len(finals) != 1:
            yield f"P8: {len(finals)} final digests of {period}"


def _moment(value: str | datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC)


def states(database: Database) -> dict[str, int]:
    """How many mails stand where."""
    return dict(database.ask("SELECT state, count(*) FROM mail GROUP BY state"))


def letters_of(left: Sequence[Left], kind: str) -> list[Left]:
    return [letter for letter in left if letter.kind == kind]
