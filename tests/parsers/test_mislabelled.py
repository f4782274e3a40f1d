"""Texts under a label that is not theirs: windows-1258 called Western, UTF-8 written as UTF-8 twice."""

from __future__ import annotations

import pytest

from parsers.readers.decoding import characters
from tests.parsers.document_builders import WEEKLY
from tests.parsers.office_builders import windows_1258

TEXT = "\n".join((*WEEKLY, "- Số hồ sơ đã trả: 12 (…); “ưu tiên”, Đỗ Thị Ưng"))


@pytest.mark.parametrize("label", ["windows-1252", "iso-8859-1", "iso-8859-15", "windows-1258"])
def test_windows_1258_under_a_western_label_is_read_and_told_to_be_a_guess(label):
    assert characters(windows_1258(TEXT), label) == (TEXT, label != "windows-1258")


def western(data: bytes) -> str:
    """As a program reads bytes it takes for windows-1252."""
    return "".join(bytes([one]).decode("cp1252", "ignore") or chr(one) for one in data)


@pytest.mark.parametrize("misread", [western, lambda data: data.decode("latin-1")])
def test_utf_8_written_as_utf_8_twice_is_put_back(misread):
    assert characters(misread(TEXT.encode()).encode(), "utf-8") == (TEXT, True)


@pytest.mark.parametrize(
    "text", [TEXT, TEXT + " 25º", "n.º 12 de 2017, secção 3.ª", "áº and nothing else", "đã áº£nh"],
)  # fmt: skip
def test_what_was_written_once_stays(text):
    assert characters(text.encode(), "utf-8") == (text, False)
