"""What a decision changed, in words: a figure before and after, another agency or period, the moment set.

Plain text; the template escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from intake.web import shown
from intake.web.mailing import Figure
from intake.web.pages import t, word
from notifier import vietnamese_format as vf
from storage.records import Decision, Entry

ACTS = ("decision", "explanation", "letter", "erased", "review_closed", "due_changed", "period_changed")
FOLLOWS = ("due_changed", "period_changed")  # what a decision wrote beside itself
MOMENTS = ("deemed-at", "due-at", "extend")  # decisions on a moment
SYSTEM = "system"
CONFIRMED, TURNED_DOWN = "confirmed", "turned down: "  # how a proposal ended, as the log has it


def changed(one: Decision, figures: Sequence[Figure], when: shown.Moments) -> str:
    """``Hồ sơ quá hạn: không nêu → 0``; "" where the decision's name says all there is."""
    if one.what == "set":
        key, _, value = (one.after or "").partition("=")
        label = next((figure.label for figure in figures if figure.key == key), key)
        return f"{label}: {_figure(one.before)} → {vf.number(value)}"
    if one.what == "agency":
        return str(one.after) if one.before == one.after else f"{one.before or '–'} → {one.after}"
    if one.what == "period":
        return f"{shown.period(one.before) or '–'} → {shown.period(one.after)}"
    if one.what in MOMENTS and one.after:
        return when.full(datetime.fromisoformat(one.after))
    kind = "due_status" if one.target.startswith("due:") else "outcome"
    return t("decide.outcome_before", what=word(kind, one.before)) if one.before and one.what != "skip" else ""


def _figure(before: str | None) -> str:
    """What the reader had: "number 113", "core blank"; see ``decisions``."""
    state, _, value = (before or "absent").removeprefix("core ").partition(" ")
    return vf.number(value) if state in ("number", "zero") else shown.figure_state(state)


def told(since: Sequence[Entry]) -> Sequence[Entry]:
    """What to tell of everything written since: what people did, each deed once; where nobody did anything, all of it."""
    decided = {(entry.at, entry.actor) for entry in since if entry.kind == "decision"}
    deeds = [entry for entry in since if entry.actor != SYSTEM and entry.kind in ACTS]
    return [entry for entry in deeds if entry.kind not in FOLLOWS or (entry.at, entry.actor) not in decided] or since


def happened(entry: Entry, figures: Sequence[Figure], when: shown.Moments) -> str:
    """What an entry says was done, in words."""
    said = entry.payload or {}
    if entry.kind == "review_closed":
        why = str(said.get("why") or "")
        ending = "turned_down" if why.startswith(TURNED_DOWN) else "confirmed" if why == CONFIRMED else "closed"
        words = why.removeprefix(TURNED_DOWN) if ending == "turned_down" else ""
        return t(f"changed.{ending}") + (f": “{words}”" if words else "")
    if entry.kind != "decision":
        return word("log_kind", entry.kind)
    what = Decision(entry.subject, str(said.get("what")), said.get("before"), said.get("after"), "", entry.actor)
    more = changed(what, figures, when)
    return word("decision", what.what) + (f" ({more})" if more else "")


FUNCTIONS = {"decision_changed": changed, "told": told, "happened": happened}
