"""The province reorganised, three times, with a roster that remembers: who owes what before and after, whose letters go where, what is summed.

Resolution 422/NQ-UBTVQH14 of 18/8/2017 moved communes to the city of Thái Nguyên; Phổ Yên, a town, became a city on 10/4/2022; since
1/7/2025 there is no district any more and the communes report directly. Addresses are invented.
"""

from __future__ import annotations

import json

from tests.pipeline.test_loop import plain
from tests.pipeline.world import FIGURES, HEADER, World, mail, weekly_docx

MOVED = ("Sơn Cẩm", "Chùa Hang", "Linh Sơn", "Huống Thượng", "Đồng Liên")
FROM = ("HPL", "HDHY", "HDHY", "HDHY", "HPB")
ROSTER_2017 = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,weekly,,,\n"
    + "TPTN,UBND thành phố Thái Nguyên,district,TINH,TINH,tptn@tinh.example,,weekly,,,\n"
    + "HDHY,UBND huyện Đồng Hỷ,district,TINH,TINH,hdhy@tinh.example,,weekly,,,\n"
    + "HPL,UBND huyện Phú Lương,district,TINH,TINH,hpl@tinh.example,,weekly,,,\n"
    + "HPB,UBND huyện Phú Bình,district,TINH,TINH,hpb@tinh.example,,weekly,,,\n"
    + "".join(
        f"XA{n},UBND xã {name},commune,{old},{old},xa{n}@{old.lower()}.example,,,,2017-08-31,\n"
        f"XA{n},UBND xã {name},commune,TPTN,TPTN,xa{n}@tptn.example,,,2017-09-01,,\n"
        for n, (name, old) in enumerate(zip(MOVED, FROM, strict=True))
    )
)


def begin(world: World, roster: str, start: str) -> None:
    world.start, world.roster = start, roster
    (world.folder / "roster.csv").write_text(roster, encoding="utf-8")
    world.write_config()
    world.tick(f"{start} 08:00:00")


def report(office: str, first: str, last: str, received: int = 1625, number: str = "1/BC-UBND") -> dict[str, bytes]:
    figures = (received, *FIGURES[1:])
    day, month, year = (int(n) for n in last.split("/"))
    stated = weekly_docx(office, f"từ ngày {first} đến ngày {last}", figures, number, f"{day} tháng {month} năm {year}")
    return {"Báo cáo tuần.docx": stated}


def totals(world: World, key: str, now: str) -> dict:
    return json.loads(world.cchc("export", key, "--json", now=now).out)["types"][0]["totals"]["received"]


def test_five_communes_moved_to_the_city_in_august_2017_report_to_it_from_then_on(world: World):
    begin(world, ROSTER_2017, "2017-08-21")
    for when, host, window in (
        ("2017-08-31 15:00:00", "hdhy", ("25/8", "31/8/2017")),
        ("2017-09-01 08:00:00", "tptn", ("25/8", "31/8/2017")),
        ("2017-09-01 08:10:00", "hdhy", ("25/8", "31/8/2017")),
    ):
        files = report("UBND XÃ CHÙA HANG", *window)
        world.deliver(mail(f"xa1@{host}.example", f"Báo cáo tuần {when}", files), when)
    world.deliver(
        mail("tptn@tinh.example", files=report("UBND THÀNH PHỐ THÁI NGUYÊN", "25/8", "31/8/2017", 900)),
        "2017-09-01 09:00:00",
    )
    world.poll("2017-09-01 10:01:00")
    now = "2017-09-01 10:02:00"
    assert set(world.classes("weekly:2017-09-01", now)) == {"SNV", "TPTN", "HDHY", "HPL", "HPB"}, (
        "communes owe nothing here"
    )
    before, after = (plain(world.letters(f"xa1@{host}.example")[0]) for host in ("hdhy", "tptn"))
    assert "gửi báo cáo về UBND huyện Đồng Hỷ" in before
    assert "gửi báo cáo về UBND thành phố Thái Nguyên" in after
    assert len(world.letters("xa1@hdhy.example")) == 1, "its old address is nobody's from 1/9 on and is not answered"
    states = {row["subject"]: (row["state"], row["reason"]) for row in world.log(now)}
    assert states["Báo cáo tuần 2017-09-01 08:10:00"] == ("needs_review", "sender_unknown")
    assert totals(world, "weekly:2017-09-01", now) == {
        "value": 900,
        "n": 1,
        "expected": 5,
        "last": None,
        "change": None,
    }


ROSTER_2022 = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,weekly,,,\n"
    + "PY,UBND thị xã Phổ Yên,district,TINH,TINH,txpy@tinh.example[..2022-04-30];tppy@tinh.example[2022-04-10..],,weekly,,2022-04-09,\n"
    + "PY,UBND thành phố Phổ Yên,district,TINH,TINH,txpy@tinh.example[..2022-04-30];tppy@tinh.example,,weekly,2022-04-10,,\n"
)


def test_a_town_become_a_city_in_2022_owes_every_week_under_the_name_it_had_then(world: World):
    begin(world, ROSTER_2022, "2022-04-04")
    town = report("UBND THỊ XÃ PHỔ YÊN", "01/4", "07/4/2022", 100)
    city = report("UBND THÀNH PHỐ PHỔ YÊN", "08/4", "14/4/2022", 120, "2/BC-UBND")
    world.deliver(mail("txpy@tinh.example", "Báo cáo tuần 14", town), "2022-04-08 09:00:00")
    world.poll("2022-04-08 10:01:00")
    world.tick("2022-04-08 10:06:00")
    world.deliver(mail("txpy@tinh.example", "Báo cáo tuần 15", city), "2022-04-15 09:00:00")
    world.poll("2022-04-15 10:01:00")
    now = "2022-04-15 10:02:00"
    for key in ("weekly:2022-04-08", "weekly:2022-04-15"):
        assert world.classes(key, now) == {"SNV": "missing", "PY": "on_time"}
    named = [plain(x).splitlines()[0].strip() for x in world.letters("txpy@tinh.example")]
    assert named == ["Kính gửi: UBND thị xã Phổ Yên", "Kính gửi: UBND thành phố Phổ Yên"]
    assert totals(world, "weekly:2022-04-15", now)["last"] == 100, "the same agency: compared with the week before"
    world.tick("2022-04-21 14:00:00")
    reminded = {to for x in world.sink.received if "Nhắc" in str(x.message["Subject"]) for to in x.recipients}
    assert {"txpy@tinh.example", "tppy@tinh.example"} <= reminded, "both addresses until the end of the month"


ROSTER_2025 = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,weekly,,,\n"
    + "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly,,2025-06-30,XDT;XLT\n"
    + "XDT,UBND xã Đại Từ,commune,HDT,HDT,daitu@tinh.example,,,,2025-06-30,\n"
    + "XDT,UBND xã Đại Từ,commune,TINH,TINH,daitu@tinh.example,,weekly,2025-07-01,,\n"
    + "XLT,UBND xã La Bằng,commune,TINH,TINH,labang@tinh.example,,weekly,2025-07-01,,\n"
)


def test_on_1_7_2025_districts_are_gone_communes_report_directly_and_correct_what_was_the_districts(world: World):
    begin(world, ROSTER_2025, "2025-06-16")
    last_week, first_week = "weekly:2025-06-27", "weekly:2025-07-04"
    old = report("UBND HUYỆN ĐẠI TỪ", "20/6", "26/6/2025", 500)
    world.deliver(mail("hdt@tinh.example", "Báo cáo tuần 26", old), "2025-06-27 09:00:00")
    world.poll("2025-06-27 10:01:00")
    world.tick("2025-06-27 10:06:00")
    corrected = report("UBND HUYỆN ĐẠI TỪ", "20/6", "26/6/2025", 510)
    world.deliver(mail("daitu@tinh.example", "Báo cáo tuần 26 (sửa)", corrected), "2025-07-02 09:00:00")
    for code, name, n in (("daitu", "UBND XÃ ĐẠI TỪ", 40), ("labang", "UBND XÃ LA BẰNG", 60)):
        own = report(name, "27/6", "03/7/2025", n)
        world.deliver(mail(f"{code}@tinh.example", "Báo cáo tuần 27", own), "2025-07-04 09:00:00")
    world.poll("2025-07-04 10:01:00")
    now = "2025-07-04 10:02:00"
    assert world.classes(last_week, now) == {"SNV": "missing", "HDT": "on_time"}
    assert world.classes(first_week, now) == {"SNV": "missing", "XDT": "on_time", "XLT": "on_time"}
    (due,) = [d for d in world.board(last_week, now)["dues"] if d["agency"] == "HDT"]
    assert (due["receipt"], due["revision"]) == ("CCHC-20250627-W-HDT-r1", 2), (
        "the successor corrects; the class stands"
    )
    assert totals(world, last_week, now)["value"] == 510
    assert totals(world, first_week, now) == {"value": 100, "n": 2, "expected": 3, "last": 510, "change": None}
    letter = plain(world.letters("daitu@tinh.example")[0])
    assert "UBND huyện Đại Từ (cơ quan tiền thân của quý cơ quan)" in letter
    world.tick("2025-07-04 10:06:00")
    accused = {to for x in world.sink.received if "Chưa nhận được" in str(x.message["Subject"]) for to in x.recipients}
    assert accused == {"snv@tinh.example"}, "no successor is blamed for its predecessor, nor an agency that is gone"


ENDED = (
    HEADER
    + "SNV,Sở Nội vụ,department,TINH,TINH,snv@tinh.example,SNV,weekly,,,\n"
    + "HDHY,UBND huyện Đồng Hỷ,district,TINH,TINH,hdhy@tinh.example,,weekly,,,\n"
    + "HDT,UBND huyện Đại Từ,district,TINH,TINH,hdt@tinh.example,,weekly,,2017-07-23,HDHY\n"
)
LAST_WEEK = "weekly:2017-07-21"


def test_a_late_report_of_an_agency_that_has_ended_is_in_review_and_a_person_can_attribute_it(world: World):
    begin(world, ENDED, "2017-07-17")
    world.poll("2017-07-21 10:01:00")
    files = report("UBND HUYỆN ĐẠI TỪ", "14/7", "20/7/2017")
    world.deliver(mail("hdt@tinh.example", "Báo cáo tuần 29", files), "2017-07-24 08:00:00")
    world.poll("2017-07-24 08:01:00")
    assert world.classes(LAST_WEEK, "2017-07-24 08:02:00")["HDT"] == "in_review", "never called missing"
    decided = ("decide", "1", "--agency", "HDT", "--accept", "--second", "Trần Thị B", "--reason", "đúng của huyện")
    assert world.cchc(*decided, now="2017-07-24 09:00:00").code == 0
    assert world.classes(LAST_WEEK, "2017-07-24 09:01:00")["HDT"] == "late"


def test_where_its_report_names_nobody_its_former_address_says_whose_it_may_be(world: World):
    begin(world, ENDED, "2017-07-17")
    world.poll("2017-07-21 10:01:00")
    world.deliver(mail("hdt@tinh.example", files=report("", "14/7", "20/7/2017", number="")), "2017-07-24 08:00:00")
    world.poll("2017-07-24 08:01:00")
    assert world.classes(LAST_WEEK, "2017-07-24 08:02:00")["HDT"] == "in_review"
    assert not world.letters("hdt@tinh.example")[1:], "an address that is nobody's now is not answered"


def test_a_report_of_an_agency_without_a_due_in_the_period_is_told_to_the_secretariat(world: World):
    begin(world, ENDED, "2017-07-17")
    new = ENDED + "STP,Sở Tư pháp,department,TINH,TINH,stp@tinh.example,STP,weekly,2017-07-19,,\n"
    (world.folder / "new.csv").write_text(new, encoding="utf-8")
    imported = world.cchc("roster", "import", str(world.folder / "new.csv"), now="2017-07-18 09:00:00")
    assert "cchc due weekly:2017-07-21 STP --reopen" in imported.out
    world.deliver(mail("stp@tinh.example", files=report("SỞ TƯ PHÁP", "14/7", "20/7/2017")), "2017-07-21 09:00:00")
    world.poll("2017-07-21 10:01:00")
    world.tick("2017-07-21 10:06:00")
    digest = plain(world.letters("thuky@tinh.example")[-1])
    assert "chưa có trong danh sách phải nộp kỳ này, chưa tính vào số liệu (01)" in digest
    assert "1. Sở Tư pháp – CCHC-20170721-W-STP-r1." in digest
    assert (
        world.cchc(
            "due", LAST_WEEK, "STP", "--reopen", "--second", "B", "--reason", "mới", now="2017-07-21 11:00:00"
        ).code
        == 0
    )
    assert world.classes(LAST_WEEK, "2017-07-21 11:01:00")["STP"] == "on_time"


def test_an_agency_keeps_its_way_of_reporting_when_its_book_is_judged_after_its_end(world: World):
    shifted = ENDED.replace("successors\n", "successors,window_shift\n").replace(",HDHY\n", ",HDHY,1\n")
    begin(world, shifted, "2017-07-17")
    files = report("UBND HUYỆN ĐẠI TỪ", "08/7", "14/7/2017")  # the week before: shifted by one
    world.deliver(mail("hdt@tinh.example", files=files), "2017-07-21 09:00:00")
    world.poll("2017-07-21 10:01:00")
    assert world.classes(LAST_WEEK, "2017-07-21 10:02:00")["HDT"] == "on_time"
    decided = ("decide", "CCHC-20170721-W-HDT-r1", "--set", "received=1630", "--reason", "theo bản giấy")
    assert world.cchc(*decided, now="2017-07-25 09:00:00").code == 0
    assert world.classes(LAST_WEEK, "2017-07-25 09:01:00")["HDT"] == "on_time"


def test_a_report_under_the_old_name_for_a_week_after_its_end_corrects_nothing_by_itself(world: World):
    begin(world, ENDED, "2017-07-17")
    world.deliver(
        mail("hdt@tinh.example", files=report("UBND HUYỆN ĐẠI TỪ", "14/7", "20/7/2017")), "2017-07-21 09:00:00"
    )
    world.poll("2017-07-21 10:01:00")
    later = report("UBND HUYỆN ĐẠI TỪ", "21/7", "27/7/2017", 5)
    world.deliver(mail("hdhy@tinh.example", files=later), "2017-07-27 09:00:00")
    assert world.poll("2017-07-27 09:01:00")["needs_review"] == 1
    assert totals(world, LAST_WEEK, "2017-07-27 09:02:00")["value"] == 1625
    told = plain(world.letters("hdhy@tinh.example")[-1])
    assert "nằm sau kỳ báo cáo cuối cùng của cơ quan ghi trong báo cáo" in told


ROSTER_MERGED = (
    HEADER
    + "STC,Sở Tài chính,department,TINH,TINH,stc@tinh.example,STC,weekly,,,\n"
    + "SKH,Sở Kế hoạch và Đầu tư,department,TINH,TINH,skhdt@tinh.example,,weekly,,2017-07-26,STC\n"
)


def test_what_a_person_says_of_a_report_of_an_agency_that_has_ended_is_told_to_the_one_after_it(world: World):
    begin(world, ROSTER_MERGED, "2017-07-17")
    files = report("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", "14/7", "20/7/2017", 100)
    world.deliver(mail("skhdt@tinh.example", "Báo cáo tuần", files), "2017-07-27 09:00:00")
    world.cchc("poll", "--json", now="2017-07-27 09:01:00")
    before = len(world.letters())
    args = ("decide", "1", "--agency", "SKH", "--second", "An", "--reason", "đúng là của Sở KHĐT")
    assert world.cchc(*args, now="2017-07-27 09:30:00").code == 0
    (letter,) = world.letters()[before:]
    assert letter["To"] == "stc@tinh.example", "its own address is nobody's any more"
    told = plain(letter)
    assert told.startswith("Kính gửi: Sở Tài chính")
    assert "của Sở Kế hoạch và Đầu tư (cơ quan tiền thân của quý cơ quan)" in told
    assert "NỘP CHẬM" in told
    waived = ("due", "weekly:2017-07-21", "SKH", "--waive", "--second", "An", "--reason", "sáp nhập")
    assert world.cchc(*waived, now="2017-07-27 10:00:00").code == 0
    corrected = world.letters()[-1]
    assert corrected["To"] == "stc@tinh.example"
    assert plain(corrected).startswith("Kính gửi: Sở Tài chính"), "who was told is who is corrected"
    assert "của Sở Kế hoạch và Đầu tư (cơ quan tiền thân của quý cơ quan)" in plain(corrected)
