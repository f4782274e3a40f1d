"""One reader a format, all giving the same neutral blocks.

Rules:

1. The caller has already looked at the content (``parsers.sniff``); a reader never guesses another format.
2. What cannot be read raises ``Unreadable`` with a reason of the contract's closed list (contract, ``cchc read``).
3. Readers are imported when first used, all of them by the warm worker (``warm_up``).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.values import Document

READABLE: frozenset[str] = frozenset({"docx", "doc", "rtf", "odt", "xlsx", "xls", "ods", "csv", "pdf", "html", "txt"})
_NAMES = {"txt": "text", "csv": "delimited"}
_MODULES = {name: f"parsers.readers.{_NAMES.get(name, name)}" for name in READABLE}

__all__ = ["READABLE", "Budget", "Unreadable", "read_document", "warm_up"]


def read_document(data: bytes, type: str, *, charset: str = "", budget: Budget | None = None) -> Document:  # noqa: A002
    """The document's blocks in reading order; ``type`` is one of ``READABLE``.

    ``charset`` is what a mail declared for a text part; ``budget`` is the rest of the inflation allowed to the tree of
    archives this document came in. Raises ``Unreadable``.
    """
    if type not in READABLE:
        raise Unreadable("unsupported_type", type)
    if not data:
        raise Unreadable("empty")
    read: Callable[..., Document] = import_module(_MODULES[type]).read
    try:
        return read(data, charset=charset, budget=budget or Budget())
    except RecursionError as error:
        raise Unreadable("xml_too_deep", "more levels than the reader follows") from error


def warm_up() -> None:
    """Import every reader and what it imports lazily, so that a confined child finds it in memory."""
    for module in sorted(set(_MODULES.values())):
        import_module(module)
