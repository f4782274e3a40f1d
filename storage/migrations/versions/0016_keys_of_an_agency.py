"""The mails of an agency's reports by type and by class: several filters walk no mails of others.

Revision ID: 0016
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_AGENCIES = (  # every agency a report of a mail named or was given
    "SELECT mail_id, agency FROM submission WHERE agency <> '' UNION "
    "SELECT s.mail_id, v.agency FROM verdict v JOIN submission s ON s.id = v.submission_id WHERE v.agency <> ''"
)
_KEYS = (  # a key too many is looked at again, one too few would hide a mail: every agency of a mail with every type and class of it
    "SELECT 'agency:' || a.agency || ' ' || k.key, a.mail_id FROM agencies a JOIN log_key k ON k.mail_id = a.mail_id "
    "WHERE k.key LIKE 'type:%' OR k.key LIKE 'class:%'",
    "SELECT 'agency:' || agency || ' class:unopened', mail_id FROM agencies "
    "WHERE mail_id IN (SELECT mail_id FROM agencies GROUP BY mail_id HAVING count(*) > 1)",
)
FILLING = f"INSERT INTO log_key (key, mail_id) WITH agencies AS ({_AGENCIES}) {' UNION '.join(_KEYS)}"


def upgrade() -> None:
    op.execute(FILLING)


def downgrade() -> None:
    raise NotImplementedError("the intake log is never taken down; restore a backup instead")
