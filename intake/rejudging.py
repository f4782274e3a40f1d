"""Judging books again after a decision or a confirmation, and what that owes: letters, and the end of a mail's waiting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from intake import outages
from intake.book import Ruling, judge_book, law_of
from intake.correcting import Cause, tell
from intake.desk import Desk
from intake.questioning import question
from storage.ledger import Tx


def judge_and_tell(desk: Desk, tx: Tx, books: Iterable[tuple[str, str]], now: datetime, cause: Cause) -> None:
    """Judge these books again and write what that owes by letter."""
    law = law_of(desk, tx)
    for agency, type_name in sorted(books):
        report_type = desk.report_type(type_name)
        if report_type:
            rulings = judge_book(tx, law, agency, report_type, now)
            question(desk, tx, rulings)
            tell(desk, tx, law, rulings, now, cause)


def settle_mail(tx: Tx, mail_id: int, state: str, why: str, closing: str) -> bool:
    """End a mail's waiting for a person, unless a report in it still waits; its review items are closed with it."""
    mail = tx.mail(mail_id)
    waiting = any((v := tx.latest_verdict(s.id)) and v.outcome == "in_review" for s in tx.submissions(mail_id))
    if mail is None or mail.state not in ("needs_review", "set_aside") or waiting:
        return False
    tx.move_mail(mail_id, state, expect=(mail.state,), why=why, reason=mail.reason)
    close_reviews(tx, mail_id, closing)
    return True


def close_reviews(tx: Tx, mail_id: int, why: str) -> None:
    """What was asked of a mail is settled, but for when it came: that closes with its own word (``intake.outages``)."""
    for item in tx.reviews(open_only=True, mail_id=mail_id):
        if item.kind != outages.KIND:
            tx.close_review(item.id, item.version, why)


def settle_links(tx: Tx, rulings: Iterable[Ruling]) -> None:
    """A mail that held nothing but a link waits for nobody once the file itself came for the same due."""
    came = {(r.verdict.period, r.verdict.agency) for r in rulings if r.verdict.acceptable and r.verdict.period}
    for period, agency in sorted(came, key=str):
        for mail_id in tx.mails_refused(str(period), agency, "link_only"):
            settle_mail(tx, mail_id, "recorded", "the file came", "the file came")
