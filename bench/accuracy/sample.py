"""A quick sample of the plan: every layout once or more, in formats that need no other program. ``make check`` reads it."""

from __future__ import annotations

from bench.accuracy.plan import Order, orders

SEED = 121
QUICK = (
    "docx",
    "rtf (by hand)",
    "HTML named doc",
    "xlsx, numbers",
    "xls (xlwt)",
    "csv, semicolon",
    "txt, tabs",
    "mail, text body",
)


def sample(seed: int = SEED, every: int = 6) -> list[Order]:
    """Of the orders in quick formats every sixth, so that neighbours differ in layout and format alike."""
    quick = [order for order in orders(seed) if order.format.name in QUICK and order.type != "none"]
    return quick[::every]
