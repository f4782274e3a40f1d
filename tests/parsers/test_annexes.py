"""A table below a heading that names another office is that office's; a heading that names a kind of office alone owns nothing."""

from __future__ import annotations

import pytest

from parsers.annexes import Annex


@pytest.mark.parametrize(
    ("heading", "owner"),
    [
        ("Biểu: Tình hình giải quyết TTHC của UBND huyện Đại Từ", "UBND huyện Đại Từ"),
        ("Bảng 1. Kết quả của Sở Tài chính trong tuần", "Sở Tài chính"),
        ("Phụ lục: Kết quả của UBND phường Hòa Bình", "UBND phường Hòa Bình"),
        ("Biểu tổng hợp của UBND huyện", ""),
        ("Kết quả của Sở Tài chính", ""),
    ],
)
def test_the_office_a_heading_names_owns_the_table_below(heading: str, owner: str) -> None:
    annex = Annex()
    annex.hear(heading)
    assert annex.owner == owner
