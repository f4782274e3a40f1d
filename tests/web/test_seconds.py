"""A decision takes a person under 15 seconds in the common cases, with the mouse and with the keyboard alone (issue 6).

Clicks and keystrokes are counted, not timed: see ``tests.web.person``. ``python -m pytest -s`` on this file prints the table.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from intake.config import load
from intake.decisions import AGAIN
from intake.web.access import hashed
from intake.web.server import Running, console_of
from intake.wiring import MovableClock, open_desk, open_reader_ledger
from storage.records import ReviewItem
from tests.parsers.scan_builders import Wear, rendered, report_pdf, scan_pdf, truth, worn
from tests.pipeline.world import World, at, weekly_docx
from tests.servers.smtp_sink import free_port
from tests.web.conftest import PASSWORD, Site, mail, serious
from tests.web.person import Person
from tests.web.test_browser import signed_in
from tests.web.test_mail import mail_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MOST = 15.0  # seconds
PATIENCE = 60_000.0  # milliseconds a busy machine may take
SEED = 41
HERE = "[document.activeElement.id, document.activeElement.closest('.flagged') !== null]"
TODAY = "28 tháng 7 năm 2017"


def smudged_scan() -> bytes:
    """A weekly report on paper with a thumb over one figure."""
    page = worn(rendered(report_pdf(SEED, agency="SỞ NỘI VỤ"), 200), Wear(200, 0.5, 4, 0.4))
    thumb = np.s_[718:752, 430:600]
    page[thumb] = cv2.GaussianBlur(page[thumb], (0, 0), 4.0)
    return scan_pdf([page])


@pytest.fixture(scope="module")
def full(shared_world: World) -> World:
    """A province in which one of each waits: a scan, strangers, a window that runs backwards."""
    back = weekly_docx("SỞ Y TẾ", number="12/BC-SYT", window="từ ngày 27/7 đến ngày 1/7/2017", day=TODAY)
    week = {"window": "từ ngày 21/7 đến ngày 27/7/2017", "day": TODAY}
    strange = weekly_docx("UBND HUYỆN ĐẠI TỪ", number="13/BC-UBND", **week)
    shared_world.deliver(mail("syt@tinh.example", "Báo cáo tuần", ("bc.docx", back)), "2017-07-28 09:00:00")
    shared_world.deliver(mail("lb@khac.example", "Báo cáo tuần", ("bc.docx", strange)), "2017-07-28 09:05:00")
    shared_world.deliver(mail("snv@tinh.example", "BC tuần", ("BC tuan.pdf", smudged_scan())), "2017-07-21 09:40:00")
    shared_world.poll("2017-07-28 11:00:00")
    return shared_world


@pytest.fixture(params=["keyboard", "mouse"])
def queue(request: pytest.FixtureRequest, full: World, tmp_path: Path) -> Iterator[tuple[Site, str, bool]]:
    """A console on it for one who uses the keyboard alone, and for one who points; with a mail our reader failed on."""
    shutil.copytree(full.folder, tmp_path / "province")
    world = World(tmp_path / "province", full.sink)
    settings, clock = load(world.folder / "config.toml", {}), MovableClock(at("2017-07-28 12:00:00"))
    with open_desk(settings, clock.clock(), lock=False) as desk, open_reader_ledger(settings) as reader:
        site = Site(world, console_of(desk, reader, lambda _mail: None), desk, clock)
        _more(site)
        running = Running(site.console, "127.0.0.1", port := free_port())
        running.start()
        yield site, f"http://127.0.0.1:{port}", request.param == "keyboard"
        running.stop()


def _more(site: Site) -> None:
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.add_account("lan", "Lan", "lead", hashed(PASSWORD))
        for sender, kind, reason in (
            ("tin@khac.example", "mail", "link_only"),
            ("hdt@tinh.example", "set_aside", "reader_crashed"),
        ):
            number = mail_of(site, sender)
            state = "set_aside" if kind == "set_aside" else "needs_review"
            tx.move_mail(number, state, expect=AGAIN, why=reason)
            tx.open_review(ReviewItem(kind, reason, mail_id=number))


# case → the sender of its mail, and what a person does: with the mouse, with the keyboard, where the page stands open
def confirm_a_scan(someone: Person, *, keys: bool) -> None:
    someone.thinks(3)  # what waits, the doubtful figure, its picture
    if keys:
        someone.presses("Tab")
        while (here := someone.page.evaluate(HERE))[0] != "i-overdue":
            assert here[1], "the doubtful figures stand first"
            someone.presses("Tab")
    else:
        someone.clicks_on("#i-overdue")
    someone.types(str(truth(SEED)["overdue"]))
    someone.thinks()
    someone.presses("Enter") if keys else someone.clicks_on("button[value=accept]")


def attribute(someone: Person, *, keys: bool) -> None:
    someone.thinks(3)  # the address, the letterhead, the agency in the list
    if keys:
        someone.presses("Tab", "Tab", "Tab", "Space", "Enter")
    else:
        someone.clicks_on("input[name=remember]")
        someone.clicks_on("button[value=agency]")


def choose_the_period(someone: Person, *, keys: bool) -> None:
    someone.thinks(4)  # the window as written, the periods to choose from
    if keys:
        someone.presses("ArrowDown", "ArrowUp", "Tab", "Enter")
    else:
        someone.chooses("select[name=period]", "weekly:2017-07-28")
        someone.clicks_on("button[value=period]")


def ask_the_sender(someone: Person, *, keys: bool) -> None:
    someone.thinks(3)
    someone.presses("Tab", "Tab", "Enter") if keys else someone.clicks_on("button[value=ask]")


def not_a_report(someone: Person, *, keys: bool) -> None:
    someone.thinks(2)
    someone.presses("Tab", "Enter") if keys else someone.clicks_on("button[value='not-a-report']")


def read_again(someone: Person, *, keys: bool) -> None:
    someone.thinks(2)
    someone.presses("Tab", "Enter") if keys else someone.clicks_on("button[value=retry]")


CASES = {
    "confirm a scan's doubtful figure": ("snv@tinh.example", confirm_a_scan, "Đã ghi nhận"),
    "attribute and remember the address": ("la@khac.example", attribute, "Đã chọn cơ quan"),
    "choose the period": ("syt@tinh.example", choose_the_period, "Đã chọn kỳ"),
    "ask the sender": ("lb@khac.example", ask_the_sender, "Đã soạn thư hỏi"),
    "not a report": ("tin@khac.example", not_a_report, "không phải báo cáo"),
    "retry": ("hdt@tinh.example", read_again, "đang được đọc lại"),
}


def item_of(site: Site, sender: str) -> int:
    with site.console.ask() as q:
        return next(i.id for i in q.reviews() if i.mail_id and (m := q.mail(i.mail_id)) and m.from_address == sender)


def page_of(someone: Person, url: str, number: int) -> None:
    someone.page.goto(f"{url}/review")
    someone.clicks_on(f"a.button[href='/review/{number}']")
    someone.page.wait_for_url(f"{url}/review/{number}", timeout=PATIENCE)  # a key pressed too early goes to the list,
    expect(someone.page.locator("[autofocus]").first).to_be_focused(timeout=PATIENCE)  # or to the head of the page


def test_the_common_decisions_take_under_fifteen_seconds(browser, queue):
    site, address, keys = queue
    found = signed_in(browser, address, "lan")
    table = {}
    for case, (sender, does, said) in CASES.items():
        someone = Person(found.page)
        page_of(someone, address, item_of(site, sender))
        does(someone, keys=keys)
        expect(found.page.locator("p.note[role=status]")).to_contain_text(said, timeout=PATIENCE)
        table[case] = someone
    print("\n" + "\n".join(f"{case}: {someone}" for case, someone in table.items()))
    assert {case: str(someone) for case, someone in table.items() if someone.seconds > MOST} == {}
    found.clean()
    found.page.context.close()


@pytest.mark.parametrize("queue", ["keyboard"], indirect=True)
def test_a_key_held_too_long_decides_nothing_on_the_next_item(browser, queue):
    site, address, _ = queue
    found = signed_in(browser, address, "lan")
    for sender in ("snv@tinh.example", "la@khac.example", "syt@tinh.example", "hdt@tinh.example"):
        found.page.goto(f"{address}/review/{item_of(site, sender)}")
        for _ in range(3):
            found.page.keyboard.press("Enter")
        assert "/review/" in found.page.url, sender
    with site.console.ask() as q:
        assert {item.detail.get("by") for item in q.reviews()} == {None}
    found.page.context.close()


@pytest.mark.parametrize("queue", ["keyboard"], indirect=True)
def test_a_scan_beside_its_figures_is_open_to_everybody(browser, queue, axe):
    site, address, _ = queue
    found = signed_in(browser, address, "lan")
    number = mail_of(site, "snv@tinh.example")
    found.page.goto(f"{address}/mail/{number}")
    beside = found.page.locator("a.button[href*='/part/']").first.get_attribute("href")
    pages = [f"/review/{item_of(site, 'snv@tinh.example')}", beside, f"{beside}/figure/received"]
    for scheme in ("light", "dark"):
        found.page.emulate_media(color_scheme=scheme)
        for page in pages:
            found.page.goto(f"{address}{page}", timeout=PATIENCE)
            assert serious(found.page, axe) == [], (scheme, page)
    found.clean()
    found.page.context.close()
