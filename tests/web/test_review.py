"""People decide: in their own name, with a reason, two where the rules want two, and nobody over somebody else."""

from __future__ import annotations

import re
from datetime import date

import pytest

from intake.decisions import Refused
from intake.review_queue import queue_json
from intake.roster_file import digest
from intake.web.deciding import changed_figures, plain_number
from intake.web.remembering import with_address
from intake.web.shown import Moments
from intake.web.undoing import changed
from storage.records import Decision, ReviewItem, RosterVersion
from tests.pipeline.world import ROSTER, mail
from tests.web.conftest import token_of
from tests.web.test_board import text_of
from tests.web.test_mail import mail_of

STRANGER = "la@khac.example"


def form_of(client, number: int) -> dict[str, str]:
    """The hidden fields of the page on which a mail is decided."""
    page = client.get(f"/decide/{number}").text
    return dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split('class="card deciding"')[1])
    )


def decided(client, number: int, form=None, **fields):
    data = (form or form_of(client, number)) | {"reason": "Đã xem bản gốc"} | fields
    return client.post(f"/decide/{number}", data=data, follow_redirects=False)


def decisions(site, number: int):
    with site.console.ask() as q:
        own = [d for s in q.submissions(number) for d in q.decisions(f"submission:{s.id}")]
        return [*q.decisions(f"mail:{number}"), *own]


def test_the_queue_says_what_waits_and_why(site):
    said = text_of(site.client("kiem").get("/review").text)
    assert "địa chỉ gửi chưa đăng ký" in said
    assert STRANGER in said
    assert "10:00 21/7/2017" in said


def test_a_mail_nobody_could_open_stands_by_when_it_came_not_behind_all_others(site):
    number = mail_of(site, "tin@khac.example")  # came on 21 July
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.open_review(ReviewItem("set_aside", "reader_crashed", mail_id=number))
    with site.console.ask() as q:
        items = queue_json(site.console.reader, q)["items"]
    moments = [item["due_at"] or item["received_at"] for item in items]
    assert moments == sorted(moments)
    assert len(items) > 1
    assert items[-1]["kind"] != "set_aside"


def test_an_auditor_is_shown_everything_and_refused_every_change(site):
    client, number = site.client("kiem"), mail_of(site, STRANGER)
    page = client.get("/review/1").text
    assert "chỉ xem, không quyết định" in page
    assert '<button name="action" value="accept"' not in page
    data = {"csrf": token_of(client), "seen": "999999", "reason": "x", "action": "accept"}
    for path in (f"/decide/{number}", "/proposal/1"):
        assert client.post(path, data=data).status_code == 403
    assert client.get(f"/decide/{number}").status_code == 403
    assert decisions(site, number) == []


def test_two_people_on_one_item_cannot_overwrite_each_other(site):
    first, second, number = site.client("binh"), site.client("lan"), mail_of(site, STRANGER)
    hers, his = form_of(second, number), form_of(first, number)
    assert decided(first, number, his, action="agency", agency="SNV").status_code == 303
    before = decisions(site, number)
    refused = decided(second, number, hers, action="not-a-report")
    assert refused.status_code == 409
    assert "Binh" in refused.text
    assert "chọn cơ quan" in refused.text
    assert decisions(site, number) == before
    assert before[-1].who == "person:3"


def test_a_decision_is_undone_by_a_further_one_and_late_ones_need_two(site):
    client, number = site.client("binh"), mail_of(site, STRANGER)
    assert decided(client, number, action="agency", agency="SNV").status_code == 303
    answer = decided(client, number, action="withdraw")
    assert answer.headers["location"].startswith("/review?done=proposed")
    assert "cần người thứ hai" in client.get(answer.headers["location"]).text
    with site.console.ask() as q:
        proposal = next(item for item in q.reviews() if item.kind == "proposal")
    path = f"/proposal/{proposal.id}"
    assert "Rút báo cáo".lower() in text_of(client.get(f"/review/{proposal.id}").text).lower()
    own = client.post(path, data={"csrf": token_of(client), "action": "confirm"})
    assert "Chỉ lãnh đạo phụ trách" in own.text
    lead = site.client("lan")
    assert (
        lead.post(path, data={"csrf": token_of(lead), "action": "confirm"}, follow_redirects=False).status_code == 303
    )
    last = decisions(site, number)[-1]
    assert (last.what, last.who, last.second) == ("withdraw", "person:3", "person:1")
    assert lead.post(path, data={"csrf": token_of(lead), "action": "confirm"}).status_code == 409


def test_nobody_confirms_what_they_proposed_and_a_proposal_may_be_turned_down(site):
    lead, number = site.client("lan"), mail_of(site, "stc@tinh.example")
    decided(lead, number, action="deemed-at", deemed_at="2017-07-21T09:00:00")
    with site.console.ask() as q:
        proposal = next(item for item in q.reviews() if item.kind == "proposal")
    path, data = f"/proposal/{proposal.id}", {"csrf": token_of(lead), "action": "confirm"}
    assert "không thể tự xác nhận" in lead.post(path, data=data).text
    other = site.client("mai")
    data = {"csrf": token_of(other), "action": "turn_down", "reason": "Không có căn cứ"}
    assert other.post(path, data=data, follow_redirects=False).status_code == 303
    with site.console.ask() as q:
        assert q.review(proposal.id).closed_at is not None
    assert [d.what for d in decisions(site, number)] == []


def test_a_proposal_is_stale_once_something_else_happened(site):
    number = mail_of(site, "syt@tinh.example")
    decided(site.client("lan"), number, action="withdraw")
    with site.console.ask() as q:
        proposal = next(item for item in q.reviews() if item.kind == "proposal")
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.log("state", f"mail:{number}", {"before": None, "after": "recorded"})
    mai = site.client("mai")
    answer = mai.post(f"/proposal/{proposal.id}", data={"csrf": token_of(mai), "action": "confirm"})
    assert answer.status_code == 409


def test_what_is_out_of_the_ordinary_needs_a_reason_and_the_usual_has_its_own(site):
    client, number = site.client("binh"), mail_of(site, "hdt@tinh.example")
    for action in ("withdraw", "credit", "refuse", "revoke:W03"):
        answer = decided(client, number, reason=" ", action=action)
        assert answer.status_code == 422, action
        assert "Cần ghi lý do" in answer.text
        assert decisions(site, number) == []
    other = mail_of(site, "tin@khac.example")
    assert "Thư không kèm báo cáo" in client.get(f"/decide/{other}").text, "what will be written can be seen before"
    assert decided(client, other, reason="", action="not-a-report").status_code == 303
    assert decisions(site, other)[-1].reason == "Thư không kèm báo cáo"


def test_after_a_decision_the_next_item_follows_while_it_is_open(site):
    client = site.client("binh")
    here, other = mail_of(site, STRANGER), mail_of(site, "hdt@tinh.example")
    with site.desk.write(site.desk.clock.now()) as tx:
        there = tx.open_review(ReviewItem("mail", f"mail:{other}:again", mail_id=other))
    answer = decided(client, here, action="ask", agency="SNV", next=str(there))
    assert answer.headers["location"] == f"/review/{there}?done=ask"
    assert "Đã soạn thư hỏi cơ quan" in client.get(answer.headers["location"]).text
    for gone in ("4711", "x", ""):
        assert (
            decided(client, here, action="ask", agency="SNV", next=gone).headers["location"].startswith("/review?done")
        )


def test_a_form_without_its_token_changes_nothing(site):
    client, number = site.client("binh"), mail_of(site, "hdt@tinh.example")
    form = form_of(client, number) | {"csrf": "x"}
    assert decided(client, number, form, action="not-a-report").status_code == 403


def test_a_figure_corrected_beside_the_original_is_the_persons(site):
    client = site.client("binh")
    with site.console.ask() as q:
        number = max(m.id for m in q.mails() if m.from_address == "stc@tinh.example")
    page = client.get(f"/decide/{number}").text
    assert 'name="figure.overdue"' in page
    answer = decided(client, number, action="set", **{"figure.overdue": "20", "figure.received": "1.625"})
    assert "proposed" in answer.headers["location"], "the cutoff has passed"
    with site.console.ask() as q:
        proposal = next(i for i in q.reviews() if i.kind == "proposal" and i.mail_id == number)
    assert proposal.detail["sets"] == {"overdue": "20"}
    mai = site.client("mai")
    mai.post(f"/proposal/{proposal.id}", data={"csrf": token_of(mai), "action": "confirm"})
    said = [d for d in decisions(site, number) if d.what == "set"]
    assert [d.after for d in said] == ["overdue=20"]
    for page in (f"/mail/{number}", f"/decide/{number}"):
        assert "số liệu do người đọc : Hồ sơ quá hạn: 30 → 20" in text_of(client.get(page).text)


def test_what_a_decision_changed_is_said_in_words(site):
    when = Moments(site.desk.calendar)
    said = [
        changed(Decision("submission:1", what, before, after, "x", "person:1"), (), when)
        for what, before, after in (
            ("set", "core blank None", "overdue=0"),
            ("agency", None, "SNV"),
            ("agency", "SNV", "SNV"),
            ("period", "weekly:2017-07-21", "weekly:2017-07-28"),
            ("deemed-at", "accepted", "2017-07-21T02:00:00+00:00"),
            ("withdraw", "accepted", "withdraw"),
            ("not-a-report", None, "not-a-report"),
        )
    ]
    assert said == [
        "overdue: bỏ trống → 0",
        "– → SNV",
        "SNV",
        "Kỳ ngày 21/7/2017 → Kỳ ngày 28/7/2017",
        "09:00:00 21/7/2017",
        "trước đó đạt yêu cầu",
        "",
    ]


def test_no_agency_is_proposed_that_nothing_points_at(site):
    client, number = site.client("binh"), mail_of(site, "tin@khac.example")
    assert 'name="agency"><option value="">' in client.get(f"/decide/{number}").text
    for action in ("agency", "ask"):
        answer = decided(client, number, action=action, agency="")
        assert answer.status_code == 422
        assert "Cần chọn cơ quan" in answer.text
    known = client.get(f"/decide/{mail_of(site, 'hdt@tinh.example')}").text
    assert 'name="agency"><option value="HDT">' in known, "the sender's own stands first"


def test_asking_the_sender_writes_a_letter_to_the_registered_addresses(site):
    client, number = site.client("binh"), mail_of(site, STRANGER)
    decided(client, number, action="ask", agency="SNV")
    with site.console.ask() as q:
        letter = [x for x in q.letters(mail_id=number) if x.kind == "request"][-1]
    assert letter.to == ("snv@tinh.example",)
    assert letter.facts["from_address"] == STRANGER


def test_reading_again_is_asked_for_not_done_in_the_browsers_time(site):
    client, asked = site.client("binh"), []
    object.__setattr__(site.console, "reread", asked.append)
    number = mail_of(site, "tin@khac.example")
    assert decided(client, number, action="retry").status_code == 303
    assert asked == [number]
    refused = decided(client, mail_of(site, "stc@tinh.example"), action="retry")
    assert "không đọc lại được" in refused.text
    assert asked == [number]


def test_a_remembered_address_reaches_rosters_imported_for_later_days(site):
    lead, number, now = site.client("lan"), mail_of(site, STRANGER), site.console.now()
    with site.console.ask() as q:
        csv = q.roster().csv
    ends, other = (
        "\n".join(x for x in csv.splitlines() if "SNV," not in x),
        csv.replace("syt@", "la@khac.example;syt@"),
    )
    later = {"2017-09-01": csv.replace("Sở Tài chính", "Sở Tài chính mới"), "2017-10-01": other, "2017-11-01": ends}
    with site.desk.write(now) as tx:
        for day, text in later.items():
            tx.import_roster(RosterVersion(text, digest(text), date.fromisoformat(day)))
    assert decided(lead, number, action="agency", agency="SNV", remember="1").status_code == 303
    with site.console.ask() as q:
        known = {day: site.console.reader.roster(q, day=date.fromisoformat(day)) for day in ("2017-07-28", *later)}
        whose = [
            row.code if (row := roster.by_address("la@khac.example", date.fromisoformat(day))) else None
            for day, roster in known.items()
        ]
    assert whose == ["SNV", "SNV", "SYT", None], "nor does it take an address from whom a later roster gives it to"
    assert known["2017-09-01"].latest("STC").name == "Sở Tài chính mới"


def test_an_address_is_remembered_by_a_lead_on_request(site):
    lead, asked = site.client("lan"), []
    object.__setattr__(site.console, "reread", asked.append)
    number = mail_of(site, "tin@khac.example")
    assert decided(lead, number, action="agency", agency="SNV", remember="1").status_code == 303
    assert asked == [number]
    today = site.desk.calendar.day(site.desk.clock.now())
    with site.console.ask() as q:
        roster = site.desk.roster(q)
    assert roster.by_address("tin@khac.example", today).code == "SNV"
    assert decided(lead, number, action="ask", agency="NOBODY").status_code == 422


def test_one_more_address_in_the_roster():
    wider = with_address(ROSTER, "STC", "moi@tinh.example", "2017-07-28")
    assert "stc@tinh.example;sotaichinh@tinh.example;moi@tinh.example[2017-07-28..]" in wider
    assert wider.count("\n") == ROSTER.count("\n")
    with pytest.raises(Refused):
        with_address(ROSTER, "XYZ", "moi@tinh.example", "2017-07-28")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.625", "1625"), ("95,5", "95.5"), ("95.5", "95.5"), ("1.234.567,5", "1234567.5"), (" 7 ", "7")],
)
def test_numbers_are_taken_as_vietnamese_write_them(text, number):
    assert plain_number(text) == number


def test_only_what_was_changed_is_set():
    shown = {"received": "1.625", "overdue": "30", "share": "95,5"}
    given = {"received": "1625", "overdue": "20", "returned": "", "share": "95.5"}
    assert changed_figures(shown, given) == {"overdue": "20"}
    with pytest.raises(Refused):
        changed_figures(shown, given | {"received": " "})


def test_an_answer_in_words_of_its_own_can_be_taken_for_an_explanation(site):
    with site.console.ask() as q:
        (letter, *_) = [
            x
            for x in q.letters(kind="acknowledgement")
            if any(f["code"] == "W03" for r in x.facts["reports"] for f in r["findings"])
        ]
    thread = {"In-Reply-To": letter.message_id, "References": letter.message_id}
    said = mail(letter.to[0], "Re: Báo cáo tuần", text="Số liệu đúng, có hồ sơ <b>rút</b>.", headers=thread)
    site.world.deliver(said, "2017-07-28 10:50:00")
    site.world.poll("2017-07-28 11:00:00")
    with site.console.ask() as q:
        number = max(m.id for m in q.mails())
    client = site.client("binh")
    page = client.get(f"/decide/{number}").text
    assert 'value="explains:W03"' in page
    assert "&lt;b&gt;rút&lt;/b&gt;" in page
    answer = decided(client, number, action="explains:W03", reason="")
    assert answer.headers["location"].startswith("/review?done=explains")
    (decision,) = decisions(site, number)
    assert (decision.what, decision.after, decision.reason) == (
        "explains",
        "W03",
        "câu trả lời của cơ quan giải trình nội dung này",
    )
    assert "ghi nhận là giải trình" in client.get(f"/mail/{number}").text
    assert 'value="explains:' not in site.client("kiem").get(f"/mail/{number}").text
