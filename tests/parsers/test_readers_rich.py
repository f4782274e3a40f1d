"""Rich text and OpenDocument: what a reader of the printed page sees, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from parsers import limits
from parsers.readers import Budget, Unreadable, read_document
from parsers.readers.flow import Edge, Flow, number
from parsers.values import Document
from tests.parsers.office_builders import odf, ods_of, odt_of, old, rtf_of, rtf_text


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.table is None]


def grid(document: Document, n: int = 0) -> list[list[str]]:
    tables = [block.table for block in document.blocks if block.table]
    return [[cell.text for cell in row] for row in tables[n].rows]


def rtf(body: str, **more: str) -> Document:
    return read_document(rtf_of(body, **more), "rtf")


def refusal(data: bytes, kind: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(data, kind)
    return caught.value.reason


# ---- rtf -------------------------------------------------------------------------------------------------------------


def test_what_is_hidden_deleted_or_an_instruction_is_not_read():
    body = (
        r"{\v Hidden}{\deleted Gone}{\revised New }{\*\unknown{\b Nothing}}{\field{\*\fldinst PAGE}{\fldrslt 7}}"
        r"{\info{\title Not}}{\*\shppict{\pict abcdef}}{\v0 shown}\par"
    )
    document = rtf(body)
    assert texts(document) == ["New 7shown"]
    assert document.images == 1


def test_letters_come_by_number_by_byte_and_by_name():
    body = rtf_text("Tổng số ") + r"\'e1\emdash\~\u-10179?\u-8704?\u7879\'1ex {\uc0\u7879}y \{\\\}\par"
    assert texts(rtf(body)) == ["Tổng số á—\u00a0😀ệx ệy {\\}"]


def test_a_stand_in_of_two_bytes_is_passed_over():
    assert texts(rtf(r"{\uc2\u7879\'65\'66}x\u8211\endash y{\uc1\u7879 ?}\par")) == ["ệx–yệ"]


def test_each_font_has_its_charset():
    fonts = r"{\f0\fcharset0 A;}{\f1\fcharset163 B;}{\f2\fnil\fcharset0 .VnTimeH;}{\f3 VNI-Times;}"
    body = r"{\f1 c\'f5\'d2}{\f2  b\'b8o}{\f3  S\'f4\'fb}\par\plain x\par"
    assert texts(rtf(body, fonts=fonts)) == ["cở BÁO Sở", "x"]


def test_the_optional_hyphen_is_a_letter_in_an_old_font_and_nothing_elsewhere():
    fonts = r"{\f0\fcharset0 A;}{\f1\fcharset0 .VnTime;}"
    assert texts(rtf(r"{\f1 t\-}{\f0 a\-b}\par", fonts=fonts)) == ["tưab"]


def test_utf8_as_the_documents_charset():
    data = b"{\\rtf1\\ansi\\ansicpg65001 " + "".join(f"\\'{byte:02x}" for byte in "Tổng".encode()).encode() + b"}"
    assert texts(read_document(data, "rtf")) == ["Tổng"]


def test_headers_notes_and_boxes_stand_where_a_reader_expects_them():
    body = (
        r"{\header Head\par}{\footer Foot\par}Body{\footnote Note\par}"
        r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt Box\par}}} end\par Next\par"
    )
    document = rtf(body)
    assert [(block.where, block.text) for block in document.blocks] == [
        ("header", "Head"),
        ("body", "Body end"),
        ("textbox", "Box"),
        ("body", "Next"),
        ("footnote", "Note"),
        ("footer", "Foot"),
    ]


def test_the_unicode_alternative_wins():
    assert texts(rtf(r"{\upr{B?o}{\*\ud{" + rtf_text("Báo") + r"}}} cáo\par".replace("á", r"\'e1"))) == ["Báo cáo"]


ROW = r"\trowd\trleft0\cellx1000\cellx3000 "


def test_a_table_keeps_its_columns_and_merged_cells():
    body = (
        r"\trowd\trleft0\clvmgf\cellx1000\clmgf\cellx2000\clmrg\cellx3000\pard\intbl TT\cell H\cell\cell\row"
        r"\trowd\trleft0\clvmrg\cellx1000\cellx2000\cellx3000\pard\intbl\cell a\cell b\cell\row"
        + ROW
        + r"\pard\intbl 1\cell two\par lines\cell\row\pard after\par"
    )
    document = rtf(body)
    assert grid(document) == [["TT", "H", ""], ["", "a", "b"], ["1", "two\nlines", ""]]
    table = document.blocks[0].table
    assert table is not None
    assert [(c.colspan, c.rowspan) for c in table.rows[0][:2]] == [(1, 2), (2, 1)]
    assert table.rows[2][1].colspan == 2
    assert texts(document) == ["after"]


def test_a_table_in_a_cell_follows_its_outer_table():
    body = (
        r"\pard\intbl\itap2 in\nestcell{\*\nesttableprops\trowd\cellx500\nestrow}{\nonesttables\par}"
        r"\pard\intbl\itap1 out\cell\trowd\cellx1000\row\pard x\par"
    )
    document = rtf(body)
    assert (grid(document), grid(document, 1)) == ([["out"]], [["in"]])


def test_a_row_that_is_never_closed_is_not_lost():
    assert grid(rtf(r"\pard\intbl a\cell b\par\pard\plain end\par")) == [["a", "b"]]


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (r"{\field{\*\fldinst DDEAUTO excel x}{\fldrslt 1}}x\par", ["active_content"]),
        (r"{\object\objautlink\objupdate{\*\objdata 00}{\result r}}x\par", ["active_content", "embedded_document"]),
        (r"{\object\objemb{\*\objclass Excel.Sheet.8}{\*\objdata 00}{\result r}}x\par", ["embedded_document"]),
        (r"{\field{\*\fldinst INCLUDEPICTURE http://x.example/a.png}{\fldrslt 1}}\par", ["remote_ref"]),
    ],
)
def test_what_would_run_or_fetch_or_is_a_document_of_its_own_is_a_finding(body: str, codes: list[str]):
    assert [found.code for found in rtf(body).findings] == codes


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (rb"{\rtf1 cut {\b short", "corrupt"),
        (b"{\\rtf1 " + b"{" * 3000, "corrupt"),
        (rb"{\rtf1{\pict 0011}}", "no_text"),
        (b"{\\rtf1 " + b"\\pard\\itap9\\intbl x\\nestcell " + b"}", "xml_too_deep"),
        (b"{\\rtf1 " + b"{\\footnote " * 20 + b"}" * 21, "corrupt"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(data: bytes, reason: str):
    assert refusal(data, "rtf") == reason


def test_binary_data_and_a_closing_brace_too_many_do_no_harm():
    assert texts(read_document(b"{\\rtf1 a\\bin3 }}}b\\par}}", "rtf")) == ["ab"]
    assert texts(read_document(b"{\\rtf1{\\pict\\bin3 {{{}a\\par}", "rtf")) == ["a"]


def test_too_much_text_and_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "TEXT_MAX", 10)
    assert refusal(rtf_of(r"more than ten letters\par"), "rtf") == "too_large"
    monkeypatch.setattr(limits, "CELLS_MAX", 3)
    assert refusal(rtf_of(r"a\cell " * 5), "rtf") == "too_large"


def test_rows_without_edges_stand_from_the_left():
    flow = Flow()
    for text in ("a", "b"):
        flow.cell(text)
    flow.row([Edge(10)])
    (block,) = number([flow.finish()])
    assert block.table is not None
    assert [cell.text for cell in block.table.rows[0]] == ["a", "b"]


# ---- odt -------------------------------------------------------------------------------------------------------------

FACES = (
    '<office:font-face-decls><style:font-face style:name="F" svg:font-family="\'.VnTime\'"/></office:font-face-decls>'
)
STYLES = (
    "<office:automatic-styles>"
    '<style:style style:name="P" style:family="paragraph"><style:text-properties style:font-name="F"/></style:style>'
    '<style:style style:name="T" style:family="text" style:parent-style-name="U"/>'
    '<style:style style:name="U" style:family="text"><style:text-properties fo:font-family=".VnTime"/></style:style>'
    '<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="G" style:family="paragraph"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="A" style:family="text" style:parent-style-name="A"/>'
    "</office:automatic-styles>"
)


def odt(body: str, **more: object) -> Document:
    return read_document(odt_of(body, **more), "odt")  # type: ignore[arg-type]


def test_a_paragraph_is_what_the_page_shows():
    body = (
        '<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>'
        "</text:changed-region></text:tracked-changes>"
        '<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d\n   e<text:change-start/> '
        '<text:a xlink:href="http://x.example">link</text:a><office:annotation><text:p>note</text:p></office:annotation>'
        '<text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>over</text:ruby-text></text:ruby></text:p>'
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        '<text:section text:display="none"><text:p>hidden</text:p></text:section>'
    )  # fmt: skip
    assert texts(odt(body)) == ["a   b\tc\nd e linkbase", "item", "note"]  # the comment last


def test_old_fonts_and_hidden_text_are_known_by_their_styles():
    body = (
        f'<text:p text:style-name="P">{old("Báo cáo")}</text:p><text:p text:style-name="A">'
        f'<text:span text:style-name="T">{old("tuần")}</text:span><text:span text:style-name="H">no</text:span>'
        f'<text:span text:style-name="A">x</text:span></text:p><text:p text:style-name="G">no</text:p>'
    )
    assert texts(odt(body, styles=FACES + STYLES)) == ["Báo cáo", "tuầnx"]


def test_notes_boxes_and_margins_of_the_pages_in_use():
    page = (
        '<style:master-page style:name="{}"><style:header><text:p>head {}</text:p></style:header>'
        '<style:footer><text:p>foot</text:p></style:footer><style:header-left style:display="false"><text:p>no</text:p>'
        "</style:header-left></style:master-page>"
    )
    ns = odf("text", "").split(b"<office:document-content ")[1].split(b">")[0].decode()
    masters = f"<s {ns}>{page.format('S', 1)}{page.format('other', 2)}</s>"
    body = (
        "<text:p>body<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>note</text:p>"
        "</text:note-body></text:note><draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame></text:p>"
        "<text:p>x<text:soft-page-break/></text:p><text:soft-page-break/><text:p>third</text:p>"
    )
    document = odt(body, members={"styles.xml": masters})
    assert [(block.where, block.text, block.page) for block in document.blocks] == [
        ("header", "head 1", None),
        ("body", "body", 1),
        ("textbox", "box", 1),
        ("body", "x", 1),
        ("body", "third", 3),
        ("footnote", "note", None),
        ("footer", "foot", None),
    ]


def test_styles_are_looked_through_for_margins_in_either_encoding_and_refused_a_doctype_unread():
    ns = odf("text", "").split(b"<office:document-content ")[1].split(b">")[0].decode()
    page = "<office:master-styles><style:master-page>{}</style:master-page></office:master-styles>"
    head = page.format("<style:header><text:p>head</text:p></style:header>")
    wide = f'<?xml version="1.0" encoding="UTF-16"?><s {ns}>{head}</s>'.encode("utf-16")
    assert texts(odt("<text:p>x</text:p>", members={"styles.xml": f"<s {ns}>{head}</s>"})) == ["head", "x"]
    assert texts(odt("<text:p>x</text:p>", members={"styles.xml": wide})) == ["head", "x"]
    assert texts(odt("<text:p>x</text:p>", members={"styles.xml": f"<s {ns}>{page.format('')}</s>"})) == ["x"]
    with pytest.raises(Unreadable) as refused:
        odt("", members={"styles.xml": DOCTYPE.replace("<x/>", "<master-styles/>")})
    assert refused.value.reason == "xml_entity"


CELL = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"


def test_merged_repeated_and_nested_cells():
    body = (
        "<table:table><table:table-header-rows><table:table-row>"
        + CELL.format(' table:number-rows-spanned="2"', "TT")
        + CELL.format(' table:number-columns-spanned="2"', "H")
        + "<table:covered-table-cell/></table:table-row></table:table-header-rows><table:table-row>"
        + "<table:covered-table-cell/>"
        + CELL.format(' table:number-columns-repeated="2"', "x")
        + "</table:table-row><table:table-row><table:table-cell><text:p>1</text:p><table:table><table:table-row>"
        + CELL.format("", "in")
        + "</table:table-row></table:table></table:table-cell></table:table-row></table:table>"
    )
    document = odt(body)
    assert grid(document) == [["TT", "H", ""], ["", "x", "x"], ["1", "", ""]]
    assert grid(document, 1) == [["in"]]


@pytest.mark.parametrize(
    ("members", "body", "codes"),
    [
        ({"Basic/Standard/M.xml": "x"}, "", ["macro_present"]),
        ({}, '<text:p><draw:frame><draw:image xlink:href="http://x.example/a.png"/></draw:frame>a</text:p>', ["remote_ref"]),
        ({}, "<text:p>a</text:p><office:event-listeners/>", ["active_content"]),
        ({"Object 1/content.xml": "<office:spreadsheet/>"}, "<text:p>a</text:p>", ["embedded_document"]),
        ({"Object 1/content.xml": "<office:chart/>"}, '<text:p><text:a xlink:href="http://x">a</text:a></text:p>', ["graphics_unread"]),
    ],
)  # fmt: skip
def test_what_an_office_program_would_do_is_a_finding(members: dict[str, str | bytes], body: str, codes: list[str]):
    assert [found.code for found in odt(body, members=members).findings] == codes


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (odt_of("", members={"META-INF/manifest.xml": "<manifest:encryption-data/>"}), "encrypted"),
        (odt_of("").replace(b"content.xml", b"missing.xml"), "corrupt"),
        (odf("spreadsheet", ""), "corrupt"),
        (odt_of("", members={"styles.xml": DOCTYPE}), "xml_entity"),
        (odt_of("<text:p><draw:frame><draw:image/></draw:frame></text:p>"), "no_text"),
        (odt_of("<table:table><table:table-row><table:table-cell>" * 9), "corrupt"),
        (odt_of("<text:section>" * 300 + "</text:section>" * 300), "xml_too_deep"),
    ],
)
def test_a_bad_opendocument_file_is_refused_with_its_reason(data: bytes, reason: str):
    assert refusal(data, "odt") == reason


def test_a_package_locked_as_a_whole_is_encrypted():
    locked = odf("text", "", members={"encrypted-package": b"x"}).replace(b"content.xml", b"nothing.xml")
    assert refusal(locked, "odt") == "encrypted"


def test_tables_within_tables_end_somewhere():
    open_, close = (
        "<table:table><table:table-row><table:table-cell>",
        "</table:table-cell></table:table-row></table:table>",
    )
    assert refusal(odt_of(open_ * 9 + close * 9), "odt") == "xml_too_deep"


def test_what_an_odt_inflates_to_is_counted():
    with pytest.raises(Unreadable, match="zip_bomb"):
        read_document(odt_of("<text:p>x</text:p>" * 100), "odt", budget=Budget(100))


# ---- ods -------------------------------------------------------------------------------------------------------------


def value(kind: str, stated: str, text: str = "", more: str = "") -> str:
    attribute = {"date": "date-value", "boolean": "boolean-value"}.get(kind, "value")
    return (
        f'<table:table-cell office:value-type="{kind}" office:{attribute}="{stated}"{more}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def ods(rows: str, **more: str) -> Document:
    return read_document(ods_of(rows, **more), "ods")


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def test_a_cell_is_its_typed_value_not_what_a_locale_made_of_it():
    document = ods(
        row(
            value("float", "1625", "1.625"),
            value("percentage", "0.955", "95,50%"),
            value("currency", "12.5", "12,50"),
            value("date", "2017-07-21", "21/07/17"),
            value("date", "broken", "hôm nay"),
            value("float", "broken", "?"),
            value("boolean", "true", "TRUE"),
            '<table:table-cell table:formula="of:=1"/>',
            '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b<text:span>c</text:span>'
            "<text:line-break/>d</text:p></table:table-cell>",
            '<table:table-cell office:value-type="string" office:string-value="s"/>',
        )
    )
    cells = document.blocks[0].table.rows[0]  # type: ignore[union-attr]
    assert [cell.text for cell in cells] == [
        "1625", "95,5%", "12,5", "21/7/2017", "hôm nay", "?", "TRUE", "#?", "a  bc d", "s",
    ]  # fmt: skip
    assert [cell.number for cell in cells[:3]] == [Decimal(1625), Decimal("95.5"), Decimal("12.5")]


def test_hidden_sheets_rows_and_columns_are_read_and_marked():
    styles = (
        '<office:automatic-styles><style:style style:name="ta"><style:table-properties table:display="false"/>'
        "</style:style></office:automatic-styles>"
    )
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    rows = columns + row(CELL.format("", "a"), CELL.format("", "b"))
    rows += row(CELL.format("", "c"), more=' table:visibility="filter"')
    (block,) = ods(rows).blocks
    assert block.table is not None
    assert [[cell.hidden for cell in line if cell.text] for line in block.table.rows] == [[False, True], [True]]
    assert ods(rows, styles=styles, table='table:name="S" table:style-name="ta"').blocks[0].hidden


def test_repeats_cost_what_is_used_of_them():
    document = ods(
        row('<table:table-cell table:number-columns-repeated="3"/>', CELL.format("", "d"))
        + row("<table:table-cell/>", more=' table:number-rows-repeated="5"')
        + row(CELL.format("", "x"), more=' table:number-rows-repeated="2"')
        + row('<table:table-cell table:number-columns-repeated="16384"/>', more=' table:number-rows-repeated="1048000"')
    )
    assert grid(document)[0] == ["", "", "", "d"]
    assert len(grid(document)) == 8


def test_cells_far_out_are_a_finding():
    far = '<table:table-cell table:number-columns-repeated="16000"/>' + CELL.format("", "far")
    below = row(more=' table:number-rows-repeated="1000000"') + row(CELL.format("", "deep"))
    for rows in (row(CELL.format("", "a"), far), row(CELL.format("", "a")) + below):
        document = ods(rows)
        assert grid(document) == [["a"]]
        assert [found.code for found in document.findings] == ["cells_beyond_range"]


def test_a_million_filled_cells_are_too_large():
    rows = row(
        value("float", "1", more=' table:number-columns-repeated="500"'), more=' table:number-rows-repeated="9999"'
    )
    assert refusal(ods_of(rows), "ods") == "too_large"
    assert refusal(odf("spreadsheet", "<table:table/>" * (limits.SHEETS_MAX + 1)), "ods") == "too_large"


def test_a_letterhead_in_a_box_is_read_and_pictures_alone_are_not():
    box = "<table:shapes><draw:frame><draw:text-box><text:p>SỞ NỘI VỤ</text:p></draw:text-box></draw:frame></table:shapes>"
    (block,) = ods(box).blocks
    assert (block.text, block.where) == ("SỞ NỘI VỤ", "textbox")
    assert refusal(ods_of("<table:shapes><draw:frame><draw:image/></draw:frame></table:shapes>"), "ods") == "no_text"


# ---- csv -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a;1,5\nb;2", [["a", "1,5"], ["b", "2"]]),
        ("a\t1\nb\t2", [["a", "1"], ["b", "2"]]),
        ('x,y\n"a, b",1\n', [["x", "y"], ["a, b", "1"]]),
        ("sep=|\r\na|1\nb;c|2", [["a", "1"], ["b;c", "2"]]),
        ("Tiêu đề\n\na;1\nb;2\nc;3", [["Tiêu đề", ""], ["a", "1"], ["b", "2"], ["c", "3"]]),
        ("kỳ này,lũy kế\n12,625\n", [["kỳ này", "lũy kế"], ["12", "625"]]),
        (
            'Tiếp nhận,Quá hạn\n554,549\n"Trả lại, rút",1',
            [["Tiếp nhận", "Quá hạn"], ["554", "549"], ["Trả lại, rút", "1"]],
        ),
        (
            'Một\nHai\nBa\nBốn\n"Năm; sáu"\r\na;1\n',
            [["Một", ""], ["Hai", ""], ["Ba", ""], ["Bốn", ""], ["Năm; sáu", ""], ["a", "1"]],
        ),
        (
            '"Sở\nNội vụ";"Độc\nlập"\nMột\nHai\nBa\nBốn\n',
            [["Sở\nNội vụ", "Độc\nlập"], ["Một", ""], ["Hai", ""], ["Ba", ""], ["Bốn", ""]],
        ),
        ("=cmd|' /c calc';1\nb;2", [["=cmd|' /c calc'", "1"], ["b", "2"]]),
    ],
)
def test_the_delimiter_is_found(text: str, rows: list[list[str]]):
    assert grid(read_document(text.encode(), "csv")) == rows


@pytest.mark.parametrize("text", ["Tiếp nhận,1,625\nQuá hạn,25\n", "Tiếp nhận,1,625\nĐúng hạn,1,590\n"])
def test_a_comma_that_may_be_part_of_a_number_is_for_a_person(text: str):
    assert refusal(text.encode(), "csv") == "low_text_quality"


def test_a_number_beside_quoted_commas_is_not_cut_in_two():
    text = '"Hồ sơ trả lại (tổ chức, cá nhân)",3\nHồ sơ mức độ 4,131\n'
    assert grid(read_document(text.encode(), "csv")) == [
        ["Hồ sơ trả lại (tổ chức, cá nhân)", "3"],
        ["Hồ sơ mức độ 4", "131"],
    ]


def test_delimiters_alone_are_empty():
    assert refusal(b";;\n;;\n", "csv") == "empty"


def test_an_endless_field_is_no_table():
    assert refusal(b'"' + b"x" * 200_000, "csv") == "corrupt"


# ---- numbers of lists -------------------------------------------------------------------------------------------------

LISTS = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="I" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix=")" text:display-levels="2"/>'
    '<text:list-level-style-number text:level="3" style:num-format="a" style:num-list-format="(%3%)" text:start-value="2"/>'
    '<text:list-level-style-number text:level="4" style:num-format=""/></text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/>'
    '<text:list-level-style-bullet text:level="2" text:bullet-char="+"/></text:list-style>'
)


def items(*inner: str) -> str:
    return "".join(f"<text:list-item>{one}</text:list-item>" for one in inner)


def listed(inner: str, style: str = "L", more: str = "") -> str:
    return f'<text:list text:style-name="{style}" {more}>{inner}</text:list>'


def test_numbers_of_lists_stand_before_their_paragraphs_as_printed():
    p = "<text:p>{}</text:p>".format
    deep = listed(items(p("c") + listed(items(p("d"), p("e") + listed(items(p("f"))))), p("g")), "")
    goes_on = listed(items(listed(items(p("i")))), more='text:continue-numbering="true"')
    again = listed(
        '<text:list-header><text:p>j</text:p></text:list-header><text:list-item text:start-value="7">'
        + p("k")
        + "</text:list-item>"
    )
    cell = f"<table:table><table:table-row><table:table-cell>{listed(items(p('l') + p('m')))}</table:table-cell></table:table-row></table:table>"
    dashes = listed(items(p("n") + listed(items(p("o")), "")), "B") + listed(items(p("q")), "unknown")
    body = listed(items(p("a") + p("b") + deep, p("h"))) + goes_on + again + cell + dashes
    document = odt(body, styles=LISTS)
    assert [block.table.rows[0][0].text if block.table else block.text for block in document.blocks] == [
        "I. a", "b", "I.1) c", "(b) d", "(c) e", "f", "I.2) g", "II. h", "II.1) i", "j", "VII. k", "I. l\nm", "- n", "+ o", "q",
    ]  # fmt: skip


def test_numbers_an_rtf_writer_put_before_its_paragraphs_are_read():
    body = r"{\listtext\pard\plain 1.\tab}\ls1 mot\par{\pntext\f0 a)\tab}{\*\pn\pnlvlbody{\pntxta )}}hai\par"
    assert texts(read_document(rtf_of(body), "rtf")) == ["1.\tmot", "a)\thai"]
