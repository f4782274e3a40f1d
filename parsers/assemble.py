"""A whole mail from its parts: copies settled, outcome and reason as the contract names them.

What is listed as a part: every attachment, and a body that carries a report. A body without one is not noise in the list;
it stands there only when nothing else does, so that "received, 0 files" cannot happen. Pictures of the body and signatures
are left out; a body that only mentions a few figures of the attached report is its cover letter; a large picture is listed when the mail carries nothing else (a pasted scan).

Outcome, first match wins:

1. a trial mark at the very start of the subject: ``test``;
2. ``too_large`` is the sender's to mend: ``refused``; any other reason of the envelope: ``needs_review``;
3. plain text and HTML of a body that state different figures: ``needs_review``, ``body_parts_disagree``;
4. a report was read: ``read``, whatever became of the other parts;
5. a part only a person can read: ``needs_review`` with its reason; 6. a refused part: ``refused`` with its reason;
7. the body, or a file that is only a shortcut, points at a file elsewhere: ``needs_review``, ``link_only``;
8. nothing at all: ``no_report``, ``empty_message``; else ``no_report``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parsers import limits
from parsers.charset import decode
from parsers.copies import figure_name, settle_copies
from parsers.findings import finding
from parsers.fold import nfc
from parsers.form import FormSet
from parsers.links import file_links
from parsers.mentioned import held_against
from parsers.values import Envelope, Finding, MailOutcome, MailReading, PartReading

_TRIAL_MARKS = ("[thử]", "[test]")
_ASIDE = frozenset({"vcf", "ics"})  # cards and invitations mail programs attach by themselves
_TAG = re.compile(r"<[^<>]{0,2000}>")
_UNSHOWN = re.compile(r"<(script|style|!--)", re.IGNORECASE)
_CLOSING = {
    "script": re.compile(r"</script[^<>]{0,100}>?", re.IGNORECASE),
    "style": re.compile(r"</style[^<>]{0,100}>?", re.IGNORECASE),
    "!--": re.compile("-->"),
}
_DIGITS = re.compile(r"\d+")
_STUB_NUMBERS = (
    3  # fewer numbers than this on the other side: a "your program shows no HTML" stub, not a second version
)


def assemble(envelope: Envelope, parts: Sequence[PartReading], forms: FormSet | None = None) -> MailReading:
    """The reading of the whole mail; ``forms`` only give figures their names in messages."""
    settled = held_against(settle_copies(_without_mentions(parts), forms))
    shown = _shown(settled)
    findings = _bodies_disagree(envelope, settled, forms)
    outcome, reason = _outcome(envelope, shown, disagree=bool(findings) or _twins_disagree(shown))
    return MailReading(envelope=envelope, parts=shown, outcome=outcome, reason=reason, findings=findings)


def _without_mentions(parts: Sequence[PartReading]) -> tuple[PartReading, ...]:
    """A body that mentions a figure or two of the report attached to it is a cover letter."""
    attached = {report.type for part in parts if part.role == "attachment" for report in part.reports}
    out = []
    for part in parts:
        kept = part.reports
        if part.role == "body":
            kept = tuple(one for one in kept if one.type not in attached or one.core_stated * 2 >= len(one.core))
        same = len(kept) == len(part.reports)
        out.append(part if same else replace(part, reports=kept, outcome=part.outcome if kept else "enclosure"))
    return tuple(out)


def is_trial(subject: str) -> bool:
    """Whether the subject begins with a trial mark."""
    return nfc(subject).lower().startswith(_TRIAL_MARKS)


def _shown(parts: Sequence[PartReading]) -> tuple[PartReading, ...]:
    bodies = {part.path for part in parts if part.role == "body"}
    kept = [
        part
        for part in parts
        if (part.role == "attachment" or part.reports or part.outcome == "copy")
        and not (part.role == "body" and part.copy_of in bodies)
    ]
    if not kept:
        kept = [part for part in parts if part.role == "inline" and part.size > limits.INLINE_PICTURE_MAX]
    if not kept:
        kept = [part for part in parts if part.role == "body" and part.reason != "empty"]
    return tuple(kept)


def _outcome(envelope: Envelope, parts: Sequence[PartReading], *, disagree: bool) -> tuple[MailOutcome, str | None]:
    if is_trial(envelope.subject):
        return "test", None
    if envelope.reason:
        return ("refused" if envelope.reason == "too_large" else "needs_review"), envelope.reason
    if disagree:
        return "needs_review", "body_parts_disagree"
    if any(part.outcome == "read" for part in parts):
        return "read", None
    for outcome in ("needs_review", "refused"):
        stopped = [part for part in parts if part.outcome == outcome and part.type not in _ASIDE]
        if stopped:
            reason = stopped[0].reason
            return ("needs_review" if outcome == "needs_review" or reason == "link_only" else "refused"), reason
    return _without_report(envelope, parts)


def _without_report(envelope: Envelope, parts: Sequence[PartReading]) -> tuple[MailOutcome, str | None]:
    raw = ((leaf.data[: limits.BODY_TEXT_MAX], leaf.charset) for leaf in envelope.leaves if leaf.role == "body")
    bodies = [decode(data, charset)[0] for data, charset in raw]
    if any(file_links(text) for text in bodies):
        return "needs_review", "link_only"
    attached = any(part.role != "body" for part in parts)
    if not attached and not any(_words(text).strip() for text in bodies):
        return "no_report", "empty_message"
    return "no_report", "no_report"


def _words(html: str) -> str:
    """What is left of HTML (or plain text) without its tags, scripts, styles and comments; linear in its length."""
    out: list[str] = []
    at = 0
    while match := _UNSHOWN.search(html, at):
        out.append(html[at : match.start()])
        end = _CLOSING[match[1].lower()].search(html, match.end())
        at = end.end() if end else len(html)
    return _TAG.sub(" ", "".join(out) + html[at:])


def _twins_disagree(parts: Sequence[PartReading]) -> bool:
    codes = (found.code for part in parts for report in part.reports for found in report.findings)
    return "body_parts_disagree" in codes


def _bodies_disagree(envelope: Envelope, parts: Sequence[PartReading], forms: FormSet | None) -> tuple[Finding, ...]:
    """A report read in one form of the body whose numbers the other form, if it has any to speak of, does not hold."""
    for part in parts:
        if part.role != "body" or not part.reports or len(part.path) > 1:
            continue
        other = envelope.text if part.type == "html" else _words(envelope.html)
        numbers = set(_DIGITS.findall(other))
        if len(numbers) < _STUB_NUMBERS:
            continue
        missing = [
            (figure_name(report, figure.key, forms), figure)
            for report in part.reports
            for figure in report.figures
            if figure.state in ("number", "zero") and not set(_DIGITS.findall(figure.raw)) <= numbers
        ]
        if missing:
            values = "; ".join(f"{name}: {figure.raw}" for name, figure in missing)
            return (finding("body_parts_disagree", tuple(figure.key for _, figure in missing), values=values),)
    return ()
