"""The demo is the real service: it must end as its stories say, leave what it promises to leave, and go on as the service does."""

from __future__ import annotations

import json
import re
import signal
import smtplib
import sqlite3
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from intake.cli import main
from intake.demo import serve
from tests.pipeline.world import weekly_docx

PATIENCE = 120.0  # seconds


@pytest.fixture
def signals() -> Iterator[None]:
    """The service takes SIGTERM and SIGINT; the tests want them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Newcomer(threading.Thread):
    """Sends a report to the demo that goes on, looks at the page of how it stands, and leaves."""

    def __init__(self, folder: Path, door: serve.Door) -> None:
        super().__init__(daemon=True)
        self.folder, self.door = folder, door
        self.said: list[str] = []
        self.page = ""

    def run(self) -> None:
        try:
            self._wait_for(lambda: len(self.said) == 3)
            before = self._mails(), self.letters()
            self._send()
            self._wait_for(lambda: self._mails() > before[0] and self.letters() > before[1])
            self.page = self._operation()
        finally:
            self.door.stop()

    def _wait_for(self, condition) -> None:
        end = monotonic() + PATIENCE
        while not condition() and monotonic() < end:
            sleep(0.1)

    def _mails(self) -> int:
        with sqlite3.connect(self.folder / "cchc.db") as database:
            (count,) = database.execute("select count(*) from mail where state = 'recorded'").fetchone()
        return int(count)

    def letters(self) -> int:
        return len(list((self.folder / "letters").glob("*.eml")))

    def _send(self) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "snv@tinh.example", "cchc@tinh.example", "Báo cáo tuần"
        message.set_content("Kính gửi Sở Nội vụ.")
        message.add_attachment(weekly_docx(), maintype="application", subtype="octet-stream", filename="bc.docx")
        port = re.findall(r"smtp://127.0.0.1:(\d+) takes mail to cchc@tinh.example", self.said[2])[0]
        with smtplib.SMTP("127.0.0.1", int(port)) as server:
            server.send_message(message)

    def _operation(self) -> str:
        with httpx.Client(base_url=self.said[0].split()[1], follow_redirects=True) as client:
            token = client.get("/login").text.split('name="csrf" value="')[1].split('"')[0]
            secret = self.said[1].rpartition("password ")[2]
            client.post("/login", data={"csrf": token, "name": "van", "password": secret, "to": "/operation"})
            return client.get("/operation").text


@pytest.mark.slow
@pytest.mark.usefixtures("signals")
@pytest.mark.timeout(300)
def test_the_demo_ends_as_its_stories_say_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    folder, newcomers = tmp_path / "demo", []
    going_on = serve.serve_demo

    def visited(where: Path, servers, _say, door: serve.Door) -> None:
        newcomers.append(Newcomer(where, door))
        newcomers[0].start()
        going_on(where, servers, newcomers[0].said.append, door)

    monkeypatch.setattr(serve, "serve_demo", visited)
    monkeypatch.setattr("intake.cli.setup.QUIET_WEEKS", 0)
    assert main(["demo", "--dir", str(folder), "--json", "--serve"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["as_expected"], told["differences"]
    assert told["states"]["set_aside"] == 1
    for board in told["boards"]:
        assert board["expected"] == sum(board["classes"].values())
    classes = {name for board in told["boards"] for name, n in board["classes"].items() if n}
    assert classes == {"on_time", "cured", "late", "incomplete", "in_review", "missing"}
    assert list(folder.glob("*.xlsx"))
    with sqlite3.connect(folder / "cchc.db") as database:
        (mails,) = database.execute("select count(*) from mail").fetchone()
    assert mails == told["mails"] + 1, "the newcomer's"
    assert newcomers[0].letters() > told["letters"], "it was answered"
    alarms = re.findall(r'class="alert" role="note"><strong>([^<]+)', newcomers[0].page)
    assert alarms == ["Có thư để riêng do lỗi"], "the story of a mail set aside, and nothing else"
