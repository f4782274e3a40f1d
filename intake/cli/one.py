"""Verbs that ask of one mail: show, explain. Neither changes anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from intake.cli.common import DONE, NEW_FILE, Mistake, desk_of, json_option, named_file, noted, out, table, verb


def class_told(submission: dict[str, Any]) -> str:
    """The class of the due; before its moment with what its reports would reach."""
    arrived = f" ({submission['arrived']})" if submission.get("arrived") else ""
    return (submission.get("class") or "") + arrived


@click.command("show")
@click.argument("id_")
@click.option(
    "--raw",
    "raw_file",
    default=None,
    type=NEW_FILE,
    help="Write the original bytes to a file.",
)
@json_option
@click.pass_context
@verb
def show_verb(ctx: click.Context, id_: str, raw_file: Path | None, as_json: bool) -> int:
    """One mail or receipt: timeline, verdict, figures with evidence, letters; the original bytes."""
    from intake.asking import find  # noqa: PLC0415
    from intake.one_mail import show_json  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk:
        with desk.ledger.read() as q:
            found = find(q, id_)
            document = show_json(desk, q, found, desk.clock.now())
            erased = q.erased_at(found.mail_id) is not None
        if raw_file:
            if erased:
                raise Mistake(f"mail {found.mail_id} was erased: there are no bytes to show")
            raw = desk.vault.get(document["sha256"])
            noted(desk, "raw_downloaded", f"mail:{found.mail_id}", sha256=document["sha256"])
            with named_file(raw_file, "--raw"):
                raw_file.write_bytes(raw)
    if as_json:
        out(document)
        return DONE
    _show(document)
    return DONE


def _show(document: dict[str, Any]) -> None:
    click.echo(f"mail {document['id']}  {document['state']} {document['reason'] or ''}".rstrip())
    for key in ("from", "subject", "sent_at", "received_at", "seen_at", "judged_at", "sha256"):
        click.echo(f"  {key:12} {document[key]}")
    for line in document["timeline"]:
        click.echo(
            f"  {line['at']}  log {line['seq']}  {line['kind']}  {line['actor']}  {_brief(line['payload'])}".rstrip()
        )
    for s in document["submissions"]:
        click.echo(
            f"{s['receipt'] or s['report']}: {s['agency']} {s['period']} {s['outcome']} class {class_told(s)} late {s['late_seconds']} s due {s.get('due_at')} log {s.get('seq')}"
        )
    for report in document["reports"]:
        rows = [
            [
                k,
                f["state"],
                str(f["value"] if f["value"] is not None else ""),
                f["raw"] or "",
                ((f.get("where") or {}).get("text") or "")[:60],
            ]
            for k, f in report["figures"].items()
            if f["state"] != "absent"
        ]
        table(["figure", "state", "value", "as written", "where"], rows)
        for finding in report["findings"]:
            click.echo(f"  [{finding['code']}] {finding['severity']}: {finding['message']}")
    for part in document["parts"]:
        click.echo(f"part {part['id']}  {part['type']}  {part['outcome']} {part['reason'] or ''}  {part['name']}")
    for letter in document["letters"]:
        click.echo(
            f"letter {letter['kind']} to {letter['to']}: {letter['state']} {letter['withheld_because'] or ''}".rstrip()
        )


def _brief(payload: dict[str, Any] | None) -> str:
    """The plain values of a log entry on one line; an erased entry has none."""
    plain = {key: value for key, value in (payload or {}).items() if isinstance(value, (str, int)) and value != ""}
    return " ".join(f"{key}={str(value)[:60]}" for key, value in plain.items() if "sha256" not in key)


@click.command("explain")
@click.argument("id_")
@json_option
@click.pass_context
@verb
def explain_verb(ctx: click.Context, id_: str, as_json: bool) -> int:
    """Every rule that fired, in order, and why an answer was or was not sent."""
    from intake.asking import find  # noqa: PLC0415
    from intake.one_mail import explain_json  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk, desk.ledger.read() as q:
        document = explain_json(desk, q, find(q, id_), desk.clock.now())
    if as_json:
        out(document)
    else:
        for n, line in enumerate(document["rules"], 1):
            click.echo(f"{n:3}. {line['rule']}: {line['said']}")
    return DONE
