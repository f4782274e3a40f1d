"""Whose mail it is, as far as the address in From and our own border can say.

Rules (plan and published practice, senders):

1. The full address decides, by the roster of the day of receipt. Display names and Reply-To never do.
2. No usable address: ``no_from``. Several different ones in From: ``ambiguous_from``. A differing Sender field is neither.
3. A mail handed on by an address of the secretariat is attributed by the mail inside it.
4. With our border's authserv-id configured, its fail holds the mail (``sender_unverified``); a verdict that is absent holds
   it only when ``require_auth`` is set. A mail over 100 hops is going in circles (``loop_suspected``).
5. An unknown address is credited with nothing (``sender_unknown``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from intake.rules.roster import Roster
from intake.rules.trace import border_received, verdict_of
from intake.rules.values import Sender
from parsers.limits import HOPS_MAX
from parsers.values import Address, Envelope

__all__ = ["Trust", "border_received", "identify"]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe: our border, and who hands mails on."""

    authserv_id: str = ""  # "" = our border gives no verdicts
    require_auth: bool = False  # no credit without its pass
    border: str = ""  # host that writes our border's Received
    secretariat: tuple[str, ...] = ()  # addresses that hand on the agencies' mails
    own: tuple[str, ...] = ()  # the mailbox's own addresses


def identify(envelope: Envelope, roster: Roster, day: date, trust: Trust) -> Sender:
    """Whose mail this is on that day; ``reason`` says why a person must look first."""
    sender = _by_from(envelope, roster, day, trust)
    if sender.how in ("none", "ambiguous"):
        return replace(sender, reason="loop_suspected") if envelope.received_count > HOPS_MAX else sender
    outer = addresses(envelope.from_addresses)[0]
    auth = verdict_of(envelope, outer, trust.authserv_id, trust.border)
    sender = replace(sender, auth=auth or ("absent" if trust.authserv_id or trust.require_auth else ""))
    if envelope.received_count > HOPS_MAX:
        return replace(sender, reason="loop_suspected")
    if sender.reason is None and (auth == "fail" or (trust.require_auth and auth != "pass")):
        return replace(sender, reason="sender_unverified")
    return sender


def _by_from(envelope: Envelope, roster: Roster, day: date, trust: Trust) -> Sender:
    found = addresses(envelope.from_addresses)
    if not found:
        return Sender("", None, "none", "no_from")
    if len(found) > 1:
        return Sender("", None, "ambiguous", "ambiguous_from")
    if found[0] in lowered(trust.secretariat) and envelope.inner:
        return _handed_on(envelope, found[0], roster, day, trust)
    return _known(found[0], roster, day)


def _handed_on(envelope: Envelope, secretary: str, roster: Roster, day: date, trust: Trust) -> Sender:
    """The sender of the mail inside; several agencies inside one mail are for a person to take apart."""
    ours = {secretary, *lowered(trust.secretariat), *lowered(trust.own)}
    inside = [a for inner in envelope.inner for a in addresses(inner.from_addresses) if a not in ours]
    senders = {s.code: s for s in (_known(address, roster, day) for address in inside)}
    if len(senders) > 1:
        return Sender("", None, "ambiguous", "ambiguous_from")
    if not senders:
        return _known(secretary, roster, day)
    sender = next(iter(senders.values()))
    return replace(sender, how="secretariat") if sender.code else sender


def _known(address: str, roster: Roster, day: date) -> Sender:
    agency = roster.by_address(address, day)
    if agency is None:
        return Sender(address, None, "unknown", "sender_unknown")
    return Sender(address, agency.code, "address", owes=bool(roster.reports(agency.code, day)))


def addresses(found: tuple[Address, ...]) -> tuple[str, ...]:
    """The different usable addresses of a field, lower case; what stands there beside them is a name."""
    return tuple(dict.fromkeys(a.address.lower() for a in found if "@" in a.address))


def lowered(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses of the configuration, comparable."""
    return tuple(text.strip().lower() for text in texts)
