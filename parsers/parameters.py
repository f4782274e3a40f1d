"""Content-Type and Content-Disposition with their parameters, as senders really write them.

Rules:

1. RFC 2231 names (``filename*0*=utf-8''B%C3%A1o``) are put together in order and decoded.
2. Otherwise encoded words inside the value are decoded (Outlook), and raw 8-bit bytes are taken as UTF-8 or guessed.
3. The first value of a parameter counts; the extended form wins over the plain one (RFC 6266 4.3).
4. A name is a label: no path separators, no control characters, NFC, at most 255 characters with its extension kept.
"""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import unquote_to_bytes

from parsers import limits
from parsers.charset import decode
from parsers.headers import Field, one_line, words

_PARAMETER = re.compile(
    r""";\s*([A-Za-z0-9!#$%&'*+\-.^_`|~]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"|"[^;]*|[^;]*)""", re.DOTALL
)
_SECTION = re.compile(r"([a-z0-9!#$&+\-.^_`|~]+)\*(\d{1,3})?(\*)?")
_SEPARATORS = re.compile(r"[\\/:]+")
_PARAMETERS_MAX = 100  # parameters of one field; a name of 5,000 characters in sections of 78 has 64
_SEARCHED = 64 * limits.KIB  # bytes of one field looked at; a name of 5,000 characters is cut, not refused


def parameters(field: Field | None) -> tuple[str, dict[str, str]]:
    """The field's main value in lower case and its parameters, names in lower case."""
    if field is None:
        return "", {}
    text = re.sub(r"[\r\n]+[ \t]*", " ", decode(field.raw[:_SEARCHED])[0])
    main = one_line(text.split(";", 1)[0], limits.NAME_MAX).strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in islice(_PARAMETER.finditer(text), _PARAMETERS_MAX):
        name, value = match[1].lower(), _value(match[2].strip())
        section = _SECTION.fullmatch(name)
        if section:
            extended = section[3] is not None or section[2] is None
            pieces.setdefault(section[1], {}).setdefault(int(section[2] or 0), (value, extended))
        else:
            plain.setdefault(name, words(value) if name in ("name", "filename") else value)
    return main, plain | {name: _joined(found) for name, found in pieces.items()}


def _value(text: str) -> str:
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1] if text.endswith('"') and len(text) > 1 else text[1:])
    return text


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """The sections of an RFC 2231 value in order; only the first carries the charset."""
    charset, data = "", b""
    for n, (value, extended) in sorted(pieces.items()):
        text = value
        if n == 0 and extended and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return decode(data, charset)[0]


def label(name: str) -> str:
    """A given name as a label to show: never usable as a path, at most 255 characters, extension kept."""
    clean = _SEPARATORS.sub("_", one_line(name, limits.HEADER_VALUE_MAX)).lstrip("._ ").rstrip(" ")
    if len(clean) <= limits.NAME_MAX:
        return clean
    stem, dot, extension = clean.rpartition(".")
    if dot and len(extension) <= 10:
        return stem[: limits.NAME_MAX - len(extension) - 1] + dot + extension
    return clean[: limits.NAME_MAX]
