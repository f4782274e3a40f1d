"""The verdicts on one due, found without those on the other dues of its period.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_verdict_period_agency", "verdict", ["period", "agency"])
    op.drop_index("ix_verdict_period", "verdict")


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
