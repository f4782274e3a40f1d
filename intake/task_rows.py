"""A row of a task list as one report has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from notifier.facts import TaskFact

DONE = "done"


def task_of(row: Mapping[str, Any], agency: str, period: str, since: str) -> TaskFact:
    """What an agency says of a task in the report for that period."""
    due = date.fromisoformat(row["due"]) if row["due"] else None
    said = (row["state"], row["said"])
    return TaskFact(agency, "", row["number"], row["task"], row["lead"], due, row["due_text"], *said, period, since)


def overdue(task: TaskFact, day: date) -> bool:
    """Whether it was to be done before that day and is not said to be done."""
    return task.due is not None and task.due < day and task.state != DONE
