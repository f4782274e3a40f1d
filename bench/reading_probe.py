"""Runs inside a confined child of the warm worker (``CCHC_BOX_PROBES``): how long one part takes from bytes to figures."""

from __future__ import annotations

import time

from parsers.form import load_forms
from parsers.part import read_part
from parsers.rehearsal import rehearse
from parsers.wire import unpack
from parsers.zygote import PartOrder

FORMS = load_forms()
rehearse(FORMS)


def read(body: bytes) -> str:
    order = unpack(body, PartOrder)
    begun = time.perf_counter()
    readings = read_part(order.leaf, FORMS, order.hints, order.as_form)
    seconds = time.perf_counter() - begun
    assert any(reading.reports for reading in readings)
    return repr(seconds)
