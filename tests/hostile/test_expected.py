"""The judge of the hostile corpus: what it takes from the table, and that it is not talked into anything."""

from __future__ import annotations

import os
import re
import sys
import zipfile

from intake import cli
from tests.hostile import score
from tests.hostile.expected import CORPUS, ENCLOSURE, NO_REPORTS, Row, rows

ROWS = {row.file: row for row in rows()}
ATTACHMENTS = [row for row in ROWS.values() if row.file.startswith("att/")]


def test_every_row_of_the_table_demands_something():
    assert len(ROWS) == 85
    assert all(row.outcomes for row in ATTACHMENTS)
    assert all(row.states or row.counts for row in ROWS.values() if row.file.startswith("mail/"))


def test_the_words_of_the_table_become_demands():
    assert ROWS["att/zip_overlap.zip"].outcomes == {("refused", "zip_bomb"), ("refused", "corrupt")}
    assert ROWS["att/docx_huge_table.docx"].outcomes == {("read", None), ("needs_review", "timeout"), ENCLOSURE}
    assert ROWS["att/docx_remote_template.docx"].warnings == {"remote_ref"}
    assert ROWS["mail/spoof_ar_comment.eml"].reason == "sender_unverified"
    locked = ROWS["mail/attach_only_encrypted.eml"]
    assert (locked.states, locked.part, locked.submission) == ({"recorded"}, "encrypted", "refused")


def test_a_report_may_not_pass_for_an_enclosure():
    allowed = {row.file for row in ATTACHMENTS if ENCLOSURE in row.outcomes}
    assert allowed == set(NO_REPORTS)
    assert not [file for file in allowed if ROWS[file].figures is not None]


def test_the_files_called_no_reports_are_none_to_the_naked_eye():
    table = zipfile.ZipFile(CORPUS / "att/docx_huge_table.docx").read("word/document.xml")
    assert re.sub(rb"<[^>]*>", b"", table).strip() == b""
    page = (CORPUS / "att/xls_is_html.xls").read_text(encoding="utf-8")
    assert re.findall(r"<td>([^<]*)</td>", page) == ["Tong so ho so da tiep nhan", "1234"]
    assert re.findall(rb"<([0-9A-F]+)> Tj", (CORPUS / "att/pdf_cmap_path.pdf").read_bytes()) == [b"0041"]


def test_a_process_that_ends_while_it_is_looked_at_is_no_fault(monkeypatch):
    def gone(_):
        raise FileNotFoundError("/proc/1/task")

    monkeypatch.setattr(os, "scandir", gone)  # as it is when a process ends between two looks
    monkeypatch.setattr(os, "listdir", gone)
    assert list(score._below(os.getpid())) == []


def test_what_is_said_beside_the_document_is_told_and_never_taken_for_it(monkeypatch):
    def read(_):
        sys.stderr.write('  for task in Path(f"/proc/{pid}/task"):\n')
        sys.stdout.write('{"items": [{"outcome": "read", "reason": null, "parts": []}]}')

    monkeypatch.setattr(cli, "main", read)
    verdict = score.attachment(Row("att/ok_control.docx", "read", outcomes=frozenset({("read", None)})))
    assert (verdict.got, verdict.problems) == ("read", ['said on stderr:   for task in Path(f"/proc/{pid}/task"):'])
