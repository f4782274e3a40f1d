"""What a service that stays for months does not keep in memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from datetime import date

import pytest

from intake import config_calendar
from intake.thrift import settle_down


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_the_start_left_is_thrown_away_and_what_stays_is_not_looked_through_again() -> None:
    class Heavy:
        itself: object = None

    heavy = Heavy()
    heavy.itself = heavy
    left = weakref.ref(heavy)
    del heavy
    settle_down()
    assert left() is None
    assert gc.get_freeze_count() > 1000


def test_the_service_imports_no_library_that_only_its_readers_need() -> None:
    asked = "import sys; from intake.cli.common import quiet_logs; quiet_logs(); from intake import service, wiring; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in said.split()}
    assert "intake" in loaded
    assert not loaded & {"pdfminer", "pdfplumber", "pypdfium2", "cryptography", "lxml", "docx", "numpy", "PIL"}
    assert not loaded & {"libarchive", "asn1crypto", "olefile", "rich", "pygments"}
    assert not [name for name in said.split() if name in ("parsers.part", "parsers.extract", "parsers.zygote")]


def test_the_holidays_of_every_country_do_not_stay() -> None:
    config_calendar._holidays.cache_clear()
    assert date(2017, 9, 2) in config_calendar._holidays(date(2017, 7, 17))
    assert not [name for name in sys.modules if name.partition(".")[0] == "holidays"]
    config_calendar._holidays.cache_clear()
    assert date(2018, 9, 2) in config_calendar._holidays(date(2018, 7, 17))
