"""How a receipt number is written (contract, Ids). Pure.

``CCHC-{20170721 | 201707 | 2017Q3 | 2017H2 | 2017 | name}-{W|M|Q|H|Y|A}-{agency}-r{n}``; a mail without a due is quoted
as ``CCHC-X-{first 10 hex of its sha256}``. The number n follows recording order and is never reused (the ledger's duty).
"""

from __future__ import annotations

import re

from storage.chain import sha256_text

_SHAPES = (
    ("weekly", re.compile(r"([A-Za-z0-9]+):(\d{4})-(\d\d)-(\d\d)"), "W"),
    ("monthly", re.compile(r"([A-Za-z0-9]+):(\d{4})-(\d\d)"), "M"),
    ("quarterly", re.compile(r"([A-Za-z0-9]+):(\d{4})-(Q[1-4])"), "Q"),
    ("half", re.compile(r"([A-Za-z0-9]+):(\d{4})-(H[12])"), "H"),
    ("yearly", re.compile(r"([A-Za-z0-9]+):(\d{4})"), "Y"),
)
_PLAIN = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def token(period: str) -> str:
    """The receipt's words for a period; a type with a name of its own on the same calendar says its name first.

    >>> token("weekly:2017-07-21"), token("monthly:2017-07"), token("quarterly:2017-Q3"), token("30-7")
    ('20170721-W', '201707-M', '2017Q3-Q', '30-7-A')
    >>> token("tasks:2017-07")
    'tasks201707-M'
    """
    for name, shape, letter in _SHAPES:
        if found := shape.fullmatch(period):
            kind, *day = found.groups()
            return f"{'' if kind == name else kind}{''.join(day)}-{letter}"
    if _PLAIN.fullmatch(period):
        return f"{period}-A"
    plain = re.sub(r"[^A-Za-z0-9]+", "-", period).strip("-")
    return f"{plain}-{sha256_text(period)[:6]}-A".lstrip("-")  # the hash keeps apart names that differ in other letters


def receipt(period: str, agency: str, n: int) -> str:
    """The receipt of the n-th revision of a due.

    >>> receipt("weekly:2017-07-21", "SNV", 1)
    'CCHC-20170721-W-SNV-r1'
    """
    return f"CCHC-{token(period)}-{agency}-r{n}"


def mail_receipt(sha256: str) -> str:
    """How a mail without a due is quoted.

    >>> mail_receipt("0123456789abcdef")
    'CCHC-X-0123456789'
    """
    return f"CCHC-X-{sha256[:10]}"
