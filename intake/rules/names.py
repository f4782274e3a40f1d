"""Names of agencies as letterheads write them: tone-blind keys, and whether a letterhead is this agency's.

Rules (exact enough, never a guess):

1. A key is folded, abbreviations written out (UBND, TP, TX, BQL, KCN), i and y alike, "và", "các" and punctuation dropped.
2. A letterhead is an agency's when it is one of its names or aliases, with or without the leading "ủy ban nhân dân" and
   the province's name behind it, or when only its parent's line stands before (form heading: "UBND TỈNH … / SỞ …").
3. Anything else before the name (a commune, a division) is another body, not this agency.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from parsers.fold import fold

_COMMITTEE = ("ui", "ban", "nhan", "dan")
_WRITTEN_OUT = {
    "ubnd": _COMMITTEE,
    "tp": ("thanh", "pho"),
    "tx": ("thi", "xa"),
    "vp": ("van", "phong"),
    "bql": ("ban", "quan", "li"),
    "kcn": ("khu", "cong", "nghiep"),
}
_DROPPED = frozenset({"va", "cac", "&"})
_PROVINCE = "tinh"
_ROOTS = (("tinh",), ("thanh", "pho"))  # what the root of a roster can be called
_ROOT_WORDS = 4  # words of a province's name at most

Key = tuple[str, ...]


def key(text: str) -> Key:
    """The words of a name, comparable.

    >>> key("UBND TP. Sông Công")
    ('ui', 'ban', 'nhan', 'dan', 'thanh', 'pho', 'song', 'cong')
    """
    words: list[str] = []
    for word in re.findall(r"[a-z0-9]+|&", fold(text)):
        plain = word.replace("y", "i")
        words += _WRITTEN_OUT.get(word, (plain,)) if plain not in _DROPPED else ()
    return tuple(words)


def compact(text: str) -> str:
    """Letters and digits only, folded: "SKH&ĐT" → "skhdt"; for document numbers and codes."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


def variants(names: Collection[str]) -> frozenset[Key]:
    """Every key under which one agency's letterhead is known."""
    found: set[Key] = set()
    for full in filter(None, map(key, names)):
        found.add(full)
        if full[: len(_COMMITTEE)] == _COMMITTEE:
            found.add(full[len(_COMMITTEE) :])
        if full[-1] == _PROVINCE:
            found.add(full[:-1])
    return frozenset(k for k in found if k)


def is_letterhead_of(text: Key, own: Collection[Key], parents: Collection[Key], others: Collection[Key]) -> bool:
    """Whether a letterhead is that of the agency known under ``own``; ``others``: the keys of all agencies."""
    return any(_fits(text, name, parents, others) for name in own)


def _fits(text: Key, name: Key, parents: Collection[Key], others: Collection[Key]) -> bool:
    for start in range(len(text) - len(name) + 1):
        if text[start : start + len(name)] == name:
            before, after = text[:start], text[start + len(name) :]
            if _allowed_before(before, parents, others) and _allowed_after(after, name):
                return True
    return False


def _allowed_before(before: Key, parents: Collection[Key], others: Collection[Key]) -> bool:
    if not before or before in parents or before == _COMMITTEE:
        return True
    bare = before[len(_COMMITTEE) :] if before[: len(_COMMITTEE)] == _COMMITTEE else before
    root = next((r for r in _ROOTS if bare[: len(r)] == r), None)
    return root is not None and 0 < len(bare) - len(root) <= _ROOT_WORDS and before not in others and not parents


def _allowed_after(after: Key, name: Key) -> bool:
    if after and after[0] != _PROVINCE and name[-1] != _PROVINCE:
        return False
    return len(after) <= _ROOT_WORDS + 1
