"""Progress on the plan's tasks in the demo: five agencies owe it with the monthly report, one never sends it.

The office's own list (``forms/tasks.toml`` of the demo's folder) names every task, so that what nobody reports on is shown, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files

from intake.demo import documents
from intake.demo.letters import File
from intake.demo.paper import texts
from intake.demo.scene import DemoMail, Expectation, Scene
from intake.rules.values import Agency

KIND = "tasks"


def owing_tasks(agencies: Sequence[Agency]) -> list[Agency]:
    """Who reports on tasks."""
    return [agency for agency in agencies if any(owed.text == KIND for owed in agency.reports)]


def progress(scene: Scene, agencies: Sequence[Agency], months_before: int = 0) -> list[DemoMail]:
    """The mails of one month's end, so many months before the demo's last."""
    form = texts(KIND)
    return [
        _mail(scene, agency, months_before) for agency in owing_tasks(agencies) if agency.code not in form["silent"]
    ]


def _mail(scene: Scene, agency: Agency, months_before: int) -> DemoMail:
    form = texts(KIND)
    words = {"month": scene.friday.month, "year": scene.friday.year, "agency": agency.name}
    last = _month(scene.friday, months_before)
    rows = [
        (task["number"], task["task"], agency.name, _due(last, task["months"]), task["told"][max(0, 2 - months_before)])
        for task in form["task"]
        if task["agency"] == agency.code
    ]
    number = texts("mails")["letterhead"]["number"].format(number=scene.rng.randint(20, 480), code=agency.code)
    table = documents.table_docx(
        (agency.name.upper(), number, form["title"].format(**words)), (tuple(form["head"]), *rows)
    )
    draft = scene.draft(
        agency, form["subject"].format(**words), form["body"].format(**words), File(f"{form['file_name']}.docx", table)
    )
    late = agency.code in form["late"]
    at = (
        scene.at("10:41:09") if late else scene.at(f"1{4 + scene.rng.randint(0, 2)}:{scene.rng.randint(10, 59)}:27", -1)
    )
    due_class = "late" if late else "on_time"
    expect = Expectation(agency.code, KIND, scene.period(KIND), "accepted", due_class, (("tasks", len(rows)),))
    return scene.mail("task_list", draft, at, expect)


def _month(friday: date, after: int) -> tuple[int, int]:
    """(year, month) of so many months after."""
    year, month = divmod(friday.year * 12 + friday.month - 1 + after, 12)
    return year, month + 1


def _due(last: tuple[int, int], months: int) -> str:
    year, month = _month(date(*last, 1), months)
    return str(texts(KIND)["due"]).format(month=month, year=year)


def own_form(last_friday: date, agencies: Sequence[Agency]) -> str:
    """The packaged form with the office's list behind it."""
    names = {agency.code: agency.name for agency in agencies}
    return "".join((_packaged(), *_entries(_month(last_friday, 0), names)))


def _packaged() -> str:
    return (files("parsers") / "forms" / "tasks.toml").read_text(encoding="utf-8")


def _entries(last: tuple[int, int], names: dict[str, str]) -> Iterator[str]:
    for task in texts(KIND)["task"]:
        fields = {"number": task["number"], "task": task["task"], "lead": names[task["agency"]]}
        yield "\n[[task]]\n" + "".join(f'{name} = "{value}"\n' for name, value in fields.items())
        yield f'due = "{_due(last, task["months"])}"\n'
