"""Proving that nothing was altered: the chain from its stored text, the rows it pins, the vault, the letters, the witnesses.

Problems are plain dicts ``{"code", "seq" or "mail" or "letter", "detail"}``. Codes of the chain are those of the offline
verifier (``gap link entry moment payload payload_gone anchor``); of the rows: ``row_missing`` (logged, no longer there), ``row_differs``
(not what was logged, or a light copy that is not what its reading says), ``row_unlogged``; of the mails: ``mail_missing mail_differs vault``; of the letters:
``letter_position`` (printed position and hash are not the log's), ``letter_raw`` (what was sent is not in the vault),
``letter_differs`` (sent, failed or sent otherwise according to the outbox, not according to the log).
An erased payload or mail is no problem: its entry stands, what it held is gone on purpose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Text, select, type_coerce

from storage.chain import GENESIS, canonical, moment_text
from storage.ledger import Ledger, Queries
from storage.records import Json
from storage.stated_tables import follows
from storage.tables import METADATA, table
from storage.vault import Vault
from storage.verify_export import Chain
from storage.write_letters import PINNED
from storage.write_log import row_sha256

CHUNK = 1000  # entries looked at together: memory stays flat whatever the log's length
_entry, _payload, _mail, _letter = table("log_entry"), table("payload"), table("mail"), table("letter")
_reading, _stated = table("reading"), table("stated")
_WITH_ROWS = sorted(name for name in METADATA.tables if "seq" in table(name).c and name not in ("log_entry", "payload"))
_UNPINNED = frozenset(("review",))  # it changes when it is closed; its entries say what was asked and answered
_FATES = frozenset(("letter_sent", "letter_failed", "letter_unknown"))
_Fate = tuple[str, str | None]  # state, raw_sha256
_CLOCKS = frozenset(("kept", "received_earlier", "received_later"))


@dataclass(frozen=True, slots=True)
class Proof:
    """What verifying found."""

    ok: bool
    entries: int
    head: Json  # {"seq", "hash"}
    problems: tuple[Json, ...]


@dataclass(slots=True)
class _Told:
    """What the log tells of one mail."""

    sha256: str = ""
    received_at: str = ""
    state: str = ""


def verify(ledger: Ledger, vault: Vault | None, anchors: Iterable[Mapping[str, Any]] = ()) -> Proof:
    """Recompute everything in one snapshot; without a vault its files are not read."""
    with ledger.read() as q:
        return examine(q, vault, anchors)


def examine(q: Queries, vault: Vault | None, anchors: Iterable[Mapping[str, Any]] = ()) -> Proof:
    """The same inside a snapshot, or a transaction, already begun."""
    chain, mails, fates = Chain(), dict[int, _Told](), dict[str, _Fate]()
    for chunk in _chunks(q):
        for entry in chunk:
            chain.take(entry)
            _note(entry, mails, fates)
        chain.problems += _rows_against(q, chunk)
    chain.finish()
    for anchor in anchors:
        chain.anchor(dict(anchor))
    chain.problems += _stated_against(q)
    chain.problems += _mails_against(q, mails, vault)
    chain.problems += _letters_against(q, chain.hashes, fates, vault)
    head = {"seq": chain.seq, "hash": chain.hash}
    return Proof(not chain.problems, len(chain.hashes), head, tuple(chain.problems))


def export(ledger: Ledger, file: Path) -> Json:
    """Write the log for the offline verifier: a line naming entries and head, then a line an entry; the head."""
    with ledger.read() as q, file.open("w", encoding="utf-8") as out:
        return write_log(q, out.write)


def write_log(
    q: Queries, write: Callable[[str], object], told: Callable[[Mapping[str, Any]], bool] = lambda _entry: True
) -> Json:
    """The same, some lines at a time; a payload that need not be ``told`` is left out and marked so. The head."""
    last = q.head()
    head = {"seq": last.seq, "hash": last.hash} if last else {"seq": 0, "hash": GENESIS}
    write(canonical({"schema": "cchc.export/1", "entries": head["seq"], "head": head}) + "\n")
    left_out = {"payload": None, "salt": None, "left_out": True}
    for chunk in _chunks(q):
        write("".join(canonical(entry if told(entry) else entry | left_out) + "\n" for entry in chunk))
    return head


def _chunks(q: Queries) -> Iterator[list[dict[str, Any]]]:
    after = 0
    while found := raw_entries(q, after, CHUNK):
        yield found
        after = found[-1]["seq"]


def raw_entries(q: Queries, after: int, limit: int) -> list[dict[str, Any]]:
    """Entries after that position as stored, moments as text, with salt and payload text (None once erased)."""
    at = type_coerce(_entry.c.at, Text) if q.connection.dialect.name == "sqlite" else _entry.c.at
    fields = [column for column in _entry.c if column.name != "at"]
    statement = (
        select(*fields, at.label("at"), _payload.c.salt, _payload.c.text.label("payload"))
        .outerjoin(_payload, _payload.c.seq == _entry.c.seq)
        .where(_entry.c.seq > after)
        .order_by(_entry.c.seq)
        .limit(limit)
    )
    found = [dict(row._mapping) for row in q.connection.execute(statement)]  # noqa: SLF001 - the documented accessor
    for entry in found:
        entry["at"] = entry["at"] if isinstance(entry["at"], str) else moment_text(entry["at"])
    return found


def _rows_against(q: Queries, chunk: list[dict[str, Any]]) -> Iterator[Json]:
    """The rows written with these entries, against what the entries pin."""
    pinned = {}
    for entry in chunk:
        said = _said(entry)
        if "row_sha256" in said:
            pinned[entry["seq"], said.get("table")] = said["row_sha256"]
    erased = {entry["seq"] for entry in chunk if entry["payload"] is None}
    seen = set()
    for name in _WITH_ROWS:
        rows = table(name)
        for row in q.connection.execute(select(rows).where(rows.c.seq.between(chunk[0]["seq"], chunk[-1]["seq"]))):
            fields = dict(row._mapping)  # noqa: SLF001 - the documented accessor
            key = (fields["seq"], name)
            seen.add(key)
            if name == "letter":
                fields = {column: fields[column] for column in PINNED}
            if key not in pinned and name not in _UNPINNED and key[0] not in erased:
                yield {"code": "row_unlogged", "seq": key[0], "detail": f"a row of {name} the entry does not speak of"}
            elif key in pinned and pinned[key] != row_sha256(fields):
                yield {"code": "row_differs", "seq": key[0], "detail": f"the row of {name} is not the one logged"}
    for lost, of in sorted(pinned.keys() - seen):
        yield {"code": "row_missing", "seq": lost, "detail": f"its row of {of} is gone"}


def _stated_against(q: Queries) -> Iterator[Json]:
    """The light copies boards and totals are made of, against the readings they follow from."""
    columns = (_reading.c.id, _reading.c.seq, _reading.c.report, _stated.c.number, _stated.c.figures)
    told = select(*columns).outerjoin(_stated, _stated.c.reading_id == _reading.c.id).order_by(_reading.c.id)
    last = 0
    while rows := q.connection.execute(told.where(_reading.c.id > last).limit(CHUNK)).all():
        last = rows[-1].id
        for row in rows:
            if not follows(row.report, row.number, row.figures):
                detail = f"what is stated of reading {row.id} is not what it says"
                yield {"code": "row_differs", "seq": row.seq, "detail": detail}


def _said(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of a raw entry, {} once erased or when it is not what it should be (the chain reports that)."""
    try:
        said = json.loads(entry["payload"] or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _note(entry: Mapping[str, Any], mails: dict[int, _Told], fates: dict[str, _Fate]) -> None:
    """Remember what an entry tells of a mail, or of what became of a letter."""
    kind, subject, said = entry["kind"], entry["subject"], _said(entry)
    if kind in _FATES:
        fates[str(said.get("message_id"))] = kind.removeprefix("letter_"), said.get("raw_sha256")
    if kind not in _CLOCKS and kind != "state":
        return
    told = mails.setdefault(int(subject.removeprefix("mail:")), _Told())
    if kind in _CLOCKS:
        told.received_at = str(said.get("received_at", ""))
    if kind == "kept":
        told.sha256 = str(said.get("sha256", ""))
    if kind in ("kept", "state"):
        told.state = str(said.get("after", ""))


def _mails_against(q: Queries, told: dict[int, _Told], vault: Vault | None) -> Iterator[Json]:
    """The rows of the mails against the log, their raw bytes against their hash."""
    columns = (_mail.c.id, _mail.c.sha256, _mail.c.received_at, _mail.c.state, _mail.c.erased_seq)
    there = set()
    for row in q.connection.execute(select(*columns).order_by(_mail.c.id)):
        there.add(row.id)
        log = told.get(row.id, _Told())
        facts = {"sha256": row.sha256, "received_at": moment_text(row.received_at), "state": row.state}
        for name, value in facts.items():
            logged = getattr(log, name)
            if logged != value and (logged or row.id not in told):  # "" under a known mail: its payload was erased
                yield {"code": "mail_differs", "mail": row.id, "detail": f"{name} is {value}, the log says {logged!r}"}
        if vault is not None and row.erased_seq is None and (damage := vault.check(row.sha256)):
            yield {"code": "vault", "mail": row.id, "detail": f"{row.sha256}: {damage.detail}"}
    for mail_id in sorted(told.keys() - there):
        yield {"code": "mail_missing", "mail": mail_id, "detail": "the log knows it, its row is gone"}


def _letters_against(
    q: Queries, hashes: Mapping[int, str], fates: Mapping[str, _Fate], vault: Vault | None
) -> Iterator[Json]:
    """Position and hash printed in each letter, and what became of it, against the log; what was sent against the vault."""
    columns = (_letter.c.id, _letter.c.seq, _letter.c.hash, _letter.c.state, _letter.c.message_id, _letter.c.raw_sha256)
    for row in q.connection.execute(select(*columns).order_by(_letter.c.id)):
        if hashes.get(row.seq) != row.hash:
            yield {"code": "letter_position", "letter": row.id, "detail": f"position {row.seq} holds another hash"}
        logged = fates.get(row.message_id, ("", None))
        if logged != (row.state, row.raw_sha256) and {row.state, logged[0]} & {"sent", "failed"}:
            said = f"{row.state} with {row.raw_sha256}, the log says {logged[0]!r} with {logged[1]}"
            yield {"code": "letter_differs", "letter": row.id, "detail": said}
        if row.raw_sha256 and vault is not None and (damage := vault.check(row.raw_sha256)):
            yield {"code": "letter_raw", "letter": row.id, "detail": f"{row.raw_sha256}: {damage.detail}"}
