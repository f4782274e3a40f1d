"""What pages ask of hundreds of rows, answered by an index alone: the number of a report, the days it covers, entries of one kind by position.

Each row they would read lies in a page of its own, most of which no memory holds.

Revision ID: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INSTEAD = {"verdict": ("ix_verdict_period_agency", "ix_verdict_submission_id_id"), "log_entry": ("ix_log_entry_kind",)}


def upgrade() -> None:
    for table, names in _INSTEAD.items():
        for name in names:
            op.drop_index(name, table)
    said = ["id", "submission_id", "received_at", "acceptable", "duplicate_of"]
    op.create_index("ix_verdict_of_period", "verdict", ["period", "agency", *said])
    op.create_index("ix_verdict_of_submission", "verdict", ["submission_id", "id", "at"])
    op.create_index("ix_submission_days", "submission", ["id", "window_from", "window_to"])
    op.create_index("ix_stated_number", "stated", ["reading_id", "number"])
    op.create_index("ix_log_entry_kind_seq", "log_entry", ["kind", "seq"])


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
