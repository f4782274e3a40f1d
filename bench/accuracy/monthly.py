"""The monthly report in its layouts: the official form filled, a table, running text, form with tables, states."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta

from bench.accuracy import figures
from bench.accuracy.draft import Draft
from bench.accuracy.frame import last_friday, letterhead, office, signature
from bench.accuracy.numerals import Hand
from bench.accuracy.page import Cell, Grid, Para, placed
from bench.accuracy.truth import BLANK, NIL, Truth, Value
from bench.accuracy.weekly import CORE, T, documents, head, unit_of
from bench.accuracy.words import MONTHLY

FORM, ROWS = MONTHLY["form"], MONTHLY["rows"]
PART1 = ("directives", "", "meetings", "publicity", "inspections", "initiatives")
GROUPS = (
    ("legal", "legal_review"),
    ("procedure_review", "published", "online", "feedback"),
    ("organisation", "decentralisation", "staff_reduction", "staffing"),
    ("job_positions", "officials", "recruited", "trained", "promotions", "communes"),
    ("self_financed",),
    ("outgoing", "level3", "level4", "postal", "iso"),
    ("one_stop", *CORE),
)
BY_LEVEL = ("legal", "one_stop")

Layout = Callable[[Draft], None]


def start(rng: random.Random, month_of: date | None = None) -> tuple[Draft, dict[str, str], bool]:
    who = office(rng)
    district = who["spoken"].startswith("UBND")
    year, month = (month_of.year, month_of.month) if month_of else (rng.randint(2018, 2021), rng.randint(1, 12))
    signed = last_friday(year, month) - timedelta(days=rng.randint(0, 1))
    values = figures.monthly(rng, 2 if district else None)
    if district:  # what only departments have, or only districts
        values |= {"heads_appointed": Value.of(rng.randint(2, 8))}
    names = {
        "month": str(month) if rng.random() < 0.6 else f"{month:02d}",
        "year": str(year),
        "agency": who["spoken"],
        "code": who["code"],
        "from_dmy": f"05/{month:02d}/{year}",
    }
    draft = Draft(rng, Hand.drawn(rng), values, figures.around(values, rng), names, Truth("monthly"))
    draft.dotted = rng.choice(["...", "…", ".....", "……"])
    draft.names["documents"] = documents(draft)
    letterhead(draft, who, rng.randint(10, 620), date(signed.year, signed.month, signed.day))
    for line in draft.pick(MONTHLY["titles"]).split("\n"):
        draft.put(Para(draft.fill(line), bold=True, centred=True))
    draft.truth.period = f"monthly:{year}-{month:02d}"
    return draft, who, district


def line(draft: Draft, name: str, *, district: bool, bare: bool = False) -> None:
    """One line of the form; ``bare``: only the figure behind the label, no unit, so that it may be told as none."""
    if name in BY_LEVEL:
        name += "_district" if district else "_department"
    if name == "":
        draft.say(MONTHLY["activities"])
    elif name != "communes" or district:
        draft.zero_told = bare
        draft.say(re.sub(r"\} [^{}]*$", "}", FORM[name][0]) if bare else draft.pick(FORM[name]))


def form(draft: Draft, *, district: bool, bare: tuple[str, ...] = ()) -> None:
    draft.say(MONTHLY["heading1"], bold=True)
    for name in PART1:
        line(draft, name, district=district)
    draft.say(MONTHLY["heading2"], bold=True)
    for title, names in zip(MONTHLY["groups"], GROUPS, strict=True):
        draft.say(title, bold=True)
        for name in names:
            line(draft, name, district=district, bare=name in bare)
    assessment(draft)


def assessment(draft: Draft) -> None:
    draft.say(MONTHLY["heading3"], bold=True)
    for text in draft.pick(MONTHLY["assessment"]["texts"]):
        draft.say(text)


def states(draft: Draft, *, district: bool) -> None:
    """Most of a small office's month is nothing: none, not arisen, left on its dots."""
    for key in (
        "overdue",
        "returned",
        "staff_reduced",
        "units_self_financed",
        "iso_units",
        "commune_officials_trained",
    ):
        state = draft.rng.choice(["zero", NIL, BLANK, "number"])
        if state != "number":
            draft.values[key] = Value.of(0) if state == "zero" or key == "overdue" else Value(state)
    if draft.number("overdue") == 0:
        draft.values["on_time"] = draft.values["resolved"]
    form(draft, district=district, bare=(*CORE, "staff_reduction", "self_financed", "iso", "communes"))


def table(draft: Draft, *, district: bool) -> None:
    """STT | Nội dung | Đơn vị tính | Kết quả."""
    del district
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), T["unit"], "Kết quả")]
    for n, (key, label) in enumerate(ROWS.items(), 1):
        rows.append(
            [
                Cell(str(n)),
                Cell(label),
                Cell(unit_of(key) if key not in OWN_UNITS else OWN_UNITS[key]),
                draft.cell(key, label),
            ]
        )
    draft.put(Grid(placed(rows), widths=[0.08, 0.56, 0.16, 0.2]))
    assessment(draft)


OWN_UNITS = {
    "directives_issued_count": "Văn bản",
    "units_inspected": "Đơn vị",
    "procedures_reviewed": "TTHC",
    "procedures_published": "TTHC",
    "procedures_total": "TTHC",
    "officials_recruited": "Người",
    "employees_recruited": "Người",
    "staff_trained": "Người",
    "commune_officials_trained": "Người",
    "units_self_financed": "Đơn vị",
    "iso_units": "Đơn vị",
    "one_stop_procedures": "TTHC",
}


def table_three(draft: Draft, *, district: bool) -> None:
    """Tháng này | lũy kế | cùng kỳ."""
    del district
    columns = draft.pick(
        [["Trong tháng", "Lũy kế từ đầu năm", "Cùng kỳ năm trước"], ["Lũy kế từ đầu năm", "Tháng này", "Tháng trước"]]
    )
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), *columns)]
    for n, (key, label) in enumerate(ROWS.items(), 1):
        cells = {
            "Trong tháng": lambda k=key, t=label: draft.cell(k, t),
            "Tháng này": lambda k=key, t=label: draft.cell(k, t),
            "Lũy kế từ đầu năm": lambda k=key: draft.decoy(f"{k}_year"),
            "Cùng kỳ năm trước": lambda k=key: draft.decoy(f"{k}_past"),
            "Tháng trước": lambda k=key: draft.decoy(f"{k}_before"),
        }
        rows.append([Cell(str(n)), Cell(label), *(cells[column]() for column in columns)])
    draft.put(Grid(placed(rows), widths=[0.08, 0.5, 0.14, 0.14, 0.14]))
    assessment(draft)


def prose(draft: Draft, *, district: bool) -> None:
    del district
    book = MONTHLY["prose"]
    draft.say(MONTHLY["heading1"], bold=True)
    draft.say(draft.pick(book["activities"]))
    draft.say(MONTHLY["heading2"], bold=True)
    for title, name in ((1, "procedures"), (3, "staff"), (5, "modern"), (6, "files")):
        draft.say(MONTHLY["groups"][title], bold=True)
        draft.say(draft.pick(book[name]))
    assessment(draft)


def mixed(draft: Draft, *, district: bool) -> None:
    """The form's lines, part II.7 as a table."""
    draft.say(MONTHLY["heading1"], bold=True)
    for name in PART1:
        line(draft, name, district=district)
    draft.say(MONTHLY["heading2"], bold=True)
    for title, names in list(zip(MONTHLY["groups"], GROUPS, strict=True))[:6]:
        draft.say(title, bold=True)
        for name in names:
            line(draft, name, district=district)
    draft.say(MONTHLY["groups"][6], bold=True)
    rows = [head("Nội dung", "Kết quả"), *([Cell(ROWS[key]), draft.cell(key, ROWS[key])] for key in CORE)]
    draft.put(Grid(placed(rows), widths=[0.7, 0.3]))
    assessment(draft)


LAYOUTS: dict[str, Callable[..., None]] = {
    "monthly form filled": form,
    "monthly, states": states,
    "monthly table, unit column": table,
    "monthly table, period and cumulative": table_three,
    "monthly prose": prose,
    "monthly form and table": mixed,
}
TABLES = ("monthly table, unit column", "monthly table, period and cumulative")


def write(layout: str, rng: random.Random, month_of: date | None = None) -> Draft:
    """One monthly report in this layout, whole; of the month that holds a day, or of any."""
    draft, who, district = start(rng, month_of)
    LAYOUTS[layout](draft, district=district)
    draft.say(draft.pick(MONTHLY["closing"]))
    signature(draft, who)
    return draft
