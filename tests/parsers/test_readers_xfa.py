"""Forms a PDF holds as XFA: read from their packets where the pages do not show them, guarded like any XML."""

from __future__ import annotations

import hashlib

import pytest

from parsers import limits
from parsers.form import load_forms
from parsers.part import read_part
from parsers.readers import Unreadable, read_document
from parsers.values import Document, Hints, Leaf
from tests.parsers.document_builders import pdf_of

WAIT = b"BT /F1 12 Tf 72 720 Td (Please wait...) Tj ET"
DATA = "http://www.xfa.org/schema/xfa-data/1.0/"
WIDE = 'colSpan="1"'
CORE = [
    ("Tổng số hồ sơ đã tiếp nhận", "1.625"),
    ("Tổng số hồ sơ đã giải quyết:", "1.615"),
    ("Hồ sơ trả đúng hạn", "1.590"),
    ("Hồ sơ quá hạn", "25"),
    ("Hồ sơ trả lại (tổ chức, cá nhân)", "10"),
]


def draw(text: str, more: str = "") -> str:
    return f"<draw {more}><value><text>{text}</text></value></draw>"


def field(name: str, caption: str, own: str = "", more: str = "") -> str:
    value = f"<value><text>{own}</text></value>" if own else ""
    return f'<field name="{name}" {more}><caption><value><text>{caption}</text></value></caption>{value}</field>'


def form(template: str, data: str, doctype: str = "") -> str:
    return (
        f'{doctype}<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'
        f'<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="f">{template}</subform></template>'
        f'<xfa:datasets xmlns:xfa="{DATA}"><xfa:data><f>{data}</f></xfa:data></xfa:datasets></xdp:xdp>'
    )


def pdf(text: str, page: bytes = WAIT) -> bytes:
    packet = text.encode().decode("latin-1")  # bytes as they are
    held = f"<< /Length {len(packet)} >>\nstream\n{packet}\nendstream"
    catalog = b"/Type /Catalog /AcroForm << /XFA 6 0 R /Fields [] >>"
    return pdf_of(page, extra=held).replace(b"/Type /Catalog", catalog)


def told(document: Document) -> list[str | list[list[str]]]:
    return [
        [[cell.text for cell in row] for row in block.table.rows] if block.table else block.text
        for block in document.blocks
    ]


def test_a_report_filled_into_a_form_the_pages_do_not_show_is_read():
    head = draw("BÁO CÁO TUẦN VỀ CÔNG TÁC CẢI CÁCH HÀNH CHÍNH") + draw("(Từ ngày 14/7/2017 đến ngày 20/7/2017)")
    fields = "".join(field(f"n{n}", caption) for n, (caption, _) in enumerate(CORE))
    values = "".join(f"<n{n}>{value}</n{n}>" for n, (_, value) in enumerate(CORE))
    data = pdf(form(head + fields, values))
    leaf = Leaf(("2",), "a.pdf", "application/pdf", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    (reading,) = read_part(leaf, load_forms(), Hints("", "", None))
    (report,) = reading.reports
    assert [int(report.figure(key).value) for key in ("received", "resolved", "on_time", "overdue")] == [
        1625,
        1615,
        1590,
        25,
    ]
    assert (reading.outcome, [one.code for one in reading.findings]) == ("read", ["active_content"])


def test_captions_values_tables_and_rows_that_repeat_stand_in_the_templates_order():
    row = '<subform name="row" layout="row"><occur max="-1"/><field name="what"/><field name="count"/></subform>'
    head = f'<subform layout="row">{draw("Việc")}{draw("Số", WIDE)}</subform>'
    table = f'<subform layout="table">{head}{row}</subform>'
    unseen = field("x", "Ẩn", "1", 'presence="hidden"')
    template = f"{field('a', 'Số')}{table}{unseen}{field('b', 'Nơi gửi', 'Sở Nội vụ')}{field('c', 'Trống')}"
    rows = "".join(f"<row><what>{what}</what><count>{n}</count></row>" for what, n in (("một", 11), ("hai", 22)))
    document = read_document(pdf(form(template, f"<a>38/BC-SNV</a>{rows}<x>99</x>")), "pdf")
    table_told = [["Việc", "Số"], ["một", "11"], ["hai", "22"]]
    assert told(document)[1:] == ["Số: 38/BC-SNV", table_told, "Nơi gửi: Sở Nội vụ", "Trống:"]


def test_a_form_the_pages_show_is_not_told_twice():
    text = form(field("a", "So") + field("b", "Noi"), "<a>38/BC</a><b>Hue</b>")
    assert told(read_document(pdf(text, b"BT /F1 12 Tf 72 720 Td (So: 38/BC) Tj ET"), "pdf")) == ["So: 38/BC"]


def test_a_form_without_pages_to_show_is_read_all_the_same():
    assert told(read_document(pdf(form(draw("Báo cáo"), ""), b""), "pdf")) == ["Báo cáo"]


def refused(text: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(pdf(text), "pdf")
    return caught.value.reason


def test_entities_depth_and_size_are_refused(monkeypatch: pytest.MonkeyPatch):
    assert refused(form("", "", '<!DOCTYPE x [<!ENTITY a "aaaa">]>')) == "xml_entity"
    assert refused(form("<subform>" * 400 + "</subform>" * 400, "")) == "xml_too_deep"
    assert told(read_document(pdf("<a/>"), "pdf")) == ["Please wait..."]
    monkeypatch.setattr(limits, "TEXT_MAX", 300)
    assert refused(form(draw("x" * 300), "")) == "too_large"
    monkeypatch.setattr(limits, "TEXT_MAX", 20_000)
    monkeypatch.setattr(limits, "BLOCKS_MAX", 2)
    assert refused(form(draw("một") + draw("hai") + draw("ba"), "")) == "too_large"


def test_packets_without_those_that_open_and_close_them_are_read_as_well():
    bare = form(field("n", "Quá hạn"), "<n>5</n>")
    bare = bare.removeprefix('<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">').removesuffix("</xdp:xdp>")
    assert told(read_document(pdf(bare), "pdf"))[-1] == "Quá hạn: 5"


def test_a_value_chosen_from_a_list_is_read_as_the_list_shows_it():
    shown, kept = (
        "<items><text>125</text><text>152</text></items>",
        '<items save="1"><text>1</text><text>2</text></items>',
    )
    chosen = field("n", "Tiếp nhận").replace("<caption>", f"{shown}{kept}<caption>")
    assert told(read_document(pdf(form(chosen, "<n>2</n>")), "pdf"))[-1] == "Tiếp nhận: 152"
    assert told(read_document(pdf(form(chosen, "<n>7</n>")), "pdf"))[-1] == "Tiếp nhận: 7"
