"""The numbers of one made-up report, as truth to compare a reading with.

1. They add up (on time + overdue = resolved ≤ received) unless a story asks for a wrong sum.
2. Keys are those of the official forms; ``None`` stands for a line left blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

Figures = dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Size:
    """How busy an agency is."""

    files: int  # dossiers a week, about
    letters: int  # outgoing documents a week, about


def _one_stop(rng: Random, files: int) -> Figures:
    received = rng.randint(files * 8 // 10, files * 12 // 10)
    resolved = received - rng.randint(0, received // 10)
    overdue = rng.choice((0, 0, rng.randint(1, max(2, resolved // 50))))
    return {
        "received": received,
        "resolved": resolved,
        "on_time": resolved - overdue,
        "overdue": overdue,
        "returned": rng.randint(0, max(1, received // 100)),
    }


def _modern(rng: Random, size: Size, resolved: int) -> Figures:
    outgoing = rng.randint(size.letters * 8 // 10, size.letters * 12 // 10)
    level3, level4 = rng.randint(5, max(6, resolved // 4)), rng.randint(2, max(3, resolved // 20))
    return {
        "outgoing_electronic": outgoing - rng.randint(0, outgoing // 5),
        "outgoing_total": outgoing,
        "level3_resolved": level3 - rng.randint(0, level3 // 5),
        "level3_total": level3,
        "level4_resolved": level4 - rng.randint(0, level4 // 5),
        "level4_total": level4,
    }


def weekly(rng: Random, size: Size) -> Figures:
    """The weekly form's numbers."""
    figures = _one_stop(rng, size.files)
    feedback = rng.randint(0, 6)
    figures |= {"feedback_resolved": feedback - rng.randint(0, feedback // 3), "feedback_received": feedback}
    figures |= _modern(rng, size, figures["resolved"] or 0)
    figures["postal_total"] = rng.randint(0, max(1, size.files // 20))
    figures |= {
        "meetings_count": rng.randint(1, 3),
        "news_count": rng.randint(1, 12),
        "inspections_count": rng.randint(1, 4),
    }
    return figures


def monthly(rng: Random, size: Size) -> Figures:
    """The monthly form's numbers."""
    figures = _one_stop(rng, size.files * 4)
    procedures, feedback = rng.randint(60, 240), rng.randint(1, 20)
    figures |= _modern(rng, Size(size.files * 4, size.letters * 4), figures["resolved"] or 0)
    figures |= {
        "legal_documents_advised": rng.randint(0, 4),
        "legal_documents_reviewed": rng.randint(0, 12),
        "procedures_reviewed": rng.randint(0, 9),
        "procedures_published": procedures,
        "procedures_total": procedures,
        "feedback_received": feedback,
        "feedback_resolved": feedback - rng.randint(0, feedback // 3),
        "staff_reduced": rng.randint(0, 2),
        "officials_recruited": rng.randint(0, 2),
        "employees_recruited": rng.randint(0, 5),
        "heads_appointed": rng.randint(0, 3),
        "staff_other": 0,
        "staff_trained": rng.randint(0, 30),
        "promotions_done": 4,
        "promotions_due": rng.randint(4, 9),
        "commune_officials_trained": rng.randint(0, 40),
        "units_self_financed": rng.randint(1, 9),
        "postal_received": rng.randint(0, size.files // 10),
        "postal_returned": rng.randint(0, size.files // 10),
        "iso_units": rng.randint(1, 15),
        "one_stop_procedures": procedures - rng.randint(0, 20),
    }
    return figures


def wrong_sum(figures: Mapping[str, int | None]) -> Figures:
    """The same numbers, but on time and overdue no longer make what was resolved."""
    return {**figures, "on_time": (figures["on_time"] or 0) - 5}


def corrected(figures: Mapping[str, int | None]) -> Figures:
    """The same week after somebody found seven more dossiers, all resolved on time."""
    more = {key: (figures[key] or 0) + 7 for key in ("received", "resolved", "on_time")}
    return {**figures, **more}


def half_filled(figures: Mapping[str, int | None]) -> Figures:
    """Three of the five core lines stated: creditable, not acceptable."""
    return {**figures, "overdue": None, "returned": None}


def blank(figures: Mapping[str, int | None]) -> Figures:
    """The empty form."""
    return dict.fromkeys(figures)
