"""One mail with a report as every older program saves it in one file, and as a form of Adobe's: read, one revision, answered once."""

from __future__ import annotations

from tests.parsers import test_readers_saved as saved
from tests.parsers import test_readers_xfa as xfa
from tests.pipeline.world import World, mail

BEFORE, POLLED, ASKED = "2017-07-20 09:00:00", "2017-07-20 09:01:00", "2017-07-20 09:02:00"
TYPES = {
    "Báo cáo.doc": "wordxml",
    "Báo cáo.xml": "wordxml",
    "Số liệu.xls": "excelxml",
    "Báo cáo.mht": "mht",
    "Biểu mẫu.pdf": "pdf",
}


def a_form() -> bytes:
    head = xfa.draw(saved.TITLE) + xfa.draw(saved.WINDOW)
    fields = "".join(xfa.field(f"n{n}", label) for n, (label, _) in enumerate(saved.ROWS))
    return xfa.pdf(xfa.form(head + fields, "".join(f"<n{n}>{value}</n{n}>" for n, (_, value) in enumerate(saved.ROWS))))


def test_a_report_saved_in_five_ways_is_one_revision_answered_once(world: World):
    written = (saved.word_2003(), saved.flat(), saved.workbook())
    held = [*(text.encode() for text in written), saved.archive(saved.page()), a_form()]
    world.deliver(mail(files=dict(zip(TYPES, held, strict=True))), BEFORE)
    world.poll(POLLED)

    (row,) = world.log(ASKED)
    parts = {part["name"]: part for part in row["parts"] if part["name"] in TYPES}
    assert {name: part["type"] for name, part in parts.items()} == TYPES
    assert sorted(part["outcome"] for part in parts.values()) == ["copy"] * 4 + ["read"]
    (submission,) = row["submissions"]
    assert (submission["revision"], submission["outcome"]) == (1, "accepted")
    shown = world.cchc("show", str(row["id"]), "--json", now=ASKED).json
    figures = shown["reports"][0]["figures"]
    assert [figures[key]["value"] for key in ("received", "resolved", "on_time", "overdue", "returned")] == [
        value for _, value in saved.ROWS
    ]
    assert len(world.letters("stc@tinh.example")) == 1
