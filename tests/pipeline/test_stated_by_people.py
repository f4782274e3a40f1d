"""What a person may state for a line of a form: ``decide --set`` and the fields of the console."""

from __future__ import annotations

import pytest

from intake.people import LARGEST_SHARE, wrong_value
from parsers.form import load_forms

FORM = load_forms().get("monthly")
SHARE, COUNT = "procedures_published_pct", "received"


@pytest.mark.parametrize(
    ("key", "value"), [(SHARE, "95.5"), (SHARE, "0"), (SHARE, str(LARGEST_SHARE)), (COUNT, "98125")]
)
def test_what_a_line_can_hold_is_taken(key: str, value: str):
    assert wrong_value(FORM, key, value) is None


@pytest.mark.parametrize("value", ["98125", "-1", "NaN", "Infinity", "95,5"])
def test_no_share_is_a_share(value: str):
    assert "95.5" in str(wrong_value(FORM, SHARE, value))


@pytest.mark.parametrize("value", ["1.5", "-1", "NaN", "Infinity", "một"])
def test_no_count_is_a_count(value: str):
    assert str(wrong_value(FORM, COUNT, value)).startswith(f"--set {COUNT}: expected a")
