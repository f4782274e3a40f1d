"""A province lived through week by week while the service is killed again and again; the same story for the check and the soak.

A round: one to three mails arrive, five calls are killed while they fetch, one at a point or a moment drawn by the seed, one with a
letter half sent, one while it files, one at its clock's work; one call is left alone, the judge looks. (No more than two can die
reading the same mail: one whose reading died three times is set aside, as it should be.) At the end of each week the service is
left alone until nothing may be waiting, and the judge looks at everything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.faults import scene
from tests.faults.province import Province

# from the cutoff: the day before, the morning, the last seconds, the very second, one second too late, the hours after
ROUNDS = tuple(timedelta(seconds=s) for s in (-72_000, -7_200, -1_800, -600, -20, 0, 1, 420, 1_500, 4_000))
TICKS = {-72_000: "tick", 420: "tick", 1_500: "tick", 4_000: "tick"}
POINTS = (
    "before_fetch",
    "after_search",
    "mid_fetch",
    "after_fetch",
    "after_vault",
    "in_keep",
    "in_tx",
    "after_commit",
    "after_keep",
    "before_parse",
    "in_parse",
    "after_parse",
    "in_record",
    "after_record",
    "after_move",
    "outbox_claimed",
    "after_rcpt",
    "after_data",
    "after_250",
    "after_close",
)

EARLY = ("before_fetch", "after_search", "mid_fetch", "after_fetch", "after_vault", "in_keep", "after_keep")
OUTBOX = ("outbox_claimed", "after_rcpt", "after_data", "after_250")
FETCHING = 5  # calls killed at one of EARLY, each round


class Story:
    """Rounds of one province, drawn by a seed."""

    def __init__(self, province: Province, seed: int, same: float = 0.15) -> None:
        self.province = province
        self.same = same  # share of the mails that bring a content once more
        self.draw = random.Random(seed)
        self.seed = seed
        self.kills = 0
        self.week = 0
        self.took = 0.1  # seconds of the last pass left alone
        self._sent: list[tuple[str, int, int]] = []

    def rounds(self) -> Iterator[None]:
        """One round after the other, week after week; the judge has found nothing whenever it yields."""
        while True:
            province, cutoff = self.province, scene.cutoff(self.week)
            province.ledger.cutoffs[scene.period(self.week)] = cutoff
            for offset in ROUNDS:
                province.now = max(province.now, cutoff + offset)
                self._mails()
                self._killed(TICKS.get(int(offset.total_seconds()), "poll"))
                self._well()
                province.good(quiet=False)
                yield
            province.well("tick")
            province.settle()
            province.well("tick")
            province.good()
            self.week += 1

    def _mails(self) -> None:
        province, draw = self.province, self.draw
        for n in range(draw.choice((1, 1, 2, 3))):
            province.pass_time(seconds=int(n > 0 and draw.random() < 0.7))  # else in the very same second
            agency, what = draw.choice(tuple(scene.AGENCIES)), draw.random()
            if what < 0.7 - self.same:
                province.report(agency, self.week)
                self._sent.append((agency, self.week, province._numbers))
            elif what < 0.7 and self._sent:
                mine = [x for x in self._sent if x[1] == self.week]
                if mine:
                    agency, week, number = draw.choice(mine[-2:] if draw.random() < self.same else mine)
                    province.report(agency, week, number, again=True)
            elif what < 0.8:
                province.question(agency)
            elif what < 0.9:
                province.vacation(agency)
            else:
                province.stranger()

    def _killed(self, verb: str) -> None:
        draw = self.draw
        early = sorted(draw.sample(range(len(EARLY)), FETCHING))  # a mail kept is not fetched again: in their order
        strikes = [*({"strike": EARLY[place]} for place in early), self._anywhere()]
        if verb == "poll":
            strikes.append({"strike": draw.choice(OUTBOX)})
        for how in (*strikes, {"strike": "after_move"}):
            if not self._strike("poll", **how):
                break  # it came through: there is nothing left to die at
        if verb != "poll":
            self._strike(verb, **self._anywhere())

    def _anywhere(self) -> dict[str, Any]:
        """At the n-th point passed, at a named one, or at a moment of the time a whole pass took last."""
        how, draw = self.draw.random(), self.draw
        if how < 0.4:
            return {"strike": f"*:{draw.randint(1, 30)}"}
        if how < 0.7:
            return {"strike": f"{draw.choice(POINTS)}:{draw.randint(1, 2)}"}
        return {"kill_after": draw.uniform(0.05, 1.0) * self.took}

    def _strike(self, verb: str, **how: Any) -> bool:
        died = self.province.killed(verb, **how)
        self.kills += died
        return died

    def _well(self) -> None:
        began = time.monotonic()
        self.province.well("poll")
        self.took = time.monotonic() - began
