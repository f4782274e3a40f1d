"""The weekly report in every format: five core figures right and unflagged, inside the walls as outside.

The files of ``documents/`` are LibreOffice's; what this file builds is as other programs write it.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from parsers.box import Box
from parsers.form import load_forms
from parsers.part import read_part
from parsers.sniff import sniff
from parsers.values import Hints, Leaf, PartReading
from tests.parsers.office_builders import WEEKLY_FILES

DOCUMENTS = Path(__file__).parent.parent / "corpus" / "documents"
FORMS = load_forms()
FIGURES = {"received": 1625, "resolved": 1615, "on_time": 1590, "overdue": 25, "returned": 10}
FILES = {path.name: path.read_bytes for path in sorted(DOCUMENTS.glob("weekly-*"))} | WEEKLY_FILES


@pytest.fixture(scope="module")
def box():
    with Box(wall=20.0) as found:
        found.warm()
        yield found


def leaf(name: str, data: bytes) -> Leaf:
    return Leaf(("2",), name, "application/octet-stream", "", data, hashlib.sha256(data).hexdigest(), "attachment")


def core(reading: PartReading) -> dict[str, Decimal | None]:
    """The core figures of the one report in a part that nothing was said against."""
    (report,) = reading.reports
    doubted = {key for found in report.findings if found.severity in ("warning", "error") for key in found.figures}
    return {
        figure.key: figure.value
        for figure in report.figures
        if figure.key in report.core and figure.key not in doubted and not figure.flags
    }


@pytest.mark.parametrize("name", FILES)
def test_the_weekly_report_is_read_right_and_unflagged_in_every_format(name: str, box: Box):
    part = leaf(name, FILES[name]())
    readings = read_part(part, FORMS, Hints("", name, None))
    (reading,) = [one for one in readings if one.reports]
    assert reading.outcome == "read"
    assert core(reading) == FIGURES
    assert reading.reports[0].window.start is not None
    assert "nội vụ" in reading.reports[0].agency_text.lower()
    assert box.read_part(part, Hints("", name, None)) == readings


@pytest.mark.parametrize("name", FILES)
def test_the_name_keeps_what_it_promises(name: str):
    assert sniff(FILES[name](), name).findings == ()
