"""What the digest's template needs beyond the facts themselves: lists by class, the province's line, the grid of totals.

Rules (product definitions): the six classes sum to expected, or the letter is not written; shares are of pooled sums with n/E
beside them; a provisional digest calls nobody missing, nor counts how often; a total nobody stated is shown as missing, never as 0; agencies stand in the order they came, the protocol's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from notifier import vietnamese_format as vf
from notifier.consolidated_words import counted
from notifier.facts_of_many import CoverageFact, DigestFacts, LineFact, ReviewFact, TotalFact
from notifier.sheet import Grid
from notifier.tasks import OVERDUE_MAX, overdue_text, tasks_identity
from notifier.texts import catalogue, phrase
from notifier.wording import reason_word
from storage.records import RETURNED

UNSTATED_MAX = 6  # totals nobody stated named in a letter; all stand in the workbook
CLASSES = ("on_time", "cured", "late", "incomplete", "in_review", "missing")


class UnequalBoardError(ValueError):
    """The classes of a digest do not sum to what was expected: our bug, nothing may be sent."""


def digest_view(facts: DigestFacts) -> Mapping[str, Any]:
    """Names for the template; ``UnequalBoardError`` when the identity does not hold."""
    classes = {code: facts.classes.get(code, 0) for code in CLASSES}
    if sum(classes.values()) != facts.expected:
        raise UnequalBoardError(f"{facts.period}: {facts.expected} expected, classes {classes}")
    complete, missing = classes["on_time"] + classes["cured"] + classes["late"], silent(facts)
    return {
        "c": classes,
        "complete": complete,
        "with_figures": complete + _counted_in_review(facts),
        "missing": missing,
        "doubtful": [line for line in lines_of(facts, "missing") if line not in missing],
        "incomplete": lines_of(facts, "incomplete"),
        "late": lines_of(facts, "late"),
        "province": province_text(facts),
        "stated": any(total.n for total in facts.totals),
        "unstated": unstated_text(facts),
        "urge": partial(urge_text, provisional=facts.provisional),
        "review_reason": review_reason,
        "trouble": trouble_text,
        "days": [days_text(one) for one in facts.days],
        "tasks_identity": tasks_identity(facts.tasks),
        "tasks_overdue": [overdue_text(task, facts.period) for task in facts.tasks if task.overdue][:OVERDUE_MAX],
    }


def _counted_in_review(facts: DigestFacts) -> int:
    """How many in review have a report whose figures are in the sums."""
    with_report = {one.agency for one in facts.figures if one.receipt and one.values}
    return sum(line.agency in with_report for line in lines_of(facts, "in_review"))


def days_text(one: CoverageFact) -> str:
    """Which days no report of an agency covers, and which two cover."""
    said = [
        phrase("digest", what, days=", ".join(_span_text(span) for span in getattr(one, what)))
        for what in ("uncovered", "twice")
        if getattr(one, what)
    ]
    return f"{one.name}: {'; '.join(said)}"


def _span_text(span: str) -> str:
    first, last = (date.fromisoformat(day) for day in span.split(".."))
    return vf.day(first) if first == last else f"{vf.day(first)}–{vf.day(last)}"


def silent(facts: DigestFacts) -> tuple[LineFact, ...]:
    """The missing of whom nothing waits: only these are to be urged. A provisional digest calls nobody missing and parts nobody."""
    return tuple(line for line in lines_of(facts, "missing") if facts.provisional or not line.waiting)


def lines_of(facts: DigestFacts, due_class: str) -> tuple[LineFact, ...]:
    """The dues of one class, in protocol order."""
    return tuple(line for line in facts.lines if line.due_class == due_class)


def urge_text(line: LineFact, *, provisional: bool = False) -> str:
    """Telephone and, once it is certain, how many periods in a row: "ĐT …; chưa nộp 02 kỳ liên tiếp"."""
    pieces = [phrase("digest", "phone", phone=line.contact_phone)] if line.contact_phone else []
    if line.waiting:
        pieces.append(phrase("digest", "waiting", n=vf.count(line.waiting)))
    elif line.streak > 1 and not provisional:
        pieces.append(phrase("digest", "streak", n=vf.count(line.streak)))
    return "; ".join(pieces)


def review_reason(item: ReviewFact) -> str:
    """Why something waits for a person, in a few words."""
    if item.reason in catalogue("reasons"):
        why = reason_word(item.reason, "page")
    else:
        review = catalogue("matters")["review"]
        why = str(review.get(item.reason, review["other"]))
    return f"{why}: {item.detail}" if item.detail else why


def trouble_text(line: str) -> str:
    """A line about a mail set aside or a letter that failed ("17 a@x: timeout", "reminder Sở …: 550 …") with its codes in words."""
    head, colon, why = line.partition(": ")
    kind, space, rest = head.partition(" ")
    if RETURNED.fullmatch(why):
        why = returned_text(why)
    elif why in catalogue("reasons"):
        why = reason_word(why, "page")
    what = phrase("digest", "mail", n=kind) if kind.isdigit() else phrase("kind", kind) or kind
    return f"{what}{space}{rest}{colon}{why}"


def returned_text(reply: str) -> str:
    """How a letter fared as the outbox notes it, a delivery report in words."""
    returned = RETURNED.fullmatch(reply)
    return phrase("digest", "returned", mail=returned[1]) if returned else reply


def province_text(facts: DigestFacts) -> str:
    """The province's five figures in a line: tiếp nhận …; giải quyết …, trong đó đúng hạn … (…%); quá hạn …."""
    totals = {total.key: total for total in facts.totals if total.value is not None}
    pieces = [_piece(key, totals[key]) for key in ("received", "resolved", "overdue") if key in totals]
    if on_time := totals.get("on_time"):
        piece = _on_time(on_time, totals.get("resolved"))
        at = next((i for i, text in enumerate(pieces) if text == _piece("resolved", totals.get("resolved"))), None)
        if at is None:
            pieces.append(piece)
        else:
            pieces[at] = f"{pieces[at]}, {piece}"
    return "; ".join(pieces)


def totals_grid(facts: DigestFacts) -> Grid:
    """Every total somebody stated, with the number of agencies that did."""
    head = (phrase("label", "figure"), phrase("digest", "total"), phrase("digest", "stated"))
    return Grid(head, tuple((t.label, total_text(t), counted(t)) for t in facts.totals if t.n))


def unstated_text(facts: DigestFacts) -> str:
    """The totals nobody stated: by name where they are few, else how many there are; "" when there are none."""
    labels = [total.label for total in facts.totals if not total.n]
    if not labels:
        return ""
    code = "unstated" if len(labels) <= UNSTATED_MAX else "unstated_many"
    expected = max(total.expected for total in facts.totals)
    return phrase("digest", code, n=vf.count(len(labels)), expected=expected, labels="; ".join(labels))


def total_text(total: TotalFact) -> str:
    """A sum, or that there is none."""
    if total.value is None:
        return phrase("workbook", "no_report")
    return vf.number(total.value) + ("%" if total.percent else "")


def _piece(key: str, total: TotalFact | None) -> str:
    return phrase("digest", key, n=_number(total)) if total else ""


def _number(total: TotalFact) -> str:
    """A sum; of one to which somebody added only about how many, about that many."""
    return phrase("digest", "about", n=vf.number(total.value)) if total.about else vf.number(total.value)


def _on_time(on_time: TotalFact, resolved: TotalFact | None) -> str:
    n = _number(on_time)
    whole = Decimal(resolved.value) if resolved and resolved.value is not None else Decimal(0)
    if not whole or resolved is None or resolved.n != on_time.n:  # other agencies below the line: no share
        return phrase("digest", "on_time", n=n)
    return phrase("digest", "on_time_share", n=n, share=vf.share(int(Decimal(on_time.value or 0)), int(whole)))
