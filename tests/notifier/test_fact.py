"""Facts travel through the outbox as JSON and come back the same."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime

import pytest

from notifier.facts import AcknowledgementFacts, FigureFact, ReminderFacts
from notifier.facts_of_many import DigestFacts
from tests.notifier.letters import ANSWER, board, local
from tests.notifier.samples import CLOCKS, SECOND, TWO


@pytest.mark.parametrize("facts", [ANSWER, TWO, SECOND, CLOCKS, board()])
def test_facts_come_back_from_json_as_they_went(facts):
    assert type(facts).from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_moments_are_written_in_utc_with_their_offset():
    assert ANSWER.to_json()["received_at"] == "2017-07-21T02:12:35+00:00"


def test_a_naive_moment_is_refused_both_ways():
    with pytest.raises(ValueError, match="naive moment"):
        ReminderFacts("Sở Tài chính", datetime(2017, 7, 21, 10, 0), ()).to_json()
    with pytest.raises(ValueError, match="naive moment"):
        ReminderFacts.from_json({"agency_name": "Sở Tài chính", "at": "2017-07-21T10:00:00", "items": []})


def test_a_letter_queued_by_another_version_is_still_read():
    old = ANSWER.to_json()
    for added_since in ("clock", "owed", "waiting"):
        del old[added_since]
    old["dropped_since"] = {"a": 1}
    assert AcknowledgementFacts.from_json(old) == ANSWER


def test_what_was_never_given_a_default_must_be_there():
    with pytest.raises(TypeError):
        FigureFact.from_json({"key": "received"})


def test_null_and_nought_stay_apart():
    assert FigureFact.from_json(FigureFact("a", "A", value=None).to_json()).value is None
    assert FigureFact.from_json(FigureFact("a", "A", value="0").to_json()).value == "0"


def test_every_field_of_a_digest_survives():
    facts = board()
    assert set(facts.to_json()) == {f.name for f in fields(DigestFacts)}
    assert DigestFacts.from_json(facts.to_json()).at == local(21, 10, 5)
