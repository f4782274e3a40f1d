"""Web archives (mht, also named .doc or .xls): the page an office program saved with its pictures in one file.

Rules:

1. The file is a mail in its outer form: opened as one is, its parts counted before anything parses them.
2. Its first page is the document. A workbook's first page is only frames around its sheets: those pages are read, in order.
3. Nothing is fetched and nothing run; pages are read as any page is (``html``), what it finds is told once.
"""

from __future__ import annotations

import re
from dataclasses import replace

from parsers.headers import split_head
from parsers.mime import Found, open_tree
from parsers.readers import html
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.values import Block, Document, Finding

READER = "mht/1"
_FRAMES = re.compile(rb"<frameset\b", re.IGNORECASE)
_NOTHING = ("empty", "no_text")


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The pages' blocks; raises ``Unreadable``."""
    del charset
    data = data.lstrip()
    tree = open_tree(split_head(data), data)
    if tree.reasons:
        raise Unreadable(tree.reasons[0], "; ".join(tree.defects[:3]))
    pages = [leaf for leaf in tree.leaves if leaf.declared_type in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise Unreadable("empty", "no page")
    wanted = pages[1:] if _FRAMES.search(pages[0].data) else pages[:1]
    blocks: list[Block] = []
    findings: dict[str, Finding] = {}
    images = 0
    worth = 1.0
    for page in wanted:
        told = _page(page, budget)
        if told is None:
            continue
        blocks += [replace(block, n=len(blocks) + n) for n, block in enumerate(told.blocks, 1)]
        findings |= {one.code: one for one in told.findings}
        images += told.images
        worth = min(worth, told.quality)
    if not blocks:
        raise Unreadable("no_text" if any(leaf.declared_type.startswith("image/") for leaf in tree.leaves) else "empty")
    return Document("mht", READER, tuple(blocks), tuple(findings.values()), images=images, quality=worth)


def _page(page: Found, budget: Budget | None) -> Document | None:
    try:
        return html.read(page.data, charset=page.charset, budget=budget)
    except Unreadable as refused:
        if refused.reason in _NOTHING:
            return None
        raise
