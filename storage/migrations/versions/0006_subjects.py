"""Accounts of people who sign in through an identity provider: what it calls them.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("subject", storage.columns.CleanText(), nullable=True))
    op.create_index("ix_account_subject", "account", ["subject"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
