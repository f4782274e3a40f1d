"""The verb that gives the consolidated figures away: ``export``."""

from __future__ import annotations

from pathlib import Path

import click

from intake.cli.common import DONE, NEW_FILE, Mistake, desk_of, json_option, moment_of, named_file, noted, out, verb


@click.command("export")
@click.argument("period")
@click.option(
    "--xlsx", "xlsx_file", default=None, type=NEW_FILE, help="The workbook: totals, agencies, sources, charts."
)
@click.option("--docx", "docx_file", default=None, type=NEW_FILE, help="The report in the official form's layout.")
@click.option("--as-of", "as_of", default=None, metavar="T", help="What the log knew at T.")
@json_option
@click.pass_context
@verb
def export_verb(
    ctx: click.Context, period: str, xlsx_file: Path | None, docx_file: Path | None, as_of: str | None, as_json: bool
) -> int:
    """Consolidated figures of a period, a range KEY..KEY, or a month, quarter, half or year (2017-07, 2017-Q3, 2017-H2, 2017)."""
    from intake.asking import Times  # noqa: PLC0415
    from intake.consolidating import consolidate, export_json  # noqa: PLC0415

    if not (xlsx_file or docx_file or as_json):
        raise Mistake("export: expected --xlsx FILE, --docx FILE or --json")
    with desk_of(ctx, lock=False, worker=False) as desk:
        zone = desk.settings.calendar.timezone
        moment = moment_of(as_of, zone, "--as-of") if as_of else desk.clock.now()
        with desk.ledger.read() as q:
            found = consolidate(desk, q, period, moment)
        office = desk.office
        for kind in [kind for kind, file in (("xlsx", xlsx_file), ("docx", docx_file)) if file]:
            noted(desk, "exported", "log", kind=kind, period=period)
    if xlsx_file:
        from notifier.consolidated_book import consolidated_workbook  # noqa: PLC0415

        with named_file(xlsx_file, "--xlsx"):
            xlsx_file.write_bytes(consolidated_workbook(found, office))
    if docx_file:
        from notifier.official import official_report  # noqa: PLC0415

        with named_file(docx_file, "--docx"):
            docx_file.write_bytes(official_report(found, office))
    if as_json:
        out(export_json(found, Times(desk)))
    return DONE
