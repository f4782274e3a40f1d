"""SMTP servers on loopback: one that behaves, one that does as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.notifier.smtp_script import ScriptedSmtp


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp().start()
    yield server
    server.stop()
