"""Letters whose delivery is unknown: settled by our own copy in the mailbox, else sent again under the same Message-ID (ADR 0005)."""

from __future__ import annotations

from intake.desk import Desk


def note_interrupted(desk: Desk) -> None:
    """What a crash left in ``sending`` is unknown. Only while nothing is being sent."""
    desk.outbox.stale_sending(desk.clock.now())


def send_again(desk: Desk, *, mailbox_read: bool) -> None:
    """Letters unknown for 15 minutes go again, once the mailbox was read to its end: our own copy may lie there unread."""
    if mailbox_read or not desk.office.self_copy:
        desk.outbox.resend_unknown(desk.clock.now())
