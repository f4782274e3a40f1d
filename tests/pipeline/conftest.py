"""A small province for each test; the confined worker is real and shared, so that its start is paid once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake import wiring
from intake.readers import AT_ONCE, SLOW_MAX
from parsers.box import Box
from tests.pipeline.world import World
from tests.servers.fixtures import dovecot  # noqa: F401 a fixture
from tests.servers.smtp_sink import SmtpSink


class SharedBox:
    """The session's worker under the name of a new one; nothing is closed between tests."""

    box: Box

    def __init__(self, _folders: Any = (), at_once: int = 1) -> None:
        pass

    def __enter__(self) -> Box:
        return self.box

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self.box, name)


@pytest.fixture(scope="session")
def worker() -> Iterator[Box]:
    with Box(at_once=AT_ONCE + SLOW_MAX) as box:
        yield box


@pytest.fixture(autouse=True)
def shared_worker(worker: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedBox, "box", worker, raising=False)
    monkeypatch.setattr(wiring, "Box", SharedBox)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def world(tmp_path: Path, sink: SmtpSink, sqlite_template: Path) -> World:
    shutil.copy(sqlite_template, tmp_path / "cchc.db")
    return World(tmp_path, sink)
