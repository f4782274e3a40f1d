"""The checks of a form, run over its figures: they warn and ask, they never reject and never correct.

Rules:

1. What to check and what to say is data (``[[check]]`` of the form); here is only how each kind is computed.
2. An identity is judged only where every part is an exact number, zero or nil; approximate, cumulative or partial figures would
   warn of what they are, not of a mistake. Nil counts as nothing.
3. A stated percentage is held against every base that could be meant (what was resolved, what was received); it warns only when
   none agrees within the rounding it was written with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from parsers.choose import Choice, Note
from parsers.form import Check, Form
from parsers.numbers import show
from parsers.quick import quick
from parsers.values import Figure, Finding, Place, Report, Signature, Window

_STATED = ("number", "zero", "nil")
_BASES = ("resolved", "received")  # what a share of files may be a share of
_SHARES = frozenset(["on_time", "overdue", "resolved", "early"])
_TOLERANCE = Decimal("0.11")  # points of percentage beyond the last digit written
_TEXT_MAX = 160  # characters of evidence quoted in a message


def run_checks(form: Form, choice: Choice, window: Window, signature: Signature) -> tuple[Finding, ...]:
    """Every finding of a report, in the order of the form's checks."""
    findings: list[Finding] = []
    for check in form.checks:
        findings += _RUN[check.kind](_Case(form, check, choice, window, signature))
    return tuple(findings)


def without_lines(form: Form, report: Report, not_asked: Collection[str]) -> Report:
    """The report with no finding that asks for lines its agency is never asked for; one that asks for others too names those alone."""
    if not any(set(finding.figures) & set(not_asked) for finding in report.findings):
        return report
    core = {check.code: check for check in form.checks if check.kind == "core"}
    choice = Choice({figure.key: figure for figure in report.figures})
    findings: list[Finding] = []
    for finding in report.findings:
        if finding.code in core:
            findings += _core(_Case(form, core[finding.code], choice, report.window, report.signature), not_asked)
        elif not finding.figures or set(finding.figures) - set(not_asked):
            findings.append(finding)
    return replace(report, findings=tuple(findings))


class _Words(dict[str, str]):
    """What fills a template: words, else the figure of that name; what nothing is known for reads as a dash."""

    def __init__(self, words: Mapping[str, str], figures: Mapping[str, Figure]) -> None:
        super().__init__(words)
        self.figures = figures

    def __missing__(self, key: str) -> str:
        figure = self.figures.get(key)
        return _shown(figure) if figure else "–"


@quick
@dataclass(frozen=True, slots=True)
class _Case:
    """One check and the report it is run over."""

    form: Form
    check: Check
    choice: Choice
    window: Window
    signature: Signature

    def figure(self, key: str) -> Figure:
        return self.choice.figures[key]

    def label(self, key: str) -> str:
        line = self.form.line(key)
        return line.label if line else key

    def finding(self, keys: Sequence[str], place: Place | None = None, **words: str) -> Finding:
        """The check's finding, its templates filled."""
        check = self.check
        filled = _Words(words, self.choice.figures)
        message, fix = check.message.format_map(filled), check.fix.format_map(filled)
        example, title = check.example.format_map(filled), check.title.format_map(filled)
        return Finding(check.code, check.severity, tuple(keys), message, fix, example, title, place)

    def noted(self, note: Note) -> Finding:
        """The finding of a note about figures."""
        labels = [self.label(key) for key in note.keys]
        text = note.place.text[:_TEXT_MAX] if note.place else ""
        count = _two_digits(Decimal(len(labels)))
        words = {"label": labels[0], "labels": "; ".join(labels), "raw": note.raw, "other": note.other, "text": text}
        return self.finding(note.keys, note.place, count=count, **words)

    def first_place(self, keys: Sequence[str]) -> Place | None:
        """Where the first of some figures stands."""
        return next((place for key in keys if (place := self.figure(key).place)), None)

    def total(self, keys: Sequence[str], *, bare: bool = False) -> Decimal | None:
        """A side added up; ``bare``: without what is optional. None when a part is not exact."""
        total = Decimal(0)
        for key in keys:
            if bare and key in self.check.optional:
                continue
            value = _exact(self.figure(key))
            if value is None and key not in self.check.optional:
                return None
            total += value or Decimal(0)
        return total


def _shown(figure: Figure) -> str:
    if figure.value is not None:
        return _two_digits(figure.value)
    return {"nil": "0", "blank": "…"}.get(figure.state, figure.raw or "–")


def _two_digits(value: Decimal) -> str:
    """Counts in prose carry a leading zero: 01–09."""
    text = show(value)
    return f"0{text}" if value == value.to_integral_value() and 0 < value < 10 else text


def _exact(figure: Figure) -> Decimal | None:
    """A figure an identity may be judged by."""
    if figure.state not in _STATED or "approximate" in figure.flags or figure.scope != "total":
        return None
    return figure.value or Decimal(0)


def _core(case: _Case, not_asked: Collection[str] = ()) -> Iterable[Finding]:
    asked = [key for key in case.form.core if key not in not_asked]
    missing = [key for key in asked if case.figure(key).state in ("blank", "absent")]
    if missing:
        labels = "; ".join(case.label(key) for key in missing)
        yield case.finding(missing, count=_two_digits(Decimal(len(missing))), labels=labels)


def _noted(case: _Case) -> Iterable[Finding]:
    """A finding for each note of the check's kind."""
    return [case.noted(note) for note in case.choice.notes if note.kind == case.check.kind]


def _compare(case: _Case, wrong: Callable[[Decimal, Decimal], bool]) -> Iterable[Finding]:
    sides = (case.check.left, case.check.right)
    keys = [key for side in sides for key in side if case.figure(key).state in _STATED]
    left, right = (case.total(side) for side in sides)
    if left is None or right is None or not wrong(left, right):
        return
    if len({case.figure(key).basis for key in keys if case.figure(key).state != "nil"}) > 1:
        return
    sums = {"sum": show(left), "right_sum": show(right), "diff": _two_digits(abs(left - right))}
    yield case.finding(keys, case.first_place(keys), **sums)


def _equal(case: _Case) -> Iterable[Finding]:
    check = case.check
    rights = [
        case.total(check.right, bare=bare) for bare in (False, True)
    ]  # the total may hold what was carried over already
    lefts = [case.total(check.left, bare=bare) for bare in (False, True)]
    for key in check.perhaps:
        more = _exact(case.figure(key)) or Decimal(0)
        lefts += [left + more for left in lefts if left is not None]
    if any(left is not None and left == right for left in lefts for right in rights):
        return ()
    return _compare(case, lambda left, right: left != right)


def _at_most(case: _Case) -> Iterable[Finding]:
    return _compare(case, lambda left, right: left > right)


def _ratio(case: _Case) -> Iterable[Finding]:
    for line in case.form.figures:
        if not line.over:
            continue
        top, bottom = case.figure(line.key), case.figure(line.over)
        over, under = _exact(top), _exact(bottom)
        if over is not None and under is not None and over > under:
            words = {"label": line.label, "raw": _shown(top), "over": _shown(bottom)}
            yield case.finding((line.key, line.over), top.place, **words)


def _half_ratio(case: _Case) -> Iterable[Finding]:
    for line in case.form.figures:
        if not line.over:
            continue
        pair = (case.figure(line.key), case.figure(line.over))
        stated = [figure for figure in pair if figure.state in _STATED]
        if len(stated) == 1:
            yield case.finding((line.key, line.over), stated[0].place, label=line.label, raw=_shown(stated[0]))


def _percentage(case: _Case) -> Iterable[Finding]:
    for note in case.choice.notes:
        if note.kind == "percentage" and note.stated is not None:
            yield from _against(case, note, note.keys[0], note.stated)
    for line in case.form.figures:
        figure = case.figure(line.key)
        if line.kind == "percentage" and line.of and figure.value is not None:
            note = Note("percentage", (line.key,), figure.raw, place=figure.place)
            yield from _against(case, note, line.of, figure.value)


def _against(case: _Case, note: Note, key: str, stated: Decimal) -> Iterable[Finding]:
    """A stated percentage against what the figures make it."""
    line = case.form.line(key)
    bases = [base for base in (line.over, line.whole) if base] if line else []
    if key in _SHARES:
        bases += [base for base in _BASES if base != key]
    top = _exact(case.figure(key))
    bottoms = [bottom for base in bases if (bottom := _exact(case.figure(base)))]
    shares = [top * 100 / bottom for bottom in bottoms] if top is not None else []
    if not shares or any(abs(share - stated) <= _allowed(stated) for share in shares):
        return
    computed = min(shares, key=lambda share: abs(share - stated)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    keys = tuple(dict.fromkeys((*note.keys, key)))
    yield case.finding(keys, note.place, label=case.label(key), stated=show(stated), computed=show(computed))


def _allowed(stated: Decimal) -> Decimal:
    """The last digit written, and a little."""
    digits = max(0, -int(stated.as_tuple().exponent))
    return Decimal(1) / (Decimal(10) ** digits) + (_TOLERANCE if digits else Decimal(0))


def _signature(case: _Case) -> Iterable[Finding]:
    if case.signature.state == "none":
        yield case.finding(())


def _window(case: _Case) -> Iterable[Finding]:
    if case.window.start is None and case.window.end is None and case.window.month is None:
        yield case.finding(())


_NOTED = (
    "unreadable",
    "approximate",
    "procedures",
    "conflict",
    "prose",
    "cumulative",
    "scope",
    "derived",
    "hidden",
    "doubtful",
    "version",
    "row_blank",
    "row_unclear",
    "row_due",
    "row_overdue",
)
_RUN: dict[str, Callable[[_Case], Iterable[Finding]]] = {
    "core": _core,
    "equal": _equal,
    "at_most": _at_most,
    "ratio": _ratio,
    "half_ratio": _half_ratio,
    "percentage": _percentage,
    "signature": _signature,
    "window": _window,
    **dict.fromkeys(_NOTED, _noted),
}
