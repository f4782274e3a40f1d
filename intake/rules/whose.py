"""Whose report it is: the sender's address and the report's own letterhead and number, put together.

Rules:

1. The sender's agency is credited; its letterhead, none, or one nobody knows is no contradiction.
2. A part whose letterhead is an agency that reports to the sender is an enclosure: the sender's report includes it.
3. A successor's addresses may correct or explain its predecessor's dues.
4. Sender and letterhead disagree: ``ambiguous_agency``, credited to nobody before a person has looked. A sender that owes
   nothing never makes the report its own: the due in question is the letterhead's.
5. Unknown sender: if letterhead or number point to exactly one agency that owes, its due is in review (``sender_unknown``).
   So it is where they name nobody and the address was an agency's before. One that has ended still owes what closed before its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from intake.rules.roster import Roster
from intake.rules.values import Sender
from parsers.values import Report


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose report it is taken for."""

    agency: str | None  # whose due it is (to be reviewed for); None: nobody's
    candidates: tuple[str, ...] = ()  # other agencies whose due it may be
    how: str = ""  # address | secretariat | letterhead | number | successor | formerly
    blocked: str | None = None  # ambiguous_agency, sender_unknown, ambiguous_from …: a person must look
    enclosure: bool = False  # a subordinate's report beside the sender's own
    code: str | None = None  # the one agency its letterhead or number names


def attribute(sender: Sender, report: Report | None, roster: Roster, day: date) -> Attribution:
    """Whose report it is; ``report`` None: an attempt that could not be read."""
    named, how = _named(report, roster, day)
    code = named[0] if len(named) == 1 else None
    if sender.code is None:
        return _of_unknown(sender, named, how, roster, day)
    if how != "letterhead" or sender.code in named:
        return Attribution(sender.code, how=sender.how, code=code)
    if all(roster.reports_to(other, sender.code, day) for other in named):
        return Attribution(sender.code, how="letterhead", enclosure=True, code=code)
    if code and roster.succeeds(sender.code, code):
        return Attribution(code, (sender.code,), "successor", code=code)
    if not sender.owes and code and roster.reports_at_last(code, day):
        return Attribution(code, (), "letterhead", "ambiguous_agency", code=code)
    return Attribution(sender.code, named, sender.how, "ambiguous_agency", code=code)


def _named(report: Report | None, roster: Roster, day: date) -> tuple[tuple[str, ...], str]:
    """The agencies the report names, and by what; an agency that has ended is named only when no living one is."""
    if report is None:
        return (), ""
    letterhead = roster.by_name(report.agency_text, day) or roster.by_name(report.agency_text, None)
    if letterhead:
        return letterhead, "letterhead"
    number = roster.by_number(report.number, day)
    return number, "number" if number else ""


def _of_unknown(sender: Sender, named: tuple[str, ...], how: str, roster: Roster, day: date) -> Attribution:
    if not named and (before := roster.formerly(sender.address, day)):
        named, how = (before,), "formerly"
    owing = tuple(code for code in named if roster.reports_at_last(code, day))
    if len(owing) != 1:
        return Attribution(None, owing, how, sender.reason or "sender_unknown")
    return Attribution(owing[0], (), how, sender.reason or "sender_unknown", code=owing[0])
