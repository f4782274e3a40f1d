"""F27 with real processes and no ``--at``: the whole machine's clock is another one (libfaketime, the Debian package ``faketime``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import scene
from tests.faults.cells import cell
from tests.faults.checker import letters_of
from tests.faults.province import Maker, Province

USAGE = 2
ROOT = Path(__file__).parents[2]


def process(province: Province, clock: datetime, *verb: str) -> subprocess.CompletedProcess[str]:
    """One verb by a fresh interpreter that takes this for the time of day."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    set_by = {"TZ": "Asia/Ho_Chi_Minh", scene.PASSWORD_ENV: scene.PASSWORD}
    return subprocess.run(
        [
            *("faketime", "-f", f"@{clock.astimezone(scene.ZONE):%Y-%m-%d %H:%M:%S}"),
            *(sys.executable, "-m", "intake", "-c", str(province.folder / "config.toml"), *verb),
        ],
        cwd=ROOT,
        env={**kept, **set_by, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@cell("F27")
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_machine_whose_clock_is_a_day_ahead_or_behind_judges_by_the_servers_moment(make: Maker):
    province = make()
    for agency, seconds in (("STC", 0), ("SYT", 1)):
        province.report(agency, at=scene.cutoff(0) + timedelta(seconds=seconds))
    ahead = process(province, scene.cutoff(0) + timedelta(days=1), "poll", "--json")
    assert ahead.returncode == 0, ahead.stderr
    assert json.loads(ahead.stdout)["fetched"] == 2
    behind = process(province, scene.cutoff(0) - timedelta(days=1), "poll")
    assert behind.returncode == USAGE, behind.stderr
    assert "before the last log entry" in behind.stderr
    province.now = scene.cutoff(0) + timedelta(days=1, hours=1)
    province.close()
    province.good()
    assert len(letters_of(province.ledger.left, "acknowledgement")) == 2
    assert len(letters_of(province.ledger.left, "digest")) >= 1
