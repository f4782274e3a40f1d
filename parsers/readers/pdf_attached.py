"""Files attached inside a PDF, as members of a container; the pages themselves are the reader's.

Rules: a file that cannot be had is told, never dropped; what comes out is counted against the tree's budget; names are labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers import limits
from parsers.archive import Member, label_of
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.readers.pdf_telling import may_run

if TYPE_CHECKING:
    import pypdfium2 as pdfium


def attached(data: bytes, budget: Budget) -> tuple[Member, ...]:
    """The files attached to the document, in its own order; none when it cannot be opened or has none."""
    if not may_run(data):
        return ()
    import pypdfium2 as pdfium  # noqa: PLC0415 - the service imports this module, and opens no PDF itself

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return ()
    try:
        count = min(document.count_attachments(), limits.ZIP_ENTRIES_MAX)
        return tuple(_member(document.get_attachment(n), n, budget) for n in range(count))
    finally:
        document.close()


def _member(attachment: pdfium.PdfAttachment, number: int, budget: Budget) -> Member:
    import pypdfium2 as pdfium  # noqa: PLC0415

    label, findings = label_of(attachment.get_name() or f"attachment-{number + 1}")
    name = label.rpartition("/")[2]
    try:
        data = bytes(attachment.get_data())
        budget.take(len(data))
    except pdfium.PdfiumError:
        return Member(name, label, b"", "corrupt", findings)
    except Unreadable as refused:
        return Member(name, label, b"", refused.reason, findings)
    return Member(name, label, data, None, findings)
