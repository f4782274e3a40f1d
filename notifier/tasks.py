"""Tasks of the plan in words: how far each is, what is past its date, and what a report was read to say of them."""

from __future__ import annotations

from collections.abc import Sequence

from notifier import vietnamese_format as vf
from notifier.facts import TaskFact
from notifier.plain import one_line
from notifier.texts import phrase
from notifier.wording import period_name

_NAME_MAX, _TASK_MAX, _SAID_MAX = 120, 200, 120  # characters of a name, of a task's wording, of what is said of it
OVERDUE_MAX = 40  # tasks past their date named in a letter; all stand in the workbook
READ_MAX = 12  # tasks an acknowledgement names all of; of a longer list those past their date or unclear
_CLEAR = ("done", "under_way", "not_begun")


def tasks_identity(tasks: Sequence[TaskFact]) -> str:
    """How many tasks there are of each state, and past their date: "Tổng số 5 nhiệm vụ = …"."""
    states = [{"": "unreported", "blank": "unclear"}.get(task.state, task.state) for task in tasks]
    names = ("done", "under_way", "not_begun", "unreported")
    found = {name: states.count(name) for name in names}
    found["unclear"] = len(states) - sum(found.values())
    found |= {"tasks": len(tasks), "overdue": sum(task.overdue for task in tasks)}
    return phrase("tasks", "identity", **{name: vf.count(n) for name, n in found.items()})


def state_text(task: TaskFact) -> str:
    """How far a task is, in words."""
    return phrase("tasks", task.state or "unreported") or phrase("tasks", "unclear")


def standing_text(task: TaskFact, period: str) -> str:
    """The same, with the report it stands in where that is an earlier one; what is done stays done."""
    if task.period in ("", period) or task.state == "done":
        return state_text(task)
    return phrase("tasks", "said_for", state=state_text(task), period=period_name(task.period))


def overdue_text(task: TaskFact, period: str) -> str:
    """A task past its date: when it was due, whose it is, what it is, how far."""
    due = vf.day(task.due) if task.due else task.due_text
    agency = one_line(task.agency_name or task.lead, _NAME_MAX)
    values = {
        "due": due,
        "agency": agency,
        "task": one_line(task.task, _TASK_MAX).rstrip("."),
        "state": standing_text(task, period),
    }
    return phrase("tasks", "past_number" if task.number else "past", number=task.number, **values)


def tasks_named(tasks: Sequence[TaskFact]) -> Sequence[TaskFact]:
    """Those of a report its acknowledgement names: all of a short list, of a long one what asks to be looked at."""
    if len(tasks) <= READ_MAX:
        return tasks
    return [task for task in tasks if task.overdue or task.state not in _CLEAR][:OVERDUE_MAX]


def read_text(task: TaskFact) -> str:
    """A task as it was read: its number and wording, how far, as written where that is not clear, and its date."""
    name = ". ".join(filter(None, (task.number, one_line(task.task, _TASK_MAX).rstrip("."))))
    said = f' ("{one_line(task.said, _SAID_MAX)}")' if task.said and task.state not in _CLEAR else ""
    due = vf.day(task.due) if task.due else one_line(task.due_text, _NAME_MAX)
    until = phrase("tasks", "until_past" if task.overdue else "until", due=due) if due else ""
    return f"{name}: " + "; ".join(filter(None, (state_text(task) + said, until)))
