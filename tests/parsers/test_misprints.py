"""Words of the forms misread on a page are put right by their neighbours; figures and other words never."""

from __future__ import annotations

import pytest

from parsers.form import load_forms
from parsers.misprints import put_right
from parsers.values import Block, Cell, Document, Table

FORMS = load_forms()


def righted(text: str) -> str:
    (block,) = put_right(Document("pdf", "pdf/1", (Block(1, text=text, page=1),), scanned=(1,)), FORMS).blocks
    return block.text


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Tổng số hồ sơ tiếp nhận trong trần", "Tổng số hồ sơ tiếp nhận trong tuần"),
        ("(Báo cáo trần 18, từ ngày 3/5", "(Báo cáo tuần 18, từ ngày 3/5"),
        ("~ Tống số hồ sơ đã tiếp nhận: .752.", "~ Tổng số hồ sơ đã tiếp nhận: .752."),
        ("TỐNG SỐ HỒ SƠ", "TỔNG SỐ HỒ SƠ"),
        ("tống số hồ sơ áp dụng đối với 1 LHC mức độ 3: 405", "tổng số hồ sơ áp dụng đối với TTHC mức độ 3: 405"),
        ("I. Kết quả giải quyết 1'LHC theo cơ chế một cửa", "I. Kết quả giải quyết TTHC theo cơ chế một cửa"),
        ("áp dụng đối với 11HC\nmức độ 3", "áp dụng đối với TTHC\nmức độ 3"),
        ("- Hồ sơ quáhạn: 00", "- Hồ sơ quá hạn: 00"),
        ("được giải quyết mứcđộ3 … 42", "được giải quyết mức độ 3 … 42"),
        ("dịch vụ bưu chính côngích 61", "dịch vụ bưu chính công ích 61"),
        ("77 … /tổngsốvănbảndi … 141", "77 … /tổng số văn bản đi … 141"),
        ("CC, VC được cử ởi đào tạo, bồi dưỡng", "CC, VC được cử đi đào tạo, bồi dưỡng"),
        ("xử lý công việc đã được áp dụng 1SO: 18 đơn vị", "xử lý công việc đã được áp dụng ISO: 18 đơn vị"),
        ("đã giải quyếu/tổng số tiếp nhận: 7", "đã giải quyết/tổng số tiếp nhận: 7"),
    ],
)
def test_a_word_one_letter_away_from_the_one_its_neighbours_ask_for_is_that_word(read: str, meant: str) -> None:
    assert righted(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Tổng số hồ sơ tiếp nhận trong tuần: 1.625",
        "Đơn vị đã thay trần nhà mới trong hội trường",
        "Tổng số hồ sơ: S45",
        "đối với 12 hồ sơ mức độ 3",
        "trong",
        "",
        "số 12A và STNMT3",
        "tamhồ",
        "áp dụng 1: 18",
        "áp dụng 150: 18",
        "đơn vị 1SO",
    ],
)
def test_figures_known_words_and_words_of_another_matter_stay(text: str) -> None:
    assert righted(text) == text


def test_only_recognised_pages_are_looked_at_and_tables_are_too() -> None:
    rows = ((Cell("Tống số hồ sơ đã tiếp nhận"), Cell("71")),)
    blocks = (Block(1, text="Tống số hồ sơ", page=1), Block(2, table=Table(rows), page=2))
    plain, table = put_right(Document("pdf", "pdf/1", blocks, scanned=(2,)), FORMS).blocks
    assert plain.text == "Tống số hồ sơ"
    assert table.table
    assert [cell.text for cell in table.table.rows[0]] == ["Tổng số hồ sơ đã tiếp nhận", "71"]
