"""Difficulties on one page: what says something is gathered, what says nothing is not, however it is spelled."""

from __future__ import annotations

import pytest

from intake.difficulties import told_in
from tests.pipeline.test_loop import plain
from tests.pipeline.world import World, mail, weekly_docx

NOTHING = [
    "Không",
    "không.",
    "KHÔNG CÓ",
    "Không./.",
    "- Không;",
    "khong co",
    "Ko có",
    "Chưa có",
    "Không phát sinh",
    "Chưa có phát sinh.",
    "…………",
    "......./.",
    "- ",
    "//",
    "00",
    "Không có khó khăn, vướng mắc.",
    "Không có khó khăn, vướng mắc gì.",
    "Không có khó khăn và vướng mắc gì lớn",
    "khong co kho khan, vuong mac",
    "Không có khó khăn; không có kiến nghị, đề xuất.",
    "Khó khăn, vướng mắc: Không.\nKiến nghị, đề xuất: Không có.",
    "1. Khó khăn, vướng mắc:\nKhông có.\n2. Kiến nghị, đề xuất:\n- Chưa có.",
    "a) Tồn tại, hạn chế: chưa phát sinh\nb) Đề xuất: không",
    "Trong tuần, đơn vị không gặp khó khăn, vướng mắc nào.",
    "Trong quá trình thực hiện nhiệm vụ, cơ quan không phát sinh khó khăn, vướng mắc.",
    "Nhìn chung không có vướng mắc, tồn tại đáng kể.",
    "Hiện nay chưa có kiến nghị, đề xuất gì thêm với UBND tỉnh.",
    "Khó khăn, vướng mắc, kiến nghị:",
    "Kiến nghị, đề xuất: ……",
]
SOMETHING = [
    "Không có kinh phí",
    "Không có kinh phí mua máy quét.",
    "Chưa có kho",
    "Không ít khó khăn.",
    "Không có cán bộ chuyên trách, khó khăn trong tiếp nhận hồ sơ.",
    "Chưa có hướng dẫn",
    "Khó khăn chưa được giải quyết.",
    "Không phát sinh vướng mắc lớn, tuy nhiên đường truyền chậm.",
    "Có khó khăn, không kiến nghị.",
    "Vẫn còn hạn chế, chưa có đề xuất.",
    "Khó khăn, vướng mắc:\n1. Thiếu kinh phí.",
    "Khó khăn, vướng mắc: Không.\nKiến nghị: Bổ sung 02 biên chế.",
    "Khó khăn nhiều.",
]


@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize("key", ["proposals", "assessment"])
def test_what_says_nothing_is_not_gathered(key: str, text: str) -> None:
    assert told_in({"texts": {key: text}}) == ""


@pytest.mark.parametrize("text", SOMETHING)
def test_one_word_that_says_something_and_the_proposals_are_gathered_whole(text: str) -> None:
    assert told_in({"texts": {"proposals": text}}) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Công tác CCHC được triển khai tốt. Tuy nhiên còn khó khăn về kinh phí. Hết.", "Tuy nhiên còn khó khăn về kinh phí. Hết."),
        ("Công tác CCHC được triển khai tốt.", ""),
        ("Công tác CCHC được triển khai tốt, không có khó khăn, vướng mắc gì.", ""),
        ("Tốt; trong tuần không có vướng mắc. Tuần tới tiếp tục rà soát thủ tục.", ""),
        ("Thiếu cán bộ, không có khó khăn khác.", "Thiếu cán bộ, không có khó khăn khác."),
        ("Hệ thống hay lỗi, chưa có đề xuất.", "Hệ thống hay lỗi, chưa có đề xuất."),
        ("Tốt, không có khó khăn, vướng mắc nhưng thiếu máy.", "Tốt, không có khó khăn, vướng mắc nhưng thiếu máy."),
        ("Tốt, không có khó khăn về kinh phí.", "Tốt, không có khó khăn về kinh phí."),
        ("Tốt.\nKhó khăn, vướng mắc:\n1. Thiếu kinh phí.", "Khó khăn, vướng mắc: 1. Thiếu kinh phí."),
        ("Khó khăn, vướng mắc:\nTồn tại:\n- Máy hỏng.", "Khó khăn, vướng mắc: Tồn tại: - Máy hỏng."),
        ("Khó khăn, vướng mắc: Không có.\nTuy nhiên máy quét hay hỏng.", "Tuy nhiên máy quét hay hỏng."),
        ("Không có khó khăn.\nKiến nghị:\nCấp thêm kinh phí.", "Kiến nghị: Cấp thêm kinh phí."),
    ],
)  # fmt: skip
def test_an_assessment_is_told_from_the_first_sentence_that_says_something(text: str, told: str) -> None:
    assert told_in({"texts": {"assessment": text}}) == told


def test_a_long_text_is_shortened_and_no_text_tells_of_none() -> None:
    assert told_in({"texts": {"proposals": "từ " * 400}}) == "từ " * 232 + "từ …"
    assert told_in({"texts": {"proposals": "Bổ sung biên chế", "assessment": "Tốt."}}) == "Bổ sung biên chế"
    assert (told_in({}), told_in({"texts": {}})) == ("", "")


def test_the_digest_gathers_the_difficulty_and_not_the_none(world: World) -> None:
    world.tick("2017-07-17 08:00:00")
    told = (
        ("SỞ TÀI CHÍNH", "stc", "Không có khó khăn, vướng mắc."),
        ("SỞ Y TẾ", "syt", "Không có kinh phí gây khó khăn."),
    )
    for agency, sender, text in told:
        docx = weekly_docx(agency, "từ ngày 14/7 đến ngày 20/7/2017", assessment=text)
        world.deliver(mail(f"{sender}@tinh.example", "bc tuần", {"bc.docx": docx}), "2017-07-21 09:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    digest = plain(
        next(x for x in world.letters("thuky@tinh.example") if "báo cáo tuần CCHC kỳ 21/7" in str(x["Subject"]))
    )
    assert "Không có kinh phí gây khó khăn." in digest
    assert "Không có khó khăn, vướng mắc." not in digest
