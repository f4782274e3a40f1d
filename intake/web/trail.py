"""Every rule that fired on a mail, in order, in words: what ``cchc explain`` tells, for people who read no codes.

Rules: nothing is judged here; each line says which rule, and what it found. A word the catalogue does not know is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from intake.web import shown
from intake.web.mailing import MailView
from intake.web.pages import t, word
from storage.records import Letter, Verdict


@dataclass(frozen=True, slots=True)
class Step:
    """One rule and what it said."""

    rule: str
    said: str
    small: str = ""


def trail_of(view: MailView, moments: shown.Moments) -> tuple[Step, ...]:
    """The way of a mail through the rules."""
    kept = [
        Step(word("trail", str(rule)), _said(str(rule), str(text))) for rule, text in view.mail.facts.get("trail", [])
    ]
    judged = [
        _judged(report.submission.ref, verdict, moments)
        for report in view.reports
        for verdict in (*report.earlier, *([report.verdict] if report.verdict else ()))
    ]
    return (*kept, *judged, *_classes(view), *(_letter(letter) for letter in view.letters))


def _said(rule: str, text: str) -> str:
    """The line kept with the mail, its codes in words."""
    first, _, rest = text.partition(" ")
    if rule == "kind":
        return f"{word('trail_kind', first)}{': ' + rest if rest else ''}"
    if rule == "state":
        return ", ".join(filter(None, (word("mail_state", first), shown.reason(rest))))
    if rule == "held":
        return shown.reason(text)
    if rule == "sender":
        return _sender(first, *rest.split())
    if rule == "attempt":
        return _attempt(*text.split())
    return word("trail_said", rule) if rule == "trial" else text.rpartition(" ")[2]


def _sender(how: str, code: str = "-", reason: str = "") -> str:
    return ", ".join(filter(None, (word("trail_sender", how), "" if code == "-" else code, shown.reason(reason))))


def _attempt(kind: str, agency: str = "", how: str = "", came_to: str = "") -> str:
    found = t("trail.read") if came_to == "read" else shown.reason(came_to)
    return ", ".join(filter(None, (shown.type_name(kind), agency, shown.agency_how(how), found)))


def _judged(ref: str, verdict: Verdict, moments: shown.Moments) -> Step:
    period = shown.period(verdict.period) if verdict.period else t("trail.no_period")
    timing = ""
    if verdict.due_at:
        late, before = verdict.late_seconds, (verdict.due_at - verdict.received_at).total_seconds()
        timing = t("trail.late" if late else "trail.early", stretch=moments.stretch(late or max(before, 0)))
    outcome = word("outcome", verdict.outcome)
    said = ", ".join(filter(None, (period, shown.how(verdict.how), outcome, shown.reason(verdict.reason), timing)))
    notes = "; ".join(word("trail_note", note) for note in verdict.notes)
    return Step(t("trail.judged", ref=ref, at=moments.full(verdict.at)), said, notes)


def _classes(view: MailView) -> Iterator[Step]:
    for report in view.reports:
        if report.verdict and report.verdict.period:
            what = f"{shown.period(report.verdict.period)}, {report.agency}"
            arrived = t("board.arrived", what=shown.due_class(report.arrived).lower()) if report.arrived else ""
            yield Step(t("trail.class"), f"{what}: {shown.due_class(report.due_class)}", arrived)


def _letter(letter: Letter) -> Step:
    why = word("withheld", letter.withheld_because) if letter.withheld_because else ""
    return Step(t("trail.letter"), f"{shown.letter_kind(letter.kind)}: {word('letter_state', letter.state)}", why)
