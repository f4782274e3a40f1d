"""Public test mails of other projects: opened without a crash, nothing lost, none mistaken for a report."""

from __future__ import annotations

import base64
import binascii
import email
import re
from email import policy
from pathlib import Path

import pytest

from parsers.assemble import assemble
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.part import read_part
from parsers.values import Envelope, Hints

CORPUS = Path(__file__).parent.parent / "corpus"
MAILS = sorted(path for path in CORPUS.glob("mails/*/*") if path.name != "SOURCE")
HOSTILE = sorted(CORPUS.glob("hostile/mail/*.eml"))
# The standard library takes the head of these for a body: a byte order mark before it, a blank before a field's colon.
HEAD_TAKEN_FOR_BODY = ("hdr_bom_raw8bit.eml", "spec__fixtures__emails__rfc2822__example13.eml")
FORMS = load_forms()


def parts_of_a_simple_walk(raw: bytes) -> list[bytes]:
    """The decoded leaves as the standard library alone finds them."""
    message = email.message_from_bytes(raw, policy=policy.default)
    found = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return [data for data in found if isinstance(data, bytes) and data.strip()]


def is_kept(data: bytes, leaves: list[bytes]) -> bool:
    """The bytes stand in a leaf: whole, or unwrapped from base64, or line by line where the library found no parts."""
    if any(data.strip() in leaf for leaf in leaves):
        return True
    try:
        if any(base64.b64decode(data, validate=False).strip() in leaf for leaf in leaves):
            return True
    except binascii.Error:
        pass
    lines = [line.strip() for line in data.splitlines() if not re.match(rb"--|content-|\s", line, re.IGNORECASE)]
    return all(any(line in leaf for leaf in leaves) for line in lines)


@pytest.mark.parametrize("path", MAILS + HOSTILE, ids=lambda path: path.name[-60:])
def test_every_leaf_an_independent_walk_finds_is_kept(path: Path):
    raw = path.read_bytes()
    envelope = open_mail(raw)
    leaves = [leaf.data for leaf in envelope.leaves]
    preamble = "This is a multi-part message"  # shown by no mail program
    lost = [data for data in parts_of_a_simple_walk(raw) if preamble.encode() not in data and not is_kept(data, leaves)]
    assert path.name in HEAD_TAKEN_FOR_BODY or not lost
    assert is_storable(envelope)


def is_storable(envelope: Envelope) -> bool:
    """Texts survive UTF-8 and hold no NUL; names are labels; paths are unique."""
    texts = [envelope.subject, envelope.text, envelope.html, *envelope.defects, envelope.return_path or ""]
    texts += [text for pair in envelope.headers for text in pair] + list(envelope.received)
    texts += [
        text for one in (*envelope.from_addresses, *envelope.to, *envelope.cc) for text in (one.name, one.address)
    ]
    texts += [leaf.name for leaf in envelope.leaves]
    assert all("\0" not in text and text.encode("utf-8") is not None for text in texts)
    assert all(len(leaf.name) <= 255 and not re.search(r"[/\\\r\n]", leaf.name) for leaf in envelope.leaves)
    paths = [leaf.path for leaf in envelope.leaves]
    assert len(paths) == len(set(paths))
    return True


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.name[-60:])
def test_no_public_mail_becomes_a_report(path: Path):
    envelope = open_mail(path.read_bytes())
    hints = Hints(envelope.subject, "", None)
    parts = [part for leaf in envelope.leaves for part in read_part(leaf, FORMS, hints)]
    reading = assemble(envelope, parts)
    assert not any(part.reports for part in parts)
    assert reading.outcome != "read"


def test_the_same_mail_opens_the_same_twice():
    for path in MAILS[::10]:
        raw = path.read_bytes()
        assert open_mail(raw) == open_mail(raw)
