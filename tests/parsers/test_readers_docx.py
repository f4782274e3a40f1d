"""Word documents: everything a reader of the page sees, once, in order (pitfalls, "Documents")."""

from __future__ import annotations

import zipfile
from io import BytesIO

import docx
import pytest

from parsers import limits
from parsers.readers import Budget, Unreadable, read_document
from parsers.values import Block, Document
from tests.parsers.document_builders import (
    NAMESPACES,
    WEEKLY,
    cell,
    docx_bytes,
    docx_of,
    paragraph,
    part,
    relation,
    relations,
    run,
    table,
    zipped,
)

T = '<w:t xml:space="preserve">{}</w:t>'


def read(data: bytes, **more) -> Document:
    return read_document(data, "docx", **more)


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def grid(block: Block) -> list[list[str]]:
    assert block.table
    return [[c.text for c in row] for row in block.table.rows]


def p(inner: str, properties: str = "") -> str:
    return f"<w:p>{properties}{inner}</w:p>"


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(data)
    return caught.value.reason


def test_paragraphs_come_in_order_numbered_from_one():
    document = read(docx_bytes())
    assert texts(document) == list(WEEKLY)
    assert [block.n for block in document.blocks] == list(range(1, len(WEEKLY) + 1))
    assert (document.type, document.reader, document.findings) == ("docx", "docx/1", ())


def test_a_document_of_a_real_word_library_is_read_with_its_tables_in_place():
    made = docx.Document()
    made.add_paragraph("Trước bảng")
    rows = made.add_table(2, 3)
    rows.cell(0, 0).merge(rows.cell(0, 1)).text = "Chỉ tiêu"
    rows.cell(0, 2).text = "Số liệu"
    rows.cell(1, 1).text = "Hồ sơ"
    rows.cell(1, 2).text = "1.625"
    made.add_paragraph("Sau bảng")
    out = BytesIO()
    made.save(out)
    before, found, after = read(out.getvalue()).blocks
    assert (before.text, after.text) == ("Trước bảng", "Sau bảng")
    assert grid(found) == [["Chỉ tiêu", "", "Số liệu"], ["", "Hồ sơ", "1.625"]]
    assert found.table.rows[0][0].colspan == 2


def test_a_cell_merged_downwards_stands_once():
    body = table(
        cell("Lĩnh vực", '<w:vMerge w:val="restart"/>') + cell("Đất đai"),
        cell("", "<w:vMerge/>") + cell("Hộ tịch"),
        cell("Khác") + cell("5"),
    )
    (found,) = read(docx_of(body)).blocks
    assert grid(found) == [["Lĩnh vực", "Đất đai"], ["", "Hộ tịch"], ["Khác", "5"]]
    assert found.table.rows[0][0].rowspan == 2


def test_rows_that_begin_further_right_keep_their_columns():
    first = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("B") + cell("C")
    (found,) = read(docx_of(table(first, cell("1") + cell("2") + cell("3")))).blocks
    assert grid(found) == [["", "B", "C"], ["1", "2", "3"]]


def test_a_table_in_a_cell_follows_as_a_table_of_its_own():
    inner = table(cell("trong") + cell("7"))
    outer = table(f"<w:tc>{paragraph('ngoài')}{inner}{paragraph('cuối')}</w:tc>" + cell("x"))
    outer_block, inner_block = read(docx_of(outer)).blocks
    assert grid(outer_block) == [["ngoài\ncuối", "x"]]
    assert grid(inner_block) == [["trong", "7"]]


def test_tables_too_deep_in_one_another_are_refused():
    nested = table(cell("x"))
    for _ in range(limits.TABLE_DEPTH_MAX + 1):
        nested = table(f"<w:tc>{nested}<w:p/></w:tc>")
    assert refused(docx_of(nested)) == "xml_too_deep"


def test_content_controls_and_insertions_are_transparent():
    body = f"<w:sdt><w:sdtContent>{paragraph('trong khung')}{table(cell('a') + cell('1'))}</w:sdtContent></w:sdt>" + p(
        f"<w:sdt><w:sdtContent>{run(T.format('12'))}</w:sdtContent></w:sdt>{run(T.format(' hồ sơ'))}"
    )
    first, second, third = read(docx_of(body)).blocks
    assert (first.text, grid(second), third.text) == ("trong khung", [["a", "1"]], "12 hồ sơ")


def test_deleted_text_is_gone_and_inserted_text_is_there():
    body = p(
        run(T.format("Tổng số: "))
        + f"<w:del>{run('<w:delText>100</w:delText>')}</w:del><w:ins>{run(T.format('120'))}</w:ins>"
        + f"<w:moveFrom>{run(T.format(' cũ'))}</w:moveFrom><w:moveTo>{run(T.format(' mới'))}</w:moveTo>"
    )
    assert texts(read(docx_of(body))) == ["Tổng số: 120 mới"]


def test_a_deleted_and_a_hidden_row_are_gone():
    body = table(
        cell("a") + cell("1"),
        "<w:trPr><w:del/></w:trPr>" + cell("b") + cell("2"),
        "<w:trPr><w:hidden/></w:trPr>" + cell("c") + cell("3"),
        '<w:trPr><w:hidden w:val="0"/></w:trPr>' + cell("d") + cell("4"),
    )
    (found,) = read(docx_of(body)).blocks
    assert grid(found) == [["a", "1"], ["d", "4"]]


def test_hidden_text_is_not_there_whether_by_itself_or_by_its_style():
    styles = part(
        "styles",
        '<w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="Shown"><w:basedOn w:val="Ghost"/><w:rPr><w:vanish w:val="0"/></w:rPr>'
        "</w:style>",
    )
    body = p(
        run(T.format("thấy"))
        + run(T.format("ẩn"), "<w:vanish/>")
        + run(T.format("ma"), '<w:rStyle w:val="Ghost"/>')
        + run(T.format(" rõ"), '<w:rStyle w:val="Shown"/>')
    )
    data = docx_of(body, {"word/styles.xml": styles}, relation("s", "styles", "styles.xml"))
    assert texts(read(data)) == ["thấy rõ"]


def test_a_text_box_is_read_once_whatever_its_fallback():
    box = f"<wps:txbx><w:txbxContent>{paragraph('SỞ NỘI VỤ')}</w:txbxContent></wps:txbx>"
    old = f"<w:pict><v:textbox><w:txbxContent>{paragraph('SỞ NỘI VỤ')}</w:txbxContent></v:textbox></w:pict>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    body = p(run(T.format("trước") + both)) + p(run(old)) + table(f"<w:tc>{p(run(T.format('ô') + both))}</w:tc>")
    found = [(b.where, b.text) for b in read(docx_of(body)).blocks]
    assert found == [
        ("body", "trước"), ("textbox", "SỞ NỘI VỤ"), ("textbox", "SỞ NỘI VỤ"), ("body", ""), ("textbox", "SỞ NỘI VỤ"),
    ]  # fmt: skip


def test_only_a_fallback_is_read_when_there_is_no_choice():
    body = f"<mc:AlternateContent><mc:Fallback>{paragraph('dự phòng')}</mc:Fallback></mc:AlternateContent>"
    assert texts(read(docx_of(body))) == ["dự phòng"]


def sections(extra: str = "") -> bytes:
    body = paragraph("thân") + (
        '<w:sectPr><w:headerReference w:type="default" r:id="h1"/><w:headerReference w:type="first" r:id="h2"/>'
        f'<w:headerReference w:type="even" r:id="h3"/><w:footerReference r:id="f1"/>{extra}</w:sectPr>'
    )
    members = {
        "word/header1.xml": part("hdr", paragraph("đầu trang")),
        "word/header2.xml": part("hdr", paragraph("trang nhất")),
        "word/header3.xml": part("hdr", paragraph("trang chẵn")),
        "word/footer1.xml": part("ftr", paragraph("cuối trang")),
        "word/footnotes.xml": part(
            "footnotes",
            f'<w:footnote w:type="separator" w:id="0">{paragraph("-")}</w:footnote>'
            f'<w:footnote w:id="1">{paragraph("ghi chú")}</w:footnote>',
        ),
        "word/settings.xml": part("settings", "<w:evenAndOddHeaders/>" if "titlePg" in extra else "<w:x/>"),
    }
    rels = (
        relation("h1", "header", "header1.xml") + relation("h2", "header", "header2.xml")
        + relation("h3", "header", "header3.xml") + relation("f1", "footer", "footer1.xml")
        + relation("n", "footnotes", "footnotes.xml") + relation("s", "settings", "settings.xml")
    )  # fmt: skip
    return docx_of(body, members, rels)


def test_headers_come_first_then_the_body_then_notes_and_footers():
    found = [(b.where, b.text) for b in read(sections()).blocks]
    assert found == [("header", "đầu trang"), ("body", "thân"), ("footnote", "ghi chú"), ("footer", "cuối trang")]


def test_headers_of_first_and_even_pages_are_read_where_they_are_printed():
    found = [b.text for b in read(sections("<w:titlePg/>")).blocks if b.where == "header"]
    assert found == ["đầu trang", "trang nhất", "trang chẵn"]


def test_pages_follow_the_marks_of_the_last_layout():
    mark = run("<w:lastRenderedPageBreak/>" + T.format("hai"))
    body = paragraph("một") + p(mark) + table(cell("bảng")) + p(run(T.format("ba-") + "<w:lastRenderedPageBreak/>"))
    found = [(b.page, b.text) for b in read(docx_of(body)).blocks]
    assert found == [(1, "một"), (2, "hai"), (2, ""), (2, "ba-")]
    assert [b.page for b in read(docx_bytes()).blocks] == [None] * len(WEEKLY)


def field(instruction: str, result: str) -> str:
    return (
        run('<w:fldChar w:fldCharType="begin"/>') + run(f"<w:instrText>{instruction}</w:instrText>")
        + run('<w:fldChar w:fldCharType="separate"/>') + run(T.format(result)) + run('<w:fldChar w:fldCharType="end"/>')
    )  # fmt: skip


def test_a_field_counts_by_its_result_not_by_its_instruction():
    nested = (
        run('<w:fldChar w:fldCharType="begin"/>')
        + field("MERGEFIELD x", "99")
        + (run('<w:fldChar w:fldCharType="separate"/>') + run(T.format("12")) + run('<w:fldChar w:fldCharType="end"/>'))
    )
    document = read(docx_of(p(run(T.format("Số: ")) + field(" =SUM(ABOVE) ", "34")) + p(nested)))
    assert texts(document) == ["Số: 34", "12"]
    assert document.findings == ()


def test_a_field_that_fetches_or_runs_something_is_found():
    fetches = read(docx_of(p(field(' INCLUDEPICTURE "http://x.example/a.png" ', "x"))))
    runs = read(docx_of(p(field(r' DDEAUTO c:\\windows\\cmd "/k"', "x"))))
    assert [f.code for f in fetches.findings] == ["remote_ref"]
    assert [f.code for f in runs.findings] == ["active_content"]


def test_tabs_breaks_hyphens_symbols_and_formulas_are_text():
    inner = "<w:tab/>" + T.format("a") + "<w:br/>" + T.format("b") + "<w:noBreakHyphen/><w:sym/>" + T.format("c")
    body = p(run(T.format("x") + inner) + f"<m:oMath><m:r><m:t>{'1/2'}</m:t></m:r></m:oMath>")
    assert texts(read(docx_of(body))) == ["x\ta\nb- c1/2"]


def test_letters_come_out_composed():
    assert texts(read(docx_bytes(("Báo cáo",)))) == ["Báo cáo"]


# ---- old fonts -------------------------------------------------------------------------------------------------------


def old(text: str, font: str) -> str:
    return run(T.format(text), f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}"/>')


def test_letters_in_an_old_font_are_converted_run_by_run():
    body = p(old("B¸o c¸o tuÇn", ".VnTime") + run(T.format(" – số ")) + old("së néi vô", ".VnTimeH"))
    assert texts(read(docx_of(body))) == ["Báo cáo tuần – số SỞ NỘI VỤ"]


def test_a_letter_spelled_over_two_runs_in_one_font_is_one_letter():
    body = p(old("Ba", "VNI-Times") + old("ùo ca", "VNI-Times") + old("ùo", "VNI-Times"))
    assert texts(read(docx_of(body))) == ["Báo cáo"]


def test_the_soft_hyphen_of_an_old_font_is_a_letter():
    assert texts(read(docx_of(p(old("t\u00ad", ".VnTime"))))) == ["tư"]


@pytest.mark.parametrize(
    ("styles", "paragraph_style"),
    [
        ('<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:hAnsi=".VnTime"/></w:rPr></w:rPrDefault></w:docDefaults>', ""),
        ('<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:rPr><w:rFonts w:ascii=".VnTime"/></w:rPr></w:style>',
         ""),
        (('<w:style w:type="paragraph" w:styleId="B"><w:rPr><w:rFonts w:hAnsi=".VnTime"/></w:rPr></w:style>'
         '<w:style w:type="paragraph" w:styleId="C"><w:basedOn w:val="B"/></w:style>'), "C"),
        (('<w:style w:type="paragraph" w:styleId="C"><w:basedOn w:val="C"/><w:rPr><w:rFonts w:hAnsi=".VnTime"/></w:rPr>'
         "</w:style>"), "C"),
    ],
)  # fmt: skip
def test_an_old_font_may_be_the_styles(styles, paragraph_style):
    properties = f'<w:pPr><w:pStyle w:val="{paragraph_style}"/></w:pPr>' if paragraph_style else ""
    data = docx_of(
        p(run(T.format("tuÇn")), properties),
        {"word/styles.xml": part("styles", styles)},
        relation("s", "styles", "styles.xml"),
    )
    assert texts(read(data)) == ["tuần"]


def test_an_old_font_may_be_the_themes():
    theme = (
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:fontScheme>'
        '<a:majorFont><a:latin typeface="Arial"/></a:majorFont><a:minorFont><a:latin typeface=".VnTime"/></a:minorFont>'
        "</a:fontScheme></a:themeElements></a:theme>"
    )
    body = p(run(T.format("tuÇn"), '<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/>'))
    body += p(run(T.format("tuÇn"), '<w:rFonts w:hAnsiTheme="majorHAnsi"/>'))
    data = docx_of(body, {"word/theme/theme1.xml": theme}, relation("t", "theme", "theme/theme1.xml"))
    assert texts(read(data)) == ["tuần", "tuÇn"]


# ---- findings and refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "target", "found"),
    [
        ("image", "http://x.example/a.png", True),
        ("attachedTemplate", "https://x.example/t.dotm", True),
        ("attachedTemplate", "\\\\server\\share\\t.dotm", True),
        ("attachedTemplate", "file://server/share/t.dotm", True),
        ("attachedTemplate", "file:///C:/Users/a/Normal.dotm", False),
        ("hyperlink", "http://x.example/", False),
    ],
)
def test_what_a_word_processor_would_fetch_is_a_finding(kind, target, found):
    data = docx_of(paragraph("x"), rels=relation("r", kind, target, external=True))
    assert [f.code for f in read(data).findings] == (["remote_ref"] if found else [])


def test_macros_and_embedded_documents_are_findings():
    data = docx_of(paragraph("x") + '<w:altChunk r:id="z"/>', {"word/vbaProject.bin": b"\0"})
    assert [f.code for f in read(data).findings] == ["macro_present", "embedded_document"]


@pytest.mark.parametrize("kind", ["package", "oleObject"])
def test_a_workbook_embedded_in_the_text_is_a_finding(kind):
    data = docx_of(paragraph("x"), {"word/embeddings/a.xlsx": b"x"}, relation("r", kind, "embeddings/a.xlsx"))
    assert [f.code for f in read(data).findings] == ["embedded_document"]


def test_a_chart_and_a_diagram_are_findings_for_what_is_written_in_them_is_not_read():
    for name in ("word/charts/chart1.xml", "word/diagrams/data1.xml"):
        assert [f.code for f in read(docx_of(paragraph("x"), {name: "<x/>"})).findings] == ["graphics_unread"]
    assert not read(docx_of(paragraph("x"), {"word/charts/style1.xml": "<x/>"})).findings


def test_pictures_are_counted_and_alone_they_are_no_text():
    blip = p(run('<w:drawing><a:blip r:embed="i"/></w:drawing>'))
    assert read(docx_of(paragraph("x") + blip + blip)).images == 2
    assert refused(docx_of(blip)) == "no_text"


def test_the_strict_edition_is_read_as_well():
    data = docx_bytes()
    out = {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for name in archive.namelist():
            xml = archive.read(name)
            xml = xml.replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            out[name] = xml.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006", b"http://purl.oclc.org/ooxml/officeDocument"
            )
    assert texts(read(zipped(out))) == list(WEEKLY)


def test_a_doctype_is_refused_in_any_encoding_and_any_part_read():
    evil = '<?xml version="1.0" encoding="{}"?><!DOCTYPE w:hdr [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    evil += f"<w:hdr {NAMESPACES}>{paragraph('&x;')}</w:hdr>"
    for name in ("utf-8", "utf-16"):
        body = paragraph("x") + '<w:sectPr><w:headerReference r:id="h"/></w:sectPr>'
        members = {"word/header1.xml": evil.format(name).encode(name)}
        assert refused(docx_of(body, members, relation("h", "header", "header1.xml"))) == "xml_entity"


def test_utf16_parts_are_read():
    xml = f'<?xml version="1.0" encoding="UTF-16"?><w:document {NAMESPACES}><w:body>{paragraph("tuần")}</w:body></w:document>'
    assert texts(read(docx_of("", {"word/document.xml": xml.encode("utf-16")}))) == ["tuần"]


def test_broken_packages_are_corrupt():
    whole = docx_bytes()
    assert refused(whole[: len(whole) // 2]) == "corrupt"
    assert refused(b"PK\x03\x04 nothing") == "corrupt"
    assert refused(zipped({"word/document.xml": "<x/>"})) == "corrupt"
    assert refused(docx_of("", {"_rels/.rels": relations()})) == "corrupt"
    assert refused(docx_of("", {"word/document.xml": "<w:document"})) == "corrupt"
    assert refused(docx_of("", {"word/document.xml": f"<w:document {NAMESPACES}/>"})) == "corrupt"
    assert refused(b"\xd0\xcf\x11\xe0" + b"\0" * 600) == "corrupt"
    assert refused(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")) == "encrypted"
    broken = bytearray(whole)
    at = whole.index(b"word/document.xml") + 60
    broken[at : at + 40] = b"\xff" * 40
    assert refused(bytes(broken)) == "corrupt"


def test_a_member_under_a_password_is_encrypted():
    data = bytearray(docx_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    assert refused(bytes(data)) == "encrypted"


def test_doubled_and_too_many_members_are_refused(monkeypatch):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/Document.xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    assert refused(out.getvalue()) == "corrupt"
    monkeypatch.setattr(limits, "OOXML_ENTRIES_MAX", 2)
    assert refused(docx_bytes()) == "zip_too_many_entries"


def test_real_output_is_counted_against_one_budget_for_the_whole_tree(monkeypatch):
    budget = Budget(1500)
    with pytest.raises(Unreadable, match="zip_bomb"):
        read(docx_bytes(), budget=budget)
    assert budget.left < 0
    monkeypatch.setattr(limits, "OOXML_MEMBER_MAX", 500)
    assert refused(docx_bytes()) == "zip_bomb"


def test_elements_too_deep_are_refused():
    assert refused(docx_of("<w:sdt>" * 300 + "</w:sdt>" * 300)) == "xml_too_deep"


def test_too_much_text_or_too_many_cells_are_too_large(monkeypatch):
    monkeypatch.setattr(limits, "TEXT_MAX", 100)
    assert refused(docx_bytes()) == "too_large"
    assert refused(docx_of(table(cell("x" * 101)))) == "too_large"
    monkeypatch.setattr(limits, "CELLS_MAX", 5)
    assert refused(docx_of(table(cell("a", '<w:gridSpan w:val="99999999999"/>')))) == "too_large"
    assert (
        refused(docx_of(table(cell("a"), cell("b") + cell("c")) + table(cell("a") * 3, cell("b") * 2))) == "too_large"
    )


def test_old_drawings_are_counted_when_there_are_no_new_ones():
    body = paragraph("x") + p(run('<w:pict><v:imagedata r:id="i"/></w:pict>'))
    assert read(docx_of(body)).images == 1


def test_a_cell_merged_the_old_way_across_stands_once():
    body = table(cell("a", '<w:hMerge w:val="restart"/>') + cell("", "<w:hMerge/>") + cell("1"))
    (found,) = read(docx_of(body)).blocks
    assert grid(found) == [["a", "", "1"]]
    assert found.table.rows[0][0].colspan == 2
