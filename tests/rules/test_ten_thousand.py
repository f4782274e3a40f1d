"""Ten thousand mails nobody must answer, opened and judged one by one: not one of them is (issue, "reply gate complete")."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from intake.rules.reply_gate import Budgets, Counts, Own, believed, kind_of, may_answer
from intake.rules.roster import parse_roster
from intake.rules.sender import Trust, identify
from parsers.mail import open_mail
from tests.pipeline.world import ROSTER
from tests.rules.unanswered import FAMILIES, OURS, Unanswered, generated

OWN = Own((OURS,), "tinh.example")
COUNT = 10_000
TRUST = Trust(own=(OURS,))
PEOPLE = parse_roster(ROSTER)
DAY = date(2017, 7, 21)


def verdict(mail: Unanswered) -> str | None:
    """Why it is not answered; None when it would be."""
    envelope = open_mail(mail.raw)
    sender = identify(envelope, PEOPLE, DAY, TRUST)
    kind = believed(kind_of(envelope, OWN), envelope, OWN, whole_letter=False)  # forged, every one of them
    return may_answer(kind, sender, Counts(), Budgets())


@pytest.mark.slow
def test_of_ten_thousand_bounces_notices_list_mails_and_strangers_not_one_is_answered():
    told: Counter[tuple[str, str | None]] = Counter()
    answered = []
    for mail in generated(COUNT, seed=3834):
        why = verdict(mail)
        told[mail.family, why] += 1
        if why is None:
            answered.append((mail.name, mail.raw.decode("utf-8", "replace")[:2000]))
    assert answered == []
    assert sum(told.values()) == COUNT
    assert set(told) <= {
        *(
            (family, why)
            for family in ("bounce", "vacation", "list")
            for why in ("bounce", "automatic", "list", "own", "loop")
        ),
        *(("unknown", why) for why in ("unknown_sender", "no_address", "automatic", "bounce")),
    }, told


def test_every_format_is_generated_and_the_ordinary_mail_beside_them_is_answered():
    seen = {(mail.family, mail.name) for mail in generated(1000, seed=1)}
    assert seen == {(family, make.__name__.strip("_")) for family, formats in FAMILIES.items() for make in formats}
    ordinary = b"From: stc@tinh.example\r\nSubject: x\r\nMessage-ID: <1@a.example>\r\n\r\nbc\r\n"
    assert verdict(Unanswered("ordinary", "ordinary", ordinary)) is None
