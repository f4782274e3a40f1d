"""The vault: kept means on disk for good, and never under a wrong name."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage import vault as vault_module
from storage.errors import Locked, NotFound
from storage.vault import Vault
from tests.storage.ledger_samples import sha

BIG = os.urandom(1 << 20) * 3 + b"x"


def files(vault: Vault) -> list[Path]:
    return [path for path in vault.root.rglob("*") if path.is_file() and path.name != "lock"]


def test_bytes_come_back_under_their_hash_and_twice_is_once(vault: Vault) -> None:
    assert vault.put(b"raw") == vault.put(b"raw") == sha(b"raw")
    assert vault.get(sha(b"raw")) == b"raw"
    assert vault.has(sha(b"raw"))
    assert vault.path(sha(b"raw")).parts[-2:] == (sha(b"raw")[:2], sha(b"raw"))
    assert len(files(vault)) == 1


def test_a_big_file_is_copied_in_pieces_and_stays_where_it_was(vault: Vault, tmp_path: Path) -> None:
    source = tmp_path / "big.eml"
    source.write_bytes(BIG)
    assert vault.put(source) == sha(BIG)
    assert vault.get(sha(BIG)) == BIG == source.read_bytes()


def test_what_is_not_kept_is_not_found(vault: Vault) -> None:
    assert not vault.has("0" * 64)
    assert not vault.remove("0" * 64)
    with pytest.raises(NotFound):
        vault.get("0" * 64)
    for name in ("../../etc/passwd", "0" * 63, "G" * 64):
        with pytest.raises(ValueError, match="sha256"):
            vault.path(name)


def test_scrub_finds_a_flipped_bit_and_the_mail_fetched_again_mends_it(vault: Vault) -> None:
    for raw in (b"one", b"two", b"three"):
        vault.put(raw)
    path = vault.path(sha(b"two"))
    path.chmod(0o600)
    path.write_bytes(b"twn")
    (path.parent / "stray").write_bytes(b"")
    seen: list[str] = []
    found = {damage.sha256: damage.detail for damage in vault.scrub(seen.append)}
    assert found == {sha(b"two"): f"holds {sha(b'twn')}", "stray": "not a vault file name"}
    assert len(seen) == 4
    vault.put(b"two")
    (path.parent / "stray").unlink()
    assert vault.scrub() == ()


def test_a_missing_or_unreadable_file_is_damage(vault: Vault) -> None:
    damage = vault.check("0" * 64)
    assert damage is not None
    assert damage.detail == "missing"
    vault.path("1" * 64).mkdir(parents=True)
    damage = vault.check("1" * 64)
    assert damage is not None
    assert "directory" in damage.detail


def test_an_erased_file_is_gone(vault: Vault) -> None:
    vault.put(b"raw")
    assert vault.remove(sha(b"raw"))
    assert files(vault) == []


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_success_is_never_reported_after_a_failed_fsync(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    real, calls = os.fsync, 0

    def failing(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(vault_module.os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        vault.put(b"raw")
    monkeypatch.undo()
    assert list(vault.incoming.iterdir()) == []
    assert vault.scrub() == ()
    assert vault.put(b"raw") == sha(b"raw")


def test_many_are_kept_together(vault: Vault, tmp_path: Path) -> None:
    raws = [b"%d" % n for n in range(50)]
    (tmp_path / "file").write_bytes(b"file")
    vault.put(raws[3])
    assert vault.put_many([*raws, raws[0], tmp_path / "file"]) == [sha(raw) for raw in (*raws, raws[0], b"file")]
    assert len(files(vault)) == 51
    assert vault.scrub() == ()
    assert vault.put_many([]) == []


def test_one_of_many_that_fails_fails_them_all(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def failing(handle: int) -> None:
        if os.fstat(handle).st_size == 3:
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(vault_module.os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        vault.put_many([b"%d" % n for n in range(95, 105)])
    assert files(vault) == []


def test_a_file_that_changes_under_our_hands_is_not_kept(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "growing.eml"
    source.write_bytes(b"begun")
    real = vault.has

    def growing(name: str) -> bool:
        source.write_bytes(b"begun and done")
        return real(name)

    monkeypatch.setattr(Vault, "has", lambda _vault, name: growing(name))
    with pytest.raises(ValueError, match="changed while it was copied"):
        vault.put(source)
    assert files(vault) == []


def test_a_full_disk_leaves_no_partial_file(vault: Vault) -> None:
    script = (
        "import resource, signal, sys; from pathlib import Path; from storage.vault import Vault\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "try: Vault(Path(sys.argv[1])).put(b'x' * 200000)\n"
        "except OSError as fault: print(fault.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(vault.root)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(errno.EFBIG)
    assert files(vault) == []


def test_a_second_instance_is_refused_at_once_and_the_lock_ends_with_its_holder(vault: Vault) -> None:
    with vault.lock():
        other = Vault(vault.root)
        with pytest.raises(Locked, match="another instance"), other.lock():
            pass
    with Vault(vault.root).lock():
        pass


def test_what_a_killed_process_left_half_written_is_swept_by_the_next(vault: Vault) -> None:
    (vault.incoming / "tmpabc").write_bytes(b"ha")
    vault.put(b"whole")
    with vault.lock():
        assert files(vault) == [vault.path(sha(b"whole"))]
