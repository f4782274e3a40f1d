"""The verb that removes something for good: ``erase``."""

from __future__ import annotations

import click

from intake.cli.change import reason_option
from intake.cli.common import DONE, desk_of, json_option, out, verb


@click.command("erase")
@click.argument("id_", metavar="ID")
@click.option("--second", required=True, metavar="NAME", help="The second person.")
@reason_option
@json_option
@click.pass_context
@verb
def erase_verb(ctx: click.Context, id_: str, second: str, reason: str, as_json: bool) -> int:
    """Remove one raw mail (17, a receipt, a sha256 prefix) or one log entry's payload (log:311); the chain still verifies."""
    from intake.erasing import erase  # noqa: PLC0415

    with desk_of(ctx, lock=True, worker=False) as desk:
        erased = erase(desk, id_, second=second, reason=reason)
    if as_json:
        out({"schema": "cchc.erase/1", "erased": erased.what, "seq": erased.seq, "copies": list(erased.copies)})
        return DONE
    click.echo(f"{erased.what}: erased, log {erased.seq}")
    for copy in erased.copies:
        click.echo(f"  the mail server still has it: {copy}")
    return DONE
