"""HTML and plain text: what is shown, in order, from any charset; and the door of the readers."""

from __future__ import annotations

import pytest

from parsers import limits
from parsers.readers import READABLE, Unreadable, read_document, warm_up
from parsers.values import Block, Document


def html(markup: str | bytes, charset: str = "") -> Document:
    return read_document(markup.encode() if isinstance(markup, str) else markup, "html", charset=charset)


def txt(text: str | bytes, charset: str = "") -> Document:
    return read_document(text.encode() if isinstance(text, str) else text, "txt", charset=charset)


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def grid(block: Block) -> list[list[str]]:
    assert block.table
    return [[c.text for c in row] for row in block.table.rows]


def refused(data: bytes, kind: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(data, kind)
    return caught.value.reason


def test_the_door_knows_its_formats_and_refuses_others():
    named = {
        "docx",
        "doc",
        "rtf",
        "odt",
        "xlsx",
        "xls",
        "ods",
        "csv",
        "pdf",
        "html",
        "txt",
        "mht",
        "wordxml",
        "excelxml",
    }
    assert named == READABLE
    assert refused(b"x", "wps") == "unsupported_type"
    assert refused(b"", "docx") == "empty"
    warm_up()


# ---- HTML ------------------------------------------------------------------------------------------------------------


def test_blocks_come_in_order_with_breaks_kept_inside():
    page = (
        "<html><head><title>x</title></head><body><p>Kính gửi:<br> Sở Nội vụ</p><div>một <b>hai</b> ba</div>bốn</body>"
    )
    assert texts(html(page)) == ["Kính gửi:\nSở Nội vụ", "một hai ba", "bốn"]


def test_what_is_not_shown_is_not_read():
    page = (
        "<style>p{}</style><script>var a=1</script><p style='display:none'>ẩn</p><p hidden>ẩn</p><!-- ẩn -->"
        "<p>thấy<span style='mso-hide:all'>ẩn</span></p><select><option>ẩn</option></select>"
        "<table><tr style='display:none'><td>ẩn</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>"
    )
    document = html(page)
    assert texts(document) == ["thấy", ""]
    assert grid(document.blocks[1]) == [["b", "2"]]


def test_tables_keep_their_columns_under_cells_that_reach_down_and_across():
    page = (
        "<table><thead><tr><th rowspan=2>Lĩnh vực</th><th colspan=2>Hồ sơ</th></tr><tr><th>Nhận</th><th>Trả</th></tr>"
        "</thead><tr><td>Đất đai<p>đô thị</p></td><td>12</td><td>10</td></tr><tr></tr></table>"
    )
    (found,) = html(page).blocks
    assert grid(found)[:3] == [["Lĩnh vực", "Hồ sơ", ""], ["", "Nhận", "Trả"], ["Đất đai\nđô thị", "12", "10"]]
    assert (found.table.rows[0][0].rowspan, found.table.rows[0][1].colspan) == (2, 2)


def test_a_table_that_only_lays_out_the_page_is_read_in_order():
    page = "<table><tr><td>trước<table><tr><td>a</td><td>1</td></tr></table>sau</td><td>bên cạnh</td></tr></table>"
    first, second, third, fourth = html(page).blocks
    assert (first.text, grid(second), third.text, fourth.text) == ("trước", [["a", "1"]], "sau", "bên cạnh")


def test_an_empty_table_is_nothing_and_odd_spans_are_one():
    page = "<table><tr><td> </td></tr></table><table><tr><td colspan='x'>a</td><td colspan='0'>b</td></tr></table>"
    (found,) = html(page).blocks
    assert grid(found) == [["a", "b"]]


def test_typed_in_values_are_shown_text():
    assert texts(html("<p>Số: <input value='12'><input type=hidden value=13></p>")) == ["Số: 12"]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<img src='http://x.example/a.png'>", ["remote_ref"]),
        ("<img src='//x.example/a.png'>", ["remote_ref"]),
        ("<link rel=stylesheet href='https://x.example/a.css'>", ["remote_ref"]),
        ("<p style=\"background:url('http://x.example/a')\">x</p>", ["remote_ref"]),
        ("<style>p{background:url(http://x.example/a)}</style>", ["remote_ref"]),
        ("<table background='http://x.example/a'><tr><td>x</td></tr></table>", ["remote_ref"]),
        ("<a href='http://x.example/'>x</a><img src='cid:1'><link rel=canonical href='http://x.example'>", []),
        ("<script>1</script>", ["active_content"]),
        ("<p onclick='x()'>x</p>", ["active_content"]),
    ],
)
def test_what_a_page_would_fetch_or_run_is_a_finding(markup, found):
    assert codes(html(f"<body><p>chữ</p>{markup}</body>")) == found


def test_pictures_alone_are_no_text_and_nothing_is_empty():
    assert refused(b"<img src='cid:a'>", "html") == "no_text"
    assert refused(b"<p> </p>", "html") == "empty"
    assert refused(b" \n", "html") == "empty"
    assert html("<p>x</p><img src='cid:a'>").images == 1


def test_letters_in_an_old_font_are_converted():
    page = "<font face='.VnTime'>B¸o c¸o</font> <span style=\"font-family:'VNI-Times',serif\">Baùo</span> Báo"
    assert texts(html(page)) == ["Báo cáo Báo Báo"]


def test_the_charset_is_the_bytes_then_the_pages_then_the_mails():
    text = "<p>Báo cáo</p>"
    assert texts(html(text.encode("utf-16"))) == ["Báo cáo"]
    assert texts(html(b"\xef\xbb\xbf" + text.encode())) == ["Báo cáo"]
    # windows-1258 spells tones as letters of their own
    old = (
        "<meta http-equiv=Content-Type content='text/html; charset=windows-1258'><p>Ba\u0301o ca\u0301o tuâ\u0300n</p>"
    )
    document = html(old.encode("cp1258"))
    assert (texts(document), codes(document)) == (["Báo cáo tuần"], [])
    assert texts(html("<p>Ba\u0301o</p>".encode("cp1258"), charset="windows-1258")) == ["Báo"]
    wrong = html("<meta charset=windows-1258><p>Báo cáo</p>")
    assert (texts(wrong), codes(wrong)) == (["Báo cáo"], ["charset_guess"])


def test_pages_too_deep_or_too_long_are_refused(monkeypatch):
    with pytest.raises(Unreadable) as caught:
        html("<div>" * 5000 + "x")
    assert caught.value.reason in ("xml_too_deep", "corrupt", "empty")
    monkeypatch.setattr(limits, "XML_DEPTH", 10)
    assert refused(b"<div>" * 20 + b"x", "html") == "xml_too_deep"
    monkeypatch.setattr(limits, "BLOCKS_MAX", 2)
    assert refused(b"<p>a</p><p>b</p><p>c</p>", "html") == "too_large"
    monkeypatch.setattr(limits, "TEXT_MAX", 5)
    assert refused(b"<p>abcdef</p>", "html") == "too_large"


# ---- plain text ------------------------------------------------------------------------------------------------------


def test_a_line_is_a_paragraph_and_blank_lines_are_nothing():
    assert texts(txt("BÁO CÁO TUẦN\r\n\r\n- Tổng số hồ sơ: 12\r\n")) == ["BÁO CÁO TUẦN", "- Tổng số hồ sơ: 12"]


def test_lines_a_mail_program_wrapped_are_joined():
    text = (
        "Trong tuần, toàn tỉnh đã tiếp nhận 1.625 hồ sơ, trong đó có hồ sơ\n"
        "nộp trực tuyến.\n"
        "Kết quả giải quyết trong tuần của các cơ quan, đơn vị như sau đây:\n"
        "đúng hạn 12.\n"
        "ngắn\n"
        "thôi"
    )
    assert texts(txt(text)) == [
        "Trong tuần, toàn tỉnh đã tiếp nhận 1.625 hồ sơ, trong đó có hồ sơ nộp trực tuyến.",
        "Kết quả giải quyết trong tuần của các cơ quan, đơn vị như sau đây:",
        "đúng hạn 12.",
        "ngắn",
        "thôi",
    ]


def test_lines_with_tabs_or_bars_are_a_table_and_nothing_else():
    text = "Mức độ\tTổng\tĐúng hạn\nMức 3\t68544\t11795\nMức 4\t1665\t388\n\nđầu\n| a | 1 |\n| b | 2 |\n"
    first, second, third = txt(text).blocks
    assert grid(first) == [["Mức độ", "Tổng", "Đúng hạn"], ["Mức 3", "68544", "11795"], ["Mức 4", "1665", "388"]]
    assert second.text == "đầu"
    assert grid(third) == [["a", "1"], ["b", "2"]]


def test_a_heading_over_two_lines_of_tabs_is_one_table_with_its_figures():
    (block,) = txt("Tiếp nhận\tĐã giải quyết\t\t\tTrả lại\n\tTổng số\tĐúng hạn\tQuá hạn\n680\t658\t657\t1\t3\n").blocks
    assert grid(block) == [
        ["Tiếp nhận", "Đã giải quyết", "", "", "Trả lại"],
        ["", "Tổng số", "Đúng hạn", "Quá hạn", ""],
        ["680", "658", "657", "1", "3"],
    ]


def test_rows_whose_last_cells_are_empty_stay_in_their_table_of_tabs():
    text = "STT\tNội dung\tKết quả\tGhi chú\n1\tTiếp nhận\t5\n2\tGiải quyết\t4\n3\tQuá hạn\n4\tTrả lại\tKhông\n"
    (block,) = txt(text).blocks
    assert grid(block)[3:] == [["3", "Quá hạn", "", ""], ["4", "Trả lại", "Không", ""]]


def test_three_lines_in_columns_of_spaces_are_a_table_two_are_not():
    rows = "Chỉ tiêu    Nhận    Trả\nĐất đai     12      10\nHộ tịch     5       5\n"
    (found,) = txt(rows).blocks
    assert grid(found)[1] == ["Đất đai", "12", "10"]
    assert all(block.table is None for block in txt("\n".join(rows.splitlines()[:2])).blocks)
    assert texts(txt("một\thàng lẻ")) == ["một\thàng lẻ"]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_with_or_without_its_mark(charset):
    text = "Báo cáo tuần của Sở Nội vụ, số liệu đến ngày 20/7/2017"
    document = txt(text.encode(charset))
    assert texts(document) == [text]
    assert codes(document) == []


def test_windows_1258_is_guessed_and_told():
    document = txt("Ba\u0301o ca\u0301o tuâ\u0300n".encode("cp1258"))
    assert (texts(document), codes(document)) == (["Báo cáo tuần"], ["charset_guess"])


def test_text_in_an_encoding_of_old_fonts_is_guessed_by_how_well_it_reads():
    from viparse.normalize.encodings import get_charmap  # noqa: PLC0415

    assert get_charmap("tcvn3")
    raw = "B¸o c¸o tuÇn vÒ c«ng t¸c c¶i c¸ch hµnh chÝnh cña Së Néi vô".encode("latin-1")
    document = txt(raw)
    assert texts(document) == ["Báo cáo tuần về công tác cải cách hành chính của Sở Nội vụ"]
    assert codes(document) == ["charset_guess"]
    assert document.quality > 0.9


def test_the_dots_and_dashes_typed_beside_old_letters_are_kept_and_part_no_line():
    raw = (
        "- Sè hå s¬ ®·îc gi¶i quyÕt møc ®é 4".replace("·", "\xad").encode("latin-1")
        + b"\x85\x85 8 \x85/t\xe6ng s\xe8 \x96 12"
    )
    assert texts(txt(raw)) == ["- Số hồ sơ được giải quyết mức độ 4…… 8 …/tổng số – 12"]


def test_control_characters_are_dropped_and_letters_composed():
    assert texts(txt("Ba\u0301o\x00\x1b[0m ca\u0301o")) == ["Báo[0m cáo"]


def test_white_space_is_empty_and_too_many_lines_are_too_large(monkeypatch):
    assert refused(b" \n\t\n", "txt") == "empty"
    monkeypatch.setattr(limits, "BLOCKS_MAX", 1)
    assert refused(b"a\n\nb\n\nc", "txt") == "too_large"
