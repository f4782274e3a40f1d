"""Whether a PDF's plain bytes name anything that would run, or be held inside; told without opening it.

Rules:

1. A file that nowhere spells one of the names it takes is not opened for it: they stand in plain bytes, in whatever revision of the file,
   unless objects are packed into streams (``/ObjStm``, found by ``/XRef``).
2. A name written with ``#`` and figures is one of them if it is so spelled out. Most such names are a font's, or chance bytes of a picture.
3. No PDF library is imported here: the service itself asks for this file, and stays for months.
"""

from __future__ import annotations

import re
from itertools import islice

RUNS = frozenset({"JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "GoToE", "RichMediaExecute"})
NAMES = ("JavaScript", "EmbeddedFiles")
_TELLING = re.compile(
    b"/(?:" + b"|".join(name.encode() for name in sorted({*RUNS, *NAMES, "XFA", "ObjStm", "XRef"})) + b")"
)
_ESCAPED = re.compile(rb"/[^\0\s()<>\[\]{}/%#]{0,20}#[0-9A-Fa-f]{2}[^\0\s()<>\[\]{}/%]{0,60}")
_ESCAPED_MAX = 1000  # names from which on a file is opened whatever they say
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def may_run(data: bytes) -> bool:
    """Whether the file names anything that would run or be held inside, or may do so out of sight."""
    if _TELLING.search(data):
        return True
    escaped = [match.group() for match in islice(_ESCAPED.finditer(data), _ESCAPED_MAX)]
    return len(escaped) == _ESCAPED_MAX or any(_TELLING.match(_spelled_out(name)) for name in escaped)


def _spelled_out(name: bytes) -> bytes:
    return _ESCAPE.sub(lambda code: bytes.fromhex(code[1].decode()), name)
