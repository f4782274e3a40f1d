"""The tree of a mail: every leaf's bytes, every forwarded mail opened, nothing lost.

Rules:

1. The standard library finds the parts; embedded messages are kept sealed while it does, so that a base64-encoded
   message/rfc822 (no library opens one) and a plain one are opened the same way, and depth is ours to count.
2. Delimiters and nesting are counted before parsing (faults F32: quadratic on thousands of parts): too_many_parts,
   mime_too_deep.
3. A forwarded mail, declared or recognised by content, is opened in place: its leaves carry the way to them.
4. Content that stands where a mail program shows nothing (before the first or after the last boundary, or with no boundary
   found at all) and looks like a part is kept as a leaf, and the mail needs a person: mime_defect.
5. message/partial is never reassembled, message/external-body never fetched.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email.feedparser import BytesFeedParser
from email.message import Message

from parsers import limits
from parsers.addresses import read_addresses
from parsers.headers import Field, Head, decoded, legible, message_ids, moment, split_head
from parsers.parameters import label, parameters
from parsers.values import Inner

_EMBEDDED = frozenset({"message/rfc822", "message/global", "message/news"})
_ENVELOPED = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"  # the object identifier 1.2.840.113549.1.7.3, envelopedData
_BOUNDARY = re.compile(rb"(?i)boundary")
_BOUNDARY_VALUE = re.compile(rb"(?i)boundary(?:\*0?\*?)?\s{0,20}=\s{0,20}(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))")
_DELIMITER = re.compile(rb"(?m)^--([^\r\n]{1,210})")
_PART_FIELD = re.compile(rb"(?im)^content-(?:type|transfer-encoding|disposition)[ \t]*:")
_HEAD_KEPT = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version"}
)
_MAIL_FIELDS = frozenset(
    {"from", "to", "date", "subject", "message-id", "received", "return-path", "mime-version", "reply-to", "cc"}
)


class _Sealed(Message):
    """A message whose type and boundary we read ourselves, and whose embedded messages stay opaque while it is parsed.

    The library's own readers of these fields take quadratic time on long ones and raise on odd ones.
    """

    def get_content_type(self) -> str:
        """The declared type; an embedded message or delivery status is opaque, so that the library leaves it alone."""
        kind = declared_type(self)[0]
        return "application/octet-stream" if kind.startswith("message/") else kind

    def get_content_maintype(self) -> str:
        """The main type of the same."""
        return self.get_content_type().partition("/")[0]

    def wire(self) -> bytes:
        """The payload as it stood, undecoded; the library's own way stumbles over a charset in RFC 2231 form."""
        payload: object = getattr(self, "_payload", None)
        return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""

    def get_boundary(self, failobj: object = None) -> object:  # type: ignore[override]
        """The boundary as the lines of the body have it: ASCII with escaped bytes."""
        boundary = declared_type(self)[1].get("boundary", "").rstrip()
        return boundary.encode().decode("ascii", "surrogateescape") if boundary else failobj


def declared_type(message: Message) -> tuple[str, dict[str, str]]:
    """The type a part declares, with its parameters; what the context implies when it declares none."""
    kind, given = parameters(_field(message, "content-type"))
    if not kind:
        return message.get_default_type(), given
    return (kind if kind.count("/") == 1 else "text/plain"), given


def _field(message: Message, name: str) -> Field | None:
    """The first field of that name as bytes."""
    values = (value for key, value in message.raw_items() if key.lower() == name)
    return next((Field(name, _raw(value)) for value in values), None)


@dataclass(frozen=True, slots=True)
class Found:
    """One leaf as it was found; its role is decided when the whole tree is known."""

    path: tuple[str, ...]
    name: str  # label, "" when none was given
    declared_type: str
    charset: str
    data: bytes
    disposition: str
    content_id: str
    related: bool  # beside an HTML body in a multipart/related

    @property
    def sha256(self) -> str:
        """The hash of the decoded bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(slots=True)
class Tree:
    """Everything found in one mail, filled by ``open_tree``."""

    leaves: list[Found] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # each stops somebody from trusting the tree
    opened: set[str] = field(default_factory=set)  # sha256 of embedded mails, given as what is in them
    locked: list[tuple[tuple[str, ...], str]] = field(default_factory=list)  # way and number of encrypted multiparts
    heavy: bool = False  # a part's own field is longer than a library should be handed

    def is_locked(self, path: tuple[str, ...]) -> bool:
        """Whether a leaf stands inside an encrypted multipart."""
        return any(path[:-1] == way and path[-1].startswith(f"{number}.".lstrip(".")) for way, number in self.locked)

    def stop(self, reason: str, where: str) -> None:
        """Note a reason of the contract and where it arose."""
        self.reasons.append(reason)
        self.defects.append(f"{reason} at {where or 'top'}")


def slim_head(head: Head, keep: frozenset[str] = _HEAD_KEPT) -> bytes:
    """The first field of each of these names and the blank line, for libraries that suffer from long heads."""
    kept: dict[str, bytes] = {}
    for one in head.fields:
        if one.name in keep and one.name not in kept:
            kept[one.name] = one.name.encode() + b":" + one.raw[: limits.KIB * 64].rstrip(b"\r\n") + b"\r\n"
    return b"".join(kept.values()) + b"\r\n"


def open_tree(head: Head, raw: bytes) -> Tree:
    """Every leaf and every forwarded mail of a raw mail; its head is already split."""
    tree = Tree()
    _open_mail(tree, head, raw, (), 0)
    return tree


def looks_like_mail(data: bytes) -> bool:
    """Whether bytes are a mail saved as a file: From and at least two more of a mail's own fields, then a blank line."""
    if b":" not in data[:200] or b"\0" in data[:1024]:
        return False
    head = split_head(data[: limits.HEADER_BYTES_MAX])
    names = {one.name for one in head.fields}
    return "from" in names and len(names & _MAIL_FIELDS) >= 3 and "line_without_field_name" not in head.defects


def _open_mail(tree: Tree, head: Head, raw: bytes, path: tuple[str, ...], depth: int) -> None:
    delimiters, nesting = _survey(raw)
    where = "/".join(path)
    if delimiters > limits.DELIMITERS_MAX:
        tree.stop("too_many_parts", where)
        return
    if nesting + depth > limits.MIME_DEPTH_MAX:
        tree.stop("mime_too_deep", where)
        return
    message = _parsed(head, raw, tree)
    _open_part(tree, message, path, "", depth, related=False)


def _survey(raw: bytes) -> tuple[int, int]:
    """How many delimiter lines there are and how deep multiparts nest, by one pass that builds no tree."""
    declared = {
        (value[1] or value[2]).strip()
        for match in _BOUNDARY.finditer(raw)
        if (value := _BOUNDARY_VALUE.match(raw, match.start()))
    }
    count = deepest = 0
    opened: list[bytes] = []
    for seen, match in enumerate(_DELIMITER.finditer(raw)):
        if seen > limits.DELIMITERS_MAX * 10:  # a boundary written so that it is not recognised above
            return seen, deepest
        text = match[1].rstrip()
        closing = text.endswith(b"--") and text[:-2] in declared
        name = text[:-2] if closing else text
        if name not in declared:
            continue
        count += 1
        if name in opened:
            del opened[opened.index(name) + (not closing) :]
        elif not closing:
            opened.append(name)
        deepest = max(deepest, len(opened))
        if count > limits.DELIMITERS_MAX or deepest > limits.MIME_DEPTH_MAX:
            break
    return count, deepest


def _parsed(head: Head, raw: bytes, tree: Tree) -> _Sealed:
    """The library's tree of one mail, fed piece by piece: its whole-text way needs four bytes a character."""
    parser: BytesFeedParser[_Sealed] = BytesFeedParser(
        _Sealed
    )  # the default policy, compat32, keeps fields as they stood
    try:
        parser.feed(slim_head(head))
        for at in range(head.body_at, len(raw), limits.MIB):
            parser.feed(raw[at : at + limits.MIB])
        return parser.close()
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        tree.stop("mime_defect", f"parser failed: {type(error).__name__}")
        message = _Sealed()
        message.set_payload(raw[head.body_at :].decode("ascii", "surrogateescape"))
        return message


def _open_part(tree: Tree, message: _Sealed, path: tuple[str, ...], number: str, depth: int, *, related: bool) -> None:
    declared, given = declared_type(message)
    where = "/".join((*path, number))
    if any(len(str(value)) > limits.OPINION_FIELD_MAX for _, value in message.raw_items()):
        tree.heavy = True
    tree.defects += [f"{type(defect).__name__} at {where}" for defect in message.defects]
    if len(tree.leaves) >= limits.PARTS_MAX:
        if "too_many_parts" not in tree.reasons:
            tree.stop("too_many_parts", where)
        return
    if message.is_multipart():
        _open_multipart(tree, message, path, number, depth)
        return
    found = _leaf(message, declared, given, (*path, number or "1"), related=related)
    if declared.startswith("multipart/"):
        _unsplit(tree, found)
    elif declared in _EMBEDDED or (_may_be_mail(found) and looks_like_mail(found.data)):
        _open_inner(tree, found, depth + 1)
    else:
        tree.leaves.append(found)


def _raw(value: object) -> bytes:
    return str(value).encode("utf-8", "surrogateescape")


def _open_multipart(tree: Tree, message: Message, path: tuple[str, ...], number: str, depth: int) -> None:
    declared = declared_type(message)[0]
    where = "/".join((*path, number))
    if number.count(".") + depth > limits.MIME_DEPTH_MAX:  # boundaries written so that the survey missed them
        tree.stop("mime_too_deep", where)
        return
    if declared == "multipart/encrypted":
        tree.defects.append(f"encrypted at {where or 'top'}")
        tree.locked.append((path, number))
    for place in ("preamble", "epilogue"):
        text = getattr(message, place) or ""
        if _PART_FIELD.search(hidden := text.encode("utf-8", "surrogateescape")):
            tree.stop("mime_defect", f"{place} of {where}")
            at = (*path, f"{number}.{place}".lstrip("."))
            tree.leaves.append(Found(at, "", "application/octet-stream", "", hidden, "", "", related=False))
    related = declared == "multipart/related"
    for n, child in enumerate(message.get_payload(), 1):
        if isinstance(child, _Sealed):
            _open_part(tree, child, path, f"{number}.{n}".lstrip("."), depth, related=related and n > 1)


def _leaf(
    message: _Sealed,
    declared: str,
    given: dict[str, str],
    path: tuple[str, ...],
    *,
    related: bool,
) -> Found:
    disposition, more = parameters(_field(message, "content-disposition"))
    try:
        payload = message.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError):
        payload = None
    data = payload if isinstance(payload, bytes) else message.wire()
    return Found(
        path=path,
        name=label(legible(more.get("filename", "") or given.get("name", ""))),
        declared_type=declared,
        charset=given.get("charset", "")[:60].strip().lower(),
        data=data,
        disposition=disposition,
        content_id=decoded(_field(message, "content-id"), limits.NAME_MAX).strip("<> "),
        related=related,
    )


def _may_be_mail(found: Found) -> bool:
    return found.name.lower().endswith(".eml") or (
        bool(found.name) and found.declared_type in ("application/octet-stream", "application/x-unknown")
    )


def _unsplit(tree: Tree, found: Found) -> None:
    """A multipart whose boundary never came: its text is a body, unless parts may hide in it."""
    if _PART_FIELD.search(found.data):
        tree.stop("mime_defect", f"boundary never found at {'/'.join(found.path)}")
    tree.leaves.append(Found(found.path, found.name, "text/plain", found.charset, found.data, "", "", related=False))


def _open_inner(tree: Tree, found: Found, depth: int) -> None:
    head = split_head(found.data)
    if not head.fields:
        tree.leaves.append(found)
        return
    if len(tree.inner) >= limits.FORWARDS_MAX or depth > limits.MIME_DEPTH_MAX:
        tree.stop("too_many_parts" if depth <= limits.MIME_DEPTH_MAX else "mime_too_deep", "/".join(found.path))
        tree.leaves.append(found)
        return
    tree.opened.add(found.sha256)
    tree.inner.append(
        Inner(
            path=found.path,
            from_addresses=read_addresses(head.all("from"), limits.FROM_ADDRESSES_MAX),
            subject=legible(decoded(head.first("subject"), limits.SUBJECT_MAX)),
            sent_at=moment(head.first("date")),
            message_id=next(iter(message_ids(head.all("message-id")[:1])), None),
        )
    )
    _open_mail(tree, head, found.data, found.path, depth)


def is_enveloped(declared_type: str, data: bytes) -> bool:
    """Whether a leaf is an encrypted S/MIME message (not merely a signed one)."""
    return declared_type in ("application/pkcs7-mime", "application/x-pkcs7-mime") and _ENVELOPED in data[:64]
