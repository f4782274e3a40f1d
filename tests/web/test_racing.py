"""Two people on one thing nearly at once: one wins, the other is told what happened, and what was typed is still there."""

from __future__ import annotations

import re

import pytest

from storage.records import Step
from tests.web.conftest import token_of
from tests.web.test_board import text_of
from tests.web.test_mail import mail_of
from tests.web.test_review import STRANGER, decided, decisions, form_of

DUE = "/due/weekly:2017-08-04/STC"
PERIOD = "/period/weekly:2017-08-04"


def shown_in(client, number: int, page: str = "") -> dict[str, str]:
    """What stands in the fields of the figures."""
    page = page or client.get(f"/decide/{number}").text
    return dict(re.findall(r'name="(figure\.\w+)" inputmode="decimal" autocomplete="off" value="([^"]*)"', page))


def proposal_of(site):
    with site.console.ask() as q:
        return next(item for item in q.reviews() if item.kind == "proposal")


def waits_for_due(site) -> int:
    """A proposal to waive the report of one agency."""
    client = site.client("binh")
    client.post(DUE, data={**fields_of(client, DUE), "reason": "Cơ quan đang sáp nhập", "action": "waive"})
    return proposal_of(site).id


def fields_of(client, path: str, to: str = "") -> dict[str, str]:
    """The hidden fields of the form a page holds."""
    page = client.get(path).text
    form = page.split(f'<form method="post" action="{to or path}"')[1].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def test_what_the_slower_one_typed_stands_in_the_form_again_with_what_happened(site):
    first, second, number = site.client("binh"), site.client("lan"), mail_of(site, STRANGER)
    his, hers = form_of(first, number), form_of(second, number)
    shown = shown_in(second, number)
    assert shown["figure.resolved"] == "1.615"
    assert decided(first, number, his, action="accept", **shown | {"figure.resolved": "1.625"}).status_code == 303
    before = decisions(site, number)
    typed = {"figure.overdue": "17", "reason": "Gọi điện cho chị Hoa", "period": "weekly:2017-07-28"}
    answer = decided(second, number, hers, action="accept", agency="SYT", next="7", **shown | typed)
    assert answer.status_code == 409
    assert decisions(site, number) == before
    again = shown_in(second, number, answer.text)
    assert again == shown | {"figure.resolved": "1.625", "figure.overdue": "17"}, "the other's word, and what was typed"
    assert f"vừa nhập, chưa ghi; đang là {shown['figure.overdue']}" in text_of(answer.text)
    assert 'value="Gọi điện cho chị Hoa"' in answer.text
    assert '<option value="SYT" selected>' in answer.text
    assert 'value="weekly:2017-07-28" selected' in answer.text
    assert "Binh: số liệu do người đọc (Tổng số hồ sơ đã giải quyết: 1.615 → 1.625)" in text_of(answer.text)


def test_a_refused_decision_keeps_what_was_typed(site):
    client, number = site.client("binh"), mail_of(site, STRANGER)
    shown = shown_in(client, number)
    answer = decided(client, number, action="accept", **shown | {"figure.overdue": "ba", "figure.received": "1.630"})
    assert answer.status_code == 422
    assert shown_in(client, number, answer.text) == shown | {"figure.overdue": "ba", "figure.received": "1.630"}


def test_an_emptied_figure_is_not_taken_as_looked_at(site):
    client, number = site.client("binh"), mail_of(site, STRANGER)
    answer = decided(client, number, action="accept", **shown_in(client, number) | {"figure.overdue": ""})
    assert answer.status_code == 422
    assert "bị xóa trống" in answer.text
    assert decisions(site, number) == []


def test_a_letter_on_its_way_stops_no_decision(site):
    client, number = site.client("binh"), mail_of(site, STRANGER)
    form = form_of(client, number)
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.log("letter_sent", f"mail:{number}", {})
    assert decided(client, number, form, action="agency", agency="SNV").status_code == 303


@pytest.mark.parametrize(
    ("quicker", "slower"), [("confirm", "turn_down"), ("turn_down", "confirm"), ("confirm", "confirm")]
)
def test_two_leads_on_one_proposal_carry_it_out_once_or_not_at_all(site, quicker, slower):
    number, one, two = waits_for_due(site), site.client("lan"), site.client("mai")
    path = f"/proposal/{number}"
    first = one.post(path, data={"csrf": token_of(one), "action": quicker, "reason": "Theo công văn 5"})
    assert first.status_code == 200
    answer = two.post(path, data={"csrf": token_of(two), "action": slower, "reason": "Chưa đủ căn cứ"})
    assert answer.status_code == 409
    said = text_of(answer.text)
    assert (
        "Lan: đã xác nhận đề nghị" in said
        if quicker == "confirm"
        else "Lan: không đồng ý với đề nghị: “Theo công văn 5”" in said
    )
    assert "Chưa đủ căn cứ" in said
    with site.console.ask() as q:
        taken = [d.what for d in q.decisions(DUE.removeprefix("/").replace("/", ":", 1))]
    assert taken == (["waive"] if quicker == "confirm" else [])


def changing(client, path: str, form=None, **fields):
    return client.post(path, data=(form or fields_of(client, path)) | fields, follow_redirects=False)


def test_two_people_changing_one_due_do_not_overwrite_each_other(site):
    one, two = site.client("lan"), site.client("mai")
    hers, his = fields_of(one, DUE), fields_of(two, DUE)
    given = {"action": "extend", "until": "2017-08-07T10:00", "reason": "Mất điện"}
    assert changing(one, DUE, hers, **given).status_code == 303
    answer = changing(two, DUE, his, action="waive", reason="Không có số liệu", until="2017-08-09T11:30")
    assert answer.status_code == 409
    assert "Lan: Thay đổi báo cáo phải nộp" in text_of(answer.text) or "Lan: gia hạn" in text_of(answer.text)
    for typed in ("Không có số liệu", "2017-08-09T11:30"):
        assert f'value="{typed}"' in answer.text
    with site.console.ask() as q:
        assert q.due("weekly:2017-08-04", "STC").status == "extended"
    assert changing(two, DUE, action="waive", reason="Không có số liệu").status_code == 303


def test_two_people_moving_one_period_do_not_overwrite_each_other(site):
    one, two = site.client("lan"), site.client("mai")
    form = "/periods?year=2017&change=weekly:2017-08-04"
    hers, his = (fields_of(client, form, PERIOD) for client in (one, two))
    assert changing(one, PERIOD, hers, action="move", due_at="2017-08-07T10:00", reason="Mất điện").status_code == 303
    answer = changing(two, PERIOD, his, action="move", due_at="2017-08-08T09:00", reason="Hội nghị")
    assert answer.status_code == 409
    assert "Lan: dời thời hạn" in text_of(answer.text)
    for typed in ("Hội nghị", "2017-08-08T09:00"):
        assert f'value="{typed}"' in answer.text


def test_a_proposal_about_a_due_that_changed_since_is_not_carried_out(site):
    number, lead, clerk = waits_for_due(site), site.client("lan"), site.client("binh")
    path = f"/proposal/{number}"
    assert 'value="confirm"' in lead.get(f"/review/{number}").text
    given = {"action": "extend", "until": "2017-08-07T10:00", "reason": "Mất điện"}
    assert changing(lead, DUE, **given).status_code == 303
    page = site.client("mai").get(f"/review/{number}").text
    assert "Lan: gia hạn (10:00:00 07/8/2017)" in text_of(page)
    assert text_of(page).count("Mất điện") == 1, "one deed is told once, without the log's own words"
    assert "required" not in text_of(page)
    assert "được lập trước những thay đổi này" in text_of(page)
    assert 'value="confirm"' not in page, "what cannot be done is not offered"
    answer = lead.post(path, data={"csrf": token_of(lead), "action": "confirm", "reason": "Đồng ý"})
    assert answer.status_code == 409
    assert ">Đồng ý</span>”" in answer.text, "what was typed is not lost"
    with site.console.ask() as q:
        assert [d.what for d in q.decisions(DUE.removeprefix("/").replace("/", ":", 1))] == ["extend"]
    refused = clerk.post(path, data={"csrf": token_of(clerk), "action": "turn_down", "reason": "Đã gia hạn"})
    assert refused.status_code == 200
    assert proposals(site) == []


def test_a_proposal_about_a_due_whose_period_was_moved_since_is_not_carried_out(site):
    number, lead = waits_for_due(site), site.client("lan")
    form = "/periods?year=2017&change=weekly:2017-08-04"
    moved = {"action": "move", "due_at": "2017-08-07T10:00", "reason": "Mất điện"}
    assert changing(lead, PERIOD, fields_of(lead, form, PERIOD), **moved).status_code == 303
    answer = lead.post(f"/proposal/{number}", data={"csrf": token_of(lead), "action": "confirm", "reason": ""})
    assert answer.status_code == 409


def test_a_proposal_to_skip_a_period_that_was_moved_since_is_not_carried_out_and_the_clock_stops_none(site):
    clerk, lead = site.client("binh"), site.client("lan")
    form = "/periods?year=2017&change=weekly:2017-08-04"
    skip = {"action": "skip", "reason": "Bão"}
    assert changing(clerk, PERIOD, fields_of(clerk, form, PERIOD), **skip).status_code == 303
    number = proposals(site)[0]
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.add_step(Step("weekly", "weekly:2017-08-04", "reminder:D-1 14:00", tx.at))
    confirm = {"csrf": token_of(lead), "action": "confirm", "reason": ""}
    moved = {"action": "move", "due_at": "2017-08-07T10:00", "reason": "Mất điện"}
    assert 'value="confirm"' in lead.get(f"/review/{number}").text, "a reminder changed nothing"
    assert changing(lead, PERIOD, fields_of(lead, form, PERIOD), **moved).status_code == 303
    assert lead.post(f"/proposal/{number}", data=confirm).status_code == 409
    with site.console.ask() as q:
        assert not q.period("weekly:2017-08-04").skipped


def test_a_due_says_which_proposal_about_it_waits_and_the_proposal_what_it_is_about(site):
    number, lead = waits_for_due(site), site.client("lan")
    page = lead.get(DUE).text
    assert f'href="/review/{number}"' in page
    assert "Đang chờ người thứ hai: miễn – Binh" in text_of(page)
    assert "Đang chờ người thứ hai" not in lead.get("/due/weekly:2017-08-04/SYT").text
    said = text_of(lead.get(f"/review/{number}").text)
    assert "miễn – Sở Tài chính" in said
    assert "Kỳ báo cáo Báo cáo tuần về công tác CCHC, kỳ ngày 04/8/2017" in said, "months are named by several types"
    assert "Thời hạn hiện nay 10:00:00 04/8/2017" in said
    assert f'href="{DUE}"' in lead.get(f"/review/{number}").text
    queued = lead.get("/review").text.split(f'href="/review/{number}"')[0].rpartition("<tr>")[2]
    assert "10:00 04/8/2017" in text_of(queued), "a proposal stands in the order of its cutoff"


def test_a_proposal_about_a_period_names_its_type_its_cutoff_and_what_it_would_be(site):
    clerk, lead = site.client("binh"), site.client("lan")
    form = "/periods?year=2017&change=weekly:2017-08-04"
    moved = {"action": "move", "due_at": "2017-08-07T10:00", "reason": "Mất điện"}
    assert changing(clerk, PERIOD, fields_of(clerk, form, PERIOD), **moved).status_code == 303
    (number,) = proposals(site)
    said = text_of(lead.get(f"/review/{number}").text)
    for told in (
        "Kỳ báo cáo Báo cáo tuần về công tác CCHC, kỳ ngày 04/8/2017",
        "Thời hạn hiện nay 10:00:00 04/8/2017",
        "Thời hạn mới 10:00:00 07/8/2017",
    ):
        assert told in said
    assert "Đang chờ người thứ hai: dời thời hạn – Binh" in text_of(lead.get(form).text)


def test_a_second_proposal_about_one_due_is_refused_and_says_so(site):
    first, clerk = waits_for_due(site), site.client("binh")
    given = {"action": "extend", "until": "2017-08-07T10:00", "reason": "Mất điện"}
    answer = changing(clerk, DUE, **given)
    assert answer.status_code == 422
    assert "đang chờ người thứ hai" in text_of(answer.text)
    assert 'value="Mất điện"' in answer.text, "what was typed is not lost"
    assert proposals(site) == [first]


def proposals(site) -> list[int]:
    with site.console.ask() as q:
        return [item.id for item in q.reviews() if item.kind == "proposal"]
