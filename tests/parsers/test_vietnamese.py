"""Old encodings, and how much a text looks like Vietnamese."""

from __future__ import annotations

import unicodedata

import pytest

from parsers.vietnamese import from_font, quality


@pytest.mark.parametrize(
    ("text", "font", "unicode"),
    [
        ("B¸o c¸o tuÇn c¶i c¸ch hµnh chÝnh", ".VnTime", "Báo cáo tuần cải cách hành chính"),
        ("n\u00ad\u00edc", ".VnTime", "nước"),
        ("céng hßa", ".VnTimeH", "CỘNG HÒA"),
        ("tuÇn", "ABCDEF+.VnTime", "tuần"),
        ("Soá hoà sô ñaõ tieáp nhaän", "VNI-Times", "Số hồ sơ đã tiếp nhận"),
        ("chaúng", "VNI-Times", "chẳng"),
        ("Hồ sơ đã trả", ".VnTime", "Hồ sơ đã trả"),
        ("Hồ sơ", "Times New Roman", "Hồ sơ"),
        ("1.625", ".VnTime", "1.625"),
    ],
)
def test_text_of_old_fonts_becomes_unicode(text: str, font: str, unicode: str) -> None:
    assert from_font(text, font) == unicode


def test_the_letter_that_looks_like_a_soft_hyphen_is_kept() -> None:
    assert from_font("l\u00ad\u00eei", ".VnArial") == "lượi"


def test_decomposed_text_is_composed() -> None:
    assert from_font(unicodedata.normalize("NFD", "Báo cáo"), "Arial") == "Báo cáo"


@pytest.mark.parametrize(
    "text",
    [
        "Tổng số hồ sơ đã tiếp nhận: 1.625",
        "BAO CAO TUAN CCHC - Tong so ho so da tiep nhan: 1234",
        "UBND tỉnh, Sở TT&TT, QĐ-TTg",
        "1.625 | 1.590",
        "",
    ],
)
def test_vietnamese_with_and_without_tones_is_good_text(text: str) -> None:
    assert quality(text) >= 0.85


@pytest.mark.parametrize(
    "text",
    [
        "Tá»•ng sá»‘ há»“ sÆ¡ Ä‘Ã£ tiáº¿p nháº­n",
        "T ng s h s ti p nh n trong tu n",
        "The quick brown fox jumps over the lazy dog",
        "(cid:12)(cid:7) (cid:33)a (cid:8)b",
        "Tæng sè hå s¬ ®· tiÕp nhËn",
    ],
)
def test_torn_text_mojibake_and_other_languages_are_bad_text(text: str) -> None:
    assert quality(text) < 0.6
