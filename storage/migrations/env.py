"""Alembic's door: runs inside the transaction and on the connection that ``storage.engine.upgrade`` hands over.

No ini file, no URL, no logging set-up: nothing here depends on a machine. Batch mode because SQLite cannot ALTER much.
"""

from __future__ import annotations

from alembic import context

from storage.failpoint import failpoint
from storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
context.run_migrations()
failpoint("in_migration")
