"""What a mail is found by: its sender and subject, what it says, its files, and what the reports in it say of themselves.

Rules: folded here (no tones, đ as d), cut into words by the ledger; figures are not searched for as words; bounded, so that a
book sent by mail is found by its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator

from intake.book import Law
from intake.understanding import Understanding
from parsers.fold import fold
from parsers.values import Report

_TEXT_MOST = 20_000  # characters of the mail's own text, and of each text of a report


def found_by(seen: Understanding, law: Law) -> str:
    """The folded text a mail is found by."""
    return fold(" ".join(_pieces(seen, law)))


def _pieces(seen: Understanding, law: Law) -> Iterator[str]:
    envelope = seen.reading.envelope
    yield envelope.subject
    for address in envelope.from_addresses:
        yield f"{address.name} {address.address}"
    code = seen.sender.code
    agency = law.roster.latest(code) if code else None
    yield f"{code} {agency.name}" if agency else (code or "")
    for part in seen.reading.parts:
        yield part.name
        for report in part.reports:
            yield from _report(report)
    yield envelope.text[:_TEXT_MOST]


def _report(report: Report) -> Iterator[str]:
    yield f"{report.agency_text} {report.number} {report.signature.name}"
    for _, text in report.texts:
        yield text[:_TEXT_MOST]
