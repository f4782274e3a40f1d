"""Whatever the judge may say, in every combination, makes a letter: none can be set aside because of its wording."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.compose import compose
from notifier.facts import FileFact, FindingFact
from notifier.texts import catalogue, words
from tests.notifier.letters import ANSWER, MONTHLY, OFFICE, OWED_WEEK, W03, WEEKLY, letter, local

REASONS = [None, *catalogue("reasons")]
OUTCOMES = ["accepted", "accepted_with_warnings", "incomplete", "refused", "in_review", "withdrawn"]
CLASSES = ["", *words("class")]
IN_TABLE = FindingFact("M01", "ask", "Lệch", "a ≠ b", file="part-1", table=1, row=2, cell=3)

reports = st.builds(
    replace,
    st.sampled_from([WEEKLY, MONTHLY]),
    outcome=st.sampled_from(OUTCOMES),
    due_class=st.sampled_from(CLASSES),
    reason=st.sampled_from(REASONS),
    timing=st.sampled_from(["on_time", "late", "unknown"]),
    type=st.sampled_from(["weekly", "monthly", "quarterly", "vpdt"]),
    period=st.sampled_from([None, "weekly:2017-07-21", "monthly:2017-07", "quarterly:2017-Q3", "vpdt"]),
    findings=st.sampled_from([(), (W03,), (W03, IN_TABLE)]),
    duplicate_of=st.sampled_from([None, None, None, "CCHC-20170721-W-STC-r1"]),
    due_at=st.sampled_from([WEEKLY.due_at, None]),
    received_at=st.sampled_from([None, local(21, 10, 0)]),
    notes=st.sampled_from([(), ("inferred",), ("never_heard_of",), ("same_content_as", "successor")]),
    agency_how=st.sampled_from(["address", "successor", "never_heard_of", ""]),
    agency_name=st.sampled_from(["", "UBND huyện số 1"]),
    late_seconds=st.sampled_from([0, 65]),
    waits_for=st.sampled_from(["", "CCHC-20170721-W-STC-r1"]),
    how=st.sampled_from(["window", "guess", "never_heard_of", ""]),
)
files = st.builds(
    FileFact,
    st.sampled_from(["Báo cáo tuần.docx", "b.rar", "part-1", ""]),
    st.sampled_from(["read", "copy", "enclosure", "needs_review", "refused"]),
    st.sampled_from(REASONS),
    st.just(1),
    st.sampled_from(["", "docx", "rar"]),
)
mails = st.builds(
    replace,
    st.just(ANSWER),
    reports=st.lists(reports, max_size=3).map(tuple),
    files=st.lists(files, max_size=3).map(tuple),
    outcome=st.sampled_from(["read", "needs_review", "no_report", "refused", "test", ""]),
    reason=st.sampled_from(REASONS),
    owed=st.sampled_from([(), (OWED_WEEK,), (replace(OWED_WEEK, due_at=None),)]),
    test=st.sampled_from([False, False, True]),
    owes_nothing=st.sampled_from([False, False, True]),
)


@settings(max_examples=200, deadline=None)
@given(facts=mails, at=st.sampled_from([local(21, 9, 30), local(24, 9, 0)]))
def test_every_answer_can_be_written_and_opens_as_a_letter(facts, at):
    made = compose(letter(facts), OFFICE, at)
    lines = [line for line in made.text.splitlines() if line]
    assert lines[0] == "Kính gửi: Sở Tài chính"
    assert any(word in " ".join(lines[1:3]) for word in ("Kết quả", "THƯ THỬ"))
    assert "None" not in made.text
    assert "never_heard_of" not in made.text
    assert '"part-1"' not in made.text
    assert "sau thời hạn 0 giây" not in made.text
    assert made.text.rstrip().endswith("điện thoại 0208 000 000.")


@pytest.mark.parametrize("reason", REASONS[1:])
@pytest.mark.parametrize("outcome", ["refused", "in_review"])
def test_every_reason_reaches_the_agency_as_a_sentence(outcome, reason):
    facts = replace(ANSWER, reports=(replace(WEEKLY, outcome=outcome, due_class="", reason=reason, figures=()),))
    made = compose(letter(facts), OFFICE)
    assert reason not in made.text
    assert ".." not in made.text
