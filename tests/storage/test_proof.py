"""Promise 7: whatever is altered after the fact, by whoever has the database, verifying finds it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import verify_export
from storage.errors import NotFound
from storage.ledger import Ledger, Queries
from storage.outbox import Outbox
from storage.proof import Proof, examine, export, verify
from storage.records import Decision, Json, ReviewItem, RosterVersion, Step
from storage.vault import Vault
from tests.storage.ledger_samples import DUE, EARLY, due, kept, period, recorded, sha
from tests.storage.sending import claim, sent


@pytest.fixture
def told(ledger: Ledger, vault: Vault) -> Ledger:
    """A ledger in which everything that can be written has been written."""
    for n, agency in enumerate(("SNV", "SYT")):
        recorded(ledger, vault, b"raw %d" % n, agency, n + 1)
    with ledger.write(DUE) as tx:
        tx.open_period(period(), [due("SNV"), due("SYT")])
        tx.change_due(due("SYT", status="waived"))
        tx.add_step(Step("weekly", "weekly:2017-07-21", "closed", DUE))
        tx.import_roster(RosterVersion("code\n", sha(b"r"), DUE.date()))
        tx.add_decision(Decision("mail:1", "agency", None, "SNV", "because", "cli:root"))
        tx.close_review(tx.open_review(ReviewItem("mail", "no_report", mail_id=1)), 1, "seen")
        tx.set_mail_facts(2, border_received=EARLY)
    outbox = Outbox(ledger)
    for letter in claim(outbox, DUE):
        sent(outbox, letter, DUE, "250", vault.put(letter.message_id.encode()))
    return ledger


def after(ledger: Ledger, vault: Vault | None, *statements: str) -> Proof:
    """What verifying says after somebody with the database's password switched the triggers off and did that."""
    sqlite = ledger.engine.dialect.name == "sqlite"
    with ledger.engine.connect() as connection, connection.begin() as tampering:
        if sqlite:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
        proof = examine(Queries(connection), vault)
        tampering.rollback()
    return proof


def codes(proof: Proof) -> set[str]:
    return {problem["code"] for problem in proof.problems}


def test_an_honest_ledger_verifies(told: Ledger, vault: Vault) -> None:
    proof = verify(told, vault)
    assert proof.problems == ()
    with told.read() as q:
        head = q.head()
        assert head is not None
        assert (proof.ok, proof.entries, proof.head) == (True, head.seq, {"seq": head.seq, "hash": head.hash})


def test_an_empty_ledger_verifies(ledger: Ledger) -> None:
    assert verify(ledger, None) == Proof(True, 0, {"seq": 0, "hash": "0" * 64}, ())


TAMPERED: list[tuple[str, set[str]]] = [
    ("UPDATE log_entry SET actor = 'nobody' WHERE seq = 3", {"entry"}),
    ("UPDATE log_entry SET at = '2017-07-21T02:19:00.000000Z' WHERE seq = 3", {"entry", "moment"}),
    ("UPDATE log_entry SET hash = 'f' WHERE seq = 3", {"entry", "link"}),
    ("UPDATE payload SET text = '{}' WHERE seq = 1", {"payload", "row_unlogged"}),
    ("UPDATE payload SET text = 'not json' WHERE seq = 1", {"payload", "row_unlogged"}),
    ("UPDATE payload SET text = '[]' WHERE seq = 1", {"payload", "row_unlogged"}),
    ("UPDATE verdict SET timing = 'late' WHERE id = 1", {"row_differs"}),
    ("UPDATE verdict SET late_seconds = 0 WHERE id = 1", {"row_differs"}),
    ("UPDATE reading SET report = '{}' WHERE id = 1", {"row_differs"}),
    ("UPDATE stated SET number = '1/BC' WHERE reading_id = 1", {"row_differs"}),
    ("UPDATE stated SET figures = '{\"received\": [\"number\", null, 1]}' WHERE reading_id = 1", {"row_differs"}),
    ("DELETE FROM stated WHERE reading_id = 1", {"row_differs"}),
    ("UPDATE submission SET agency = 'SGD' WHERE id = 1", {"row_differs"}),
    ("UPDATE due SET status = 'waived' WHERE id = 1", {"row_differs"}),
    ("UPDATE period SET skipped = true", {"row_differs"}),
    ("UPDATE roster SET csv = ''", {"row_differs"}),
    ("UPDATE step SET step = 'other'", {"row_differs"}),
    ("UPDATE letter SET facts = '{}' WHERE id = 1", {"row_differs"}),
    ("UPDATE decision SET seq = 1", {"row_missing", "row_unlogged"}),
    ("DELETE FROM decision", {"row_missing"}),
    ("UPDATE mail SET received_at = '2017-07-21T02:00:00.000000Z' WHERE id = 1", {"mail_differs"}),
    ("UPDATE mail SET sha256 = 'f' WHERE id = 1", {"mail_differs", "vault"}),
    ("UPDATE mail SET state = 'stored' WHERE id = 1", {"mail_differs"}),
    ("UPDATE letter SET hash = 'f' WHERE id = 1", {"letter_position"}),
    ("UPDATE letter SET state = 'failed' WHERE id = 1", {"letter_differs"}),
    ("UPDATE letter SET message_id = 'x' WHERE id = 1", {"row_differs", "letter_differs"}),
    ("UPDATE letter SET raw_sha256 = '" + "0" * 64 + "' WHERE id = 1", {"letter_differs", "letter_raw"}),
]  # fmt: skip


def test_a_changed_row_is_found(told: Ledger, vault: Vault) -> None:
    found = {statement: codes(after(told, vault, statement)) for statement, _ in TAMPERED}
    assert found == dict(TAMPERED)
    assert verify(told, vault).ok


def test_a_deleted_mail_and_a_deleted_entry_are_found(told: Ledger, vault: Vault) -> None:
    proof = after(told, vault, *_forget_mail_two())
    assert {"gap", "link", "mail_missing", "row_missing"} <= codes(proof)


def _forget_mail_two() -> list[str]:
    return [
        "DELETE FROM verdict WHERE submission_id IN (SELECT id FROM submission WHERE mail_id = 2)",
        "DELETE FROM receipt WHERE submission_id IN (SELECT id FROM submission WHERE mail_id = 2)",
        "DELETE FROM submission WHERE mail_id = 2",
        "DELETE FROM reading WHERE mail_id = 2",
        "DELETE FROM part WHERE mail_id = 2",
        "DELETE FROM sighting WHERE mail_id = 2",
        "DELETE FROM letter_state WHERE letter_id = 2",
        "DELETE FROM letter WHERE id = 2",
        "DELETE FROM mail_state WHERE mail_id = 2",
        "DELETE FROM mail WHERE id = 2",
        "DELETE FROM payload WHERE seq = 3",
        "DELETE FROM mail_state WHERE seq = 3",
        "DELETE FROM log_entry WHERE seq = (SELECT min(seq) FROM log_entry WHERE kind = 'state' AND subject = 'mail:2') AND seq NOT IN (SELECT seq FROM payload)",
        "DELETE FROM payload WHERE seq = (SELECT min(seq) FROM log_entry WHERE kind = 'state' AND subject = 'mail:2')",
        "DELETE FROM log_entry WHERE seq = (SELECT min(seq) FROM log_entry WHERE kind = 'state' AND subject = 'mail:2')",
    ]


def test_a_flipped_bit_in_the_vault_is_found(told: Ledger, vault: Vault) -> None:
    path = vault.path(sha(b"raw 0"))
    path.chmod(0o600)
    path.write_bytes(b"raw 9")
    assert [(p["code"], p["mail"]) for p in verify(told, vault).problems] == [("vault", 1)]
    assert verify(told, None).ok


def test_a_cut_tail_and_a_rewritten_log_are_caught_by_what_the_letters_hold(told: Ledger, vault: Vault) -> None:
    with told.read() as q:
        letters = q.letters(state="sent")
    anchors = [{"seq": x.seq, "hash": x.hash, "message_id": x.message_id} for x in letters]
    assert verify(told, vault, anchors).ok
    wrong = [{**anchors[0], "hash": "0" * 64}, {"seq": 10_000, "hash": "0" * 64}]
    problems = verify(told, vault, wrong).problems
    assert [p["code"] for p in problems] == ["anchor", "anchor"]
    assert letters[0].message_id in problems[0]["detail"]
    assert "the log ends at" in problems[1]["detail"]


def test_erased_payloads_and_mails_leave_the_chain_whole(told: Ledger, vault: Vault) -> None:
    with told.write(DUE, actor="person:1") as tx:
        tx.erase_payload(1, "asked for", "second")
        mail = tx.erase_mail(1, "asked for", "second")
    assert vault.remove(mail.sha256)
    proof = verify(told, vault)
    assert proof.problems == ()
    with told.read() as q:
        first, erased = q.entry(1), q.mail(1)
        assert first is not None
        assert erased is not None
        assert (first.payload, erased.subject, erased.sha256) == (None, "", mail.sha256)
        assert [line["kind"] for line in q.timeline(1)][-1] == "erased"
    with told.write(DUE) as tx, pytest.raises(NotFound):
        tx.erase_payload(1, "again", "second")


def run_offline(*words: object) -> tuple[int, str]:
    script = Path(verify_export.__file__)
    done = subprocess.run(
        [sys.executable, "-I", str(script), *map(str, words)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_the_export_verifies_offline_with_the_standard_library_alone(told: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    head = export(told, file)
    code, said = run_offline(file)
    assert code == 0
    assert said.splitlines()[-1] == f"{head['seq']} entries, head {head['seq']} {head['hash']}: whole"
    assert "no witness" in said


Change = Callable[[list[Json]], list[Json]]


def _edit(seq: int, **fields: object) -> Change:
    return lambda lines: [line | fields if line.get("seq") == seq else line for line in lines]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_edit(4, kind="other"), "entry at 4"),
        (_edit(4, payload="{}"), "payload at 4"),
        (_edit(4, at="yesterday"), "moment at 4"),
        (lambda lines: lines[:4] + lines[5:], "gap at 5"),
        (lambda lines: lines[:-2], "head at"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "link at 2"),
    ],
)
def test_an_altered_export_does_not(told: Ledger, tmp_path: Path, change: Change, said: str) -> None:
    file = tmp_path / "log.jsonl"
    export(told, file)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in change(lines)), "utf-8")
    code, found = run_offline(file)
    assert code == 1
    assert said in found
    assert verify_export.main([str(file)]) == 1


def test_anchors_are_read_from_a_file_or_a_folder_of_letters(told: Ledger, tmp_path: Path) -> None:
    file, anchors, letters = tmp_path / "log.jsonl", tmp_path / "anchors.jsonl", tmp_path / "letters"
    head = export(told, file)
    anchors.write_text(json.dumps(head) + "\n\n", "utf-8")
    letters.mkdir()
    printed = f"Message-ID: <a@b>\r\nX-CCHC-Log: {head['seq']}\r\n {head['hash']}\r\nSubject: x\r\n\r\nbody\r\n"
    (letters / "1.eml").write_text(printed, "utf-8")
    (letters / "2.eml").write_text("Subject: not ours\r\n\r\n", "utf-8")
    assert list(verify_export.read_anchors(letters)) == [{**head, "message_id": "<a@b>"}]
    assert verify_export.main([str(file), "--anchors", str(anchors)]) == 0
    assert verify_export.main([str(file), "--anchors", str(letters)]) == 0
    anchors.write_text(json.dumps({"seq": head["seq"] + 1, "hash": "0" * 64}), "utf-8")
    assert verify_export.main([str(file), "--anchors", str(anchors)]) == 1


def test_what_is_no_export_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (
        ("a", ""),
        ("b", "[]\n"),
        ("c", '{"schema": "cchc.export/1"}\n{"seq": 1}\n'),
        ("d", "no json"),
    ):
        (tmp_path / name).write_text(content, "utf-8")
        assert verify_export.main([str(tmp_path / name)]) == 2
    assert verify_export.main([]) == 2
    assert verify_export.main(["x", "--other", "y"]) == 2
    assert verify_export.main([str(tmp_path / "missing")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_log_of_many_pages_is_walked_whole(ledger: Ledger, vault: Vault) -> None:
    with ledger.write(EARLY) as tx:
        for n in range(1100):
            tx.log("note", "ledger", {"n": n})
    kept(ledger)
    vault.put(b"raw")
    assert verify(ledger, vault).entries == 1101
