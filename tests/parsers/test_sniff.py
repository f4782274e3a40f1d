"""Content decides what a file is; the name is only a promise."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile

import pytest

from parsers import limits, ole
from parsers.sniff import promise, sniff


def zipped(*names: str, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, more.get("data", b"x"))
    return out.getvalue()


def ole_file(*names: str) -> bytes:
    """A compound file with one directory chain: root, then the names as siblings."""
    header = bytearray(512)
    header[:8] = ole.MAGIC
    struct.pack_into("<HH", header, 28, 0xFFFE, 9)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    sectors = (len(names) + 1 + 3) // 4
    fat = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE] + [0xFFFFFFFF] * (127 - sectors)
    directory = b""
    for n, name in enumerate(("Root Entry", *names)):
        entry = bytearray(128)
        text = name.encode("utf-16-le")
        entry[: len(text)] = text
        right = n + 1 if 0 < n < len(names) else 0xFFFFFFFF
        struct.pack_into(
            "<HBBIII",
            entry,
            64,
            len(text) + 2,
            5 if n == 0 else 2,
            1,
            0xFFFFFFFF,
            right,
            1 if n == 0 and names else 0xFFFFFFFF,
        )
        directory += bytes(entry)
    return bytes(header) + struct.pack("<128I", *fat[:128]) + directory.ljust(sectors * 512, b"\0")


TAR = io.BytesIO()
with tarfile.open(fileobj=TAR, mode="w") as archive:
    archive.addfile(tarfile.TarInfo("a.docx"))


@pytest.mark.parametrize(
    ("data", "name", "found", "reason"),
    [
        (zipped("[Content_Types].xml", "word/document.xml"), "a.docx", "docx", None),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "a.docx", "xlsx", None),
        (zipped("word/document.xml"), "a.docx", "docx", "corrupt"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a.pptx", "pptx", "unsupported_type"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a.docx", "pptx", "type_mismatch"),
        (zipped("[Content_Types].xml", "xl/workbook.bin"), "a.xlsb", "xlsb", "unsupported_type"),
        (zipped("[Content_Types].xml", "other.xml"), "a.vsdx", "opc", "unsupported_type"),
        (zipped("[Content_Types].xml", "word/document2.xml"), "a.docx", "docx", None),
        (zipped("a.docx"), "a.zip", "zip", None),
        (zipped("Index/Document.iwa", "preview.jpg"), "a.pages", "pages", "unsupported_type"),
        (zipped("Index/Document.iwa", "preview.jpg"), "a.zip", "iwork", "type_mismatch"),
        (b"[InternetShortcut]\r\nURL=https://drive.example/x\r\n", "a.url", "url", "link_only"),
        (b'{"url": "https://docs.example/open?id=1", "doc_id": "1"}', "a.gdoc", "url", "link_only"),
        (b'{"url": "https://docs.example/open?id=1", "rows": [{"doc_id": 1}]}', "a.json", "txt", None),
        (b"L\0\0\0\x01\x14\x02\0" + bytes(80), "a.docx.lnk", "lnk", "link_only"),
        ("Báo cáo tuần 29 của Sở Nội vụ".encode("utf-16-le"), "a.txt", "txt", None),
        ("Báo cáo tuần 29 của Sở Nội vụ".encode("utf-16-be"), "a.txt", "txt", None),
        ("<html><body>Báo cáo tuần 29</body></html>".encode("utf-16-le"), "a.html", "html", None),
        (bytes(range(256)) + b"\0a\0b\0c" * 90, "a.txt", "data", "corrupt"),
        (zipped("mimetype", data=b"plain"), "a.zip", "zip", None),
        (zipped("a.docx")[:40], "a.zip", "zip", "corrupt"),
        (zipped("[Content_Types].xml", "word/document.xml")[:90], "a.docx", "docx", "corrupt"),
        (ole_file("WordDocument", "1Table"), "a.doc", "doc", None),
        (ole_file("WordDocument"), "a.docx", "doc", None),
        (ole_file("Workbook"), "a.xls", "xls", None),
        (ole_file("a", "b", "c", "d", "Book"), "a.xls", "xls", None),
        (ole_file("PowerPoint Document"), "a.ppt", "ppt", "unsupported_type"),
        (ole_file("__properties_version1.0"), "a.msg", "msg", None),
        (ole_file("EncryptedPackage", "EncryptionInfo"), "a.xlsx", "xlsx", "encrypted"),
        (ole_file("EncryptedPackage"), "a.bin", "ole", "encrypted"),
        (ole_file("Something"), "a.bin", "ole", "unsupported_type"),
        (ole_file("Workbook")[:600], "a.xls", "xls", "corrupt"),
        (ole.MAGIC + b"\xff" * 60, "a", "ole", "corrupt"),
        (b"%PDF-1.7 x", "a.pdf", "pdf", None),
        (b"\r\n%PDF-1.7 x", "a.pdf", "pdf", None),
        (b"\x89PNG\r\n\x1a\n" + b"%PDF-1.7", "a.pdf", "png", None),
        (b"\xff\xd8\xff\xe0", "a.png", "jpeg", None),
        (b"SIMPLE  =  T", "a.png", "fits", "type_mismatch"),
        (b"SIMPLE  =  T", "a.fits", "fits", "unsupported_type"),
        (b"Rar!\x1a\x07\x01\x00", "a.rar", "rar", None),
        (b"Rar!\x1a\x07\x01\x00", "a.zip", "rar", None),
        (gzip.compress(TAR.getvalue()), "a.tgz", "tar.gz", None),
        (bz2.compress(TAR.getvalue()), "a.tar.bz2", "tar.bz2", None),
        (lzma.compress(TAR.getvalue(), preset=9), "a.tar.xz", "tar.xz", None),
        (bz2.compress(b"x" * 9999), "a.bz2", "bz2", "unsupported_type"),
        (b"\xfd7zXZ\0 broken", "a.xz", "xz", "unsupported_type"),
        (b"BZh broken", "a.bz2", "bz2", "unsupported_type"),
        (gzip.compress(b"x" * 9999), "a.gz", "gz", "unsupported_type"),
        (b"\x1f\x8b broken", "a.gz", "gz", "unsupported_type"),
        (TAR.getvalue(), "a.tar", "tar", None),
        (b"MZ\x90\0", "report.pdf.exe", "exe", "unsupported_type"),
        (b"{\\rtf1 x}", "a.doc", "rtf", None),
        (b"a;1\nb;2", "a.csv", "csv", None),
        (b"Xin gui bao cao, kem theo", "a.csv", "txt", None),
        (b"PK\x03\x04opendocument.spreadsheet", "a.zip", "ods", "corrupt"),
        (b"\x78\x9f\x3e\x22", "winmail.dat", "tnef", None),
        (b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "a.p7m", "p7m", None),
        (b"-----BEGIN PKCS7-----\n", "a.p7m", "p7m", None),
        (b"\0\1\2\3", "a.rar", "data", "corrupt"),
        (b"\0\1\2\3", "a.docx", "data", "corrupt"),
        (b"\0\1\2\3", "a.bin", "data", "unsupported_type"),
        (b"\x01\x02\x03\x04ab" * 9, "a", "data", "unsupported_type"),
        (b"", "a.docx", "docx", "empty"),
        (b" \r\n\t\0", "a", "data", "empty"),
        (b"<html><body>x", "a.doc", "html", None),
        (b"<!-- c --><table><tr>", "a.xls", "html", None),
        (b"<?xml version='1.0'?><!DOCTYPE html><html>", "a.htm", "html", None),
        (b"<svg xmlns='x'>", "a.svg", "svg", "unsupported_type"),
        (b"<?xml version='1.0'?><w:document>", "a.doc", "xml", "type_mismatch"),
        (b"<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>", "a.doc", "wordxml", None),
        ("<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>".encode("utf-16"), "a.xls", "excelxml", None),
        ("Báo cáo tuần".encode(), "a.txt", "txt", None),
        ("Báo cáo tuần".encode("utf-16"), "a.txt", "txt", None),
        (b"B\xb8o c\xb8o", "a.txt", "txt", None),
        (b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\nhi", "a.eml", "eml", None),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", "a.doc", "mht", None),
        (b"BEGIN:VCARD\r\n", "a.vcf", "vcf", "unsupported_type"),
        (b"BEGIN:VCALENDAR\r\n", "a.ics", "ics", "unsupported_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",  # bytes hold the moment of their making: no name
)  # fmt: skip
def test_the_type_is_found_by_content(data: bytes, name: str, found: str, reason: str | None):
    sniffed = sniff(data, name)
    assert (sniffed.type, sniffed.reason) == (found, reason)


def opendocument(kind: str) -> bytes:
    return zipped("mimetype", data=b"application/vnd.oasis.opendocument." + kind.encode())


@pytest.mark.parametrize(("kind", "found"), [("text", "odt"), ("spreadsheet", "ods"), ("formula", "odf")])
def test_opendocument_is_told_apart_from_a_zip(kind: str, found: str):
    assert sniff(opendocument(kind), "a").type == found


def test_a_pdf_that_is_a_zip_too_is_read_as_a_pdf_with_a_warning():
    sniffed = sniff(b"%PDF-1.7\n" + zipped("a.docx"), "a.pdf")
    assert sniffed.type == "pdf"
    assert [(found.code, found.severity) for found in sniffed.findings] == [("polyglot", "warning")]


def test_a_readable_file_under_another_name_is_read_and_told():
    sniffed = sniff(zipped("[Content_Types].xml", "word/document.xml"), "a.pdf")
    assert sniffed.reason is None
    assert [found.code for found in sniffed.findings] == ["wrong_extension"]
    assert "pdf" in sniffed.findings[0].message


def test_a_zip_with_an_absurd_directory_is_not_even_listed():
    bomb = b"PK\x03\x04" + b"PK\x01\x02" * (limits.MEMBERS_SCANNED_MAX + 1)
    assert sniff(bomb, "a.zip").reason == "zip_too_many_entries"


def test_an_ole_chain_that_bites_its_tail_ends():
    looped = bytearray(ole_file("a", "b", "c", "Workbook"))
    struct.pack_into("<I", looped, 512 + 4, 1)  # the directory's first sector follows itself
    assert sniff(bytes(looped), "a.xls").type in ("xls", "ole")


def test_an_embedded_workbook_does_not_make_a_word_file_a_sheet():
    names = ole.first_level(ole_file("WordDocument", "ObjectPool"))
    assert names == {"WordDocument", "ObjectPool"}


def test_only_a_known_extension_promises_something():
    assert [promise(name) for name in ("a.DOCX", "a.b.pdf", "docx", "a.exe", "a.docx ")] == [
        "docx",
        "pdf",
        "",
        "",
        "docx",
    ]


def test_the_declared_type_helps_only_where_content_cannot():
    assert sniff(b"hello <b>x</b>", "", "text/html").type == "html"
    assert (
        sniff(b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "", "application/pkcs7-signature").type == "p7s"
    )
    assert sniff(b"%PDF-1.7", "", "text/html").type == "pdf"


def test_many_comments_before_no_markup_are_no_trap():
    assert sniff(b"<!--a-->" * 5_000 + b"x", "a.txt").type == "txt"
