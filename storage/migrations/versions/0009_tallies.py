"""How many mails and letters stand in each state, and sightings on the server: counted along, never counted through.

Triggers keep the counts, in the transaction of the write; the letters of a state are found in their order.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTED = {  # table → what its rows are counted by
    "mail": "{0}.state",
    "letter": "{0}.state",
    "sighting": "CASE WHEN {0}.gone THEN 'gone' ELSE 'there' END",
}


def upgrade() -> None:
    op.create_index("ix_letter_state_id", "letter", ["state", "id"])
    op.create_table(
        "tally",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what", "key", name="pk_tally"),
        sqlite_with_rowid=False,
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name, key in COUNTED.items():
        by = key.format(name)
        op.execute(f"INSERT INTO tally SELECT '{name}', {by}, count(*) FROM {name} GROUP BY {by}")
        for statement in (_postgresql if postgresql else _sqlite)(name, key.format("old"), key.format("new")):
            op.execute(statement)


def _sqlite(name: str, old: str, new: str) -> list[str]:
    """One more of what the row is, one less of what it was; no conflict clause, which an outer one would replace."""
    more = (
        f"INSERT INTO tally SELECT '{name}', {new}, 0 WHERE NOT EXISTS "
        f"(SELECT 1 FROM tally WHERE what = '{name}' AND key = {new}); "
        f"UPDATE tally SET n = n + 1 WHERE what = '{name}' AND key = {new};"
    )
    less = f"UPDATE tally SET n = n - 1 WHERE what = '{name}' AND key = {old};"
    return [
        f"CREATE TRIGGER tally_{name}_insert AFTER INSERT ON {name} BEGIN {more} END",
        f"CREATE TRIGGER tally_{name}_update AFTER UPDATE ON {name} WHEN {old} <> {new} BEGIN {less} {more} END",
        f"CREATE TRIGGER tally_{name}_delete AFTER DELETE ON {name} BEGIN {less} END",
    ]


def _postgresql(name: str, old: str, new: str) -> list[str]:
    less = f"UPDATE tally SET n = n - 1 WHERE what = '{name}' AND key = {old};"
    more = f"INSERT INTO tally VALUES ('{name}', {new}, 1) ON CONFLICT (what, key) DO UPDATE SET n = tally.n + 1;"
    return [
        f"CREATE FUNCTION keep_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {less} END IF; IF TG_OP <> 'DELETE' THEN {more} END IF; RETURN NULL; END $$",
        f"CREATE TRIGGER tally_{name} AFTER INSERT OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION keep_tally_{name}()",
        f"CREATE TRIGGER tally_{name}_update AFTER UPDATE ON {name} FOR EACH ROW WHEN ({old} <> {new}) "
        f"EXECUTE FUNCTION keep_tally_{name}()",
    ]


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
