"""The pages in a real browser: both colour schemes, no script from elsewhere, keyboard, print, and without JavaScript at all."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from intake.web.server import Running
from tests.pipeline.world import World
from tests.servers.smtp_sink import free_port
from tests.web.conftest import PASSWORD, Site, serious
from tests.web.test_mail import mail_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
STRANGER = "la@khac.example"
TASKS = """
[[report]]
type = "tasks"
every = "month"
form = "tasks"
due = "last FRI 10:00"
"""


@pytest.fixture(scope="module")
def shared_world(shared_world: World) -> World:
    """The province, asking for progress on its tasks as well."""
    shared_world.more = TASKS
    shared_world.write_config()
    return shared_world


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """One console for the file."""
    return shared_site


@pytest.fixture(scope="module")
def url(site: Site) -> Iterator[str]:
    """The console, really listening."""
    port = free_port()
    running = Running(site.console, "127.0.0.1", port)
    running.start()
    yield f"http://127.0.0.1:{port}"
    running.stop()


@dataclass
class Watched:
    """A page and everything it complained about."""

    page: Page
    said: list[str] = field(default_factory=list)

    def clean(self) -> None:
        assert self.said == []


def watched(context: BrowserContext) -> Watched:
    context.add_init_script(WATCH)
    found = Watched(context.new_page())
    page = found.page
    page.on(
        "console",
        lambda m: found.said.append(f"{page.url} {m.type}: {m.text}") if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: found.said.append(f"{page.url} {error}"))
    page.on("dialog", lambda dialog: (found.said.append(f"{page.url} dialog"), dialog.dismiss()))
    return found


def signed_in(browser: Browser, url: str, name: str, **options) -> Watched:
    options = {"viewport": {"width": 1440, "height": 900}} | options
    found = watched(browser.new_context(**options))
    found.page.goto(f"{url}/login")
    found.page.fill("#name", name)
    found.page.fill("#password", PASSWORD)
    found.page.press("#password", "Enter")
    expect(found.page.locator(".who")).to_be_visible()
    return found


def addresses(site: Site) -> list[str]:
    """Every page there is."""
    nasty, stranger = mail_of(site, "syt@tinh.example"), mail_of(site, STRANGER)
    with site.console.ask() as q:
        letter = q.letters()[0].id
        review = q.reviews(open_only=False)[0].id
    return [
        "/board/weekly:2017-07-21", "/board/weekly:2017-07-28?view=heat", "/board/weekly:2017-07-21?as_of=2017-07-21T10:00", "/board/weekly:2017-07-28?view=notes",
        "/agency/STC", f"/mail/{nasty}", f"/mail/{nasty}/part/1", f"/letter/{letter}", "/review", f"/review/{review}",
        f"/decide/{stranger}", "/periods?year=2017", "/period/weekly:2017-07-21", "/period/weekly:2017-07-21/figure/received",
        "/due/weekly:2017-07-21/STC", "/log", "/log?text=script", "/proof", "/proof?paste=1+0123456789abcdef", "/proof/access", f"/erase?id={nasty}",
        "/operation", "/account", "/roster", "/roster/import", "/tasks/tasks:2017-07", "/periods?year=2017&change=weekly:2017-08-11", "/results/weekly:2017-07-28", "/results/weekly:2017-07-28/resolved_on_time",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_clean_and_open_to_everybody(browser, url, site, axe, scheme):
    found = signed_in(browser, url, "lan", color_scheme=scheme)
    wrong = []
    for address in addresses(site):
        answer = found.page.goto(url + address)
        assert answer is not None
        assert answer.status == 200, address
        wrong += [f"{address}: {one}" for one in serious(found.page, axe)]
        assert found.page.locator("h1").count() == 1, address
        assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{address} is too wide"
        )
    assert wrong == []
    found.clean()
    found.page.context.close()


def test_the_form_to_sign_in_is_open_to_everybody(browser, url, axe):
    for scheme in ("light", "dark"):
        found = watched(browser.new_context(color_scheme=scheme))
        found.page.goto(f"{url}/login")
        assert serious(found.page, axe) == []
        found.clean()
        found.page.context.close()


def test_without_javascript_everything_but_the_refresh_works(browser, url, site):
    found = signed_in(browser, url, "binh", java_script_enabled=False)
    page = found.page
    page.goto(f"{url}/board/weekly:2017-07-21")
    page.select_option("select[name=due_class]", "late")
    page.click(".filters button")
    expect(page.locator("table.board tbody tr")).to_have_count(1)
    page.click("table.board td.moment a")
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
    page.click("a:has-text('Số liệu cạnh bản gốc')")
    page.click("tr#row-received a.place")
    assert page.url.endswith("#f-received")
    expect(page.locator("#f-received")).to_be_in_viewport()
    page.click("nav.main a:has-text('Tra cứu')")
    page.fill("input[name=text]", "tai chinh")
    page.click(".search button")
    assert "text=tai+chinh" in page.url
    page.goto(f"{url}/decide/{mail_of(site, 'tin@khac.example')}")
    page.click("button[value='not-a-report']")
    expect(page.locator("p.note[role=status]")).to_contain_text("không phải báo cáo")
    page.click(".who button")
    assert page.url.endswith("/login")
    found.clean()
    page.context.close()


def test_without_javascript_the_log_is_proved_taken_away_and_erased_from(browser, url, site):
    found = signed_in(browser, url, "binh", java_script_enabled=False)
    page = found.page
    page.goto(f"{url}/board/weekly:2017-07-28?view=notes")
    page.click("details.earlier summary")
    page.fill("input[name=received_by]", "2017-07-28T08:00:00")
    page.click("details.earlier button")
    expect(page.locator("main .note").first).to_contain_text("08:00:00 28/7/2017")
    page.click("nav.main a:has-text('Đối chứng')")
    page.fill("textarea", "1 " + "0" * 64)
    page.click("#receipt button")
    expect(page.locator("#receipt [role=status]")).to_contain_text("Không khớp")
    page.click("#check button")
    expect(page.locator("#check h2")).to_be_visible()
    with page.expect_download() as bundle:
        page.click("form[action='/proof/bundle.zip'] button")
    assert zipfile.is_zipfile(bundle.value.path())
    page.click("a:has-text('Ai đã xem gì')")
    expect(page.locator("tbody tr").first).to_contain_text("hồ sơ đối chứng")
    page.goto(f"{url}/erase")
    page.fill("input[name=id]", str(mail_of(site, "syt@tinh.example")))
    page.click(".filters button")
    page.fill("input[name=reason]", "Công văn 15")
    page.click("button.danger")
    expect(page.locator("p.note[role=status]")).to_contain_text("cần người thứ hai")
    page.click("tr:has-text('xóa nội dung') a.button")
    expect(page.locator("main")).to_contain_text("Cần một lãnh đạo phụ trách khác")
    page.fill("input[name=reason]", "Chưa đủ căn cứ")
    page.click("button[value=turn_down]")
    expect(page.locator("p.note[role=status]")).to_contain_text("Đã xử lý đề nghị")
    found.clean()
    page.context.close()


def test_a_figure_leads_to_its_place_and_the_place_back(browser, url, site):
    found = signed_in(browser, url, "kiem")
    page = found.page
    page.goto(f"{url}/mail/{mail_of(site, 'stc@tinh.example')}/part/1")
    page.click("tr#row-overdue a.place")
    place = page.locator("#f-overdue")
    expect(place).to_be_in_viewport()
    assert place.evaluate("e => e.matches(':target') && getComputedStyle(e).outlineStyle") == "solid"
    place.locator("a").click()
    assert page.locator("#row-overdue").evaluate("e => e.matches(':target')")
    found.clean()
    page.context.close()


def test_the_board_refreshes_itself_under_the_hands_of_whoever_reads_it(browser, url, site):
    found = signed_in(browser, url, "kiem", viewport={"width": 700, "height": 500})
    page = found.page
    page.clock.install()
    page.goto(f"{url}/board/weekly:2017-07-28")
    page.click("details.earlier summary")
    page.fill("input[name=as_of]", "2017-07-28T10:00:00")
    page.locator("table.board tbody a").nth(5).focus()
    page.locator(".wide").evaluate("e => { e.scrollLeft = 60; window.scrollTo(0, 400); }")
    kept = """() => [document.activeElement.outerHTML, document.querySelector(".wide").scrollLeft, scrollY,
        document.querySelector(".earlier").open, document.querySelector("[name=as_of]").value]"""
    before, stamp, said = page.evaluate(kept), page.locator(".stamp").inner_text(), page.locator("#live [role=status]")
    assert before[1:3] == [60, 400]
    assert said.inner_text().startswith("Đã nhận báo cáo của 1/4")
    with site.desk.write(site.desk.clock.now()) as tx:
        tx.log("note", "ledger", {})
    with page.expect_response(lambda answer: "/board/" in answer.url) as asked:
        page.clock.fast_forward(21_000)
    assert asked.value.request.headers["hx-polling"] == "1"
    expect(page.locator(".stamp")).not_to_have_text(stamp)
    assert page.evaluate(kept) == before
    found.clean()
    page.route("**/board/**", lambda route: route.fulfill(status=502))
    page.clock.fast_forward(21_000)
    expect(page.locator(".lost")).to_contain_text("Chưa liên lạc được với máy chủ")
    page.unroute("**/board/**")
    page.clock.fast_forward(21_000)
    expect(page.locator(".lost")).to_be_hidden()
    page.context.clear_cookies()
    page.clock.fast_forward(21_000)
    expect(page.locator("#password")).to_be_visible()
    page.context.close()


def test_the_keyboard_alone_reaches_what_matters(browser, url):
    found = signed_in(browser, url, "kiem")
    page = found.page
    page.goto(f"{url}/board/weekly:2017-07-21")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.context.close()


def test_two_windows_on_one_item_do_not_overwrite_each_other(browser, url, site):
    one, two = signed_in(browser, url, "binh"), signed_in(browser, url, "lan")
    address = f"{url}/decide/{mail_of(site, STRANGER)}"
    one.page.goto(address)
    two.page.goto(address)
    one.page.click("button[value=agency]")
    expect(one.page.locator("p.note[role=status]")).to_contain_text("Đã chọn cơ quan")
    answer = two.page.expect_navigation
    with answer() as gone:
        two.page.click("button[value='not-a-report']")
    assert gone.value.status == 409
    expect(two.page.locator("main")).to_contain_text("Binh")
    one.clean()
    one.page.context.close()
    two.page.context.close()


def test_paper_shows_the_table_and_not_the_controls(browser, url):
    found = signed_in(browser, url, "kiem")
    page = found.page
    page.goto(f"{url}/board/weekly:2017-07-21")
    page.emulate_media(media="print")
    for gone in ("nav.main", ".filters", ".who"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator("table.board")).to_be_visible()
    expect(page.locator(".printed")).to_be_visible()
    page.context.close()


# elements that make the page itself wider than the window
WIDER = """() => document.documentElement.scrollWidth <= window.innerWidth + 1 ? [] :
    [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > window.innerWidth + 1 && !e.closest(".wide"))
    .slice(0, 8).map(e => `${e.tagName}.${e.className.baseVal ?? e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""


def test_a_narrow_screen_needs_no_scrolling_sideways(browser, url, site):
    found = signed_in(browser, url, "kiem", viewport={"width": 390, "height": 800})
    for address in addresses(site):
        if "/decide" in address:
            continue
        found.page.goto(url + address)
        assert found.page.evaluate(WIDER) == [], address
        assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), address
    found.page.context.close()
