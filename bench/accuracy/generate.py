"""Writes the reports of a plan into a folder, and beside them ``cases.jsonl``: what each of them states."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bench.accuracy import libreoffice, monthly, others, weekly
from bench.accuracy.draft import Draft
from bench.accuracy.page import Page
from bench.accuracy.plan import Order
from bench.accuracy.truth import Case, Truth

MAILS = ("eml", "msg")


def slug(text: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part)


def generate(orders: Sequence[Order], folder: Path) -> list[Case]:
    folder.mkdir(parents=True, exist_ok=True)
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    converted: dict[Path, Path] = {}
    cases = []
    for order in orders:
        page, truths = written(order)
        name = f"{order.number:04d}-{order.type}-{slug(order.layout)}-{slug(order.format.name)}.{order.format.suffix}"
        data = order.format.write(page, truths[0]) if order.format.suffix in MAILS else order.format.write(page)
        if order.format.via:
            source = sources / f"{order.number:04d}.{order.format.via}"
            source.write_bytes(data)
            converted[folder / name] = source
        else:
            (folder / name).write_bytes(data)
        cases.append(Case(name, order.format.name, order.format.group, order.layout, truths))
    libreoffice.convert(converted)
    lines = [json.dumps(case.as_json(), ensure_ascii=False) for case in cases]
    (folder / "cases.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return cases


def written(order: Order) -> tuple[Page, list[Truth]]:
    """The page and what it states, report by report."""
    rng = random.Random(order.seed)
    if order.type == "none":
        return others.write(order.layout, rng), []
    if order.type == "both":
        first, second = _pair(order.seed)
        return Page([*first.page.blocks, *second.page.blocks]), [first.truth, second.truth]
    draft = weekly.write(order.layout, rng) if order.type == "weekly" else monthly.write(order.layout, rng)
    return draft.page, [draft.truth]


def _pair(seed: int) -> tuple[Draft, Draft]:
    """A weekly and a monthly report of one agency: the same seed draws the same office first."""
    first = weekly.write(random.Random(seed).choice(PAIRED), random.Random(seed))
    friday = date.fromisoformat(str(first.truth.period).removeprefix("weekly:"))
    return first, monthly.write("monthly form filled", random.Random(seed), friday)


PAIRED = ("form on dotted lines", "typed lines", "table, label left", "prose")
