"""Pictures of every page of the console, from a console already running: python -m tests.web.screens URL NAME PASSWORD [FOLDER] [PAGE…].

Used on the demo (``cchc demo --serve``), so that the guides show what a newcomer sees. Each page in light and dark, wide; some
once more on a narrow screen and as printed. The pictures are looked at before they are committed; few colours keep them small.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

WIDE: ViewportSize = {"width": 1440, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = {  # an address, or "address>selector>selector": the first link there, and so on
    "board": "/boards?type=weekly",
    "notes": "/boards?type=weekly&view=notes",
    "heat": "/boards?type=weekly&view=heat",
    "agency": "/boards?type=weekly>table.board tbody th a",
    "mail": "/log?state=recorded>table tbody th a",
    "figures": "/mail/1>a[href*='/part/']:not([download])",
    "queue": "/review",
    "decide": "/review>table.queue a.button",
    "scan": "/review>table.queue tr:has-text('bản quét') a.button",
    "framed": "/review>table.queue tr:has-text('bản quét') a.button>a[href^='/mail/']:not([href*='/part/'])>a[href*='/part/']:not([download])>a[href*='/figure/']",
    "tasks": "/boards?type=tasks>.views a[href^='/tasks/']",
    "periods": "/periods",
    "consolidated": "/periods>a[href^='/period/weekly']",
    "results": "/boards?type=weekly>.views a[href^='/results/']",
    "result": "/boards?type=weekly>.views a[href^='/results/']>table.results tr:nth-child(2) th a",
    "behind": "/periods>a[href^='/period/weekly']>a[href*='/figure/']",
    "due": "/boards?type=weekly>table.board tbody th a>a[href^='/due/']",
    "letter": "/log?state=recorded>table tbody th a>a[href^='/letter/']",
    "roster": "/roster",
    "import": "/roster/import",
    "log": "/log",
    "proof": "/proof",
    "accesses": "/proof/access",
    "erase": "/erase?id=1",
    "operation": "/operation",
    "account": "/account",
}


NARROW = ("board", "mail", "decide", "queue", "proof", "results", "tasks")
PRINTED = ("board", "mail", "consolidated", "proof", "results")
COLOURS = 128
PATIENCE = 120_000.0  # milliseconds
ALL_PICTURES = """async () => { for (const one of document.querySelectorAll("img[loading]")) one.loading = "eager";
    await Promise.all([...document.images].map(one => one.decode().catch(() => null))); }"""
HIGHEST = 1020  # pixels; what is longer goes on in the same way


def main(url: str, name: str, password: str, folder: str = "docs/screens", *only: str) -> int:
    """Sign in once for each scheme, walk through the pages."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for scheme in ("light", "dark"):
            page = _signed_in(browser, url, name, password, scheme, Path(folder) if not only else None)
            page.goto(f"{url}/operation")  # has the reader of files asked how it stands, before its picture is taken
            for title, address in PAGES.items():
                if not only or title in only:
                    _picture(page, url + _found(page, url, address), Path(folder) / f"{title}-{scheme}.png")
            page.context.close()
        phone = _signed_in(browser, url, name, password, "light", None, {"width": 390, "height": 844})
        for title in [one for one in NARROW if not only or one in only]:
            _picture(phone, url + _found(phone, url, PAGES[title]), Path(folder) / f"{title}-narrow.png")
        paper = _signed_in(browser, url, name, password, "light", None, {"width": 1123, "height": 794})  # A4, lying
        for title in [one for one in PRINTED if not only or one in only]:
            address = url + _found(paper, url, PAGES[title])
            paper.emulate_media(media="print")
            _picture(paper, address, Path(folder) / f"{title}-print.png")
            paper.emulate_media(media="screen")
        browser.close()
    return 0


def _signed_in(
    browser: Browser,
    url: str,
    name: str,
    password: str,
    scheme: str,
    folder: Path | None,
    size: ViewportSize = WIDE,
) -> Page:
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/login")
    if folder:
        _picture(page, f"{url}/login", folder / f"login-{scheme}.png")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click(".login button")
    page.locator(".who").wait_for()
    return page


def _found(page: Page, url: str, address: str) -> str:
    """Where a page lies: the address itself, the last closed board for a board, or the first link the selector finds."""
    where, _, link = address.partition(">")
    if where.startswith("/boards?type="):
        page.goto(f"{url}{where}")
        earlier = page.locator("a[rel=prev]").first
        closed = page.url if page.locator(".cutoff.past").count() else f"{url}{earlier.get_attribute('href')}"
        view = where.partition("view=")[2]
        where = closed.removeprefix(url) + (f"?view={view}" if view else "")
    for selector in filter(None, link.split(">")):
        page.goto(url + where)
        where = str(page.locator(selector).first.get_attribute("href"))
    return where


def _picture(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.evaluate(ALL_PICTURES)
    raw = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    raw = raw.crop((0, 0, raw.width, min(raw.height, HIGHEST)))
    raw.quantize(palette=_commonest(raw), dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path}\n")


def _commonest(raw: Image.Image) -> Image.Image:
    """The colours that fill most of a page, exactly: a class must not look like another one; edges of letters take the nearest."""
    counted: list[tuple[int, tuple[int, int, int]]] = raw.getcolors(raw.width * raw.height) or []  # type: ignore[assignment]
    colours = [colour for _, colour in sorted(counted, reverse=True)[:COLOURS]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([value for colour in colours for value in colour] + [*colours[0]] * (256 - len(colours)))
    return palette


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
