"""Document + form → reports: every figure with the place it was read."""

from __future__ import annotations

from parsers.form import FormSet
from parsers.values import Document, Hints, Report

__all__ = ["Hints", "extract"]


def extract(document: Document, forms: FormSet, hints: Hints, as_form: str | None = None) -> tuple[Report, ...]:
    """The reports of a document; empty: it is not a report (an enclosure)."""
    del document, forms, hints, as_form
    return ()
