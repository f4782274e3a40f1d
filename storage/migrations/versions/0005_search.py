"""What the log is searched by: words, keys, spans, classes, and the text index kept by triggers; filled for the rows there are.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

import storage.columns
from storage.search_words import words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BLOCK = 1024
CHUNK = 5000  # mails cut into words at a time

SQLITE = (
    "CREATE VIRTUAL TABLE mail_text USING fts5(search, content='mail', content_rowid='id', detail='none', "
    "columnsize=0, tokenize=\"unicode61 remove_diacritics 0\")",
    "INSERT INTO mail_text(rowid, search) SELECT id, search FROM mail WHERE search <> ''",
    "CREATE TRIGGER mail_text_insert AFTER INSERT ON mail WHEN new.search <> '' BEGIN "
    "INSERT INTO mail_text(rowid, search) VALUES (new.id, new.search); END",
    "CREATE TRIGGER mail_text_update AFTER UPDATE OF search ON mail WHEN old.search <> new.search BEGIN "
    "INSERT INTO mail_text(mail_text, rowid, search) SELECT 'delete', old.id, old.search WHERE old.search <> ''; "
    "INSERT INTO mail_text(rowid, search) SELECT new.id, new.search WHERE new.search <> ''; END",
)
POSTGRESQL = (
    "CREATE TABLE mail_text (mail_id BIGINT PRIMARY KEY REFERENCES mail(id), words TSVECTOR NOT NULL)",
    "INSERT INTO mail_text SELECT id, array_to_tsvector(string_to_array(search, ' ')) FROM mail WHERE search <> ''",
    "CREATE INDEX ix_mail_text_words ON mail_text USING gin (words)",
    "CREATE FUNCTION keep_mail_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF new.search = '' THEN DELETE FROM mail_text WHERE mail_id = new.id; "
    "ELSE INSERT INTO mail_text VALUES (new.id, array_to_tsvector(string_to_array(new.search, ' '))) "
    "ON CONFLICT (mail_id) DO UPDATE SET words = excluded.words; END IF; RETURN NULL; END $$",
    "CREATE TRIGGER mail_text_insert AFTER INSERT ON mail FOR EACH ROW WHEN (new.search <> '') "
    "EXECUTE FUNCTION keep_mail_text()",
    "CREATE TRIGGER mail_text_update AFTER UPDATE OF search ON mail FOR EACH ROW "
    "WHEN (old.search IS DISTINCT FROM new.search) EXECUTE FUNCTION keep_mail_text()",
)
KEYS = (  # of every submission and every verdict ever: a key too many is looked at again, one too few would hide a mail
    "SELECT 'agency:' || agency, mail_id FROM submission WHERE agency <> ''",
    "SELECT 'type:' || type, mail_id FROM submission WHERE type <> ''",
    "SELECT 'agency:' || v.agency, s.mail_id FROM verdict v JOIN submission s ON s.id = v.submission_id WHERE v.agency <> ''",
    "SELECT 'type:' || v.type, s.mail_id FROM verdict v JOIN submission s ON s.id = v.submission_id WHERE v.type <> ''",
    "SELECT 'period:' || v.period, s.mail_id FROM verdict v JOIN submission s ON s.id = v.submission_id WHERE v.period <> ''",
    "SELECT 'class:unopened', s.mail_id FROM verdict v JOIN submission s ON s.id = v.submission_id WHERE v.period <> '' "
    "AND NOT EXISTS (SELECT 1 FROM period p WHERE p.key = v.period AND NOT p.change)",
)


def upgrade() -> None:
    _tables()
    _cut_into_words()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
    op.execute(f"INSERT INTO log_key (key, mail_id) {' UNION '.join(KEYS)}")
    op.execute(
        "INSERT INTO mail_span (block, first, last) "
        f"SELECT id / {BLOCK}, min(received_at), max(received_at) FROM mail GROUP BY id / {BLOCK}"
    )


def _tables() -> None:
    op.create_table(
        "search_word", sa.Column("word", BY_BYTES, nullable=False), sa.PrimaryKeyConstraint("word", name="pk_search_word")
    )
    op.create_table(
        "log_key",
        sa.Column("key", storage.columns.CleanText(), nullable=False),
        sa.Column("mail_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name="fk_log_key_mail_id_mail"),
        sa.PrimaryKeyConstraint("key", "mail_id", name="pk_log_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mail_span",
        sa.Column("block", BIG, autoincrement=False, nullable=False),
        sa.Column("first", storage.columns.Moment(), nullable=False),
        sa.Column("last", storage.columns.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("block", name="pk_mail_span"),
    )
    op.create_table(
        "due_class",
        sa.Column("period", storage.columns.CleanText(), nullable=False),
        sa.Column("agency", storage.columns.CleanText(), nullable=False),
        sa.Column("due_class", storage.columns.CleanText(), nullable=False),
        sa.PrimaryKeyConstraint("period", "agency", name="pk_due_class"),
        sqlite_with_rowid=False,
    )
    op.drop_index("ix_mail_state", table_name="mail")
    op.create_index("ix_mail_state_id", "mail", ["state", "id"])


def _cut_into_words() -> None:
    """Each mail's text becomes its words, before the triggers are there."""
    bind, last = op.get_bind(), 0
    known: set[str] = set()
    chunk = sa.text("SELECT id, search FROM mail WHERE id > :last ORDER BY id LIMIT :chunk")
    change = sa.text("UPDATE mail SET search = :search WHERE id = :id")
    while rows := bind.execute(chunk, {"last": last, "chunk": CHUNK}).all():
        last = rows[-1][0]
        found = [(number, words(search)) for number, search in rows if search]
        known.update(word for _, cut in found for word in cut)
        if found:
            bind.execute(change, [{"id": number, "search": " ".join(cut)} for number, cut in found])
    if known:
        bind.execute(sa.text("INSERT INTO search_word (word) VALUES (:word)"), [{"word": w} for w in sorted(known)])


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
