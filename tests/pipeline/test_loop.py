"""The loop closes by e-mail: a corrected file, a code with a reason, XÁC NHẬN; anything else goes to a person."""

from __future__ import annotations

import unicodedata
from email.message import EmailMessage

import pytest

from tests.pipeline.world import World, mail, weekly_docx

WEEK = "weekly:2017-07-21"
BEFORE = "2017-07-21 09:12:35"
UNEVEN = ("1.625", "1.615", "1.590", "20", "10")
R1 = "CCHC-20170721-W-STC-r1"


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return body.get_content()


def quoted(letter: EmailMessage) -> str:
    return "\n\nVào Th 6, 21 thg 7, 2017 CCHC <cchc@tinh.example> đã viết:\n" + "\n".join(
        f"> {line}" for line in plain(letter).splitlines()
    )


def answer(letter: EmailMessage, text: str, sender: str = "stc@tinh.example", files: dict[str, bytes] | None = None):
    return mail(
        sender,
        f"Re: {letter['Subject']}",
        files,
        text=text + quoted(letter),
        headers={"In-Reply-To": str(letter["Message-ID"]), "References": str(letter["Message-ID"])},
    )


@pytest.fixture
def asked(world: World) -> EmailMessage:
    """A report whose sums do not agree was received; the acknowledgement asks about W03."""
    world.deliver(mail(files={"Báo cáo tuần.docx": weekly_docx(figures=UNEVEN)}), BEFORE)
    world.poll("2017-07-21 09:13:00")
    (letter,) = world.letters("stc@tinh.example")
    return letter


def shown(world: World, receipt: str, now: str) -> dict:
    (report,) = world.cchc("show", receipt, "--json", now=now).json["reports"]
    return {finding["code"]: finding for finding in report["findings"]}


def test_a_code_and_a_reason_become_the_findings_explanation(world: World, asked: EmailMessage):
    world.deliver(answer(asked, "W03: 05 hồ sơ do người nộp đề nghị rút\nTrân trọng."), "2017-07-21 09:20:00")
    polled = world.poll("2017-07-21 09:21:00")
    assert (polled["recorded"], polled["needs_review"]) == (1, 0)
    now = "2017-07-21 09:22:00"
    said = shown(world, R1, now)["W03"]["explanation"]
    assert (said["reason"], said["mail"], said["at"]) == (
        "05 hồ sơ do người nộp đề nghị rút",
        2,
        "2017-07-21T09:21:00+07:00",
    )
    result = world.letters("stc@tinh.example")[-1]
    assert "Đã ghi nhận giải trình" in str(result["Subject"])
    assert R1 in str(result["Subject"])
    assert "ĐÃ GHI NHẬN GIẢI TRÌNH" in plain(result)
    assert "05 hồ sơ do người nộp đề nghị rút" in plain(result)
    (row,) = [r for r in world.log(now) if r["id"] == 2]
    assert (row["state"], row["letters"][0]["kind"]) == ("recorded", "result")
    assert "explained 1.1.1 W03" in world.cchc("explain", R1, now=now).out
    assert "explains W03 of weekly:2017-07-21 STC" in world.cchc("explain", "2", now=now).out
    assert [d["explained"] for d in world.board(WEEK, now)["dues"] if d["agency"] == "STC"] == [["W03"]]
    assert not [i for i in world.cchc("review", "--json", now=now).json["items"] if i["mail"] == "2"]
    assert world.cchc("verify", "--json", now=now).json["ok"]


def test_the_digest_tells_what_was_explained_and_counts_it_no_longer(world: World, asked: EmailMessage):
    world.deliver(answer(asked, "w03 - 05 hồ sơ do người nộp đề nghị rút"), "2017-07-21 09:20:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    (digest,) = world.letters("thuky@tinh.example")
    assert "Giải trình của các cơ quan (01)" in plain(digest)
    assert "Sở Tài chính – [W03]" in plain(digest)
    assert "05 hồ sơ do người nộp đề nghị rút" in plain(digest)


def test_the_receipt_in_the_subject_is_enough(world: World, asked: EmailMessage):
    world.deliver(mail(subject=f"Giải trình {R1}", text="W03: do rút hồ sơ"), "2017-07-21 09:20:00")
    world.poll("2017-07-21 09:21:00")
    assert shown(world, R1, "2017-07-21 09:22:00")["W03"]["explanation"]["reason"] == "do rút hồ sơ"


@pytest.mark.parametrize(
    "text",
    ["Cảm ơn Sở, chúng tôi sẽ kiểm tra lại.", "W09: đã ký", "W03:", "[W03] Số hồ sơ trả đúng hạn và quá hạn chưa khớp"],
)
def test_an_answer_that_explains_nothing_goes_to_a_person_with_both_shown(world: World, asked: EmailMessage, text: str):
    world.deliver(answer(asked, text), "2017-07-21 09:20:00")
    assert world.poll("2017-07-21 09:21:00")["needs_review"] == 1
    now = "2017-07-21 09:22:00"
    assert "explanation" not in shown(world, R1, now)["W03"]
    items = [i for i in world.cchc("review", "--json", now=now).json["items"] if i["mail"] == "2"]
    assert [(i["answers"], i["said"]) for i in items] == [(R1, text)]


def test_another_agency_explains_nothing(world: World, asked: EmailMessage):
    world.deliver(answer(asked, "W03: do rút hồ sơ", sender="syt@tinh.example"), "2017-07-21 09:20:00")
    world.poll("2017-07-21 09:21:00")
    assert "explanation" not in shown(world, R1, "2017-07-21 09:22:00")["W03"]


def test_an_out_of_office_note_explains_nothing(world: World, asked: EmailMessage):
    note = answer(asked, "W03: vắng mặt")
    note["Auto-Submitted"] = "auto-replied"
    world.deliver(note, "2017-07-21 09:20:00")
    world.poll("2017-07-21 09:21:00")
    assert "explanation" not in shown(world, R1, "2017-07-21 09:22:00")["W03"]


def test_a_corrected_file_in_answer_is_the_next_revision_and_says_what_changed(world: World, asked: EmailMessage):
    fixed = weekly_docx(figures=("1.625", "1.615", "1.595", "20", "10"))
    world.deliver(answer(asked, "Xin gửi lại.", files={"Báo cáo tuần (sửa).docx": fixed}), "2017-07-21 15:00:00")
    world.poll("2017-07-21 15:01:00")
    due = next(d for d in world.board(WEEK, "2017-07-21 15:02:00")["dues"] if d["agency"] == "STC")
    assert (due["class"], due["receipt"], due["revision"]) == ("on_time", R1, 2)
    letter = plain(world.letters("stc@tinh.example")[-1])
    assert "Số liệu thay đổi so với lần nộp trước" in letter
    assert "1.595" in letter
    assert "1.590" in letter


def test_a_file_and_a_reason_in_one_answer(world: World, asked: EmailMessage):
    again = weekly_docx(figures=("1.700", "1.615", "1.590", "20", "10"))
    world.deliver(answer(asked, "W03: do rút hồ sơ", files={"Báo cáo tuần.docx": again}), "2017-07-21 09:30:00")
    world.poll("2017-07-21 09:31:00")
    now = "2017-07-21 09:32:00"
    assert shown(world, "CCHC-20170721-W-STC-r2", now)["W03"]["explanation"]["reason"] == "do rút hồ sơ"
    letter = world.letters("stc@tinh.example")[-1]
    assert "đề nghị kiểm tra lại" not in str(letter["Subject"])
    assert "Giải trình đã ghi nhận (01)" in plain(letter)


def test_other_numbers_are_asked_about_again(world: World, asked: EmailMessage):
    world.deliver(answer(asked, "W03: do rút hồ sơ"), "2017-07-21 09:20:00")
    again = weekly_docx(figures=("1.625", "1.615", "1.500", "20", "10"))
    world.deliver(mail(subject="Báo cáo tuần bổ sung", files={"bc tuần.docx": again}), "2017-07-21 09:40:00")
    world.poll("2017-07-21 09:41:00")
    assert "explanation" not in shown(world, "CCHC-20170721-W-STC-r2", "2017-07-21 09:42:00")["W03"]


# ---- the request and its confirmation --------------------------------------------------------------------------------


@pytest.fixture
def requested(world: World) -> EmailMessage:
    """A report of the department from an address nobody registered: its registered addresses are asked."""
    world.deliver(mail("ai.do@noi.example", files={"Báo cáo tuần.docx": weekly_docx()}), "2017-07-21 09:10:00")
    assert world.cchc("poll", "--json", now="2017-07-21 09:13:00").code == 1
    assert not world.letters("ai.do@noi.example")
    (letter,) = world.letters("stc@tinh.example")
    return letter


def test_the_registered_addresses_are_asked_and_the_unknown_one_never(world: World, requested: EmailMessage):
    assert "Đề nghị xác nhận thư gửi từ địa chỉ chưa đăng ký" in str(requested["Subject"])
    text = plain(requested)
    assert "ai.do@noi.example" in text
    assert '"Báo cáo tuần.docx"' in text
    assert "XÁC NHẬN" in text
    assert {x for r in world.sink.received for x in r.recipients} == {"stc@tinh.example", "sotaichinh@tinh.example"}
    assert world.classes(WEEK, "2017-07-21 10:10:00")["STC"] == "in_review"


@pytest.mark.parametrize("text", ["XÁC NHẬN", "xác nhận", "XAC NHAN.", unicodedata.normalize("NFD", "Xác nhận ạ")])
def test_a_confirmed_mail_is_credited_with_its_own_time_of_receipt(world: World, requested: EmailMessage, text: str):
    world.deliver(answer(requested, text), "2017-07-21 11:00:00")
    polled = world.poll("2017-07-21 11:01:00")
    assert (polled["recorded"], polled["needs_review"]) == (1, 0)
    now = "2017-07-21 11:02:00"
    due = next(d for d in world.board(WEEK, now)["dues"] if d["agency"] == "STC")
    assert (due["class"], due["received_at"], due["receipt"]) == ("on_time", "2017-07-21T09:10:00+07:00", R1)
    rows = {r["id"]: r for r in world.log(now)}
    assert rows[1]["state"] == "recorded"
    (decision,) = rows[1]["submissions"][0]["decisions"]
    assert (decision["what"], decision["to"], decision["who"]) == ("agency", "STC", "agency:STC")
    result = world.letters("stc@tinh.example")[-1]
    assert str(result["In-Reply-To"]) == str(world_answer_id(world))
    assert "Kết quả: ĐÚNG HẠN" in plain(result)
    assert "ai.do@noi.example" in plain(result)
    assert rows[2]["letters"] == []
    assert world.cchc("review", "--json", now=now).json["items"] == []


def world_answer_id(world: World) -> str:
    import email  # noqa: PLC0415

    return str(email.message_from_bytes(world.delivered[-1])["Message-ID"])


def test_a_second_clerk_confirming_the_same_changes_nothing(world: World, requested: EmailMessage):
    world.deliver(answer(requested, "XÁC NHẬN"), "2017-07-21 11:00:00")
    world.deliver(answer(requested, "Xác nhận", sender="sotaichinh@tinh.example"), "2017-07-21 11:05:00")
    world.poll("2017-07-21 11:06:00")
    assert [r["state"] for r in world.log("2017-07-21 11:07:00")] == ["recorded"] * 3
    assert len(world.letters("stc@tinh.example")) == 2


@pytest.mark.parametrize(
    ("sender", "text"),
    [
        ("stc@tinh.example", "Không phải thư của Sở Tài chính, không xác nhận"),
        ("stc@tinh.example", "Đề nghị Sở Nội vụ xác nhận giúp"),
        ("syt@tinh.example", "XÁC NHẬN"),
        ("ai.do@noi.example", "XÁC NHẬN"),
    ],
)
def test_a_reservation_or_another_sender_confirms_nothing(
    world: World, requested: EmailMessage, sender: str, text: str
):
    world.deliver(answer(requested, text, sender=sender), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert world.classes(WEEK, "2017-07-21 11:02:00")["STC"] == "in_review"
    states = {r["id"]: r["state"] for r in world.log("2017-07-21 11:02:00")}
    assert states[1] == "needs_review"
    assert states[2] == ("not_a_report" if sender == "ai.do@noi.example" else "needs_review")


def test_a_confirmation_whose_threading_was_lost_is_found_by_the_receipt_in_its_subject(
    world: World, requested: EmailMessage
):
    world.deliver(mail(subject=f"Re: {requested['Subject']}", text="XÁC NHẬN"), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert world.classes(WEEK, "2017-07-21 11:02:00")["STC"] == "on_time"


def test_a_confirmation_in_a_mail_of_its_own_goes_to_a_person_with_both_shown(world: World, requested: EmailMessage):
    world.deliver(mail(subject="Xác nhận thư gửi báo cáo", text="XÁC NHẬN"), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert world.classes(WEEK, "2017-07-21 11:02:00")["STC"] == "in_review", "whose answer it is, a person says"
    assert len(world.letters("stc@tinh.example")) == 1, "nobody is told that no report was found"
    (item,) = (i for i in queue(world, "2017-07-21 11:02:00") if i["mail"] == "2")
    assert (item["said"], item["answers"]) == ("XÁC NHẬN", requested_receipt(requested))


def test_a_confirmation_while_nothing_is_asked_is_a_mail_like_any_other(world: World):
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail(subject="Xác nhận", text="Xác nhận đã nhận công văn."), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert [r["state"] for r in world.log("2017-07-21 11:02:00")] == ["not_a_report"]


@pytest.mark.parametrize(("text", "state"), [("W03: 05 hồ sơ rút", "needs_review"), ("K09: 05 hồ sơ", "not_a_report")])
def test_a_code_in_a_mail_of_its_own_goes_to_a_person_where_such_a_finding_is_open(
    world: World, asked: EmailMessage, text: str, state: str
):
    world.deliver(mail(subject="Giải trình", text=text), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    assert {r["id"]: r["state"] for r in world.log("2017-07-21 11:02:00")}[2] == state
    assert [i["answers"] for i in queue(world, "2017-07-21 11:02:00")] == ([R1] if state == "needs_review" else [])


def queue(world: World, now: str) -> list:
    return world.cchc("review", "--json", now=now).json["items"]


def requested_receipt(letter: EmailMessage) -> str:
    return str(letter["Subject"]).rpartition("[")[2].rstrip("]")


def test_strangers_cannot_make_us_flood_an_agency(world: World):
    world.notify = "per_address_per_hour = 2"
    world.write_config()
    for n in range(4):
        report = weekly_docx(figures=(1600 + n, 1615, 1595, 20, 10))
        world.deliver(mail(f"la{n}@noi.example", files={"Báo cáo tuần.docx": report}), f"2017-07-21 09:1{n}:00")
    world.cchc("poll", now="2017-07-21 09:20:00")
    assert len([x for x in world.sink.received if "stc@tinh.example" in x.recipients]) == 2
    withheld = [
        x["withheld_because"] for r in world.log("2017-07-21 09:21:00") for x in r["letters"] if x["kind"] == "request"
    ]
    assert sorted(filter(None, withheld)) == ["budget", "budget"]


# ---- an explanation taken back ---------------------------------------------------------------------------------------


def test_a_person_takes_an_explanation_back_and_the_agency_is_told(world: World, asked: EmailMessage):
    world.deliver(answer(asked, "W03: 05 hồ sơ do người nộp đề nghị rút"), "2017-07-21 09:20:00")
    world.poll("2017-07-21 09:21:00")
    args = ("decide", R1, "--revoke", "W03", "--reason", "hồ sơ rút không nằm trong số đã giải quyết")
    assert world.cchc(*args, now="2017-07-24 09:00:00").code == 0
    now = "2017-07-24 09:01:00"
    assert "explanation" not in shown(world, R1, now)["W03"]
    (due,) = [d for d in world.board(WEEK, now)["dues"] if d["agency"] == "STC"]
    assert (due["class"], due["explained"]) == ("on_time", [])
    before = world.board(WEEK, now, "--as-of", "2017-07-21T10:30:00+07:00")["dues"]
    assert [d["explained"] for d in before if d["agency"] == "STC"] == [["W03"]]
    correction = world.letters("stc@tinh.example")[-1]
    assert 'kết quả "nộp đúng hạn" không thay đổi' in plain(correction)
    assert "giải trình đã ghi nhận trước đây không còn được chấp nhận" in plain(correction)
    assert "[W03]" in plain(correction)
    (row,) = [r for r in world.log(now) if r["id"] == 1]
    assert [(d["what"], d["reason"]) for d in row["submissions"][0]["decisions"]] == [("revoke", args[-1])]
    assert "taken back W03 of weekly:2017-07-21 STC" in world.cchc("explain", "2", now=now).out
    assert world.cchc("verify", "--json", now=now).json["ok"]
    again = world.cchc(*args, now="2017-07-24 09:02:00")
    assert again.code == 2, "nothing stands any more"


def test_a_short_answer_to_a_notice_casts_doubt_on_what_the_notice_asked_for_alone(world: World):
    world.tick("2017-07-17 08:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    notice = world.letters("stc@tinh.example")[-1]
    world.deliver(answer(notice, "Xin lỗi, chúng tôi đã gửi sáng nay."), "2017-07-21 10:20:00")
    world.poll("2017-07-28 10:01:00")
    world.tick("2017-07-28 10:06:00")
    now = "2017-07-28 10:07:00"
    keys = ("weekly:2017-07-21", "weekly:2017-07-28", "monthly:2017-07")
    doubted = {key: {d["agency"]: d["waiting"] for d in world.board(key, now)["dues"]}["STC"] for key in keys}
    assert doubted == {"weekly:2017-07-21": 1, "weekly:2017-07-28": 0, "monthly:2017-07": 0}
    subjects = [str(letter["Subject"]) for letter in world.letters("stc@tinh.example")]
    assert subjects[-1].startswith("Chưa nhận được báo cáo tuần CCHC kỳ ngày 28/7/2017 và báo cáo CCHC tháng 7/2017")


def test_a_word_of_thanks_casts_no_doubt_on_another_report_and_is_shown_in_its_own_words(
    world: World, asked: EmailMessage
):
    world.deliver(answer(asked, "Cảm ơn quý Sở. Trân trọng."), "2017-07-21 09:20:00")
    for day in ("21", "28"):
        world.poll(f"2017-07-{day} 10:01:00")
        world.tick(f"2017-07-{day} 10:06:00")
    subjects = [str(letter["Subject"]) for letter in world.letters("stc@tinh.example")]
    assert subjects[-1] == "Chưa nhận được báo cáo tuần CCHC kỳ ngày 28/7/2017 và báo cáo CCHC tháng 7/2017"
    now = "2017-07-28 10:07:00"
    assert [due["waiting"] for due in world.board("monthly:2017-07", now)["dues"] if due["agency"] == "STC"] == [0]
    first, *_, last = [plain(letter) for letter in world.letters("thuky@tinh.example")]
    item = "Sở Tài chính, stc@tinh.example (không có báo cáo trong thư: Cảm ơn quý Sở. Trân trọng."
    assert f"{item}) – CCHC-X-" in first
    assert f"{item}; chờ từ ngày 21/7/2017) – CCHC-X-" in last


def test_an_answer_in_words_of_its_own_is_taken_for_the_explanation_by_a_person(world: World, asked: EmailMessage):
    world.deliver(answer(asked, "Số liệu đúng, có 05 hồ sơ người nộp đề nghị rút."), "2017-07-21 09:20:00")
    world.poll("2017-07-21 09:21:00")
    told = len(world.letters("stc@tinh.example"))
    (item,) = world.cchc("review", "--json", now="2017-07-21 09:22:00").json["items"]
    wrong = ("decide", item["mail"], "--explains", "W99", "--reason", "x")
    assert world.cchc(*wrong, now="2017-07-21 09:23:00").code == 2
    taken = ("decide", item["mail"], "--explains", "W03", "--reason", "đã giải trình bằng lời")
    assert world.cchc(*taken, now="2017-07-21 09:24:00").code == 0
    assert world.cchc("review", "--json", now="2017-07-21 09:25:00").json["items"] == []
    (report,) = world.cchc("show", R1, "--json", now="2017-07-21 09:25:00").json["reports"]
    finding = next(f for f in report["findings"] if f["code"] == "W03")
    assert finding["explanation"]["reason"].startswith("Số liệu đúng, có 05 hồ sơ")
    letter = world.letters("stc@tinh.example")[-1]
    assert len(world.letters("stc@tinh.example")) == told + 1
    assert "ĐÃ GHI NHẬN GIẢI TRÌNH" in plain(letter)
    assert "[W03]" in plain(letter)
    assert world.cchc(*taken, now="2017-07-21 09:26:00").code == 2, "nothing waits any more"
    assert world.cchc("decide", R1, "--explains", "W03", "--reason", "x", now="2017-07-21 09:27:00").code == 2
    assert world.cchc("verify", "--json", now="2017-07-21 09:28:00").json["ok"]
