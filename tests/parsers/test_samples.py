"""The files the warm worker makes and reads itself: each is a whole report to its reader."""

from __future__ import annotations

import pytest

from parsers.form import load_forms
from parsers.part import read_leaf
from parsers.readers import read_document
from parsers.rehearsal import other_kinds
from parsers.values import Hints

FORMS = load_forms([])


@pytest.mark.parametrize("name", [name for name in FORMS.names() if name != "tasks"])
def test_a_sample_of_each_kind_is_read_as_a_whole_report(name):
    form, stated = FORMS.get(name), []
    for leaf in other_kinds(form):
        (reading,) = read_leaf(leaf, FORMS, Hints("", leaf.name, None)).readings
        assert (reading.outcome, reading.type) == ("read", leaf.name[2:])
        (report,) = reading.reports
        stated.append({figure.key for figure in report.figures if figure.value is not None})
    assert stated[0] == stated[1]
    assert len(stated[0]) > len(form.lines) // 3


def test_the_sample_workbook_has_a_merged_cell_and_its_figures_are_numbers():
    book, _ = other_kinds(FORMS.get(FORMS.names()[-1]))
    rows = read_document(book.data, "xlsx").blocks[0].table.rows
    assert rows[2][0].colspan == 2
    assert any(row[1].number == 12 for row in rows)
