"""Every mail and every attachment of ``tests/corpus/hostile`` through the command line: ``EXPECT.tsv`` beside them is the truth."""

from __future__ import annotations

import csv
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from parsers.limits import NAME_MAX
from tests.pipeline.world import Answer, World, mail, weekly_docx

HOSTILE = Path(__file__).parents[1] / "corpus" / "hostile"
EXPECT = {row["file"]: row for row in csv.DictReader((HOSTILE / "EXPECT.tsv").open(encoding="utf-8"), delimiter="\t")}
BORDER = 'authserv_id = "mx.tinh.example"\nrequire_auth = true\nborder = ""'
STC = "sotaichinh@tinh.example"
RECEIVED, POLLED, ASKED = "2026-11-20 09:00:05", "2026-11-20 09:05:00", "2026-11-20 09:06:00"
CANARY = "CANARY"


@pytest.fixture
def world(world: World) -> World:
    world.start = "2026-11-02"
    world.mailbox = BORDER
    world.write_config()
    return world


def hostile(name: str) -> bytes:
    return (HOSTILE / "mail" / f"{name}.eml").read_bytes()


def passed(world: World, name: str) -> Any:
    """The row of the log the mail became; nothing of it left its place."""
    world.deliver(hostile(name), RECEIVED)
    assert world.cchc("poll", "--json", now=POLLED).code in (0, 1)
    (row,) = world.log(ASKED)
    assert world.cchc("verify", now=ASKED).code == 0
    assert not list(Path("/tmp").glob("*hostile*escape*"))
    written = {p.name for p in world.folder.rglob("*") if p.is_file()}
    assert not [name for name in written if "escape" in name or "docx" in name]
    return row


def test_every_hostile_file_is_looked_at():
    assert {f"mail/{p.name}" for p in (HOSTILE / "mail").iterdir()} | {
        f"att/{p.name}" for p in (HOSTILE / "att").iterdir()
    } == set(EXPECT)
    looked_at = {f"mail/{name}.eml" for name in (*CREDITED, *HELD, *AUTOMATIC, *KEPT, "noack_null_rp")}
    assert looked_at == {name for name in EXPECT if name.startswith("mail/")}
    assert {f"att/{name}" for name in ATTACHMENTS} == {name for name in EXPECT if name.startswith("att/")}


# ---- one submission, one acknowledgement -----------------------------------------------------------------------------

CREDITED = {
    "ok_control": "accepted",
    "ok_rfc2231_nfd": "accepted",
    "spoof_replyto": "accepted",
    "inject_msgid_fold": "accepted",
    "fname_traversal": "accepted",
    "fname_abs": "accepted",
    "fname_win": "accepted",
    "fname_long": "accepted",
    "fname_dots": "accepted",
    "fname_conflict": "accepted",
    "mime_forward_report": "accepted",
    "mime_html_only": "incomplete",  # one line of five is stated
    "hdr_no_msgid": "accepted",
    "hdr_same_msgid_a": "accepted",
    "hdr_dates_bad": "accepted",
    "attach_bomb_and_good": "accepted",
    "attach_only_encrypted": "refused",
    "many_recipients": "accepted",
}


@pytest.mark.parametrize("name", CREDITED)
def test_one_submission_and_one_acknowledgement(world: World, name: str):
    row = passed(world, name)
    assert row["state"] == "recorded"
    (submission,) = row["submissions"]
    assert (submission["agency"], submission["period"]) == ("STC", "weekly:2026-11-20")
    assert submission["outcome"] == CREDITED[name]
    assert submission["late_seconds"] == 0
    (letter,) = world.sink.received
    assert letter.recipients == (STC,)
    assert [x["state"] for x in row["letters"]] == ["sent"]
    assert all(len(part["name"]) <= NAME_MAX and "/" not in part["name"] for part in row["parts"])


def test_a_split_name_in_loose_letters_is_shown_as_it_reads(world: World):
    row = passed(world, "ok_rfc2231_nfd")
    assert [p["name"] for p in row["parts"]] == [unicodedata.normalize("NFC", "Báo cáo tuần.docx")]


def test_a_folded_message_id_is_rebuilt_strictly_or_left_out(world: World):
    passed(world, "inject_msgid_fold")
    raw = world.sink.received[0].raw
    assert b"TAG2" not in raw
    assert b"In-Reply-To" not in raw


def test_the_good_report_beside_a_bomb_is_answered_with_its_figures_and_a_word_on_the_other(world: World):
    row = passed(world, "attach_bomb_and_good")
    assert [(p["outcome"], p["reason"]) for p in row["parts"]] == [("refused", "xml_entity"), ("read", None)]
    text = world.letters()[0].get_body(("plain",)).get_content()
    assert "phu luc.docx" in text
    assert "bao cao.docx" in text
    shown = world.cchc("show", str(row["id"]), "--json", now=ASKED).json
    (report,) = shown["reports"]
    assert report["figures"]["received"]["value"] == 1234
    assert "1.234" in text


def test_a_locked_archive_alone_is_asked_for_again(world: World):
    row = passed(world, "attach_only_encrypted")
    assert [(p["outcome"], p["reason"]) for p in row["parts"]] == [("refused", "encrypted")]
    assert "mật khẩu" in world.letters()[0].get_body(("plain",)).get_content()


def test_the_mailboxs_clock_decides_when_the_date_is_impossible(world: World):
    world.deliver(hostile("hdr_dates_bad"), "2026-11-20 10:00:01")
    world.poll("2026-11-20 10:05:00")
    (row,) = world.log("2026-11-20 10:06:00")
    assert row["sent_at"] is None
    assert row["submissions"][0]["late_seconds"] == 1


def test_a_mail_without_message_id_seen_twice_is_one_mail(world: World):
    world.deliver(hostile("hdr_no_msgid"), RECEIVED)
    world.deliver(hostile("hdr_no_msgid"), "2026-11-20 09:00:30")
    polled = world.poll(POLLED)
    assert polled["fetched"] == 1
    assert len(world.log(ASKED)) == 1
    assert len(world.sink.received) == 1


def test_the_same_message_id_with_other_content_is_another_mail(world: World):
    world.deliver(hostile("hdr_same_msgid_a"), RECEIVED)
    world.deliver(hostile("hdr_same_msgid_a").replace("Kính gửi".encode(), "Kính trình".encode()), RECEIVED)
    world.poll(POLLED)
    first, second = world.log(ASKED)
    assert first["message_id"] == second["message_id"]
    assert first["sha256"] != second["sha256"]


# ---- held for a person -----------------------------------------------------------------------------------------------

HELD = {  # name: (reason, withheld_because; None: it is answered)
    "spoof_ar_other_id": ("sender_unverified", "unverified_sender"),
    "spoof_ar_comment": ("sender_unverified", "unverified_sender"),
    "spoof_parseaddr": ("ambiguous_from", "unknown_sender"),
    "from_empty": ("no_from", "no_address"),
    "mime_rfc822_200": ("mime_too_deep", None),
    "mime_partial": ("partial_message", None),
    "mime_external_body": ("external_body", None),
    "mime_cloud_link": ("link_only", None),
    "hdr_10000_received": ("loop_suspected", "loop"),
}


@pytest.mark.parametrize("name", HELD)
def test_a_person_must_look_and_nothing_is_credited_before(world: World, name: str):
    reason, withheld = HELD[name]
    row = passed(world, name)
    assert (row["state"], row["reason"]) == ("needs_review", reason)
    senders = reason == "link_only"  # theirs to send again: never in review without end
    assert all(s["outcome"] == ("refused" if senders else "in_review") for s in row["submissions"])
    classes = ("incomplete",) if senders else ("in_review", "missing")
    assert world.classes("weekly:2026-11-20", "2026-11-20 10:30:00")["STC"] in classes
    assert [x["withheld_because"] for x in row["letters"]] == [withheld]
    assert len(world.sink.received) == (withheld is None)
    (item,) = world.cchc("review", "--json", now="2026-11-20 10:31:00").json["items"]
    assert item["reason"] == reason


def test_a_sender_held_by_our_border_is_credited_once_a_person_releases_it(world: World):
    row = passed(world, "spoof_ar_comment")
    released = world.cchc(
        "decide", str(row["id"]), "--accept", "--reason", "đã gọi điện xác nhận", now="2026-11-20 11:00:00"
    )
    assert released.code == 0, released.out
    assert world.classes("weekly:2026-11-20", "2026-11-20 11:01:00")["STC"] == "on_time"


def test_a_report_sent_as_a_link_is_asked_for_as_a_file(world: World):
    passed(world, "mime_cloud_link")
    text = world.letters()[0].get_body(("plain",)).get_content()
    assert "đường dẫn" in text.lower() or "liên kết" in text.lower()
    assert "drive.invalid" not in text


# ---- programs are not answered ---------------------------------------------------------------------------------------

AUTOMATIC = (
    "noack_auto_replied",
    "noack_auto_notified",
    "noack_precedence_bulk",
    "noack_precedence_junk",
    "noack_mdn",
    "noack_vacation_nohdr",
)


@pytest.mark.parametrize("name", AUTOMATIC)
def test_automatic_mail_makes_no_submission_and_gets_no_answer(world: World, name: str):
    row = passed(world, name)
    assert (row["state"], row["automatic"], row["submissions"]) == ("automatic", "automatic", [])
    assert [x["withheld_because"] for x in row["letters"]] == ["automatic"]
    assert not world.sink.received


def returned(address: str, more: bytes = b"") -> bytes:
    """The delivery report of the corpus for a letter of ours to that address."""
    return (
        hostile("noack_null_rp").replace(b"xa.a@tinh.example", address.encode()).replace(b"\n--d--", more + b"\n--d--")
    )


def acknowledged(world: World) -> Any:
    row = passed(world, "ok_control")
    return row["letters"][0]


@pytest.mark.parametrize("how", ["recipient", "headers", "whole mail"])
def test_a_letter_that_comes_back_has_failed_and_nobody_answers_the_daemon(world: World, how: str):
    message_id = acknowledged(world)["message_id"].encode()
    back = {
        "recipient": returned(STC),
        "headers": returned(
            "other@x.example", b"\n--d\nContent-Type: text/rfc822-headers\n\nMessage-ID: %b\n" % message_id
        ),
        "whole mail": returned(
            "other@x.example", b"\n--d\nContent-Type: message/rfc822\n\nMessage-ID: %b\nSubject: a\n\nb\n" % message_id
        ),
    }[how]
    world.deliver(back, "2026-11-20 09:10:00")
    world.poll("2026-11-20 09:11:00")
    bounce, report = world.log("2026-11-20 09:12:00")
    assert (bounce["state"], bounce["submissions"], bounce["letters"]) == ("bounce", [], [])
    assert [(x["kind"], x["state"]) for x in report["letters"]] == [("acknowledgement", "failed")]
    assert f"mail {bounce['id']}" in report["letters"][0]["smtp_reply"]
    status = world.cchc("status", "--json", now="2026-11-20 09:13:00")
    assert status.code == 1
    assert "letter_failed" in [alarm["what"] for alarm in status.json["alarms"]]
    assert len(world.sink.received) == 1


def test_a_bounce_that_names_no_letter_of_ours_touches_none(world: World):
    acknowledged(world)
    world.deliver(returned("xa.a@tinh.example"), "2026-11-20 09:10:00")
    world.deliver(returned(STC), "2026-11-26 09:10:00")  # its letter left six days ago
    world.poll("2026-11-26 09:11:00")
    rows = world.log("2026-11-26 09:12:00")
    assert sorted(row["state"] for row in rows) == ["bounce", "bounce", "recorded"]
    assert [x["state"] for row in rows for x in row["letters"]] == ["sent"]


# ---- odd bytes -------------------------------------------------------------------------------------------------------

KEPT = {
    "body_headers_only": "empty_message",
    "hdr_bom_raw8bit": "no_report",
    "bytes_nul": "no_report",
    "bytes_smuggle": "no_report",
    "bytes_lone_surrogate": "no_report",
    "charset_utf7": "no_report",
}


@pytest.mark.parametrize("name", KEPT)
def test_odd_bytes_are_one_mail_kept_whole(world: World, name: str):
    row = passed(world, name)
    assert (row["state"], row["reason"], row["submissions"]) == ("not_a_report", KEPT[name], [])
    assert len(world.sink.received) == 1
    out = world.folder / "raw.eml"
    assert world.cchc("show", str(row["id"]), "--raw", str(out), now=ASKED).code == 0
    assert out.read_bytes() == hostile(name)
    assert "\x00" not in row["subject"]
    row["subject"].encode("utf-8")


# ---- cchc read -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fate:
    """What ``cchc read`` says of one attachment."""

    outcome: str
    reason: str | None = None
    findings: tuple[str, ...] = ()
    figures: int | None = None  # lines stated


ATTACHMENTS = {
    "ok_control.docx": Fate("read", figures=5),
    "ok_control.xlsx": Fate("read", figures=5),
    "ok_control.pdf": Fate("read"),
    "zip_bomb_flat.zip": Fate("refused", "zip_bomb"),
    "zip_deep_30.zip": Fate("refused", "zip_nested_too_deep"),
    "zip_overlap.zip": Fate("refused", "zip_bomb"),
    "zip_truncated.zip": Fate("refused", "corrupt"),
    "zip_lying_size.zip": Fate("refused", "zip_bomb"),
    "zip_nonutf8_names.zip": Fate("read", figures=5),
    "rar_fake.rar": Fate("refused", "corrupt"),
    "sevenzip.7z": Fate("refused", "corrupt"),
    "gz_bomb.gz": Fate("refused", "unsupported_type"),
    "docx_billion_laughs.docx": Fate("refused", "xml_entity"),
    "docx_quadratic.docx": Fate("refused", "xml_entity"),
    "docx_xxe_file.docx": Fate("refused", "xml_entity"),
    "docx_xxe_http.docx": Fate("refused", "xml_entity"),
    "docx_xxe_utf16.docx": Fate("refused", "xml_entity"),
    "docx_deep_nest.docx": Fate("refused", "xml_too_deep"),
    "docx_huge_part.docx": Fate("refused", "zip_bomb"),
    "docx_huge_table.docx": Fate("no_report", "no_report"),  # read within the budget, and nothing in it is a report
    "docx_linked_image.docx": Fate("read", None, ("remote_ref",), 5),
    "docx_remote_template.docx": Fate("read", None, ("remote_ref",), 5),
    "docx_truncated.docx": Fate("refused", "corrupt"),
    "docx_no_content_types.docx": Fate("refused", "corrupt"),
    "doc_is_html.doc": Fate("read", None, ("wrong_extension",), 5),
    "xlsx_billion_laughs.xlsx": Fate("refused", "xml_entity"),
    "xlsx_xxe.xlsx": Fate("refused", "xml_entity"),
    "xlsx_cell_bomb.xlsx": Fate("refused", "zip_bomb"),
    "xlsx_formula_inject.xlsx": Fate("read", figures=5),
    "xlsx_truncated.xlsx": Fate("refused", "corrupt"),
    "xlsx_encrypted.xlsx": Fate("refused", "encrypted"),
    "xls_is_html.xls": Fate("no_report", "no_report", ("wrong_extension",)),  # one line of a form is no report
    "pdf_huge_mediabox.pdf": Fate("read"),
    "pdf_negative_box.pdf": Fate("read"),
    "pdf_page_tree_loop.pdf": Fate("refused", "corrupt"),
    "pdf_js_openaction.pdf": Fate("read", None, ("active_content",)),
    "pdf_cmap_path.pdf": Fate("no_report", "no_report"),  # no text; the file it names is not opened
    "pdf_encrypted_user.pdf": Fate("refused", "encrypted"),
    "pdf_xref_lie.pdf": Fate("read"),
    "pdf_only_header.pdf": Fate("refused", "corrupt"),
    "pdf_zip_polyglot.pdf": Fate("read", None, ("polyglot",)),
    "pdf_no_text_blank.pdf": Fate("needs_review", "no_text"),
    "img_fits.png": Fate("refused", "type_mismatch"),
    "svg_script.svg": Fate("refused", "unsupported_type"),
    "double_ext.pdf.exe": Fate("refused", "unsupported_type"),
}
SECONDS = 20.0  # far under the worker's wall, far over what any of them takes
READ = {"read": 0, "no_report": 0, "automatic": 0, "needs_review": 1, "refused": 1}


def dry(world: World, path: Path) -> tuple[Answer, Any]:
    began = time.monotonic()
    answer = world.unconfigured("read", "--json", str(path))
    assert time.monotonic() - began < SECONDS
    assert CANARY not in answer.out.upper()
    (item,) = answer.json["items"]
    return answer, item


@pytest.mark.parametrize("name", ATTACHMENTS)
def test_an_attachment_is_read_or_refused_with_its_reason(world: World, name: str):
    fate = ATTACHMENTS[name]
    answer, item = dry(world, HOSTILE / "att" / name)
    assert (item["kind"], item["outcome"], item["reason"]) == ("document", fate.outcome, fate.reason)
    assert answer.code == READ[fate.outcome]
    assert set(fate.findings) <= {f["code"] for part in item["parts"] for f in part["findings"]}
    stated = [f for p in item["parts"] for r in p["reports"] for f in r["figures"].values() if f["value"] is not None]
    assert fate.figures is None or len(stated) == fate.figures
    assert bool(stated) or fate.outcome != "read"


@pytest.mark.parametrize("name", sorted(p.name for p in (HOSTILE / "mail").iterdir()))
def test_a_hostile_mail_is_read_dry_without_harm(world: World, name: str):
    answer, item = dry(world, HOSTILE / "mail" / name)
    stem = name.removesuffix(".eml")
    expected = "read"
    if stem in AUTOMATIC or stem == "noack_null_rp":
        expected = "automatic"
    elif stem in KEPT:
        expected = "no_report"
    elif stem == "attach_only_encrypted":
        expected = "refused"
    elif stem in HELD and not stem.startswith("spoof_ar"):  # no border is configured for a dry run
        expected = "needs_review"
        assert item["reason"] == HELD[stem][0]
    assert item["outcome"] == expected
    assert answer.code == max(READ[expected], *(READ.get(p["outcome"], 0) for p in item["parts"]), 0)


@pytest.mark.slow
def test_every_hostile_attachment_costs_its_own_mail_and_nobody_elses(world: World):
    """All of them in one mailbox beside one good report: each is told in the log, none is set aside, no letter is lost."""
    world.mailbox = ""
    world.notify = "per_address_per_hour = 100"
    world.write_config()
    for name in sorted(ATTACHMENTS):
        data = (HOSTILE / "att" / name).read_bytes()
        world.deliver(mail(STC, f"Báo cáo tuần {name}", {name: data}), RECEIVED)
    good = weekly_docx("SỞ Y TẾ", "từ ngày 13/11 đến ngày 19/11/2026", number="12/BC-SYT", day="20 tháng 11 năm 2026")
    world.deliver(mail("syt@tinh.example", files={"bc.docx": good}), RECEIVED)
    polled = world.cchc("poll", "--json", now=POLLED)
    assert (polled.json["fetched"], polled.json["set_aside"], polled.json["letters_pending"]) == (
        len(ATTACHMENTS) + 1,
        0,
        0,
    )
    assert CANARY not in "".join(world.cchc("log", "--json", "--limit", "100", now=ASKED).out).upper()
    for row in world.log("2026-11-20 10:30:00", "--limit", "100"):
        if row["from"] == "syt@tinh.example":
            assert (row["state"], row["submissions"][0]["class"]) == ("recorded", "on_time")
            continue
        fate = ATTACHMENTS[row["subject"].rpartition(" ")[2]]
        parts = {(p["outcome"], p["reason"]) for p in row["parts"]}
        wanted = {"read": ("read", None), "no_report": ("enclosure", None)}.get(
            fate.outcome, (fate.outcome, fate.reason)
        )
        assert wanted in parts, row
        assert row["letters"][0]["state"] in ("sent", "withheld"), row
        assert row["letters"][0]["withheld_because"] in (None, "duplicate")
    assert world.cchc("verify", now="2026-11-20 10:31:00").code == 0
