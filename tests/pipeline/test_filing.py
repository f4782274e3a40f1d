"""Step 7: many mails are filed a few at a time, and one that cannot be moved holds up no other."""

from __future__ import annotations

from typing import Any

import pytest

from intake import filing
from intake.mailbox.errors import NoSuchFolder
from intake.mailbox.maildir import MaildirSource
from tests.pipeline.world import World, mail


def test_mails_are_filed_a_few_at_a_time_and_one_that_stays_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(filing, "AT_ONCE", 2)
    real, asked = MaildirSource.file, []

    def file(source: MaildirSource, folder: str, epoch: int, uid: int, target: str) -> Any:
        asked.append(uid)
        if uid == asked[0]:
            raise NoSuchFolder("not this one")
        return real(source, folder, epoch, uid, target)

    monkeypatch.setattr(MaildirSource, "file", file)
    for number in range(5):
        world.deliver(mail("ai@example.net", text=f"thư {number}"), f"2017-07-21 08:00:0{number}")
    world.poll("2017-07-21 09:00:00")
    assert len(asked) == 5, "each is tried once a pass"
    filed = [file for file in (world.folder).rglob("*.host*") if "2017" in str(file.relative_to(world.folder))]
    assert len(filed) == 4
    asked[:] = [-1]
    world.poll("2017-07-21 09:01:00")
    assert len(asked) == 2, "and what stayed is tried again with the next"
