"""One mail in the browser: what a sender wrote stays text, what is downloaded cannot run, and who looked is in the log."""

from __future__ import annotations

import html
import re

import pytest

from intake.web.routes.mail import safe_name
from tests.web.conftest import NASTY, PEOPLE
from tests.web.test_board import text_of


def mail_of(site, sender: str) -> int:
    with site.console.ask() as q:
        return next(m.id for m in q.mails() if m.from_address == sender)


def last_access(site):
    with site.console.ask() as q:
        return next(e for e in reversed(q.entries()) if e.kind == "access")


def test_a_mail_shows_its_way_from_the_server_to_the_letter(site):
    said = text_of(site.client("kiem").get(f"/mail/{mail_of(site, 'stc@tinh.example')}").text)
    for words in (
        "Máy chủ hộp thư nhận",
        "Thư được lưu nguyên vẹn",
        "Kết luận : đạt yêu cầu",
        "Đã gửi thư : thư xác nhận",
    ):
        assert words.replace(" :", "") in said.replace(" :", "").replace(":", ""), words
    assert "08:12:35 21/7/2017" in said
    assert "CCHC-20170721-W-STC-r1" in said
    assert "quy tắc giờ máy chủ hộp thư ≤ thời hạn" in said


def test_what_a_sender_wrote_is_shown_as_text_and_turning_characters_as_marks(site):
    number = mail_of(site, "syt@tinh.example")
    client = site.client("kiem")
    for path in (
        f"/mail/{number}",
        "/log?text=script",
        "/review",
        f"/mail/{number}/part/1",
        "/board/weekly:2017-07-21",
    ):
        answer = client.get(path)
        if answer.status_code == 404 and path.startswith("/log"):
            continue
        assert "<script>alert" not in answer.text
        assert "\u202e" not in answer.text, path
    page = client.get(f"/mail/{number}").text
    assert html.escape("<script>alert(1)</script> =1+1 {{7*7}}", quote=False) in html.unescape(page).replace(
        "<script>", "&lt;script&gt;"
    ).replace("</script>", "&lt;/script&gt;")
    assert "⟦U+202E⟧" in page
    assert NASTY not in page


def test_the_original_stands_beside_the_figures_and_each_place_is_marked(site):
    number = mail_of(site, "stc@tinh.example")
    page = site.client("kiem").get(f"/mail/{number}/part/1").text
    assert '<a class="place" href="#f-received"' in page
    assert re.search(r'<mark id="f-received"><a href="#row-received">1625</a></mark>', page)
    assert page.count('id="f-received"') == 1
    assert re.search(r'<div class="wide"[^>]*><table class="dense figures">', page), "on a phone it is moved by itself"


def test_downloads_are_the_very_bytes_and_cannot_run(site):
    number = mail_of(site, "syt@tinh.example")
    client = site.client("kiem")
    raw = client.get(f"/mail/{number}/raw")
    assert raw.content in site.world.delivered or raw.content.startswith(b"From: syt@tinh.example")
    part = client.get(f"/mail/{number}/part/1/download")
    assert part.content.startswith(b"PK")
    for answer in (raw, part):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "/" not in answer.headers["content-disposition"].partition("filename*=UTF-8''")[2]
    assert last_access(site).payload["what"] == "part_downloaded"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "7.1 etcpasswd.bin"),
        ("a\u202excod.exe", "7.1 axcod.exe.bin"),
        ("=cmd|'/c calc'!A0.xlsx", "7.1 cmdc calcA0.xlsx"),
        ("Báo cáo tuần 29.docx", "7.1 Báo cáo tuần 29.docx"),
        ("x.html", "7.1 x.html.bin"),
        ("", "7.1 tep.bin"),
        ("a\r\nSet-Cookie: x=1.pdf", "7.1 aSet-Cookie x1.pdf"),
    ],
)
def test_a_name_given_by_a_sender_can_do_no_harm(given, name):
    assert safe_name(given, 7, 1) == name


def test_who_opened_a_mail_is_in_the_log_under_a_number(site):
    number = mail_of(site, "stc@tinh.example")
    site.client("binh").get(f"/mail/{number}")
    entry = last_access(site)
    assert entry.subject == f"access:mail:{number}"
    assert entry.actor == f"person:{list(PEOPLE).index('binh') + 1}"
    assert "Binh: mở thư" in text_of(site.client("kiem").get(f"/mail/{number}").text)


def test_a_letter_of_ours_is_shown_as_it_left(site):
    with site.console.ask() as q:
        letter = next(x for x in q.letters(kind="acknowledgement") if x.agency == "STC")
    said = text_of(site.client("kiem").get(f"/letter/{letter.id}").text)
    assert "Kính gửi: Sở Tài chính" in said
    assert letter.message_id in html.unescape(said)


def test_anything_that_names_a_mail_finds_it(site):
    client = site.client("kiem")
    found = client.get("/find?id=CCHC-20170721-W-STC-r1", follow_redirects=False)
    assert found.headers["location"] == f"/mail/{mail_of(site, 'stc@tinh.example')}"
    assert client.get("/find?id=nothing").status_code == 404
    assert client.get("/mail/99999").status_code == 404
    assert client.get("/mail/1/part/99").status_code == 404
    assert client.get("/letter/99999").status_code == 404


def test_a_mail_erased_says_so(site):
    number = mail_of(site, "hdt@tinh.example")
    with site.desk.write(site.desk.clock.now()) as tx:
        mail = tx.mail(number)
    path = site.desk.vault.path(mail.sha256)
    data = path.read_bytes()
    path.unlink()
    try:
        client = site.client("kiem")
        assert "đã được xóa" in client.get(f"/mail/{number}").text
        assert client.get(f"/mail/{number}/raw").status_code == 404
        assert client.get(f"/mail/{number}/part/1/download").status_code == 404
        assert "Không hiển thị được nội dung" in client.get(f"/mail/{number}/part/1").text
    finally:
        path.write_bytes(data)


def test_the_rules_that_fired_are_told_in_words(site):
    said = text_of(site.client("kiem").get(f"/mail/{mail_of(site, 'stc@tinh.example')}").text)
    rules = said.split("Các quy tắc đã áp dụng")[1].split("Ai đã xem")[0]
    assert "Người gửi : địa chỉ đã đăng ký, STC" in rules
    assert "Báo cáo tìm thấy : Báo cáo tuần về công tác CCHC, STC, theo địa chỉ thư gửi, đọc được" in rules
    assert "trước thời hạn 1 giờ 47 phút 25 giây" in rules
    assert "thư xác nhận: đã gửi" in rules
    hostile = text_of(site.client("kiem").get(f"/mail/{mail_of(site, 'la@khac.example')}").text)
    assert "địa chỉ chưa đăng ký" in hostile
