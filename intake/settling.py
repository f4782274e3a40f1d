"""Letters whose delivery is unknown: settled by our own copy in the mailbox, else sent again under the same Message-ID (ADR 0005)."""

from __future__ import annotations

from intake.desk import Desk


def settle_unknown(desk: Desk) -> int:
    """Mark letters a crash left in ``sending`` as unknown; let those unknown for 15 minutes go again. Returns how many go again."""
    now = desk.clock.now()
    desk.outbox.stale_sending(now)
    return len(desk.outbox.resend_unknown(now))
