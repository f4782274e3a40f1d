"""What our own border wrote on top of a mail: its Received field with its clock, and its Authentication-Results.

Rules:

1. The border's Received is the topmost one written ``by`` the configured host (or, with none configured, by the host that
   names our authserv-id); ``by`` is read outside comments and never from the name the sender gave itself.
2. Only Authentication-Results of our own authserv-id standing above that field count (RFC 8601, 5 and 7.1): whatever came
   with the mail stands below it. They are read by grammar: "dmarc=pass" inside a comment is a comment.
3. DMARC speaks first; without it an SPF or DKIM pass for the From domain; without that an SPF or DKIM fail.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

import authres

from parsers.values import Envelope

Verdict = Literal["pass", "fail", ""]
Result = tuple[str, str, tuple[str, ...]]  # method, result, identities it speaks of
_IDENTITIES = {("smtp", "mailfrom"), ("header", "d"), ("header", "i"), ("header", "from")}
_ALIGNED = ("spf", "dkim")


def border_received(envelope: Envelope, border: str) -> datetime | None:
    """The moment our border took the mail in, UTC; None when no border is configured or it wrote nothing readable."""
    index = _border_index(envelope, border) if border else None
    if index is None:
        return None
    try:
        moment = parsedate_to_datetime(_uncommented(envelope.received[index]).rpartition(";")[2].strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, IndexError, OverflowError):
        return None


def verdict_of(envelope: Envelope, address: str, authserv_id: str, border: str) -> Verdict:
    """What our border said of the address in From: pass, fail, or nothing that decides."""
    results = _own_results(envelope, authserv_id, border)
    domain = address.rpartition("@")[2].lower()
    dmarc = [(said, _speaks_of(about, domain)) for method, said, about in results if method == "dmarc"]
    others = [(said, _speaks_of(about, domain, strictly=True)) for method, said, about in results if method in _ALIGNED]
    if any(said == "fail" for said, _ in dmarc):
        return "fail"
    if ("pass", True) in dmarc or ("pass", True) in others:
        return "pass"
    return "fail" if any(said == "fail" for said, _ in others) else ""


def _own_results(envelope: Envelope, authserv_id: str, border: str) -> list[Result]:
    index = _border_index(envelope, border or authserv_id)
    if not authserv_id or not envelope.received_after or (index is None and border):
        return []
    above = envelope.headers[: envelope.received_after[index or 0]]
    found: list[Result] = []
    for name, value in above:
        if name == "authentication-results":
            found += _parsed(value, authserv_id)
    return found


def _parsed(value: str, authserv_id: str) -> list[Result]:
    try:
        header = authres.parse_value(value.strip())
    except (authres.AuthResError, ValueError, RecursionError):
        return []
    if str(header.authserv_id).lower() != authserv_id.lower():
        return []
    return [
        (
            str(result.method).lower(),
            str(result.result).lower(),
            tuple(str(p.value).lower() for p in result.properties if (p.type, p.name) in _IDENTITIES),
        )
        for result in header.results
    ]


def _speaks_of(identities: tuple[str, ...], domain: str, *, strictly: bool = False) -> bool:
    """Whether a result is about the From domain or its kin; one that names nobody is, unless ``strictly``."""
    named = [identity.rpartition("@")[2] for identity in identities]
    kin = (
        domain == name or domain.endswith(f".{name}") or name.endswith(f".{domain}") for name in named if "." in name
    )
    return any(kin) or not (named or strictly)


def _border_index(envelope: Envelope, host: str) -> int | None:
    wanted = host.lower().rstrip(".")
    return next((n for n, field in enumerate(envelope.received) if _written_by(field) == wanted), None)


def _written_by(received: str) -> str:
    """The host that wrote a Received field."""
    words = _uncommented(received).partition(";")[0].split()
    lower = [word.lower() for word in words]
    start = 2 if lower[:1] == ["from"] else 0  # the word after "from" is the sender's own claim, even if it is "by"
    at = lower.index("by", start) if "by" in lower[start:] else len(lower)
    return lower[at + 1].rstrip(".") if at + 1 < len(lower) else ""


def _uncommented(text: str) -> str:
    """The field without its comments, nested ones included, quoted pairs heeded."""
    out: list[str] = []
    depth = 0
    skip = False
    for char in text:
        if skip or char == "\\":
            skip = not skip
            continue
        if char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            out.append(char)
    return "".join(out)
