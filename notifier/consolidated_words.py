"""What is said of a consolidation in words: its workbook and its Word report say it alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.consolidated import Consolidation, TypeSheet
from notifier.texts import catalogue

NAMES_MAX = 12  # agencies named in a line before "…"


def words(code: str, **values: Any) -> str:
    """A phrase of the workbook."""
    return str(catalogue("official")["book"][code]).format(**values)


class Counted(Protocol):
    """A sum over those who stated a figure."""

    @property
    def n(self) -> int: ...  # noqa: D102 the class says it
    @property
    def expected(self) -> int: ...  # noqa: D102
    @property
    def about(self) -> int: ...  # noqa: D102


def counted(total: Counted) -> str:
    """How many of how many stated it, and how many of these only about: "10/28", "10/28, 01 ước lượng"."""
    told = f"{total.n}/{total.expected}"
    return words("only_about", counted=told, n=vf.count(total.about)) if total.about else told


def level_name(code: str) -> str:
    """An agency level in words; one nobody worded is shown as it is."""
    return str(catalogue("official")["level"].get(code, code))


def type_name(sheet: TypeSheet) -> str:
    """A report type at the head of its page."""
    return wording.sentence(wording.type_short(sheet.type))


def span_title(found: Consolidation, sheet: TypeSheet | None = None) -> str:
    """What the workbook, or one of its sheets, is of: "báo cáo tuần CCHC kỳ ngày 21/7/2017", "báo cáo CCHC, tháng 8/2017"."""
    first, _, last = found.span.partition("..")
    if last:
        kind = first.partition(":")[0]
        ends = {"first": wording.period_name(first), "last": wording.period_name(last)}
        return words("range", report=wording.type_short(kind), **ends)
    one = sheet or (found.sheets[0] if len(found.sheets) == 1 else None)
    if one and len(one.periods) == 1:
        return wording.type_subject(one.type, one.periods[0].key)
    kind = wording.type_short(one.type) if one else words("reports")
    return f"{kind}, {wording.period_name(f'span:{found.span}')}"


def class_label(sheet: TypeSheet, name: str) -> str:
    """A class on the page; while our own polling is in doubt nobody is said not to have reported."""
    return words("not_seen") if name == "missing" and sheet.provisional else wording.class_word(name, "page")


def class_mood(sheet: TypeSheet, name: str) -> str:
    """Its colour."""
    accused = name != "missing" or not sheet.provisional
    return (wording.class_word(name, "mood") if accused else "") or "calm"


def not_received(sheet: TypeSheet) -> Iterable[tuple[str, Sequence[tuple[str, str]]]]:
    """The lists of those whose figures are not in or not settled, each with the code of its heading; empty ones are left out."""
    missing = "missing_provisional" if sheet.provisional else "missing"
    lists = (
        (missing, sheet.not_received),
        ("waiting", sheet.waiting),
        ("open", sheet.open),
        ("doubted", sheet.doubted),
    )
    return ((code, pairs) for code, pairs in lists if pairs)


def identity(sheet: TypeSheet) -> str:
    """Expected = the six classes, and what stands beside."""
    classes = {name: vf.count(n) for name, n in sheet.classes.items()}
    beside = {name: vf.count(n) for name, n in sheet.beside.items()}
    code = "identity_provisional" if sheet.provisional else "identity"
    return words(code, expected=vf.number(sheet.expected), **classes, **beside)


def standing(sheet: TypeSheet) -> str:
    """Whether everybody's figures are in, and whose are not."""
    if not sheet.expected:
        return words("nothing_due")
    if sheet.whole:
        return words("whole", n=sheet.summed, expected=sheet.expected)
    names = list(dict.fromkeys(name for _, name in (*sheet.missing, *sheet.open)))
    shown = ", ".join(names[:NAMES_MAX]) + (f" … (+{len(names) - NAMES_MAX})" if len(names) > NAMES_MAX else "")
    return words("partial", n=sheet.summed, expected=sheet.expected, names=shown)


def percent(part: Decimal | int, whole: Decimal | int) -> str:
    """95,5%, or a dash when there is nothing to divide by."""
    return vf.share(int(part), int(whole)) if whole else words("absent")
