"""A backup carries everything elsewhere, to either database; a restore goes into an empty place and says so in the log."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import backup as backup_module
from storage.backup import BadBackup, backup, restore
from storage.engine import newest_revision, open_engine
from storage.ledger import Ledger
from storage.outbox import Outbox
from storage.proof import verify
from storage.records import Decision, RosterVersion, Step
from storage.vault import Vault
from tests.storage.ledger_samples import DUE, EARLY, due, kept, period, recorded, sha
from tests.storage.sending import claim, sent


@pytest.fixture
def archive(ledger: Ledger, vault: Vault, tmp_path: Path) -> Path:
    """A backup of a ledger with a bit of everything."""
    for n in range(3):
        recorded(ledger, vault, b"raw %d" % n, ("SNV", "SYT", "SGD")[n], n + 1)
    with ledger.write(DUE) as tx:
        tx.open_period(period(), [due("SNV"), due("SYT")])
        tx.add_step(Step("weekly", "weekly:2017-07-21", "closed", DUE))
        tx.import_roster(RosterVersion("mã,tên\n", sha(b"r"), DUE.date()))
        tx.add_decision(Decision("mail:1", "agency", None, "SNV", "vì\tsao", "cli:root"))
        tx.set_meta("last_good_poll", {"began": "x"})
    outbox = Outbox(ledger)
    (first, *_) = claim(outbox, DUE)
    sent(outbox, first, DUE, "250", vault.put(b"letter"))
    (tmp_path / "config.toml").write_text("[office]\n", "utf-8")
    file = tmp_path / "cchc.tar"
    backup(ledger.engine, vault, file, [tmp_path / "config.toml"])
    return file


def everything(ledger: Ledger) -> list[object]:
    with ledger.read() as q:
        said: list[object] = [
            q.mails(),
            q.sightings(),
            q.letters(),
            q.dues("weekly:2017-07-21"),
            q.periods(),
            q.steps(),
        ]
        said += [
            q.roster(),
            q.decisions("mail:1"),
            q.book("SNV", "weekly"),
            q.meta("last_good_poll"),
            q.parts(1),
            q.readings(1),
        ]
        return said


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return (
        f"sqlite:///{tmp_path}/else/where.db"
        if request.param == "sqlite"
        else request.getfixturevalue("empty_postgres_url")
    )


def test_what_is_restored_elsewhere_is_what_was_backed_up(
    ledger: Ledger, archive: Path, elsewhere: str, tmp_path: Path
) -> None:
    vault = Vault(tmp_path / "else" / "vault")
    entry = restore(archive, elsewhere, vault, DUE, actor="cli:root", files_to=tmp_path / "else")
    again = Ledger(open_engine(elsewhere))
    assert everything(again) == everything(ledger)
    assert verify(again, vault).problems == ()
    assert (entry.kind, entry.actor, entry.payload["head"]["seq"]) == ("restore", "cli:root", entry.seq - 1)  # type: ignore[index]
    assert (tmp_path / "else" / "config.toml").read_text("utf-8") == "[office]\n"
    new = kept(again, b"new", 50, at=DUE)
    assert new == 4  # numbers go on after those restored
    with again.write(DUE) as tx:
        tx.add_decision(Decision("mail:4", "agency", None, "SNV", "r", "cli:root"))


def test_a_place_that_is_not_empty_is_refused(ledger: Ledger, url: str, archive: Path, vault: Vault) -> None:
    with pytest.raises(BadBackup, match="not empty"):
        restore(archive, url, vault, DUE)


Change = Callable[[str, bytes], tuple[str, bytes] | None]


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: None if name == "manifest.json" else (name, content),
        lambda name, content: None if name.startswith("vault/") else (name, content),
        lambda name, content: (name, content.replace(b"raw", b"rax")) if name.startswith("vault/") else (name, content),
        lambda name, content: (
            (name, content.replace(b"SNV", b"SXX")) if name == "tables/due.jsonl" else (name, content)
        ),
        lambda name, content: (
            (name, content.replace(f'"{newest_revision()}"'.encode(), b'"0000"'))
            if name == "manifest.json"
            else (name, content)
        ),
        lambda name, content: ("tables/other.jsonl", content) if name == "tables/due.jsonl" else (name, content),
    ],
)
def test_a_damaged_archive_is_refused_whole(archive: Path, tmp_path: Path, change: Change) -> None:
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(archive) as old, tarfile.open(damaged, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            if (kept_so := change(member.name, file.read())) is not None:
                info = tarfile.TarInfo(kept_so[0])
                info.size = len(kept_so[1])
                new.addfile(info, io.BytesIO(kept_so[1]))
    url = f"sqlite:///{tmp_path}/fresh.db"
    with pytest.raises(BadBackup):
        restore(damaged, url, Vault(tmp_path / "v"), DUE)
    with Ledger(open_engine(url)).read() as q:
        assert (q.head(), q.mails()) == (None, ())


@pytest.mark.parametrize("spoilt", [b"", b"no archive at all", b"half"])
def test_what_is_no_archive_is_said_so(archive: Path, tmp_path: Path, spoilt: bytes) -> None:
    file = tmp_path / "x.tar"
    file.write_bytes(archive.read_bytes()[:30_000] if spoilt == b"half" else spoilt)
    with pytest.raises(BadBackup):
        restore(file, f"sqlite:///{tmp_path}/fresh.db", Vault(tmp_path / "v"), DUE)


def test_folders_and_foreign_names_in_an_archive_write_nothing(archive: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.tar"
    with tarfile.open(hostile, "w") as tar:
        for name in ("files/..", "files/../../evil", "../evil"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
        folder = tarfile.TarInfo("files/dir")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
    with pytest.raises(BadBackup, match="is no file"):
        restore(hostile, f"sqlite:///{tmp_path}/fresh.db", Vault(tmp_path / "v"), DUE, files_to=tmp_path)
    assert not list(tmp_path.rglob("evil"))


def test_a_backup_that_fails_leaves_no_file_and_the_old_one_stays(
    ledger: Ledger, vault: Vault, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archive.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        backup(ledger.engine, vault, archive)
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.iterdir() if "partial" in path.name] == []


def test_an_archive_named_gz_is_compressed(ledger: Ledger, vault: Vault, tmp_path: Path) -> None:
    kept(ledger, at=EARLY)
    vault.put(b"raw")
    manifest = backup(ledger.engine, vault, tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert manifest["vault"] == 1
    restore(tmp_path / "b.tar.gz", f"sqlite:///{tmp_path}/fresh.db", Vault(tmp_path / "v"), DUE)


def test_many_rows_pass_in_batches(sqlite_url: str, tmp_path: Path) -> None:
    ledger, vault = Ledger(open_engine(sqlite_url)), Vault(tmp_path / "vault")
    with ledger.write(EARLY) as tx:
        for n in range(501):
            tx.log("note", "ledger", {"n": n})
    backup(ledger.engine, vault, tmp_path / "b.tar")
    assert restore(tmp_path / "b.tar", f"sqlite:///{tmp_path}/fresh.db", vault, DUE).seq == 502
