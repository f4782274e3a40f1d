"""Letters by the moment they were written: the budgets ask for the last hour's with every mail.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_letter_created_at", "letter", ["created_at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_letter_created_at", table_name="letter")
