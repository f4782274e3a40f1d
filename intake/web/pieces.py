"""Small pieces of pages that stand there by the hundred, written in one go: a class, a moment, the recent periods of an agency.

As macros of a template they took most of a board's time. Rules: what comes from outside is escaped here, as ``pages.seen``
shows it; what is made of our own words alone is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup, escape

from intake.web import shown
from intake.web.pages import seen, t


@lru_cache(maxsize=256)
def _chip(code: str, text: str) -> Markup:
    word = escape(seen(text or shown.due_class(code)))
    return Markup(  # noqa: S704 - our own words, and an escaped one
        f'<span class="chip c-{escape(code)}"><span class="glyph" aria-hidden="true">{shown.FUNCTIONS["glyph"](code)}</span>{word}</span>'
    )


def chip(code: str, text: str = "") -> Markup:
    """A class with its shape, in words of its own or these."""
    return _chip(code, text)


def moment(value: datetime | None, when: shown.Moments, form: str = "full") -> Markup:
    """A moment for people and for machines; nothing for none."""
    if not value:
        return Markup("")
    text = {"full": when.full, "minute": when.minute}.get(form, when.clock)(value)
    return Markup(f'<time datetime="{when.iso(value)}">{text}</time>')  # noqa: S704 - digits


@lru_cache(maxsize=4096)
def _said(key: str, code: str) -> str:
    return escape(f"{shown.period_short(key)}: {shown.due_class(code) if code else t('board.nothing_owed')}")


@lru_cache(maxsize=8192)
def _bar(place: int, key: str, code: str) -> str:
    return (
        f'<rect x="{10 * place}" y="1" width="8" height="12" rx="1.5" class="h-{escape(code or "none")}">'
        f"<title>{_said(key, code)}</title></rect>"
    )


def strip(codes: Sequence[str], keys: Sequence[str], agency: str) -> Markup:
    """The class of each recent period of an agency, as bars; leads to its page."""
    name, width = escape(seen(agency)), 10 * len(codes)
    said = "; ".join(map(_said, keys, codes))
    bars = "".join(map(_bar, range(len(keys)), keys, codes))
    return Markup(  # noqa: S704 - escaped above
        f'<a class="strip" href="/agency/{name}" aria-label="{escape(t("board.strip_of", code=agency))}">'
        f'<svg viewBox="0 0 {width} 14" width="{width}" height="14" role="img" aria-label="{said}">{bars}</svg></a>'
    )


@lru_cache(maxsize=64)
def _cell(code: str) -> str:
    word = shown.due_class(code) if code else t("board.nothing_owed")
    glyph = shown.FUNCTIONS["glyph"](code) if code else ""
    return (
        f'<td class="cell h-{escape(code or "none")}"><span class="glyph" aria-hidden="true">{glyph}</span>'
        f'<span class="unseen">{escape(word)}</span></td>'
    )


def cells(codes: Sequence[str]) -> Markup:
    """The same as cells of a table."""
    return Markup("".join(map(_cell, codes)))  # noqa: S704 - escaped above


FUNCTIONS = {"chip": chip, "moment": moment, "strip": strip, "cells": cells}
