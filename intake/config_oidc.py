"""[web.oidc]: the identity provider people of the console may sign in through.

Rules: issuer and our own address are https, plain http on loopback only; the secret comes from the environment or a file; at least one
value of the claim is mapped to a role, else nobody could come in; the library that checks what the provider signs is an extra.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from intake import config_values as read
from intake.config_table import Table
from intake.settings import OidcSettings, Secret

ROLES = ("auditor", "secretary", "lead", "operator")
BACK = "/login/oidc/back"
_ISSUER = "the issuer as the provider writes it, https://login.example/realm"
_REDIRECT = f"the console's own address with {BACK} behind it, https://cchc.example{BACK}"


def read_oidc(table: Table, secrets: Any) -> OidcSettings:
    """The table; every mistake is noted in it."""
    if find_spec("joserfc") is None:
        table.problem("issuer", "needs the extra: pip install 'cchc-intake[oidc]'")
    mapped = table.table("roles")
    nobody: tuple[str, ...] = ()
    roles = {role: mapped.take(role, read.several(read.words), nobody) for role in ROLES}
    mapped.done()
    if not any(roles.values()):
        table.problem(
            "roles",
            'expected for some role the values of the claim, such as lead = ["cchc-lead"]: nobody could come in',
        )
    named = any(key in table for key in ("client_secret_env", "client_secret_file", "client_secret"))
    settings = OidcSettings(
        issuer=table.need("issuer", _address(_ISSUER, ""), "", _ISSUER),
        client_id=table.need("client_id", read.words, "", "the client's id, as the provider gave it"),
        client_secret=secrets.named(table, "client_secret", needed=True) if named else Secret(),
        redirect=table.need("redirect", _address(_REDIRECT, BACK), "", _REDIRECT),
        scope=table.take("scope", read.words, "openid profile email"),
        claim=table.take("claim", read.words, "roles"),
        roles=roles,
    )
    table.done()
    return settings


def _address(expected: str, ending: str) -> Callable[[Any], str]:
    return read.web_address(expected, lambda parts: not parts.query and parts.path.endswith(ending))
