"""The checks of a form, run over its figures: they warn and ask, they never reject and never correct.

Rules:

1. What to check and what to say is data (``[[check]]`` of the form); here is only how each kind is computed.
2. An identity is judged only where every part is an exact number, zero or nil; approximate, cumulative or partial figures would
   warn of what they are, not of a mistake. Nil counts as nothing.
3. A stated percentage is held against every base that could be meant (what was resolved, what was received); it warns only when
   none agrees within the rounding it was written with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from parsers.choose import Choice, Note
from parsers.form import Check, Form
from parsers.numbers import show
from parsers.values import Figure, Finding, Place, Signature, Window

_STATED = ("number", "zero", "nil")
_TOLERANCE = Decimal("0.11")  # points of percentage beyond the last digit written
_TEXT_MAX = 160  # characters of evidence quoted in a message


def run_checks(form: Form, choice: Choice, window: Window, signature: Signature) -> tuple[Finding, ...]:
    """Every finding of a report, in the order of the form's checks."""
    findings: list[Finding] = []
    for check in form.checks:
        findings += _RUN[check.kind](form, check, choice, window, signature)
    return tuple(findings)


class _Blank(dict[str, str]):
    """Placeholders nothing is known for read as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _finding(form: Form, check: Check, choice: Choice, keys: Sequence[str], place: Place | None = None, **words: str) -> Finding:
    numbers = {key: _shown(figure) for key, figure in choice.figures.items()}
    filled = _Blank(numbers | words)
    return Finding(
        check.code,
        check.severity,
        tuple(keys),
        check.message.format_map(filled),
        check.fix.format_map(filled),
        check.example.format_map(filled),
        check.title.format_map(filled),
        place,
    )


def _shown(figure: Figure) -> str:
    if figure.value is not None:
        return _two_digits(figure.value)
    return {"nil": "0", "blank": "…"}.get(figure.state, figure.raw or "–")


def _two_digits(value: Decimal) -> str:
    """Counts in prose carry a leading zero: 01–09."""
    text = show(value)
    return f"0{text}" if value == value.to_integral_value() and 0 < value < 10 else text


def _label(form: Form, key: str) -> str:
    line = form.line(key)
    return line.label if line else key


def _core(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    missing = [key for key in form.core if choice.figures[key].state in ("blank", "absent")]
    if missing:
        labels = "; ".join(_label(form, key) for key in missing)
        yield _finding(form, check, choice, missing, count=_two_digits(Decimal(len(missing))), labels=labels)


def _noted(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    """A finding for each note of the check's kind."""
    for note in choice.notes:
        if note.kind == check.kind:
            yield _of_note(form, check, choice, note)


def _of_note(form: Form, check: Check, choice: Choice, note: Note, **more: str) -> Finding:
    labels = [_label(form, key) for key in note.keys]
    text = note.place.text[:_TEXT_MAX] if note.place else ""
    words = {"label": labels[0], "labels": "; ".join(labels), "raw": note.raw, "other": note.other, "text": text}
    return _finding(form, check, choice, note.keys, note.place, **(words | {"count": _two_digits(Decimal(len(labels)))} | more))


def _exact(figure: Figure) -> Decimal | None:
    """A figure an identity may be judged by."""
    if figure.state not in _STATED or "approximate" in figure.flags or figure.scope != "total":
        return None
    return figure.value or Decimal(0)


def _total(keys: Sequence[str], check: Check, figures: Mapping[str, Figure], *, bare: bool = False) -> Decimal | None:
    """A side added up; ``bare``: without what is optional."""
    total = Decimal(0)
    for key in keys:
        if bare and key in check.optional:
            continue
        value = _exact(figures[key])
        if value is None and key not in check.optional:
            return None
        total += value or Decimal(0)
    return total


def _same_basis(check: Check, figures: Mapping[str, Figure]) -> bool:
    bases = {figures[key].basis for key in (*check.left, *check.right) if figures[key].state in ("number", "zero")}
    return len(bases) <= 1


def _compare(form: Form, check: Check, choice: Choice, wrong: Callable[[Decimal, Decimal], bool]) -> Iterable[Finding]:
    left, right = (_total(side, check, choice.figures) for side in (check.left, check.right))
    if left is None or right is None or not wrong(left, right) or not _same_basis(check, choice.figures):
        return
    bare = [_total(side, check, choice.figures, bare=True) for side in (check.left, check.right)]
    if check.kind == "equal" and bare[0] == bare[1]:  # the total may hold what was carried over already
        return
    keys = [key for key in (*check.left, *check.right) if choice.figures[key].state in _STATED]
    sums = {"sum": show(left), "right_sum": show(right), "diff": _two_digits(abs(left - right))}
    yield _finding(form, check, choice, keys, _first_place(choice, keys), **sums)


def _first_place(choice: Choice, keys: Sequence[str]) -> Place | None:
    return next((choice.figures[key].place for key in keys if choice.figures[key].place), None)


def _equal(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    yield from _compare(form, check, choice, lambda left, right: left != right)


def _at_most(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    yield from _compare(form, check, choice, lambda left, right: left > right)


def _ratio(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    for line in form.figures:
        if not line.over:
            continue
        top, bottom = choice.figures[line.key], choice.figures[line.over]
        over, under = _exact(top), _exact(bottom)
        if over is not None and under is not None and over > under:
            words = {"label": line.label, "raw": _shown(top), "over": _shown(bottom)}
            yield _finding(form, check, choice, (line.key, line.over), top.place, **words)


def _half_ratio(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    for line in form.figures:
        if not line.over:
            continue
        pair = [choice.figures[line.key], choice.figures[line.over]]
        stated = [figure for figure in pair if figure.state in _STATED]
        if len(stated) == 1 and stated[0].place:
            yield _finding(form, check, choice, (line.key, line.over), stated[0].place, label=line.label, raw=_shown(stated[0]))


def _percentage(form: Form, check: Check, choice: Choice, *_: object) -> Iterable[Finding]:
    for note in choice.notes:
        if note.kind == "percentage" and note.stated is not None:
            yield from _against(form, check, choice, note, note.keys[0], note.stated)
    for line in form.figures:
        figure = choice.figures[line.key]
        if line.kind == "percentage" and line.of and figure.value is not None:
            note = Note("percentage", (line.key,), figure.raw, place=figure.place)
            yield from _against(form, check, choice, note, line.of, figure.value)


def _against(form: Form, check: Check, choice: Choice, note: Note, key: str, stated: Decimal) -> Iterable[Finding]:
    figure = choice.figures[key]
    line = form.line(key)
    bases = [line.over] if line and line.over else ["resolved", "received"] if key in ("on_time", "overdue", "resolved", "early") else []
    shares = []
    top = _exact(figure)
    for base in bases:
        bottom = _exact(choice.figures[base]) if base in choice.figures and base != key else None
        if top is not None and bottom:
            shares.append(top * 100 / bottom)
    if not shares or any(abs(share - stated) <= _allowed(stated) for share in shares):
        return
    computed = min(shares, key=lambda share: abs(share - stated)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    keys = tuple(dict.fromkeys((*note.keys, key)))
    yield _finding(
        form, check, choice, keys, note.place, label=_label(form, key), stated=show(stated), computed=show(computed)
    )


def _allowed(stated: Decimal) -> Decimal:
    """Half the last digit written, and a little."""
    digits = max(0, -int(stated.as_tuple().exponent))
    return Decimal(1) / (Decimal(10) ** digits) + (_TOLERANCE if digits else Decimal(0))


def _signature(form: Form, check: Check, choice: Choice, _: Window, signature: Signature) -> Iterable[Finding]:
    if signature.state == "none":
        yield _finding(form, check, choice, ())


def _window(form: Form, check: Check, choice: Choice, window: Window, _: Signature) -> Iterable[Finding]:
    if window.start is None and window.end is None and window.month is None:
        yield _finding(form, check, choice, ())


_RUN: dict[str, Callable[..., Iterable[Finding]]] = {
    "core": _core,
    "equal": _equal,
    "at_most": _at_most,
    "ratio": _ratio,
    "half_ratio": _half_ratio,
    "percentage": _percentage,
    "signature": _signature,
    "window": _window,
    **dict.fromkeys(
        ("unreadable", "approximate", "procedures", "conflict", "prose", "cumulative", "scope", "derived", "hidden", "doubtful"), _noted
    ),
}
