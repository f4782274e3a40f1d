"""Every page says the same over PostgreSQL as over SQLite: the province is carried over by a backup and each route asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.config import load
from intake.web.server import console_of
from intake.web.standing import keep
from intake.wiring import MovableClock, open_desk, open_reader_ledger
from storage.backup import backup, restore
from storage.vault import Vault
from tests.pipeline.world import at
from tests.web.conftest import NOW, Site
from tests.web.test_guard import FILES, filled_in, routes

pytestmark = pytest.mark.slow
MORE = (
    "/log?text=bao cao tuan 30", "/log?text=ba tu", "/log?text=khongco", "/log?agency=STC&type=weekly&since=2017-07-20",
    "/log?due_class=late", "/log?state=needs_review&text=bao", "/log?period=weekly:2017-07-21", "/log?until=2017-07-21",
    "/board/weekly:2017-07-21?view=heat", "/agency/STC", "/periods?year=2017", "/find?id=CCHC-20170721-W-STC-r1",
)  # fmt: skip
OTHERWISE = {"/metrics", "/healthz", "/operation"}  # name the database, or files of this machine


@pytest.fixture
def carried(site: Site, postgres_url: str, tmp_path: Path) -> Iterator[Site]:
    """The same province, its ledger in PostgreSQL."""
    vault = Vault(tmp_path / "vault")
    backup(site.desk.ledger.engine, site.desk.vault, tmp_path / "all.tar")
    restore(tmp_path / "all.tar", postgres_url, vault, at(NOW))
    config = (site.world.folder / "config.toml").read_text(encoding="utf-8")
    config = re.sub(r'(?m)^url = "sqlite:.*$', f'url = "{postgres_url}"', config)
    config = re.sub(r"(?m)^vault = .*$", f'vault = "{tmp_path / "vault"}"', config)
    other = site.world.folder / "postgresql.toml"
    other.write_text(config, encoding="utf-8")
    settings = load(other, {})
    clock = MovableClock(at(NOW))
    with open_desk(settings, clock.clock(), lock=False) as desk, open_reader_ledger(settings) as reader:
        assert desk.ledger.engine.dialect.name == "postgresql"
        yield Site(site.world, console_of(desk, reader, lambda _mail: None), desk, clock)


def said(page: str) -> str:
    """A page without what every answer has anew: tokens, positions in the log, sums, who looked when."""
    page = re.sub(r'name="(csrf|seen)" value="[^"]*"', "", page)
    page = re.sub(r"<code[^>]*>[0-9a-f…]+</code>|[0-9a-f]{10,64}", "#", page)
    page = re.sub(r"(?s)<section[^>]*><h2>[^<]*</h2>\s*<ul class=\"plain\">.*?</section>", "", page)
    return re.sub(r"\b[\d.]+\b", "0", page)


def test_every_page_says_the_same_over_both_databases(site: Site, carried: Site) -> None:
    keep(carried.console)  # here the classes come from the ledger, there they are worked out
    here, there = site.client("lan"), carried.client("lan")
    addresses = [filled_in(site, path) for path in sorted(routes(site, "GET") - FILES)]
    for address in (*addresses, *MORE):
        one, other = here.get(address), there.get(address)
        assert (one.status_code, address) == (other.status_code, address)
        if address.partition("?")[0] not in OTHERWISE and one.headers["content-type"].startswith("text/html"):
            assert said(one.text) == said(other.text), address
    for address in ("/log/export.json?text=bao cao", "/log/export.csv?agency=STC"):
        assert here.get(address).text.count("CCHC-2017") == there.get(address).text.count("CCHC-2017") > 0
