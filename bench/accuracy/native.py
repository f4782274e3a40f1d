"""Every format with a text of its own: how a page becomes a file of it. LibreOffice's come from a Word or Excel file written first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.accuracy import legacy, office, pdf, plain, sheets
from bench.accuracy.legacy import Decomposed, InFont
from bench.accuracy.office import Written
from bench.accuracy.page import Page

Write = Callable[..., bytes]  # of a page; in a mail also of what it states


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a page. ``via``: LibreOffice converts what ``write`` gives, a file of this type, into ``suffix``."""

    name: str
    suffix: str
    write: Write
    via: str = ""
    group: str = "native"


def utf8(text: str) -> bytes:
    return text.encode("utf-8")


def html_word(page: Page, written: Written = office.PLAIN) -> bytes:
    return utf8(office.markup(page, written=written))


def html_excel(page: Page) -> bytes:
    return utf8(office.markup(page, excel=True))


def printed(page: Page) -> bytes:
    """Word in a font this machine has whole, so that LibreOffice prints it with one font, as an office does."""
    return office.docx(page, Written(pdf.face()[0]))


TCVN3, VNI, APART = InFont(), InFont("VNI-Times", "vni"), Decomposed()


WORD = (
    Format("docx", "docx", office.docx),
    Format("doc (LibreOffice)", "doc", office.docx, via="docx"),
    Format("rtf (LibreOffice)", "rtf", office.docx, via="docx"),
    Format("rtf (by hand)", "rtf", office.rtf),
    Format("odt (LibreOffice)", "odt", office.docx, via="docx"),
    Format("HTML named doc", "doc", html_word),
    Format("pdf (reportlab)", "pdf", pdf.pdf),
    Format("pdf (LibreOffice)", "pdf", printed, via="docx"),
)
SHEETS = (
    Format("xlsx, numbers", "xlsx", sheets.xlsx),
    Format("xlsx, text", "xlsx", lambda page: sheets.xlsx(page, numbers=False)),
    Format("xlsx (LibreOffice)", "xlsx", sheets.xlsx, via="xlsx"),
    Format("xlsm", "xlsm", sheets.xlsm),
    Format("xls (xlwt)", "xls", sheets.xls),
    Format("xls (LibreOffice)", "xls", sheets.xlsx, via="xlsx"),
    Format("ods (LibreOffice)", "ods", sheets.xlsx, via="xlsx"),
    Format("HTML named xls", "xls", html_excel),
    Format("csv, comma", "csv", lambda page: sheets.delimited(page, ",").encode("utf-8-sig")),
    Format("csv, semicolon", "csv", lambda page: utf8(sheets.delimited(page, ";"))),
)
TEXT = (
    Format("txt, tabs", "txt", lambda page: utf8(plain.text(page))),
    Format("txt, pipes", "txt", lambda page: plain.text(page, separator=" | ").encode("utf-8-sig")),
    Format("txt, UTF-16", "txt", lambda page: plain.text(page).encode("utf-16")),
)
OLD = "old encodings"
ENCODED = (
    Format("docx, TCVN3 font", "docx", lambda page: office.docx(page, TCVN3), group=OLD),
    Format("doc, TCVN3 font", "doc", lambda page: office.docx(page, TCVN3), via="docx", group=OLD),
    Format("rtf, TCVN3 font", "rtf", lambda page: office.rtf(page, TCVN3, bytes_of_font=True), group=OLD),
    Format("HTML named doc, TCVN3 font", "doc", lambda page: html_word(page, TCVN3), group=OLD),
    Format("docx, VNI font", "docx", lambda page: office.docx(page, VNI), group=OLD),
    Format("doc, VNI font", "doc", lambda page: office.docx(page, VNI), via="docx", group=OLD),
    Format("rtf, VNI font", "rtf", lambda page: office.rtf(page, VNI, bytes_of_font=True), group=OLD),
    Format("docx, letters apart", "docx", lambda page: office.docx(page, APART), group=OLD),
    Format("txt, TCVN3", "txt", lambda page: legacy.tcvn3(plain.text(page)), group=OLD),
    Format("txt, VNI", "txt", lambda page: legacy.vni(plain.text(page)), group=OLD),
    Format("txt, VISCII", "txt", lambda page: legacy.viscii(plain.text(page)), group=OLD),
    Format("txt, windows-1258", "txt", lambda page: legacy.cp1258(plain.text(page)), group=OLD),
    Format("txt, letters apart", "txt", lambda page: utf8(legacy.nfd(plain.text(page))), group=OLD),
    Format("csv, windows-1258", "csv", lambda page: legacy.cp1258(sheets.delimited(page, ",")), group=OLD),
    Format(
        "HTML called windows-1252", "html", lambda page: utf8(office.markup(page, charset="windows-1252")), group=OLD
    ),
)
