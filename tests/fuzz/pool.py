"""What fuzzing begins from: the repository's own files by type, and containers made of them.

The same list in the same order in every process: an input is named by a seed and a number.
"""

from __future__ import annotations

import gzip
import random
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from tests.fuzz.mutate import mutated
from tests.parsers.container_builders import msg, p7m, rar4, rar5, seven_zip, tar, tnef, tnef_attachment

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
FOUND = CORPUS / "fuzz"
READ = (
    "docx", "xlsx", "xls", "doc", "pdf", "odt", "ods", "rtf", "html", "csv", "txt", "zip", "msg", "xlsm", "rar", "7z", "p7m", "eml",
)  # fmt: skip
OFTEN = ("docx", "docx", "xlsx", "pdf", "pdf", "eml", "eml")  # what agencies send most
SEED_MAX = 300_000  # bytes of a file begun from: most tries in little time
SPOILED_MAX = 4 << 20  # bytes of a file tried: an unpacked bomb only shows how long copying takes


@cache
def pool() -> dict[str, tuple[bytes, ...]]:
    """Files by type."""
    found: dict[str, list[bytes]] = {}
    for path in sorted(CORPUS.rglob("*")):
        small = path.is_file() and path.stat().st_size <= SEED_MAX and FOUND not in path.parents
        if small and path.suffix.lower()[1:] in READ:
            found.setdefault(path.suffix.lower()[1:], []).append(path.read_bytes())
    for kind, data in _made(found):
        found.setdefault(kind, []).append(data)
    return {kind: tuple(files) for kind, files in sorted(found.items())}


def _made(found: dict[str, list[bytes]]) -> list[tuple[str, bytes]]:
    docx, xlsx, doc = (min(found[kind], key=len) for kind in ("docx", "xlsx", "doc"))
    members = {"Báo cáo.docx": docx, "số liệu.xlsx": xlsx}
    outlook = tnef(tnef_attachment(b"baocao.docx", docx, "Báo cáo tuần.docx"))
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@tinh.example", "cchc@tinh.example", "Báo cáo tuần"
    letter.set_content("Kính gửi Sở Nội vụ")
    letter.add_attachment(outlook, "application", "ms-tnef", filename="winmail.dat")
    letter.add_attachment(docx, "application", "octet-stream", filename="Báo cáo tuần.docx")
    return [
        ("rar", rar5(members)),
        ("rar", rar4({b"a.docx": docx, b"b.xlsx": xlsx})),
        ("7z", seven_zip(members)),
        ("tar", tar(members)),
        ("tgz", gzip.compress(tar(members), mtime=0)),
        ("dat", outlook),
        ("msg", msg({"Báo cáo.docx": docx, "cu.doc": doc}, "Báo cáo tuần")),
        ("eml", letter.as_bytes()),
        ("p7m", p7m(docx)),
    ]


def spoiled(seed: int, number: int) -> tuple[str, bytes]:
    """The input of that number: one of the files of one type, with one to three mistakes in it."""
    dice, files = random.Random(f"{seed}:{number}"), pool()
    while True:
        kind = dice.choice((*files, *OFTEN))
        data = dice.choice(files[kind])
        for _ in range(dice.choice((1, 1, 2, 3))):
            data = mutated(data, dice)
        if len(data) <= SPOILED_MAX:
            return kind, data
