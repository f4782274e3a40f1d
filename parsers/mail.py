"""A raw mail opened: bytes → Envelope. Never raises, whatever the bytes are (plan, step 3 OPEN).

Rules, in order:

1. The head is split and decoded by ``parsers.headers``; a mail over ``MAIL_MAX`` keeps its head only: too_large.
2. From is read strictly, every field of it: two addresses anywhere are two addresses in ``from_addresses``.
3. Leaves come from ``parsers.mime``; each has a deterministic path and name, its decoded bytes and their sha256.
4. mail-parser's opinion gives recipients and date; an attachment it has and we have not is lost content: mime_defect.
5. ``reason`` is set only when the whole mail needs a person; a partial, external or encrypted part beside real attachments
   is left to the part's own reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from parsers import limits
from parsers.addresses import read_addresses
from parsers.charset import decode
from parsers.headers import Head, decoded, legible, message_ids, moment, split_head
from parsers.mime import Found, Tree, is_enveloped, open_tree, slim_head
from parsers.opinion import FIELDS, Opinion, second_opinion
from parsers.values import Address, Envelope, Leaf

Role = Literal["body", "attachment", "inline", "signature"]
_SIGNATURES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/applefile",
    }
)
_WHOLE = {"message/partial": "partial_message", "message/external-body": "external_body"}


def open_mail(raw: bytes) -> Envelope:
    """The mail with everything in it."""
    if len(raw) > limits.MAIL_MAX:
        return open_head(raw)
    head = split_head(raw)
    try:
        tree = open_tree(head, raw)
    except RecursionError:  # nesting written so that the survey did not see it
        tree = Tree()
        tree.stop("mime_too_deep", "")
    opinion = None if tree.heavy else _opinion(head, raw)
    return _envelope(head, tree, opinion)


def open_head(raw: bytes, reason: str | None = "too_large") -> Envelope:
    """The head only, for mails too large to open; ``raw`` may be cut anywhere after the head."""
    tree = Tree()
    if reason:
        tree.stop(reason, "")
    return _envelope(split_head(raw[: limits.HEADER_BLOCK_MAX]), tree, None)


def _opinion(head: Head, raw: bytes) -> Opinion | None:
    """mail-parser's view, where it can be had in bounded time; fields too long for it are left out."""
    if len(raw) > limits.OPINION_MAX:
        return None
    short = tuple(one for one in head.fields if len(one.raw) <= limits.OPINION_FIELD_MAX)
    return second_opinion(slim_head(replace(head, fields=short), FIELDS) + raw[head.body_at :])


def _envelope(head: Head, tree: Tree, opinion: Opinion | None) -> Envelope:
    leaves = _leaves(tree.leaves)
    bodies = [(found, leaf) for found, leaf in zip(tree.leaves, leaves, strict=True) if leaf.role == "body"]
    own = [(found, leaf) for found, leaf in bodies if len(leaf.path) == 1]
    defects = [*head.defects, *tree.defects]
    reason = _reason(head, tree, leaves, opinion, defects)
    received = head.all("received")
    headers, received_after = _headers(head)
    return_path = head.first("return-path")
    return Envelope(
        from_addresses=read_addresses(head.all("from"), limits.FROM_ADDRESSES_MAX),
        sender=next((one.address for one in read_addresses(head.all("sender"), 1)), ""),
        reply_to=read_addresses(head.all("reply-to"), limits.ADDRESSES_MAX),
        to=_recipients(head, "to", opinion.to if opinion else ()),
        cc=_recipients(head, "cc", opinion.cc if opinion else ()),
        return_path=None if return_path is None else return_path.value.strip("<> ")[: limits.NAME_MAX * 2],
        subject=legible(decoded(head.first("subject"), limits.SUBJECT_MAX)),
        message_id=next(iter(message_ids(head.all("message-id")[:1])), None),
        in_reply_to=message_ids(head.all("in-reply-to")),
        references=message_ids(head.all("references")),
        sent_at=moment(head.first("date")) or (opinion.sent_at if opinion else None),
        received=tuple(one.value for one in received[: limits.RECEIVED_KEPT]),
        received_count=len(received),
        headers=headers,
        received_after=received_after,
        text=_joined(own, "text/plain"),
        html=_joined(own, "text/html"),
        leaves=leaves,
        inner=tuple(tree.inner),
        defects=tuple(dict.fromkeys(defects))[:100],
        reason=reason,
    )


def _headers(head: Head) -> tuple[tuple[tuple[str, str], ...], tuple[int, ...]]:
    """Every field but Received in order; and for each Received kept, how many of those stand above it."""
    out: list[tuple[str, str]] = []
    above: list[int] = []
    size = 0
    for one in head.fields:
        if one.name == "received":
            above.append(len(out))
            continue
        if len(out) >= limits.HEADERS_MAX or size > limits.HEADER_BYTES_MAX:
            continue
        out.append((one.name, one.value))
        size += len(out[-1][1])
    return tuple(out), tuple(above[: limits.RECEIVED_KEPT])


def _recipients(head: Head, name: str, theirs: tuple[Address, ...]) -> tuple[Address, ...]:
    return theirs if any(one.address for one in theirs) else read_addresses(head.all(name), limits.ADDRESSES_MAX)


def _joined(bodies: Sequence[tuple[Found, Leaf]], kind: str) -> str:
    texts = [decode(leaf.data, leaf.charset)[0] for _, leaf in bodies if leaf.declared_type == kind]
    return "\n".join(text.replace("\r\n", "\n").replace("\r", "\n") for text in texts)[: limits.BODY_TEXT_MAX]


def _leaves(found: Sequence[Found]) -> tuple[Leaf, ...]:
    shown = "".join(
        one.data.decode("latin-1")
        for one in found
        if one.declared_type == "text/html" and len(one.data) < limits.BODY_TEXT_MAX
    )
    return tuple(
        Leaf(
            path=one.path,
            name=one.name or f"part-{'-'.join(one.path)}"[: limits.NAME_MAX],
            declared_type=one.declared_type,
            charset=one.charset,
            data=one.data,
            sha256=one.sha256,
            role=_role(one, shown),
        )
        for one in found
    )


def _role(one: Found, shown: str) -> Role:
    """What a part is to the reader of the mail; a picture is only decoration when the body shows it or it is small."""
    if one.declared_type in _SIGNATURES:
        return "signature"
    if one.declared_type in ("text/plain", "text/html") and one.disposition in ("", "inline") and not one.name:
        return "body"
    if not one.declared_type.startswith("image/"):
        return "attachment"
    if one.content_id and f"cid:{one.content_id}" in shown:
        return "inline"
    small = len(one.data) <= limits.INLINE_PICTURE_MAX
    return "inline" if one.disposition != "attachment" and (one.related or small) else "attachment"


def _reason(head: Head, tree: Tree, leaves: Sequence[Leaf], opinion: Opinion | None, defects: list[str]) -> str | None:
    """The first thing that keeps the whole mail from being trusted."""
    if tree.reasons:
        return tree.reasons[0]
    if "headers_cut" in head.defects:
        return "mime_defect"
    ours = {leaf.sha256 for leaf in leaves} | tree.opened
    lost = [name for name, sha256 in (opinion.attachments if opinion else ()) if sha256 not in ours]
    defects += [f"mail-parser also found {name!r}" for name in lost]
    if lost and len(tree.opened) + sum(leaf.role != "body" for leaf in leaves) < len(
        set(opinion.attachments if opinion else ())
    ):
        return "mime_defect"
    return _whole(tree, leaves)


def _whole(tree: Tree, leaves: Sequence[Leaf]) -> str | None:
    """Reasons that hold only when nothing else came: the one part is a piece, a pointer or a locked box."""
    locked = {leaf.path for leaf in leaves if tree.is_locked(leaf.path) or is_enveloped(leaf.declared_type, leaf.data)}
    real = (leaf for leaf in leaves if leaf.role == "attachment" and leaf.path not in locked)
    if any(leaf.declared_type not in _WHOLE for leaf in real):
        return None
    piece = next((_WHOLE[leaf.declared_type] for leaf in leaves if leaf.declared_type in _WHOLE), None)
    return piece or ("encrypted_mail" if locked else None)
