"""The weekly report in every format: five core figures right and unflagged, inside the walls as outside.

The files of ``documents/`` are LibreOffice's; what this file builds is as other programs write it.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from parsers.box import Box
from parsers.form import load_forms
from parsers.part import read_part
from parsers.sniff import sniff
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.container_builders import in_pieces, msg, p7m, rar4, rar5, seven_zip, tar, tnef, tnef_attachment
from tests.parsers.document_builders import WEEKLY, docx_bytes
from tests.parsers.office_builders import WEEKLY_FILES

DOCUMENTS = Path(__file__).parent.parent / "corpus" / "documents"
FORMS = load_forms()
FIGURES = {"received": 1625, "resolved": 1615, "on_time": 1590, "overdue": 25, "returned": 10}
HTML = "".join(f"<p>{line}</p>" for line in WEEKLY)
SIGNED_MAIL = "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + HTML
CONTAINERS = {
    "gói.7z": lambda: seven_zip({"tuần 29/Báo cáo.docx": docx_bytes()}),
    "gói.tar": lambda: tar({"tuần 29/Báo cáo.docx": docx_bytes()}),
    "gói.tar.gz": lambda: tar({"Báo cáo.docx": docx_bytes()}, "w:gz"),
    "gói.tar.bz2": lambda: tar({"Báo cáo.docx": docx_bytes()}, "w:bz2"),
    "gói.tar.xz": lambda: tar({"Báo cáo.docx": docx_bytes()}, "w:xz"),
    "gói.tgz": lambda: tar({"bao cao.docx": docx_bytes()}, "w:gz", 1),
    "mới.rar": lambda: rar5({"Báo cáo tuần.docx": docx_bytes()}),
    "cũ.rar": lambda: rar4({b"bao cao.docx": docx_bytes()}),
    "cũ không dấu cuối.rar": lambda: rar4({b"b\xb8o c\xb8o tu\xc7n.docx": docx_bytes()}, end=False),
    "winmail.dat": lambda: tnef(tnef_attachment(b"BAOCAO~1.DOC", docx_bytes(), "Báo cáo tuần.docx")),
    "thư.msg": lambda: msg(
        {"Báo cáo tuần.docx": docx_bytes()}, "Gửi báo cáo", p1000_1f="Kính gửi.".encode("utf-16-le")
    ),
    "thư không tệp.msg": lambda: msg({}, "Gửi báo cáo", p1013_102=HTML.encode(), p3ffd_3=b""),
    "Báo cáo.docx.p7m": lambda: p7m(docx_bytes()),
    "smime.p7m": lambda: p7m(SIGNED_MAIL.encode()),
    "dòng.docx.p7m": lambda: in_pieces(docx_bytes(), p7m(b"x")),
}
FILES = {path.name: path.read_bytes for path in sorted(DOCUMENTS.glob("weekly-*"))} | WEEKLY_FILES | CONTAINERS


@pytest.fixture(scope="module")
def box():
    with Box(wall=20.0) as found:
        found.warm()
        yield found


def leaf(name: str, data: bytes) -> Leaf:
    return Leaf(("2",), name, "application/octet-stream", "", data, hashlib.sha256(data).hexdigest(), "attachment")


def core(reading: PartReading) -> dict[str, Decimal | None]:
    """The core figures of the one report in a part that nothing was said against."""
    (report,) = reading.reports
    doubted = {key for found in report.findings if found.severity in ("warning", "error") for key in found.figures}
    return {
        figure.key: figure.value
        for figure in report.figures
        if figure.key in report.core and figure.key not in doubted and not figure.flags
    }


@pytest.mark.parametrize("name", FILES)
def test_the_weekly_report_is_read_right_and_unflagged_in_every_format(name: str, box: Box):
    part = leaf(name, FILES[name]())
    readings = read_part(part, FORMS, Hints("", name, None))
    (reading,) = [one for one in readings if one.reports]
    assert reading.outcome == "read"
    assert core(reading) == FIGURES
    assert reading.reports[0].window.start is not None
    assert "nội vụ" in reading.reports[0].agency_text.lower()
    assert box.read_part(part, Hints("", name, None)) == readings


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".p7m")])
def test_the_signer_is_shown_and_not_vouched_for(name: str):
    (found,) = [
        one
        for reading in read_part(leaf(name, FILES[name]()), FORMS, Hints())
        for one in reading.findings
        if one.code == "signed_by"
    ]
    assert found.severity == "info"
    assert "Nguyễn Văn A" in found.message


@pytest.mark.parametrize("name", FILES)
def test_the_name_keeps_what_it_promises(name: str):
    assert sniff(FILES[name](), name).findings == ()
