"""Seeded figures that agree with one another, as an honest office's do, and the numbers around them that are not asked for."""

from __future__ import annotations

import random

from bench.accuracy.truth import Value

SIZES = ((20, 90), (100, 900), (1000, 4800))  # files a week of a small department, a large one, a district


STANDING = (  # what there is, not what was done: the same since January
    "procedures_published",
    "procedures_total",
    "procedures_published_online",
    "one_stop_procedures",
    "units_self_financed",
    "iso_units",
    "staff_assigned",
    "staff_present",
)


def weekly(rng: random.Random, size: int | None = None) -> dict[str, Value]:
    low, high = SIZES[rng.randrange(3) if size is None else size]
    return {key: Value.of(number) for key, number in _weekly(rng, rng.randint(low, high)).items()}


def _weekly(rng: random.Random, received: int) -> dict[str, int]:
    returned = rng.choice([0, 0, 1, 2, 3, rng.randint(0, max(1, received // 50))])
    resolved = received - returned - rng.randint(1, max(2, received // 12))
    overdue = rng.choice([0, 0, 1, rng.randint(1, max(1, resolved // 40))])
    feedback = rng.choice([0, rng.randint(1, 9), rng.randint(2, 40)])
    outgoing = rng.randint(30, 600)
    level3, level4 = rng.randint(5, max(6, received // 3)), rng.randint(2, max(3, received // 6))
    postal = rng.randint(2, 70)
    carried = rng.randint(1, max(1, received // 5))
    return {
        "received": received,
        "resolved": resolved,
        "on_time": resolved - overdue,
        "overdue": overdue,
        "returned": returned,
        "feedback_received": feedback,
        "feedback_resolved": rng.randint(max(0, feedback - 2), feedback),
        "outgoing_total": outgoing,
        "outgoing_electronic": rng.randint(outgoing // 2, outgoing),
        "level3_total": level3,
        "level3_resolved": rng.randint(level3 // 2, level3),
        "level4_total": level4,
        "level4_resolved": rng.randint(level4 // 2, level4),
        "postal_total": 2 * postal + 1,
        "postal_received": postal,
        "postal_returned": postal + 1,
        "directives_issued_count": rng.randint(1, 3),
        "meetings_count": rng.randint(1, 4),
        "news_count": rng.randint(2, 25),
        "inspections_count": rng.choice([0, 1, 2, 3]),
        "carried_over": carried,
        "new_received": received - carried,
        "pending": received - resolved - returned,
    }


def monthly(rng: random.Random, size: int | None = None) -> dict[str, Value]:
    low, high = SIZES[rng.randrange(3) if size is None else size]
    counts = _weekly(rng, 4 * rng.randint(low, high))
    total = rng.randint(40, 380)
    published = rng.choice([total, total - rng.randint(1, 9)])
    promotions = rng.randint(2, 30)
    staff = rng.randint(30, 160)
    district = rng.randint(120, 320)
    counts |= {
        "meetings_count": rng.randint(1, 6),
        "units_inspected": rng.randint(1, 9),
        "initiatives_count": rng.randint(1, 3),
        "legal_documents_advised": rng.randint(1, 4),
        "legal_documents_issued": rng.randint(1, 4),
        "legal_documents_reviewed": rng.randint(5, 60),
        "procedures_reviewed": rng.randint(2, 40),
        "procedures_published": published,
        "procedures_total": total,
        "procedures_published_online": total - rng.randint(0, 5),
        "decentralisation_inspections": rng.randint(1, 3),
        "staff_reduced": rng.randint(1, 5),
        "staff_assigned": staff,
        "staff_present": staff - rng.randint(0, 6),
        "officials_rotated": rng.randint(0, 3),
        "officials_transferred": rng.randint(1, 6),
        "officials_switched": rng.randint(1, 5),
        "officials_recruited": rng.randint(0, 4),
        "employees_recruited": rng.randint(1, 12),
        "heads_appointed": rng.randint(1, 4),
        "staff_other": rng.randint(1, 3),
        "staff_trained": rng.randint(3, 60),
        "classes_held": rng.randint(1, 3),
        "trainees": rng.randint(30, 120),
        "promotions_due": promotions,
        "promotions_done": rng.randint(1, promotions),
        "commune_officials_trained": rng.randint(5, 90),
        "units_self_financed": rng.randint(1, 9),
        "iso_units": rng.randint(1, 20),
        "one_stop_procedures": total,
        "one_stop_procedures_district": district,
        "one_stop_procedures_commune": rng.randint(60, 150),
    }
    values = {key: Value.of(number) for key, number in counts.items()}
    values["procedures_published_pct"] = Value.of(100 * published / total)
    online = counts["procedures_published_online"]
    values["procedures_published_online_pct"] = Value.of(100 * online / total)
    return values


def around(values: dict[str, Value], rng: random.Random) -> dict[str, int]:
    """Numbers that stand beside the figures: since January, last week's, last year's, and the two parts of a district.

    The same share of everything, so that they agree among themselves as the figures do.
    """
    counts = {key: int(value.number or 0) for key, value in values.items() if not key.endswith("_pct")}
    beside: dict[str, int] = {}
    year, before, past = rng.randint(12, 30), rng.choice([0.8, 0.9, 1.1, 1.2]), rng.choice([0.6, 0.7, 1.3, 1.5])
    own = rng.uniform(0.3, 0.6)
    for suffix, share in (("year", year), ("before", before), ("past", past), ("own", own)):
        told = {key: int(number * share) if key not in STANDING else number for key, number in counts.items()}
        told["resolved"] = told["on_time"] + told["overdue"]
        told["received"] = max(told["received"], told["resolved"] + told["returned"])
        beside |= {f"{key}_{suffix}": number for key, number in told.items()}
    beside |= {f"{key}_communes": number - beside[f"{key}_own"] for key, number in counts.items()}
    return beside


def parts(counts: dict[str, int], count: int, rng: random.Random) -> list[dict[str, int]]:
    """The figures of part I shared out among ``count`` offices, each with sums that hold."""
    weights = [rng.uniform(0.3, 1.5) for _ in range(count)]
    shares = [weight / sum(weights) for weight in weights]
    out = [{key: int(number * share) for key, number in counts.items()} for share in shares]
    for key, number in counts.items():
        out[0][key] += number - sum(part[key] for part in out)
    for part in out:
        part["resolved"] = part["on_time"] + part["overdue"]
        part["received"] = max(part["received"], part["resolved"] + part["returned"])
    return out
