"""Address fields read strictly, so that nothing written in From can hide from the rules.

``email.utils.parseaddr`` of Python 3.11 may be made to return an address out of a comment (CVE-2023-27043), and shows one
address where there are two. Rules here (RFC 5322 3.4, read from the sender's side with suspicion):

1. Commas, groups, comments, quoted strings and angle brackets are told apart before any encoded word is decoded.
2. The address of an item stands in its angle brackets, else bare. A quoted display name never yields an address.
3. An address written unquoted beside the brackets, or inside a comment, is given as well when it differs: whoever reads
   the result sees two addresses and may say "ambiguous".
4. A domain that only looks like letters of ours (full-width, a Kelvin sign) never becomes them: such a label is shown as
   punycode, as any other that is not ASCII.
5. An empty group yields nothing; an item without a usable address keeps its text as the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers import limits
from parsers.charset import decode
from parsers.headers import Field, one_line, words
from parsers.values import Address

_TOKEN = re.compile(
    r"""(?P<word>=\?[^?\s]{1,80}\?[bBqQ]\?[^?\r\n]*\?=)
      | (?P<quoted>"(?:[^"\\]|\\.){0,300}")
      | (?P<angle><[^<>]*>)
      | (?P<special>[,;:()])
      | (?P<text>[^,;:()<>"=]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_LOCAL = r"""(?:[^\s<>()\[\],;:@"\\]+|"(?:[^"\\]|\\.)*")"""
_ADDRESS = re.compile(rf"""{_LOCAL}@(?:[^\s<>()\[\],;:@"\\]+|\[[0-9A-Za-z:.]+\])""")
_RUN = re.compile(r"[^\s<>()\[\],;]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,300}"(?!@)')
_ROUTE = re.compile(r"^\s*@[^:]*:")
_AROUND = re.compile(" ?([@.]) ?")
_PASSING_FOR_ASCII = re.compile("\u212a|\u037e|\u1fef".encode())  # Unicode's normal form makes them K, ; and `
_FIELD_MAX = 64 * limits.KIB  # bytes of one address field looked at: 500 addresses with long names


def read_addresses(fields: tuple[Field, ...], limit: int) -> tuple[Address, ...]:
    """The addresses of these fields in order, each address once, at most ``limit``."""
    found = _read(fields, limit)
    usable = tuple(address for address in found if address.address)
    return usable or found[:1]  # an unquoted comma in a name is a slip, not a second sender


def _read(fields: tuple[Field, ...], limit: int) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for field in fields:
        raw = _PASSING_FOR_ASCII.sub("\ufffd".encode(), field.raw[:_FIELD_MAX])
        text = one_line(decode(raw)[0], _FIELD_MAX)
        for item in _items(text):
            for address in _of_item(item):
                key = address.address.casefold() or f"name {address.name}"
                if key not in found:
                    found[key] = address
                if len(found) >= limit:
                    return tuple(found.values())
    return tuple(found.values())


class _Item:
    """One comma-separated entry, its kinds of text kept apart."""

    __slots__ = ("angles", "bare", "comments", "named")

    def __init__(self) -> None:
        self.angles: list[str] = []
        self.bare: list[str] = []  # unquoted text; quoted strings too, they may be a local part
        self.comments: list[str] = []
        self.named: list[str] = []  # what may be shown as the name

    def __bool__(self) -> bool:
        return bool(self.angles or self.comments or "".join(self.bare).strip())


def _items(text: str) -> Iterator[_Item]:
    item = _Item()
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:  # pragma: no cover - the last alternative matches any character
            break
        kind, piece = str(match.lastgroup), match[0]
        at = match.end()
        if piece == "(":
            comment, at = _comment(text, at)
            item.comments.append(comment)
        elif kind == "special" and piece in ",;":
            if item:
                yield item
            item = _Item()
        elif kind == "special" and piece == ":":
            item = _Item()  # what stood before was the name of a group
        elif kind == "angle":
            item.angles.append(piece[1:-1])
        else:
            item.bare.append(piece if kind != "word" else " ")
            item.named.append(words(piece) if kind == "word" else _unquoted(piece) if kind == "quoted" else piece)
    if item:
        yield item


def _comment(text: str, at: int) -> tuple[str, int]:
    """The comment that begins at ``at`` (after its bracket) and where it ends; one never closed ends with the field."""
    depth, start = 1, at
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0:
                return text[start:at], at + 1
        at += 1
    return text[start:], len(text)


def _of_item(item: _Item) -> list[Address]:
    bare = "".join(item.bare)
    strays = _runs(bare, quoted=False) + [run for text in item.comments for run in _runs(text)]
    name = one_line(words(" ".join("".join(item.named).split())), limits.NAME_MAX)
    comment = one_line(words(" ".join(item.comments)), limits.NAME_MAX)
    if item.angles:
        inside = [_clean(text) for text in item.angles]
        found = [Address(name or comment, address) for address in inside if address]
        return (found or [Address(name or comment, "")]) + [Address("", stray) for stray in strays]
    whole = _clean(bare)
    if whole:
        return [Address(comment, whole)] + [Address("", stray) for stray in strays]
    return [Address("", stray) for stray in strays] or [Address(name or comment, "")]


def _runs(text: str, *, quoted: bool = True) -> list[str]:
    """Whatever looks like an address in free text; text in quotes only counts inside comments."""
    if not quoted:
        text = _QUOTED.sub(" ", text)
    return [address for run in _RUN.findall(text) if "@" in run and (address := _clean(run))]


def _clean(text: str) -> str:
    """local@domain with its domain in lower case (punycode when not ASCII), "" when it is not exactly one address."""
    text = _AROUND.sub(r"\1", " ".join(_ROUTE.sub("", text).split()))
    if not _ADDRESS.fullmatch(text) or len(text) > limits.NAME_MAX * 2:
        return ""
    local, _, domain = text.rpartition("@")
    labels = [_label(label) for label in domain.rstrip(".").split(".")]
    return f"{local}@{'.'.join(labels)}" if all(labels) and len(domain) < limits.NAME_MAX else ""


def _label(label: str) -> str:
    """A label of a domain in lower case; one that is not ASCII as punycode, also where IDNA would make it ASCII letters."""
    if label.isascii():
        return label.lower()
    try:
        ascii_label = label.encode("idna").decode("ascii").lower()
        plain = ascii_label if ascii_label.startswith("xn--") else f"xn--{label.encode('punycode').decode('ascii')}"
    except UnicodeError:
        return ""
    return plain if "." not in plain else ""


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])
