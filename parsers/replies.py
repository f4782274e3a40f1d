"""A short answer to a letter of ours: explanations by the code of a finding, or a confirmation.

Rules:

1. Only the sender's own words count: what they quote of our letter is cut first (``parsers.quoting``).
2. "W03: reason" at the start of a line explains the finding of that code; the reason runs on over the lines below it, up to the
   next code, an empty line or a closing. A code without a reason is nothing.
3. A confirmation is the word for it in any case and tones, composed or not, and no word of doubt beside it: whoever confirms
   with a reservation is read by a person. The words are data (``replies.toml``).
"""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from parsers.fold import fold, nfc
from parsers.quoting import own_markup, own_words
from parsers.values import Envelope

TEXT_MAX = 20_000  # characters of an answer looked at
REASON_MAX = 500  # characters of one reason kept
_CODE = re.compile(r"[\W_]{0,8}(?:\d{1,2}[.)]\s{0,3})?[\[(]?([A-Za-z])\s?(\d{2})(?!\w)[\])]?[\s:.,;=–—-]*(.*)")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]{0,300}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Said:
    """One code and what was said of it."""

    code: str  # "W03"
    reason: str  # NFC, one line


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer says in the sender's own words."""

    words: str = ""  # without what it quotes, NFC
    said: tuple[Said, ...] = ()
    confirms: bool = False


@cache
def _words(key: str) -> re.Pattern[str]:
    data = tomllib.loads(files("parsers").joinpath("replies.toml").read_text("utf-8"))
    found = "|".join(re.escape(fold(word)) for word in data[key])
    return re.compile(f"(?<!\\w)(?:{found})(?!\\w)" if key != "closing" else f"\\W{{0,3}}(?:{found})")


def read_reply(envelope: Envelope) -> Reply:
    """What the answer says; empty when it has no words of its own."""
    text = envelope.text if envelope.text.strip() else _plain(envelope.html)
    words = nfc(own_words(text[:TEXT_MAX].replace("\r\n", "\n").replace("\xa0", " "))).strip()
    return Reply(words, _said(words), _confirms(words))


def _plain(markup: str) -> str:
    own = own_markup(markup[: TEXT_MAX * 10])
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", _seen(own))))


def _seen(markup: str) -> str:
    """The markup without styles, scripts and head; one pass, whatever stands in it."""
    lower, kept, at = markup.lower(), [], 0
    while match := _UNSEEN.search(markup, at):
        kept.append(markup[at : match.start()])
        end = lower.find(f"</{match[1].lower()}", match.end())
        if end < 0:
            return "".join(kept)
        at = end
    return "".join([*kept, markup[at:]])


def _said(words: str) -> tuple[Said, ...]:
    """Code and reason pairs in order; of a code said twice the last reason counts."""
    found: dict[str, list[str]] = {}
    open_code = ""
    for line in words.split("\n"):
        plain = line.strip()
        if match := _CODE.fullmatch(plain):
            open_code = f"{match[1].upper()}{match[2]}"
            found[open_code] = [match[3].strip()]
        elif not plain:
            open_code = open_code if open_code and not any(found[open_code]) else ""
        elif _words("closing").match(fold(plain[:60])):
            open_code = ""
        elif open_code:
            found[open_code].append(plain)
    reasons = ((code, " ".join(" ".join(lines).split())[:REASON_MAX]) for code, lines in found.items())
    return tuple(Said(code, reason) for code, reason in reasons if re.search(r"\w", reason))


def _confirms(words: str) -> bool:
    key = fold(words)
    return "?" not in key and bool(_words("confirm").search(key)) and not _words("doubt").search(key)
