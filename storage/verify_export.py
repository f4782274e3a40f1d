"""Check an exported intake log offline: ``python verify_export.py FILE [--anchors F]``. Standard library only, one file.

FILE is what ``cchc verify --export`` wrote: a first line naming entries and head, then one JSON line an entry. Checked: no
position missing or twice, moments never backwards, each entry holds the hash of the one before, each hash is right, each
payload still there has the hash the chain holds, the last entry is the head, and every anchor stands in the log. Anchors
are what others hold: JSON lines ``{"seq", "hash", "message_id"}``, or a folder of letters (.eml) with their ``X-CCHC-Log``.
A chain alone cannot show a cut tail or a log written anew; anchors do.

Exit 0 all is well, 1 problems (one a line), 2 the file cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GENESIS = "0" * 64
FIXED = ("prev", "seq", "at", "clock", "kind", "actor", "subject", "payload_sha256")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_PRINTED = re.compile(r"(\d+)\s+([0-9a-f]{64})\s*")


def sha256_text(text: str) -> str:
    """Hex sha256 of the UTF-8 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_hash(entry: dict[str, Any]) -> str:
    """Sha256 of the canonical JSON of an entry's fixed fields."""
    fixed = {name: entry.get(name) for name in FIXED}
    return sha256_text(json.dumps(fixed, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


class Chain:
    """Walks entries in order and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.seq, self.hash, self.at = 0, GENESIS, ""
        self.problems: list[dict[str, Any]] = []
        self.hashes: dict[int, str] = {}

    def problem(self, code: str, seq: int, detail: str) -> None:
        """Note one problem."""
        self.problems.append({"code": code, "seq": seq, "detail": detail})

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
            self.problem("moment", seq, f"dated {entry['at']} after {self.at or 'nothing'}")
        payload = entry.get("payload")
        if payload is not None and sha256_text(f"{entry.get('salt')}\n{payload}") != entry["payload_sha256"]:
            self.problem("payload", seq, "the payload is not the one the chain holds")
        self.seq, self.hash, self.at = seq, str(entry["hash"]), str(entry["at"])
        self.hashes[seq] = self.hash

    def anchor(self, anchor: dict[str, Any]) -> None:
        """Check what somebody outside holds."""
        seq = int(anchor["seq"])
        letter = f" (letter {anchor['message_id']})" if anchor.get("message_id") else ""
        if seq not in self.hashes:
            self.problem("anchor", seq, f"the log ends at {self.seq}, a witness holds position {seq}{letter}")
        elif self.hashes[seq] != anchor["hash"]:
            self.problem("anchor", seq, f"a witness holds another hash{letter}")


def read_anchors(path: Path) -> Iterator[dict[str, Any]]:
    """Anchors of a file of JSON lines, or of a folder of letters; ValueError or KeyError for a bad line."""
    if path.is_dir():
        for file in sorted(path.rglob("*.eml")):
            with file.open("rb") as letter:
                headers = BytesHeaderParser().parse(letter)
            if found := _PRINTED.fullmatch(str(headers.get("X-CCHC-Log", "")).strip()):
                message_id = str(headers.get("Message-ID", "")).strip()
                yield {"seq": int(found[1]), "hash": found[2], "message_id": message_id}
        return
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            anchor = json.loads(line)
            yield {"seq": int(anchor["seq"]), "hash": str(anchor["hash"]), "message_id": anchor.get("message_id")}


def verify(file: Path, anchors: Iterable[dict[str, Any]] = ()) -> Chain:
    """Walk an export; OSError, ValueError or KeyError when it is none."""
    chain = Chain()
    with file.open(encoding="utf-8") as lines:
        first = json.loads(next(lines, "null"))
        if not isinstance(first, dict) or first.get("schema") != "cchc.export/1":
            raise ValueError("not an export of the intake log (schema cchc.export/1)")
        for line in lines:
            chain.take(json.loads(line))
    if (chain.seq, chain.hash) != (first["head"]["seq"], first["head"]["hash"]):
        chain.problem("head", chain.seq, f"the export names position {first['head']['seq']} as its head")
    for anchor in anchors:
        chain.anchor(anchor)
    return chain


def main(words: list[str]) -> int:
    """The command."""
    if len(words) not in (1, 3) or (len(words) == 3 and words[1] != "--anchors"):
        sys.stderr.write("usage: python verify_export.py FILE [--anchors F]\n")
        return 2
    try:
        chain = verify(Path(words[0]), read_anchors(Path(words[2])) if len(words) == 3 else ())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        sys.stderr.write(f"cannot be read: {type(fault).__name__}: {fault}\n")
        return 2
    for problem in chain.problems:
        sys.stdout.write(f"{problem['code']} at {problem['seq']}: {problem['detail']}\n")
    sys.stdout.write(f"{len(chain.hashes)} entries, head {chain.seq} {chain.hash}: ")
    sys.stdout.write(f"{len(chain.problems)} problems\n" if chain.problems else "whole\n")
    return 1 if chain.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
