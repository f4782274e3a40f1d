"""What senders wrote to trick whoever opens it stays text in every file taken from the console: CSV, XLSX, JSON, Word, calendar."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import pytest
from docx import Document
from icalendar import Calendar
from openpyxl import load_workbook

from tests.pipeline.world import weekly_docx
from tests.web.conftest import NASTY, Site, mail, token_of
from tests.web.test_mail import mail_of

WEEK = "weekly:2017-07-28"
TOLD = '=HYPERLINK("https://evil.example") <script>alert(3)</script> khó khăn \u202egnp.exe ../../etc/passwd'
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
FILES = (
    "/log/export.xlsx", f"/board/{WEEK}/export.xlsx", f"/period/{WEEK}/export.xlsx", f"/period/{WEEK}/export.docx",
    "/figures?first=weekly:2017-07-21&last=weekly:2017-07-28&kind=docx", "/periods/2017.xlsx", "/roster/file.xlsx",
)  # fmt: skip


def told_docx() -> bytes:
    """A report whose words are tricks."""
    document = Document(
        io.BytesIO(
            weekly_docx(
                "SỞ NỘI VỤ", number="14/BC-SNV", window="từ ngày 21/7 đến ngày 27/7/2017", day="28 tháng 7 năm 2017"
            )
        )
    )
    document.paragraphs[-1].text = f"IV. Đánh giá: Khó khăn, vướng mắc: {TOLD}"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """One console for the file."""
    return shared_site


@pytest.fixture(scope="module")
def tricked(site: Site) -> Site:
    """The province once such a report has come, and a lead has moved a period for a reason with lines of a calendar in it."""
    site.world.deliver(mail("snv@tinh.example", NASTY, ("=1+1.docx", told_docx())), "2017-07-28 09:50:00")
    site.world.poll("2017-07-28 11:00:00")
    client = site.client("lan")
    reason = "Nghỉ\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:xấu =1+1"
    form = {"csrf": token_of(client), "reason": reason, "action": "move", "due_at": "2017-08-14T10:00"}
    assert client.post("/period/weekly:2017-08-11", data=form, follow_redirects=False).status_code == 303
    return site


def test_what_was_told_is_in_the_books_and_nothing_in_them_computes_or_turns(tricked: Site) -> None:
    client, seen = tricked.client("kiem"), 0
    for address in FILES:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["content-disposition"].startswith("attachment"), address
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            inside = "".join(
                packed.read(name).decode("utf-8", "replace")
                for name in packed.namelist()
                if name.endswith((".xml", ".rels"))
            )
        assert not TURNING.search(inside), address
        assert not re.search(r"<script|evil\.example[^<]*TargetMode", inside), address
        computed = re.findall(r"<f[ >][^<]*", inside)  # our own sums and the charts' ranges
        assert not [one for one in computed if re.search(r"alert|evil|1\+1|cmd", one)], address
        seen += "alert(" in inside
    assert seen >= 3, "the words themselves are kept"


def test_cells_of_the_log_begin_with_nothing_a_spreadsheet_computes(tricked: Site) -> None:
    client = tricked.client("kiem")
    text = client.get("/log/export.csv").content.decode("utf-8-sig")
    assert not TURNING.search(text)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any("⟦U+202E⟧gnp.exe" in cell for cell in cells)
    book = load_workbook(io.BytesIO(client.get("/log/export.xlsx").content))
    cells += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "@", "\t") or re.match(r"\s*-[^0-9]", cell)] == []


def test_json_spells_what_turns_and_holds_exactly_what_came(tricked: Site) -> None:
    text = tricked.client("kiem").get("/log/export.json").content.decode()
    assert not TURNING.search(text)
    assert NASTY in {row["subject"] for row in json.loads(text)["rows"]}


def test_a_reason_cannot_end_an_entry_of_the_calendar(tricked: Site) -> None:
    raw = tricked.client("kiem").get("/periods/2017.ics").content
    entries = Calendar.from_ical(raw).walk("VEVENT")
    assert len(re.findall(rb"(?m)^BEGIN:VEVENT\r$", raw)) == len(entries) == len({entry["uid"] for entry in entries})
    assert not [entry for entry in entries if str(entry["summary"]).startswith("xấu")]


def test_the_pages_show_it_as_text(tricked: Site) -> None:
    client, number = tricked.client("kiem"), mail_of(tricked, "snv@tinh.example")
    for address in (
        f"/mail/{number}",
        f"/mail/{number}/part/1",
        f"/results/{WEEK}",
        "/log",
        f"/board/{WEEK}",
        "/periods?year=2017",
    ):
        page = client.get(address).text
        assert not TURNING.search(page), address
        assert "<script>alert" not in page, address
        assert 'href="https://evil' not in page, address
