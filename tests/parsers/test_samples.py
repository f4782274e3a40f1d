"""The files the warm worker makes and reads itself: each is a whole report to its reader."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from parsers.form import load_forms
from parsers.label_tree import Tree
from parsers.labels import Labels
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
    assert min(map(len, stated)) > len(form.lines) // 3


def test_the_sample_workbook_has_a_merged_cell_and_its_figures_are_numbers():
    book, _, _ = other_kinds(FORMS.get(FORMS.names()[-1]))
    rows = read_document(book.data, "xlsx").blocks[0].table.rows
    assert rows[2][0].colspan == 2
    assert any(row[1].number == 12 for row in rows)


def test_the_sample_pdf_has_lines_a_ruled_table_and_no_letter_the_machine_has_to_draw():
    _, _, printed = other_kinds(FORMS.get(FORMS.names()[-1]))
    pages = {(block.page, block.table is not None) for block in read_document(printed.data, "pdf").blocks}
    assert {(1, False), (2, True)} <= pages
    assert printed.data.count(b"/Type /Font ") == printed.data.count(b"/Subtype /Type3") == 1


def test_labels_that_were_rehearsed_are_not_worked_out_again(monkeypatch):
    form = FORMS.get("weekly")
    labels = Labels(form)
    labels.rehearse([])
    asked = []
    monkeypatch.setattr(Tree, "_found", lambda self, row, index: asked.append(row.marked) or [])
    ratios = [line for line in form.lines if line.over]
    for line in ratios:
        text = f"{line.label}: 7/{form.line(line.over).labels[0]}: 9"
        assert [hit.key for hit in labels.find(text)] == [line.key, line.over]
    assert ratios
    assert not asked


def test_the_worker_reads_workbooks_without_what_only_writing_them_needs():
    done = subprocess.run([sys.executable, "-c", _LEAN], capture_output=True, text=True, check=True, timeout=60)
    here = other_kinds(FORMS.get(FORMS.names()[-1]))[0]
    assert done.stdout.split() == [hashlib.sha256(repr(read_document(here.data, "xlsx")).encode()).hexdigest(), "[]"]


_LEAN = """
import hashlib, sys
from parsers.lean import spare
spare()
spare()
from parsers.form import load_forms
from parsers.readers import read_document, warm_up
from parsers.rehearsal import other_kinds
warm_up()
forms = load_forms([])
document = read_document(other_kinds(forms.get(forms.names()[-1]))[0].data, "xlsx")
unwanted = ("openpyxl.chart", "openpyxl.drawing", "openpyxl.workbook", "openpyxl.writer")
print(hashlib.sha256(repr(document).encode()).hexdigest(), [name for name in unwanted if name in sys.modules])
"""
