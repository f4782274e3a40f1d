"""Hostile mails (tests/corpus/hostile, EXPECT.tsv): what opening alone must say about each."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.mail import open_mail
from parsers.values import Envelope

MAILS = Path(__file__).parent.parent / "corpus" / "hostile" / "mail"


def opened(name: str) -> Envelope:
    return open_mail((MAILS / f"{name}.eml").read_bytes())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("mime_rfc822_200", "mime_too_deep"),
        ("mime_partial", "partial_message"),
        ("mime_external_body", "external_body"),
        ("ok_control", None),
        ("ok_rfc2231_nfd", None),
        ("mime_forward_report", None),
        ("attach_bomb_and_good", None),
        ("many_recipients", None),
        ("hdr_dates_bad", None),
        ("fname_conflict", None),
    ],
)
def test_the_reason_for_a_person_is_named(name: str, reason: str | None):
    assert opened(name).reason == reason


def test_two_addresses_and_a_comment_in_from_are_all_visible():
    addresses = [one.address for one in opened("spoof_parseaddr").from_addresses]
    assert addresses == ["sotaichinh@tinh.example", "x@evil.example"]


def test_an_empty_group_in_from_is_nobody():
    assert opened("from_empty").from_addresses == ()


def test_ten_thousand_received_lines_are_counted_and_cut():
    envelope = opened("hdr_10000_received")
    assert envelope.received_count == 10_001  # and the one of our own border
    assert len(envelope.received) == len(envelope.received_after) == 110
    assert [one.address for one in envelope.from_addresses] == ["sotaichinh@tinh.example"]


def test_five_hundred_copies_do_not_hide_the_sender():
    envelope = opened("many_recipients")
    assert len(envelope.cc) == 500
    assert len(envelope.from_addresses) == 1


@pytest.mark.parametrize("name", ["fname_traversal", "fname_abs", "fname_win", "fname_long", "fname_dots"])
def test_a_given_name_is_only_a_label(name: str):
    (leaf,) = [leaf for leaf in opened(name).leaves if leaf.role == "attachment"]
    assert leaf.name.endswith(".docx")
    assert len(leaf.name) <= 255
    assert not set("/\\:") & set(leaf.name)
    assert not leaf.name.startswith(".")


def test_a_split_name_in_nfd_is_shown_in_nfc():
    names = [leaf.name for leaf in opened("ok_rfc2231_nfd").leaves]
    assert "Báo cáo tuần.docx" in names


def test_lone_surrogates_become_replacement_characters():
    subject = opened("bytes_lone_surrogate").subject
    assert "�" in subject
    subject.encode("utf-8")


def test_nul_bytes_are_dropped_from_texts_but_not_from_the_leaf():
    envelope = opened("bytes_nul")
    assert envelope.subject == "ab"
    assert envelope.text.strip() == "xy"
    assert b"\0" in envelope.leaves[0].data


def test_utf7_is_shown_as_text():
    html = opened("charset_utf7").html
    assert "+ADw-script+AD4-" in html
    assert "<script>" not in html


def test_a_byte_order_mark_and_raw_bytes_in_from_do_not_stop_anything():
    envelope = opened("hdr_bom_raw8bit")
    assert [one.address for one in envelope.from_addresses] == ["sotaichinh@tinh.example"]
    assert envelope.text.strip() == "x"


def test_smuggled_commands_are_body_text():
    envelope = opened("bytes_smuggle")
    assert "RCPT TO" in envelope.text
    assert len(envelope.from_addresses) == 1


def test_an_impossible_date_is_none():
    assert opened("hdr_dates_bad").sent_at is None


def test_a_folded_message_id_never_carries_a_line_break():
    message_id = opened("inject_msgid_fold").message_id
    assert message_id is None or (message_id.startswith("<") and not set("\r\n \t") & set(message_id))


def test_the_report_in_a_forwarded_mail_is_found_with_its_sender():
    envelope = opened("mime_forward_report")
    (inner,) = envelope.inner
    assert [one.address for one in inner.from_addresses] == ["xa.a@tinh.example"]
    assert ("2", "2") in [leaf.path for leaf in envelope.leaves]


def test_a_null_return_path_is_told_apart_from_none():
    assert opened("noack_null_rp").return_path == ""
    assert opened("ok_control").return_path == "sotaichinh@tinh.example"


def test_headers_only_is_an_empty_mail():
    envelope = opened("body_headers_only")
    assert envelope.text.strip() == ""
    assert envelope.subject.startswith("Báo cáo tuần")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("stc@ｔinh.example", "stc@xn--inh-t96s.example"),
        ("stc@tinh。example", "stc@xn--tinhexample-7e3j"),
        ("stc@tính.example", "stc@xn--tnh-rma.example"),
        ("stc@tinh.exаmple", "stc@tinh.xn--exmple-4nf"),
        ("stc@TINH.example.", "stc@tinh.example"),
        ("stc@\u212ainh.example", ""),
        ("stc@tinh..example", ""),
    ],
)
def test_a_domain_that_only_looks_like_ours_never_becomes_it(written: str, address: str):
    """IDNA maps full-width letters to ASCII, and Unicode's normal form a Kelvin sign to K: neither makes a known sender."""
    assert open_mail(f"From: {written}\r\n\r\nx".encode()).from_addresses[0].address == address
