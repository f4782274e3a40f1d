"""Verbs that ask whether all is well: status, verify. Neither changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from intake.cli.common import DONE, NEW_FILE, PERSON_NEEDED, desk_of, json_option, named_file, noted, out, verb


@click.command("status")
@json_option
@click.pass_context
@verb
def status_verb(ctx: click.Context, as_json: bool) -> int:
    """The completeness ledger, last good poll, outbox, mails set aside, next cutoffs, alarms."""
    from intake.status import status_json  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk:
        document = status_json(desk)
    if as_json:
        out(document)
    else:
        box = document["mailbox"]
        click.echo(
            f"mailbox: {box['server'] if box['server'] is not None else '?'} on the server, {box['ledger']} in the ledger; "
            + ", ".join(f"{n} {s}" for s, n in box["states"].items())
        )
        click.echo(f"last good poll: {document['last_good_poll'] or 'never'}")
        if scrubbed := document["last_scrub"]:
            click.echo(
                f"vault read through: {scrubbed['ended']}, {scrubbed['files']} files, {len(scrubbed['damaged'])} damaged"
            )
        click.echo("outbox: " + ", ".join(f"{n} {s}" for s, n in document["outbox"].items()))
        for cutoff in document["next_cutoffs"]:
            click.echo(f"next cutoff: {cutoff['period']} {cutoff['due_at']}")
        for alarm in document["alarms"]:
            click.echo(f"ALARM {alarm['what']}: {alarm['detail']}")
    return PERSON_NEEDED if document["alarms"] else DONE


@click.command("verify")
@click.option(
    "--anchors",
    default=None,
    type=click.Path(exists=True, path_type=Path),
    help='JSON lines {"seq","hash","message_id"} or a folder of letters (.eml).',
)
@click.option(
    "--export",
    "export_file",
    default=None,
    type=NEW_FILE,
    help="Write the log for the offline verifier.",
)
@click.option(
    "--bundle",
    "bundle",
    default=None,
    nargs=2,
    type=(str, NEW_FILE),
    metavar="PERIOD F",
    help="Write a period's evidence (zip): log, raw mails, letters, verifier, guide.",
)
@json_option
@click.pass_context
@verb
def verify_verb(
    ctx: click.Context,
    anchors: Path | None,
    export_file: Path | None,
    bundle: tuple[str, Path] | None,
    as_json: bool,
) -> int:
    """Chain, vault hashes, letters against the log."""
    from intake.anchors import read_anchors  # noqa: PLC0415
    from intake.evidence import write_bundle  # noqa: PLC0415
    from storage.proof import export, verify  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk:
        held: Sequence[dict[str, Any]] = ()
        if anchors:
            with named_file(anchors, "--anchors"):
                held = read_anchors(anchors)
        if export_file:
            noted(desk, "exported", "log", kind="log")
        if bundle:
            noted(desk, "exported", "log", kind="bundle", period=bundle[0])
        proof = verify(desk.ledger, desk.vault, held)
        if export_file:
            with named_file(export_file, "--export"):
                export(desk.ledger, export_file)
        if bundle:
            with named_file(bundle[1], "--bundle"):
                write_bundle(desk, bundle[0], bundle[1], desk.actor)
    head = proof.head
    document = {
        "schema": "cchc.verify/1",
        "ok": proof.ok,
        "entries": proof.entries,
        "head": head,
        "problems": list(proof.problems),
    }
    if as_json:
        out(document)
    else:
        click.echo(f"{'OK' if proof.ok else 'NOT OK'}: {proof.entries} entries, head {head['seq']} {head['hash']}")
        for problem in proof.problems:
            click.echo(f"  {problem}")
    return DONE if proof.ok else PERSON_NEEDED
