"""Whether a PDF would run or send something when opened: scripts, launches, forms that submit, files inside.

Opening at a page (``/GoTo``) and links a person clicks (``/URI``) are ordinary and not counted.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import resolve1
from pdfminer.psparser import PSLiteral

from parsers import limits
from parsers.readers.pdf_telling import NAMES, RUNS

_DEPTH = 6


def is_active(document: Any) -> bool:
    """``document`` is an opened pdfminer document."""
    catalog = document.catalog
    names = resolve1(catalog.get("Names")) or {}
    if any(key in names for key in NAMES) or _runs(catalog.get("OpenAction")) or _runs(catalog.get("AA")):
        return True
    form = resolve1(catalog.get("AcroForm")) or {}
    return "XFA" in form or any(
        _page_runs(page) for page in islice(PDFPage.create_pages(document), limits.TABLE_PAGES_MAX)
    )


def _page_runs(page: Any) -> bool:
    if _runs(page.attrs.get("AA")):
        return True
    annotations = resolve1(page.annots) or []
    for item in annotations[: limits.TABLE_PAGES_MAX * 10]:
        annotation = resolve1(item)
        if isinstance(annotation, dict) and (_runs(annotation.get("A")) or _runs(annotation.get("AA"))):
            return True
    return False


def _runs(thing: Any, depth: int = 0) -> bool:
    """Whether an action, or one that follows it, runs something."""
    action = resolve1(thing)
    if depth > _DEPTH or not isinstance(action, dict):
        return False
    kind = resolve1(action.get("S"))
    name = kind.name if isinstance(kind, PSLiteral) else ""
    if (name.decode("latin-1") if isinstance(name, bytes) else name) in RUNS:
        return True
    return any(_runs(value, depth + 1) for key, value in action.items() if key in ("Next", "O", "C", "WC", "WS", "DP"))
