"""Plain frozen rows that go into and come out of the ledger. Moments are aware UTC datetimes; JSON columns are plain dicts.

Nothing here knows what a mail or a form is: keys and reasons are text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Json = dict[str, Any]
ASIDE = "set_aside"  # kind of log entry: a mail nobody could open stands in doubt, or no longer does


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the intake log. ``hash`` covers every other fixed field, the payload by its salted sha256."""

    seq: int
    at: datetime
    clock: str  # system | given
    kind: str  # kept, recorded, verdict, decision, period_opened, closed, letter, roster, restore …
    actor: str  # system | cli:<user> | person:<id>
    subject: str  # "mail:17", "due:weekly:2017-07-21/SNV", "period:…"; never an address or a name
    payload_sha256: str
    prev: str
    hash: str
    payload: Json | None = None  # None once erased


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mail seen in a folder of an account, at a UID of a UIDVALIDITY epoch."""

    account: str  # "imaps://cchc@mail.example:993"
    folder: str
    uidvalidity: int  # 0 = the server gave none
    uid: int
    sha256: str
    internaldate: datetime
    size: int
    border_received: datetime | None = None
    mail_id: int = 0
    seen_at: datetime | None = None
    filed: bool = False  # moved away by us, or found where we file
    gone: bool = False  # no longer on the server where it was seen


@dataclass(frozen=True, slots=True)
class Mail:
    """One distinct raw mail."""

    id: int
    sha256: str
    size: int
    state: str
    reason: str | None
    automatic: str | None
    version: int
    attempts: int
    received_at: datetime
    internaldate: datetime
    border_received: datetime | None
    seen_at: datetime
    sent_at: datetime | None = None
    judged_at: datetime | None = None
    from_address: str = ""
    subject: str = ""
    message_id: str | None = None
    facts: Json = field(default_factory=dict)  # sender, gate, explain trail: what the rules saw


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail not read yet, as little of it as its turn depends on: there may be a hundred thousand."""

    id: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a mail; id in the contract is "{mail}.{n}"."""

    mail_id: int
    n: int
    path: tuple[str, ...]
    name: str
    sha256: str
    size: int
    type: str
    outcome: str
    reason: str | None = None
    copy_of: int | None = None  # n of the part it copies
    findings: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of one report by one version of our tools; append-only. ``report`` is the contract's report object."""

    mail_id: int
    part_n: int
    report_n: int
    form: str
    form_sha256: str
    reader: str
    at: datetime
    report: Json
    id: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """What one report claims: facts that never change. Verdicts and decisions stand beside it."""

    mail_id: int
    part_n: int  # 0: the mail as a whole
    report_n: int  # 0: no report could be read
    type: str
    agency: str
    received_at: datetime
    content_key: str = ""
    candidates: tuple[str, ...] = ()  # other agencies whose due it may be
    window_from: date | None = None
    window_to: date | None = None
    stated_period: str | None = None
    answers: str | None = None
    core_stated: int = 0
    core_total: int = 0
    recognised: bool = True
    blocked: str | None = None
    refused: str | None = None
    findings: tuple[Json, ...] = ()
    reading_id: int | None = None
    id: int = 0
    recorded_at: datetime | None = None
    seq: int = 0

    @property
    def ref(self) -> str:
        """The contract's id: "17.2.1"."""
        return f"{self.mail_id}.{self.part_n}.{self.report_n}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judge's word on a submission at a moment; append-only, the latest counts."""

    submission_id: int
    agency: str
    type: str
    period: str | None
    how: str
    outcome: str
    timing: str
    late_seconds: int
    received_at: datetime  # the deciding moment used
    acceptable: bool
    creditable: bool
    due_at: datetime | None = None
    due_original: datetime | None = None
    due_why: str | None = None
    receipt: str | None = (
        None  # given by the ledger: n follows recording order inside (type, period, agency), never reused
    )
    revision: int | None = None
    duplicate_of: str | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()
    versions: Json = field(default_factory=dict)  # form, rules, calendar, roster
    rule: str = ""  # "internaldate<=due"
    id: int = 0
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an agency said of a finding by answering our letter; append-only, the latest for a finding counts."""

    submission_id: int
    agency: str
    type: str
    period: str | None
    code: str  # "W03"
    about: tuple[str, ...]  # what the finding is about, for remembering: ("received:up",)
    message: str  # the finding's sentence with its numbers: says which finding was meant
    reason: str  # the agency's words, one line
    mail_id: int  # the answer it stands in
    id: int = 0
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, append-only."""

    target: str  # "mail:17", "submission:5", "due:weekly:2017-07-21/SNV", "period:weekly:2017-07-21"
    what: str  # agency, period, set, accept, refuse, not-a-report, credit, withdraw, deemed-at, waive, extend …
    before: str | None
    after: str | None
    reason: str
    who: str
    second: str | None = None
    id: int = 0
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period opened (frozen then); later rows for the same key are changes for everybody. The latest counts."""

    key: str
    type: str
    window_from: date
    window_to: date
    due_original: datetime
    due_at: datetime
    due_why: str | None = None
    skipped: bool = False
    calendar_version: str = ""
    roster_version: str = ""
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueRow:
    """A due as frozen at opening, or one change of it; append-only, the latest counts."""

    period: str
    type: str
    agency: str
    status: str  # required | extended | waived | not_applicable
    due_at: datetime
    due_original: datetime
    due_why: str | None = None
    paper: str = "not_required"
    paper_number: str = ""
    reason: str = ""
    after_cutoff: bool = False
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """Something a person must look at."""

    kind: str  # mail, submission, reading_differs, unknown_sender, set_aside …
    reason: str
    mail_id: int | None = None
    submission_id: int | None = None
    detail: Json = field(default_factory=dict)
    id: int = 0
    seq: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1


RETURNED = re.compile(r"bounced: mail (\d+)(?:: (.+))?")  # the reply noted for a letter a delivery report returned


def returned_by(mail_id: int, addresses: Sequence[str] = ()) -> str:
    """What is noted of a letter that came back, ``RETURNED``; ``addresses``: those of its recipients it came back from, none for all.

    >>> RETURNED.fullmatch(returned_by(17, ["a@x.example", "b@x.example"])).groups()
    ('17', 'a@x.example, b@x.example')
    """
    return f"bounced: mail {mail_id}" + (f": {', '.join(addresses)}" if addresses else "")


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox. ``facts`` holds all that its text needs; ``message_id`` is final before the first try."""

    kind: str
    about: str  # "mail:17", "due:weekly:2017-07-21/SNV", "period:weekly:2017-07-21"
    to: tuple[str, ...]
    facts: Json
    state: str = "pending"  # pending | sending | sent | unknown | failed | withheld
    n: int = 1  # UNIQUE(about, kind, n)
    withheld_because: str | None = None
    agency: str | None = None
    period: str | None = None
    id: int = 0
    message_id: str = ""
    seq: int = 0  # log position printed in the letter
    hash: str = ""  # hash of that log entry
    created_at: datetime | None = None
    attempts: int = 0
    next_try_at: datetime | None = None
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    smtp_reply: str | None = None
    raw_sha256: str | None = None  # the exact bytes handed to SMTP, kept in the vault

    @property
    def unreached(self) -> tuple[str, ...]:
        """The recipients it did not reach, once it failed: those a delivery report named, else all."""
        if self.state != "failed":
            return ()
        returned = RETURNED.fullmatch(self.smtp_reply or "")
        return tuple(returned[2].split(", ")) if returned and returned[2] else self.to


@dataclass(frozen=True, slots=True)
class Step:
    """A thing the clock owed and did: UNIQUE(type, period, step)."""

    type: str
    period: str
    step: str  # opened, reminder:D-1 14:00, closed, missing, digest-provisional, digest
    at: datetime
    detail: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterVersion:
    """A roster as imported, whole."""

    csv: str
    sha256: str
    effective: date
    id: int = 0
    seq: int = 0
    at: datetime | None = None
