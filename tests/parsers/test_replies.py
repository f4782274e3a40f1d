"""Short answers to our letters: codes with reasons, confirmations, and what is no answer at all."""

from __future__ import annotations

import time
import unicodedata
from email.message import EmailMessage

import pytest

from parsers.mail import open_mail
from parsers.replies import Reply, Said, read_reply

QUOTED = """
Vào Th 6, 21 thg 7, 2017 lúc 09:13 CCHC <cchc@tinh.example> đã viết:
> 1. [W03] Số hồ sơ trả đúng hạn và quá hạn chưa khớp
> – Cách xử lý: trả lời một dòng nêu lý do, ví dụ: W03: 05 hồ sơ do người nộp đề nghị rút
> Nếu đúng, đề nghị trả lời thư này: XÁC NHẬN
"""


def answered(text: str = "", html: str = "") -> Reply:
    message = EmailMessage()
    message["From"] = "stc@tinh.example"
    if html:
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
    return read_reply(open_mail(message.as_bytes()))


@pytest.mark.parametrize(
    "text",
    [
        "W03: 05 hồ sơ do người nộp đề nghị rút",
        "[W03] 05 hồ sơ do người nộp đề nghị rút",
        "- w03 – 05 hồ sơ do người nộp đề nghị rút",
        "1. W 03. 05 hồ sơ do người nộp đề nghị rút",
        "Kính gửi Sở Nội vụ,\nW03: 05 hồ sơ do\nngười nộp đề nghị rút\nTrân trọng.\nNguyễn Văn A",
        "W03:\n05 hồ sơ do người nộp đề nghị rút\n\nNguyễn Văn A, Sở Tài chính",
        "W03: nhầm\nW03: 05 hồ sơ do người nộp đề nghị rút",
    ],
)
def test_a_code_and_a_reason_explain_and_the_quoted_letter_does_not(text: str):
    assert answered(text + QUOTED).said == (Said("W03", "05 hồ sơ do người nộp đề nghị rút"),)


def test_several_codes_in_one_answer():
    assert answered("W03: do rút hồ sơ\nW04: có 40 hồ sơ kỳ trước chuyển sang").said == (
        Said("W03", "do rút hồ sơ"),
        Said("W04", "có 40 hồ sơ kỳ trước chuyển sang"),
    )


@pytest.mark.parametrize("text", ["W03:", "W03", "Cảm ơn Sở.", "Báo cáo W03 đã gửi", "QW031: x", "", QUOTED])
def test_what_gives_no_reason_explains_nothing(text: str):
    assert answered(text).said == ()


def test_an_answer_in_html_alone_is_read_without_what_it_quotes():
    html = (
        "<html><head><style>W05: x</style></head><body><div>W03: 05 hồ sơ&nbsp;rút<br>Trân trọng</div>"
        '<div class="gmail_quote"><p>W04: của thư cũ</p></div></body></html>'
    )
    assert answered(html=html).said == (Said("W03", "05 hồ sơ rút"),)


@pytest.mark.parametrize(
    "text",
    [
        "XÁC NHẬN",
        "Xác nhận.",
        "xac nhan",
        "XAC  NHAN",
        "Sở Tài chính xin xác nhận thư nêu trên là của đơn vị.\nTrân trọng",
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_confirmation_in_any_case_and_tones(text: str, form: str):
    assert answered(unicodedata.normalize(form, text) + QUOTED).confirms  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["Không xác nhận", "Chưa xác nhận được", "Đề nghị Sở xác nhận giúp", "Xác nhận thế nào?", "Đúng", "", QUOTED],
)
def test_a_reservation_is_no_confirmation(text: str):
    assert not answered(text).confirms


@pytest.mark.parametrize("piece", ["<style", "<", "<br", "W03: ", "1. [", "\n", "<script></script>"])
def test_an_endless_answer_costs_little(piece: str):
    began = time.perf_counter()
    answered(html=piece * 30_000)
    answered(piece * 30_000)
    assert time.perf_counter() - began < 20
