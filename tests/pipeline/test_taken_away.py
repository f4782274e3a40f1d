"""Who saw what, at the command line: what is written to a file for somebody is noted in the log before it is."""

from __future__ import annotations

import json

from sqlalchemy import create_engine, text

from tests.pipeline.test_loop import mail
from tests.pipeline.world import World


def accesses(world: World) -> list[dict]:
    with create_engine(f"sqlite:///{world.folder / 'cchc.db'}").connect() as connection:
        said = "SELECT p.text FROM log_entry e JOIN payload p ON p.seq = e.seq WHERE e.kind = 'access' ORDER BY e.seq"
        return [json.loads(row[0]) for row in connection.execute(text(said))]


def test_what_is_taken_away_at_the_command_line_is_noted_and_looking_is_not(world: World):
    world.deliver(mail("la@noi.example"), "2017-07-21 09:10:00")
    assert world.cchc("poll").code in (0, 1)
    raw, book = world.folder / "raw.eml", world.folder / "log.xlsx"
    assert world.cchc("log").code == world.cchc("show", "1").code == 0
    assert accesses(world) == [], "what stays on the screen of whoever may read the database is no taking away"
    assert world.cchc("show", "1", "--raw", str(raw)).code == 0
    assert world.cchc("log", "--text", "báo cáo", "--xlsx", str(book)).code == 0
    assert world.cchc("verify", "--export", str(world.folder / "all.jsonl")).code == 0
    first, second, third = accesses(world)
    assert (first["what"], len(first["sha256"])) == ("raw_downloaded", 64)
    assert second == {"what": "exported", "kind": "xlsx", "query": {"text": "báo cáo"}, "rows": second["rows"]}
    assert third == {"what": "exported", "kind": "log"}
    assert world.cchc("verify").code == 0
    assert raw.exists()
    assert book.exists()
