"""Signing in through the province's identity provider, where ``[web.oidc]`` names one (``intake.web.oidc``)."""

from __future__ import annotations

import secrets

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from intake.asking import NotFound
from intake.web import access
from intake.web.access import console_of
from intake.web.oidc import Identity, Provider, Refused
from intake.web.routes.sign_in import inside, set_cookie, signed_in_as
from storage.ledger import Tx
from storage.read_accounts import Account

LOG = structlog.get_logger()
router = APIRouter()
COOKIE = "cchc_oidc"


def provider_of(request: Request) -> Provider:
    """The configured provider. Raises ``NotFound`` where there is none."""
    settings = console_of(request).desk.settings.web.oidc
    if settings is None:
        raise NotFound("oidc")
    found: Provider | None = getattr(request.app.state, "oidc", None)
    if found is None or found.settings is not settings:
        found = request.app.state.oidc = Provider(settings)
    return found


@router.get("/login/oidc")
def leave(request: Request, to: str = "/") -> Response:
    """To the provider."""
    provider = provider_of(request)
    try:
        state, address = provider.leave(inside(to), console_of(request).now())
    except Refused as refused:
        return _said(request, refused)
    answer = RedirectResponse(address, 303)
    set_cookie(request, answer, COOKIE, state, 600)
    return answer


@router.get("/login/oidc/back")
def arrive(request: Request) -> Response:
    """Back from it."""
    provider, console = provider_of(request), console_of(request)
    try:
        who, to = provider.arrive(request.query_params, request.cookies.get(COOKIE, ""), console.now())
        with console.write() as tx:
            account = account_for(tx, who)
        if account.disabled:
            raise Refused("disabled")  # noqa: TRY301 - the same way as what the provider refuses
    except Refused as refused:
        return _said(request, refused)
    answer = signed_in_as(request, account, to)
    answer.delete_cookie(COOKIE)
    return answer


def account_for(tx: Tx, who: Identity) -> Account:
    """The account of a subject, made at the first sign-in, with the role the provider gives now."""
    account = tx.account_of_subject(who.subject)
    if account is None:
        name = f"sso-{access.token_hash(who.subject)[:12]}"
        nobodys = access.hashed(secrets.token_urlsafe(32))  # no password opens it
        return tx.add_account(name, who.shown, who.role, nobodys, subject=who.subject)
    if account.role != who.role and not account.disabled:
        return tx.change_account(account, "role", role=who.role)
    return account


def _said(request: Request, refused: Refused) -> Response:
    """The form again, with a word; why stands in the service's log, and in the intake log once the provider has spoken."""
    LOG.warning("somebody was not let in by the identity provider", why=str(refused))
    if not refused.strange:
        with console_of(request).write() as tx:
            tx.sign_in_failed("", access.address_of(request), f"oidc: {refused}")
    answer = RedirectResponse("/login?said=oidc", 303)
    answer.delete_cookie(COOKIE)
    return answer
