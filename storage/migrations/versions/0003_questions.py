"""What the judge asks of a report against the agency's own history, and what agencies answer to a finding.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("asked", "explanation")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "asked",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("verdict_id", BIG, nullable=False),
        sa.Column("submission_id", BIG, nullable=False),
        sa.Column("findings", storage.columns.JsonTuple(), nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_asked_seq_log_entry")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_asked_submission_id_submission")),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_asked_verdict_id_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked")),
    )
    op.create_index(op.f("ix_asked_submission_id"), "asked", ["submission_id"], unique=False)
    op.create_index(op.f("ix_asked_verdict_id"), "asked", ["verdict_id"], unique=False)
    op.create_table(
        "explanation",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("submission_id", BIG, nullable=False),
        sa.Column("agency", storage.columns.CleanText(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("period", storage.columns.CleanText(), nullable=True),
        sa.Column("code", storage.columns.CleanText(), nullable=False),
        sa.Column("about", storage.columns.JsonTuple(), nullable=False),
        sa.Column("message", storage.columns.CleanText(), nullable=False),
        sa.Column("reason", storage.columns.CleanText(), nullable=False),
        sa.Column("mail_id", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_explanation_mail_id_mail")),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_explanation_seq_log_entry")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_explanation_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
    )
    op.create_index(op.f("ix_explanation_agency_type"), "explanation", ["agency", "type"], unique=False)
    op.create_index(op.f("ix_explanation_at"), "explanation", ["at"], unique=False)
    op.create_index(op.f("ix_explanation_period"), "explanation", ["period"], unique=False)
    op.create_index(op.f("ix_explanation_submission_id"), "explanation", ["submission_id"], unique=False)
    for table in APPEND_ONLY:
        _guard(table)


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
