"""Files of older office programs in one piece: Word 2003 and Excel 2003 XML, flat packages, web archives; guarded like all others."""

from __future__ import annotations

import base64
import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from parsers import limits
from parsers.form import load_forms
from parsers.part import read_part
from parsers.readers import Budget, Unreadable, pasted, read_document, wordxml
from parsers.readers.excelxml import SPREADSHEET
from parsers.readers.wordxml import FLAT, WORD_2003
from parsers.values import Document, Hints, Leaf, PartReading

FORMS = load_forms()
TITLE = "BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH"
WINDOW = "(Từ ngày 14/7/2017 đến ngày 20/7/2017)"
ROWS = [
    ("Tổng số hồ sơ đã tiếp nhận", 1625),
    ("Tổng số hồ sơ đã giải quyết", 1615),
    ("Hồ sơ trả đúng hạn", 1590),
    ("Hồ sơ quá hạn", 25),
    ("Hồ sơ trả lại (tổ chức, cá nhân)", 10),
]
PACKAGE_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HINTS = "http://schemas.microsoft.com/office/word/2003/auxHint"
AML = "http://schemas.microsoft.com/aml/2001/core"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def paragraph(text: str, before: str = "") -> str:
    return f"<w:p>{before}<w:r><w:t>{text}</w:t></w:r></w:p>"


def body() -> str:
    cells = "".join(f"<w:tr><w:tc>{paragraph(name)}</w:tc><w:tc>{paragraph(str(n))}</w:tc></w:tr>" for name, n in ROWS)
    return f"<w:body><wx:sect>{paragraph(TITLE)}{paragraph(WINDOW)}<w:tbl>{cells}</w:tbl></wx:sect></w:body>"


def word_2003(inner: str = "", *, doctype: str = "", macros: str = "no") -> str:
    spaces = f'xmlns:w="{WORD_2003}" xmlns:wx="{HINTS}" xmlns:aml="{AML}" w:macrosPresent="{macros}"'
    head = f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<?mso-application progid="Word.Document"?>'
    return f"{head}<w:wordDocument {spaces}>{inner or body()}</w:wordDocument>"


def part(name: str, held: str) -> str:
    return f'<pkg:part pkg:name="{name}">{held}</pkg:part>'


def flat(*more: str) -> str:
    document = f'<w:document xmlns:w="{PACKAGE_W}" xmlns:wx="{HINTS}">{body()}</w:document>'
    related = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r" Target="word/document.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    )
    parts = [part("/_rels/.rels", f"<pkg:xmlData>{related}</pkg:xmlData>")]
    parts += [part("/word/document.xml", f"<pkg:xmlData>{document}</pkg:xmlData>"), *more]
    return f'<?xml version="1.0"?><pkg:package xmlns:pkg="{FLAT}">{"".join(parts)}</pkg:package>'


def workbook(inner: str = "", *, doctype: str = "", styles: str = "") -> str:
    rows = "".join(
        f'<Row><Cell><Data ss:Type="String">{name}</Data></Cell><Cell><Data ss:Type="Number">{n}</Data></Cell></Row>'
        for name, n in ROWS
    )
    titles = "".join(f'<Row><Cell><Data ss:Type="String">{text}</Data></Cell></Row>' for text in (TITLE, WINDOW))
    sheets = inner or f'<Worksheet ss:Name="Tuần"><Table>{titles}{rows}</Table></Worksheet>'
    spaces = f'xmlns="{SPREADSHEET}" xmlns:ss="{SPREADSHEET}" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    return f'<?xml version="1.0"?>{doctype}<Workbook {spaces}><Styles>{styles}</Styles>{sheets}</Workbook>'


def page() -> str:
    rows = "".join(f"<tr><td>{name}</td><td>{n}</td></tr>" for name, n in ROWS)
    return f"<html><body><p>{TITLE}</p><p>{WINDOW}</p><table>{rows}</table></body></html>"


def archive(*pages: str) -> bytes:
    out = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----=_Next"\r\n\r\nA single file web page\r\n'
    )
    for n, markup in enumerate(pages):
        held = base64.encodebytes(markup.encode()).decode()
        out += (
            f'\r\n------=_Next\r\nContent-Location: file:///C:/{n}.htm\r\nContent-Type: text/html; charset="utf-8"\r\n'
        )
        out += f"Content-Transfer-Encoding: base64\r\n\r\n{held}"
    return (out + "\r\n------=_Next--\r\n").encode()


def read(data: bytes, name: str) -> PartReading:
    leaf = Leaf(("2",), name, "application/octet-stream", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    (reading,) = read_part(leaf, FORMS, Hints("", "", None))
    return reading


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (word_2003().encode(), "bao cao.doc", "wordxml"),
        (word_2003().replace("UTF-8", "UTF-16").encode("utf-16"), "bao cao.xml", "wordxml"),
        (flat().encode(), "bao cao.xml", "wordxml"),
        (workbook().encode(), "bao cao.xls", "excelxml"),
        (archive(page()), "bao cao.mht", "mht"),
        (archive(page(), "<p>Hồ sơ quá hạn: 99</p>"), "bao cao.doc", "mht"),
        (archive("<html><frameset><frame src='1.htm'></frameset></html>", page()), "bao cao.xls", "mht"),
    ],
)
def test_a_report_saved_in_one_file_is_read_whole_whatever_its_name(data: bytes, name: str, kind: str):
    reading = read(data, name)
    (report,) = reading.reports
    assert (reading.type, reading.outcome, str(report.window.end)) == (kind, "read", "2017-07-20")
    keys = ("received", "resolved", "on_time", "overdue", "returned")
    assert [int(report.figure(key).value) for key in keys] == [n for _, n in ROWS]
    assert not [one for one in report.findings if one.severity == "warning"]


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_word_2003_tells_what_its_reader_saw_and_no_deleted_word():
    listed = paragraph("Hồ sơ", '<w:pPr><w:listPr><w:ilvl w:val="0"/><wx:t wx:val="1."/></w:listPr></w:pPr>')
    gone = '<aml:annotation w:type="Word.Deletion"><aml:content><w:r><w:t>99</w:t></w:r></aml:content></aml:annotation>'
    kept = (
        '<aml:annotation w:type="Word.Insertion"><aml:content><w:r><w:t>12</w:t></w:r></aml:content></aml:annotation>'
    )
    old = '<w:p><w:r><w:rPr><w:rFonts w:ascii=".VnTime" w:h-ansi=".VnTime"/></w:rPr><w:t>B¸o c¸o</w:t></w:r></w:p>'
    unseen = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p>"
    inner = f"<w:body>{listed}<w:p>{gone}{kept}</w:p>{old}{unseen}</w:body>"
    document = read_document(word_2003(inner, macros="yes").encode(), "wordxml")
    assert texts(document) == ["1. Hồ sơ", "12", "Báo cáo"]
    assert [one.code for one in document.findings] == ["macro_present"]


def test_a_workbook_keeps_its_places_merged_cells_shares_and_what_is_hidden():
    rows = (
        '<Column ss:Index="2" ss:Hidden="1"/>'
        '<Row ss:Index="2"><Cell ss:Index="2" ss:MergeAcross="1" ss:MergeDown="1"><Data ss:Type="String">Chung</Data></Cell>'
        '<Cell ss:StyleID="p"><Data ss:Type="Number">0.955</Data></Cell><Cell ss:Formula="=A1"/></Row>'
        '<Row ss:Hidden="1"><Cell><Data ss:Type="DateTime">2017-07-20T00:00:00.000</Data></Cell></Row>'
        '<Row><Cell><Data ss:Type="Number">x</Data></Cell></Row>'
    )
    seen = f'<Worksheet ss:Name="a"><Table>{rows}</Table></Worksheet>'
    options = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"
    unseen = f'<Worksheet ss:Name="b"><Table><Row><Cell><Data>y</Data></Cell></Row></Table>{options}</Worksheet>'
    style = '<Style ss:ID="p"><NumberFormat ss:Format="0.0%"/></Style>'
    document = read_document(workbook(seen + unseen + '<Worksheet ss:Name="c"/>', styles=style).encode(), "excelxml")
    first, second = document.blocks
    cells = first.table.rows
    assert [[cell.text for cell in row] for row in cells] == [
        ["", "", "", "", ""],
        ["", "Chung", "", "95,5%", "#?"],
        ["20/7/2017", "", "", "", ""],
        ["x", "", "", "", ""],
    ]
    assert (cells[1][1].colspan, cells[1][1].rowspan, cells[1][1].hidden) == (2, 2, True)
    assert (cells[2][0].hidden, second.hidden, first.hidden) == (True, True, False)


def refused(data: bytes, kind: str, budget: Budget | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(data, kind, budget=budget)
    return caught.value.reason


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_entities_are_refused_before_anything_is_looked_at(charset: str):
    for text, kind in ((word_2003(doctype=BOMB), "wordxml"), (workbook(doctype=BOMB), "excelxml")):
        assert refused(text.replace("UTF-8", charset).encode(charset), kind) == "xml_entity"


def test_what_claims_more_than_it_holds_costs_what_it_holds(monkeypatch: pytest.MonkeyPatch):
    far = '<Row ss:Index="9999999"><Cell><Data>x</Data></Cell></Row><Row><Cell ss:Index="999999"><Data>x</Data></Cell></Row>'
    document = read_document(workbook(f'<Worksheet ss:Name="a"><Table>{far}</Table></Worksheet>').encode(), "excelxml")
    assert ([one.code for one in document.findings], document.blocks) == (["cells_beyond_range"], ())
    wide = '<Row><Cell ss:Index="999999"><Data>x</Data></Cell></Row>'
    document = read_document(workbook(f'<Worksheet ss:Name="a"><Table>{wide}</Table></Worksheet>').encode(), "excelxml")
    assert [one.code for one in document.findings] == ["cells_beyond_range"]
    monkeypatch.setattr(limits, "CELLS_MAX", 5)
    assert refused(workbook().encode(), "excelxml") == "too_large"
    monkeypatch.setattr(limits, "SHEETS_MAX", 0)
    assert refused(workbook().encode(), "excelxml") == "too_large"


def test_broken_and_foreign_files_say_why():
    deep = "<w:sub>" * 400 + "</w:sub>" * 400
    assert refused(word_2003(f"<w:body>{deep}</w:body>").encode(), "wordxml") == "xml_too_deep"
    assert refused(word_2003("<w:fonts/>").encode(), "wordxml") == "corrupt"
    assert refused(word_2003().encode()[:900], "wordxml") == "corrupt"
    assert refused(b"<a/>", "wordxml") == refused(b"<a/>", "excelxml") == "unsupported_type"
    assert refused(workbook("<x/>").encode(), "excelxml") == "corrupt"
    assert refused(flat(part("/Word/document.xml", "<pkg:xmlData><a/></pkg:xmlData>")).encode(), "wordxml") == "corrupt"
    assert refused(flat(part("/a.bin", "<pkg:binaryData>A</pkg:binaryData>")).encode(), "wordxml") == "corrupt"
    assert refused(archive(), "mht") == refused(archive("<p> </p>"), "mht") == "empty"
    assert refused(archive("<div>" * 900), "mht") == "xml_too_deep"
    assert refused(archive(*["<p>x</p>"] * (limits.PARTS_MAX + 1)), "mht") == "too_many_parts"


def test_the_pictures_of_a_flat_package_count_against_the_budget():
    picture = part("/word/media/a.png", f"<pkg:binaryData>{base64.b64encode(bytes(5000)).decode()}</pkg:binaryData>")
    assert refused(flat(picture).encode(), "wordxml", Budget(4000)) == "zip_bomb"


def scanned_page() -> bytes:
    out = BytesIO()
    Image.new("L", (900, 1200), 255).save(out, "PNG")
    return out.getvalue()


def old_picture(held: str) -> str:
    told = f"<w:p><w:r><w:pict><w:binData w:name='a.png'>{held}</w:binData><v:shape><v:imagedata src='a.png'/></v:shape></w:pict></w:r></w:p>"
    return f"<?xml version='1.0'?><w:wordDocument xmlns:w='{wordxml.WORD_2003}' xmlns:v='urn:schemas-microsoft-com:vml'><w:body>{told}</w:body></w:wordDocument>"


def flat_picture(held: str) -> str:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawn = f"<a:blip xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' xmlns:r='{office}' r:embed='r9'/>"
    body = f"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:drawing>{drawn}</w:drawing></w:r></w:p></w:body></w:document>"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"

    def related(name: str, kind: str, target: str, one: str) -> str:
        line = f"<Relationship Id='{one}' Type='{office}/{kind}' Target='{target}'/>"
        return part(name, f"<pkg:xmlData><Relationships xmlns='{relations}'>{line}</Relationships></pkg:xmlData>")

    parts = related("/_rels/.rels", "officeDocument", "word/document.xml", "r1")
    parts += part("/word/document.xml", f"<pkg:xmlData>{body}</pkg:xmlData>")
    parts += related("/word/_rels/document.xml.rels", "image", "media/a.png", "r9")
    parts += part("/word/media/a.png", f"<pkg:binaryData>{held}</pkg:binaryData>")
    return f"<?xml version='1.0'?><pkg:package xmlns:pkg='{FLAT}'>{parts}</pkg:package>"


@pytest.mark.parametrize("written", [old_picture, flat_picture])
def test_a_scan_pasted_into_one_file_of_xml_is_asked_of_the_page_worker(written):
    page = scanned_page()
    data = written(base64.encodebytes(page).decode()).encode()
    with pytest.raises(Unreadable) as none:
        read_document(data, "wordxml")
    assert (none.value.reason, none.value.wanted) == ("no_text", (1,))
    assert pasted.picture_of(data, "wordxml", 1) == page


@pytest.mark.parametrize("written", [old_picture, flat_picture])
def test_a_picture_too_small_for_a_page_is_none(written):
    out = BytesIO()
    Image.new("L", (90, 120), 255).save(out, "PNG")
    data = written(base64.b64encode(out.getvalue()).decode()).encode()
    assert pasted.pictures_in(data, "wordxml", Budget()) == ()
    assert pasted.pictures_in(old_picture("A").encode(), "wordxml", Budget()) == ()


def test_a_file_of_another_producer_is_read():
    """Written by LibreOffice 7.4 ("MS Word 2003 XML") from a file of ``bench.accuracy``."""
    data = (Path(__file__).parent.parent / "corpus" / "documents" / "word2003.xml").read_bytes()
    (report,) = read(data, "bao cao.doc").reports
    assert [str(report.figure(key).value) for key in ("received", "resolved", "level4_total")] == ["273", "261", "14"]
