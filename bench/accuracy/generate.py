"""Writes the reports of a plan into a folder, and beside them ``cases.jsonl``: what each of them states."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from bench.accuracy import libreoffice, monthly, others, weekly
from bench.accuracy.draft import Draft
from bench.accuracy.page import Page
from bench.accuracy.plan import Order
from bench.accuracy.truth import Case, Truth

MAILS = ("eml", "msg")
CASES = "cases.jsonl"
Say = Callable[[str], object]


def slug(text: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part)


def generate(wanted: Sequence[Order], folder: Path, workers: int = 1, say: Say | None = None) -> list[Case]:
    """Every order written, in ``workers`` processes side by side; ``cases.jsonl`` stands there when everything does."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / CASES).unlink(missing_ok=True)
    _Shared.orders, _Shared.folder = wanted, folder
    made = _side_by_side(len(wanted), workers) if workers > 1 else [_one(n) for n in range(len(wanted))]
    if say:
        say(
            f"generating: {len(made)} files written, LibreOffice converts {sum(bool(source) for _, source in made)} of them"
        )
    libreoffice.convert({folder / case.file: source for case, source in made if source}, workers)
    cases = [case for case, _ in made]
    lines = [json.dumps(case.as_json(), ensure_ascii=False) for case in cases]
    (folder / CASES).write_text("\n".join(lines) + "\n", "utf-8")
    return cases


def _side_by_side(files: int, workers: int) -> list[tuple[Case, Path | None]]:
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        return list(pool.map(_one, range(files), chunksize=8))


class _Shared:
    """What the forked processes see: orders hold functions, which do not travel."""

    orders: Sequence[Order] = ()
    folder = Path()


def _one(n: int) -> tuple[Case, Path | None]:
    """The file of one order, or the source LibreOffice is to convert into it."""
    order, folder = _Shared.orders[n], _Shared.folder
    page, truths = written(order)
    name = f"{order.number:04d}-{order.type}-{slug(order.layout)}-{slug(order.format.name)}.{order.format.suffix}"
    data = order.format.write(page, truths[0]) if order.format.suffix in MAILS else order.format.write(page)
    source = folder / "sources" / f"{order.number:04d}.{order.format.via}" if order.format.via else None
    (source or folder / name).write_bytes(data)
    return Case(name, order.format.name, order.format.group, order.layout, truths), source


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
