"""The weekly report in each of its layouts. A layout takes a draft with its head written and puts the body on the page."""

from __future__ import annotations

import random
from collections.abc import Callable

from bench.accuracy import figures
from bench.accuracy.draft import Draft
from bench.accuracy.frame import cutoff, letterhead, office, signature, weekly_names, weekly_title
from bench.accuracy.numerals import Hand
from bench.accuracy.page import Cell, Grid, Para, placed
from bench.accuracy.truth import BLANK, NIL, NUMBER, Truth, Value
from bench.accuracy.words import PEOPLE, WEEKLY

T = WEEKLY["tables"]
CORE = ("received", "resolved", "on_time", "overdue", "returned")
PAIRS = {
    "feedback": ("feedback_resolved", "feedback_received"),
    "outgoing": ("outgoing_electronic", "outgoing_total"),
    "level3": ("level3_resolved", "level3_total"),
    "level4": ("level4_resolved", "level4_total"),
}
ROWS = (*CORE, "feedback_received", "feedback_resolved", "outgoing_electronic", "outgoing_total", "level3_resolved")
ROWS = (*ROWS, "level3_total", "level4_resolved", "level4_total", "postal_total")
WORK = ("meetings_count", "news_count", "inspections_count")

Layout = Callable[[Draft], None]


def start(rng: random.Random, *, district: bool | None = None, size: int | None = None) -> tuple[Draft, dict[str, str]]:
    """A draft with letterhead, title and window on the page."""
    who, friday = office(rng, district=district), cutoff(rng)
    names, window = weekly_names(rng, friday, who)
    values = figures.weekly(rng, size)
    draft = Draft(rng, Hand.drawn(rng), values, figures.around(values, rng), names, Truth("weekly"))
    draft.dotted = rng.choice(["...", "…", ".....", "……"])
    draft.names["documents"] = documents(draft)
    letterhead(draft, who, rng.randint(3, 420), friday)
    weekly_title(draft, window, friday)
    return draft, who


def documents(draft: Draft) -> str:
    count = int(draft.values["directives_issued_count"].number or 0)
    return "; ".join(text.replace("{=", "{").format(**draft.names) for text in WEEKLY["narrative"]["documents"][:count])


# ---- line by line ------------------------------------------------------------------------------------------------------


def lines(draft: Draft, kind: str, *, one_habit: bool = False) -> None:
    """The official order of headings and lines, in one of the wordings of ``kind``."""
    book, habit = WEEKLY[kind], draft.rng.randrange(12)

    def line(name: str) -> None:
        if book[name]:
            draft.say(book[name][habit % len(book[name])] if one_habit else draft.pick(book[name]))

    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    for name in CORE:
        line(name)
    draft.say(draft.pick(WEEKLY["heading2"]), bold=True)
    line("feedback")
    draft.say(WEEKLY["heading22"])
    for name in ("outgoing", "level3", "level4", "postal"):
        line(name)
    work(draft, lambda: line("directives"), lambda: line("meetings"))


def work(draft: Draft, directives: Callable[[], None], meetings: Callable[[], None]) -> None:
    draft.say(draft.pick(WEEKLY["heading3"]), bold=True)
    draft.say(draft.pick(WEEKLY["directives_done"]))
    directives()
    meetings()
    assessment(draft)


def assessment(draft: Draft) -> None:
    draft.say(draft.pick(WEEKLY["heading4"]), bold=True)
    for text in draft.pick(WEEKLY["assessments"]):
        draft.say(text)


def form(draft: Draft) -> None:
    lines(draft, "form")


def typed(draft: Draft) -> None:
    lines(draft, "plain", one_habit=True)


def words(draft: Draft) -> None:
    lines(draft, "words")


def states(draft: Draft) -> None:
    """Some figures told as none, not arisen, or left on their dots."""
    rng = draft.rng
    draft.zero_told = True
    for key in ("overdue", "returned", "postal_total", *WORK):
        state = rng.choice(["zero", NIL, BLANK, "number"])
        if state == "zero":
            draft.values[key] = Value.of(0)
            if key == "overdue":
                draft.values["on_time"] = draft.values["resolved"]
        elif state != "number" and not (key == "overdue" and state == BLANK):
            draft.values[key] = Value(state)
            if key == "overdue":
                draft.values["on_time"] = draft.values["resolved"]
    for pair in PAIRS.values():
        sort = rng.choice(["number", "none", "dots", "numerator"])
        if sort == "none":
            draft.values |= {key: Value.of(0) for key in pair}
        elif sort == "dots":
            draft.values |= {key: Value(BLANK) for key in pair}
        elif sort == "numerator":
            draft.values[pair[1]] = Value(BLANK)
    draft.zero_told = False
    book = WEEKLY["states"]
    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    draft.zero_told = True
    for name in CORE:
        draft.say(book[name][0])
    draft.say(draft.pick(WEEKLY["heading2"]), bold=True)
    draft.zero_told = False
    draft.say(book["feedback"][0])
    draft.say(WEEKLY["heading22"])
    for name in ("outgoing", "level3", "level4"):
        draft.say(book[name][0])
    draft.zero_told = True
    draft.say(book["postal"][0])
    work(draft, lambda: None, lambda: draft.say(book["meetings"][0]))


# ---- tables ------------------------------------------------------------------------------------------------------------


def labels(draft: Draft) -> dict[str, str]:
    habit = draft.rng.randrange(12)
    return {key: texts[habit % len(texts)] for key, texts in WEEKLY["rows"].items()}


def unit_of(key: str) -> str:
    return str(WEEKLY["units"].get(key, WEEKLY["units"]["received"]))


def head(*texts: str) -> list[Cell]:
    return [Cell(text, bold=True) for text in texts]


def table_left(draft: Draft) -> None:
    """STT | Nội dung | Kết quả."""
    told = labels(draft)
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), draft.pick(T["value"]))]
    rows += [[Cell(str(n)), Cell(told[key]), draft.cell(key, told[key])] for n, key in enumerate((*ROWS, *WORK), 1)]
    draft.put(Grid(placed(rows), widths=[0.08, 0.67, 0.25]))
    assessment(draft)


def table_units(draft: Draft) -> None:
    """STT | Chỉ tiêu | Đơn vị tính | Số liệu | Ghi chú, with section rows."""
    told = labels(draft)
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), T["unit"], draft.pick(T["value"]), T["note"])]
    plan = [("I", T["sections"][1], CORE), ("II", T["sections"][3], ROWS[5:]), ("III", T["sections"][5], WORK)]
    for roman, title, keys in plan:
        rows.append([Cell(roman, bold=True), Cell(title, bold=True), Cell(""), Cell(""), Cell("")])
        for n, key in enumerate(keys, 1):
            row = [Cell(str(n)), Cell(told[key]), Cell(unit_of(key)), draft.cell(key, told[key]), Cell("")]
            rows.append(row)
    draft.put(Grid(placed(rows), widths=[0.08, 0.5, 0.14, 0.14, 0.14]))
    assessment(draft)


def table_ratio(draft: Draft) -> None:
    """Ratios 12/15 in the figure's cell, a share in the next."""
    told = labels(draft)
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), draft.pick(T["value"]), "Tỷ lệ %")]
    n = 0
    for n, key in enumerate(CORE, 1):
        share = draft.hand.share(draft.number(key), draft.number("resolved")) if key in CORE[2:4] else ""
        rows.append([Cell(str(n)), Cell(told[key]), draft.cell(key, told[key]), Cell(share)])
    for name, (a, b) in PAIRS.items():
        n += 1
        label = draft.pick(WEEKLY["ratio_rows"][name])
        text = draft.fill(f"{{{a}}}/{{{b}}}")
        share = draft.hand.share(draft.number(a), draft.number(b)) if draft.number(b) else ""
        rows.append([Cell(str(n)), Cell(label), Cell(text), Cell(share)])
        for key in (a, b):
            draft.truth.figures[key].sentence = f"{label} | {text} | {share}"
    draft.put(Grid(placed(rows), widths=[0.08, 0.6, 0.2, 0.12]))
    assessment(draft)


def table_three(draft: Draft) -> None:
    """Kỳ này | lũy kế | cùng kỳ, in any order."""
    told, columns = labels(draft), draft.pick(T["three"])
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), *columns)]
    for n, key in enumerate(ROWS, 1):
        rows.append([Cell(str(n)), Cell(told[key]), *(_column(draft, key, told[key], name) for name in columns)])
    draft.put(Grid(placed(rows), widths=[0.08, 0.44, 0.16, 0.16, 0.16]))
    assessment(draft)


def _column(draft: Draft, key: str, label: str, column: str) -> Cell:
    folded = column.lower()
    if folded in ("trong tuần", "kỳ này", "tuần này"):
        return draft.cell(key, f"{label} | {column}")
    if folded.startswith("so với"):
        change = int(draft.number(key)) - draft.beside[f"{key}_before"]
        return Cell(f"Tăng {change}" if change > 0 else f"Giảm {-change}" if change else "Không đổi")
    kind = {"lũy": "year", "cùn": "past", "tuầ": "before"}[folded[:3]]
    return draft.decoy(f"{key}_{kind}")


def table_above(draft: Draft) -> None:
    """Labels in one row, figures in the next: three such tables."""
    told = labels(draft)
    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    groups = [CORE, ROWS[5:9], ROWS[9:]]
    for n, keys in enumerate(groups):
        if n == 1:
            draft.say(draft.pick(WEEKLY["heading2"]), bold=True)
        rows = [head(*(told[key] for key in keys)), [draft.cell(key, told[key]) for key in keys]]
        draft.put(Grid(placed(rows), widths=[1 / len(keys)] * len(keys)))
        draft.put(Para(""))
    assessment(draft)


def table_two_line(draft: Draft) -> None:
    """A header over two lines with merged cells; one row of figures."""
    names = T["two_line"]
    tall = [Cell(names[0], rows=2, bold=True), Cell(names[1], columns=3, bold=True), Cell(names[5], rows=2, bold=True)]
    rows = [tall, head(*names[2:5])]
    rows.append([draft.cell(key, key) for key in CORE])
    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    draft.put(Grid(placed(rows), widths=[0.2] * 5))
    rest(draft)


def rest(draft: Draft) -> None:
    """Parts II to IV as typed lines."""
    book, habit = WEEKLY["plain"], draft.rng.randrange(12)
    draft.say(draft.pick(WEEKLY["heading2"]), bold=True)
    draft.say(book["feedback"][habit % len(book["feedback"])])
    draft.say(WEEKLY["heading22"])
    for name in ("outgoing", "level3", "level4", "postal"):
        draft.say(book[name][habit % len(book[name])])
    work(draft, lambda: draft.say(draft.pick(book["directives"])), lambda: draft.say(draft.pick(book["meetings"])))


def table_merged(draft: Draft) -> None:
    """Section titles merged down the left side."""
    told = labels(draft)
    rows = [head("Nội dung", "Chỉ tiêu", draft.pick(T["value"]))]
    groups = [(T["sections"][1], CORE), (T["sections"][3], ROWS[5:]), (T["sections"][5], WORK)]
    for title, keys in groups:
        for n, key in enumerate(keys):
            row = [Cell(told[key]), draft.cell(key, told[key])]
            rows.append([Cell(title, rows=len(keys), bold=True), *row] if n == 0 else row)
    draft.put(Grid(placed(rows), widths=[0.25, 0.5, 0.25]))
    assessment(draft)


def table_sectors(draft: Draft) -> None:
    """A row for each sector and a total row: the total is the agency's figure."""
    names = draft.rng.sample(PEOPLE["fields"], 5)
    _many(draft, draft.pick(T["sectors"]), names)


def table_agencies(draft: Draft) -> None:
    """A district's table: a row for each office or commune, then the total."""
    names = draft.rng.sample(PEOPLE["units"], 3) + [
        f"UBND xã {name}" for name in draft.rng.sample(PEOPLE["communes"], 4)
    ]
    _many(draft, draft.pick(T["agencies"]), names)


def _many(draft: Draft, first: str, names: list[str]) -> None:
    parts = figures.parts({key: int(draft.number(key)) for key in CORE}, len(names), draft.rng)
    for key in ("received", "resolved"):  # the total row adds up what stands above it
        draft.values[key] = Value.of(sum(part[key] for part in parts))
    titles = ["Tiếp nhận", "Đã giải quyết", "Đúng hạn", "Quá hạn", "Trả lại"]
    rows = [head(draft.pick(T["order"]), first, *titles)]
    for n, name in enumerate(names):
        counts = [Cell(draft.hand.count(parts[n][key]), number=parts[n][key]) for key in CORE]
        rows.append([Cell(str(n + 1)), Cell(name), *counts])
    total = draft.pick(T["total_row"])
    rows.append([Cell(total, columns=2, bold=True), *(draft.cell(key, total) for key in CORE)])
    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    draft.put(Grid(placed(rows), widths=[0.07, 0.33, 0.12, 0.12, 0.12, 0.12, 0.12]))
    rest(draft)


def table_scopes(draft: Draft) -> None:
    """Tổng số | Cấp huyện | Cấp xã."""
    told = labels(draft)
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), *T["scope_columns"])]
    for n, key in enumerate(ROWS, 1):
        beside = [draft.decoy(f"{key}_own"), draft.decoy(f"{key}_communes")]
        rows.append([Cell(str(n)), Cell(told[key]), draft.cell(key, told[key]), *beside])
    draft.put(Grid(placed(rows), widths=[0.08, 0.5, 0.14, 0.14, 0.14]))
    assessment(draft)


def table_states(draft: Draft) -> None:
    """A table with nil, empty and zero cells."""
    rng, told = draft.rng, labels(draft)
    draft.zero_told = True
    for key in ("overdue", "returned", "feedback_received", "feedback_resolved", "postal_total", *WORK):
        state = rng.choice(["zero", NIL, BLANK, "number"])
        if state == "zero":
            draft.values[key] = Value.of(0)
        elif state != "number":
            draft.values[key] = Value(state)
    if draft.values["overdue"].state != NUMBER:
        draft.values["on_time"] = draft.values["resolved"]
    if draft.values["feedback_received"].state != NUMBER:
        draft.values["feedback_resolved"] = draft.values["feedback_received"]
    rows = [head(draft.pick(T["order"]), draft.pick(T["label"]), draft.pick(T["value"]), T["note"])]
    for n, key in enumerate((*ROWS, *WORK), 1):
        rows.append([Cell(str(n)), Cell(told[key]), draft.cell(key, told[key]), Cell("")])
    draft.put(Grid(placed(rows), widths=[0.08, 0.57, 0.2, 0.15]))
    assessment(draft)


# ---- running text --------------------------------------------------------------------------------------------------------


def told(draft: Draft, files: str, groups: dict[str, str] | None = None) -> None:
    """Part I in a wording of ``files``, part II in running text."""
    book = WEEKLY["prose"]
    if not draft.number("feedback_received"):  # running text would say so in words
        draft.values |= {key: Value.of(2) for key in PAIRS["feedback"]}
    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    draft.say(draft.pick(WEEKLY[files]["files"]))
    draft.say(draft.pick(WEEKLY["heading2"]), bold=True)
    for name in ("feedback", "outgoing", "levels", "postal"):
        draft.say(draft.pick(WEEKLY[(groups or {}).get(name, "prose")][name]))
    work(draft, lambda: draft.say(draft.pick(book["work"])), lambda: None)


def prose(draft: Draft) -> None:
    told(draft, "prose")


def clauses(draft: Draft) -> None:
    told(draft, "clauses")


def cumulative(draft: Draft) -> None:
    told(draft, "cumulative")


def scopes(draft: Draft) -> None:
    told(draft, "scopes")


def stock(draft: Draft) -> None:
    told(draft, "stock")


def shares(draft: Draft) -> None:
    """Only shares for some lines: the counts are not stated."""
    told(draft, "shares", {"outgoing": "shares", "levels": "shares"})


def rounded(draft: Draft) -> None:
    """A rounded figure: read, and flagged."""
    told(draft, "rounded")


def mixed(draft: Draft) -> None:
    """The form's lines inside a narrative with numbers that are nobody's figure."""
    draft.say(draft.pick(WEEKLY["narrative"]["before"]))
    lines(draft, "plain", one_habit=True)
    for text in WEEKLY["narrative"]["after"]:
        if draft.rng.random() < 0.7:
            draft.say(text)


def mixed_table(draft: Draft) -> None:
    """A table for part I, prose for the rest."""
    draft.say(draft.pick(WEEKLY["narrative"]["before"]))
    names = labels(draft)
    draft.say(draft.pick(WEEKLY["heading1"]), bold=True)
    rows = [head(draft.pick(T["label"]), draft.pick(T["value"]))]
    rows += [[Cell(names[key]), draft.cell(key, names[key])] for key in CORE]
    draft.put(Grid(placed(rows), widths=[0.7, 0.3]))
    draft.say(draft.pick(WEEKLY["heading2"]), bold=True)
    for name in ("feedback", "outgoing", "levels", "postal"):
        draft.say(draft.pick(WEEKLY["prose"][name]))
    work(draft, lambda: draft.say(draft.pick(WEEKLY["prose"]["work"])), lambda: None)


def slips(draft: Draft) -> None:
    """The sum of on time and overdue is not the number resolved: every figure stands, and a warning beside them."""
    draft.values["resolved"] = Value.of((draft.values["resolved"].number or 0) + draft.rng.randint(3, 9))
    lines(draft, "plain", one_habit=True)
    more = draft.number("resolved") > draft.number("received")  # the slip makes them more than were received
    for key in ("resolved", "on_time", "overdue", *(("received",) if more else ())):
        draft.truth.figures[key].must_flag = True


LINES: dict[str, Layout] = {
    "form on dotted lines": form,
    "typed lines": typed,
    "numbers in words": words,
    "states": states,
    "mixed form and narrative": mixed,
    "sums that fail": slips,
}
TABLES: dict[str, Layout] = {
    "table, label left": table_left,
    "table, unit column": table_units,
    "table, ratios and shares": table_ratio,
    "table, period and cumulative": table_three,
    "table, label above": table_above,
    "table, header over two lines": table_two_line,
    "table, merged cells": table_merged,
    "table, sectors and total": table_sectors,
    "table of several agencies": table_agencies,
    "table, scopes": table_scopes,
    "table, states": table_states,
    "table and prose": mixed_table,
}
PROSE: dict[str, Layout] = {
    "prose": prose,
    "one clause, two figures": clauses,
    "cumulative beside period": cumulative,
    "scopes in prose": scopes,
    "carried over and pending": stock,
    "shares alone": shares,
    "rounded": rounded,
}
DISTRICT = ("table of several agencies", "table, scopes", "scopes in prose")
LAYOUTS: dict[str, Layout] = {**LINES, **TABLES, **PROSE}


def write(layout: str, rng: random.Random) -> Draft:
    """One weekly report in this layout, whole."""
    district = True if layout in DISTRICT else None
    draft, who = start(rng, district=district, size=2 if district else None)
    LAYOUTS[layout](draft)
    draft.say(draft.pick(WEEKLY["closing"]))
    signature(draft, who)
    settle(draft)
    return draft


def settle(draft: Draft) -> None:
    """What a careful person could also read."""
    said = draft.truth.figures
    if "received" in said and "new_received" in said and said["new_received"].value is not None:
        said["received"].accept.append(said["new_received"].value)
