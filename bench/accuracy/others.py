"""What is sent beside reports and is none: decisions, plans, official letters, a letter with the blank form as its annex."""

from __future__ import annotations

import random

from bench.accuracy.frame import cutoff, office
from bench.accuracy.page import Cell, Grid, Page, Para, placed
from bench.accuracy.words import load

DOCUMENTS = {document["name"]: document for document in load("others")["document"]}


def write(name: str, rng: random.Random) -> Page:
    """One such document under a letterhead."""
    document, who, day = DOCUMENTS[name], office(rng), cutoff(rng)
    page = Page()
    left = f"{who['parent']}\n{who['name']}\n-------" if who["parent"] else f"{who['name']}\n-------"
    motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n---------------"
    below = f"{who['place']}, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}"
    number = f"Số: {rng.randint(5, 900)}/{document['sign']}"
    about = document["about"] if document["kind"] else ""
    under = number if document["kind"] else f"{number}\n{document['about']}"
    head = [[Cell(left, bold=True), Cell(motto, bold=True)], [Cell(under), Cell(below)]]
    page.blocks.append(Grid(placed(head), ruled=False, widths=[0.42, 0.58]))
    for text in (document["kind"], about):
        if text:
            page.blocks.append(Para(text, bold=True, centred=True))
    page.blocks += [Para(line) for text in document["text"] for line in text.split("\n")]
    if "table" in document:
        rows = [[Cell(text) for text in row] for row in document["table"]]
        page.blocks.append(Grid(placed(rows)))
    return page
