"""Numbers a word processor sets before lines by itself neither change a figure nor lose one, whether the format tells them or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parsers.extract import Hints, extract
from parsers.readers import read_document
from tests.parsers.reports import corpus, document, forms

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"


@pytest.mark.parametrize("kind", ["doc", "rtf", "odt"])
def test_the_monthly_form_with_numbers_of_its_own_gives_what_the_typed_one_gives(kind):
    (typed,) = extract(document(corpus("monthly_filled.txt"), kind=kind), forms(), Hints())
    (listed,) = extract(read_document((DOCUMENTS / f"numbered.{kind}").read_bytes(), kind), forms(), Hints())
    assert [replace(one, place=None) for one in listed.figures] == [replace(one, place=None) for one in typed.figures]
    assert sum(one.value is not None for one in listed.figures) > 40
    assert [key for key, _ in listed.texts] == [key for key, _ in typed.texts]
    assert [one.code for one in listed.findings] == [one.code for one in typed.findings]
