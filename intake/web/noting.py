"""What people ask about a period beside its classes: days no report covers or two cover, what agencies explained, the plan's tasks.

Rule: none of it is worked out for the board itself, which refreshes by itself all day; each has a view of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.board import period_of
from intake.book import law_of
from intake.covered_days import covered_days
from intake.desk import Desk
from intake.letters import latest_name
from intake.progress import tasks_of
from intake.rules.coverage import Days
from intake.rules.values import Period
from intake.web.telling import Telling
from notifier.facts import TaskFact
from storage.queries import Queries
from storage.records import Explanation


@dataclass(frozen=True, slots=True)
class Noted:
    """One agency's days and explanations; those without either are left out."""

    code: str
    name: str
    uncovered: tuple[Days, ...]
    twice: tuple[Days, ...]
    explained: tuple[Explanation, ...]

    @property
    def days(self) -> int:
        """How many spans are odd."""
        return len(self.uncovered) + len(self.twice)


@dataclass(frozen=True, slots=True)
class TaskList:
    """The plan's tasks as they stood at a period."""

    period: Period
    tasks: tuple[TaskFact, ...]
    periods: tuple[str, ...]  # of the same type, the latest first


def notes_of(desk: Desk, q: Queries, key: str, as_of: datetime) -> tuple[Noted, ...]:
    """What is to be noted of each agency's report of a period, in protocol order."""
    law = law_of(desk, q)
    period = period_of(q, law.calendar, key, as_of)
    kind = desk.report_type(period.type)
    days = covered_days(q, law, kind, period, as_of) if kind else {}
    said: dict[str, tuple[Explanation, ...]] = {}
    for one in q.explanations(period=key, as_of=as_of):
        said[one.agency] = (*said.get(one.agency, ()), one)
    codes = [code for code in dict.fromkeys((*law.roster.codes, *days, *said)) if code in days or code in said]
    return tuple(
        Noted(
            code,
            latest_name(law, code) or code,
            days[code].uncovered if code in days else (),
            days[code].twice if code in days else (),
            said.get(code, ()),
        )
        for code in codes
    )


def is_list(desk: Desk, period: Period) -> bool:
    """Whether the type's form is a list of tasks."""
    form = desk.form(period.type, desk.calendar.day(period.due_at))
    return form is not None and bool(form.columns)


def task_list(desk: Desk, q: Queries, telling: Telling, key: str, now: datetime, recent: int = 12) -> TaskList:
    """Every task known by that period. Raises ``NoSuchPeriod``."""
    law = law_of(desk, q)
    period = period_of(q, law.calendar, key)
    rows = q.recent_periods(period.type, max(now, period.due_at), recent)
    told = telling.by(q, period, now) if is_list(desk, period) else None
    return TaskList(period, tasks_of(desk, q, law, period, now, told), tuple(row.key for row in reversed(rows)))


def chosen(tasks: tuple[TaskFact, ...], filters: Mapping[str, str]) -> tuple[TaskFact, ...]:
    """The tasks of one state (or past their date) and of one agency."""
    state, agency = filters.get("state", ""), filters.get("agency", "")
    return tuple(
        task
        for task in tasks
        if agency in ("", task.agency) and (state in ("", kind_of(task)) or (state == "overdue" and task.overdue))
    )


def kind_of(task: TaskFact) -> str:
    """Its state as the page counts it."""
    return {"": "unreported", "blank": "unclear"}.get(task.state, task.state)
