"""The first schema: vault rows, ledger, hash-chained log, outbox, and the triggers that refuse to change written rows.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

import storage.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "log_entry",
    "reading",
    "verdict",
    "decision",
    "mail_state",
    "letter_state",
    "period",
    "due",
    "roster",
)


def upgrade() -> None:
    op.create_table(
        "cursor",
        sa.Column("account", storage.columns.CleanText(), nullable=False),
        sa.Column("folder", storage.columns.CleanText(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "folder", name=op.f("pk_cursor")),
    )
    op.create_table(
        "log_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.Column("clock", storage.columns.CleanText(), nullable=False),
        sa.Column("kind", storage.columns.CleanText(), nullable=False),
        sa.Column("actor", storage.columns.CleanText(), nullable=False),
        sa.Column("subject", storage.columns.CleanText(), nullable=False),
        sa.Column("payload_sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("prev", storage.columns.CleanText(), nullable=False),
        sa.Column("hash", storage.columns.CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_log_entry_hash")),
        sa.UniqueConstraint("prev", name=op.f("uq_log_entry_prev")),
    )
    op.create_index(op.f("ix_log_entry_at"), "log_entry", ["at"], unique=False)
    op.create_index(op.f("ix_log_entry_kind"), "log_entry", ["kind"], unique=False)
    op.create_index(op.f("ix_log_entry_subject"), "log_entry", ["subject"], unique=False)
    op.create_table(
        "mail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", storage.columns.CleanText(), nullable=False),
        sa.Column("reason", storage.columns.CleanText(), nullable=True),
        sa.Column("automatic", storage.columns.CleanText(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", storage.columns.Moment(), nullable=False),
        sa.Column("internaldate", storage.columns.Moment(), nullable=False),
        sa.Column("border_received", storage.columns.Moment(), nullable=True),
        sa.Column("seen_at", storage.columns.Moment(), nullable=False),
        sa.Column("sent_at", storage.columns.Moment(), nullable=True),
        sa.Column("judged_at", storage.columns.Moment(), nullable=True),
        sa.Column("from_address", storage.columns.CleanText(), nullable=False),
        sa.Column("subject", storage.columns.CleanText(), nullable=False),
        sa.Column("message_id", storage.columns.CleanText(), nullable=True),
        sa.Column("facts", storage.columns.JsonText(), nullable=False),
        sa.Column("search", storage.columns.CleanText(), nullable=False),
        sa.Column("erased_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("sha256", name=op.f("uq_mail_sha256")),
    )
    op.create_index(op.f("ix_mail_from_address"), "mail", ["from_address"], unique=False)
    op.create_index(op.f("ix_mail_message_id"), "mail", ["message_id"], unique=False)
    op.create_index(op.f("ix_mail_received_at"), "mail", ["received_at"], unique=False)
    op.create_index(op.f("ix_mail_seen_at"), "mail", ["seen_at"], unique=False)
    op.create_index(op.f("ix_mail_state"), "mail", ["state"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", storage.columns.CleanText(), nullable=False),
        sa.Column("value", storage.columns.JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("target", storage.columns.CleanText(), nullable=False),
        sa.Column("what", storage.columns.CleanText(), nullable=False),
        sa.Column("before", storage.columns.CleanText(), nullable=True),
        sa.Column("after", storage.columns.CleanText(), nullable=True),
        sa.Column("reason", storage.columns.CleanText(), nullable=False),
        sa.Column("who", storage.columns.CleanText(), nullable=False),
        sa.Column("second", storage.columns.CleanText(), nullable=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_decision_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_target"), "decision", ["target"], unique=False)
    op.create_table(
        "due",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("period", storage.columns.CleanText(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("agency", storage.columns.CleanText(), nullable=False),
        sa.Column("status", storage.columns.CleanText(), nullable=False),
        sa.Column("due_at", storage.columns.Moment(), nullable=False),
        sa.Column("due_original", storage.columns.Moment(), nullable=False),
        sa.Column("due_why", storage.columns.CleanText(), nullable=True),
        sa.Column("paper", storage.columns.CleanText(), nullable=False),
        sa.Column("paper_number", storage.columns.CleanText(), nullable=False),
        sa.Column("reason", storage.columns.CleanText(), nullable=False),
        sa.Column("after_cutoff", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_due_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
    )
    op.create_index(op.f("ix_due_agency"), "due", ["agency"], unique=False)
    op.create_index(op.f("ix_due_period_agency"), "due", ["period", "agency"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", storage.columns.CleanText(), nullable=False),
        sa.Column("about", storage.columns.CleanText(), nullable=False),
        sa.Column("to", storage.columns.JsonTuple(), nullable=False),
        sa.Column("facts", storage.columns.JsonText(), nullable=False),
        sa.Column("state", storage.columns.CleanText(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("withheld_because", storage.columns.CleanText(), nullable=True),
        sa.Column("agency", storage.columns.CleanText(), nullable=True),
        sa.Column("period", storage.columns.CleanText(), nullable=True),
        sa.Column("message_id", storage.columns.CleanText(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", storage.columns.CleanText(), nullable=False),
        sa.Column("created_at", storage.columns.Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", storage.columns.Moment(), nullable=True),
        sa.Column("claimed_at", storage.columns.Moment(), nullable=True),
        sa.Column("sent_at", storage.columns.Moment(), nullable=True),
        sa.Column("smtp_reply", storage.columns.CleanText(), nullable=True),
        sa.Column("raw_sha256", storage.columns.CleanText(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_letter_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("about", "kind", "n", name=op.f("uq_letter_about_kind_n")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
    )
    op.create_index(op.f("ix_letter_agency"), "letter", ["agency"], unique=False)
    op.create_index(op.f("ix_letter_period"), "letter", ["period"], unique=False)
    op.create_index(op.f("ix_letter_state_next_try_at"), "letter", ["state", "next_try_at"], unique=False)
    op.create_table(
        "mail_state",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", storage.columns.CleanText(), nullable=True),
        sa.Column("after", storage.columns.CleanText(), nullable=False),
        sa.Column("why", storage.columns.CleanText(), nullable=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_state_mail_id_mail")),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_mail_state_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_state")),
    )
    op.create_index(op.f("ix_mail_state_at"), "mail_state", ["at"], unique=False)
    op.create_index(op.f("ix_mail_state_mail_id"), "mail_state", ["mail_id"], unique=False)
    op.create_table(
        "part",
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("path", storage.columns.JsonTuple(), nullable=False),
        sa.Column("name", storage.columns.CleanText(), nullable=False),
        sa.Column("sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("outcome", storage.columns.CleanText(), nullable=False),
        sa.Column("reason", storage.columns.CleanText(), nullable=True),
        sa.Column("copy_of", sa.Integer(), nullable=True),
        sa.Column("findings", storage.columns.JsonTuple(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_part_mail_id_mail")),
        sa.PrimaryKeyConstraint("mail_id", "n", name=op.f("pk_part")),
    )
    op.create_index(op.f("ix_part_sha256"), "part", ["sha256"], unique=False)
    op.create_table(
        "payload",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("salt", storage.columns.CleanText(), nullable=False),
        sa.Column("text", storage.columns.CleanText(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_payload_seq_log_entry")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_payload")),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", storage.columns.CleanText(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("due_original", storage.columns.Moment(), nullable=False),
        sa.Column("due_at", storage.columns.Moment(), nullable=False),
        sa.Column("due_why", storage.columns.CleanText(), nullable=True),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("calendar_version", storage.columns.CleanText(), nullable=False),
        sa.Column("roster_version", storage.columns.CleanText(), nullable=False),
        sa.Column("change", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_period_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
    )
    op.create_index(op.f("ix_period_key"), "period", ["key"], unique=False)
    op.create_index(op.f("ix_period_type"), "period", ["type"], unique=False)
    op.create_table(
        "reading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_n", sa.Integer(), nullable=False),
        sa.Column("report_n", sa.Integer(), nullable=False),
        sa.Column("form", storage.columns.CleanText(), nullable=False),
        sa.Column("form_sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("reader", storage.columns.CleanText(), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.Column("report", storage.columns.JsonText(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_reading_mail_id_mail")),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_reading_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )
    op.create_index(op.f("ix_reading_mail_id"), "reading", ["mail_id"], unique=False)
    op.create_table(
        "roster",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("csv", storage.columns.CleanText(), nullable=False),
        sa.Column("sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_roster_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
    )
    op.create_table(
        "sighting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account", storage.columns.CleanText(), nullable=False),
        sa.Column("folder", storage.columns.CleanText(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("sha256", storage.columns.CleanText(), nullable=False),
        sa.Column("internaldate", storage.columns.Moment(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("border_received", storage.columns.Moment(), nullable=True),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seen_at", storage.columns.Moment(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_sighting_mail_id_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint(
            "account",
            "folder",
            "uidvalidity",
            "uid",
            "sha256",
            name=op.f("uq_sighting_account_folder_uidvalidity_uid_sha256"),
        ),
    )
    op.create_index(op.f("ix_sighting_mail_id"), "sighting", ["mail_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("period", storage.columns.CleanText(), nullable=False),
        sa.Column("step", storage.columns.CleanText(), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.Column("detail", storage.columns.JsonText(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_step_seq_log_entry")),
        sa.PrimaryKeyConstraint("type", "period", "step", name=op.f("pk_step")),
    )
    op.create_table(
        "letter_state",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before", storage.columns.CleanText(), nullable=True),
        sa.Column("after", storage.columns.CleanText(), nullable=False),
        sa.Column("why", storage.columns.CleanText(), nullable=True),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_state_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_state")),
    )
    op.create_index(op.f("ix_letter_state_letter_id"), "letter_state", ["letter_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("part_n", sa.Integer(), nullable=False),
        sa.Column("report_n", sa.Integer(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("agency", storage.columns.CleanText(), nullable=False),
        sa.Column("received_at", storage.columns.Moment(), nullable=False),
        sa.Column("content_key", storage.columns.CleanText(), nullable=False),
        sa.Column("candidates", storage.columns.JsonTuple(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=True),
        sa.Column("window_to", sa.Date(), nullable=True),
        sa.Column("stated_period", storage.columns.CleanText(), nullable=True),
        sa.Column("answers", storage.columns.CleanText(), nullable=True),
        sa.Column("core_stated", sa.Integer(), nullable=False),
        sa.Column("core_total", sa.Integer(), nullable=False),
        sa.Column("recognised", sa.Boolean(), nullable=False),
        sa.Column("blocked", storage.columns.CleanText(), nullable=True),
        sa.Column("refused", storage.columns.CleanText(), nullable=True),
        sa.Column("findings", storage.columns.JsonTuple(), nullable=False),
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("recorded_at", storage.columns.Moment(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_submission_mail_id_mail")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_submission_reading_id_reading")),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_submission_seq_log_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("mail_id", "part_n", "report_n", name=op.f("uq_submission_mail_id_part_n_report_n")),
    )
    op.create_index(op.f("ix_submission_agency_type"), "submission", ["agency", "type"], unique=False)
    op.create_index(op.f("ix_submission_content_key"), "submission", ["content_key"], unique=False)
    op.create_index(op.f("ix_submission_recorded_at"), "submission", ["recorded_at"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("receipt", storage.columns.CleanText(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("period", storage.columns.CleanText(), nullable=False),
        sa.Column("agency", storage.columns.CleanText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_receipt_submission_id_submission")),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_receipt")),
        sa.UniqueConstraint("submission_id", "period", "agency", name=op.f("uq_receipt_submission_id_period_agency")),
        sa.UniqueConstraint(
            "type", "period", "agency", "revision", name=op.f("uq_receipt_type_period_agency_revision")
        ),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", storage.columns.CleanText(), nullable=False),
        sa.Column("reason", storage.columns.CleanText(), nullable=False),
        sa.Column("mail_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("detail", storage.columns.JsonText(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opened_at", storage.columns.Moment(), nullable=False),
        sa.Column("closed_at", storage.columns.Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_review_mail_id_mail")),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_review_seq_log_entry")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_review_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_closed_at"), "review", ["closed_at"], unique=False)
    op.create_index(op.f("ix_review_mail_id"), "review", ["mail_id"], unique=False)
    op.create_index(op.f("ix_review_submission_id"), "review", ["submission_id"], unique=False)
    op.create_table(
        "verdict",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agency", storage.columns.CleanText(), nullable=False),
        sa.Column("type", storage.columns.CleanText(), nullable=False),
        sa.Column("period", storage.columns.CleanText(), nullable=True),
        sa.Column("how", storage.columns.CleanText(), nullable=False),
        sa.Column("outcome", storage.columns.CleanText(), nullable=False),
        sa.Column("timing", storage.columns.CleanText(), nullable=False),
        sa.Column("late_seconds", sa.BigInteger(), nullable=False),
        sa.Column("received_at", storage.columns.Moment(), nullable=False),
        sa.Column("acceptable", sa.Boolean(), nullable=False),
        sa.Column("creditable", sa.Boolean(), nullable=False),
        sa.Column("due_at", storage.columns.Moment(), nullable=True),
        sa.Column("due_original", storage.columns.Moment(), nullable=True),
        sa.Column("due_why", storage.columns.CleanText(), nullable=True),
        sa.Column("receipt", storage.columns.CleanText(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("duplicate_of", storage.columns.CleanText(), nullable=True),
        sa.Column("reason", storage.columns.CleanText(), nullable=True),
        sa.Column("notes", storage.columns.JsonTuple(), nullable=False),
        sa.Column("versions", storage.columns.JsonText(), nullable=False),
        sa.Column("rule", storage.columns.CleanText(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", storage.columns.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log_entry.seq"], name=op.f("fk_verdict_seq_log_entry")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_verdict_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
    )
    op.create_index(op.f("ix_verdict_agency_type"), "verdict", ["agency", "type"], unique=False)
    op.create_index(op.f("ix_verdict_at"), "verdict", ["at"], unique=False)
    op.create_index(op.f("ix_verdict_period"), "verdict", ["period"], unique=False)
    op.create_index(op.f("ix_verdict_receipt"), "verdict", ["receipt"], unique=False)
    op.create_index(op.f("ix_verdict_submission_id_id"), "verdict", ["submission_id", "id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
