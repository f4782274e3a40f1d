"""Check an intake log, or a period's evidence bundle, offline: ``python3 -I verify.py [PLACE] [--witness W]… [--mails FOLDER]``.

One file, standard library only. PLACE is a log (``log.jsonl``, from ``cchc verify --export``) or the folder of an unpacked
bundle; without it, the folder this file lies in. A witness is what somebody else holds: a letter (.eml), a folder of letters,
a text pasted from one, JSON lines ``{"seq", "hash", "message_id"}``, or the two words ``"SEQ HASH"``. ``--mails`` is a folder
of mails as the mail server holds them. Problems, each under a code:

of the chain ``gap link entry moment payload payload_gone head anchor``: a position missing or twice, not holding the hash
before, not giving its own hash, dated before the last, a payload not the one hashed, one gone without an erasure, an end that
is not the one named, a witness that holds something else; of the mails ``mail_unlogged mail_gone mail_differs mail_backdated``:
a mail the log does not know, one it names that is not there, one whose bytes are not its sum, one the log received before the
mail server did; of the letters ``letter_gone letter_differs letter_unlogged``.
A chain alone cannot show a cut tail or a log written anew: witnesses from outside do, and ``notes`` say when none was given.

Exit 0 all is well, 1 problems (one a line), 2 something cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GENESIS = "0" * 64
FIXED = ("prev", "seq", "at", "clock", "kind", "actor", "subject", "payload_sha256")
SLACK = timedelta(minutes=2)  # clocks of two servers may differ by so much
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_PRINTED = re.compile(r"(?<!\w)(\d{1,15})(?!\w)\D{0,80}?(?<!\w)([0-9a-f]{64})(?!\w)")
_PATH = re.compile(r"[^\n]{1,255}")


def sha256_text(text: str) -> str:
    """Hex sha256 of the UTF-8 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_hash(entry: dict[str, Any]) -> str:
    """Sha256 of the canonical JSON of an entry's fixed fields."""
    fixed = {name: entry.get(name) for name in FIXED}
    return sha256_text(json.dumps(fixed, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


class Chain:
    """Walks entries in order and gathers what is wrong with them."""

    def __init__(self, seq: int = 0, digest: str = GENESIS, at: str = "") -> None:
        self.seq, self.hash, self.at = seq, digest, at  # of the last entry taken
        self.given, self.left_out = 0, 0
        self.problems: list[dict[str, Any]] = []
        self.hashes: dict[int, str] = {}
        self.erased: dict[str, int] = {}  # "entry:5", "mail:17" → position that says so
        self.bare: list[int] = []  # entries without their payload

    def problem(self, code: str, seq: int, detail: str, what: str = "") -> None:
        """Note one problem; ``what`` names the mail, letter or moment it is about."""
        self.problems.append({"code": code, "seq": seq, "detail": detail, **({"what": what} if what else {})})

    def take(self, entry: dict[str, Any]) -> None:
        """Check the next entry against the one before."""
        seq = int(entry["seq"])
        if seq != self.seq + 1:
            self.problem("gap", seq, f"follows position {self.seq}")
        if entry["prev"] != self.hash:
            self.problem("link", seq, "does not hold the hash of the entry before")
        if entry_hash(entry) != entry["hash"]:
            self.problem("entry", seq, "its fields do not give its hash")
        if not _MOMENT.fullmatch(str(entry["at"])) or str(entry["at"]) < self.at:
            self.problem("moment", seq, f"dated {entry['at']} after {self.at or 'nothing'}", str(entry["at"]))
        self._payload(entry, seq)
        self.seq, self.hash, self.at = seq, str(entry["hash"]), str(entry["at"])
        self.hashes[seq] = self.hash
        self.given += entry["clock"] == "given"
        if entry["kind"] == "erased":
            self.erased[str(entry["subject"])] = seq

    def _payload(self, entry: dict[str, Any], seq: int) -> None:
        payload = entry.get("payload")
        if payload is not None:
            if sha256_text(f"{entry.get('salt')}\n{payload}") != entry["payload_sha256"]:
                self.problem("payload", seq, "the payload is not the one the chain holds")
        elif entry.get("left_out"):
            self.left_out += 1
        else:
            self.bare.append(seq)

    def finish(self) -> None:
        """What only the whole log can tell: a payload is missing and nobody erased it."""
        for seq in self.bare:
            if f"entry:{seq}" not in self.erased:
                self.problem("payload_gone", seq, "its payload is gone and no entry says it was erased")

    def anchor(self, anchor: dict[str, Any]) -> None:
        """Check what somebody outside holds."""
        seq, held = int(anchor["seq"]), str(anchor.get("message_id") or "")
        letter = f" (letter {held})" if held else ""
        if seq not in self.hashes:
            self.problem("anchor", seq, f"the log ends at {self.seq}, a witness holds position {seq}{letter}", held)
        elif self.hashes[seq] != anchor["hash"]:
            self.problem("anchor", seq, f"a witness holds another hash{letter}", held)


# ---- what others hold ------------------------------------------------------------------------------------------------


def anchor_of_letter(raw: bytes) -> dict[str, Any] | None:
    """Position and hash a letter names, in its header or else in its text, and the mail it answers; None for none."""
    message = message_from_bytes(raw, policy=policy.default)
    found = _PRINTED.search(_header(message, "X-CCHC-Log"))
    if not found:
        body = message.get_body(("plain", "html"))
        found = _PRINTED.search(str(body.get_content())) if body else None
    if not found:
        return None
    anchor = {"seq": int(found[1]), "hash": found[2], "message_id": _header(message, "Message-ID")}
    mail = re.fullmatch("[0-9a-f]{64}", _header(message, "X-CCHC-Mail"))
    return {**anchor, **({"mail": mail[0]} if mail else {})}


def _header(message: Any, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return ""


def read_anchors(place: Path | str) -> Iterator[dict[str, Any]]:
    """Anchors of a letter, a folder of letters, JSON lines, a pasted text in a file, or said outright; ValueError for none."""
    path = Path(place)
    if (isinstance(place, str) and _PRINTED.search(place)) or not path.exists():
        yield from _of_text(str(place))
    elif path.is_dir():
        for file in sorted(path.rglob("*.eml")):
            if found := anchor_of_letter(file.read_bytes()):
                yield found
    elif path.suffix.lower() == ".eml":
        found = anchor_of_letter(path.read_bytes())
        if not found:
            raise ValueError(f"{path.name}: no position and hash in this letter")
        yield found
    else:
        yield from _of_text(path.read_text("utf-8-sig"))


def _of_text(text: str) -> Iterator[dict[str, Any]]:
    if text.lstrip().startswith("{"):
        for line in filter(str.strip, text.splitlines()):
            anchor = json.loads(line)
            yield {"seq": int(anchor["seq"]), "hash": str(anchor["hash"]), "message_id": anchor.get("message_id")}
        return
    found = [{"seq": int(one[1]), "hash": one[2], "message_id": None} for one in _PRINTED.finditer(text)]
    if not found and text.strip():
        raise ValueError("no position and hash in: " + text.strip()[:60])
    yield from found


# ---- a bundle --------------------------------------------------------------------------------------------------------


class Bundle:
    """What the log tells of the mails and letters of a bundle, against the files beside it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.mails: dict[str, int] = {}  # sha256 → id
        self.received: dict[
            int, tuple[int, str, bool]
        ] = {}  # mail → where, when it came, whether our border's header says so
        self.judged: set[int] = set()  # mails ever judged to be of the period
        self.blank: set[str] = set()  # mails whose sum was erased from the log, or left out
        self.letters: dict[str, int] = {}  # sha256 of a sent letter → position that says so

    def note(self, entry: dict[str, Any], period: str) -> None:
        """Remember what an entry tells."""
        payload = entry.get("payload")
        said = json.loads(payload) if payload else {}
        kind, subject = str(entry["kind"]), str(entry["subject"])
        if payload is None and kind == "kept":
            self.blank.add(subject.partition(":")[2])
        if not isinstance(said, dict):
            return
        if kind in ("kept", "received_earlier", "received_later") and said.get("received_at"):
            number = int(subject.partition(":")[2])
            self.received[number] = int(entry["seq"]), str(said["received_at"]), bool(said.get("border_received"))
            if kind == "kept":
                self.mails[str(said["sha256"])] = number
        elif kind == "verdict" and period and said.get("period") == period:
            self.judged.add(int(str(said["ref"]).partition(".")[0]))
        elif kind.startswith("letter_") and said.get("raw_sha256"):
            self.letters[str(said["raw_sha256"])] = int(entry["seq"])

    def check(self, folder: Path, manifest: dict[str, Any]) -> None:
        """The files of the bundle."""
        wanted = {s: n for s, n in self.mails.items() if n in self.judged or self._arrived(n, manifest)}
        named = {
            str(one["sha256"]): int(one["id"]) for one in manifest.get("mails", ()) if str(one["id"]) in self.blank
        }
        self._files(folder / "mails", wanted, {**named, **self.mails}, "mail")
        told = {str(one["sha256"]) for one in manifest.get("letters", ())}
        self._files(folder / "letters", {s: n for s, n in self.letters.items() if s in told}, self.letters, "letter")
        for sha256 in sorted(told - self.letters.keys()):
            self.chain.problem("letter_unlogged", 0, f"the log does not say that letter {sha256} was sent", sha256)

    def _arrived(self, number: int, manifest: dict[str, Any]) -> bool:
        moment = self.received[number][1]
        return str(manifest.get("from", "9")) < moment <= str(manifest.get("until", ""))

    def _files(self, folder: Path, wanted: dict[str, int], known: dict[str, int], kind: str) -> None:
        there = {file.stem: file for file in sorted(folder.glob("*.eml"))} if folder.is_dir() else {}
        for name, file in there.items():
            raw = file.read_bytes()
            real = hashlib.sha256(raw).hexdigest()
            if real != name:
                self.chain.problem(f"{kind}_differs", 0, f"{file.name} holds {real}", file.name)
            elif name not in known:
                self.chain.problem(f"{kind}_unlogged", 0, f"the log does not know {file.name}", file.name)
            elif kind == "mail" and known[name] in self.received:
                self._clock(known[name], raw, file.name)
            elif kind == "letter" and (found := anchor_of_letter(raw)):
                self.chain.anchor(found)
        for name, number in wanted.items():
            if name not in there and (kind == "letter" or f"mail:{number}" not in self.chain.erased):
                self.chain.problem(f"{kind}_gone", 0, f"{name} is not in the bundle, and nobody erased it", name)

    def _clock(self, number: int, raw: bytes, name: str) -> None:
        """The log may not say that a mail came before the last server it went through had it."""
        seq, moment, by_border = self.received[number]
        logged = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f%z")
        stamps = list(_stamps(raw))
        near = any(abs(logged - stamp) <= SLACK for stamp in stamps)
        if stamps and (not near if by_border else logged < stamps[0] - SLACK):
            self.chain.problem("mail_backdated", seq, f"{name}: received {moment}, its header says {stamps[0]}", name)


def _stamps(raw: bytes) -> Iterator[datetime]:
    """When each server had the mail, the last one first, by its Received headers."""
    for header in message_from_bytes(raw, policy=policy.compat32).get_all("Received") or []:
        try:
            moment = parsedate_to_datetime(str(header).rpartition(";")[2].strip())
        except (ValueError, TypeError, IndexError):
            continue
        if moment.tzinfo is not None:
            yield moment


# ---- the command -----------------------------------------------------------------------------------------------------


def verify(place: Path, anchors: Iterable[dict[str, Any]] = (), mails: Iterable[Path] = ()) -> Chain:
    """Walk a log or a bundle; OSError, ValueError or KeyError when it is none."""
    folder = place if place.is_dir() else None
    manifest = json.loads((folder / "manifest.json").read_text("utf-8")) if folder else {}
    chain, period = Chain(), str(manifest.get("period") or "")
    bundle = Bundle(chain)
    with (folder / "log.jsonl" if folder else place).open(encoding="utf-8") as lines:
        first = json.loads(next(lines, "null"))
        if not isinstance(first, dict) or first.get("schema") != "cchc.export/1":
            raise ValueError("not an export of the intake log (schema cchc.export/1)")
        for line in lines:
            entry = json.loads(line)
            chain.take(entry)
            bundle.note(entry, period)
    chain.finish()
    heads: list[dict[str, Any]] = [first["head"], *([manifest["head"]] if folder else [])]
    for seq, digest in dict.fromkeys((head["seq"], head["hash"]) for head in heads):
        if (chain.seq, chain.hash) != (seq, digest):
            chain.problem("head", chain.seq, f"the export names position {seq} as its head", str(seq))
    if folder:
        bundle.check(folder, manifest)
    _against(bundle, anchors, mails)
    return chain


def _against(bundle: Bundle, anchors: Iterable[dict[str, Any]], mails: Iterable[Path]) -> None:
    """What others hold: letters, and mails as the server has them."""
    for anchor in anchors:
        bundle.chain.anchor(anchor)
        if anchor.get("mail") and anchor["mail"] not in bundle.mails:
            bundle.chain.problem("mail_unlogged", 0, f"a letter answers {anchor['mail']}, unknown here", anchor["mail"])
    for file in mails:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        if sha256 not in bundle.mails:
            bundle.chain.problem("mail_unlogged", 0, f"{file.name} ({sha256}) is not in the log", file.name)


def _said(words: dict[str, str], problem: dict[str, Any]) -> str:
    told = words.get(problem["code"])
    at = words.get("at", "at {seq}").format(seq=problem["seq"]) if problem["seq"] else ""
    head = f"{problem['code']} {at}".strip()
    return f"{head}: " + (f"{told} {problem.get('what', '')}".strip() if told else problem["detail"])


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="verify.py", description="Check an intake log or an evidence bundle.")
    parser.add_argument("place", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--witness", "--anchors", action="append", default=[], help="letter, folder, text, SEQ HASH")
    parser.add_argument("--mails", type=Path, help="folder of .eml files as the mail server holds them")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """The command."""
    try:
        asked = _arguments(words)
        held = [anchor for place in asked.witness for anchor in read_anchors(place)]
        mails = sorted(asked.mails.rglob("*.eml")) if asked.mails else []
        chain = verify(asked.place, held, mails)
        beside = (asked.place if asked.place.is_dir() else asked.place.parent) / "verify.words.json"
        said = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
    except SystemExit as wrong:
        return 2 if wrong.code else 0
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        sys.stderr.write(f"cannot be read: {type(fault).__name__}: {fault}\n")
        return 2
    _print(chain, said, len(held), len(mails))
    return 1 if chain.problems else 0


def _print(chain: Chain, words: dict[str, str], witnesses: int, mails: int) -> None:
    for problem in chain.problems:
        sys.stdout.write(_said(words, problem) + "\n")
    notes = {"given": chain.given, "left_out": chain.left_out, "erased": len(chain.erased), "mails": mails}
    plain = {"given": "{n} entries under a clock set by hand", "left_out": "{n} payloads of other periods left out"}
    plain |= {"erased": "{n} erasures, each with an entry that says so", "mails": "{n} mails of the server looked up"}
    for name, n in notes.items():
        if n:
            sys.stdout.write(words.get(f"note_{name}", plain[name]).format(n=n) + "\n")
    plain = {"none": "no witness: ask for letters others hold", "some": "{n} witnesses from outside"}
    name = "some" if witnesses else "none"
    sys.stdout.write(words.get(f"note_{name}", plain[name]).format(n=witnesses) + "\n")
    summary = words.get("summary", "{n} entries, head {seq} {hash}")
    sys.stdout.write(summary.format(n=len(chain.hashes), seq=chain.seq, hash=chain.hash) + ": ")
    whole = words.get("whole", "whole")
    sys.stdout.write(f"{len(chain.problems)} {words.get('problems', 'problems')}\n" if chain.problems else f"{whole}\n")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
