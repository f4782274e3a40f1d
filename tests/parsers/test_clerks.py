"""Reports as clerks write them (``tests/corpus/clerks.txt``, ``clerks_monthly.txt``): nothing is ever wrong, or made up, without a flag."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from parsers.values import Cell, Figure, Report, Table
from tests.parsers.reports import CORPUS, flagged, read, weekly

_EXPECTED = re.compile(r"(\w+)=(\w*)([!?]?)")
_FOOT = "Nơi nhận:\n- Sở Nội vụ;\n- Lưu: VT.\nGIÁM ĐỐC\nNguyễn Văn Mẫu"


class Case(NamedTuple):
    name: str
    parts: tuple[str | Table, ...]
    meant: dict[str, tuple[str, str]]  # key → what is meant, "!" or "?"


def cases(name: str) -> list[Case]:
    return [_case(text) for text in (CORPUS / name).read_text("utf-8").split("\n== ")[1:]]


def _case(text: str) -> Case:
    name, *lines, told = text.strip().splitlines()
    parts: list[str | Table] = []
    for line in lines:
        if not line.startswith("|"):
            parts.append(line.replace("\\t", "\t"))
            continue
        row = tuple(Cell(cell.strip().replace("\\n", "\n")) for cell in line.strip("|").split("|"))
        above = parts.pop() if parts and isinstance(parts[-1], Table) else Table(())
        parts.append(Table((*above.rows, row)))
    return Case(name, tuple(parts), {key: (value, mark) for key, value, mark in _EXPECTED.findall(told)})


@pytest.mark.parametrize("case", cases("clerks.txt"), ids=lambda case: case.name)
def test_a_clerks_report_is_read_right_or_flagged(case: Case):
    assert _faults(weekly(*case.parts, _FOOT), case) == []


@pytest.mark.parametrize("case", cases("clerks_monthly.txt"), ids=lambda case: case.name)
def test_a_clerks_monthly_report_is_read_right_or_flagged(case: Case):
    (report,) = read("BÁO CÁO\nCông tác cải cách hành chính tháng 7/2017", *case.parts, _FOOT)
    assert _faults(report, case) == []


def _faults(report: Report, case: Case) -> list[str]:
    flags = flagged(report)
    return [said for one in report.figures if (said := _fault(one, case, flags))]


def _fault(figure: Figure, case: Case, flags: set[str]) -> str:
    want, mark = case.meant.get(figure.key, ("", ""))
    got = "" if figure.value is None else str(int(figure.value))
    if not got:
        lost = not mark and want and want != figure.state
        silent = mark == "!" and figure.key not in flags
        return f"{figure.key}: {figure.state} for {want or 'what has to be flagged'}" if lost or silent else ""
    known = figure.key in flags or (mark == "?" and not want)
    if got != want:
        return "" if known else f"{figure.key}: {got} for {want or 'nothing'}, without a flag"
    if mark == "!":
        return "" if known else f"{figure.key}: {got}, without a flag"
    return f"{figure.key}: {got}, flagged though plain" if known and not mark else ""
