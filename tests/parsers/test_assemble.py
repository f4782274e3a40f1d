"""A whole mail from its parts: copies, trials, links, and what is not worth listing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from parsers.assemble import assemble
from parsers.findings import finding
from parsers.form import load_forms
from parsers.links import file_links
from parsers.mail import open_mail
from parsers.values import Figure, Finding, MailReading, PartReading, Place, Report, Signature, Window

FORMS = load_forms()
KEYS = ("received", "resolved", "on_time", "overdue", "returned")
WEEK = Window(date(2017, 7, 14), date(2017, 7, 20))


def figure(key: str, value: int | None, **more: object) -> Figure:
    if value is None:
        return Figure(key, "blank")
    return Figure(key, "number" if value else "zero", Decimal(value), str(value), **more)  # type: ignore[arg-type]


def report(
    *values: int | None, agency: str = "SỞ NỘI VỤ", window: Window = WEEK, kind: str = "weekly", **more: object
) -> Report:
    values = values or (10, 8, 8, 0, 0)
    made = Report(
        n=1,
        type=kind,
        form=f"{kind}@2017-07-19",
        form_sha256="0" * 64,
        reader="docx/1",
        agency_text=agency,
        number="",
        date=None,
        window=window,
        figures=tuple(figure(key, value) for key, value in zip(KEYS, values, strict=True)),
        texts=(),
        signature=Signature(),
        findings=(),
        core=KEYS,
        content_key="",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def part(name: str, *reports: Report, **more: object) -> PartReading:
    made = PartReading(
        path=(name,),
        name=name,
        sha256="0" * 64,
        size=10,
        type=name.rpartition(".")[2],
        outcome="read" if reports else "enclosure",
        reports=reports,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def body(*reports: Report, kind: str = "txt", **more: object) -> PartReading:
    return part(f"1.{kind}", *reports, role="body", **more)


def whole(
    *parts: PartReading, subject: str = "Báo cáo", text: str = "Kính gửi Sở Nội vụ", html: str = ""
) -> MailReading:
    plain = f"From: a@x.example\r\nSubject: {subject}\r\nContent-Type: multipart/alternative; boundary=B\r\n\r\n"
    plain += f"--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    plain += f"--B\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n" if html else ""
    return assemble(open_mail(f"{plain}--B--\r\n".encode()), parts)


def outcomes(reading: MailReading) -> list[str]:
    return [one.outcome for one in reading.parts]


def codes(found: tuple[Finding, ...]) -> list[str]:
    return [one.code for one in found]


# ---- copies -----------------------------------------------------------------------------------------------------------


def test_the_word_file_beside_its_signed_scan_is_one_report():
    scan = report(signature=Signature("A", "Giám đốc", "image"), number="12/BC-SNV", date=date(2017, 7, 21))
    reading = whole(part("a.pdf", scan), part("b.docx", report()))
    assert outcomes(reading) == ["copy", "read"]
    copy, native = reading.parts
    assert copy.copy_of == native.path
    assert copy.reports == ()
    (kept,) = native.reports
    assert (kept.signature.state, kept.number, kept.date) == ("image", "12/BC-SNV", date(2017, 7, 21))
    assert kept.findings == ()
    assert (reading.outcome, reading.reason) == ("read", None)


def test_a_scan_nobody_is_sure_of_is_still_only_a_copy_of_the_word_file():
    scan = part("a.pdf", report(), outcome="needs_review", reason="low_text_quality")
    reading = whole(scan, part("b.docx", report()))
    assert outcomes(reading) == ["copy", "read"]
    assert reading.parts[0].reason is None
    assert reading.outcome == "read"


def test_a_figure_that_differs_is_a_warning_with_both_values():
    reading = whole(part("b.docx", report(10, 8, 8, 0, 0)), part("a.pdf", report(10, 9, 8, 0, 0)))
    (found,) = reading.parts[0].reports[0].findings
    assert (found.code, found.severity, found.figures) == ("copies_disagree", "warning", ("resolved",))
    assert "8" in found.message
    assert "9" in found.message


def test_what_only_the_scan_states_is_told_too():
    reading = whole(part("b.docx", report(10, None, 8, 0, 0)), part("a.pdf", report(10, 9, 8, 0, 0)))
    assert reading.parts[0].reports[0].findings[0].figures == ("resolved",)


def test_what_only_the_word_file_states_is_no_difference():
    reading = whole(part("b.docx", report(10, 9, 8, 0, 0)), part("a.pdf", report(10, None, 8, 0, 0)))
    assert reading.parts[0].reports[0].findings == ()


def test_a_blank_word_file_stands_behind_the_scan_that_has_the_figures():
    blank = report(None, None, None, None, None)
    reading = whole(part("b.docx", blank), part("a.pdf", report()))
    assert outcomes(reading) == ["copy", "read"]


def test_a_sheet_stands_behind_the_word_file_and_before_the_body():
    reading = whole(body(report()), part("a.xlsx", report()), part("b.docx", report()))
    assert {one.name: one.outcome for one in reading.parts} == {"1.txt": "copy", "a.xlsx": "copy", "b.docx": "read"}


def test_figures_read_by_eye_never_win():
    seen = report(figures=tuple(figure(key, 1, flags=("ocr",)) for key in KEYS))
    assert outcomes(whole(part("a.docx", seen), part("b.pdf", report()))) == ["copy", "read"]


@pytest.mark.parametrize(
    "other",
    [
        report(kind="monthly"),
        report(agency="SỞ TÀI CHÍNH"),
        report(window=Window(date(2017, 7, 7), date(2017, 7, 13))),
        report(1, 2, 3, 4, 5, agency=""),
    ],
    ids=["type", "agency", "window", "nothing in common"],
)
def test_another_report_is_not_a_copy(other: Report):
    assert outcomes(whole(part("a.docx", report()), part("b.docx", other))) == ["read", "read"]


@pytest.mark.parametrize(
    "other",
    [
        report(agency=""),
        report(window=Window()),
        report(agency="UBND TỈNH THÁI NGUYÊN SỞ NỘI VỤ"),
        report(agency="", window=Window(), content_key="k"),
    ],
    ids=["no letterhead", "no window", "longer letterhead", "same content"],
)
def test_what_a_scan_does_not_state_does_not_make_it_another_report(other: Report):
    assert outcomes(whole(part("a.docx", report(content_key="k")), part("b.pdf", other))) == ["read", "copy"]


def test_weekly_and_monthly_in_one_file_and_their_scans():
    monthly = report(kind="monthly", n=2, window=Window(month="2017-07"))
    reading = whole(part("a.docx", report(), monthly), part("w.pdf", report()), part("m.pdf", monthly))
    assert outcomes(reading) == ["read", "copy", "copy"]


def test_a_file_that_adds_a_report_keeps_only_that_one():
    monthly = report(kind="monthly", n=2, window=Window(month="2017-07"))
    reading = whole(part("a.docx", report()), part("b.pdf", report(), monthly))
    assert [one.type for one in reading.parts[1].reports] == ["monthly"]
    assert outcomes(reading) == ["read", "read"]


# ---- bodies -----------------------------------------------------------------------------------------------------------


def test_a_body_without_a_report_is_not_listed_beside_attachments():
    reading = whole(body(), part("a.docx", report()))
    assert [one.name for one in reading.parts] == ["a.docx"]


def test_a_cover_letter_that_mentions_a_figure_is_no_report():
    mention = report(10, 8, None, None, None, agency="", window=Window())
    reading = whole(body(mention), part("a.docx", report(20, 18, 18, 0, 0)))
    assert [one.name for one in reading.parts] == ["a.docx"]
    assert outcomes(whole(body(mention))) == ["read"]
    assert outcomes(whole(body(mention), part("m.docx", report(kind="monthly")))) == ["read", "read"]


def test_a_body_stands_alone_when_there_is_nothing_else():
    reading = whole(body(), part("logo.png", role="inline", outcome="refused", reason="unsupported_type"))
    assert [one.role for one in reading.parts] == ["body"]
    assert (reading.outcome, reading.reason) == ("no_report", "no_report")


def test_a_large_picture_alone_is_a_pasted_scan():
    picture = part("p.png", role="inline", outcome="refused", reason="unsupported_type", size=900_000)
    reading = whole(body(), picture)
    assert [one.name for one in reading.parts] == ["p.png"]
    assert (reading.outcome, reading.reason) == ("refused", "unsupported_type")


def test_both_forms_of_a_body_are_one_report():
    html = "<p>10 8 8</p>"
    reading = whole(body(report()), body(report(), kind="html"), text="10 8 8 0", html=html)
    assert [one.outcome for one in reading.parts] == ["read"]
    assert reading.outcome == "read"


def test_forms_of_a_body_with_other_figures_need_a_person():
    reading = whole(body(report(10, 8, 8, 0, 0)), body(report(10, 9, 8, 0, 0), kind="html"), text="10 8 8", html="x")
    assert (reading.outcome, reading.reason) == ("needs_review", "body_parts_disagree")
    assert codes(reading.parts[0].reports[0].findings) == ["body_parts_disagree"]


def test_the_lines_a_mail_program_makes_of_a_table_are_no_other_figures():
    """The text half says the table's rows in one line each; read alone, a row's number may be taken for its figure."""
    row = Place(block=3, table=1, row=4, cell=3, text="3 | Hồ sơ trả đúng hạn | 8")
    cells, lines = report(10, 8, 8, 0, 0), report(10, 8, 3, 0, 0)
    cells, lines = (
        replace(one, figures=tuple(replace(f, place=p) if f.key == "on_time" else f for f in one.figures))
        for one, p in ((cells, row), (lines, Place(block=9, text="3 Hồ sơ trả đúng hạn 8")))
    )
    reading = whole(body(lines), body(cells, kind="html"), text="3 Hồ sơ trả đúng hạn 8", html="<table>")
    (kept,) = reading.parts[0].reports
    assert (reading.outcome, kept.figure("on_time").value, codes(kept.findings)) == ("read", 8, [])


def test_a_report_that_only_the_html_holds_needs_a_person_when_the_text_says_other_numbers():
    reading = whole(body(report(), kind="html"), text="Tiếp nhận 99, giải quyết 98, đúng hạn 97", html="<p>10 8</p>")
    assert (reading.outcome, reading.reason) == ("needs_review", "body_parts_disagree")
    assert codes(reading.findings) == ["body_parts_disagree"]


def test_a_text_stub_beside_html_is_no_disagreement():
    reading = whole(body(report(), kind="html"), text="Thư này cần HTML", html="<p>10 8</p>")
    assert reading.outcome == "read"


# ---- outcome of the mail ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["[THỬ]", "[thử]", "[TEST]", "[THU\u031b\u0309]"])
def test_a_trial_is_told_by_the_very_start_of_the_subject(mark: str):
    assert whole(part("a.docx", report()), subject=f"{mark} Báo cáo").outcome == "test"


@pytest.mark.parametrize("subject", ["Báo cáo [THỬ]", "Re: [TEST] x", "THỬ báo cáo"])
def test_a_trial_mark_elsewhere_is_no_trial(subject: str):
    assert whole(part("a.docx", report()), subject=subject).outcome == "read"


def test_a_good_report_beside_a_refused_part_is_read():
    refused = part("b.zip", outcome="refused", reason="zip_bomb")
    assert whole(refused, part("a.docx", report())).outcome == "read"


@pytest.mark.parametrize(
    ("parts", "outcome", "reason"),
    [
        ([part("a.pdf", outcome="needs_review", reason="no_text")], "needs_review", "no_text"),
        ([part("a.zip", outcome="refused", reason="encrypted")], "refused", "encrypted"),
        ([part("a.zip", outcome="refused", reason="encrypted"), part("b.pdf", outcome="needs_review", reason="no_text")], "needs_review", "no_text"),
        ([part("a.vcf", outcome="refused", reason="unsupported_type")], "no_report", "no_report"),
        ([part("a.docx")], "no_report", "no_report"),
        ([], "no_report", "no_report"),
    ],
)  # fmt: skip
def test_a_mail_without_a_report_says_why(parts: list[PartReading], outcome: str, reason: str):
    reading = whole(body(), *parts)
    assert (reading.outcome, reading.reason) == (outcome, reason)


def test_a_mail_with_a_link_only_is_for_a_person():
    reading = whole(body(), text="Báo cáo tại https://drive.google.com/file/d/abc/view")
    assert (reading.outcome, reading.reason) == ("needs_review", "link_only")
    assert outcomes(reading) == ["enclosure"]


def test_a_shortcut_instead_of_the_file_is_a_link_only():
    reading = whole(body(), part("bao cao.docx.lnk", outcome="refused", reason="link_only"), text="Kính gửi Sở")
    assert (reading.outcome, reading.reason) == ("needs_review", "link_only")


def test_a_link_beside_a_report_does_not_matter():
    assert whole(part("a.docx", report()), text="https://drive.google.com/file/d/abc").outcome == "read"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://drive.invalid/file/d/abc", 1),
        ("<a href='https://www.fshare.vn/file/X'>x</a>", 1),
        ("https://stc.tinh.example/bao-cao.docx?x=1.", 1),
        ("https://x.example/s/abc", 1),
        ("Sở Tài chính, https://stc.tinh.example", 0),
        ("https://stc.tinh.example/gioi-thieu", 0),
        ("https://[broken/file/d/x", 0),
        ("không có gì", 0),
    ],
)
def test_a_link_to_a_file_is_told_from_a_homepage(text: str, links: int):
    assert len(file_links(text)) == links


def test_a_mail_without_words_is_empty():
    reading = whole(body(outcome="refused", reason="empty"), text=" ", html="<p> </p>")
    assert (reading.outcome, reading.reason) == ("no_report", "empty_message")
    assert reading.parts == ()


@pytest.mark.parametrize(
    "html", ["<style>p {margin: 0}</style><!-- x --><p> </p>", "<script>alert(1)", "<STYLE>x</STYLE >"]
)
def test_what_html_does_not_show_are_no_words(html: str):
    assert whole(text=" ", html=html).reason == "empty_message"


def test_a_reason_of_the_whole_mail_wins_over_its_parts():
    envelope = open_mail(b"From: a@x.example\r\nContent-Type: message/partial\r\n\r\nx")
    reading = assemble(envelope, [part("a.docx", report())])
    assert (reading.outcome, reading.reason) == ("needs_review", "partial_message")
    assert outcomes(reading) == ["read"]


def test_a_mail_too_large_is_the_senders_to_mend():
    reading = assemble(replace(open_mail(b""), reason="too_large"), [])
    assert (reading.outcome, reading.reason) == ("refused", "too_large")


def test_findings_have_their_wording_from_data():
    found = finding("wrong_extension", promised="doc", found="html")
    assert found.title
    assert "doc" in found.message
    assert "html" in found.message


def test_figures_are_called_by_their_names_where_the_form_is_at_hand():
    parts = [part("b.docx", report(10, 8, 8, 0, 0)), part("a.pdf", report(10, 9, 8, 0, 0))]
    envelope = open_mail(b"From: a@x.example\r\n\r\nx")
    label = FORMS.get("weekly").line("resolved")
    assert label is not None
    (found,) = assemble(envelope, parts, FORMS).parts[0].reports[0].findings
    assert label.label in found.message
    strange = [replace(one, reports=(replace(one.reports[0], form="other@1"),)) for one in parts]
    (found,) = assemble(envelope, strange, FORMS).parts[0].reports[0].findings
    assert "resolved" in found.message
