"""What each reading states, light, filled for the readings there are; mails of a state found by when they were received.

Revision ID: 0011
"""

import json

import sqlalchemy as sa
from alembic import op

import storage.columns
from storage.chain import canonical
from storage.stated_tables import stated_by

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHUNK = 2000  # readings at a time


def upgrade() -> None:
    op.create_index("ix_mail_state_received_at", "mail", ["state", "received_at"])
    op.create_table(
        "stated",
        sa.Column("reading_id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", storage.columns.CleanText(), nullable=False),
        sa.Column("figures", storage.columns.JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name="fk_stated_reading_id_reading"),
        sa.PrimaryKeyConstraint("reading_id", name="pk_stated"),
    )
    _fill()
    for statement in _postgresql() if op.get_bind().dialect.name == "postgresql" else _sqlite():
        op.execute(statement)


def _fill() -> None:
    bind, last = op.get_bind(), 0
    chunk = sa.text("SELECT id, report FROM reading WHERE id > :last ORDER BY id LIMIT :chunk")
    into = sa.text("INSERT INTO stated (reading_id, number, figures) VALUES (:reading_id, :number, :figures)")
    while rows := bind.execute(chunk, {"last": last, "chunk": CHUNK}).all():
        last = rows[-1][0]
        bind.execute(into, [_row(number, json.loads(report)) for number, report in rows])


def _row(number: int, report: dict[str, object]) -> dict[str, object]:
    said = stated_by(report)
    return {"reading_id": number, "number": said["number"], "figures": canonical(said["figures"])}


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER stated_no_{verb.lower()} BEFORE {verb} ON stated "
        f"BEGIN SELECT RAISE(ABORT, 'stated is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _postgresql() -> list[str]:
    return [
        f"CREATE TRIGGER stated_no_{name} BEFORE {verb} ON stated FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        for name, verb, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"))
    ]


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
