"""The verbs of the roster: list it as of a day, tell what a file would change, import it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from intake.cli.common import DONE, GIVEN_FILE, Mistake, desk_of, json_option, moment_of, out, table, verb

if TYPE_CHECKING:
    from intake.desk import Desk
    from intake.frozen_dues import Differing
    from intake.rules.roster import Change, Unknown

    Beside = tuple[tuple[Unknown, ...], tuple[Differing, ...]]


@click.group("roster")
def roster_verb() -> None:
    """The roster: the ledger holds the truth, the file is imported."""


@roster_verb.command("list")
@click.option(
    "--on", "on", default=None, metavar="DATE", help="Those in force that day, with what is in force of them."
)
@click.option("--as-of", "as_of", default=None, metavar="T", help="What the log knew at T.")
@json_option
@click.pass_context
@verb
def roster_list(ctx: click.Context, on: str | None, as_of: str | None, as_json: bool) -> int:
    """Agencies as the ledger holds them."""
    from intake.rules.roster import on_day, shown, valid  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk, desk.ledger.read() as q:
        known = moment_of(as_of, desk.settings.calendar.timezone, "--as-of") if as_of else None
        day = _day_of("--on", on) if on else None
        roster = desk.roster(q, known, day)
    agencies = [on_day(one, day) for one in roster.agencies if valid(one, day)] if day else roster.agencies
    rows: list[dict[str, Any]] = [
        {
            "code": a.code,
            "name": a.name,
            "level": a.level,
            "reports_to": a.reports_to,
            "addresses": [shown(one) for one in a.addresses],
            "reports": [shown(one) for one in a.reports],
            "valid_from": shown(a.valid_from) or None,
            "valid_to": shown(a.valid_to) or None,
            "successors": list(a.successors),
        }
        for a in agencies
    ]
    if as_json:
        out({"schema": "cchc.roster/1", "version": roster.version, "agencies": rows})
        return DONE
    if not (roster.agencies or day or known):
        click.echo("the ledger holds no roster yet: [roster].file is imported by the first poll or tick", err=True)
    table(
        ["code", "name", "reports to", "addresses", "reports", "from", "to", "successors"],
        [[";".join(v) if isinstance(v, list) else v or "" for k, v in r.items() if k != "level"] for r in rows],
    )
    return DONE


def _day_of(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Mistake(f"{option}: expected a date such as 2017-07-19, got {text!r}") from error


@roster_verb.command("diff")
@click.argument("file", type=GIVEN_FILE)
@json_option
@click.pass_context
@verb
def roster_diff_verb(ctx: click.Context, file: Path, as_json: bool) -> int:
    """What importing a file would change."""
    from intake.decisions import roster_diff  # noqa: PLC0415
    from intake.roster_file import read_roster  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False, roster=False) as desk:
        csv = read_roster(file)
        changes = roster_diff(desk, csv)
        beside = _beside(desk, csv, desk.calendar.day(desk.clock.now()))
    _show_changes(changes, beside, as_json)
    return DONE


@roster_verb.command("import")
@click.argument("file", type=GIVEN_FILE)
@click.option("--effective", default=None, metavar="DATE", help="The day it holds from; default today.")
@json_option
@click.pass_context
@verb
def roster_import_verb(ctx: click.Context, file: Path, effective: str | None, as_json: bool) -> int:
    """Make a file the roster in force; refused whole when it has a mistake."""
    from intake.decisions import import_roster  # noqa: PLC0415
    from intake.roster_file import digest, read_roster  # noqa: PLC0415

    csv = read_roster(file)
    with desk_of(ctx, lock=True, worker=False, roster=False) as desk:
        day = _day_of("--effective", effective) if effective else desk.calendar.day(desk.clock.now())
        changes = import_roster(desk, csv, day, digest(csv))
        beside = _beside(desk, csv, day)
        with desk.ledger.read() as q:
            later = sorted(version.effective.isoformat() for version in q.rosters() if version.effective > day)
    if later:
        click.echo(f"holds from {day} until {later[0]}: from then on a roster imported for that day holds", err=True)
    _show_changes(changes, beside, as_json)
    return DONE


def _beside(desk: Desk, csv: str, day: date) -> Beside:
    """What is told of a roster beside its changes."""
    from intake.desk import parsed_roster  # noqa: PLC0415
    from intake.frozen_dues import differing, unknown_words  # noqa: PLC0415

    with desk.ledger.read() as q:
        return unknown_words(desk, parsed_roster(csv)), differing(desk, q, csv, day)


def _show_changes(changes: Sequence[Change], beside: Beside, as_json: bool) -> None:
    unknown, frozen = beside
    rows = [{"code": c.code, "what": c.field or c.kind, "before": c.before, "after": c.after} for c in changes]
    if as_json:
        open_dues = [{"period": one.period, "agency": one.agency, "change": one.change} for one in frozen]
        words = [{"column": one.column, "text": one.text, "agencies": list(one.agencies)} for one in unknown]
        out({"schema": "cchc.roster-diff/1", "changes": rows, "unknown": words, "open_dues": open_dues})
        return
    for row in rows:
        click.echo(f"{row['code']}: {row['what']}: {row['before'] or '-'} -> {row['after'] or '-'}")
    click.echo(f"{len(rows)} changes")
    for one in unknown:
        what = "no such report type is configured" if one.column == "reports" else "no form has such a line"
        click.echo(f"{one.column} {one.text!r} of {', '.join(one.agencies)}: {what}, it does nothing")
    if frozen:
        click.echo("periods already open keep the dues they opened with; by this roster they would be changed with:")
    for due in frozen:
        click.echo(f'  cchc due {due.period} {due.agency} --{due.change} --reason "…"')
