"""From candidates to figures: one answer for every key of the form, and what has to be said about it.

Rules, in order:

1. The form's own lines and tables come before texts, texts before running prose. A blank line of the form stays blank.
2. The period before the cumulative, the whole before a part, the visible before the hidden, the exact before the rounded.
3. Running text that plainly gives a line another number is told beside it ("Tóm lại: tiếp nhận 152 hồ sơ").
4. Two values left over for one key: if "new" plus "carried over" makes the larger, that one is the total; else the first stands
   and the figure is flagged.
5. "Đúng hạn" told beside "trước hạn" is a part: the form's line is their sum, derived and flagged, unless arithmetic shows that
   it holds both already. "Trả lại" split in two is added up, flagged. Nothing else is ever added up.
6. A figure read from running text is flagged unless it is plainly worded in a report that carries its title, or arithmetic with
   independently read figures confirms it. A doubt is always flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from parsers.candidates import Candidate, Found
from parsers.fitting import allow_brackets, fitting
from parsers.form import Check, Form
from parsers.labels import meaning_of
from parsers.quick import quick, replace
from parsers.values import Figure, Place
from parsers.words import vocabulary

_STATED = ("number", "zero", "nil")
_ROUND = Decimal("0.1")  # a rounded figure within this share of an exact one says the same
_FORGIVEN = frozenset(["words", "loose", "pending"])  # doubts arithmetic can lift


@quick
@dataclass(frozen=True, slots=True)
class Note:
    """Something to be said about figures: kind of check, keys, what was read."""

    kind: str
    keys: tuple[str, ...]
    raw: str = ""
    other: str = ""
    place: Place | None = None
    stated: Decimal | None = None  # a percentage


@dataclass(slots=True)
class Choice:
    """The figures of a report and the notes that became findings."""

    figures: dict[str, Figure] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)  # key → agency whose row or column of a table it stands in


def choose(form: Form, found: Found, *, titled: bool) -> Choice:
    """Every key of the form with its figure."""
    chosen: dict[str, Candidate] = {}
    notes: list[Note] = []
    by_key: dict[str, list[Candidate]] = {}
    for candidate in found.candidates:
        by_key.setdefault(candidate.key, []).append(candidate)
    for line in form.figures:
        own = by_key.get(line.key)
        if own:
            chosen[line.key], more = _pick(line.key, own, titled=titled)
            notes += more
    allow_brackets(chosen)
    notes = _settle_received(chosen, found, notes)
    _lift(chosen)
    derived = _derive(form, chosen)
    notes += derived
    sure = _confirmed(form, chosen)
    notes += _flag(
        form,
        chosen,
        sure,
        {key for note in notes for key in note.keys if note.kind in ("conflict", "derived")},
        titled=titled,
    )
    notes += _told_otherwise(
        chosen, found.again, {key for note in notes for key in note.keys if note.kind == "conflict"}
    )
    notes += _shares_of_doubted(form, chosen, notes)
    figures = {line.key: _figure(line.key, chosen.get(line.key)) for line in form.figures}
    return Choice(figures, notes, {key: candidate.owner for key, candidate in chosen.items() if candidate.owner})


def _told_otherwise(chosen: Mapping[str, Candidate], again: Sequence[Candidate], known: set[str]) -> list[Note]:
    """A note for each line running text gives another number: plainly of the period, in the form's lines, or more, which no part of it is."""
    notes: dict[str, Note] = {}
    for said in again:
        line = chosen.get(said.key)
        if line is None or line.value is None or said.value is None or said.value == line.value or said.key in known:
            continue
        if said.value > line.value or said.clean:
            before = said.place.text.partition(said.raw)[0]
            whole = said.value > line.value or said.formal or "period" in vocabulary().times.within(before)
            if not whole or "goal" in vocabulary().atoms.within(before):
                continue
            notes.setdefault(said.key, Note("conflict", (said.key,), _shown(line), _shown(said), said.place))
    return list(notes.values())


def _shares_of_doubted(form: Form, chosen: Mapping[str, Candidate], notes: Sequence[Note]) -> list[Note]:
    """A note for each percentage told of a figure that two places give differently: it may be the other one's."""
    torn = {key for note in notes for key in note.keys if note.kind == "conflict"}
    known = {key for note in notes for key in note.keys if note.kind in ("conflict", "doubtful", "unreadable")}
    shares = [line for line in form.figures if line.kind == "percentage" and line.of in torn and line.key not in known]
    stated = [
        (line.key, chosen[line.key]) for line in shares if line.key in chosen and chosen[line.key].value is not None
    ]
    return [Note("doubtful", (key,), _shown(candidate), place=candidate.place) for key, candidate in stated]


def _pick(key: str, own: Sequence[Candidate], *, titled: bool) -> tuple[Candidate, list[Note]]:
    if len(own) == 1:
        return own[0], []
    pool = _best_source(own)
    if not titled:  # a line that only looks like the form's must agree with the plain words around it
        known = {id(c) for c in pool}
        pool += [c for c in own if c.source == "prose" and c.clean and c.basis == "period" and id(c) not in known]
    pool = _prefer(pool, lambda c: c.basis == "period")
    pool = _prefer(pool, lambda c: "past" not in c.doubts)
    pool = _prefer(pool, lambda c: c.scope not in ("own", "communes"))
    pool = _prefer(pool, lambda c: not c.hidden)
    pool = _prefer(pool, lambda c: c.state != "blank")
    pool = _exact(pool)
    pool = _prefer(pool, lambda c: c.state in _STATED) if all(c.source == "prose" for c in pool) else pool
    first = pool[0]
    rival = next(
        (c for c in pool[1:] if (c.state, c.value) != (first.state, first.value) and not _same(c, first)), None
    )
    if rival is None:
        firm = next((c for c in pool if not c.doubts and _same(c, first)), first)
        return firm, []
    return first, [Note("conflict", (key,), _shown(first), _shown(rival), first.place)]


def _same(a: Candidate, b: Candidate) -> bool:
    """Nil and zero, blank lines aside, say the same."""
    nothing = ("zero", "nil")
    return (a.state in nothing and b.state in nothing) or (a.state == b.state and a.value == b.value)


def _shown(candidate: Candidate) -> str:
    return candidate.raw or {"blank": "…", "nil": "-"}.get(candidate.state, "?")


def _best_source(own: Sequence[Candidate]) -> list[Candidate]:
    official = [c for c in own if c.source in ("line", "cell")]
    told = [c for c in own if c.source == "text"]
    prose = [c for c in own if c.source == "prose"]
    empty = all(c.state == "blank" and not c.place.text.rstrip().endswith(("…", ".", ":", "_")) for c in official)
    current = any(c.basis == "period" for c in official) or not any(c.basis == "period" for c in prose)
    if official and current and not (empty and prose):
        return official
    return told or prose or list(own)


def _prefer(pool: Sequence[Candidate], good: object) -> list[Candidate]:
    kept = [c for c in pool if good(c)]  # type: ignore[operator]
    return kept or list(pool)


def _exact(pool: Sequence[Candidate]) -> list[Candidate]:
    """Rounded figures give way to an exact one they agree with."""
    exact = [c for c in pool if not c.approximate and c.value]
    if not exact:
        return list(pool)
    return [
        c for c in pool if not (c.approximate and c.value and abs(c.value - (exact[0].value or 0)) <= c.value * _ROUND)
    ]


def _settle_received(chosen: dict[str, Candidate], found: Found, notes: list[Note]) -> list[Note]:
    """As in "tiếp nhận 6.438 hồ sơ và 338 hồ sơ năm trước chuyển sang … như vậy đã tiếp nhận 6.776": the larger is the total."""
    carried = chosen.get("carried_over")
    if not any(n.kind == "conflict" and n.keys == ("received",) for n in notes) or carried is None or not carried.value:
        return notes
    values = {c.value: c for c in found.candidates if c.key == "received" and c.value and c.basis == "period"}
    for value, candidate in values.items():
        total = values.get((value or 0) + carried.value)
        if total is not None and len(values) == 2:
            chosen["received"] = total
            chosen.setdefault("new_received", replace(candidate, key="new_received"))
            return [n for n in notes if n.keys != ("received",)]
    return notes


def _lift(chosen: dict[str, Candidate]) -> None:
    """Doubts other figures lift: "đúng hạn 45/46" where 46 were resolved."""
    for key, candidate in chosen.items():
        if candidate.source == "prose" and "fraction" in candidate.doubts and candidate.below is not None:
            wholes = [chosen[other] for other in ("resolved", "received") if other in chosen and other != key]
            if any(w.value == candidate.below and w.basis == candidate.basis and not w.approximate for w in wholes):
                chosen[key] = replace(candidate, doubts=candidate.doubts - {"fraction"})
        if "backward" in candidate.doubts and _is_elsewhere(chosen.get("received"), candidate):
            chosen[key] = replace(candidate, doubts=candidate.doubts - {"backward"})


def _is_elsewhere(whole: Candidate | None, part: Candidate) -> bool:
    """Whether the total stands at a place of its own: what was told beside the post went by post."""
    stated = whole is not None and whole.state == "number" and whole.spot != part.spot and not whole.doubts
    return stated and whole is not None and (whole.value or 0) >= (part.value or 0)


def _number(chosen: Mapping[str, Candidate], key: str) -> Decimal | None:
    candidate = chosen.get(key)
    if candidate is None or candidate.state not in _STATED:
        return None
    return candidate.value or Decimal(0)


def _derive(form: Form, chosen: dict[str, Candidate]) -> list[Note]:
    notes = []
    if note := _derive_on_time(chosen):
        notes.append(note)
    if form.line("returned") and not _is_stated(chosen.get("returned")):
        notes += _sum(chosen, "returned", ("returned_organisations", "returned_individuals"))
    if not _is_stated(chosen.get("received")) and _both_period(chosen, ("new_received", "carried_over")):
        notes += _sum(chosen, "received", ("new_received", "carried_over"))
    return notes


def _both_period(chosen: Mapping[str, Candidate], keys: Sequence[str]) -> bool:
    return all(key in chosen and chosen[key].basis == "period" and chosen[key].state in _STATED for key in keys)


def _is_stated(candidate: Candidate | None) -> bool:
    return candidate is not None and candidate.state != "blank"


def _sum(chosen: dict[str, Candidate], key: str, parts: Sequence[str]) -> list[Note]:
    values = [_number(chosen, part) for part in parts]
    if any(value is None for value in values) or not _both_period(chosen, parts):
        return []
    return [_replace_by_sum(chosen, key, parts)]


def _replace_by_sum(chosen: dict[str, Candidate], key: str, parts: Sequence[str]) -> Note:
    total = sum((_number(chosen, part) or Decimal(0) for part in parts), Decimal(0))
    raw = " + ".join(_shown(chosen[part]) for part in parts)
    base = chosen[parts[-1]]
    chosen[key] = replace(
        base,
        key=key,
        value=total,
        state="number" if total else "zero",
        raw=raw,
        spot=(-1, len(chosen)),
        doubts=base.doubts | {"derived"},
    )
    return Note("derived", (key,), raw, place=base.place)


def _derive_on_time(chosen: dict[str, Candidate]) -> Note | None:
    on_time, early = chosen.get("on_time"), chosen.get("early")
    if on_time is None or early is None or on_time.value is None or not early.value:
        return None
    if on_time.combined or early.part_of == "on_time":
        return None
    resolved, overdue = _number(chosen, "resolved"), _number(chosen, "overdue") or Decimal(0)
    if resolved is not None and on_time.value + overdue == resolved:
        return None
    if resolved is not None and on_time.value + early.value > resolved:
        return None if on_time.value >= early.value else _replace_by_sum(chosen, "on_time", ("early", "on_time"))
    return _replace_by_sum(chosen, "on_time", ("early", "on_time"))


def _confirmed(form: Form, chosen: Mapping[str, Candidate]) -> set[str]:
    """Keys whose values an identity of the form bears out, each read from a number of its own."""
    sure: set[str] = set()
    extended = dict(chosen)
    if "pending" not in extended and "pending_within" in extended and "pending_overdue" not in extended:
        extended["pending"] = extended["pending_within"]
    for check in form.checks:
        if check.kind != "equal":
            continue
        for optional in (True, False):
            if _holds(check, extended, optional=optional):
                sides = (*check.left, *check.right)
                sure |= {key for key in sides if key in extended and (optional or key not in check.optional)}
    if "pending" in sure and "pending" not in chosen:
        sure.add("pending_within")
    for line in form.figures:
        if line.over and _is_borne_out(chosen.get(line.key), chosen.get(line.over)):
            sure |= {line.key, line.over}
    return sure


def _is_borne_out(top: Candidate | None, below: Candidate | None) -> bool:
    """Whether the percentage stated beside a part is what both figures make, each read from a number of its own."""
    if (
        top is None
        or below is None
        or top.percent is None
        or not top.value
        or not below.value
        or top.spot == below.spot
    ):
        return False
    exact = not (top.approximate or below.approximate) and top.basis == below.basis == "period"
    digits = max(0, -int(top.percent.as_tuple().exponent))
    return exact and abs(top.value * 100 / below.value - top.percent) <= Decimal(1) / Decimal(10) ** digits


def _holds(check: Check, chosen: Mapping[str, Candidate], *, optional: bool) -> bool:
    used: list[Candidate] = []
    sides = []
    for side in (check.left, check.right):
        total = Decimal(0)
        for key in side:
            if not optional and key in check.optional:
                continue
            value = _number(chosen, key)
            if value is None:
                if key in check.optional:
                    continue
                return False
            candidate = chosen[key]
            if (
                candidate.approximate
                or candidate.basis != "period"
                or candidate.doubts & {"past", "spaced", "derived", "fraction"}
            ):
                return False
            used.append(candidate)
            total += value
        sides.append(total)
    spots = {candidate.spot for candidate in used}
    return sides[0] == sides[1] and len(used) >= 3 and len(spots) == len(used) and sides[0] > 0


def _flag(form: Form, chosen: Mapping[str, Candidate], sure: set[str], named: set[str], *, titled: bool) -> list[Note]:
    """A note for everything about a chosen candidate that a person should look at."""
    notes: list[Note] = []
    told: list[str] = []
    for line in form.figures:
        candidate = chosen.get(line.key)
        if candidate is None or candidate.state == "blank":
            continue
        note = Note("", (line.key,), _shown(candidate), place=candidate.place)
        if candidate.state == "unreadable":
            notes.append(replace(note, kind="unreadable"))
            continue
        if candidate.approximate:
            notes.append(replace(note, kind="approximate"))
        if candidate.basis == "cumulative":
            notes.append(replace(note, kind="cumulative"))
        if candidate.scope in ("own", "communes"):
            notes.append(replace(note, kind="scope"))
        if candidate.hidden:
            notes.append(replace(note, kind="hidden"))
        if "procedures" in candidate.doubts and "procedures" not in meaning_of(line.label).atoms:
            notes.append(replace(note, kind="procedures"))
        if candidate.percent is not None:
            notes.append(replace(note, kind="percentage", stated=candidate.percent))
        if candidate.source == "prose" or not (titled or candidate.formal):
            trusted = line.key in sure or (titled and candidate.clean and not candidate.doubts)
            if not trusted or candidate.doubts - _FORGIVEN - {"derived"}:
                told.append(line.key)
        elif _doubtful(fitting(line, candidate), chosen):
            notes.append(replace(note, kind="doubtful"))
    told = [key for key in told if key not in named]
    if told:
        notes.append(Note("prose", tuple(told), place=chosen[told[0]].place))
    return notes


def _doubtful(candidate: Candidate, chosen: Mapping[str, Candidate]) -> bool:
    doubts = candidate.doubts - {"procedures", "derived"}
    if "fraction" in doubts and candidate.below is not None:
        wholes = [_number(chosen, key) for key in ("resolved", "received") if key != candidate.key]
        if candidate.below in wholes:
            doubts = doubts - {"fraction"}
    return bool(doubts)


def _figure(key: str, candidate: Candidate | None) -> Figure:
    if candidate is None:
        return Figure(key, "absent")
    flags = [name for name, on in (
        ("approximate", candidate.approximate),
        ("hidden", candidate.hidden),
        ("scope", candidate.scope in ("own", "communes")),
        ("derived", "derived" in candidate.doubts),
    ) if on]  # fmt: skip
    value = candidate.value if candidate.state in ("number", "zero") else None
    return Figure(
        key,
        candidate.state,
        value,
        candidate.raw,
        candidate.scope or "total",
        candidate.basis,
        tuple(flags),
        candidate.place,
    )
