"""Results beside punctuality on the console: this period, since 1 January, before; each down to its receipts; difficulties told."""

from __future__ import annotations

import re

import pytest

from tests.web.test_board import text_of

KEY = "weekly:2017-07-28"


def test_each_result_stands_now_since_january_and_before_with_its_goal(site):
    client = site.client("kiem")
    assert f'href="/results/{KEY}"' in client.get(f"/period/{KEY}").text
    said = text_of(client.get(f"/results/{KEY}").text)
    found = re.search(r"đúng hạn / đã giải quyết (.*?) Văn bản đi", said)
    assert found, said
    sums = re.findall(r"([\d,]+%) ([\d.]+/[\d.]+)", found[1])
    assert sums == [("98,8%", "1.595/1.615"), ("98,8%", "4.785/4.845"), ("98,8%", "3.190/3.230")]
    assert re.findall(r"(\d/\d) báo cáo", found[1]) == ["1/4", "3/8", "2/4"]
    assert "≥ 80%" in said


def test_behind_a_result_stand_the_agencies_their_receipts_and_every_period(site):
    client = site.client("kiem")
    page = client.get(f"/results/{KEY}/resolved_on_time").text
    said = text_of(page)
    assert "Sở Tài chính 1.595 1.615" in said
    assert "chưa có báo cáo đạt yêu cầu" in said
    assert "CCHC-20170728-W-STC-r1" in said
    place = re.search(r'href="(/mail/\d+/part/\d+)#f-on_time"', page)
    assert place
    assert 'id="f-on_time"' in client.get(place[1]).text
    assert re.findall(r'href="/results/(weekly:[\d-]+)/resolved_on_time"', page) == [KEY, "weekly:2017-07-21"]
    earlier = text_of(client.get("/results/weekly:2017-07-21/resolved_on_time").text)
    assert "Toàn tỉnh" in earlier
    assert "2/4 báo cáo" in earlier


def test_what_agencies_tell_of_difficulties_stands_on_one_page_beside_its_receipt(
    site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        "intake.difficulties.told_in", lambda report: f"Khó khăn của {report['number']}: <b>đường truyền</b>"
    )
    page = site.client("kiem").get("/results/weekly:2017-07-21").text
    said = text_of(page)
    assert "Khó khăn, vướng mắc, kiến nghị (2)" in said
    assert "Sở Tài chính CCHC-20170721-W-STC-r1 Khó khăn của" in said
    assert "&lt;b&gt;đường truyền" in page


def test_where_no_result_is_made_there_is_no_page(site):
    client = site.client("kiem")
    for address in ("/results/weekly:2017-07-22", f"/results/{KEY}/nothing", "/results/x"):
        assert client.get(address).status_code == 404, address
    assert site.client("van").get(f"/results/{KEY}").status_code == 403
