"""The weekly report as programs other than LibreOffice write it, byte by byte."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable
from io import BytesIO

import openpyxl

from parsers.vietnamese import from_font
from tests.parsers.document_builders import WEEKLY, zipped

ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"),
        ("svg", "svg-compatible"), ("fo", "xsl-fo-compatible"),
    )
)  # fmt: skip
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
OLD_LETTERS = {from_font(chr(code), ".VnTime"): chr(code) for code in range(0xA1, 0x100)}


def odf(kind: str, body: str, styles: str = "", members: dict[str, str | bytes] | None = None) -> bytes:
    """An odt or ods; ``kind``: text or spreadsheet; ``styles``: automatic styles and font faces."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODF} {XLINK}>{styles}'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return zipped({"mimetype": mimetype, "content.xml": content, **(members or {})}, 0)


def odt_of(body: str, styles: str = "", members: dict[str, str | bytes] | None = None) -> bytes:
    return odf("text", body, styles, members)


def ods_of(rows: str, styles: str = "", table: str = 'table:name="S"') -> bytes:
    return odf("spreadsheet", f"<table:table {table}>{rows}</table:table>", styles)


def rtf_text(text: str) -> str:
    """Letters as Word writes them: a number, then a stand-in."""
    return "".join(
        char if ord(char) < 128 else f"\\u{ord(char) if ord(char) < 32768 else ord(char) - 65536}?" for char in text
    )


def rtf_of(body: str, fonts: str = r"{\f0\froman\fcharset0 Times New Roman;}") -> bytes:
    return (r"{\rtf1\ansi\ansicpg1252\uc1\deff0{\fonttbl" + fonts + "}" + body + "}").encode("latin-1")


def old(text: str) -> str:
    """Text as typed in a TCVN3 font, its bytes as Latin-1."""
    return "".join(OLD_LETTERS.get(char, char) for char in text)


def _weekly_rtf() -> bytes:
    return rtf_of("".join(rf"\pard\plain \f0 {rtf_text(line)}\par" + "\r\n" for line in WEEKLY))


def _weekly_old_rtf() -> bytes:
    """Word 97 with a Vietnamese keyboard of the time."""
    lines = (line if line.isupper() else old(line) for line in ("Sở Nội vụ", "Báo cáo tuần", *WEEKLY[4:]))
    body = "".join(
        r"\pard\f1 " + "".join(c if c < "\x80" else f"\\'{ord(c):02x}" for c in line) + r"\par " for line in lines
    )
    return rtf_of(body, r"{\f0\fcharset0 Arial;}{\f1\fnil\fcharset0 .VnTime;}")


def _weekly_odt() -> bytes:
    return odt_of("".join(f"<text:p>{line}</text:p>" for line in WEEKLY))


def _rows() -> list[tuple[str, ...]]:
    labelled = [tuple(line.removeprefix("- ").split(": ")) for line in WEEKLY[6:]]
    return [(line,) for line in WEEKLY[:6]] + labelled  # type: ignore[return-value]


def _weekly_ods() -> bytes:
    cells = (
        "".join(
            f'<table:table-cell office:value-type="float" office:value="{value.replace(".", "")}"/>'
            if value.replace(".", "").isdigit()
            else f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
            for value in row
        )
        for row in _rows()
    )
    return ods_of("".join(f"<table:table-row>{row}</table:table-row>" for row in cells))


def csv_lines(separator: str) -> str:
    return "".join(separator.join(row) + "\r\n" for row in _rows())


def windows_1258(text: str) -> bytes:
    """Letter and tone apart, as that charset has them."""
    out = []
    for char in text:
        apart = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
        out.append(unicodedata.normalize("NFC", apart.replace(tone, "") if tone else apart) + tone)
    return "".join(out).encode("cp1258")


def xlsm() -> bytes:
    """A workbook with a macro project beside it; nothing looks into the project."""
    made = openpyxl.Workbook()
    for row in _rows():
        made.active.append([int(v.replace(".", "")) if v.replace(".", "").isdigit() else v for v in row])
    out = BytesIO()
    made.save(out)
    with zipfile.ZipFile(out) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    types = members["[Content_Types].xml"].decode()
    members["[Content_Types].xml"] = types.replace(
        "openxmlformats-officedocument.spreadsheetml.sheet.main+xml", "ms-excel.sheet.macroEnabled.main+xml"
    ).encode()
    return zipped({**members, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


WEEKLY_FILES: dict[str, Callable[[], bytes]] = {
    "word.rtf": _weekly_rtf,
    "old.rtf": _weekly_old_rtf,
    "written.odt": _weekly_odt,
    "written.ods": _weekly_ods,
    "semicolons.csv": lambda: csv_lines(";").encode("utf-8-sig"),
    "tabs.csv": lambda: csv_lines("\t").encode("utf-16"),
    "windows.csv": lambda: windows_1258(csv_lines(";")),
    "macro.xlsm": xlsm,
}
