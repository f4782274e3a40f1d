"""Mails with one content, in every order of storing and reading: the earliest received is credited, and one letter says so.

What counts is (received_at, sha256), never the order of fetching (architecture, states of a mail); each distinct content is answered once
(faults.md, F35). A mail found later that was received earlier has something new to say, its moment, and says it.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass

import pytest

from tests.pipeline.world import HEADER, World, mail, weekly_docx

SECOND, NEXT = "2017-07-21 09:12:35", "2017-07-21 09:12:36"
MOMENTS = ((SECOND, SECOND, SECOND), (NEXT, SECOND, SECOND))  # of the mails by ascending hash
GROUPED = ((3,), (1, 2), (1, 1, 1))  # how many come before each pass


@dataclass(frozen=True)
class Case:
    """One agency: its three mails with one content, by hash, and how they come."""

    number: int
    moments: tuple[str, ...]
    order: tuple[int, ...]
    groups: tuple[int, ...]

    @property
    def code(self) -> str:
        return f"S{self.number:02d}"

    @property
    def address(self) -> str:
        return f"{self.code.lower()}@tinh.example"

    def copies(self) -> list[bytes]:
        docx = weekly_docx(f"SỞ SỐ {self.number}", number=f"{self.number}/BC")
        return sorted((self._copy(n, docx) for n in range(3)), key=sha256)

    def _copy(self, number: int, docx: bytes) -> bytes:
        message = mail(self.address, f"Báo cáo tuần, lần {number}", {"bc.docx": docx})
        message.set_boundary("one-for-all")  # else it is drawn by lot, and with it which of two mails comes first
        return message.as_bytes()

    def arriving(self, turn: int) -> tuple[int, ...]:
        before = sum(self.groups[:turn])
        return self.order[before : before + self.groups[turn]] if turn < len(self.groups) else ()

    def answered(self) -> list[int]:
        """The model: in a pass mails are read by (received, hash); one is answered when it came before all answered so far."""
        answered: list[int] = []
        for turn in range(len(self.groups)):
            here = sorted(self.arriving(turn), key=lambda n: (self.moments[n], n))
            answered += [n for n in here[:1] if all(self.moments[n] < self.moments[told] for told in answered)]
        return sorted(answered)


CASES = [Case(n, *what) for n, what in enumerate(itertools.product(MOMENTS, itertools.permutations(range(3)), GROUPED))]


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@pytest.mark.slow
def test_the_earliest_received_is_credited_and_each_content_answered_once(world: World):
    rows = (f"{c.code},Sở Số {c.number},department,TINH,TINH,{c.address},,weekly,2017-07-01,,\n" for c in CASES)
    (world.folder / "roster.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    copies = {case.code: case.copies() for case in CASES}
    for turn in range(3):
        for case in CASES:
            for n in case.arriving(turn):
                world.deliver(copies[case.code][n], case.moments[n])
        world.poll(f"2017-07-21 09:{20 + turn}:00")
    log = {row["sha256"]: row for row in world.log("2017-07-21 09:50:00", "--limit", "1000")}
    for case in CASES:
        told = [log[sha256(raw)] for raw in copies[case.code]]
        credited = [n for n, row in enumerate(told) if row["submissions"][0]["duplicate_of"] is None]
        assert credited == [min(range(3), key=lambda n: (case.moments[n], n))], case
        assert [n for n, row in enumerate(told) if row["letters"][0]["state"] == "sent"] == case.answered(), case
        assert len(world.letters(case.address)) == len(case.answered()), (case, "nothing is said beside it")


def test_a_letter_not_sent_yet_is_taken_back_when_an_earlier_mail_says_the_same(world: World):
    port = world.sink.port
    world.sink.stop()
    later, earlier = (mail(subject=text, files={"bc.docx": weekly_docx()}) for text in ("Gửi lại", "Gửi báo cáo"))
    world.deliver(later, NEXT)
    assert world.cchc("poll", now="2017-07-21 09:20:00").code == 3
    world.deliver(earlier, SECOND)
    world.sink.port = port
    world.sink.start()
    world.poll("2017-07-21 11:00:00")
    assert [x["In-Reply-To"] for x in world.letters("stc@tinh.example")] == [earlier["Message-ID"]]
    assert world.cchc("verify", now="2017-07-21 11:01:00").code == 0
