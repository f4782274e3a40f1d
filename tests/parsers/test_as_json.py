"""The contract's JSON of a report and a part, and back without loss."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.as_json import finding_json, part_json, report_json
from parsers.values import Figure, Finding, PartReading, Place, Report, Signature, Window
from tests.parsers.from_json import finding_from_json, part_from_json, report_from_json
from tests.parsers.reports import corpus, read

TEXT = st.text(max_size=20)
SOME = st.none() | st.integers(1, 99)
PLACES = st.none() | st.builds(
    Place, SOME, SOME, SOME, SOME, SOME, st.none() | st.tuples(*[st.floats(0, 1000)] * 4), TEXT
)
VALUES = st.none() | st.integers(0, 10**9).map(Decimal) | st.decimals(0, 100, places=2)
FIGURES = st.builds(
    Figure,
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    st.sampled_from(["number", "zero", "nil", "blank", "unreadable", "absent"]),
    VALUES,
    TEXT,
    st.sampled_from(["total", "own", "communes"]),
    st.sampled_from(["period", "cumulative"]),
    st.lists(st.sampled_from(["approximate", "ocr", "hidden", "scope"]), max_size=2).map(tuple),
    PLACES,
)
FINDINGS = st.builds(
    Finding,
    TEXT,
    st.sampled_from(["info", "ask", "warning", "error"]),
    st.lists(TEXT).map(tuple),
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    PLACES,
)
DAYS = st.none() | st.dates()
REPORTS = st.builds(
    Report,
    n=st.integers(1, 9),
    type=TEXT,
    form=TEXT,
    form_sha256=TEXT,
    reader=TEXT,
    agency_text=TEXT,
    number=TEXT,
    date=DAYS,
    window=st.builds(Window, DAYS, DAYS, st.none() | TEXT, st.none() | TEXT, TEXT),
    figures=st.lists(FIGURES, max_size=4, unique_by=lambda f: f.key).map(tuple),
    texts=st.dictionaries(TEXT, TEXT, max_size=3).map(lambda d: tuple(d.items())),
    signature=st.builds(Signature, TEXT, TEXT, st.sampled_from(["digital", "image", "none", "unknown"])),
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
    core=st.lists(TEXT, max_size=3).map(tuple),
    content_key=TEXT,
)
PARTS = st.builds(
    PartReading,
    path=st.lists(TEXT, max_size=3).map(tuple),
    name=TEXT,
    sha256=TEXT,
    size=st.integers(0, 10**9),
    type=TEXT,
    outcome=st.sampled_from(["read", "copy", "enclosure", "needs_review", "refused"]),
    reason=st.none() | TEXT,
    copy_of=st.none() | st.lists(TEXT, max_size=2).map(tuple),
    findings=st.lists(FINDINGS, max_size=2).map(tuple),
    reports=st.lists(REPORTS, max_size=2).map(tuple),
    role=TEXT,
)


@settings(deadline=None)
@given(PARTS)
def test_a_part_survives_the_wire_exactly(part: PartReading) -> None:
    assert part_from_json(json.loads(json.dumps(part_json(part)))) == part


@given(FINDINGS)
def test_a_finding_survives_the_wire_exactly(finding: Finding) -> None:
    assert finding_from_json(json.loads(json.dumps(finding_json(finding)))) == finding


def test_a_report_has_the_contracts_shape() -> None:
    (report,) = read(corpus("weekly_filled.txt"))
    data = json.loads(json.dumps(report_json(report), ensure_ascii=False))
    assert data["agency"] == {"text": "SỞ NỘI VỤ", "code": None, "how": "letterhead"}
    assert (data["n"], data["type"], data["form"], data["reader"]) == (1, "weekly", "weekly@2017-07-19", "docx/1")
    assert (data["number"], data["date"], data["period"], data["verdict"]) == ("123/BC-SNV", "2017-07-21", None, None)
    assert {key: data["window"][key] for key in ("from", "to", "week")} == {
        "from": "2017-07-14",
        "to": "2017-07-20",
        "week": "29",
    }
    received = data["figures"]["received"]
    assert {key: received[key] for key in ("value", "state", "raw", "scope", "basis", "flags")} == {
        "value": 1625, "state": "number", "raw": "1.625", "scope": "total", "basis": "period", "flags": [],
    }  # fmt: skip
    assert set(received["where"]) == {"page", "block", "table", "row", "cell", "box", "text"}
    assert received["where"]["text"] == "- Tổng số hồ sơ đã tiếp nhận:..1.625.."
    assert set(data["signature"]) == {"name", "title", "state"}
    assert {"code", "severity", "figures", "message"} <= set(data["findings"][0])
    assert report_from_json(data) == report


def test_values_are_integers_or_the_decimals_written() -> None:
    figures = (Figure("a", "number", Decimal(1625)), Figure("b", "number", Decimal("95.5")), Figure("c", "blank"))
    report = Report(1, "t", "f", "", "r", "", "", date(2017, 7, 21), Window(), figures, (), Signature(), (), (), "")
    text = json.dumps(report_json(report))
    assert '"value": 1625,' in text
    assert '"value": 95.5,' in text
    assert '"value": null,' in text
    assert report_json(report)["agency"]["how"] is None
