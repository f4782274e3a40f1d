"""A small story told to a ledger: one agency's weekly report, received, read, judged, answered."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

from storage.ledger import Ledger, Queries, Tx
from storage.records import DueRow, Letter, Part, PeriodRow, Reading, Sighting, Submission, Verdict
from storage.vault import Vault

DUE = datetime(2017, 7, 21, 3, 0, tzinfo=UTC)  # Friday 10:00 in Hà Nội
EARLY = DUE - timedelta(minutes=40)
PERIOD = "weekly:2017-07-21"
ACCOUNT = "imaps://cchc@mail.example:993"
BOT = "cchc.example"


def sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def sighting(raw: bytes = b"raw", uid: int = 7, at: datetime = EARLY, folder: str = "INBOX", **more: Any) -> Sighting:
    return Sighting(
        **{
            "account": ACCOUNT,
            "folder": folder,
            "uidvalidity": 1,
            "uid": uid,
            "sha256": sha(raw),
            "internaldate": at,
            "size": len(raw),
        }
        | more
    )


def kept(ledger: Ledger, raw: bytes = b"raw", uid: int = 7, at: datetime = EARLY, now: datetime | None = None) -> int:
    with ledger.write(now or at) as tx:
        return tx.keep(sighting(raw, uid, at))[0]


def submission(mail_id: int, agency: str = "SNV", **more: Any) -> Submission:
    fields = {"mail_id": mail_id, "part_n": 1, "report_n": 1, "type": "weekly", "agency": agency, "received_at": EARLY}
    return Submission(**fields | more)


def verdict(submission_id: int, agency: str = "SNV", **more: Any) -> Verdict:
    fields: dict[str, Any] = {
        "submission_id": submission_id, "agency": agency, "type": "weekly", "period": PERIOD, "how": "window",
        "outcome": "accepted", "timing": "on_time", "late_seconds": -2400, "received_at": EARLY, "acceptable": True,
        "creditable": True, "due_at": DUE, "due_original": DUE, "rule": "internaldate<=due",
    }  # fmt: skip
    return Verdict(**fields | more)


def reading(mail_id: int, received: int = 12, **more: Any) -> Reading:
    report = {"n": 1, "figures": {"received": {"value": received, "state": "number", "raw": str(received)}}}
    fields = {
        "mail_id": mail_id,
        "part_n": 1,
        "report_n": 1,
        "form": "weekly@1",
        "form_sha256": "f" * 64,
        "reader": "docx/1",
        "at": EARLY,
    }
    return Reading(**fields | {"report": report} | more)


def letter(about: str, kind: str = "acknowledgement", **more: Any) -> Letter:
    return Letter(**{"kind": kind, "about": about, "to": ("snv@agency.example",), "facts": {"receipt": "r"}} | more)


def period(key: str = PERIOD, due_at: datetime = DUE, **more: Any) -> PeriodRow:
    fields = {
        "key": key,
        "type": "weekly",
        "window_from": date(2017, 7, 14),
        "window_to": date(2017, 7, 20),
        "due_original": due_at,
        "due_at": due_at,
    }
    return PeriodRow(**fields | more)


def due(agency: str, key: str = PERIOD, due_at: datetime = DUE, **more: Any) -> DueRow:
    fields = {
        "period": key,
        "type": "weekly",
        "agency": agency,
        "status": "required",
        "due_at": due_at,
        "due_original": due_at,
    }
    return DueRow(**fields | more)


def judged(tx: Tx, mail_id: int, agency: str = "SNV", received: int = 12, **more: Any) -> Verdict:
    """One report of a mail, read, submitted and judged."""
    given = {
        name: more.pop(name) for name in ("part_n", "report_n", "content_key", "candidates", "type") if name in more
    }
    place = {name: given[name] for name in ("part_n", "report_n") if name in given}
    number = tx.add_reading(reading(mail_id, received, **place))
    claim = tx.add_submission(submission(mail_id, agency, reading_id=number, **given))
    return tx.add_verdict(verdict(claim.id, agency, **({"type": given["type"]} if "type" in given else {}) | more))


def recorded(ledger: Ledger, vault: Vault, raw: bytes, agency: str = "SNV", uid: int = 7, at: datetime = EARLY) -> int:
    """A whole mail from vault to letter owed; its number."""
    vault.put(raw)
    mail_id = kept(ledger, raw, uid, at)
    with ledger.write(at) as tx:
        tx.begin_attempt(mail_id)
    with ledger.write(at) as tx:
        tx.set_mail_facts(
            mail_id,
            from_address=f"{agency.lower()}@agency.example",
            subject="Báo cáo tuần",
            search=f"bao cao tuan {agency.lower()}",
        )
        tx.add_part(Part(mail_id, 1, ("1.2",), "Báo cáo.docx", sha(raw + b"part"), 5, "docx", "read"))
        judged(tx, mail_id, agency, received_at=at)
        tx.add_letter(letter(f"mail:{mail_id}", agency=agency, period=PERIOD), BOT)
        tx.move_mail(mail_id, "recorded", expect=("reading",), judged_at=at)
    return mail_id


def plan_of(q: Queries, statement: Any, **given: Any) -> str:
    """How the database would find what a statement asks, indexes before walks even of few rows."""
    asked = statement.params(**given).compile(q.connection, compile_kwargs={"literal_binds": True})
    if q.connection.dialect.name == "sqlite":
        return " ".join(str(row) for row in q.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
    q.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return " ".join(str(row) for row in q.connection.exec_driver_sql(f"EXPLAIN {asked}"))
