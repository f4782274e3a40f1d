"""A week lived in the forge's own process before anything is forked: everything a call imports, compiles and remembers is there.

Every kind of mail, the pass before the cutoff and the one after it, closing, notices, the digest with its files, the hourly comparison
and the verbs people ask with. The servers run in threads that have ended when it returns: what is forked later holds no lock of theirs.
"""

from __future__ import annotations

import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.faults import scene
from tests.faults.forge import Call, Forge
from tests.faults.province import Province


@dataclass
class _Here(Forge):
    """Calls run in this very process, one after the other."""

    code: int = 0

    def begin(self, *argv: str, **how: Any) -> int:
        from intake.cli import main  # noqa: PLC0415 - the service, imported in the forge's process alone

        os.environ.update(how.get("env", {}))
        with open(os.devnull, "w") as null, redirect_stdout(null), redirect_stderr(null):  # noqa: PTH123
            self.code = int(main(list(argv)))
        return 0

    def end(self, _pid: int) -> Call:
        return Call(self.code, "", "", 0, ())


def rehearse(folder: Path, url: str) -> None:
    """Live the week on that database, which may be empty; ``url`` "" for SQLite in the folder."""
    from tests.faults import strike  # noqa: PLC0415

    strike.light()
    province = Province(_Here(folder / "unused"), url=url, folder=folder / "rehearsal").start()
    try:
        _live(province)
    finally:
        province.stop()
        shutil.rmtree(folder / "rehearsal", ignore_errors=True)


def _live(province: Province) -> None:
    province.report("STC", received=500)
    province.question("SNV")
    province.well("poll")
    province.pass_time(minutes=5)
    province.report("STC", received=500, again=True)
    province.report("SYT")
    province.vacation("SXD")
    province.stranger()
    province.well("poll")
    province.now = scene.cutoff(0) - timedelta(minutes=90)
    province.well("tick")  # reminders
    province.report("SCT")
    province.now = scene.cutoff(0) + timedelta(minutes=7)
    province.report("STP")
    province.well("poll")
    province.well("tick")  # closing, notices, digest
    province.pass_time(minutes=70)
    for verb in ("poll", "tick", "reconcile", "status"):
        province.call(verb)
