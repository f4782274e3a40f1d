"""Mails still to be filed, found without walking all those that were.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unfiled = sa.text("NOT filed AND NOT gone")
    op.create_index("ix_sighting_unfiled", "sighting", ["account", "id"], sqlite_where=unfiled, postgresql_where=unfiled)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
