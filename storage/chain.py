"""The hash chain of the intake log: pure text in, hashes out (architecture, promise 7).

Rules: an entry's hash is the sha256 of the canonical JSON of its fixed fields, the hash before it included; the payload
takes part only by its salted sha256, so that erasing a payload leaves the chain whole; moments are hashed as their text
``2017-07-21T03:00:00.000000Z``, the same in every database. Canonical JSON: keys sorted, no blanks, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

GENESIS = "0" * 64  # what the first entry holds as the hash before it
FIXED = ("prev", "seq", "at", "clock", "kind", "actor", "subject", "payload_sha256")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII).fullmatch  # what ``moment_text`` writes
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL is refused by PostgreSQL, lone surrogates by UTF-8


def moment_text(moment: datetime) -> str:
    """UTC text of an aware moment, microseconds always written; ValueError for a naive one.

    >>> moment_text(datetime(2017, 7, 21, 3, 0, tzinfo=UTC))
    '2017-07-21T03:00:00.000000Z'
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"naive datetime refused: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def moment_of(text: str) -> datetime:
    """The moment written by ``moment_text``; ValueError for any other spelling."""
    if not _MOMENT(text):
        raise ValueError(f"not a stored moment: {text!r}")
    return datetime.fromisoformat(text)


def clean(text: str) -> str:
    """The text without NUL and lone surrogates, which no database keeps."""
    return _UNSTORABLE.sub("", text)


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"not storable as JSON: {type(value).__name__}")


_WRITTEN = json.JSONEncoder(  # made once: ``json.dumps`` makes one for every call
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain, allow_nan=False
).encode


def canonical(value: object) -> str:
    """Canonical JSON of a plain value; moments and dates become text, NUL and surrogates vanish."""
    text = _WRITTEN(value)
    return _WRITTEN(_scrubbed(json.loads(text))) if "\\u0000" in text or _UNSTORABLE.search(text) else text


def _scrubbed(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _scrubbed(item) for key, item in value.items()}
    return value


def sha256_text(text: str) -> str:
    """Hex sha256 of the UTF-8 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def payload_hash(salt: str, payload: str) -> str:
    """What the chain holds of a payload: without the salt an erased one cannot be guessed from its hash."""
    return sha256_text(f"{salt}\n{payload}")


def entry_hash(fields: Mapping[str, object]) -> str:
    """The hash of an entry from its fixed fields, ``at`` as text; other keys are ignored."""
    return sha256_text(canonical({name: fields[name] for name in FIXED}))
