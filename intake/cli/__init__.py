"""The command line: one thin function a verb. Heavy modules are imported inside verbs, so that ``--help`` answers at once.

Exit codes (contract): 0 done · 1 done, a person is needed · 2 usage or configuration · 3 outside world unreachable · 70 our bug.
"""

from __future__ import annotations

import importlib
import sys

import click

VERBS: dict[str, tuple[str, str]] = {
    "demo": (
        "setup",
        "A fortnight of reports on a private mail server and a simulated clock: the real service at work.",
    ),
    "init": ("setup", "Write config.toml, roster.csv and the forms into a folder, commented."),
    "check": ("setup", "Is everything in order? One line each: OK, or what is wrong and how to mend it."),
    "run": (
        "work",
        "The service: polls the mailbox, keeps the clock, sends letters. SIGTERM finishes the current mail and stops.",
    ),
    "poll": ("work", "One pass: fetch, read, judge, record, file away, send; then exit."),
    "tick": ("work", "Everything the clock owes now: openings, reminders, closings, digests. For cron instead of run."),
    "read": ("work", "Dry run: what would be understood of a mail or a document. Stores and sends nothing."),
    "retry": ("work", "Mails set aside, or waiting for a tool, go through again."),
    "replay": ("work", "Stored mails read again with today's forms; prints what differs."),
    "reconcile": ("work", "The server's mails against the ledger."),
    "status": ("state", "The completeness ledger, last good poll, outbox, mails set aside, next cutoffs, alarms."),
    "board": ("ask", "Every due of a period with its class."),
    "log": ("ask", "The intake log."),
    "show": ("one", "One mail or receipt: timeline, verdict, figures with evidence, letters."),
    "explain": ("one", "Every rule that fired on a mail, in order."),
    "review": ("ask", "What waits for a person."),
    "verify": ("state", "Recompute the log's chain, the vault's hashes and the letters against the log."),
    "export": ("export", "Consolidated figures of a period or a span: workbook, report in the official layout."),
    "calendar": ("ask", "Every cutoff of a year with its reason."),
    "decide": ("change", "A person's verdict on one mail or report."),
    "period": ("change", "Skip or move one period for everybody."),
    "due": ("change", "Change one due: waive, extend, not applicable, reopen, paper received."),
    "erase": ("erase", "Remove one raw mail or one payload for good; the chain still verifies."),
    "roster": ("roster", "The roster: list, diff, import."),
    "serve": ("console", "The web console alone."),
    "user": ("console", "The console's accounts: add, list, disable, reset."),
    "backup": ("setup", "Everything needed to carry on elsewhere, in one file."),
    "restore": ("setup", "Put a backup back into an empty place."),
}


class Verbs(click.Group):
    """A group whose verbs are imported only when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Verbs in the order of the day's work."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb itself, imported now."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"intake.cli.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_verb")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line each, from the table above: nothing is imported for ``--help``."""
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option(
    "-c", "config", type=click.Path(), default=None, help="Configuration; else $CCHC_CONFIG, else ./config.toml."
)
@click.option("--at", "at", default=None, metavar="T", help="Take T for now (without offset: the office's time zone).")
@click.version_option(package_name="cchc-intake", prog_name="cchc")
@click.pass_context
def cchc(ctx: click.Context, config: str | None, at: str | None) -> None:
    """Receive, read, judge and acknowledge the administrative-reform reports agencies send by e-mail."""
    ctx.obj = {"config": config, "at": at}


def main(argv: list[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    try:
        code = cchc.main(args=argv, prog_name="cchc", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as mistake:
        mistake.show(sys.stderr)
        return 2
    except click.Abort:
        return 130
    return code if isinstance(code, int) else 0
