"""The year's cutoffs as a sheet for the secretariat to confirm: data window, due moment, where it was moved from, and why."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from openpyxl import Workbook

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.office import Office
from notifier.pen import Pen, closing
from notifier.settled import settled
from notifier.texts import catalogue

_WIDTHS = (5.0, 30.0, 22.0, 14.0, 14.0, 21.0, 21.0, 36.0, 44.0, 14.0)


class Cutoff(Protocol):
    """What is shown of a period."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def window_from(self) -> date: ...  # noqa: D102
    @property
    def window_to(self) -> date: ...  # noqa: D102
    @property
    def due_original(self) -> datetime: ...  # noqa: D102
    @property
    def due_at(self) -> datetime: ...  # noqa: D102
    @property
    def due_why(self) -> str | None: ...  # noqa: D102
    @property
    def skipped(self) -> bool: ...  # noqa: D102
    @property
    def covers(self) -> tuple[str, ...]: ...  # noqa: D102


def words(code: str, **values: Any) -> str:
    """A phrase of the calendar."""
    return str(catalogue("official")["calendar"][code]).format(**values)


def calendar_workbook(cutoffs: Sequence[Cutoff], year: int, version: str, office: Office, at: datetime) -> bytes:
    """The sheet as bytes; moved and skipped cutoffs stand out."""
    book = Workbook()
    book.remove(book.worksheets[0])
    pen = Pen(book)
    page = book.create_sheet(str(catalogue("official")["book"]["calendar"]))
    moments = wording.moments(office.timezone)
    heads = list(catalogue("official")["calendar"]["columns"])
    lines = [
        (office.name.upper(), "office"),
        (words("title", year=year), "title"),
        (words("note", version=version), "note"),
    ]
    top = pen.opening(page, lines, len(heads))
    pen.head(page, top, heads, _WIDTHS)
    for n, cutoff in enumerate(cutoffs, start=1):
        moved = cutoff.due_at != cutoff.due_original
        due = None if cutoff.skipped else moments.local(cutoff.due_at)
        values = (
            n,
            wording.sentence(wording.type_short(cutoff.type)),
            wording.period_name(cutoff.key),
            vf.day(cutoff.window_from),
            vf.day(cutoff.window_to),
            due,
            moments.local(cutoff.due_original) if moved or cutoff.skipped else None,
            why_of(cutoff),
            note_of(cutoff),
            None,
        )
        mood = "act" if cutoff.skipped else "warn" if moved else "moment"
        pen.row(
            page,
            top + n,
            values,
            ("centre", "text", "text", "centre", "centre", "moment", "moment", "text", "text", "text"),
        )
        if mood != "moment":
            pen.put(page, top + n, 1, n, mood)
    closing(page, top, len(cutoffs), len(heads), str(catalogue("official")["book"]["page"]), frozen=3)
    target = io.BytesIO()
    book.save(target)
    return settled(target.getvalue(), moments.local(at).replace(tzinfo=None))


def why_of(cutoff: Cutoff) -> str:
    """Why it was moved or skipped, in words; "" when it was not."""
    kind, _, rest = (cutoff.due_why or "").partition(":")
    if kind in ("holiday", "weekend"):
        return words(kind, day=vf.day(date.fromisoformat(rest)))
    return rest.strip() if kind == "override" else cutoff.due_why or ""


def note_of(cutoff: Cutoff) -> str:
    """What a skipped period means for the next one, and what the next one carries."""
    if cutoff.skipped:
        return words("skipped" if cutoff.type == "weekly" else "skipped_alone")
    return words("covers", keys=", ".join(map(wording.period_name, cutoff.covers))) if cutoff.covers else ""
