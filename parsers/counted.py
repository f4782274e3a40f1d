"""What a number in running text counts: the atoms of its clause with what it inherits, and how sure that is.

Rules:

1. A clause without a state of its own inherits the state of what it explains ("đang giải quyết …, trong đó quá hạn 3"), one without
   a channel the channel.
2. A share written beside a ratio bears it out; so does a part that is no more than its whole where the form asks for both.
3. "Gần", "hơn", "trở lên" beside a number make it approximate.
"""

from __future__ import annotations

from decimal import Decimal

from parsers.candidates import Candidate
from parsers.numbers import Token
from parsers.values import FigureState, Place
from parsers.words import vocabulary, words_of

STATUS = frozenset(
    [
        "received",
        "new",
        "workload",
        "stock",
        "carried",
        "resolved",
        "on_time",
        "early_and_on_time",
        "early",
        "overdue",
        "pending",
        "within",
        "returned",
        "withdrawn",
        "due",
        "handed_back",
        "electronic",
        "outgoing",
        "incoming",
        "publicised",
    ]
)
CHANNEL = frozenset(["online", "direct", "postal", "level3", "level4", "fully_online", "partly_online", "levels_mixed"])
WAY = frozenset(["postal", "online", "direct"])
OBJECT = frozenset(["files", "feedback", "documents", "procedures", "services"])
LEVELS = frozenset(["level3", "level4", "fully_online", "partly_online"])
INHERITED = frozenset(["pending", "resolved"])
_LATE = frozenset(["pending", "resolved"])  # kinds of overdue files a bracket behind "quá hạn" may tell apart
LEAF = frozenset(["on_time", "overdue"])  # what a bracket may explain further
_OWN_STATE = frozenset(
    [
        "received",
        "new",
        "carried",
        "stock",
        "returned",
        "pending",
        "resolved",
        "withdrawn",
        "workload",
        "due",
        "within",
        "refused",
    ]
)
NEVER_NEGATED = frozenset(["received", "resolved", "on_time"])  # "không có hồ sơ tiếp nhận trễ" says nothing of them
LIFTED = frozenset(["fraction", "backward"])  # doubts another figure of the report can lift
_NEAR = 24  # characters in front of a number in which "gần", "hơn" may stand


def after_pending(
    candidate: Candidate, names: frozenset[str], parent: frozenset[str], beside: frozenset[str]
) -> Candidate:
    """As in "Đang giải quyết 20 hồ sơ, quá hạn 3 hồ sơ": resolved late, or pending and late? Nobody can tell."""
    unsure = candidate.key == "overdue" and not names & _OWN_STATE and "pending" in beside and "resolved" not in parent
    return candidate.doubted("loose", "pending") if unsure else candidate


def is_part(text: str) -> bool:
    """Whether a clause speaks of one sector or group; "trên 06 lĩnh vực" counts them."""
    words = words_of(text)
    vocab = vocabulary()
    for hit in vocab.scopes.all(text, words):
        counted = hit.first and words[hit.first - 1].key[0].isdigit()
        timed = hit.last < len(words) and vocab.times.at(
            text, words, hit.last
        )  # "riêng trong tuần" is the whole of the week
        if "part" in hit.names and not counted and not timed:
            return True
    return False


def with_inherited(names: frozenset[str], parent: frozenset[str]) -> frozenset[str]:
    """A clause's atoms with what it inherits."""
    names = names - {"others"}
    if (
        "overdue" in parent
        and names & _LATE
        and not names & {"on_time", "early", "within", "returned", "early_and_on_time"}
    ):
        names |= {"overdue"}
    if not names & _OWN_STATE:
        names |= parent & INHERITED
    if "electronic" in names and "incoming" not in names:
        names |= parent & {"outgoing"}
    return names if names & CHANNEL else names | (parent & CHANNEL)


def candidate_of(key: str, token: Token, *, loosely: bool) -> Candidate:
    """A number read for a key."""
    state: FigureState = "unreadable" if token.value is None else "number" if token.value else "zero"
    doubts = frozenset({"words"} if loosely else ()) | frozenset({"spaced"} if token.spaced else ())
    return Candidate(key, state, token.value, token.raw, Place(), "prose", approximate=token.rounded, doubts=doubts)


def is_part_of(token: Token) -> bool:
    """Whether a ratio's upper number is no more than the lower one."""
    return token.value is not None and token.below is not None and token.value <= token.below


def agrees(token: Token, share: Decimal) -> bool:
    """Whether a percentage told of a ratio is what the ratio makes, within the digits it was written with."""
    if token.value is None or not token.below:
        return False
    digits = max(0, -int(share.as_tuple().exponent))
    return abs(token.value * 100 / token.below - share) <= Decimal(1) / Decimal(10) ** digits


def is_rounded(text: str, token: Token) -> bool:
    """Whether "gần", "hơn" … stands right before a number, or "trở lên" right behind it."""
    gap, rest = text[max(0, token.start - _NEAR) : token.start], text[token.end :]
    approximate = vocabulary().approximate
    words = words_of(gap)
    if any(hit.last == len(words) and "before" in hit.names for hit in approximate.all(gap, words)):
        return True
    behind = words_of(rest[:_NEAR])
    after = approximate.at(rest[:_NEAR], behind, 0) if behind else None
    return after is not None and "after" in after.names
