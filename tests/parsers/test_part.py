"""One leaf read: hostile attachments, archives, saved mails, bodies that quote our own letters."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest

from parsers import limits, part
from parsers.assemble import assemble
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.part import read_part
from parsers.quoting import own_markup, own_words
from parsers.readers import Budget
from parsers.values import Hints, Leaf, MailReading, PartReading

CORPUS = Path(__file__).parent.parent / "corpus" / "hostile"
FORMS = load_forms()
HINTS = Hints("Báo cáo tuần", "", None)


def leaf(data: bytes, name: str, declared: str = "application/octet-stream", role: str = "attachment") -> Leaf:
    return Leaf(("2",), name, declared, "utf-8", data, hashlib.sha256(data).hexdigest(), role)  # type: ignore[arg-type]


def read(data: bytes, name: str, **more: str) -> tuple[PartReading, ...]:
    return read_part(leaf(data, name, **more), FORMS, HINTS)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def expected() -> dict[str, str]:
    with (CORPUS / "EXPECT.tsv").open(encoding="utf-8") as table:
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            row["file"].removeprefix("att/"): row["right_outcome"] for row in rows if row["file"].startswith("att/")
        }


def satisfies(reading: PartReading, wanted: str) -> bool:
    """Whether a reading is what the table calls right; a file that is no report may be an enclosure."""
    words = re.findall(r"[a-z_]+", wanted)
    if reading.outcome in ("read", "enclosure"):
        return "read" in words
    return reading.outcome in words and reading.reason in words


@pytest.mark.parametrize("name", sorted(expected()))
def test_a_hostile_attachment_gets_the_outcome_of_the_table(name: str):
    (reading,) = read((CORPUS / "att" / name).read_bytes(), name)
    assert satisfies(reading, expected()[name]), (reading.outcome, reading.reason)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("docx_linked_image.docx", "remote_ref"),
        ("docx_remote_template.docx", "remote_ref"),
        ("pdf_js_openaction.pdf", "active_content"),
        ("pdf_zip_polyglot.pdf", "polyglot"),
        ("zip_nonutf8_names.zip", "charset_guess"),
    ],
)
def test_what_a_person_should_know_is_a_finding_with_words(name: str, code: str):
    (reading,) = read((CORPUS / "att" / name).read_bytes(), name)
    found = next(one for one in reading.findings if one.code == code)
    assert found.title
    assert found.message


def test_canaries_of_outside_files_are_nowhere():
    for name in ("docx_xxe_file.docx", "xlsx_xxe.xlsx"):
        (reading,) = read((CORPUS / "att" / name).read_bytes(), name)
        assert reading.reason == "xml_entity"
        assert reading.reports == ()


def test_a_member_carries_the_way_to_it():
    (reading,) = read(zipped({"tuan/bao cao.txt": "Kính gửi".encode()}), "goi.zip")
    assert reading.path == ("2", "goi.zip", "tuan/bao cao.txt")
    assert (reading.name, reading.type, reading.outcome) == ("bao cao.txt", "txt", "enclosure")


def test_three_archives_deep_is_read_and_four_is_not():
    data = "Kính gửi".encode()
    for depth, outcome in ((1, "enclosure"), (2, "enclosure"), (3, "enclosure"), (4, "refused")):
        data = zipped({"a.txt" if depth == 1 else "in.zip": data})
        (reading,) = read(data, "goi.zip")
        assert reading.outcome == outcome
    assert reading.reason == "zip_nested_too_deep"
    assert "3" in reading.findings[0].message


def test_one_budget_holds_for_the_whole_tree(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(part, "Budget", lambda: Budget(2_000))
    inner = zipped({"a.txt": b"ab" * 600})
    readings = read(zipped({"1.zip": inner, "2.zip": inner, "3.zip": inner}), "goi.zip")
    assert [one.reason for one in readings] == [None, "zip_bomb", "zip_bomb"]


def test_a_bad_member_does_not_hide_a_good_one():
    readings = read(zipped({"a.exe": b"MZ\x90\0", "b.txt": b"hello"}), "goi.zip")
    assert [(one.outcome, one.reason) for one in readings] == [("refused", "unsupported_type"), ("enclosure", None)]


def test_an_empty_archive_is_refused_with_a_finding():
    (reading,) = read(zipped({}), "goi.zip")
    assert (reading.outcome, reading.reason) == ("refused", "empty")
    assert [one.code for one in reading.findings] == ["empty_archive"]


def test_a_saved_mail_in_an_archive_is_opened():
    saved = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: s\r\n\r\nhello"
    (reading,) = read(zipped({"thu.eml": saved}), "goi.zip")
    assert reading.path == ("2", "goi.zip", "thu.eml", "1")
    assert reading.role == "body"


def test_a_saved_mail_with_a_defect_says_so():
    saved = b"From: a@x.example\r\nTo: b@x.example\r\nSubject: s\r\nContent-Type: message/partial\r\n\r\nhello"
    reasons = [one.reason for one in read(zipped({"thu.eml": saved}), "goi.zip")]
    assert reasons == ["partial_message", "partial_message"]


def test_a_locked_member_is_encrypted():
    data = bytearray(zipped({"a.docx": b"x", "b.txt": b"y"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    readings = read(bytes(data), "goi.zip")
    assert [(one.type, one.reason) for one in readings] == [("docx", "encrypted"), ("txt", None)]


def test_a_piece_and_a_pointer_are_refused_as_such():
    for kind, reason in (("message/partial", "partial_message"), ("message/external-body", "external_body")):
        (reading,) = read(b"x", "x", declared=kind)
        assert (reading.outcome, reading.reason) == ("refused", reason)


def test_a_part_over_the_cap_is_too_large():
    (reading,) = read(b"x" * (limits.PART_MAX + 1), "a.txt")
    assert (reading.outcome, reading.reason) == ("refused", "too_large")


def test_a_body_is_what_the_mail_declares_even_when_it_looks_like_a_file():
    (reading,) = read(b"%PDF-1.4 is what we talked about", "part-1", declared="text/plain", role="body")
    assert (reading.type, reading.outcome) == ("txt", "enclosure")


def test_an_empty_body_is_empty():
    (reading,) = read(b" \r\n", "part-1", declared="text/plain", role="body")
    assert reading.reason == "empty"


def test_a_body_of_pictures_only_is_empty_too():
    (reading,) = read(b'<img src="cid:a">', "part-1", declared="text/html", role="body")
    assert (reading.outcome, reading.reason) == ("refused", "empty")


def test_a_mislabelled_body_is_read_and_told():
    body = Leaf(("1",), "part-1", "text/plain", "us-ascii", "Kính gửi".encode(), "0", "body")
    (reading,) = read_part(body, FORMS, HINTS)
    assert [one.code for one in reading.findings] == ["charset_guess"]


# ---- quoted letters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quoted",
    [
        "> Tổng số hồ sơ đã tiếp nhận: 5",
        "Vào 10:00, 21/7/2017, CCHC <cchc@tinh.example> đã viết:\nTổng số hồ sơ đã tiếp nhận: 5",
        "On Fri, Jul 21, 2017 at 10:00 AM CCHC wrote:\nTổng số hồ sơ đã tiếp nhận: 5",
        "-----Original Message-----\nTổng số hồ sơ đã tiếp nhận: 5",
        "From: cchc@tinh.example\nSent: Friday\nTổng số hồ sơ đã tiếp nhận: 5",
        "Từ: cchc@tinh.example\nĐến: stc@tinh.example\nTổng số hồ sơ đã tiếp nhận: 5",
    ],
)
def test_the_letter_an_answer_quotes_is_not_read_again(quoted: str):
    assert own_words(f"W03: 05 hồ sơ rút\n\n{quoted}").strip() == "W03: 05 hồ sơ rút"


@pytest.mark.parametrize(
    "quoted",
    [
        '<blockquote type="cite">Tổng số: 5</blockquote>',
        '<div class="gmail_quote">Tổng số: 5</div>',
        '<div id="divRplyFwdMsg">Tổng số: 5</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt">Tổng số: 5</div>',
    ],
)
def test_the_letter_an_html_answer_quotes_is_not_read_again(quoted: str):
    assert own_markup(f"<p>W03: rút</p>{quoted}") == "<p>W03: rút</p>"


def test_a_line_about_someone_is_not_a_quote():
    text = "Từ: 14/7 đến 20/7/2017\nTổng số hồ sơ: 5"
    assert own_words(text) == text


def test_endless_tags_are_searched_in_linear_time():
    for html in ("<a " * 300_000, "<a" + ' class="' * 200_000, "<blockquote" * 100_000):
        assert own_markup(html) == html


# ---- reports ----------------------------------------------------------------------------------------------------------

MAILS = CORPUS / "mail"


def whole_mail(raw: bytes) -> MailReading:
    envelope = open_mail(raw)
    parts = [
        one for leaf in envelope.leaves for one in read_part(leaf, FORMS, Hints(envelope.subject, leaf.name, None))
    ]
    return assemble(envelope, parts, FORMS)


@pytest.mark.parametrize(
    ("name", "outcomes", "core"),
    [
        ("ok_control", ["read"], [5]),
        ("ok_rfc2231_nfd", ["read"], [5]),
        ("fname_conflict", ["read"], [5]),
        ("attach_bomb_and_good", ["refused", "read"], [5]),
        ("mime_forward_report", ["read"], [5]),
        ("mime_html_only", ["read"], [1]),
        ("attach_only_encrypted", ["refused"], []),
        ("charset_utf7", ["enclosure"], []),
        ("bytes_smuggle", ["enclosure"], []),
        ("noack_vacation_nohdr", ["enclosure"], []),
    ],
)
def test_a_hostile_mail_is_read_whole(name: str, outcomes: list[str], core: list[int]):
    reading = whole_mail((MAILS / f"{name}.eml").read_bytes())
    assert [part.outcome for part in reading.parts] == outcomes
    assert [report.core_stated for part in reading.parts for report in part.reports] == core


BODY = "Tổng số hồ sơ đã tiếp nhận: 12"


def body_mail(subject: str, text: str) -> MailReading:
    head = f"From: a@x.example\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return whole_mail(f"{head}{text}\r\n".encode())


def test_the_subject_is_the_title_of_a_body_without_one():
    (reading,) = body_mail("Báo cáo tuần công tác CCHC", BODY).parts
    assert [report.type for report in reading.reports] == ["weekly"]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Báo cáo tuần công tác CCHC", BODY),
        ("Trả lời: Báo cáo tuần công tác CCHC", BODY),
        ("Báo cáo tuần công tác CCHC", "Kính gửi Sở Nội vụ, xin gửi báo cáo."),
        ("Công văn", BODY),
        ("", BODY),
    ],
)
def test_an_answer_or_a_cover_letter_is_not_a_report_by_its_subject(subject: str, text: str):
    assert body_mail(subject, text).outcome == "no_report"


def test_an_answer_that_quotes_our_letter_brings_no_report():
    ours = "Báo cáo tuần về công tác CCHC\n" + "\n".join(
        f"{label}: 5"
        for label in ("Tổng số hồ sơ đã tiếp nhận", "Tổng số hồ sơ đã giải quyết", "Số hồ sơ trả đúng hạn")
    )
    assert body_mail("Chuyển số liệu", ours).outcome == "read"
    quoted = "\n".join(f"> {line}" for line in ours.splitlines())
    for mark in ("Vào 10:00 21/7/2017, CCHC đã viết:\n" + ours, quoted):
        assert body_mail("Re: x", f"W03: 05 hồ sơ do người nộp rút\n\n{mark}").outcome == "no_report"


def test_the_inner_mails_report_in_a_zip_keeps_its_way():
    whole = (MAILS / "ok_control.eml").read_bytes()
    (reading,) = [one for one in read(zipped({"thu.eml": whole}), "goi.zip") if one.reports]
    assert reading.path == ("2", "goi.zip", "thu.eml", "2")
