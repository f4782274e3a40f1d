"""An agency's letters in a state, found without looking at all it ever got.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_letter_agency_state", "letter", ["agency", "state"])
    op.drop_index("ix_letter_agency", "letter")


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
