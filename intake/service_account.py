"""A service account's signed word instead of a password (RFC 7523): what Google Workspace has in place of client credentials.

Rules:

1. The key is the JSON file the provider gave (``client_email``, ``private_key``, ``private_key_id``); it stays a secret of the operator.
2. The assertion is signed RS256, for one account (``subject``), one endpoint and ten minutes; its scope is the configured one.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = timedelta(minutes=10)


class BadKey(ValueError):
    """This is no key of a service account; the message holds nothing of it."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A service account's key."""

    account: str  # its address: x@project.iam.gserviceaccount.com
    number: str  # of the key, "" when not told
    key: Any = field(repr=False)  # private, RSA


def read_key(text: str) -> ServiceKey:
    """The key out of the provider's JSON; raises ``BadKey``."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only those who use it pay for it
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        told = json.loads(text)
        key = load_pem_private_key(str(told["private_key"]).encode(), password=None)
        found = ServiceKey(str(told["client_email"]), str(told.get("private_key_id", "")), key)
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        raise BadKey("expected the JSON key of a service account, with client_email and private_key") from None
    if not isinstance(key, RSAPrivateKey):
        raise BadKey("expected an RSA key")
    return found


def assertion(key: ServiceKey, subject: str, scope: str, token_url: str, now: datetime) -> str:
    """The signed word: this account asks for a token to act for ``subject``."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    head = {"alg": "RS256", "typ": "JWT", **({"kid": key.number} if key.number else {})}
    claims = {
        "iss": key.account,
        "sub": subject,
        "scope": scope,
        "aud": token_url,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
    }
    signed = f"{_part(head)}.{_part(claims)}"
    return f"{signed}.{_coded(key.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _part(value: dict[str, Any]) -> str:
    return _coded(json.dumps(value, separators=(",", ":")).encode())


def _coded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
