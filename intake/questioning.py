"""What a report is asked against its agency's own history (``rules.plausibility``), written down with the verdict.

Rules:

1. Asked with a verdict that counts and is new; the history is read once: acceptable reports received before, people's figures laid
   over. What was asked stays as it was asked.
2. One finding for each code, all its figures together. What the agency explained before is said again as ``info`` and asks nothing,
   unless it goes much further than what was explained, or is a matter of one period alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from intake.book import Ruling
from intake.desk import Desk
from intake.people import content_of, with_stated
from intake.rules.judge import SAME_CONTENT
from intake.rules.plausibility import Oddity, Past, Stated, explained_by, oddities
from notifier.texts import catalogue
from notifier.vietnamese_format import number
from parsers.form import Form
from storage.ledger import Tx
from storage.records import Json, Verdict

PERIODS = 12  # the latest ones looked back on
_KINDS = ("count", "ratio")
_INEXACT = {"approximate", "hidden"}  # flags of figures nothing is compared with


def question(desk: Desk, tx: Tx, rulings: Iterable[Ruling]) -> None:
    """Write down what the history asks of every new verdict that counts."""
    for ruling in rulings:
        verdict, submission = ruling.verdict, ruling.submission
        fresh = ruling.before is None or ruling.changed
        counts = verdict.acceptable or verdict.outcome == "incomplete"
        form = desk.form(verdict.type)
        if not (fresh and counts and form and verdict.period and submission.reading_id) or verdict.duplicate_of:
            continue
        found = _asked(tx, ruling, form)
        if found:
            tx.add_asked(verdict, found)


def _asked(tx: Tx, ruling: Ruling, form: Form) -> list[Json]:
    verdict = ruling.verdict
    history = [
        Past(period, stated(form, with_stated(report, sets) if sets else report))
        for period, report, sets in tx.reports_before(verdict.agency, verdict.type, verdict.received_at, PERIODS)
    ]
    now = stated(form, content_of(tx, ruling.submission))
    odd = [
        o for o in oddities(now, verdict.period or "", history) if o.code != "P03" or SAME_CONTENT not in verdict.notes
    ]
    if not odd:
        return []
    return _findings(form, odd, _known(tx, verdict, form, odd))


def _known(tx: Tx, verdict: Verdict, form: Form, odd: Sequence[Oddity]) -> dict[tuple[str, str], str]:
    """What the agency explained before that stands for these: code and matter → its reason, the latest."""
    asked = {(o.code, o.about): o for o in odd}
    known = {}
    for one in tx.explanations(agency=verdict.agency, type=verdict.type):
        for matter in {(one.code, about) for about in one.about} & asked.keys():
            submission, oddity = tx.submission(one.submission_id), asked[matter]
            was = stated(form, content_of(tx, submission)).get(oddity.key) if submission else None
            if explained_by(oddity, was.value if was else None, same_period=one.period == verdict.period):
                known[matter] = one.reason
    return known


def stated(form: Form, report: Json) -> dict[str, Stated]:
    """The exact figures of a report: whole agency, neither approximate nor hidden; nil counts as nothing."""
    found = {}
    figures: Mapping[str, Json] = report.get("figures") or {}
    for line in form.lines:
        figure = figures.get(line.key)
        if figure is None or line.kind not in _KINDS or figure["state"] not in ("number", "zero", "nil"):
            continue
        if figure.get("scope", "total") == "total" and not _INEXACT & set(figure.get("flags", ())):
            value = Decimal(str(figure.get("value") or 0))
            found[line.key] = Stated(value, figure.get("basis") == "cumulative")
    return found


def _findings(form: Form, odd: Sequence[Oddity], known: Mapping[tuple[str, str], str]) -> list[Json]:
    """What is still to ask first; what was explained before behind it."""
    found = []
    for code in dict.fromkeys(o.code for o in odd):
        new = [o for o in odd if o.code == code and (code, o.about) not in known]
        old = [o for o in odd if o.code == code and (code, o.about) in known]
        found += [_finding(form, code, new)] if new else []
        found += [_finding(form, code, old, known[code, old[0].about])] if old else []
    return found


def _finding(form: Form, code: str, odd: Sequence[Oddity], reason: str | None = None) -> Json:
    words = catalogue("history")[code]
    figures = "; ".join(
        str(words["figure_usual" if o.usual else "figure"]).format(**_shown(form, o)) for o in odd if o.key
    )
    message = str(words["message"]).format(figures=figures)
    if reason is not None:
        message = str(catalogue("history")["remembered"]).format(message=message, reason=reason)
    return {
        "code": code,
        "severity": "ask" if reason is None else "info",
        "figures": [o.key for o in odd if o.key],
        "message": message,
        "fix": words["fix"],
        "example": words["example"],
        "title": words["title"],
        "where": None,
        "about": [o.about for o in odd],
    }


def _shown(form: Form, oddity: Oddity) -> dict[str, str]:
    line = form.line(oddity.key)
    names = ("value", "last", "low", "high")
    shown = {name: number(str(v.to_integral_value())) for name in names if (v := getattr(oddity, name)) is not None}
    return {"label": line.label if line else oddity.key, **shown}
