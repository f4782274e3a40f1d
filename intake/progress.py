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
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from intake.book import Law
from intake.desk import Desk
from intake.letters import latest_name
from intake.rules.values import Period
from intake.task_rows import overdue, task_of
from notifier.facts import TaskFact
from parsers.fold import fold
from parsers.form import Form
from parsers.task_list import due_day
from storage.queries import Queries
from storage.records import Json

ALIKE = 0.5  # of the words of the shorter wording must stand in the other
Told = Mapping[str, tuple[TaskFact, ...]]  # agency → its tasks as last told


def tasks_of(
    desk: Desk, q: Queries, law: Law, period: Period, as_of: datetime, told: Told | None = None
) -> tuple[TaskFact, ...]:
    """Every task known by that period, by number, then in protocol order; none when its form is no list.

    ``told``: what the reports up to that period say, where the caller has it already.
    """
    form = desk.form(period.type, law.calendar.day(period.due_at))
    if form is None or not form.columns:
        return ()
    day = law.calendar.day(as_of)
    if told is None:
        told = {}
        for key in up_to(q, period, as_of):
            told = told_after(q, key, as_of, told)
    named = [replace(one, agency_name=latest_name(law, one.agency)) for mine in told.values() for one in mine]
    found = [*named, *_unreported(form, law, period, named)]
    order = {code: n for n, code in enumerate(law.roster.codes)}
    shown = [replace(one, overdue=overdue(one, day)) for one in found]
    return tuple(sorted(shown, key=lambda one: (_rank(one.number), one.task, order.get(one.agency, len(order)))))


def up_to(q: Queries, period: Period, as_of: datetime) -> list[str]:
    """The opened periods of the type up to this one, oldest first."""
    due = {row.key: row.due_at for row in q.periods(period.type, until=period.due_at, as_of=as_of)}
    due[period.key] = period.due_at
    return sorted(due, key=lambda key: (due[key], key))


def told_after(q: Queries, period: str, as_of: datetime, before: Told) -> Told:
    """What every agency said last once the reports of one more period are laid over what was known."""
    told = dict(before)
    for agency, (report, _) in q.acceptable_reports(period, as_of).items():
        mine = list(told.get(agency, ()))
        _take(mine, agency, period, report)
        told[agency] = tuple(mine)
    return told


def counts(tasks: Sequence[TaskFact]) -> Json:
    """How many there are of each state, and past their date; ``unreported``: of the office's list, nobody speaks of them."""
    found = {"tasks": len(tasks), "overdue": sum(one.overdue for one in tasks)}
    names = {"": "unreported", "blank": "unclear"}
    for name in ("done", "under_way", "not_begun", "unclear", "unreported"):
        found[name] = sum(names.get(one.state, one.state) == name for one in tasks)
    return found


def _take(mine: list[TaskFact], agency: str, period: str, report: Mapping[str, Json]) -> None:
    """Lay the rows of a report over what is known of an agency's tasks."""
    rows: Any = report.get("rows") or ()
    for row in rows:
        at = next((n for n, one in enumerate(mine) if _same(one, row["number"], row["task"])), None)
        since = mine[at].since if at is not None else period
        fact = task_of(row, agency, period, since)
        if at is None:
            mine.append(fact)
        else:
            mine[at] = fact


def _same(one: TaskFact, number: str, task: str) -> bool:
    if number and one.number and number != one.number:
        return False
    mine, other = _words(one.task), _words(task)
    return len(mine & other) >= ALIKE * max(1, min(len(mine), len(other)))


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(text)))


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


def _rank(number: str) -> tuple[int, ...]:
    """1.10 stands behind 1.9; what has no number stands last."""
    return tuple(int(n) for n in re.findall(r"\d{1,6}", number)) or (1_000_000,)
