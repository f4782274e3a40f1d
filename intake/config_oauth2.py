"""[mailbox.oauth2] and [smtp.oauth2]: how tokens are had instead of a password.

Rules: a provider of ``oauth2_providers.toml`` fills in what is not said; secrets come from the environment or a file, never from
config.toml; the token endpoint is https, plain http on loopback only.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, get_args

from intake import config_values as read
from intake.config_table import Table
from intake.service_account import BadKey, read_key
from intake.settings import Grant, Mechanism, OAuth2Settings, Secret

GRANTS: tuple[Grant, ...] = get_args(Grant)
MECHANISMS: tuple[Mechanism, ...] = get_args(Mechanism)


@cache
def providers() -> dict[str, Any]:
    """What is known of public providers."""
    return tomllib.loads(Path(__file__).with_name("oauth2_providers.toml").read_text(encoding="utf-8"))


def read_oauth2(table: Table, base: Path, secrets: Any, use: str) -> OAuth2Settings:
    """``use``: "mailbox" or "smtp". ``secrets``: where secrets come from (``config``)."""
    preset = providers().get(table.take("provider", read.one_of(*providers()), ""), {})
    grant: Grant = table.take("grant", read.one_of(*(preset.get("grants") or GRANTS)), "refresh_token")
    tenant = table.take("tenant", read.words, "")
    known = preset.get("token_url", "")
    if "{tenant}" in known and not tenant:
        table.problem("tenant", "expected the tenant's id or domain beside provider, but it is missing")
    url = known.replace("{tenant}", tenant)
    where = table.take("token_url", _ENDPOINT, url) if url else table.need("token_url", _ENDPOINT, "", _EXAMPLE)
    service = grant == "service_account"
    settings = OAuth2Settings(
        token_url=where,
        grant=grant,
        client_id=""
        if service
        else table.need("client_id", read.words, "", "the client's id, as the provider gave it"),
        client_secret=secrets.named(table, "client_secret", needed=grant == "client_credentials"),
        refresh_token=secrets.named(table, "refresh_token", needed=True)
        if grant == "refresh_token"
        else Secret(None, f"{table.path}.refresh_token_file: only with grant = refresh_token"),
        scope=table.take("scope", read.text, preset.get("scope", {}).get(grant, {}).get(use, "")),
        mechanism=table.take("mechanism", read.one_of(*MECHANISMS), preset.get("mechanism", "XOAUTH2")),
        token_file=table.take("token_file", read.path(base), base / "var" / f"{use}.oauth2.json"),
        service_key=secrets.named(table, "service_key", needed=True)
        if service
        else Secret(None, f"{table.path}.service_key_file: only with grant = service_account"),
        subject=table.need("subject", read.words, "", "the mailbox's address") if service else "",
    )
    if settings.service_key.value:
        _check_key(table, settings.service_key.value)
    table.done()
    return settings


def _check_key(table: Table, text: str) -> None:
    try:
        read_key(text)
    except BadKey as error:
        table.problem("service_key_file", str(error))


_EXAMPLE = "the token endpoint, https://login.example/token, or a provider"

_ENDPOINT = read.web_address(_EXAMPLE)
