"""A period's evidence in one zip, to be checked far from here by who trusts nobody: log, raw mails, letters, a verifier.

Rules:

1. In it are the mails that came after the period's predecessor fell due and until it fell due itself, and every mail ever
   judged to be of the period; the letters about them and about the period, as they left.
2. The log is whole, from its first entry: every link can be recomputed. Payloads of what does not concern the period are left
   out and marked so, except what tells of receipt and erasure; what was erased is named, with who and why.
3. The verifier is one file for any Python 3.8 or newer and reads nothing else of ours. What it cannot know from the bundle alone
   (a tail cut off, a log written anew) is told by letters others hold; the guide says how to ask for them.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from intake.board import period_of
from intake.book import law_of
from intake.desk import Desk
from intake.rules import near
from notifier.texts import catalogue
from storage.chain import moment_text
from storage.errors import NotFound
from storage.proof import write_log
from storage.queries import Queries
from storage.read_proof import Witness
from storage.records import Json, Letter, Mail

SCHEMA = "cchc.bundle/1"
VERIFIER, GUIDE, WORDS = "verify.py", "HUONG-DAN.txt", "verify.words.json"
LAST = 200  # letters that left last: what they print pins the end of the log
_ALWAYS = frozenset(("kept", "received_earlier", "received_later", "erased"))


def write_bundle(desk: Desk, key: str, file: Path | IO[bytes], by: str) -> Json:
    """Write the evidence of a period; the manifest. Raises ``NoSuchPeriod``, OSError."""
    with desk.ledger.read() as q, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        since, until = _span(desk, q, key)
        mails = q.mails_of_period(key, since, until)
        letters = q.letters_of_period(key, {mail.id for mail in mails})
        subjects = q.subjects_of_mails({mail.id for mail in mails}) | {letter.about for letter in letters}
        seqs = {letter.seq for letter in letters}

        def told(entry: Mapping[str, Any]) -> bool:
            subject = str(entry["subject"])
            own = subject in subjects or subject == f"period:{key}" or subject.startswith(f"due:{key}/")
            return own or entry["kind"] in _ALWAYS or entry["seq"] in seqs

        with out.open("log.jsonl", "w", force_zip64=True) as log:
            head = write_log(q, lambda lines: log.write(lines.encode()), told)
        sent = [x for x in letters if x.state == "sent" and x.raw_sha256]
        manifest: Json = {
            "schema": SCHEMA,
            "period": key,
            "from": moment_text(since) if since else "",
            "until": moment_text(until),
            "made_at": moment_text(desk.clock.now()),
            "made_by": by,
            "office": desk.settings.office.name,
            "head": head,
            "mails": [_mail(desk, out, mail, q.erased_at(mail.id)) for mail in mails],
            "letters": [_letter(desk, out, letter) for letter in sent],
        }
        _texts(out, manifest, q.last_letters_sent(LAST))
    return manifest


def _span(desk: Desk, q: Queries, key: str) -> tuple[datetime | None, datetime]:
    """After which moment and until when a mail belongs to the period by its receipt."""
    law = law_of(desk, q)
    period = period_of(q, law.calendar, key)
    before = near.before(law.calendar, period)
    return (period_of(q, law.calendar, before.key).due_at if before else None), period.due_at


def _mail(desk: Desk, out: zipfile.ZipFile, mail: Mail, erased: int | None) -> Json:
    """The raw mail, unless it was erased; what the manifest says of it."""
    with suppress(NotFound):
        out.writestr(f"mails/{mail.sha256}.eml", desk.vault.get(mail.sha256))
    return {
        "id": mail.id,
        "sha256": mail.sha256,
        "received_at": moment_text(mail.received_at),
        "erased": erased,
    }


def _letter(desk: Desk, out: zipfile.ZipFile, letter: Letter) -> Json:
    """The letter as it left; what the manifest says of it."""
    with suppress(NotFound):
        out.writestr(f"letters/{letter.raw_sha256}.eml", desk.vault.get(str(letter.raw_sha256)))
    return {"sha256": letter.raw_sha256, "to": list(letter.to), "kind": letter.kind, **anchor(letter)}


def anchor(letter: Letter | Witness) -> Json:
    """What the letter's readers hold of the log."""
    return {"seq": letter.seq, "hash": letter.hash, "message_id": letter.message_id}


def _texts(out: zipfile.ZipFile, manifest: Json, last: tuple[Witness, ...]) -> None:
    said = catalogue("evidence")
    lines = sorted((anchor(letter) for letter in last), key=lambda one: one["seq"])
    out.writestr("anchors.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    out.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
    out.writestr(WORDS, json.dumps(dict(said["verifier"]), ensure_ascii=False, indent=1))
    out.writestr(VERIFIER, files("storage").joinpath("verify_export.py").read_bytes())
    values = {"office": manifest["office"], "period": manifest["period"], "made_at": manifest["made_at"]}
    out.writestr(GUIDE, str(said["guide"]["text"]).format(**values, **manifest["head"]).replace("\n", "\r\n"))
