"""Letters of the last hour that count against the budgets, found without walking those a flood left unanswered.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counted = sa.text("state <> 'withheld'")
    op.create_index("ix_letter_created_at_counted", "letter", ["created_at"], sqlite_where=counted, postgresql_where=counted)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
