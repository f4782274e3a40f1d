"""Periods whose classes are kept, with how many dues are of each: counted once, when they are kept.

Revision ID: 0012
"""

import json

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_count",
        sa.Column("period", storage.columns.CleanText(), nullable=False),
        sa.Column("counts", storage.columns.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("period", name="pk_class_count"),
        sqlite_with_rowid=False,
    )
    counted: dict[str, dict[str, int]] = {}
    asked = "SELECT period, due_class, count(*) FROM due_class GROUP BY period, due_class ORDER BY period, due_class"
    for period, due_class, count in op.get_bind().execute(sa.text(asked)):
        counted.setdefault(period, {})[due_class] = count
    rows = [{"period": period, "counts": json.dumps(counts)} for period, counts in counted.items()]
    if rows:
        op.get_bind().execute(sa.text("INSERT INTO class_count (period, counts) VALUES (:period, :counts)"), rows)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
