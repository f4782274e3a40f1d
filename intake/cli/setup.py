"""Verbs around the service: demo, init, check, backup, restore."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.cli.common import (
    DONE,
    FOLDER,
    GIVEN_FILE,
    NEW_FILE,
    OUR_BUG,
    PERSON_NEEDED,
    Mistake,
    clock_of,
    clock_told_in,
    desk_of,
    json_option,
    named_file,
    out,
    settings_of,
    verb,
)

if TYPE_CHECKING:
    from intake.config import Settings
    from intake.demo.run import DemoResult, Servers


QUIET_WEEKS = 8  # before the demo's fortnight, when the console is opened on it


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    default=None,
    type=FOLDER,
    help="Where letters, workbook and database go; default a new temporary folder.",
)
@click.option("--serve", is_flag=True, help="Then open the console on it, with some quiet weeks before the fortnight.")
@json_option
@click.pass_context
@verb
def demo_verb(ctx: click.Context, folder: Path | None, serve: bool, as_json: bool) -> int:
    """A fortnight of reports of some 30 agencies through the real service, on a private mail server and a simulated clock."""
    from intake.demo.run import run_demo  # noqa: PLC0415

    del ctx
    say = click.echo if not as_json else lambda *_a, **_k: None

    def then(result: DemoResult, servers: Servers) -> None:
        if as_json:
            out(result.as_dict())
        if serve:
            from intake.demo.serve import serve_demo  # noqa: PLC0415
            from intake.service import Door  # noqa: PLC0415

            serve_demo(Path(result.folder), servers, lambda text: click.echo(text, err=as_json), Door())

    result = run_demo(folder, say, weeks=QUIET_WEEKS if serve else 0, then=then)
    return DONE if result.as_expected else OUR_BUG


@click.command("init")
@click.argument("folder", type=FOLDER)
@json_option
@click.pass_context
@verb
def init_verb(ctx: click.Context, folder: Path, as_json: bool) -> int:
    """Write config.toml, roster.csv and the forms into FOLDER, commented; existing files are left alone."""
    from intake.config import starter  # noqa: PLC0415

    today = clock_of(ctx, "Asia/Ho_Chi_Minh").now().date()
    wanted = {**starter(today), **{f"forms/{name}": text for name, text in _packaged_forms().items()}}
    taken = [name for name in wanted if (folder / name).exists()]
    if taken:
        raise Mistake(f"{folder}: these files exist already and are left alone: {', '.join(taken)}")
    for name, text in wanted.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        if not as_json:
            click.echo(f"wrote {target}")
    if as_json:
        out({"schema": "cchc.init/1", "folder": str(folder), "files": sorted(wanted)})
    return DONE


def _packaged_forms() -> dict[str, str]:
    folder = files("parsers") / "forms"
    return {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith((".toml", ".md"))}


@click.command("check")
@json_option
@click.pass_context
@verb
def check_verb(ctx: click.Context, as_json: bool) -> int:
    """Configuration, mailbox, SMTP, database, converters, confinement, Python, clock, calendar: a line each."""
    from intake.checkup import checkup  # noqa: PLC0415

    settings = settings_of(ctx)
    clock = clock_of(ctx, settings.calendar.timezone)
    with clock_told_in(settings.calendar.timezone, clock):
        lines = checkup(settings, clock)
    if as_json:
        out(
            {
                "schema": "cchc.check/1",
                "ok": all(line.ok for line in lines),
                "lines": [{"what": x.what, "ok": x.ok, "warning": x.warning, "said": x.said} for x in lines],
            }
        )
    else:
        for line in lines:
            click.echo(
                f"{'OK  ' if line.ok and not line.warning else 'WARN' if line.ok else 'BAD '} {line.what}: {line.said}"
            )
    return DONE if all(line.ok for line in lines) else PERSON_NEEDED


@click.command("backup")
@click.argument("file", type=NEW_FILE)
@json_option
@click.pass_context
@verb
def backup_verb(ctx: click.Context, file: Path, as_json: bool) -> int:
    """Database, vault, configuration, roster file and the office's forms in one file, with a hash for each table."""
    from storage.backup import backup  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=False) as desk, named_file(file):
        manifest = backup(desk.ledger.engine, desk.vault, file, _own_files(desk.settings))
    if as_json:
        out({"schema": "cchc.backup/1", "file": str(file), **manifest})
    else:
        rows = sum(table["rows"] for table in manifest["tables"].values())
        click.echo(f"{file}: {rows} rows in {len(manifest['tables'])} tables, {manifest['vault']} files of the vault")
    return DONE


def _own_files(settings: Settings) -> list[Path]:
    """What the office wrote itself; passwords stand elsewhere."""
    forms = sorted(settings.forms_folder.glob("*.toml")) if settings.forms_folder else []
    return [path for path in (settings.path, settings.roster_file, *forms) if path and path.is_file()]


@click.command("restore")
@click.argument("file", type=GIVEN_FILE)
@json_option
@click.pass_context
@verb
def restore_verb(ctx: click.Context, file: Path, as_json: bool) -> int:
    """Put a backup into an empty database and vault; noted in the log. The files of the office are laid beside, in restored/."""
    from intake.wiring import operator  # noqa: PLC0415
    from storage.backup import restore  # noqa: PLC0415
    from storage.vault import Vault  # noqa: PLC0415

    settings = settings_of(ctx)
    clock = clock_of(ctx, settings.calendar.timezone)
    beside = settings.path.parent / "restored"
    beside.mkdir(exist_ok=True)
    vault = Vault(settings.storage.vault)
    with vault.lock(), named_file(file):
        entry = restore(
            file, settings.storage.url, vault, clock.now(), clock=clock.kind, actor=operator(), files_to=beside
        )
    if as_json:
        out({"schema": "cchc.restore/1", "seq": entry.seq, "hash": entry.hash, "files": str(beside)})
    else:
        click.echo(f"restored; log entry {entry.seq}; configuration, roster and forms as they were: {beside}")
    return DONE
