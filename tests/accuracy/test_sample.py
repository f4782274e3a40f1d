"""A seeded sample of the accuracy bench: nothing wrong stands unflagged, nothing is invented, and most is read.

The figures of all formats and layouts are in bench/RESULTS.md; ``make accuracy`` measures them.
"""

from collections import Counter

import pytest

from bench.accuracy import reader
from bench.accuracy.generate import generate
from bench.accuracy.sample import sample
from bench.accuracy.score import INVENTED, RIGHT, WRONG, Score, score_case
from bench.accuracy.truth import NIL, NUMBER, ZERO, Case, Said, Truth


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_of_a_sample_in_every_layout_nothing_wrong_is_stated_as_certain_and_nothing_is_invented(tmp_path):
    cases = generate(sample(), tmp_path)
    files, book, told = [tmp_path / case.file for case in cases], tmp_path / "readings.jsonl", []
    items = reader.read(files, 1, book=book, say=told.append).items
    assert told[-1].startswith(f"reading: {len(files)} of {len(files)} files")
    score = Score()
    for case in cases:
        score_case(case, items[case.file], score)

    worst = [f for f in score.failures if f.kind in (WRONG, INVENTED)]
    assert not worst, "\n".join(f"{f.file}: {f.key} is {f.expected}, read {f.got}: {f.sentence}" for f in worst)
    counts = sum(score.counts.values(), Counter())
    assert counts[RIGHT] >= 0.85 * counts.total(), counts
    assert len({case.layout for case in cases}) >= 20

    with book.open("a") as kept:
        kept.write('{"file": "cut off by a sto')
    again = reader.read(files, 1, book=book)
    assert (again.items, again.again) == (items, len(files)), "a run that goes on reads nothing twice"


def figure(state, value=None):
    return {"state": state, "value": value, "raw": None, "flags": [], "where": {}}


def scored(said, read, *, severity="info", outcome="read"):
    """What the scorer calls one figure."""
    truth = Truth("weekly", figures={"received": said} if said else {})
    report = {
        "type": "weekly",
        "figures": {"received": read},
        "findings": [{"severity": severity, "figures": ["received"]}],
        "window": None,
        "agency": None,
        "number": None,
        "date": None,
        "period": None,
    }
    part = {"name": "a", "outcome": outcome, "reason": None, "copy_of": None, "findings": [], "reports": [report]}
    score = Score()
    score_case(Case("a", "docx", "native", "form", [truth]), {"parts": [part]}, score)
    (counts,) = score.counts.values() or [Counter({"nothing": 1})]
    (kind,) = counts
    return kind


@pytest.mark.parametrize(
    ("said", "read", "more", "kind"),
    [
        (Said(NUMBER, 1625, ""), figure(NUMBER, 1625), {}, "right"),
        (Said(NUMBER, 1625, ""), figure(NUMBER, 1625), {"severity": "warning"}, "right, flagged"),
        (Said(NUMBER, 1625, ""), figure(NUMBER, 1625), {"outcome": "needs_review"}, "right, flagged"),
        (Said(NUMBER, 1625, ""), figure("absent"), {}, "not read"),
        (Said(NUMBER, 1625, ""), figure(NUMBER, 1.625), {}, "WRONG, UNFLAGGED"),
        (Said(NUMBER, 1625, ""), figure(NUMBER, 1.625), {"severity": "error"}, "wrong, flagged"),
        (Said(NIL, None, ""), figure(ZERO, 0), {}, "WRONG, UNFLAGGED"),
        (Said(NUMBER, 74, "", accept=[63]), figure(NUMBER, 63), {}, "right"),
        (Said(NUMBER, 300, "", must_flag=True), figure(NUMBER, 300), {}, "not flagged though it must be"),
        (Said(NUMBER, 300, "", must_flag=True), figure(NUMBER, 300), {"severity": "warning"}, "right"),
        (Said("blank", None, ""), figure("blank"), {"severity": "warning"}, "right"),
        (Said("blank", None, ""), figure(NUMBER, 7), {}, "WRONG, UNFLAGGED"),
        (None, figure(NUMBER, 7), {}, "INVENTED"),
        (None, figure("absent"), {}, "nothing"),
    ],
)
def test_the_scorer_tells_right_flagged_unread_wrong_and_invented_apart(said, read, more, kind):
    assert scored(said, read, **more) == kind
