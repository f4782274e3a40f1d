"""What should lie in a folder, found without walking what was moved out of it, and in the order it was seen.

Revision ID: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    there = sa.text("NOT gone")
    place = ["account", "folder", "uidvalidity", "id"]
    op.create_index("ix_sighting_there", "sighting", place, sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
