"""Everything needed to carry on elsewhere, in one tar: the tables as JSON lines, the vault, and a manifest.

Rules: the tables are one consistent snapshot, taken before the vault is copied, so every mail row finds its bytes; the
archive appears under its name only when it is whole and on disk; a restore goes into an empty place only, checks every
hash before it commits, and is itself a log entry. The tables leave SQLite and enter PostgreSQL, or the other way round.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Date, Engine, Table, func, insert, select, text

from storage.chain import canonical, moment_of
from storage.columns import Moment
from storage.engine import newest_revision, open_engine, upgrade
from storage.errors import StorageError
from storage.ledger import Ledger
from storage.records import Entry, Json
from storage.tables import METADATA, table
from storage.vault import Vault

MANIFEST = "manifest.json"
_ROWS = 500  # rows read or written at a time
_VAULT_NAME = re.compile(r"vault/([0-9a-f]{64})")
_FILE_NAME = re.compile(r"files/([^/\x00]{1,200})")


class BadBackup(StorageError):
    """The file is not a whole backup of ours, or the place to restore into is not empty."""


def backup(engine: Engine, vault: Vault, file: Path, also: Sequence[Path] = ()) -> Json:
    """Write the archive (``.tar``, or compressed when named ``.gz``); ``also``: small files such as config.toml. Its manifest.

    OSError when the disk is full; an unfinished archive never bears the name.
    """
    partial = file.with_name(f".{file.name}.partial")
    try:
        with tarfile.open(partial, "w:gz" if file.suffix == ".gz" else "w") as tar:
            manifest = _tables(engine, tar, file.parent)
            for path in also:
                tar.add(path, f"files/{path.name}", recursive=False)
            manifest["vault"] = 0
            for sha256 in vault.names():
                tar.add(vault.path(sha256), f"vault/{sha256}", recursive=False)
                manifest["vault"] += 1
            _add(tar, MANIFEST, canonical(manifest).encode(), file.parent)
        with partial.open("rb") as done:
            os.fsync(done.fileno())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _tables(engine: Engine, tar: tarfile.TarFile, folder: Path) -> Json:
    """Every table as ``tables/<name>.jsonl`` out of one snapshot; the manifest so far."""
    manifest: Json = {"schema": "cchc.backup/1", "revision": newest_revision(), "tables": {}}
    with Ledger(engine).read() as q:
        head = q.head()
        manifest["head"] = {"seq": head.seq, "hash": head.hash} if head else None
        for rows in METADATA.sorted_tables:
            with tempfile.TemporaryFile(dir=folder) as spool:
                digest, count = hashlib.sha256(), 0
                for line in _lines(q.connection, rows):
                    digest.update(line)
                    spool.write(line)
                    count += 1
                _spooled(tar, f"tables/{rows.name}.jsonl", spool)
            manifest["tables"][rows.name] = {"rows": count, "sha256": digest.hexdigest()}
    return manifest


def _lines(connection: Connection, rows: Table) -> Iterator[bytes]:
    statement = select(rows).order_by(*rows.primary_key.columns).execution_options(yield_per=_ROWS)
    for row in connection.execute(statement):
        yield canonical(dict(row._mapping)).encode() + b"\n"  # noqa: SLF001 - the documented accessor


def _spooled(tar: tarfile.TarFile, name: str, spool: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = spool.tell()
    spool.seek(0)
    tar.addfile(member, spool)


def _add(tar: tarfile.TarFile, name: str, content: bytes, folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as spool:
        spool.write(content)
        _spooled(tar, name, spool)


def restore(
    file: Path,
    url: str,
    vault: Vault,
    at: datetime,
    *,
    clock: str = "system",
    actor: str = "system",
    files_to: Path | None = None,
) -> Entry:
    """Rebuild database and vault from an archive; the log entry ``restore`` written on top.

    Raises ``BadBackup``; then the database is as empty as before (vault files already copied stay, they harm nothing).
    """
    engine = open_engine(url)
    upgrade(engine)
    ledger = Ledger(engine)
    with ledger.read() as q:
        if q.head() is not None or q.state_counts():
            raise BadBackup(f"{engine.url.render_as_string()} is not empty")
    try:
        with tarfile.open(file, "r|*") as tar, ledger.bare_write() as connection:
            _fill(tar, connection, vault, files_to)
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as fault:
        raise BadBackup(f"{file}: {type(fault).__name__}: {fault}") from fault
    with ledger.write(at, clock, actor) as tx:
        head = tx.head()
        said = {"seq": head.seq, "hash": head.hash} if head else {}
        return tx.log("restore", "ledger", {"file": file.name, "head": said})


def _fill(tar: tarfile.TarFile, connection: Connection, vault: Vault, files_to: Path | None) -> None:
    """Read the members in order; the manifest comes last and must agree with what was read."""
    found: Json = {}
    copied, manifest = 0, None
    for member in tar:
        content = tar.extractfile(member)
        if content is None:
            raise ValueError(f"{member.name} is no file")
        if member.name.startswith("tables/"):
            rows = table(member.name.removeprefix("tables/").removesuffix(".jsonl"))
            found[rows.name] = _insert(connection, rows, content)
        elif name := _VAULT_NAME.fullmatch(member.name):
            _into_vault(content, name[1], vault)
            copied += 1
        elif name := _FILE_NAME.fullmatch(member.name):
            if files_to is not None and name[1] not in (".", ".."):
                (files_to / name[1]).write_bytes(content.read())
        elif member.name == MANIFEST:
            manifest = json.loads(content.read())
    if manifest is None:
        raise ValueError("cut short: no manifest")
    if manifest["revision"] != newest_revision():
        raise ValueError(f"written at schema {manifest['revision']}, this is {newest_revision()}")
    if manifest["tables"] != found or manifest["vault"] != copied:
        raise ValueError("not what its manifest says")
    _count_on(connection)


def _insert(connection: Connection, rows: Table, content: IO[bytes]) -> Json:
    digest, count = hashlib.sha256(), 0
    batch: list[dict[str, Any]] = []
    for line in content:
        digest.update(line)
        batch.append({name: _value(rows, name, value) for name, value in json.loads(line).items()})
        count += 1
        if len(batch) == _ROWS:
            connection.execute(insert(rows), batch)
            batch = []
    if batch:
        connection.execute(insert(rows), batch)
    return {"rows": count, "sha256": digest.hexdigest()}


def _value(rows: Table, name: str, value: Any) -> Any:
    kind = rows.c[name].type
    if isinstance(value, str) and isinstance(kind, Moment):
        return moment_of(value)
    if isinstance(value, str) and isinstance(kind, Date):
        return date.fromisoformat(value)
    return value


def _into_vault(content: IO[bytes], sha256: str, vault: Vault) -> None:
    with tempfile.NamedTemporaryFile(dir=vault.incoming) as spool:
        while piece := content.read(1 << 20):
            spool.write(piece)
        spool.flush()
        if vault.put(Path(spool.name)) != sha256:
            raise ValueError(f"vault/{sha256} is damaged in the archive")


def _count_on(connection: Connection) -> None:
    """PostgreSQL's counters go on after the numbers just written."""
    if connection.dialect.name != "postgresql":
        return
    for rows in METADATA.sorted_tables:
        if "id" in rows.c:
            last = connection.execute(select(func.max(rows.c.id))).scalar()
            if last is not None:
                statement = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
                connection.execute(statement, {"name": rows.name, "last": last})
