"""Beside the counted classes of a period the sums of its results: a page adds up the year.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("class_count", sa.Column("sums", storage.columns.JsonText(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
