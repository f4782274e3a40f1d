"""No roster changes a kept class: dues are frozen when their period opens (classes are kept of such periods alone)."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.web.standing import classes_of, keep
from storage.records import RosterVersion
from tests.pipeline.world import ROSTER

ROWS = list(csv.DictReader(io.StringIO(ROSTER)))
CODES = [row["code"] for row in ROWS]
EDIT = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("Tên mới"),
        "reports": st.sampled_from(["", "weekly", "weekly;monthly"]),
        "valid_from": st.sampled_from(["", "2017-07-18", "2017-07-22"]),
        "valid_to": st.sampled_from(["", "2017-07-22", "2017-07-28"]),
        "reports_to": st.just("TINH"),
        "addresses": st.just(""),
    },
)


def kept(site) -> dict[str, dict[str, str]]:
    with site.console.ask() as q:
        return {key: dict(classes) for key, classes in q.due_classes([row.key for row in q.periods()]).items()}


def anew(site, keys) -> dict[str, dict[str, str]]:
    with site.console.ask() as q:
        return {key: classes_of(site.console.reader, q, key, site.console.now()) for key in keys}


def test_after_any_roster_what_is_kept_is_what_would_be_judged_anew(site):
    keep(site.console)
    before = kept(site)
    assert before

    @settings(max_examples=25, deadline=None)
    @given(
        edits=st.dictionaries(st.sampled_from(CODES), EDIT, max_size=4),
        gone=st.sets(st.sampled_from(CODES[1:]), max_size=3),
        effective=st.sampled_from([date(2017, 7, 1), date(2017, 7, 21), date(2017, 7, 28), date(2018, 1, 1)]),
    )
    def imported(edits, gone, effective) -> None:
        rows = [row | edits.get(row["code"], {}) for row in ROWS if row["code"] not in gone]
        out = io.StringIO()
        writer = csv.DictWriter(out, ROWS[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        with site.console.write() as tx:
            sha256 = hashlib.sha256(out.getvalue().encode()).hexdigest()
            tx.import_roster(RosterVersion(out.getvalue(), sha256, effective))
        assert kept(site) == before, "the next board has nothing to work out"
        assert anew(site, before) == before

    imported()
