"""Verbs of the console: serve, user; and the console beside the service."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from intake.cli.common import DONE, UNREACHABLE, Mistake, desk_of, json_option, out, table, verb

if TYPE_CHECKING:
    from intake.desk import Desk
    from intake.service import Door

ROLES = ("auditor", "secretary", "lead", "operator")


@contextmanager
def beside(desk: Desk, door: Door) -> Iterator[None]:
    """The console in a thread of the service, where the configuration wants one. Mails read again go through the door."""
    from intake.service import AGAIN  # noqa: PLC0415

    web = desk.settings.web
    if not web.enabled:
        yield
        return
    from intake.web.server import Running, console_of  # noqa: PLC0415
    from intake.wiring import open_reader_ledger  # noqa: PLC0415

    with open_reader_ledger(desk.settings) as reader:
        running = Running(console_of(desk, reader, lambda mail: door.knock(f"{AGAIN}{mail}")), web.host, web.port)
        running.start()
        try:
            yield
        finally:
            running.stop()


@click.command("serve")
@json_option
@click.pass_context
@verb
def serve_verb(ctx: click.Context, as_json: bool) -> int:
    """The web console alone, until SIGTERM or SIGINT; [web].listen says where."""
    from intake.web.server import Rereader, console_of, serve_until_told  # noqa: PLC0415
    from intake.wiring import open_reader_ledger  # noqa: PLC0415

    with desk_of(ctx, lock=False, worker=True, roster=False) as desk:
        web = desk.settings.web
        if not web.host:
            raise Mistake("web.listen: expected host:port such as 127.0.0.1:8017, got '': there is no console")
        with open_reader_ledger(desk.settings) as reader:
            with desk.ledger.read() as q:
                if not q.accounts():
                    click.echo("nobody can sign in yet: cchc user add NAME --role lead", err=True)
            click.echo(f"http://{web.host}:{web.port}/", err=True)
            try:
                serve_until_told(console_of(desk, reader, Rereader(desk)), web.host, web.port)
            except SystemExit as left:  # how uvicorn says that it could not listen
                if left.code:
                    return UNREACHABLE
    if as_json:
        out({"schema": "cchc.serve/1", "stopped": True})
    return DONE


@click.group("user")
def user_verb() -> None:
    """The console's accounts."""


stdin_option = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help="Take the password from standard input; else one is made and printed once.",
)


@user_verb.command("add")
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice(ROLES),
    help="auditor reads; secretary decides; lead is the second person and changes dues; operator sees no reports.",
)
@click.option("--shown", default="", help="The person's name as pages show it.")
@stdin_option
@json_option
@click.pass_context
@verb
def user_add(ctx: click.Context, name: str, role: str, shown: str, from_stdin: bool, as_json: bool) -> int:
    """Somebody new."""
    from intake.web.access import hashed  # noqa: PLC0415

    name = name.strip().lower()
    if not name or len(name) > 60 or not name.isprintable() or " " in name:
        raise Mistake(f"user add: expected a name without blanks, at most 60 characters, got {name!r}")
    password = _password(from_stdin)
    with desk_of(ctx, lock=False, worker=False, roster=False) as desk, desk.write(desk.clock.now()) as tx:
        if tx.account_named(name):
            raise Mistake(f"there is an account {name} already")
        account = tx.add_account(name, shown, role, hashed(password))
    _told(account, as_json, None if from_stdin else password)
    return DONE


@user_verb.command("list")
@json_option
@click.pass_context
@verb
def user_list(ctx: click.Context, as_json: bool) -> int:
    """Everybody, with role and state."""
    with desk_of(ctx, lock=False, worker=False, roster=False) as desk, desk.ledger.read() as q:
        accounts = [_plain(account) for account in q.accounts()]
    if as_json:
        out({"schema": "cchc.users/1", "users": accounts})
    else:
        table(["id", "name", "role", "shown", "state"], [[str(value) for value in a.values()] for a in accounts])
    return DONE


@user_verb.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let the account in again.")
@json_option
@click.pass_context
@verb
def user_disable(ctx: click.Context, name: str, undo: bool, as_json: bool) -> int:
    """Let somebody in no more; ends the sessions at once. The account stays, the log speaks of it."""
    return _changed(ctx, name, "enable" if undo else "disable", as_json, disabled=not undo)


@user_verb.command("reset")
@click.argument("name")
@click.option("--role", default=None, type=click.Choice(ROLES), help="Another role; the password stays.")
@stdin_option
@json_option
@click.pass_context
@verb
def user_reset(ctx: click.Context, name: str, role: str | None, from_stdin: bool, as_json: bool) -> int:
    """A new password, or another role; ends the sessions."""
    from intake.web.access import hashed  # noqa: PLC0415

    if role and not from_stdin:
        return _changed(ctx, name, "role", as_json, role=role)
    password = _password(from_stdin)
    fields: dict[str, Any] = {"password": hashed(password)} | ({"role": role} if role else {})
    return _changed(ctx, name, "password", as_json, shown_password=None if from_stdin else password, **fields)


def _changed(
    ctx: click.Context, name: str, what: str, as_json: bool, shown_password: str | None = None, **fields: Any
) -> int:
    with desk_of(ctx, lock=False, worker=False, roster=False) as desk, desk.write(desk.clock.now()) as tx:
        account = tx.account_named(name)
        if account is None:
            raise Mistake(f"there is no account {name}")
        account = tx.change_account(account, what, **fields)
    _told(account, as_json, shown_password)
    return DONE


def _password(from_stdin: bool) -> str:
    from intake.web.access import PASSWORD_LEAST  # noqa: PLC0415

    if not from_stdin:
        return secrets.token_urlsafe(12)
    password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < PASSWORD_LEAST:
        raise Mistake(f"--password-stdin: expected at least {PASSWORD_LEAST} characters")
    return password


def _told(account: Any, as_json: bool, password: str | None) -> None:
    said = _plain(account) | ({"password": password} if password else {})
    if as_json:
        out({"schema": "cchc.user/1", **said})
        return
    click.echo(", ".join(f"{key} {value}" for key, value in said.items() if value != ""))


def _plain(account: Any) -> dict[str, Any]:
    state = "disabled" if account.disabled else "enabled"
    return {"id": account.id, "name": account.name, "role": account.role, "shown": account.shown, "state": state}
