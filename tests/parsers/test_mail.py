"""Opening a mail: heads, names, charsets, forwarded mails, and what is only decoration."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from parsers import limits
from parsers.addresses import read_addresses
from parsers.charset import decode
from parsers.headers import Field
from parsers.mail import open_head, open_mail
from parsers.opinion import Opinion
from parsers.parameters import label, parameters
from parsers.values import Envelope, Leaf

HEAD = "From: Sở Tài chính <stc@tinh.example>\r\nTo: cchc@tinh.example\r\nSubject: Báo cáo\r\nMIME-Version: 1.0\r\n".encode()
PDF = b"%PDF-1.4 a report"


def part(head: str, data: bytes) -> bytes:
    return head.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data) + b"\r\n"


def mail(*parts: bytes, kind: str = "mixed") -> bytes:
    body = b"".join(b"--B\r\n" + one + b"\r\n" for one in parts)
    return HEAD + f'Content-Type: multipart/{kind}; boundary="B"\r\n\r\n'.encode() + body + b"--B--\r\n"


def text(words: str, charset: str = "utf-8", kind: str = "plain") -> bytes:
    return part(f"Content-Type: text/{kind}; charset={charset}", words.encode(charset if charset != "x" else "utf-8"))


def attached(envelope: Envelope) -> list[Leaf]:
    return [leaf for leaf in envelope.leaves if leaf.role == "attachment"]


# ---- From -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("stc@tinh.example", ["stc@tinh.example"]),
        ('"Nguyễn, A" <stc@TINH.example>', ["stc@tinh.example"]),
        ("Sở Tài chính, tỉnh <stc@tinh.example>", ["stc@tinh.example"]),
        ("stc@tinh.example <stc@tinh.example>", ["stc@tinh.example"]),
        ('"stc@tinh.example" <x@evil.example>', ["x@evil.example"]),
        ("stc@tinh.example <x@evil.example>", ["x@evil.example", "stc@tinh.example"]),
        ("x@evil.example(<stc@tinh.example>)", ["x@evil.example", "stc@tinh.example"]),
        (
            "stc@tinh.example(<x@evil.example>) <stc@tinh.example>, x@evil.example",
            ["stc@tinh.example", "x@evil.example"],
        ),
        ("Nhóm: a@x.example, b@x.example;", ["a@x.example", "b@x.example"]),
        ("undisclosed:;", []),
        ("MAILER-DAEMON (Mail System)", [""]),
        ("<@relay.example:stc@tinh.example>", ["stc@tinh.example"]),
        ("a@b@c.example", [""]),
        ("=?utf-8?B?U+G7nyBUw6BpIGNow61uaA==?= <stc@tinh.example>", ["stc@tinh.example"]),
        ("stc@sở.example", ["stc@xn--s-lym.example"]),
        ('"a b"@tinh.example', ['"a b"@tinh.example']),
        ('"never closed <stc@tinh.example>', ["stc@tinh.example"]),
        ("a@x.example)b@y.example", ["a@x.example", "b@y.example"]),
    ],
)
def test_every_address_of_a_from_field_is_visible(value: str, expected: list[str]):
    assert [one.address for one in read_addresses((Field("from", value.encode()),), 20)] == expected


def test_two_from_fields_show_two_addresses():
    envelope = open_mail(b"From: a@x.example\r\nFrom: b@y.example\r\n\r\nhi")
    assert [one.address for one in envelope.from_addresses] == ["a@x.example", "b@y.example"]


def test_the_display_name_is_decoded_after_the_structure_is_known():
    name = base64.b64encode(b"evil@x.example, ").decode()
    envelope = open_mail(f"From: =?utf-8?B?{name}?= <stc@tinh.example>\r\n\r\nhi".encode())
    assert [one.address for one in envelope.from_addresses] == ["stc@tinh.example"]
    assert envelope.from_addresses[0].name == "evil@x.example,"


# ---- heads ------------------------------------------------------------------------------------------------------------


def test_a_letter_split_between_two_encoded_words_is_joined():
    raw = "Báo cáo tuần".encode()
    words = " ".join(f"=?utf-8?B?{base64.b64encode(raw[n : n + 5]).decode()}?=" for n in range(0, len(raw), 5))
    assert open_mail(f"From: a@x.example\r\nSubject: {words}\r\n\r\n".encode()).subject == "Báo cáo tuần"


def test_a_subject_never_carries_line_breaks_or_controls():
    encoded = base64.b64encode(b"a\r\nBcc: evil@x.example\r\n\tb\x07").decode()
    subject = open_mail(f"Subject: =?utf-8?B?{encoded}?=\r\n\r\n".encode()).subject
    assert not any(ord(char) < 32 for char in subject)


def test_received_lines_know_how_many_fields_stand_above_them():
    raw = b"Authentication-Results: mx; spf=pass\r\nReceived: 1\r\nX-A: b\r\nAuthentication-Results: forged\r\nReceived: 2\r\n\r\n"
    envelope = open_mail(raw)
    assert envelope.received == ("1", "2")
    assert envelope.received_after == (1, 3)
    assert [name for name, _ in envelope.headers] == ["authentication-results", "x-a", "authentication-results"]


def test_message_ids_are_strict_or_absent():
    envelope = open_mail(b"Message-ID: <a@b>\r\nIn-Reply-To: junk <c@d> <e f@g>\r\nReferences: <1@x>\r\n <2@x>\r\n\r\n")
    assert envelope.message_id == "<a@b>"
    assert envelope.in_reply_to == ("<c@d>",)
    assert envelope.references == ("<1@x>", "<2@x>")
    assert open_mail(b"Message-ID: no brackets@x\r\n\r\n").message_id is None


def test_the_date_is_an_aware_moment():
    envelope = open_mail(b"Date: Fri, 21 Jul 2017 09:58:00 +0700\r\n\r\n")
    assert envelope.sent_at == datetime(2017, 7, 21, 2, 58, tzinfo=UTC)


def test_a_mail_over_the_cap_keeps_its_head():
    raw = HEAD + b"\r\n" + b"x" * (limits.MAIL_MAX + 1)
    envelope = open_mail(raw)
    assert envelope.reason == "too_large"
    assert envelope.subject == "Báo cáo"
    assert envelope.leaves == ()
    assert open_head(raw[:4096]) == envelope


@pytest.mark.parametrize("flood", [b"Y: b\r\n" * 60_000, (b"Y: " + b"b" * 500 + b"\r\n") * 9_000])
def test_a_head_without_end_is_cut_and_told(flood: bytes):
    envelope = open_mail(HEAD + flood + b"\r\nhello")
    assert envelope.reason == "mime_defect"
    assert len(envelope.headers) <= limits.HEADERS_MAX


# ---- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename*0*=utf-8''B%C3%A1o%20; filename*1=\"c.docx\"", "Báo c.docx"),
        ("attachment; filename*=windows-1258''B%E1o.docx", "Báo.docx"),
        ('attachment; filename="báo; cáo.docx"', "báo; cáo.docx"),
        ('attachment; filename="=?utf-8?Q?b=C3=A1o?= =?utf-8?Q?_x.pdf?="', "báo x.pdf"),
        ("attachment; filename=bao cao.docx", "bao cao.docx"),
        ("attachment; filename=\"x.docx\"; filename*=utf-8''x.exe", "x.exe"),
        ('attachment; filename="a\\"b.docx"', 'a"b.docx'),
        ('attachment; filename="never closed.docx', "never closed.docx"),
    ],
)
def test_names_are_read_as_senders_write_them(value: str, name: str):
    assert parameters(Field("content-disposition", value.encode()))[1]["filename"] == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/x.docx", "etc_x.docx"),
        ("C:\\a\\b.doc", "C_a_b.doc"),
        ("a" * 5000 + ".docx", "a" * 250 + ".docx"),
        ("a\r\nb\0.pdf", "a b.pdf"),
        ("...", ""),
    ],
)
def test_a_label_cannot_be_a_path(name: str, expected: str):
    assert label(name) == expected


def test_a_nameless_part_gets_the_same_name_every_time():
    (leaf,) = attached(open_mail(mail(part("Content-Type: application/pdf", PDF))))
    assert (leaf.name, leaf.path, leaf.data) == ("part-1", ("1",), PDF)


# ---- charsets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "charset", "expected", "guessed"),
    [
        ("Báo cáo".encode(), "utf-8", "Báo cáo", False),
        ("Báo cáo".encode(), "us-ascii", "Báo cáo", True),
        ("Báo cáo".encode(), "iso-8859-1", "Báo cáo", True),
        ("Ba\u0301o ca\u0301o tu\u00e2\u0300n".encode("cp1258"), "windows-1258", "Báo cáo tuần", False),
        ("Ba\u0301o ca\u0301o".encode("cp1258"), "utf-8", "Báo cáo", True),
        ("Báo cáo".encode("utf-16"), "", "Báo cáo", False),
        (b"\xef\xbb\xbfabc", "", "abc", False),
        (b"+ADw-", "utf-7", "+ADw-", True),
        (b"a\\u0041", "unicode_escape", "a\\u0041", True),
        ("日本".encode("iso2022_jp"), "iso-2022-jp", "日本", False),
        ("日本".encode("shift_jis"), "shift_jis", "日本", False),
        (b"abc", "no-such-charset", "abc", True),
        (("Báo cáo tuần " * 5).encode() + b"\xff", "utf-8", "Báo cáo tuần " * 5 + "�", True),
    ],
)
def test_text_is_decoded_whatever_its_label_says(data: bytes, charset: str, expected: str, guessed: bool):
    assert decode(data, charset) == (expected, guessed)


def test_bodies_are_joined_as_text_and_as_html():
    envelope = open_mail(mail(text("Kính gửi"), text("<p>Kính gửi</p>", kind="html"), kind="alternative"))
    assert envelope.text.strip() == "Kính gửi"
    assert envelope.html.strip() == "<p>Kính gửi</p>"
    assert [leaf.role for leaf in envelope.leaves] == ["body", "body"]


# ---- forwarded mails --------------------------------------------------------------------------------------------------

INNER = (
    b"From: xa@tinh.example\r\nSubject: Inner\r\nDate: Fri, 21 Jul 2017 09:00:00 +0700\r\nMessage-ID: <i@x>\r\n"
    + mail(text("hi"), part('Content-Type: application/pdf; name="r.pdf"', PDF))
    .removeprefix(HEAD)
    .replace(b'boundary="B"', b'boundary="C"')
    .replace(b"--B", b"--C")
)


@pytest.mark.parametrize(
    "wrapped",
    [
        b"Content-Type: message/rfc822\r\n\r\n" + INNER,
        part("Content-Type: message/rfc822", INNER),
        part('Content-Type: message/rfc822; name="f.eml"\r\nContent-Disposition: attachment; filename="f.eml"', INNER),
        part('Content-Type: application/octet-stream; name="f.eml"', INNER),
        part('Content-Type: text/plain; name="f.eml"', INNER),
    ],
    ids=["plain", "base64", "attached", "by content", "as text"],
)
def test_a_forwarded_mail_is_opened_however_it_was_packed(wrapped: bytes):
    envelope = open_mail(mail(text("see below"), wrapped))
    assert envelope.reason is None
    assert [leaf.path for leaf in envelope.leaves] == [("1",), ("2", "1"), ("2", "2")]
    assert envelope.leaves[2].data == PDF
    (inner,) = envelope.inner
    assert inner.subject == "Inner"
    assert inner.from_addresses[0].address == "xa@tinh.example"
    assert inner.message_id == "<i@x>"
    assert inner.sent_at == datetime(2017, 7, 21, 2, tzinfo=UTC)
    assert envelope.text.strip() == "see below"


def test_a_digest_holds_mails():
    envelope = open_mail(mail(b"\r\n" + INNER, b"\r\n" + INNER, kind="digest"))
    assert len(envelope.inner) == 2
    assert sum(leaf.data == PDF for leaf in envelope.leaves) == 2


def test_a_document_labelled_as_a_mail_stays_a_document():
    envelope = open_mail(mail(part('Content-Type: message/rfc822; name="r.pdf"', PDF)))
    assert [leaf.data for leaf in envelope.leaves] == [PDF]
    assert envelope.inner == ()


def test_fifty_forwarded_mails_are_enough():
    tiny = b"Content-Type: message/rfc822\r\n\r\nFrom: a@x.example\r\n\r\nhi"
    envelope = open_mail(mail(*[tiny] * 60))
    assert envelope.reason == "too_many_parts"
    assert len(envelope.inner) == 50


# ---- defects ----------------------------------------------------------------------------------------------------------


def test_an_unquoted_boundary_with_equals_signs_is_understood():
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=----=_X=1\r\n\r\n------=_X=1\r\n"
        + part("Content-Type: application/pdf", PDF)
    )
    (leaf,) = open_mail(raw + b"------=_X=1--").leaves
    assert leaf.data == PDF


def test_a_folded_boundary_is_understood():
    raw = (
        HEAD
        + b'Content-Type: multipart/mixed;\r\n\tboundary=\r\n\t"B"\r\n\r\n--B\r\n'
        + part("Content-Type: application/pdf", PDF)
    )
    assert [leaf.data for leaf in open_mail(raw + b"--B--").leaves] == [PDF]


def test_a_report_behind_a_boundary_that_never_comes_is_a_defect():
    raw = (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="other"\r\n\r\n--B\r\n'
        + part("Content-Type: application/pdf", PDF)
    )
    assert open_mail(raw).reason == "mime_defect"


def test_a_plain_text_called_multipart_is_just_a_body():
    envelope = open_mail(HEAD + b'Content-Type: multipart/mixed; boundary="B"\r\n\r\nhello')
    assert envelope.reason is None
    assert envelope.text == "hello"


@pytest.mark.parametrize("place", ["preamble", "epilogue"])
def test_a_part_hidden_outside_the_boundaries_is_kept_and_told(place: str):
    hidden = b"Content-Type: application/pdf\r\n\r\n" + PDF + b"\r\n"
    whole = mail(text("hi"))
    raw = (
        whole.replace(b"\r\n\r\n--B\r\n", b"\r\n\r\n" + hidden + b"--B\r\n", 1)
        if place == "preamble"
        else whole + hidden
    )
    envelope = open_mail(raw)
    assert envelope.reason == "mime_defect"
    assert any(PDF in leaf.data for leaf in envelope.leaves)


def test_a_nameless_base64_mail_and_part_are_no_defect():
    envelope = open_mail(
        mail(
            text("hi"), part("Content-Type: application/octet-stream", PDF), part("Content-Type: message/rfc822", INNER)
        )
    )
    assert envelope.reason is None


def test_a_disclaimer_after_the_last_boundary_is_no_defect():
    assert open_mail(mail(text("hi")) + b"\r\nThis mail was scanned.\r\n").reason is None


def test_a_broken_transfer_encoding_still_gives_bytes():
    raw = HEAD + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64!"
    assert len(open_mail(raw).leaves) == 1


# ---- roles and whole-mail reasons -------------------------------------------------------------------------------------


def test_a_picture_shown_by_the_body_is_inline_and_a_photograph_is_an_attachment():
    html = text('<img src="cid:logo@x">', kind="html")
    logo = part(
        "Content-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Disposition: attachment; filename=l.png",
        b"\x89PNG" * 9,
    )
    photo = part("Content-Type: image/jpeg\r\nContent-Disposition: inline; filename=IMG_1.jpg", b"\xff\xd8" * 100_000)
    small = part("Content-Type: image/png\r\nContent-Disposition: inline; filename=s.png", b"\x89PNG")
    envelope = open_mail(mail(html, logo, photo, small))
    assert [leaf.role for leaf in envelope.leaves] == ["body", "inline", "attachment", "inline"]


def test_a_text_file_is_not_a_body():
    envelope = open_mail(mail(text("hi"), part('Content-Type: text/plain; name="bao cao.txt"', b"data")))
    assert [leaf.role for leaf in envelope.leaves] == ["body", "attachment"]
    assert envelope.text.strip() == "hi"


def test_a_signature_is_a_signature():
    signed = part('Content-Type: application/pkcs7-signature; name="smime.p7s"', b"0\x80")
    assert [leaf.role for leaf in open_mail(mail(text("hi"), signed, kind="signed")).leaves] == ["body", "signature"]


ENVELOPED = b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0"
SIGNED = ENVELOPED.replace(b"\x07\x03", b"\x07\x02")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mail(part("Content-Type: application/pgp-encrypted", b"Version: 1"), part("Content-Type: application/octet-stream", b"x"), kind="encrypted"), "encrypted_mail"),
        (HEAD + part("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", ENVELOPED), "encrypted_mail"),
        (HEAD + part("Content-Type: application/x-pkcs7-mime; name=smime.p7m", SIGNED), None),
        (mail(text("hi"), b"Content-Type: message/external-body; access-type=URL\r\n\r\n"), "external_body"),
        (mail(part("Content-Type: application/pdf", PDF), b"Content-Type: message/partial\r\n\r\nx"), None),
    ],
)  # fmt: skip
def test_a_mail_that_is_only_a_locked_box_or_a_piece_needs_a_person(raw: bytes, reason: str | None):
    assert open_mail(raw).reason == reason


def test_a_mail_too_large_for_a_second_look_is_still_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "OPINION_MAX", 10)
    envelope = open_mail(mail(part("Content-Type: application/pdf", PDF)))
    assert [leaf.data for leaf in envelope.leaves] == [PDF]
    assert [one.address for one in envelope.to] == ["cchc@tinh.example"]


def test_an_attachment_only_the_other_parser_sees_is_a_defect(monkeypatch: pytest.MonkeyPatch):
    seen = Opinion((), (), None, (("bao cao.docx", "f" * 64),))
    monkeypatch.setattr("parsers.mail.second_opinion", lambda _raw: seen)
    envelope = open_mail(mail(text("hi")))
    assert envelope.reason == "mime_defect"
    assert any("bao cao.docx" in defect for defect in envelope.defects)


def test_other_bytes_for_a_part_we_have_are_only_noted(monkeypatch: pytest.MonkeyPatch):
    seen = Opinion((), (), None, (("r.pdf", "f" * 64),))
    monkeypatch.setattr("parsers.mail.second_opinion", lambda _raw: seen)
    envelope = open_mail(mail(text("hi"), part("Content-Type: application/pdf", PDF)))
    assert envelope.reason is None
    assert any("r.pdf" in defect for defect in envelope.defects)


def test_a_broken_encoded_word_stays_as_written():
    subject = open_mail(b"Subject: =?utf-8?B?QQ==?= =?utf-8?B?abcde?= x =?utf-8?Q?y?=\r\n\r\n").subject
    assert subject == "A =?utf-8?B?abcde?= x y"


def test_a_continuation_before_any_field_and_an_mbox_line_are_passed_over():
    assert open_mail(b"From a@x Fri Jul 21\r\n folded\r\nSubject: s\r\n\r\n").subject == "s"


def test_a_domain_that_cannot_exist_is_no_address():
    assert read_addresses((Field("from", "a@ở..vn".encode()),), 20)[0].address == ""


def test_a_long_name_without_an_extension_is_cut():
    assert label("a" * 999) == "a" * 255


def test_encrypted_and_open_parts_side_by_side_are_told_apart():
    box = (
        b'Content-Type: multipart/encrypted; boundary="E"\r\n\r\n--E\r\n'
        + part("Content-Type: application/octet-stream", b"x")
        + b"--E--"
    )
    assert open_mail(mail(box, text("footer"))).reason == "encrypted_mail"
    assert open_mail(mail(box, part("Content-Type: application/pdf", PDF))).reason is None


def test_a_forwarded_mail_packed_as_a_file_is_not_missed_by_the_second_look():
    plain = b"From: xa@tinh.example\r\nTo: b@tinh.example\r\nSubject: s\r\n\r\nhello"
    envelope = open_mail(mail(text("hi"), part('Content-Type: application/octet-stream; name="f.eml"', plain)))
    assert envelope.reason is None
    assert [leaf.path for leaf in envelope.leaves] == [("1",), ("2", "1")]


def test_a_charset_in_sections_and_raw_bytes_do_not_stumble():
    envelope = open_mail(HEAD + b"Content-Type: text/plain; charset*=utf-8''utf-8\r\n\r\nB\xc3\xa1o c\xc3\xa1o")
    assert envelope.text == "Báo cáo"
