"""A period's evidence is checked far from here by its one file alone: whole as it is, and every attack on it is seen."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from storage.chain import canonical, entry_hash, payload_hash
from tests.pipeline.world import World, weekly_docx
from tests.servers.smtp_sink import SmtpSink

PERIOD = "weekly:2017-07-21"
NOW = "2017-07-24 09:00:00"
RECEIVED = "from gui.example by mx.tinh.example; Fri, 21 Jul 2017 08:12:33 +0700"
WHY = ("--second", "Trưởng phòng", "--reason", "đề nghị của người gửi")
Json = dict[str, Any]


def report(sender: str, name: str, received: str = "") -> EmailMessage:
    message = EmailMessage()
    if received:
        message["Received"] = received
    message["From"], message["To"], message["Subject"] = f"{sender}@tinh.example", "cchc@tinh.example", "Báo cáo tuần"
    message["Message-ID"] = f"<{sender}@tinh.example>"
    message.set_content("Kính gửi Sở Nội vụ.")
    message.add_attachment(
        weekly_docx(name), maintype="application", subtype="octet-stream", filename="Báo cáo tuần.docx"
    )
    return message


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    sink = SmtpSink().start()
    try:
        world = World(tmp_path_factory.mktemp("province"), sink)
        world.tick("2017-07-17 08:00:00")
        world.deliver(report("stc", "SỞ TÀI CHÍNH", RECEIVED), "2017-07-21 08:12:35")
        world.deliver(report("syt", "SỞ Y TẾ"), "2017-07-21 10:25:10")
        world.poll("2017-07-21 10:30:00")
        world.tick("2017-07-21 10:35:00")
        yield world
    finally:
        sink.stop()


@dataclass
class Evidence:
    """An unpacked bundle, and what an agency holds in its own mailbox."""

    folder: Path
    letter: Path  # an acknowledgement in the agency's mailbox

    @property
    def lines(self) -> list[Json]:
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text("utf-8").splitlines()]

    def write(self, lines: list[Json], *, honest_head: bool = True) -> None:
        """The log anew; the head told in it and in the manifest is made to fit, as whoever holds the server would."""
        if honest_head:
            head = {"seq": lines[-1]["seq"], "hash": lines[-1]["hash"]}
            lines[0] = lines[0] | {"entries": head["seq"], "head": head}
            manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))
            (self.folder / "manifest.json").write_text(json.dumps(manifest | {"head": head}), "utf-8")
        (self.folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")

    def check(self, *words: object) -> tuple[int, str]:
        """Run the verifier that came with it: no environment, no site, nothing of ours to import."""
        done = subprocess.run(
            [sys.executable, "-I", "verify.py", *map(str, words)],
            cwd=self.folder, env={}, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        return done.returncode, (done.stdout + done.stderr).decode()

    def codes(self, *words: object) -> set[str]:
        code, said = self.check(*words)
        assert code == 1, said
        return {line.split()[0].rstrip(":") for line in said.splitlines()[:-1]}

    def raw_of(self, sender: str) -> Path:
        return next(f for f in self.folder.glob("mails/*.eml") if f"{sender}@tinh.example".encode() in f.read_bytes())


@pytest.fixture(scope="module")
def made(province: World, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The bundle as the command writes it, unpacked once."""
    folder = tmp_path_factory.mktemp("evidence")
    answer = province.cchc("verify", "--bundle", PERIOD, str(folder / "ky.zip"), "--json", now=NOW)
    assert (answer.code, answer.json["ok"]) == (0, True)
    with zipfile.ZipFile(folder / "ky.zip") as packed:
        packed.extractall(folder / "ky")
    ack = next(r for r in province.sink.received if r.message["X-CCHC-Mail"] and "stc@tinh.example" in r.recipients)
    (folder / "stc.eml").write_bytes(ack.raw)
    return Evidence(folder / "ky", folder / "stc.eml")


@pytest.fixture
def evidence(made: Evidence, tmp_path: Path) -> Evidence:
    """A copy to attack."""
    shutil.copytree(made.folder, tmp_path / "ky")
    return Evidence(tmp_path / "ky", made.letter)


def forged(lines: list[Json], since: int = 1) -> list[Json]:
    """The chain recomputed from a position on, payload sums and all: what whoever holds the server can do."""
    entries = sorted((line for line in lines[1:]), key=lambda line: line["seq"])
    before = next((line["hash"] for line in reversed(entries) if line["seq"] < since), "0" * 64)
    fresh = [line for line in entries if line["seq"] < since]
    for n, entry in enumerate((line for line in entries if line["seq"] >= since), len(fresh) + 1):
        made = entry | {"seq": n, "prev": before}
        if made["payload"] is not None:
            made["payload_sha256"] = payload_hash(made["salt"], made["payload"])
        made["hash"] = before = entry_hash(made)
        fresh.append(made)
    return [lines[0], *fresh]


def changed(lines: list[Json], where: Callable[[Json], bool], **fields: object) -> list[Json]:
    return [line | fields if "seq" in line and where(line) else line for line in lines]


def said(line: Json, **fields: object) -> str:
    return canonical(json.loads(line["payload"]) | fields)


def the_mail(lines: list[Json], evidence: Evidence, sender: str = "stc") -> Json:
    """The entry that says this mail was kept."""
    name = evidence.raw_of(sender).stem
    return next(line for line in lines if line.get("kind") == "kept" and name in line["payload"])


# ---- as it is --------------------------------------------------------------------------------------------------------


def test_a_bundle_is_whole_and_says_who_else_should_be_asked(made: Evidence) -> None:
    code, words = made.check()
    assert code == 0
    assert "Chưa có nhân chứng bên ngoài" in words
    assert words.splitlines()[-1].endswith("nguyên vẹn")


def test_letters_others_hold_agree_with_it(made: Evidence) -> None:
    letter = message_from_bytes(made.letter.read_bytes(), policy=policy.default)
    printed = " ".join(letter["X-CCHC-Log"].split())
    pasted = made.letter.parent / "chep.txt"
    pasted.write_text(letter.get_body(("plain",)).get_content(), "utf-8")  # type: ignore[union-attr]
    words = ("--witness", made.letter, "--witness", printed, "--witness", pasted, "--witness", made.letter.parent)
    code, told = made.check(*words, "--mails", made.folder / "mails")
    assert code == 0, told
    assert "nhân chứng bên ngoài" in told
    assert "Đã tra" in told


def test_the_guide_names_every_problem_and_every_file(made: Evidence) -> None:
    guide = (made.folder / "HUONG-DAN.txt").read_text("utf-8")
    words = json.loads((made.folder / "verify.words.json").read_text("utf-8"))
    notes = ("at", "summary", "whole", "problems")
    assert [code for code in words if code not in notes and not code.startswith("note_") and code not in guide] == []
    assert [path.name for path in made.folder.iterdir() if path.name not in guide] == []


def test_payloads_of_other_periods_are_left_out(province: World, tmp_path: Path) -> None:
    file = tmp_path / "next.zip"
    assert province.cchc("verify", "--bundle", "weekly:2017-07-28", str(file), now=NOW).code == 0
    with zipfile.ZipFile(file) as packed:
        packed.extractall(tmp_path / "ky")
    later = Evidence(tmp_path / "ky", tmp_path)
    assert [f.stem for f in later.folder.glob("mails/*")] == [later.raw_of("syt").stem]  # came after the other fell due
    assert {line["subject"] for line in later.lines[1:] if line["kind"] == "verdict" and line["payload"]} == {
        "submission:2"
    }
    code, words = later.check()
    assert code == 0
    assert "để ngoài hồ sơ" in words


def test_a_period_nobody_knows_and_a_file_that_cannot_be_written_are_said_so(province: World, tmp_path: Path) -> None:
    assert province.cchc("verify", "--bundle", "weekly:2017-07-20", str(tmp_path / "x.zip"), now=NOW).code == 2
    assert province.cchc("verify", "--bundle", PERIOD, str(tmp_path / "no" / "x.zip"), now=NOW).code == 2


# ---- the attacks -----------------------------------------------------------------------------------------------------


def test_an_edit_is_seen(evidence: Evidence) -> None:
    lines = evidence.lines
    mail = the_mail(lines, evidence)
    evidence.write(changed(lines, lambda line: line["seq"] == mail["seq"], actor="person:9"))
    assert "entry" in evidence.codes()
    earlier = said(mail, received_at="2017-07-21T00:00:00.000000Z")
    evidence.write(changed(lines, lambda line: line["seq"] == mail["seq"], payload=earlier))
    assert "payload" in evidence.codes()


def test_a_deletion_is_seen(evidence: Evidence) -> None:
    lines = evidence.lines
    evidence.write([line for line in lines if line.get("seq") != 7])
    assert {"gap", "link"} <= evidence.codes()


def test_a_payload_taken_out_without_an_erasure_is_seen(evidence: Evidence) -> None:
    lines = evidence.lines
    mail = the_mail(lines, evidence)
    evidence.write(changed(lines, lambda line: line["seq"] == mail["seq"], payload=None, salt=None))
    assert "payload_gone" in evidence.codes()


def test_a_renumbering_is_seen(evidence: Evidence) -> None:
    lines = evidence.lines
    without = [line for line in lines if line.get("seq") != 7]
    evidence.write([without[0], *(line | {"seq": n} for n, line in enumerate(without[1:], 1))])
    assert {"link", "entry"} <= evidence.codes()


def test_a_cut_tail_is_seen(evidence: Evidence) -> None:
    lines = evidence.lines
    evidence.write(lines[:-3], honest_head=False)
    assert evidence.check()[1].count("mục cuối khác với mục cuối mà hồ sơ ghi") == 1, "said once, whoever else says it"
    witness = " ".join(message_from_bytes(evidence.letter.read_bytes(), policy=policy.default)["X-CCHC-Log"].split())
    at = int(witness.split()[0])
    shutil.rmtree(evidence.folder / "letters")
    evidence.write([lines[0], *(line for line in lines[1:] if line["seq"] < at)])
    assert "anchor" in evidence.codes("--witness", witness)


def test_a_recomputed_chain_is_seen_by_a_letter_somebody_holds(evidence: Evidence) -> None:
    lines = evidence.lines
    mail = the_mail(lines, evidence)
    earlier = said(mail, received_at="2017-07-21T00:00:00.000000Z")
    new = forged(changed(lines, lambda line: line["seq"] == mail["seq"], payload=earlier), mail["seq"])
    evidence.write(new)
    assert "anchor" in evidence.codes()  # our own copies of the letters say so already
    _own_copies_forged(evidence)
    evidence.write(new)
    code, words = evidence.check()
    assert "anchor" not in words, "the forger's own papers agree with each other"
    assert "anchor" in evidence.codes("--witness", evidence.letter)
    del code


def _own_copies_forged(evidence: Evidence) -> None:
    """The forger takes our copies of the letters out of the bundle, and out of its list."""
    shutil.rmtree(evidence.folder / "letters")
    file = evidence.folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"letters": []}), "utf-8")


def test_backdating_is_seen(evidence: Evidence) -> None:
    lines = evidence.lines
    late = the_mail(lines, evidence, "syt")
    moment = "2017-07-21T02:25:10.000000Z"  # 9:25 instead of 10:25
    entry = changed(lines, lambda line: line["seq"] == late["seq"], at=moment)
    evidence.write(entry)
    assert "entry" in evidence.codes()
    evidence.write(forged(entry, late["seq"]))
    assert "anchor" in evidence.codes("--witness", evidence.letter)
    added = {**lines[-1], "seq": lines[-1]["seq"] + 1, "at": moment, "prev": lines[-1]["hash"]}
    evidence.write([*lines, added | {"hash": entry_hash(added)}])
    assert evidence.codes() >= {"moment"}


def test_a_receipt_before_the_mail_servers_own_mark_is_seen(evidence: Evidence) -> None:
    """The whole log forged and no letter at hand: the mail itself still says when the server had it."""
    lines = evidence.lines
    mail = the_mail(lines, evidence)
    earlier = said(mail, received_at="2017-07-21T00:00:00.000000Z")
    _own_copies_forged(evidence)
    evidence.write(forged(changed(lines, lambda line: line["seq"] == mail["seq"], payload=earlier)))
    assert "mail_backdated" in evidence.codes()


def test_a_mail_missing_from_the_log_is_seen(evidence: Evidence, province: World) -> None:
    lines = evidence.lines
    mail, raw = the_mail(lines, evidence), evidence.raw_of("stc")
    about = {f"mail:{json.loads(mail['payload']) and mail['subject'].partition(':')[2]}", "submission:1"}
    _own_copies_forged(evidence)
    evidence.write(forged([line for line in lines if line.get("subject") not in about]))
    assert "mail_unlogged" in evidence.codes()
    shutil.move(raw, evidence.folder.parent / "held.eml")
    assert "mail_unlogged" in evidence.codes("--witness", evidence.letter), "the acknowledgement names the mail"
    box = evidence.folder.parent / "box"
    box.mkdir()
    for n, one in enumerate(province.delivered):
        (box / f"{n}.eml").write_bytes(one)
    assert "mail_unlogged" in evidence.codes("--mails", box), "the mailbox still has it"


def test_a_changed_raw_mail_is_seen(evidence: Evidence) -> None:
    file = evidence.raw_of("stc")
    file.write_bytes(file.read_bytes().replace(b"stc@", b"syt@"))
    assert "mail_differs" in evidence.codes()
    file.rename(file.with_stem(hashlib.sha256(file.read_bytes()).hexdigest()))
    assert {"mail_unlogged", "mail_gone"} <= evidence.codes()


def test_a_mail_or_letter_taken_out_or_changed_is_seen(evidence: Evidence) -> None:
    letter = next(evidence.folder.glob("letters/*.eml"))
    raw = letter.read_bytes()
    letter.write_bytes(raw + b"\r\n")
    assert "letter_differs" in evidence.codes()
    letter.unlink()
    assert "letter_gone" in evidence.codes()
    (evidence.folder / "letters" / f"{hashlib.sha256(b'x').hexdigest()}.eml").write_bytes(b"x")
    assert "letter_unlogged" in evidence.codes()
    evidence.raw_of("syt").unlink()
    assert "mail_gone" in evidence.codes()


def test_what_was_erased_is_told_and_nothing_is_wrong(
    province: World, made: Evidence, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("erasing") / "province"
    shutil.copytree(province.folder, copy)
    world = World(copy, province.sink)
    kept = the_mail(made.lines, made, "syt")
    number = the_mail(made.lines, made)["subject"].removeprefix("mail:")
    assert world.cchc("erase", number, *WHY, now=NOW).code == 0
    assert world.cchc("erase", f"log:{kept['seq']}", *WHY, now=NOW).code == 0
    assert world.cchc("verify", "--bundle", PERIOD, str(tmp_path / "ky.zip"), now=NOW).code == 0
    with zipfile.ZipFile(tmp_path / "ky.zip") as packed:
        packed.extractall(tmp_path / "ky")
    erased = Evidence(tmp_path / "ky", made.letter)
    code, words = erased.check("--witness", made.letter)
    assert code == 0, words
    assert "2 lần xóa" in words
    manifest = json.loads((erased.folder / "manifest.json").read_text("utf-8"))
    assert [bool(mail["erased"]) for mail in manifest["mails"]].count(True) == 1


def test_what_cannot_be_read_is_said_so(evidence: Evidence) -> None:
    assert evidence.check("--witness", "nothing like it")[0] == 2
    (evidence.folder.parent / "plain.eml").write_text("Subject: x\n\nhello", "utf-8")
    assert evidence.check("--witness", evidence.folder.parent / "plain.eml")[0] == 2
    (evidence.folder / "log.jsonl").write_text("{}", "utf-8")
    assert evidence.check()[0] == 2
    assert evidence.check("--help")[0] == 0
