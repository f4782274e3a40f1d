"""One reader a format, all giving the same neutral blocks.

Rules:

1. The caller has already looked at the content (``parsers.sniff``); a reader never guesses another format.
2. What cannot be read raises ``Unreadable`` with a reason of the contract's closed list (contract, ``cchc read``).
3. Readers are imported when first used, all of them by the warm worker (``warm_up``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from parsers.old_letters import put_back
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.scan import PageScan
from parsers.values import Document

READABLE: frozenset[str] = frozenset(
    {"docx", "doc", "rtf", "odt", "xlsx", "xls", "ods", "csv", "pdf", "html", "txt", "mht", "wordxml", "excelxml"}
)
PICTURES: frozenset[str] = frozenset({"png", "jpeg", "tiff"})  # what a scan or a photograph comes as
PAGED = PICTURES | {"pdf"}  # pages only the page worker can read
PASTED = frozenset(
    {"docx", "odt", "ods", "xlsx", "xls", "rtf", "doc", "wordxml"}
)  # may hold pictures of pages (``pasted``)
_NAMES = {"txt": "text", "csv": "delimited"} | dict.fromkeys(PICTURES, "picture")
_MODULES = {name: f"parsers.readers.{_NAMES.get(name, name)}" for name in READABLE | PICTURES}
_WITH_PAGES = "parsers.readers.pasted"

__all__ = ["PICTURES", "READABLE", "Budget", "Unreadable", "read_document", "warm_up"]


def read_document(
    data: bytes,
    type: str,  # noqa: A002
    *,
    charset: str = "",
    budget: Budget | None = None,
    scans: Mapping[int, PageScan] | None = None,
) -> Document:
    """The document's blocks in reading order; ``type`` is one of ``READABLE`` or ``PICTURES``.

    ``charset`` is what a mail declared for a text part; ``budget`` is the rest of the inflation allowed to the tree of
    archives this document came in; ``scans`` is what the page worker saw on its pages. Raises ``Unreadable``.
    """
    if type not in _MODULES:
        raise Unreadable("unsupported_type", type)
    if not data:
        raise Unreadable("empty")
    read: Callable[..., Document] = import_module(_MODULES[type]).read
    counted = budget or Budget()
    try:
        if type in PAGED:
            paged = read(data, charset=charset, budget=counted, scans=scans)
            return paged if paged.scanned else put_back(paged)
        document = put_back(read(data, charset=charset, budget=counted))
    except RecursionError as error:
        raise Unreadable("xml_too_deep", "more levels than the reader follows") from error
    if type not in PASTED or not document.images:
        return document
    with_pages: Callable[..., Document] = import_module(_WITH_PAGES).with_pages
    return with_pages(document, data, counted, scans)


def warm_up() -> None:
    """Import every reader and what it imports lazily, so that a confined child finds it in memory."""
    for module in sorted({*_MODULES.values(), _WITH_PAGES}):
        import_module(module)
