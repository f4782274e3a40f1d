"""A letter of the outbox in, its exact bytes out.

Rules: everything a letter says comes from its facts, its log position and the office; the text and the HTML are made from the same
blocks; hostile text from a sender never raises (it is tamed value by value); our own mistakes do (an undefined name, a board that
does not add up, nobody to write to), and the postman then sets the letter aside. Letters carry no document number of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import css_inline
from jinja2 import Environment, Template

from notifier import subject, wording
from notifier import vietnamese_format as vf
from notifier.digest import digest_view, totals_grid
from notifier.facts import AcknowledgementFacts, MissingFacts, OwedFact, ReminderFacts, ReportFact, RequestFacts
from notifier.facts_of_many import AlarmFacts, DigestFacts, EscalationFacts, SummaryFacts
from notifier.figure_words import changes_grid, figures_grid, value_text
from notifier.message import Attachment, Heading, message_bytes
from notifier.office import Office
from notifier.results import results_grid
from notifier.sheet import Block, Grid, plain_text, read_sheet
from notifier.summary import grids as summary_grids
from notifier.summary import summary_view
from notifier.tasks import read_text, tasks_named
from notifier.texts import environment, phrase
from storage.records import Letter

__all__ = ["Composed", "Office", "compose"]

Words = Mapping[str, Any]
_SPOKEN = (  # functions of notifier.wording the templates call by their own names
    "agencies_told",
    "class_word",
    "file_fate",
    "file_in_list",
    "file_label",
    "first_due",
    "how_text",
    "identity",
    "inside",
    "mail_section",
    "missing_core",
    "named",
    "outcome_word",
    "period_name",
    "reason_word",
    "refused_files",
    "refused_of",
    "remarks",
    "sentence",
    "settled_class",
    "to_check",
    "type_short",
    "unsettled",
)
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter ready to be sent and kept."""

    raw: bytes  # RFC 5322, CR LF, 7-bit
    subject: str
    text: str  # the plain text, for people who look
    html: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before its bytes: subject, template and what goes into it."""

    subject: str
    template: str
    words: Words
    grids: Mapping[str, Grid]
    receipt: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    mail_sha256: str = ""
    files: tuple[Attachment, ...] = ()


def compose(letter: Letter, office: Office, at: datetime | None = None, files: Sequence[Attachment] = ()) -> Composed:
    """The letter as bytes, dated ``at`` (default: when it was written into the outbox); ``files`` made with its facts."""
    now = at or letter.created_at
    if now is None:
        raise ValueError("a letter needs a moment: neither created nor sent")
    draft = _DRAFTS[letter.kind](letter, office, now)
    shared = {
        "letter": letter,
        "office": office,
        "now": now,
        "receipt": draft.receipt,
        "m": wording.moments(office.timezone),
    }
    blocks = _blocks(draft, shared, office)
    text, html = plain_text(blocks), _html(blocks, draft.subject)
    heading = Heading(
        sender=office.from_header or office.mailbox_address,
        to=letter.to,
        subject=draft.subject,
        date=now,
        message_id=letter.message_id,
        in_reply_to=draft.in_reply_to,
        references=draft.references,
        auto_submitted="auto-replied" if letter.kind in _ANSWERS else "auto-generated",
        extra=_extra(letter, draft),
    )
    zone = wording.moments(office.timezone).zone
    return Composed(message_bytes(heading, zone, text, html, (*draft.files, *files)), draft.subject, text, html)


def _extra(letter: Letter, draft: Draft) -> tuple[tuple[str, str], ...]:
    receipt = (("X-CCHC-Receipt", draft.receipt),) if draft.receipt else ()
    mail = (("X-CCHC-Mail", draft.mail_sha256),) if draft.mail_sha256 else ()
    return (*receipt, ("X-CCHC-Log", f"{letter.seq} {letter.hash}"), *mail)


def _blocks(draft: Draft, shared: Words, office: Office) -> tuple[Block, ...]:
    lines = _template(office.timezone, draft.template).render(**shared, **draft.words)
    foot = _template(office.timezone, "footer.j2").render(**shared, **draft.words)
    return read_sheet(f"{lines}\n{foot}", draft.grids)


def _html(blocks: tuple[Block, ...], title: str) -> str:
    page = _template("", "letter.html.j2").render(blocks=blocks, subject=title)
    return str(_inliner().inline(page))


@cache
def _inliner() -> Any:
    return css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


@cache
def _template(timezone: str, name: str) -> Template:
    """A template with what it may call as one dictionary: Jinja's own layers are copied, name by name, for every letter."""
    template = _environment(timezone).get_template(name)
    template.globals = dict(template.globals)
    return template


@cache
def _environment(timezone: str) -> Environment:
    jinja = environment()
    names: dict[str, Callable[..., Any]] = {name: getattr(wording, name) for name in _SPOKEN}
    jinja.globals.update(
        names,
        phrase=phrase,
        count=vf.count,
        number=vf.number,
        share=vf.share,
        section=wording.section_of,
        place=wording.place_text,
        value=value_text,
        window=wording.window_text,
        scans=wording.SCANS,
        system_side=wording.SYSTEM_SIDE,
        full=lambda r: wording.type_full(r.type, r.period),
        own_period=lambda r: bool(wording.type_words(r.type)["own_period"]),
        verdict=lambda r: wording.class_word(wording.shown_class(r), "verdict"),
        tasks_named=tasks_named,
        read_text=read_text,
        roman=lambda n: _ROMAN[n] if n < len(_ROMAN) else str(n),
    )
    if timezone:
        jinja.globals["moved"] = lambda r: wording.moved_text(timezone, r.due_at, r.due_original, r.due_why)
    return jinja


def _answer(letter: Letter, _office: Office, _now: datetime) -> Draft:
    facts = AcknowledgementFacts.from_json(letter.facts)
    grids = {f"figures{i}": figures_grid(r.figures) for i, r in enumerate(facts.reports)}
    grids |= {f"changes{i}": changes_grid(r.changes) for i, r in enumerate(facts.reports)}
    return Draft(
        subject=subject.of_acknowledgement(facts),
        template="acknowledgement.j2",
        words={
            "f": facts,
            "worst_mood": _worst_mood(facts.reports),
            "clocks_disagree": any(r.reason == "clock_disagrees" for r in facts.reports)
            or facts.reason == "clock_disagrees",
        },
        grids=grids,
        receipt=facts.receipt,
        in_reply_to=facts.in_reply_to,
        references=facts.references,
        mail_sha256=facts.mail_sha256,
    )


def _worst_mood(reports: tuple[ReportFact, ...]) -> str:
    moods = {wording.class_word(wording.shown_class(r), "mood") for r in reports}
    return next((mood for mood in ("act", "warn", "calm", "good") if mood in moods), "calm")


def _reminder(letter: Letter, office: Office, _now: datetime) -> Draft:
    facts = ReminderFacts.from_json(letter.facts)
    dues = {o.due_at for o in facts.items}
    words = {"f": facts, "bases": _bases(facts.items), "one_due": next(iter(dues)) if len(dues) == 1 else None}
    return Draft(subject.of_reminder(facts, office), "reminder.j2", words, {})


def _bases(items: tuple[OwedFact, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(o.basis for o in items if o.basis))


def _missing(letter: Letter, _office: Office, _now: datetime) -> Draft:
    facts = MissingFacts.from_json(letter.facts)
    title = subject.of_missing(facts, escalation=letter.kind == "escalation")
    return Draft(
        title, "excused.j2" if facts.excused else "missing_notice.j2", {"f": facts}, {}, in_reply_to=facts.in_reply_to
    )


def _correction(letter: Letter, office: Office, now: datetime) -> Draft:
    """Of what a letter said about a mail; or about a due of which nothing had come."""
    return _missing(letter, office, now) if "items" in letter.facts else _answer(letter, office, now)


def _escalation(letter: Letter, office: Office, now: datetime) -> Draft:
    """To the head of one agency, or of many to the secretariat's list."""
    if "lines" not in letter.facts:
        return _missing(letter, office, now)
    facts = EscalationFacts.from_json(letter.facts)
    return Draft(subject.of_escalation(facts), "escalation.j2", {"f": facts}, {})


def _request(letter: Letter, _office: Office, _now: datetime) -> Draft:
    facts = RequestFacts.from_json(letter.facts)
    words = {"f": facts}
    return Draft(
        subject.of_request(facts), "request.j2", words, {}, receipt=facts.receipt, mail_sha256=facts.mail_sha256
    )


def _digest(letter: Letter, office: Office, _now: datetime) -> Draft:
    if "span" in letter.facts:
        return _summary(letter, office)
    facts = DigestFacts.from_json(letter.facts)
    words = {"f": facts, **digest_view(facts)}
    from notifier.workbook import digest_workbook  # noqa: PLC0415 - openpyxl is heavy and only digests need it

    name = phrase("digest", "file", period=facts.period.replace(":", "-"))
    book = Attachment(name, digest_workbook(facts, office, letter.seq, letter.hash))
    return Draft(
        subject.of_digest(facts, office),
        "digest.j2",
        words,
        {"totals": totals_grid(facts), "results": results_grid(facts.results)},
        files=(book,),
    )


def _summary(letter: Letter, office: Office) -> Draft:
    facts = SummaryFacts.from_json(letter.facts)
    as_of = wording.moments(office.timezone).local(facts.at).replace(microsecond=0).isoformat()
    words = {"f": facts, "as_of": as_of, **summary_view(facts)}
    return Draft(subject.of_summary(facts), "summary.j2", words, summary_grids(facts))


def _alarm(letter: Letter, _office: Office, _now: datetime) -> Draft:
    facts = AlarmFacts.from_json(letter.facts)
    return Draft(
        subject.of_alarm(facts),
        "alarm.j2",
        {
            "f": facts,
            "what": subject.alarm_text(facts.what),
            "detail": subject.alarm_detail(facts),
            "assurance": subject.alarm_assurance(facts),
        },
        {},
    )


_ANSWERS = ("acknowledgement", "result", "correction")
_DRAFTS: Mapping[str, Callable[[Letter, Office, datetime], Draft]] = {
    **dict.fromkeys(_ANSWERS, _answer),
    "reminder": _reminder,
    "missing_notice": _missing,
    "correction": _correction,
    "escalation": _escalation,
    "request": _request,
    "digest": _digest,
    "alarm": _alarm,
}
