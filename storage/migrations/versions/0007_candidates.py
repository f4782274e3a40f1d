"""Reports that may be of several agencies, found without looking through all of them.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    several = sa.text("candidates <> '[]'")
    op.create_index("ix_submission_id_several", "submission", ["id"], sqlite_where=several, postgresql_where=several)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
