"""Verbs by which people change something: decide, period, due. Each needs a reason; some a second person."""

from __future__ import annotations

from typing import Any

import click

from intake.cli.common import DONE, Mistake, desk_of, exactly_one, json_option, moment_of, out, verb

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
@click.option("--explains", multiple=True, metavar="CODE", help="What an answer in words of its own explains.")
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
    from intake.asking import find  # noqa: PLC0415
    from intake.decisions import OUTCOMES, Verdicts, decide  # noqa: PLC0415
    from intake.one_mail import show_json  # noqa: PLC0415
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
            tuple(code.upper() for code in options["explains"]),
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
    from intake.due_changes import change_period  # noqa: PLC0415

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
    from intake.due_changes import change_due  # noqa: PLC0415
    from intake.foreseen import DueChange  # noqa: PLC0415

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
