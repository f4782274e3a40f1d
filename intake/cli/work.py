"""Verbs that do the work: run, poll, tick, read, retry, replay, reconcile."""

from __future__ import annotations

from typing import Any

import click

from intake.cli.common import (
    DONE,
    PERSON_NEEDED,
    UNREACHABLE,
    Mistake,
    desk_of,
    json_option,
    moment_of,
    out,
    settings_of,
    verb,
)

SCRUB_SECONDS = 10.0  # of a tick, while the day's pass over the vault is under way


@click.command("poll")
@json_option
@click.pass_context
@verb
def poll_verb(ctx: click.Context, as_json: bool) -> int:
    """One pass: fetch everything new, read, judge, record, file away; send what the outbox owes; exit."""
    from intake import flow  # noqa: PLC0415

    with desk_of(ctx, lock=True, worker=True) as desk:
        done = flow.poll(desk)
    document = {
        "schema": "cchc.poll/1",
        "fetched": done.fetched,
        "recorded": done.states["recorded"],
        "needs_review": done.states["needs_review"],
        "set_aside": done.states["set_aside"],
        "duplicates": done.states["duplicate"],
        "letters_sent": done.letters_sent,
        "letters_pending": done.letters_pending,
        "mails": done.mails,
    }
    if as_json:
        out(document)
    else:
        click.echo(", ".join(f"{key} {value}" for key, value in document.items() if key not in ("schema", "mails")))
    if done.trouble:
        click.echo(f"unreachable: {done.trouble}", err=True)
        return UNREACHABLE
    return PERSON_NEEDED if done.states["needs_review"] or done.states["set_aside"] else DONE


@click.command("tick")
@json_option
@click.pass_context
@verb
def tick_verb(ctx: click.Context, as_json: bool) -> int:
    """Everything the clock owes now; idempotent; does not poll."""
    from intake import cutoff, flow  # noqa: PLC0415
    from intake.asking import Times  # noqa: PLC0415
    from intake.upkeep import compare, upkeep  # noqa: PLC0415

    with desk_of(ctx, lock=True, worker=False) as desk:
        done = cutoff.tick(desk)
        compare(desk)
        done.letters += upkeep(desk, SCRUB_SECONDS)
        sent = flow.send(desk)
        with desk.ledger.read() as q:
            for line in done.letters:
                letter = q.letter_by_message_id(line.pop("message_id"))
                line["state"] = letter.state if letter else line["state"]
        document = {
            "schema": "cchc.tick/1",
            "at": Times(desk)(done.at),
            "opened": done.opened,
            "closed": done.closed,
            "letters": done.letters,
        }
    if as_json:
        out(document)
    else:
        click.echo(f"opened {len(done.opened)}, closed {len(done.closed)}, letters {len(done.letters)}")
    return UNREACHABLE if sent.trouble else DONE


@click.command("run")
@json_option
@click.pass_context
@verb
def run_verb(ctx: click.Context, as_json: bool) -> int:
    """The service, until SIGTERM or SIGINT; with the console where [web].listen says."""
    from intake.cli.console import beside  # noqa: PLC0415
    from intake.service import Door, serve  # noqa: PLC0415

    door = Door()
    with desk_of(ctx, lock=True, worker=True) as desk, beside(desk, door):
        serve(desk, door)
    if as_json:
        out({"schema": "cchc.run/1", "stopped": True})
    return DONE


@click.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--as", "as_form", default=None, metavar="FORM", help="Read under that form without asking whether it is a report."
)
@click.option("--received", default=None, metavar="T", help="When the mail came; allows a verdict.")
@click.option("--from", "from_address", default=None, metavar="ADDR", help="Who sent it.")
@json_option
@click.pass_context
@verb
def read_verb(
    ctx: click.Context,
    files: tuple[str, ...],
    as_form: str | None,
    received: str | None,
    from_address: str | None,
    as_json: bool,
) -> int:
    """Dry run on mails (.eml) or bare documents: what would be understood; stores and sends nothing."""
    from intake.dry_run import DryRun, print_items  # noqa: PLC0415

    with DryRun.of(ctx.obj, lambda: settings_of(ctx)) as dry:
        if as_form and as_form not in dry.forms:
            raise Mistake(f"--as: expected one of {', '.join(dry.forms)}, got {as_form!r}")
        moment = moment_of(received, dry.timezone, "--received") if received else None
        items = [dry.read(path, as_form, moment, from_address) for path in files]
    if as_json:
        out({"schema": "cchc.read/1", "items": items})
    else:
        print_items(items, click.echo)
    return PERSON_NEEDED if any(_needs_person(item) for item in items) else DONE


def _needs_person(item: dict[str, Any]) -> bool:
    errors = any(
        f["severity"] == "error" for part in item["parts"] for report in part["reports"] for f in report["findings"]
    )
    return (
        item["outcome"] in ("needs_review", "refused")
        or errors
        or any(p["outcome"] in ("needs_review", "refused") for p in item["parts"])
    )


@click.command("retry")
@click.argument("ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every mail set aside or waiting for a tool.")
@json_option
@click.pass_context
@verb
def retry_verb(ctx: click.Context, ids: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Mails set aside, or waiting for a tool, go through again."""
    from intake import decisions, flow  # noqa: PLC0415
    from intake.asking import find  # noqa: PLC0415

    if not ids and not everything:
        raise click.UsageError("retry: expected IDs or --all")
    with desk_of(ctx, lock=True, worker=True) as desk:
        with desk.ledger.read() as q:
            mails = [find(q, text).mail_id for text in ids]
            for mail_id in mails:
                found = q.mail(mail_id)
                if found and found.state not in decisions.AGAIN:
                    raise Mistake(f"{mail_id}: stands as {found.state}; expected one of {', '.join(decisions.AGAIN)}")
        if everything:
            mails += [mail for mail in decisions.retryable(desk) if mail not in mails]
        states = {mail: decisions.again(desk, mail) for mail in mails}
        flow.send(desk)
    if as_json:
        out({"schema": "cchc.retry/1", "mails": [{"id": mail, "state": state} for mail, state in states.items()]})
    else:
        for mail, state in states.items():
            click.echo(f"{mail}: {state}")
    return PERSON_NEEDED if any(state in ("needs_review", "set_aside") for state in states.values()) else DONE


@click.command("replay")
@click.option("--since", default=None, metavar="T", help="Only mails received since then.")
@click.option(
    "--apply", "apply", is_flag=True, help="Record the new readings; what a sent letter stated is never changed."
)
@json_option
@click.pass_context
@verb
def replay_verb(ctx: click.Context, since: str | None, apply: bool, as_json: bool) -> int:
    """Stored mails read again with today's forms; prints differences."""
    from intake.replay import replay  # noqa: PLC0415

    with desk_of(ctx, lock=True, worker=True) as desk:
        moment = moment_of(since, desk.settings.calendar.timezone, "--since") if since else None
        differences = replay(desk, moment, apply=apply)
    if as_json:
        out({"schema": "cchc.replay/1", "applied": apply, "differences": differences})
    else:
        for line in differences:
            click.echo(f"{line['report']}: {line['key']}: {line['before']} -> {line['after']}")
        click.echo(f"{len(differences)} differences")
    return PERSON_NEEDED if differences and apply else DONE


@click.command("reconcile")
@json_option
@click.pass_context
@verb
def reconcile_verb(ctx: click.Context, as_json: bool) -> int:
    """The server's mails against the ledger; what was missed is fetched and kept."""
    from intake import flow  # noqa: PLC0415
    from intake.reconcile import reconcile  # noqa: PLC0415

    with desk_of(ctx, lock=True, worker=True) as desk:
        found = reconcile(desk)
        done = flow.Pass()
        flow.work_off(desk, done)
        flow.send(desk, done)
    document = {"schema": "cchc.reconcile/1", **found.as_dict()}
    if as_json:
        out(document)
    else:
        click.echo(f"server {found.server}, ledger {found.ledger}, fetched {found.fetched}, gone {found.gone}")
    return DONE if found.agrees else PERSON_NEEDED
