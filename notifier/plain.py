"""Foreign text made safe to print: what a sender wrote may stand in our letters and headers, but only as one tame line.

Rules: line breaks and control characters become a space (a CR LF in a header would start another one); characters that turn the
direction of text or take no room are dropped; half surrogates become U+FFFD; white space is single; the length is bounded.
"""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_HALVES = re.compile("[\ud800-\udfff]")


def one_line(text: str, limit: int = 2000) -> str:
    """The text as one harmless line of at most ``limit`` characters, the cut marked by "…"."""
    line = _HALVES.sub("\ufffd", text[: limit * 4])
    line = _BREAKS.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFC", line))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
