"""Files attached inside a PDF, as members of a container; the pages themselves are the reader's.

Rules: a file that cannot be had is told, never dropped; what comes out is counted against the tree's budget; names are labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from parsers import limits
from parsers.archive import Member, label_of
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.pdf_telling import may_run

if TYPE_CHECKING:
    import pypdfium2 as pdfium


def attached(data: bytes, pinned: Sequence[tuple[str, bytes | None]], budget: Budget) -> tuple[Member, ...]:
    """The files attached to the document, in its own order, then those pinned to its pages (``pdf_remarks``), each once."""
    found = _embedded(data, budget)
    known = {member.data for member in found}
    for name, file in pinned:
        if file is None or file not in known:
            found.append(_member(name, file, len(found), budget))
            known |= {file} if file else set()
    return tuple(found)


def _embedded(data: bytes, budget: Budget) -> list[Member]:
    """What the document's own list names; nothing when it cannot be opened or has none."""
    if not may_run(data):
        return []
    import pypdfium2 as pdfium  # noqa: PLC0415 - the service imports this module, and opens no PDF itself

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return []
    try:
        count = document.count_attachments()
        held = (document.get_attachment(n) for n in range(min(count, limits.ZIP_ENTRIES_MAX)))
        found = [_member(one.get_name(), _bytes(one), n, budget) for n, one in enumerate(held)]
    finally:
        document.close()
    if count > limits.ZIP_ENTRIES_MAX:
        found.append(Member("…", "…", b"", "zip_too_many_entries"))
    return found


def _bytes(attachment: pdfium.PdfAttachment) -> bytes | None:
    import pypdfium2 as pdfium  # noqa: PLC0415

    try:
        return bytes(attachment.get_data())
    except pdfium.PdfiumError:
        return None


def _member(given: str, data: bytes | None, number: int, budget: Budget) -> Member:
    label, findings = label_of(given or f"attachment-{number + 1}")
    name = label.rpartition("/")[2]
    if data is None:
        return Member(name, label, b"", "corrupt", findings)
    try:
        budget.take(len(data))
    except Unreadable as refused:
        return Member(name, label, b"", refused.reason, findings)
    return Member(name, label, data, None, findings)
