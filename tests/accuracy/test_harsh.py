"""Reports in shapes no seed draws, written by hand (``bench/accuracy/data/harsh.toml``): nothing wrong is stated as certain."""

import hashlib
from collections import Counter

import pytest

from bench.accuracy import harsh
from parsers.as_json import part_json
from parsers.form import load_forms
from parsers.part import read_leaf
from parsers.values import Hints, Leaf


def item_of(data, name, forms):
    """What ``cchc read --json`` tells of a file's parts, read without the walls: the confined way is what ``make accuracy`` measures."""
    leaf = Leaf((name,), name, "application/octet-stream", "", data, hashlib.sha256(data).hexdigest(), "attachment")
    return {"parts": [part_json(part) for part in read_leaf(leaf, forms, Hints("", name, None)).readings]}


def test_of_reports_a_clerk_in_a_hurry_typed_nothing_wrong_is_stated_as_certain(tmp_path):
    written = harsh.write(tmp_path, ("docx", "xlsx"))
    forms = load_forms([])

    counts: Counter[str] = Counter()
    wrong = []
    for name, document in written.items():
        for key, kind, figure in harsh.judged(document, item_of((tmp_path / name).read_bytes(), name, forms)):
            counts[kind] += 1
            wrong += [f"{name}: {key} read as {figure['raw'] or figure['state']!r}"] * (kind == harsh.WRONG)

    assert not wrong, "\n".join(wrong)
    assert len(written) > 150
    assert counts[harsh.RIGHT] > 1000, counts


def figure(state, value=None):
    return {"state": state, "value": value, "raw": ""}


@pytest.mark.parametrize(
    ("truth", "read", "flagged", "kind"),
    [
        (harsh.Truth(12), figure("number", 12), False, harsh.RIGHT),
        (harsh.Truth(12), figure("number", 12), True, harsh.FLAGGED),
        (harsh.Truth(12), figure("blank"), False, harsh.UNREAD),
        (harsh.Truth(12), figure("number", 21), False, harsh.WRONG),
        (harsh.Truth(12), figure("number", 21), True, harsh.WRONG_FLAGGED),
        (harsh.Truth("nil"), figure("zero", 0), False, harsh.WRONG),
        (harsh.Truth("zero", ("nil",)), figure("nil"), False, harsh.RIGHT),
        (harsh.Truth(12, doubt=True), figure("number", 12), False, harsh.WRONG),
        (harsh.Truth(12, doubt=True), figure("number", 12), True, harsh.OPEN),
        (harsh.Truth(12, (12,), doubt=True), figure("number", 12), False, harsh.RIGHT),
        (harsh.Truth(12, doubt=True), figure("unreadable"), False, harsh.OPEN),
        (harsh.Truth(), figure("number", 3), False, harsh.WRONG),
        (harsh.Truth(), figure("absent"), False, harsh.OPEN),
    ],
)
def test_what_nobody_can_be_sure_of_is_right_only_when_it_is_flagged(truth, read, flagged, kind):
    assert harsh._kind(truth, read, flagged=flagged) == kind
