"""Verbs by which people change something: decide, period, due, roster. Each needs a reason; some a second person."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from intake.cli.common import DONE, Mistake, desk_of, exactly_one, json_option, moment_of, out, table, verb

reason_option = click.option("--reason", default="", help="Why, in words; kept with the decision.")
second_option = click.option(
    "--second", default=None, metavar="NAME", help="The second person, where the rules want one."
)


@click.command("decide")
@click.argument("id_")
@click.option("--agency", default=None, help="Whose it is.")
@click.option("--period", default=None, help="Which period it is for.")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A figure as a person reads it.")
@click.option("--accept", is_flag=True)
@click.option("--refuse", is_flag=True)
@click.option("--not-a-report", is_flag=True)
@click.option("--credit", is_flag=True)
@click.option("--withdraw", is_flag=True)
@click.option("--revoke", multiple=True, metavar="CODE", help="Take back what explains a finding of the report.")
@click.option(
    "--deemed-at", "deemed_at", default=None, metavar="T", help="When it shall count as received; needs --second."
)
@second_option
@reason_option
@json_option
@click.pass_context
@verb
def decide_verb(ctx: click.Context, id_: str, sets: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """A person's verdict; never overwritten by a later automatic reading."""
    from intake import flow  # noqa: PLC0415
    from intake.asking import find, show_json  # noqa: PLC0415
    from intake.decisions import OUTCOMES, Verdicts, decide  # noqa: PLC0415
    from intake.taking_back import take_back  # noqa: PLC0415

    pairs = dict(text.partition("=")[::2] for text in sets)
    if any(not value for value in pairs.values()):
        raise Mistake("--set: expected KEY=VALUE")
    outcome = exactly_one("decide", {o: options[o.replace("-", "_")] for o in OUTCOMES}, none_allowed=True)
    with desk_of(ctx, lock=True, worker=True) as desk:
        deemed = (
            moment_of(options["deemed_at"], desk.settings.calendar.timezone, "--deemed-at")
            if options["deemed_at"]
            else None
        )
        with desk.ledger.read() as q:
            found = find(q, id_)
        verdicts = Verdicts(
            options["reason"],
            options["second"],
            options["agency"],
            options["period"],
            pairs,
            outcome,
            deemed,
        )
        if options["revoke"]:
            take_back(desk, found, options["revoke"], options["reason"], options["second"])
        if not options["revoke"] or verdicts.says_something:
            decide(desk, found, verdicts)
        flow.send(desk)
        with desk.ledger.read() as q:
            document = show_json(desk, q, find(q, str(found.mail_id)), desk.clock.now())
    if as_json:
        out(document)
    else:
        for s in document["submissions"]:
            click.echo(f"{s['receipt'] or s['report']}: {s['agency']} {s['period']} {s['outcome']} class {s['class']}")
        click.echo(f"mail {document['id']}: {document['state']}")
    return DONE


@click.command("period")
@click.argument("key")
@click.option("--skip", is_flag=True, help="Nobody owes it.")
@click.option("--due-at", "due_at", default=None, metavar="T", help="The new cutoff for everybody.")
@second_option
@reason_option
@json_option
@click.pass_context
@verb
def period_verb(
    ctx: click.Context, key: str, skip: bool, due_at: str | None, second: str | None, reason: str, as_json: bool
) -> int:
    """Skip or move one period for everybody."""
    from intake import flow  # noqa: PLC0415
    from intake.asking import Times  # noqa: PLC0415
    from intake.decisions import change_period  # noqa: PLC0415

    if skip == bool(due_at):
        raise Mistake("period: expected one of --skip and --due-at")
    with desk_of(ctx, lock=True, worker=False) as desk:
        moment = moment_of(due_at, desk.settings.calendar.timezone, "--due-at") if due_at else None
        row = change_period(desk, key, skip=skip, due_at=moment, reason=reason, second=second)
        flow.send(desk)
        document = {
            "schema": "cchc.period/1",
            "period": key,
            "skipped": row.skipped,
            "due_at": Times(desk)(row.due_at),
            "reason": reason,
        }
    if as_json:
        out(document)
    else:
        click.echo(f"{key}: {'skipped' if row.skipped else document['due_at']} ({reason})")
    return DONE


@click.command("due")
@click.argument("key")
@click.argument("agency")
@click.option("--waive", is_flag=True)
@click.option("--extend-to", "extend_to", default=None, metavar="T")
@click.option("--not-applicable", is_flag=True)
@click.option("--reopen", is_flag=True)
@click.option(
    "--paper", "paper", default=None, metavar="NUMBER", help="The paper copy came, under this register number."
)
@second_option
@reason_option
@json_option
@click.pass_context
@verb
def due_verb(
    ctx: click.Context,
    key: str,
    agency: str,
    extend_to: str | None,
    paper: str | None,
    second: str | None,
    reason: str,
    as_json: bool,
    **flags: bool,
) -> int:
    """Change one due; logged."""
    from intake import flow  # noqa: PLC0415
    from intake.decisions import DueChange, change_due  # noqa: PLC0415

    given = {name.replace("_", "-"): on for name, on in flags.items()}
    chosen = exactly_one("due", {**given, "extend-to": bool(extend_to), "paper": bool(paper)})
    what = "extend" if chosen == "extend-to" else str(chosen)
    with desk_of(ctx, lock=True, worker=False) as desk:
        until = moment_of(extend_to, desk.settings.calendar.timezone, "--extend-to") if extend_to else None
        due_class = change_due(desk, key, agency, DueChange(what, reason, second, until, paper or ""))
        flow.send(desk)
    if as_json:
        out({"schema": "cchc.due/1", "period": key, "agency": agency, "change": what, "class": due_class})
    else:
        click.echo(f"{key} {agency}: {what}, class {due_class}")
    return DONE


@click.group("roster")
def roster_verb() -> None:
    """The roster: the ledger holds the truth, the file is imported."""


@roster_verb.command("list")
@json_option
@click.pass_context
@verb
def roster_list(ctx: click.Context, as_json: bool) -> int:
    """Agencies as the ledger holds them."""
    with desk_of(ctx, lock=False, worker=False) as desk, desk.ledger.read() as q:
        roster = desk.roster(q)
        rows: list[dict[str, Any]] = [
            {
                "code": a.code,
                "name": a.name,
                "level": a.level,
                "reports_to": a.reports_to,
                "addresses": [d.text for d in a.addresses],
                "reports": [d.text for d in a.reports],
                "valid_from": a.valid_from.isoformat() if a.valid_from else None,
                "valid_to": a.valid_to.isoformat() if a.valid_to else None,
            }
            for a in roster.agencies
        ]
    if as_json:
        out({"schema": "cchc.roster/1", "version": roster.version, "agencies": rows})
    else:
        table(
            ["code", "name", "addresses", "reports", "from", "to"],
            [
                [
                    r["code"],
                    r["name"],
                    ";".join(r["addresses"]),
                    ";".join(r["reports"]),
                    r["valid_from"] or "",
                    r["valid_to"] or "",
                ]
                for r in rows
            ],
        )
    return DONE


@roster_verb.command("diff")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_context
@verb
def roster_diff_verb(ctx: click.Context, file: Path, as_json: bool) -> int:
    """What importing a file would change."""
    from intake.decisions import roster_diff  # noqa: PLC0415
    from intake.frozen_dues import differing  # noqa: PLC0415
    from intake.roster_file import read_roster  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False, roster=False) as desk:
        csv = read_roster(file)
        changes = roster_diff(desk, csv)
        frozen = differing(desk, csv, desk.calendar.day(desk.clock.now()))
    _show_changes(changes, frozen, as_json)
    return DONE


@roster_verb.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--effective", default=None, metavar="DATE", help="The day it holds from; default today.")
@json_option
@click.pass_context
@verb
def roster_import_verb(ctx: click.Context, file: Path, effective: str | None, as_json: bool) -> int:
    """Make a file the roster in force; refused whole when it has a mistake."""
    from intake.decisions import import_roster  # noqa: PLC0415
    from intake.frozen_dues import differing  # noqa: PLC0415
    from intake.roster_file import digest, read_roster  # noqa: PLC0415

    csv = read_roster(file)
    with desk_of(ctx, lock=True, worker=False, roster=False) as desk:
        try:
            day = date.fromisoformat(effective) if effective else desk.calendar.day(desk.clock.now())
        except ValueError as error:
            raise Mistake(f"--effective: expected a date such as 2017-07-19, got {effective!r}") from error
        changes = import_roster(desk, csv, day, digest(csv))
        frozen = differing(desk, csv, day)
        with desk.ledger.read() as q:
            later = sorted(version.effective.isoformat() for version in q.rosters() if version.effective > day)
    if later:
        click.echo(f"holds from {day} until {later[0]}: from then on a roster imported for that day holds", err=True)
    _show_changes(changes, frozen, as_json)
    return DONE


def _show_changes(changes: Any, frozen: Any, as_json: bool) -> None:
    rows = [{"code": c.code, "what": c.field or c.kind, "before": c.before, "after": c.after} for c in changes]
    if as_json:
        open_dues = [{"period": one.period, "agency": one.agency, "change": one.change} for one in frozen]
        out({"schema": "cchc.roster-diff/1", "changes": rows, "open_dues": open_dues})
        return
    for row in rows:
        click.echo(f"{row['code']}: {row['what']}: {row['before'] or '-'} -> {row['after'] or '-'}")
    click.echo(f"{len(rows)} changes")
    if frozen:
        click.echo("periods already open keep the dues they opened with; by this roster they would be changed with:")
    for one in frozen:
        click.echo(f'  cchc due {one.period} {one.agency} --{one.change} --reason "…"')
