"""What every report has around its figures: letterhead, number, place and date, title, window, signature."""

from __future__ import annotations

import random
from datetime import date, timedelta

from bench.accuracy.draft import Draft
from bench.accuracy.page import Cell, Grid, Para, placed
from bench.accuracy.words import PEOPLE, WEEKLY

FIRST, LAST = date(2017, 8, 4), date(2021, 12, 24)
WINDOWS = ((-7, -1), (-4, 2), (-4, 0))  # days from the cutoff Friday: Friday–Thursday, Monday–Sunday, Monday–Friday


def cutoff(rng: random.Random) -> date:
    weeks = (LAST - FIRST).days // 7
    return FIRST + timedelta(weeks=rng.randrange(weeks))


def last_friday(year: int, month: int) -> date:
    day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return day - timedelta(days=(day.weekday() - 4) % 7)


def office(rng: random.Random, *, district: bool | None = None) -> dict[str, str]:
    agencies = [a for a in PEOPLE["agency"] if district is None or a.get("district", False) == district]
    agency = rng.choice(agencies)
    place = rng.choice(PEOPLE["places"])
    filled = {key: agency[key].format(place=place, province=PEOPLE["province"]) for key in ("name", "parent", "head")}
    capital = place.title() if agency.get("district") else PEOPLE["capital"]
    return {
        **filled,
        "spoken": agency["spoken"],
        "code": agency["code"],
        "place": capital,
        "signer": rng.choice(PEOPLE["signers"]),
    }


def letterhead(draft: Draft, who: dict[str, str], number: int, signed: date) -> None:
    """Two columns without borders, as the decree on form has it; number and date beneath."""
    sign = f"{number}/BC-{who['code']}"
    parent = f"{who['parent']}\n" if who["parent"] else ""
    left = Cell(f"{parent}{who['name']}\n-------", bold=True)
    motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n---------------"
    below = f"{who['place']}, ngày {signed.day:02d} tháng {signed.month:02d} năm {signed.year}"
    draft.put(
        Grid([[left, Cell(motto, bold=True)], [Cell(f"Số: {sign}"), Cell(below)]], ruled=False, widths=[0.42, 0.58])
    )
    draft.truth.agency = who["name"].replace("\n", " ")
    draft.truth.number = sign
    draft.truth.date = signed.isoformat()


def weekly_names(rng: random.Random, friday: date, who: dict[str, str]) -> tuple[dict[str, str], tuple[date, date]]:
    before, after = rng.choice(WINDOWS)
    start, end = friday + timedelta(days=before), friday + timedelta(days=after)
    names = {
        "week": f"{end.isocalendar().week:02d}",
        "from_dmy": f"{start.day:02d}/{start.month:02d}/{start.year}",
        "to_dmy": f"{end.day:02d}/{end.month:02d}/{end.year}",
        "from_dm": f"{start.day}/{start.month}"
        if start.year == end.year
        else f"{start.day}/{start.month}/{start.year}",
        "to_dm": f"{end.day}/{end.month}",
        "from_d": f"{start.day:02d}",
        "to_d": f"{end.day:02d}",
        "from_m": f"{start.month:02d}",
        "to_m": f"{end.month:02d}",
        "to_y": str(end.year),
        "year": str(friday.year),
        "agency": who["spoken"],
        "code": who["code"],
    }
    return names, (start, end)


def weekly_title(draft: Draft, window: tuple[date, date], friday: date) -> None:
    start, end = window
    for line in draft.pick(WEEKLY["titles"]).split("\n"):
        draft.put(Para(line, bold=True, centred=True))
    told = list(WEEKLY["windows"]) if start.year == end.year else list(WEEKLY["windows"])[::3]
    if (start.year, start.month) == (end.year, end.month):
        told += WEEKLY["windows_one_month"]
    draft.say(draft.pick(told), centred=True)
    draft.truth.window = (start.isoformat(), end.isoformat())
    draft.truth.period = f"weekly:{friday.isoformat()}"


def signature(draft: Draft, who: dict[str, str]) -> None:
    left, right = Cell(WEEKLY["tables"]["signature"]), Cell(f"{who['head']}\n\n\n{who['signer']}", bold=True)
    draft.put(Grid(placed([[left, right]]), ruled=False, widths=[0.5, 0.5]))
