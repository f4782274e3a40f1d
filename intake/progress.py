"""Progress on the plan's tasks, kept from period to period: what each agency said last of each task, and what is past its date.

Rules (plan 121/KH-UBND, "Danh mục", reported with the CCHC report):

1. The latest acceptable report of each agency and period is taken, periods in order of their cutoffs; the last word on a task counts,
   and a task a later report leaves out keeps what was said of it last, with the period it was said for.
2. A task is known by its number and its wording; the same number with other words is another task.
3. Past its date is what was to be done before the day asked about and is not said to be done.
4. A task of the office's own list (``[[task]]`` of the form) of which nobody reports stands there without a state: not reported is
   never shown as not done.
5. Everything is as of a moment: nothing is kept but the reports themselves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from intake.board import period_of
from intake.book import Law
from intake.desk import Desk
from intake.letters import latest_name
from intake.rules.values import Period
from notifier.facts import TaskFact
from parsers.fold import fold
from parsers.form import Form
from parsers.task_list import due_day
from storage.queries import Queries
from storage.records import Json

ALIKE = 0.5  # of the words of the shorter wording must stand in the other
DONE = "done"


def tasks_of(desk: Desk, q: Queries, law: Law, period: Period, as_of: datetime) -> tuple[TaskFact, ...]:
    """Every task known by that period, by number, then in protocol order; none when its form is no list."""
    form = desk.form(period.type, law.calendar.day(period.due_at))
    if form is None or not form.columns:
        return ()
    day = law.calendar.day(as_of)
    said: dict[str, list[TaskFact]] = defaultdict(list)
    for earlier in _up_to(q, law, period, as_of):
        for agency, (report, _) in q.acceptable_reports(earlier.key, as_of).items():
            _take(said[agency], agency, earlier.key, report)
    told = [replace(one, agency_name=latest_name(law, one.agency)) for mine in said.values() for one in mine]
    found = [*told, *_unreported(form, law, period, told)]
    order = {code: n for n, code in enumerate(law.roster.codes)}
    shown = [replace(one, overdue=_overdue(one, day)) for one in found]
    return tuple(sorted(shown, key=lambda one: (_rank(one.number), one.task, order.get(one.agency, len(order)))))


def counts(tasks: Sequence[TaskFact]) -> Json:
    """How many there are of each state, and past their date; ``unreported``: of the office's list, nobody speaks of them."""
    found = {"tasks": len(tasks), "overdue": sum(one.overdue for one in tasks)}
    names = {"": "unreported", "blank": "unclear"}
    for name in ("done", "under_way", "not_begun", "unclear", "unreported"):
        found[name] = sum(names.get(one.state, one.state) == name for one in tasks)
    return found


def _up_to(q: Queries, law: Law, period: Period, as_of: datetime) -> list[Period]:
    """The opened periods of the type up to this one, oldest first."""
    rows = [row.key for row in q.periods(period.type, until=period.due_at, as_of=as_of)]
    keys = dict.fromkeys([*rows, period.key])
    return sorted((period_of(q, law.calendar, key, as_of) for key in keys), key=lambda p: (p.due_at, p.key))


def _take(mine: list[TaskFact], agency: str, period: str, report: Mapping[str, Json]) -> None:
    """Lay the rows of a report over what is known of an agency's tasks."""
    rows: Any = report.get("rows") or ()
    for row in rows:
        at = next((n for n, one in enumerate(mine) if _same(one, row["number"], row["task"])), None)
        since = mine[at].since if at is not None else period
        due = date.fromisoformat(row["due"]) if row["due"] else None
        fact = TaskFact(
            agency,
            "",
            row["number"],
            row["task"],
            row["lead"],
            due,
            row["due_text"],
            row["state"],
            row["said"],
            period,
            since,
        )
        if at is None:
            mine.append(fact)
        else:
            mine[at] = fact


def _same(one: TaskFact, number: str, task: str) -> bool:
    if number and one.number and number != one.number:
        return False
    mine, other = (set(re.findall(r"\w+", fold(text))) for text in (one.task, task))
    return len(mine & other) >= ALIKE * max(1, min(len(mine), len(other)))


def _unreported(form: Form, law: Law, period: Period, told: Sequence[TaskFact]) -> list[TaskFact]:
    """Tasks of the office's own list nobody reports on, under their lead where it is one agency."""
    found = []
    for task in form.tasks:
        if not any(_same(one, task.number, task.task) for one in told):
            codes = law.roster.by_name(task.lead, law.calendar.day(period.due_at)) if task.lead else ()
            code = codes[0] if len(codes) == 1 else ""
            name = latest_name(law, code) if code else task.lead
            found.append(TaskFact(code, name, task.number, task.task, task.lead, due_day(task.due), task.due))
    return found


def _overdue(task: TaskFact, day: date) -> bool:
    return task.due is not None and task.due < day and task.state != DONE


def _rank(number: str) -> tuple[int, ...]:
    """1.10 stands behind 1.9; what has no number stands last."""
    return tuple(int(n) for n in re.findall(r"\d{1,6}", number)) or (1_000_000,)
