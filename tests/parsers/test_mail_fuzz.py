"""No bytes at all make opening raise, and nothing takes long (faults F32)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.mail import open_head, open_mail
from parsers.values import Envelope

CORPUS = Path(__file__).parent.parent / "corpus"
SEEDS = [path.read_bytes()[:20_000] for path in sorted(CORPUS.glob("mails/*/*"))[::3]]
SPICE = [
    b"\r\n",
    b"\n\n",
    b"\0",
    b"\xff\xfe",
    b"--",
    b"boundary=",
    b'"',
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"=?utf-8?B?////?=",
    b"From: a@b (",
    b"charset=unicode_escape",
    b"filename*0*=utf-16''%ff",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real mail with a few pieces cut out, doubled or replaced."""
    raw = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        end = min(len(raw), at + draw(st.integers(0, 200)))
        raw = raw[:at] + draw(st.one_of(st.sampled_from(SPICE), st.binary(max_size=20))) + raw[end:]
    return raw


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(mutated())
def test_a_mutated_mail_always_opens(raw: bytes):
    envelope = open_mail(raw)
    assert isinstance(envelope, Envelope)
    for text in (envelope.subject, envelope.text, envelope.html, *(leaf.name for leaf in envelope.leaves)):
        assert "\0" not in text
        text.encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_open(raw: bytes):
    assert open_mail(raw).reason in (None, "mime_defect")
    assert open_head(raw).leaves == ()


HEAD = b"From: a@b.example\r\nSubject: x\r\n"
MIXED = HEAD + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
MARKS = "\u0315\u0323".encode()  # marks that composing has to sort: quadratic where nobody counts them
PART = b"--x\r\nContent-Type: text/plain; name=a.txt\r\n\r\nhi\r\n"


def hidden(depth: int) -> bytes:
    """Nesting by boundaries in sections, which no survey by pattern can see."""
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary*0="b%d"; boundary*1="x"\r\n\r\n--b%dx\r\n' % (n, n)
        for n in range(depth)
    )
    return HEAD + opened + b"Content-Type: text/plain\r\n\r\nhi\r\n"


def nested(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + opened + b"Content-Type: text/plain\r\n\r\nhi\r\n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (MIXED + PART * 20_000 + b"--x--\r\n", "too_many_parts"),
        (
            HEAD + b'Content-Type: multipart/mixed; boundary*0="x"; boundary*1="y"\r\n\r\n' + b"--xy\r\n\r\n" * 21_000,
            "too_many_parts",
        ),
        (HEAD + b"To: " + b", ".join(b"u%d@b.example" % n for n in range(10_000)) + b"\r\n\r\nhi", None),
        (b"From: " + b", ".join(b"u%d@b.example" % n for n in range(10_000)) + b"\r\n\r\nhi", None),
        (HEAD + b"Received: from a by b; x\r\n" * 10_000 + b"\r\nhi", None),
        (b'From: "' + b'\\"' * 30_000 + b" <a@b.example>\r\n\r\nhi", None),
        (b"From: a" + b" " * 100_000 + b"@b.example\r\nTo: " + b"(" * 100_000 + b"\r\n\r\nhi", None),
        (b"Content-Type: text/plain" + b';a="\\"' * 10_000 + b"\r\n\r\nhi", None),
        (HEAD + b"Subject: " + b"=?utf-8?b?" * 20_000 + b"\r\n\r\nhi", None),
        (hidden(30), "mime_too_deep"),
        (hidden(3_000), "mime_too_deep"),
        (HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + MARKS * 200_000, None),
        (b"Subject: " + MARKS * 10_000 + b"\r\nTo: " + MARKS * 10_000 + b" <a@b.example>\r\n\r\nhi", None),
        (nested(25), "mime_too_deep"),
        (nested(3_000), "mime_too_deep"),
        (b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * 3_000, "mime_too_deep"),
        (MIXED + b"--x\r\nContent-Disposition: attachment" + b';a="\\"' * 200_000 + b"\r\n\r\nhi\r\n--x--", None),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_floods_are_opened_in_bounded_time(raw: bytes, reason: str | None):
    start = time.process_time()
    envelope = open_mail(raw)
    assert time.process_time() - start < 5
    assert envelope.reason == reason
    assert len(envelope.leaves) <= 200
    assert len(envelope.from_addresses) <= 20
