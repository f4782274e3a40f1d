"""A mail read again that turns out to be no report: nothing of the earlier attempt waits for anybody."""

from __future__ import annotations

import pytest

from parsers.box import Box, _failed
from parsers.orders import Parts
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.document_builders import docx_bytes
from tests.pipeline.world import World, mail

Read = tuple[PartReading, ...]
WEEK = "weekly:2017-07-21"
NO_REPORT = ("SỞ TÀI CHÍNH", "QUYẾT ĐỊNH", "Về việc nghỉ phép của công chức", "Điều 1. Ông A được nghỉ phép năm.")


def test_an_attempt_at_what_was_no_report_waits_no_more(world: World, monkeypatch: pytest.MonkeyPatch):
    def missing(box: Box, leaf: Leaf, hints: Hints, as_form: str | None = None, parts: Parts | None = None) -> Read:
        return (_failed(leaf, "tool_missing"),) if leaf.role == "attachment" else real(box, leaf, hints, as_form, parts)

    real = Box.read_part
    monkeypatch.setattr(Box, "read_part", missing)
    world.deliver(mail(files={"BC tuan 29.docx": docx_bytes(NO_REPORT)}), "2017-07-20 09:00:00")
    world.poll("2017-07-20 09:01:00")
    (row,) = world.log("2017-07-20 09:02:00")
    assert (row["state"], row["reason"]) == ("needs_review", "tool_missing")
    assert [s["outcome"] for s in row["submissions"]] == ["in_review"]
    monkeypatch.setattr(Box, "read_part", real)
    again = world.cchc("retry", "--all", "--json", now="2017-07-20 15:00:00")
    assert [one["state"] for one in again.json["mails"]] == ["not_a_report"]
    (row,) = world.log("2017-07-20 15:01:00")
    assert [s["outcome"] for s in row["submissions"]] == ["withdrawn"]
    board = world.cchc("board", WEEK, "--json", now="2017-07-21 12:00:00").json
    assert board["classes"]["in_review"] == 0
