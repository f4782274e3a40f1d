"""Whatever a sender writes, a letter is one letter and a cell is text (faults, "nothing built from unchecked text").

Every text of every kind of letter that a sender, a roster or a server can have written is replaced by the worst there is:
line breaks with header fields behind them, NUL, bidi controls, formulas, HTML, halves of characters.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from html.parser import HTMLParser
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from intake.export import COLUMNS, write_csv, write_xlsx
from notifier.compose import compose
from notifier.plain import neutral, one_line
from tests.notifier.letters import OFFICE, local
from tests.notifier.samples import SAMPLES

# a figure read is a number, or stands as raw text alone: "value" is ours
THEIRS = frozenset(
    (
        "subject", "agency_name", "name", "detail", "from_address", "from_", "message", "title", "example", "file", "files", "section",
        "number", "contact_name", "contact_phone", "note", "what", "reports_to_name", "set_aside", "letters_failed", "difficulties",
        "in_reply_to", "references", "group", "raw", "basis", "due_why", "recipient", "candidates", "location", "label",
    )
)  # fmt: skip
PIECES = (
    "\r\nBcc: x@evil.example", "\nX-Evil: 1\n\nbody", "\r\n.\r\nMAIL FROM:<x@evil.example>", "\x00", "\u202ecod.exe", "\u2066a\u2069",
    '=HYPERLINK("http://evil.example")', "@SUM(A1)", "+1", "-1+1", "＝1", "\t=1", "<script>alert(1)</script>",
    "<img src=http://evil.example/x onerror=alert(1)>", '"><b>', "{{ 7*7 }}", "{% raw %}", "\ud800", "\u2028", "\x85", "Báo cáo tuần",
    "]]>", "&lt;", "=?utf-8?q?=0D=0AX-Evil:_1?=", "%s{0}", "A" * 300, "<a@b.example>\r\n <c@d.example>", "*đậm* **x**", "# x\n!act x", "–",
)  # fmt: skip
evil = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), min_size=1, max_size=4).map("".join)
KNOWN_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "b",
        "strong",
        "em",
        "i",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "span",
        "h1",
        "h2",
        "h3",
        "a",
    ]
)


def poisoned(value: Any, words: Iterator[str], key: str = "") -> Any:
    """The same JSON with every text of theirs replaced."""
    if isinstance(value, dict):
        return {k: poisoned(v, words, k) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, words, key) for v in value]
    return next(words) if isinstance(value, str) and key in THEIRS and value else value


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


@pytest.mark.slow
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(SAMPLES)), words=st.lists(evil, min_size=3, max_size=6))
def test_a_letter_stays_one_letter_whatever_stands_in_it(kind: str, words: list[str]):
    sample = SAMPLES[kind]
    clean = message_from_bytes(compose(sample, OFFICE, local(21, 10, 6)).raw, policy=policy.default)
    letter = replace(sample, facts=poisoned(sample.facts, cycle(words)))
    raw = compose(letter, OFFICE, local(21, 10, 6)).raw
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", raw) is None
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    made = message_from_bytes(raw, policy=policy.default)
    assert set(made.keys()) <= set(clean.keys()) | {"In-Reply-To", "References"}
    assert len(made.keys()) == len(set(made.keys()))
    assert made["To"] == clean["To"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", str(made["Subject"]))
    for name in ("In-Reply-To", "References"):
        assert re.fullmatch(r"(<[^<>\s]+>\s*)*", str(made[name] or "")), made[name]
    body, page = made.get_body(("plain",)), made.get_body(("html",))
    assert body is not None
    assert page is not None
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\ud800-\udfff]", body.get_content() + page.get_content())
    seen = Tags()
    seen.feed(page.get_content())
    assert seen.tags <= KNOWN_TAGS, seen.tags - KNOWN_TAGS
    assert not [a for a in seen.attributes if a[0].startswith("on") or a[0] in ("src", "href", "srcdoc", "action")]
    for attached in made.iter_attachments():
        assert not re.search(r"[/\\\r\n\x00]", attached.get_filename() or "")
        if (attached.get_filename() or "").endswith(".xlsx"):
            book = load_workbook(BytesIO(attached.get_payload(decode=True)))
            cells = [c for sheet in book for line in sheet.iter_rows() for c in line if isinstance(c.value, str)]
            theirs = [c.value for c in cells if c.data_type != "f" and c.value[:1] in ("=", "+", "@", "\t")]
            assert theirs == []
            assert not [c.value for c in cells if c.data_type == "f" and re.search("HYPERLINK|SUM\\(A1\\)|1$", c.value)]


FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(evil, evil, evil), min_size=1, max_size=4))
def test_an_export_computes_nothing_and_every_line_is_one_line(rows: list[tuple[str, str, str]], tmp_path: Path):
    log = [
        {"id": n, "from": a, "subject": b, "reason": c, "submissions": [{"findings": [c], "agency": a}]}
        for n, (a, b, c) in enumerate(rows)
    ]
    write_csv(log, tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert [len(line) for line in lines] == [len(COLUMNS)] * (len(rows) + 1)
    write_xlsx(log, tmp_path / "log.xlsx")
    book = load_workbook(tmp_path / "log.xlsx")
    table = [list(line) for line in book.active.iter_rows()]
    assert len(table) == len(rows) + 1
    assert not [cell for line in table for cell in line if cell.data_type == "f"]
    cells = [cell for line in lines[1:] for cell in line] + [str(c.value or "") for line in table[1:] for c in line]
    assert not [cell for cell in cells if FORMULA.match(cell)]
    assert not [cell for cell in cells if re.search("[\r\n\x00]", cell)]


@settings(max_examples=300, deadline=None)
@given(text=evil)
@example(text="\x08=1+1")
@example(text="\ufeff\x1f =1+1")
def test_a_line_is_a_line_and_a_cell_is_text(text: str):
    line = one_line(text)
    assert not re.search("[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)
    cell = neutral(text)
    assert not FORMULA.match(cell.lstrip("\ufeff"))
    cell.encode("utf-8")
