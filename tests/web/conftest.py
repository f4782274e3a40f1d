"""A small province with a console: mails of two weeks in a Maildir, judged by the real service, and people of every role."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from intake.config import load
from intake.desk import Desk
from intake.web.app import create_app
from intake.web.console import Console
from intake.web.server import console_of
from intake.wiring import MovableClock, open_desk, open_reader_ledger
from tests.pipeline.world import World, at, weekly_docx
from tests.servers.smtp_sink import SmtpSink
from tests.web.screens import FLAGS

NOW = "2017-07-28 11:00:00"
HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "một mật khẩu đủ dài"
_HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)  # quick to compare with
PEOPLE = {"lan": "lead", "mai": "lead", "binh": "secretary", "kiem": "auditor", "van": "operator"}
NASTY_NAME = "../../etc/=cmd|'/c calc'!A0 \u202excod.exe"
NASTY = "<script>alert(1)</script> =1+1 {{7*7}} \u202egnp.exe"


def mail(sender: str, subject: str, *files: tuple[str, bytes], text: str = "Kính gửi Sở Nội vụ.") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "cchc@tinh.example", subject
    message["Date"], message["Message-ID"] = "Fri, 21 Jul 2017 08:00:00 +0700", f"<{abs(hash((sender, subject)))}@x>"
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def locked_zip() -> bytes:
    """A zip that names a report and holds bytes nobody can read."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Báo cáo tuần.docx", b"not a document at all")
    return out.getvalue()


def fill(world: World) -> None:
    """A fortnight: on time, late, warnings, an unknown sender, hostile names."""
    week = {"window": "từ ngày 21/7 đến ngày 27/7/2017", "day": "28 tháng 7 năm 2017"}
    world.tick("2017-07-17 08:00:00")
    world.deliver(mail("stc@tinh.example", "Báo cáo tuần 29", ("BC tuan.docx", weekly_docx())), "2017-07-21 08:12:35")
    world.deliver(
        mail("syt@tinh.example", NASTY, (NASTY_NAME + ".docx", weekly_docx("SỞ Y TẾ", number="9/BC-SYT"))),
        "2017-07-21 10:25:10",
    )
    world.deliver(
        mail("la@khac.example", "Báo cáo tuần", ("bc.docx", weekly_docx("SỞ NỘI VỤ", number="11/BC-SNV"))),
        "2017-07-21 09:00:00",
    )
    world.deliver(mail("tin@khac.example", "Bản tin tuần"), "2017-07-21 09:30:00")
    world.poll("2017-07-21 10:30:00")
    world.tick("2017-07-21 10:35:00")
    odd = (1625, 1615, 1595, 30, 10)  # on time + overdue is not resolved
    world.deliver(
        mail("stc@tinh.example", "Báo cáo tuần 30", ("BC tuan 30.docx", weekly_docx(figures=odd, **week))),
        "2017-07-28 08:12:35",
    )
    world.deliver(
        mail("hdt@tinh.example", "Báo cáo tuần 30", ("Báo cáo tuần.zip", locked_zip())), "2017-07-28 09:02:00"
    )
    world.poll("2017-07-28 10:30:00")
    world.tick("2017-07-28 10:35:00")


@dataclass
class Site:
    """The console of the province."""

    world: World
    console: Console
    desk: Desk
    clock: MovableClock

    def client(self, name: str = "", *, base: str = "http://testserver") -> TestClient:
        """A browser without scripts, signed in as that person."""
        client = TestClient(create_app(self.console), base_url=base, client=("127.0.0.1", 40000))
        if name:
            answer = sign_in(client, name)
            assert answer.status_code == 303, answer.text
        return client


def sign_in(client: TestClient, name: str, password: str = PASSWORD, to: str = "/"):
    token = client.get("/login").text.split('name="csrf" value="')[1].split('"')[0]
    data = {"csrf": token, "name": name, "password": password, "to": to}
    return client.post("/login", data=data, follow_redirects=False)


def token_of(client: TestClient) -> str:
    """The token a form of this session must bring."""
    return client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]


SERIOUS = """async () => (await axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}))
  .violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => v.id + ' ' + v.nodes.map(n => n.target.join(' ') + ' ' + (n.any[0] || {message: ''}).message).slice(0, 3).join(' | '))"""


def serious(page: Page, axe: str) -> list[str]:
    """What the accessibility rules find that keeps somebody from using the page."""
    page.evaluate(axe)
    found: list[str] = page.evaluate(SERIOUS)
    return found


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility rules, from their npm package."""
    if not AXE.exists():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(HERE)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all files of a worker: Playwright cannot be started twice in a thread."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: make debian"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The fortnight, lived through once."""
    folder: Path = tmp_path_factory.mktemp("province")
    sink = SmtpSink().start()
    try:
        world = World(folder, sink)
        fill(world)
        yield world
    finally:
        sink.stop()


def _copied(filled: World, to: Path) -> World:
    shutil.copytree(filled.folder, to)
    return World(to, filled.sink)


@contextmanager
def _opened(world: World) -> Iterator[Site]:
    settings = load(world.folder / "config.toml", {})
    clock = MovableClock(at(NOW))
    with open_desk(settings, clock.clock(), lock=False) as desk, open_reader_ledger(settings) as reader:
        with desk.write(desk.clock.now()) as tx:
            for name, role in PEOPLE.items():
                tx.add_account(name, name.title(), role, _HASH)
        yield Site(world, console_of(desk, reader, lambda _mail: None), desk, clock)


@pytest.fixture
def world(filled: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy of the province for one test: whatever it changes, no other sees it."""
    return _copied(filled, tmp_path_factory.mktemp("copy") / "province")


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    """One console for one test."""
    with _opened(world) as found:
        yield found


@pytest.fixture(scope="module")
def shared_world(filled: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy of the province for a file whose preparation is dear; its tests may not care what another did."""
    return _copied(filled, tmp_path_factory.mktemp("copy") / "province")


@pytest.fixture(scope="module")
def shared_site(shared_world: World) -> Iterator[Site]:
    """One console for such a file."""
    with _opened(shared_world) as found:
        yield found
