"""The province: who owes what in the year its districts were given up, and which days its offices were closed.

2025: on 1/7/2025 districts ended and communes began to report directly (product.md). Before, communes report under a district and
also owe a report of their own; after, new communes owe directly. Days off as the Government announced them for 2025.
"""

from __future__ import annotations

from datetime import date, timedelta

from tests.year.facts import Agency

REORGANISED = date(2025, 7, 1)
DAY = timedelta(days=1)


def span(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


# Tết 25/1-2/2 (swapped days included), Hung kings 7/4, 30/4-4/5 (2/5 swapped for 26/4), National Day 30/8-2/9; two days of storm
DAYS_OFF = (
    date(2025, 1, 1),
    *span(date(2025, 1, 25), date(2025, 2, 2)),
    date(2025, 4, 7),
    *span(date(2025, 4, 30), date(2025, 5, 4)),
    *span(date(2025, 8, 30), date(2025, 9, 2)),
    date(2025, 6, 19),  # the quarterly report's own day: moved to the working day before
    date(2025, 9, 12),  # Friday and Monday of a storm: the week is skipped, the next report covers both
    date(2025, 9, 15),
)
DAYS_WORKED = (date(2025, 4, 26),)


def agencies(count: int, reorganised: date = REORGANISED) -> tuple[Agency, ...]:
    """About ``count`` agencies owing on either side of the reorganisation: a tenth departments, a twentieth districts, the rest units
    and communes."""
    departments = max(2, count // 10)
    districts = max(1, count // 22)
    units = max(1, count * 2 // 5)
    communes = max(2, count - departments - districts - units)
    rows = [_agency(f"SO{n:03d}", f"Sở Số {n}", "department", "TINH") for n in range(departments)]
    rows += [_agency(f"TT{n:03d}", f"Trung tâm Số {n}", "unit", "TINH") for n in range(units)]
    rows.append(_agency("TRUONG", "Trường Chính trị tỉnh", "school", "TINH", owes=False))
    before = reorganised - DAY
    rows += [_agency(f"HU{n:03d}", f"UBND huyện Số {n}", "district", "TINH", last=before) for n in range(districts)]
    for n in range(communes):
        district, new = f"HU{n % districts:03d}", f"PM{n % (communes + districts):03d}"
        rows.append(_agency(f"XA{n:03d}", f"UBND xã Cũ Số {n}", "commune", district, last=before, successor=new))
    rows += [
        _agency(f"PM{n:03d}", f"UBND xã Mới Số {n}", "commune", "TINH", first=reorganised)
        for n in range(communes + districts)
    ]
    return tuple(rows)


def _agency(
    code: str,
    name: str,
    level: str,
    above: str,
    *,
    owes: bool = True,
    first: date | None = None,
    last: date | None = None,
    successor: str = "",
) -> Agency:
    return Agency(code, name, level, above, f"{code.lower()}@tinh.example", owes, first, last, successor)
