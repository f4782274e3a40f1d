"""Whoever was told that nothing had come, and of whom it is no longer asked, is told so: what a letter stated never changes in silence.

Rules: of a due changed after its notice went (waived, not applicable, given longer, its period skipped or moved); once for what holds now,
in the thread of the notice and to whom that went. Whoever has reported since is told of its report (``intake.correcting``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from intake.board import class_as_of, opened_of_agency, period_of
from intake.book import due_state, law_of
from intake.clock_letters import name_on
from intake.desk import Desk
from intake.outgoing import put_out
from intake.owing import owed_fact
from notifier.facts import MissingFacts
from storage.ledger import Tx
from storage.queries import Queries
from storage.records import Letter

EXCUSED = ("waived", "not_applicable", "not_yet_due")  # classes of a due for which nothing is missing


def tell_excused(desk: Desk, tx: Tx, key: str, agencies: Iterable[str], now: datetime) -> None:
    """Write to those of these agencies whose notice about that period holds no longer."""
    law = law_of(desk, tx)
    period = period_of(tx, law.calendar, key)
    for agency in agencies:
        notice = _last_told(tx, key, agency)
        if notice is None or any(r.outcome != "withdrawn" for r in opened_of_agency(tx, key, agency)):
            continue
        due_class, due = class_as_of(tx, law, period, agency, now)[0], due_state(tx, key, agency)
        facts = MissingFacts(
            agency_name=name_on(law, agency, now),
            at=now,
            items=(owed_fact(desk, period, due, now),),
            agency=agency,
            mailbox=desk.office.mailbox_address,
            excused=due_class,
            in_reply_to=notice.message_id,
        )
        if due_class in EXCUSED and _word(facts) != _word(MissingFacts.from_json(notice.facts)):
            _post(desk, tx, notice, facts, key)


def _last_told(q: Queries, key: str, agency: str) -> Letter | None:
    """The last letter about that due, the notice or what took it back, that has left or is to leave."""
    notices = [x for x in q.letters(kind="missing_notice", agency=agency) if key in x.facts.get("periods", ())]
    since = q.letters(about=f"due:{key}/{agency}", kind="correction") if notices else ()
    left = [letter for letter in (*notices, *since) if letter.state not in ("withheld", "failed")]
    return max(left, key=lambda letter: letter.seq, default=None)


def _word(facts: MissingFacts) -> tuple[str, datetime | None]:
    """What it says: nothing has come, or why nothing is missing, and until when it is asked for."""
    return facts.excused, facts.items[0].due_at if facts.excused == "not_yet_due" else None


def _post(desk: Desk, tx: Tx, notice: Letter, facts: MissingFacts, key: str) -> None:
    about, said = f"due:{key}/{facts.agency}", {**facts.to_json(), "periods": [key]}
    put_out(desk, tx, Letter("correction", about, notice.to, said, agency=facts.agency, period=key))
