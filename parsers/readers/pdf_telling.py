"""Whether a PDF's plain bytes name anything that would run, or be held inside; told without opening it.

Rules:

1. A file that nowhere spells one of the names it takes is not opened for it: they stand in plain bytes, in whatever revision of the file,
   unless objects are packed into streams (``/ObjStm``, found by ``/XRef``) or a name is written with ``#`` and figures.
2. No PDF library is imported here: the service itself asks for this file, and stays for months.
"""

from __future__ import annotations

import re

RUNS = frozenset({"JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "GoToE", "RichMediaExecute"})
NAMES = ("JavaScript", "EmbeddedFiles")
_TELLING = re.compile(
    b"/(?:"
    + b"|".join(name.encode() for name in sorted({*RUNS, *NAMES, "XFA", "ObjStm", "XRef"}))
    + rb"|[A-Za-z]{0,20}#[0-9A-Fa-f]{2})"
)


def may_run(data: bytes) -> bool:
    """Whether the file names anything that would run or be held inside, or may do so out of sight."""
    return _TELLING.search(data) is not None
