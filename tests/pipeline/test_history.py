"""Reports held against the agency's own history: asked about, explained once, remembered."""

from __future__ import annotations

from datetime import date, timedelta
from email.message import EmailMessage

from tests.pipeline.test_loop import answer, plain
from tests.pipeline.world import World, mail, weekly_docx

FIRST = date(2017, 7, 21)


def week(n: int) -> date:
    return FIRST + timedelta(weeks=n)


def send(world: World, n: int, figures: tuple[object, ...], basis: str = "") -> EmailMessage:
    """The report of the n-th week, half an hour before its cutoff; the letter that answers it. ``basis``: told above the figures."""
    day = week(n)
    window = f"từ ngày {day - timedelta(7):%-d/%-m} đến ngày {day - timedelta(1):%-d/%-m/%Y}"
    report = weekly_docx(window=f"{window}){basis}", figures=figures, number=f"{n + 1}/BC-STC")
    world.deliver(mail(subject=f"Báo cáo tuần {n}", files={"bc tuần.docx": report}), f"{day} 09:30:00")
    world.poll(f"{day} 09:31:00")
    return world.letters("stc@tinh.example")[-1]


def figures(n: int, scale: int = 1) -> tuple[object, ...]:
    """A steady week: received, resolved, on time, overdue, returned."""
    received = (1600 + n * 7) * scale
    return received, received - 10, received - 30, 20, 10


def found(world: World, n: int) -> dict[str, dict]:
    now = f"{week(n)} 09:35:00"
    receipt = f"CCHC-{week(n):%Y%m%d}-W-STC-r1"
    (report,) = world.cchc("show", receipt, "--json", now=now).json["reports"]
    return {f["code"]: f for f in report["findings"]}


def test_ten_times_more_than_ever_is_asked_about_and_its_explanation_is_remembered(world: World):
    for n in range(8):
        send(world, n, figures(n))
    letter = send(world, 8, figures(8, scale=10))
    asked = found(world, 8)["P01"]
    assert (asked["severity"], asked["figures"]) == ("ask", ["received", "resolved", "on_time"])
    assert "16.560" in asked["message"]
    assert "[P01]" in plain(letter)
    assert "Đúng hạn; đề nghị kiểm tra lại" in str(letter["Subject"])
    row = world.log(f"{week(8)} 09:35:00")[0]
    assert row["submissions"][0]["outcome"] == "accepted"
    world.deliver(answer(letter, "P01: đợt cấp đổi giấy phép tập trung"), f"{week(8)} 09:40:00")
    world.poll(f"{week(8)} 09:41:00")
    letter = send(world, 9, figures(9, scale=10))
    again = found(world, 9)
    assert again["P01"]["severity"] == "info"
    assert "đợt cấp đổi giấy phép tập trung" in again["P01"]["message"]
    assert "[P01]" not in plain(letter)
    assert "không phải làm gì thêm" in plain(letter)
    told = len(world.letters("stc@tinh.example"))
    args = ("decide", f"CCHC-{week(9):%Y%m%d}-W-STC-r1", "--revoke", "P01", "--reason", "số liệu nhầm đơn vị tính")
    assert world.cchc(*args, now=f"{week(9)} 09:50:00").code == 0
    assert len(world.letters("stc@tinh.example")) == told + 1, "the report explained is told of anew, once"
    send(world, 10, figures(10, scale=10))
    assert found(world, 10)["P01"]["severity"] == "ask"  # taken back by a person: asked again
    letter = send(world, 11, (200, 190, 170, 20, 10))
    assert found(world, 11)["P01"]["severity"] == "ask"  # the other way: asked again
    assert world.cchc("verify", "--json", now=f"{week(11)} 09:40:00").json["ok"]


def test_an_explanation_does_not_stand_for_what_goes_much_further(world: World):
    send(world, 0, figures(0))
    letter = send(world, 1, figures(1, scale=10))
    world.deliver(answer(letter, "P02: đợt cấp đổi giấy phép tập trung"), f"{week(1)} 09:40:00")
    world.poll(f"{week(1)} 09:41:00")
    assert "[P02]" in plain(send(world, 2, figures(2, scale=1000)))
    assert found(world, 2)["P02"]["severity"] == "ask"


def test_the_same_as_last_time_is_asked_again_each_time(world: World):
    """ "The two weeks are the same, we checked" says nothing of the third."""
    send(world, 0, figures(0))
    letter = send(world, 1, figures(0))
    world.deliver(answer(letter, "P03: đã kiểm tra, số liệu hai kỳ như nhau"), f"{week(1)} 09:40:00")
    world.poll(f"{week(1)} 09:41:00")
    send(world, 2, figures(0))
    assert found(world, 2)["P03"]["severity"] == "ask"


def test_five_times_less_than_last_time_and_the_same_as_last_time(world: World):
    send(world, 0, figures(0))
    assert "P03" in plain(send(world, 1, figures(0)))
    assert set(found(world, 1)) & {"P01", "P02", "P03", "P04"} == {"P03"}
    send(world, 2, (160, 150, 130, 20, 10))
    assert found(world, 2)["P02"]["figures"] == ["received", "resolved", "on_time"]


def test_a_cumulative_figure_that_goes_down_is_asked_about(world: World):
    since = "\nLũy kế từ đầu năm đến nay:"
    send(world, 0, (3400, 3350, 3300, 50, 20), since)
    letter = plain(send(world, 1, (3450, 3390, 3290, 100, 21), since))
    assert found(world, 1)["P04"]["figures"] == ["on_time"]
    assert '"Hồ sơ trả đúng hạn": lũy kế 3.290, kỳ trước 3.300' in letter


def test_a_persons_figure_is_the_history_not_the_readers(world: World):
    send(world, 0, figures(0, scale=10))
    for key, value in zip(("received", "resolved", "on_time"), figures(0)[:3], strict=True):
        done = world.cchc(
            "decide",
            "CCHC-20170721-W-STC-r1",
            "--set",
            f"{key}={value}",
            "--reason",
            "gõ thừa số 0",
            now=f"{week(0)} 09:50:00",
        )
        assert done.code == 0, done.out
    send(world, 1, figures(1))
    assert "P02" not in found(world, 1)
