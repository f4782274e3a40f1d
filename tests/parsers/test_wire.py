"""What a worker says is taken for nothing but values of the type it must have."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.values import Address, Envelope, Figure, Finding, Leaf, PartReading, Place, Report, Signature, Window
from parsers.wire import WireError, pack, unpack


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    number: int
    share: float
    yes: bool
    kind: Literal["a", "b"]
    exact: Decimal | None
    day: date
    moment: datetime | None
    data: bytes
    pairs: tuple[tuple[str, str], ...]
    box: tuple[float, float] | None
    inner: Place | None


SAMPLES = st.builds(
    Sample,
    text=st.text(),
    number=st.integers(-(2**63), 2**63),
    share=st.floats(allow_nan=False),
    yes=st.booleans(),
    kind=st.sampled_from(["a", "b"]),
    exact=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    day=st.dates(),
    moment=st.none() | st.datetimes(timezones=st.just(UTC)),
    data=st.binary(),
    pairs=st.lists(st.tuples(st.text(), st.text())).map(tuple),
    box=st.none() | st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)),
    inner=st.none() | st.builds(Place, page=st.integers(1, 9), text=st.text()),
)


@given(SAMPLES)
def test_every_value_comes_back_as_it_was(sample):
    assert unpack(pack(sample), Sample) == sample


def test_a_mail_and_a_reading_come_back_as_they_were():
    leaf = Leaf(("1", "2"), "a.docx", "application/x", "", b"\0\xff" * 9, "ab", "attachment")
    envelope = Envelope(
        (Address("Sở Nội vụ", "a@x.example"),), "", (), (), (), None, "Báo cáo\ud800", "<a@b>", (), (),
        datetime(2017, 7, 21, 2, tzinfo=UTC), ("x",), 1, (("x-a", "b"),), "t", "", (leaf,), (),
    )  # fmt: skip
    assert unpack(pack(envelope), Envelope) == envelope
    figure = Figure("received", "number", Decimal(1625), "1.625", place=Place(box=(1.0, 2.0, 3.0, 4.5)))
    report = Report(
        1, "weekly", "weekly@x", "ab", "docx/1", "SỞ", "", date(2017, 7, 21), Window(), (figure,), (("a", "b"),),
        Signature(), (Finding("W03", "warning"),), ("received",), "k",
    )  # fmt: skip
    reading = PartReading(("1",), "a", "ab", 1, "docx", "read", reports=(report,))
    assert unpack(pack(reading), PartReading) == reading


def message(tree: object, sizes: object = (), tail: bytes = b"") -> bytes:
    head = json.dumps([tree, sizes]).encode()
    return struct.pack(">Q", len(head)) + head + tail


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"\0" * 7, struct.pack(">Q", 2**63) + b"x", message([1, 2]), message(["a"], [5], b"x"),
        message(["a"], [-1]), message(["a"], [], b"tail"), message({"text": 1}), message("x"), message(None),
        struct.pack(">Q", 3) + b"{}]",
    ],
)  # fmt: skip
def test_anything_else_is_refused(bad):
    with pytest.raises(WireError):
        unpack(bad, Address)


@dataclass(frozen=True, slots=True)
class One:
    value: int
    data: bytes
    kind: Literal["a"]
    exact: Decimal
    share: float
    items: tuple[str, ...]


@pytest.mark.parametrize(
    "tree",
    [
        [True, 0, "a", "1", 1.0, []], ["1", 0, "a", "1", 1.0, []], [1, "0", "a", "1", 1.0, []],
        [1, 7, "a", "1", 1.0, []], [1, -1, "a", "1", 1.0, []], [1, 0, "b", "1", 1.0, []], [1, 0, ["a"], "1", 1.0, []],
        [1, 0, "a", "x", 1.0, []], [1, 0, "a", 1, 1.0, []], [1, 0, "a", "1", "1", []], [1, 0, "a", "1", True, []],
        [1, 0, "a", "1", 1.0, "no list"], [1, 0, "a", "1", 1.0, [1]],
    ],
)  # fmt: skip
def test_a_field_of_another_type_is_refused(tree):
    assert unpack(message([1, 0, "a", "1", 1, ["x"]], [1], b"z"), One).data == b"z"
    with pytest.raises(WireError):
        unpack(message(tree, [1], b"z"), One)


@dataclass(frozen=True, slots=True)
class Odd:
    either: int | str


@dataclass(frozen=True, slots=True)
class Odder:
    what: set[int]


def test_only_values_of_the_house_can_be_sent_or_received():
    with pytest.raises(WireError):
        pack({1, 2})
    with pytest.raises(WireError):
        pack(Sample)
    for kind in (Odd, Odder):
        with pytest.raises(WireError):
            unpack(message([1]), kind)
