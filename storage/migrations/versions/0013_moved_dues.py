"""Dues that stand at another moment than their period, found without looking at all there are.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_due_period_due_at", "due", ["period", "due_at"])


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
