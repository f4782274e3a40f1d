"""Steps 3 and 4: raw bytes → Envelope → parts → MailReading, each in the confined worker."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from parsers import limits
from parsers.assemble import assemble
from parsers.box import Box
from parsers.form import FormSet
from parsers.mail import open_head
from parsers.values import MailReading


def read_mail(box: Box, forms: FormSet, raw: bytes, received: date | None, as_form: str | None = None) -> MailReading:
    """Read one mail whole. Raises ``BoxFailure`` when the mail cannot even be opened, twice running."""
    if len(raw) > limits.MAIL_MAX:
        return headers_only(raw[: limits.HEADER_BYTES_MAX])
    envelope, parts = box.read_mail(raw, received, as_form)
    return assemble(envelope, parts, forms)


def read_stored(box: Box, forms: FormSet, path: Path, received: date | None) -> MailReading:
    """Read a mail of the vault; of one over the cap only the headers are ever loaded."""
    if path.stat().st_size > limits.MAIL_MAX:
        with path.open("rb") as file:
            return headers_only(file.read(limits.HEADER_BYTES_MAX))
    return read_mail(box, forms, path.read_bytes(), received)


def headers_only(head: bytes) -> MailReading:
    """A mail over the cap: who sent it and what it is about, nothing of its parts."""
    return MailReading(open_head(head), (), "refused", "too_large")
