"""Sums of results are kept for closed periods, say what would be added up, and are thrown away by what changes them."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date

import pytest

from intake import results
from intake.web.standing import keep
from intake.web.summing import BASIS, keep_sums, kept
from storage.records import Decision, RosterVersion
from tests.pipeline.world import ROSTER

CLOSED = "weekly:2017-07-21"
PAGES = (f"/results/{CLOSED}", f"/results/{CLOSED}/resolved_on_time", "/results/weekly:2017-07-28")


def sums(site):
    with site.console.ask() as q:
        return kept(site.console.reader, q, [CLOSED])


def shown(client):
    return [client.get(page).text for page in PAGES]


def test_pages_say_the_same_with_sums_kept_and_add_up_nothing_then(site, monkeypatch: pytest.MonkeyPatch):
    assert sums(site) == {}
    client = site.client("kiem")
    before = shown(client)
    keep(site.console)
    assert keep_sums(site.console) > 0
    assert keep_sums(site.console) == 0, "nothing is left"
    assert sums(site)[CLOSED]["resolved_on_time"].n == 2
    asked = []
    real = results.of_period

    def of_period(desk, q, law, period, as_of):
        asked.append(period.key)
        return real(desk, q, law, period, as_of)

    monkeypatch.setattr("intake.results.of_period", of_period)
    assert shown(client) == before
    assert CLOSED not in asked


def test_a_figure_a_person_states_throws_them_away_and_so_does_a_verdict(site):
    keep(site.console)
    keep_sums(site.console)
    with site.console.ask() as q:
        submission = q.verdicts(CLOSED)[0][0].id
        stamp, decided = q.stamp(), q.last_decision()
    said = {"resolved_on_time": ["1", "2", 1, 4]}
    with site.console.write() as tx:
        tx.add_decision(Decision(f"submission:{submission}", "set", None, "on_time=1", "đọc lại", "Lan"))
        assert not tx.keep_sums(CLOSED, said, stamp, decided), "added up before that was stated"
    assert sums(site) == {}
    assert keep_sums(site.console) == 1
    assert sums(site)[CLOSED]["resolved_on_time"].part != 4785
    with site.console.write() as tx:
        tx.add_verdict(tx.latest_verdict(submission))
        assert not tx.keep_sums(CLOSED, said, tx.stamp(), tx.last_decision()), "its classes are not kept either"
    assert sums(site) == {}


def test_a_roster_that_puts_an_agency_under_another_takes_it_out_of_the_sums(site):
    keep(site.console)
    keep_sums(site.console)
    before = sums(site)[CLOSED]["resolved_on_time"]
    rows = list(csv.DictReader(io.StringIO(ROSTER)))
    above = next(row["code"] for row in rows if row["code"] != "STC")
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(row | ({"reports_to": above} if row["code"] == "STC" else {}) for row in rows)
    with site.console.write() as tx:
        sha256 = hashlib.sha256(out.getvalue().encode()).hexdigest()
        tx.import_roster(RosterVersion(out.getvalue(), sha256, date(2017, 7, 21)))
    assert sums(site) == {}
    assert keep_sums(site.console) > 0
    after = sums(site)[CLOSED]["resolved_on_time"]
    assert (after.n, after.expected) == (before.n - 1, before.expected - 1)


def test_other_forms_or_results_throw_all_away(site):
    keep(site.console)
    keep_sums(site.console)
    with site.console.write() as tx:
        tx.set_meta(BASIS, {"results": "others"})
    assert sums(site) == {}, "what rests on others is not shown"
    assert keep_sums(site.console) > 0
    assert CLOSED in sums(site)
