"""People of the console: accounts and sessions.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", storage.columns.CleanText(), nullable=False),
        sa.Column("shown", storage.columns.CleanText(), nullable=False),
        sa.Column("role", storage.columns.CleanText(), nullable=False),
        sa.Column("password", storage.columns.CleanText(), nullable=False),
        sa.Column("password_at", storage.columns.Moment(), nullable=False),
        sa.Column("created_at", storage.columns.Moment(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "session",
        sa.Column("token_sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("csrf", storage.columns.CleanText(), nullable=False),
        sa.Column("opened_at", storage.columns.Moment(), nullable=False),
        sa.Column("seen_at", storage.columns.Moment(), nullable=False),
        sa.Column("address", storage.columns.CleanText(), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id_account")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_index(op.f("ix_session_seen_at"), "session", ["seen_at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
