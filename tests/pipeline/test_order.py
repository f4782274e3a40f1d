"""The same mails fetched in any order and any grouping end in the same classes, periods and decisive receipt times (ADR 0006)."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.box import Box
from parsers.values import Envelope, PartReading
from tests.pipeline.conftest import SharedBox
from tests.pipeline.world import World, at, mail, monthly_docx, weekly_docx
from tests.servers.smtp_sink import SmtpSink

PERIODS = ("weekly:2017-07-21", "weekly:2017-07-28", "monthly:2017-07", "monthly:2017-08")
SYT = {"agency": "SỞ Y TẾ", "number": "12/BC-SYT"}
SECOND_WEEK = {"window": "từ ngày 21/7 đến ngày 27/7/2017", "day": "28 tháng 7 năm 2017"}
LOCKED = (Path(__file__).parents[1] / "corpus/hostile/att/xlsx_encrypted.xlsx").read_bytes()


def weekly(sender: str = "stc@tinh.example", subject: str = "Báo cáo tuần CCHC", **docx: Any) -> bytes:
    return mail(sender, subject, {"bc.docx": weekly_docx(**docx)}).as_bytes()


def monthly(subject: str, figures: tuple[object, ...], month: str = "…/…", sender: str = "stc@tinh.example") -> bytes:
    return mail(sender, subject, {"bao cao.docx": monthly_docx(month=month, figures=figures)}).as_bytes()


MAILS: tuple[tuple[str, bytes], ...] = (  # (received, mail)
    ("2017-07-21 08:40:00", mail(subject="Báo cáo tuần", files={"Bao cao tuan.xlsx": LOCKED}).as_bytes()),
    ("2017-07-21 09:12:35", weekly()),
    ("2017-07-21 11:20:00", weekly()),  # the same mail once more: the earliest sighting counts
    ("2017-07-21 09:40:00", weekly(subject="Gửi lại báo cáo tuần")),
    ("2017-07-21 10:00:01", weekly("syt@tinh.example", **SYT)),
    ("2017-07-21 15:00:00", weekly(figures=(1625, 1615, 1600, 15, 10))),
    ("2017-07-21 09:30:00", weekly("ai.do@noi.example", agency="SỞ NỘI VỤ", number="7/BC-SNV")),
    ("2017-07-27 16:00:00", weekly("syt@tinh.example", **SYT, **SECOND_WEEK)),
    ("2017-07-28 09:00:00", weekly(**SECOND_WEEK)),
    ("2017-07-28 09:30:00", monthly("Báo cáo CCHC", (9, 9, 9, 0, 0))),
    ("2017-08-01 09:00:00", monthly("Báo cáo CCHC", (12, 12, 12, 0, 0))),
    ("2017-08-02 09:00:00", monthly("Báo cáo tháng 7", (9, 9, 9, 0, 0), "7/2017")),
    ("2017-08-02 10:00:00", monthly("Báo cáo", (1, 1, 1, 0, 0), sender="syt@tinh.example")),
)


class Remembering:
    """The session's worker, asked once for each mail: the order of fetching changes nothing in what is read."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._mails: dict[tuple[object, ...], tuple[Envelope, tuple[PartReading, ...]]] = {}

    def read_mail(
        self, raw: bytes, received: date | None, as_form: str | None = None
    ) -> tuple[Envelope, tuple[PartReading, ...]]:
        key = (raw, received, as_form)
        if key not in self._mails:
            self._mails[key] = self._box.read_mail(raw, received, as_form)
        return self._mails[key]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._box, name)


def ending(template: Path, polls: list[list[int]]) -> dict[str, Any]:
    """How the province stands after these polls, each fetching these mails."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(template, Path(folder) / "cchc.db")
        sink = SmtpSink().start()
        try:
            world = World(Path(folder), sink)
            for n, group in enumerate(polls):
                for index in group:
                    received, raw = MAILS[index]
                    world.deliver(raw, received)
                world.poll(f"2017-08-03 09:{n:02d}:00")
            return standing(world)
        finally:
            sink.stop()


def standing(world: World) -> dict[str, Any]:
    now = "2017-08-25 12:00:00"
    rows = world.log(now)
    sha256 = {str(row["id"]): row["sha256"] for row in rows}
    submissions = sorted(
        (
            row["sha256"],
            s["report"].partition(".")[2],
            *(s[key] for key in ("agency", "type", "period", "outcome", "late_seconds", "class", "due_at")),
            sha256[s["duplicate_of"].partition(".")[0]] if s["duplicate_of"] else None,
        )
        for row in rows
        for s in row["submissions"]
    )
    dues = {
        (period, due["agency"]): (due["class"], due["received_at"], due["late_seconds"])
        for period in PERIODS
        for due in world.board(period, now)["dues"]
    }
    received = {row["sha256"]: row["received_at"] for row in rows}
    return {"submissions": submissions, "dues": dues, "received": received}


@st.composite
def fetchings(draw: st.DrawFn) -> list[list[int]]:
    order = draw(st.permutations(range(len(MAILS))))
    cuts = sorted(draw(st.sets(st.integers(1, len(MAILS) - 1), max_size=4)))
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(MAILS)], strict=True)]


@pytest.fixture
def remembering(worker: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedBox, "box", Remembering(worker), raising=False)


@pytest.mark.slow
def test_the_order_of_fetching_never_matters(sqlite_template: Path, remembering: None):
    as_they_came = sorted(range(len(MAILS)), key=lambda n: at(MAILS[n][0]))
    expected = ending(sqlite_template, [[n] for n in as_they_came])
    assert expected["dues"]["weekly:2017-07-21", "STC"] == ("on_time", "2017-07-21T09:12:35+07:00", 0)
    assert expected["dues"]["weekly:2017-07-21", "SYT"][0] == "late"
    assert expected["dues"]["weekly:2017-07-21", "SNV"][0] == "in_review"
    assert len(expected["received"]) == len({hashlib.sha256(raw).hexdigest() for _, raw in MAILS})

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(fetchings())
    def any_order(polls: list[list[int]]) -> None:
        assert ending(sqlite_template, polls) == expected

    any_order()
