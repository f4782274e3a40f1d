"""The judge himself: each promise broken on purpose is named, and nothing else is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import scene
from tests.faults.checker import Left
from tests.faults.forge import Forge
from tests.faults.province import Province

pytestmark = pytest.mark.slow


def sql(statement: str) -> Callable[[Province], None]:
    def break_it(province: Province) -> None:
        line = sqlite3.connect(province.folder / "cchc.db")
        for (name,) in line.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            line.execute(f"DROP TRIGGER {name}")
        line.execute(statement)
        line.commit()
        line.close()

    return break_it


def _another_answer(province: Province) -> None:
    letter = next(x for x in province.ledger.left if x.kind == "acknowledgement")
    other = letter.raw.replace(b"<acknowledgement.1.", b"<acknowledgement.7.")
    province.ledger.left.append(Left(letter.recipients, other))


def _answer_to_the_repeat(province: Province) -> None:
    letter = next(x for x in province.ledger.left if x.kind == "acknowledgement")
    first, again = (m for m in province.ledger.delivered if m.sender == scene.address_of("STC"))
    raw = letter.raw.replace(first.message_id.encode(), again.message_id.encode())
    province.ledger.left.append(Left(letter.recipients, raw.replace(b"<acknowledgement.1.", b"<acknowledgement.7.")))


def _answer_to_both_of_a_second(province: Province) -> None:
    _answer_to_the_repeat(province)
    first, again = (m for m in province.ledger.delivered if m.sender == scene.address_of("STC"))
    province.ledger.delivered[province.ledger.delivered.index(again)] = replace(again, at=first.at)


def _another_date(province: Province) -> None:
    letter = next(x for x in province.ledger.left if x.kind == "acknowledgement")
    province.ledger.left.append(Left(letter.recipients, letter.raw.replace(b"Date: Fri", b"Date: Thu")))


def _answer_to_the_automat(province: Province) -> None:
    letter = next(x for x in province.ledger.left if x.kind == "acknowledgement")
    automat = next(m for m in province.ledger.delivered if m.sender == scene.address_of("SYT"))
    raw = letter.raw.replace(letter.header("In-Reply-To").encode(), automat.message_id.encode())
    province.ledger.left.append(Left(letter.recipients, raw))


def _an_unkept_mail(province: Province) -> None:
    mail = province.ledger.delivered[0]
    raw = mail.raw.replace(b"Xin g", b"Xin G")
    province.ledger.delivered.append(
        replace(mail, raw=raw, message_id="<lost@tinh.example>", answered=False, content=None)
    )


def _vault(province: Province) -> None:
    mail = province.ledger.delivered[0]
    file = province.folder / "vault" / mail.sha256[:2] / mail.sha256
    file.chmod(0o640)
    file.write_bytes(mail.raw[:-1])


def _deleted(province: Province) -> None:
    folder = province.imap.folders["CCHC/2017"]
    uid = next(uid for uid, raw in folder.mails.items() if raw == province.ledger.delivered[0].raw)
    folder.mails = {key: raw for key, raw in folder.mails.items() if key != uid}


def _gone(kind: str) -> Callable[[Province], None]:
    def break_it(province: Province) -> None:
        province.ledger.left = [x for x in province.ledger.left if x.kind != kind]

    return break_it


def _accused(province: Province) -> None:
    notice = next(x for x in province.ledger.left if x.kind == "missing_notice")
    province.ledger.left.append(replace(notice, recipients=(scene.address_of("STC"),)))


BREAKS = {
    "P1 unkept": (_an_unkept_mail, "P1: 0 rows"),
    "P1 vault": (_vault, "P1: the vault does not hold"),
    "P1 server": (_deleted, "no longer on the server"),
    "P1 clock": (sql("UPDATE mail SET received_at = '2017-07-20T00:30:00.000000Z'"), "P1: "),
    "P2 none": (sql("DELETE FROM submission"), "P2: 0 submissions"),
    "P2 twice": (sql("UPDATE verdict SET duplicate_of = NULL"), "P2: 2 submissions of the content"),
    "P3 two": (_another_answer, "P3: 2 different acknowledgements"),
    "P3 repeat": (_answer_to_the_repeat, "to which none is owed"),
    "P3 same second": (_answer_to_both_of_a_second, "mails of one second with one content were answered"),
    "P3 texts": (_another_date, "went out as 2 different texts"),
    "P3 none": (_gone("acknowledgement"), "P3: no acknowledgement"),
    "P3 automat": (_answer_to_the_automat, "to which none is owed"),
    "P4 mail": (sql("UPDATE mail SET state = 'reading' WHERE id = 1"), "P4: mail"),
    "P4 letter": (sql("UPDATE letter SET state = 'unknown' WHERE id = 1"), "P4: letter"),
    "P5 reason": (sql("UPDATE mail SET state = 'needs_review', reason = NULL WHERE id = 1"), "P5: mail"),
    "P6 late": (sql("UPDATE verdict SET late_seconds = 7"), "P6: "),
    "P7 entry": (sql("UPDATE log_entry SET actor = 'me' WHERE seq = 3"), "P7: the chain breaks at 3"),
    "P7 payload": (sql("UPDATE payload SET text = '{}' WHERE seq = 3"), "P7: the payload of 3"),
    "P7 cut": (sql("DELETE FROM log_entry WHERE seq = 4"), "P7: the chain breaks at 5"),
    "P8 accused": (_accused, "was called missing"),
    "P8 silent": (_gone("missing_notice"), "sent nothing"),
    "P8 digest": (_gone("digest"), "0 final digests"),
}


@pytest.fixture(scope="module")
def story(forge: Forge, sqlite_template: Path) -> Iterator[Province]:
    """A week in which nothing went wrong."""
    province = Province(forge, template=sqlite_template).start()
    province.report("STC", received=500)
    province.pass_time(minutes=1)
    province.report("STC", received=500, again=True)
    province.vacation("SYT")
    province.close()
    yield province
    province.stop()


@pytest.mark.parametrize("name", BREAKS)
def test_a_promise_broken_on_purpose_is_named(story: Province, tmp_path: Path, name: str):
    break_it, said = BREAKS[name]
    assert story.judged() == []
    kept = shutil.copytree(story.folder, tmp_path / "kept")
    ledger, mails = replace(story.ledger), dict(story.imap.folders["CCHC/2017"].mails)
    story.ledger.delivered, story.ledger.left = list(ledger.delivered), list(ledger.left)
    try:
        break_it(story)
        found = story.judged()
        assert any(said in line for line in found), found
    finally:
        shutil.rmtree(story.folder)
        shutil.copytree(kept, story.folder)
        story.ledger, story.imap.folders["CCHC/2017"].mails = ledger, mails
    assert story.judged() == []
