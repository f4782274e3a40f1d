"""What must hold of any reading, whatever the bytes were: what became of it is of the lists, and no figure is invented.

Rules:

1. Outcome and reason are of the contract's lists, and what was not read has a reason.
2. It can be carried to the service and kept: packed and unpacked, as JSON, without NUL or halves of characters.
3. A figure's value is what its raw text says, digit by digit.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from parsers.as_json import part_json
from parsers.orders import Parts
from parsers.values import Envelope, Figure, PartReading
from parsers.wire import pack, unpack

_DOCS = Path(__file__).parents[2] / "docs" / "reasons.md"
OUTCOMES = frozenset(("read", "copy", "enclosure", "needs_review", "refused"))
REASONS = frozenset(re.findall(r"^\| `([a-z_]+)` \|", _DOCS.read_text(encoding="utf-8"), re.MULTILINE))
_DIGITS = re.compile(r"\d")


def wrong_with_mail(envelope: Envelope) -> str:
    """What is wrong with a mail opened; "" = nothing."""
    if unpack(pack(envelope), Envelope) != envelope:
        return "the envelope does not travel"
    if envelope.reason is not None and envelope.reason not in REASONS:
        return f"not of the list: {envelope.reason}"
    shown = (envelope.subject, *(leaf.name for leaf in envelope.leaves), *(a.address for a in envelope.from_addresses))
    return next((f"cannot be shown: {text!r}" for text in shown if not _is_plain(text)), "")


def wrong_with(parts: Sequence[PartReading]) -> str:
    """What is wrong with the readings of one leaf; "" = nothing."""
    if unpack(pack(Parts(tuple(parts))), Parts).readings != tuple(parts):
        return "the reading does not travel"
    return next((said for part in parts for said in _wrong(part)), "")


def _wrong(part: PartReading) -> Iterator[str]:
    if part.outcome not in OUTCOMES or (part.reason is not None and part.reason not in REASONS):
        yield f"not of the lists: {part.outcome} {part.reason}"
    if (part.reason is None) != (part.outcome in ("read", "enclosure", "copy")):
        yield f"{part.outcome} with reason {part.reason}"
    if part.reports and part.outcome not in ("read", "needs_review"):
        yield f"a report in a part that is {part.outcome}"
    if not _is_plain(json.dumps(part_json(part), ensure_ascii=False).replace("\\u0000", "\0")):
        yield "cannot be kept as JSON"
    yield from wrong_figures(*(figure for report in part.reports for figure in report.figures))


def wrong_figures(*figures: Figure) -> Iterator[str]:
    """What is wrong with each of these that is wrong."""
    for figure in figures:
        said = _wrong_figure(figure)
        if said:
            yield f"{figure.key} = {figure.value} ({figure.state}) of {figure.raw!r}: {said}"


def _wrong_figure(figure: Figure) -> str:
    if figure.value is None:
        return "a number without its value" if figure.state in ("number", "zero") else ""
    if figure.state not in ("number", "zero") or (figure.state == "zero") != (figure.value == 0):
        return "value and state disagree"
    if not figure.value.is_finite() or figure.value < 0:
        return "no count and no percentage"
    raw = _digits(figure.raw)
    if not raw or "ocr" in figure.flags:  # in words, or corrected by two other readers
        return ""
    spoken = "".join(_DIGITS.findall(format(figure.value.normalize(), "f")))
    return "" if _same(raw, spoken, figure.value) else "another number"


def _same(raw: str, spoken: str, value: Decimal) -> bool:
    """Whether the digits written are those of the value; noughts at either end say nothing (08, 95,50, 1,5 nghìn)."""
    return value == 0 or spoken.strip("0") == raw.strip("0")


def _digits(text: str) -> str:
    return "".join(_DIGITS.findall(unicodedata.normalize("NFKC", text)))


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
