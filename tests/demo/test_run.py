"""The demo is the real service: it must end as its stories say, and leave what it promises to leave."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from intake.cli import main


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_demo_ends_as_its_stories_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "demo"
    assert main(["demo", "--dir", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["as_expected"], told["differences"]
    assert told["states"]["set_aside"] == 1
    for board in told["boards"]:
        assert board["expected"] == sum(board["classes"].values())
    classes = {name for board in told["boards"] for name, n in board["classes"].items() if n}
    assert classes == {"on_time", "cured", "late", "incomplete", "in_review", "missing"}
    assert len(list((folder / "letters").glob("*.eml"))) == told["letters"]
    assert list(folder.glob("*.xlsx"))
    with sqlite3.connect(folder / "cchc.db") as database:
        (mails,) = database.execute("select count(*) from mail").fetchone()
    assert mails == told["mails"]
