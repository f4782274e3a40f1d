"""Signed envelopes (p7m, p7s; RFC 5652): the file or mail inside, and the names of those who signed.

Rules:

1. Only unwrapped: nothing here says a signature is good, and the finding says that it was not verified.
2. An envelope without content is a signature that stands beside its file (``p7s``): it has no members.
3. What was enciphered for somebody else is ``encrypted``.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from asn1crypto import cms

from parsers.archive import Member, Opened, label_of
from parsers.findings import finding
from parsers.headers import one_line
from parsers.readers.budget import Budget
from parsers.readers.errors import Unreadable
from parsers.values import Finding

_PEM = re.compile(rb"-----BEGIN (?:PKCS7|CMS)-----\s+([A-Za-z0-9+/=\s]+?)-----END")
_SEALED = re.compile(r"\.(?:p7m|p7s|p7b|p7c)\Z", re.IGNORECASE)
_MAIL = re.compile(rb"\A\s*(?:[A-Za-z0-9-]{1,60}:[^\r\n]*\r?\n[ \t]*)*?(?:content-type|mime-version):", re.IGNORECASE)
_NAME_MAX = 120  # characters of one signer's name shown
_SIGNERS_MAX = 10  # signers named
_FAULTS = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, NotImplementedError)


def unwrap(data: bytes, name: str, budget: Budget) -> Opened:
    """What was signed; raises ``Unreadable``."""
    if found := _PEM.match(data):
        data = b64decode(found[1])
    try:
        info = cms.ContentInfo.load(data)
        kind = info["content_type"].native
        if kind in ("enveloped_data", "encrypted_data", "authenticated_enveloped_data", "signed_and_enveloped_data"):
            raise Unreadable("encrypted", kind)
        if kind != "signed_data":
            raise Unreadable("unsupported_type", str(kind))
        signed = info["content"]
        inside = signed["encap_content_info"]["content"].native
        findings = tuple(_signers(signed))
    except _FAULTS as error:
        raise Unreadable("corrupt", f"signed envelope: {error}") from error
    if not isinstance(inside, bytes) or not inside:
        return Opened((), findings)
    budget.take(len(inside))
    label, told = label_of(_SEALED.sub("", name) or "unnamed")
    declared = "message/rfc822" if _MAIL.match(inside) else "application/octet-stream"
    return Opened((Member(label.rpartition("/")[2], label, inside, None, told, declared=declared),), findings)


def _signers(signed: Any) -> list[Finding]:
    """The names in the certificates of those who signed, in their order."""
    certificates = [one.chosen for one in signed["certificates"] or () if one.name == "certificate"]
    found: list[Finding] = []
    for signer in list(signed["signer_infos"])[:_SIGNERS_MAX]:
        chosen = signer["sid"].chosen
        number = chosen["serial_number"].native if signer["sid"].name == "issuer_and_serial_number" else None
        key = chosen.native if number is None else None
        for certificate in certificates:
            if certificate.serial_number == number or (key and certificate.key_identifier == key):
                stated = certificate.subject.native
                name = stated.get("common_name") or stated.get("organization_name") or ""
                name = "; ".join(name) if isinstance(name, list) else str(name)
                found.append(finding("signed_by", name=one_line(name, _NAME_MAX)))
                break
    return found
