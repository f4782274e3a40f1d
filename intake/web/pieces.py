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

UNREAD = ("stored", "reading", "set_aside")  # states of a mail nobody has opened


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
    return Markup(timed(value, when, form))  # noqa: S704 - digits


def timed(value: datetime | None, when: shown.Moments, form: str = "full") -> str:
    """The same, for who writes a whole row."""
    if not value:
        return ""
    text = (when.full if form == "full" else when.minute if form == "minute" else when.clock)(value)
    return f'<time datetime="{when.iso(value)}">{text}</time>'


@lru_cache(maxsize=8192)
def _bar(place: int, key: str, code: str) -> tuple[str, str]:
    """What a period's class is said by, and its bar."""
    said = escape(f"{shown.period_short(key)}: {shown.due_class(code) if code else t('board.nothing_owed')}")
    where = f'x="{10 * place}" y="1" width="8" height="12" rx="1.5"'
    return said, f'<rect {where} class="h-{escape(code or "none")}"><title>{said}</title></rect>'


@lru_cache(maxsize=4096)
def _leads(agency: str) -> str:
    return f'<a class="strip" href="/agency/{escape(seen(agency))}" aria-label="{escape(t("board.strip_of", code=agency))}">'


def strip(codes: Sequence[str], keys: Sequence[str], agency: str) -> str:
    """The class of each recent period of an agency, as bars; leads to its page."""
    width, bars = 10 * len(codes), tuple(map(_bar, range(len(keys)), keys, codes))
    said, drawn = "; ".join([one for one, _ in bars]), "".join([one for _, one in bars])
    return f'{_leads(agency)}<svg viewBox="0 0 {width} 14" width="{width}" height="14" role="img" aria-label="{said}">{drawn}</svg></a>'


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


def subject(text: str, state: str = "") -> str:
    """What a mail is called: its subject, or that it has none or that nobody could read it yet (a state of the mail)."""
    return text or t("mail.unread_subject" if state in UNREAD else "mail.no_subject")


FUNCTIONS = {"subject": subject, "chip": chip, "moment": moment, "cells": cells}
