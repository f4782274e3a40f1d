"""Members of a zip inflated at one go are what a stream gives; whatever is unusual is left to the standard library."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from parsers.zipped import AT_ONCE, directory, inflated

_TEXT = "Báo cáo tuần ".encode() * 500


def _zip(name: str = "word/document.xml", how: int = zipfile.ZIP_DEFLATED, data: bytes = _TEXT) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        archive.writestr(name, data)
        archive.writestr("behind.xml", b"behind")
    return out.getvalue()


def _first(data: bytes) -> bytes | None:
    return inflated(data, directory(data).infolist()[0])


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_is_inflated_whole(how: int) -> None:
    assert _first(_zip(how=how)) == _TEXT
    assert _first(_zip(how=how, data=b"")) == b""


def test_the_directory_of_the_same_bytes_is_read_once() -> None:
    data = _zip()
    assert directory(data) is directory(data)
    with pytest.raises(zipfile.BadZipFile):
        directory(b"no zip")


def test_what_is_unusual_is_left_to_the_standard_library() -> None:
    data = _zip()
    assert _first(_zip(name="văn bản.xml")) is None
    assert _first(_zip(how=zipfile.ZIP_BZIP2)) is None
    assert _first(_zip(data=bytes(AT_ONCE + 1))) is None
    assert _first(data.replace(b"PK\x03\x04", b"PK\x03\x05", 1)) is None
    assert _first(data.replace(b"document.xml", b"documenT.xml", 1)) is None
    start = 30 + len("word/document.xml")
    assert _first(data[:start] + b"\xff\xff" + data[start + 2 :]) is None  # no deflated data
    at = data.index(b"PK\x01\x02")
    for field, wrong in ((16, 1), (20, len(data)), (24, 1), (24, len(_TEXT) + 1)):  # checksum, packed size, size
        assert _first(data[: at + field] + struct.pack("<I", wrong) + data[at + field + 4 :]) is None
    assert inflated(data[:20], directory(data).infolist()[0]) is None


def test_a_stored_member_of_another_size_is_left_to_the_standard_library() -> None:
    data = _zip(how=zipfile.ZIP_STORED)
    at = data.index(b"PK\x01\x02") + 24
    assert _first(data[:at] + struct.pack("<I", 1) + data[at + 4 :]) is None
