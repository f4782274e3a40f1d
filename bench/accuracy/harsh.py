"""Reports as a clerk in a hurry types them, written by hand with their truth beside them (``data/harsh.toml``): shapes no seed draws.

    python -m bench.accuracy.harsh [FOLDER]

Writes every document in its formats, reads them with ``cchc read`` and prints what was read wrongly without a flag. LibreOffice writes
odt, doc, pdf, ods and xls where it is there. Exit code 1 when anything wrong stands unflagged.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.accuracy import harsh_office, libreoffice, reader
from bench.accuracy.score import STATED, flagged_keys, reports_of
from bench.accuracy.words import load

BOOK = load("harsh")
CORE = ("received", "resolved", "on_time", "overdue", "returned")
BY_HAND = ("docx", "html", "txt", "xlsx")
WRITERS = {"docx": harsh_office.docx, "html": harsh_office.page, "txt": harsh_office.plain, "xlsx": harsh_office.xlsx}
FROM_SHEET = ("ods", "xls")
RIGHT, FLAGGED, UNREAD, WRONG_FLAGGED, WRONG, OPEN = (
    "right",
    "right, flagged",
    "not read",
    "wrong, flagged",
    "WRONG",
    "open",
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What one key of a document is: what a careful person reads, what that person could read as well, whether nobody can be sure."""

    right: Any = None  # a number, "nil", "zero"; None: not stated
    either: tuple[Any, ...] = ()
    doubt: bool = False
    may: bool = False  # read or not, nobody minds


def documents() -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = BOOK["document"]
    return documents


def markup(document: dict[str, Any]) -> str:
    """The body of a document: its own table in place of the lines of part I, or the lines it leaves as they are and those it words anew."""
    lines = {key: document.get(key, text) for key, text in BOOK["lines"].items()}
    if "table" in document:
        kept = [lines["h1"], document.get("before", ""), f"<table>{document['table']}</table>", lines["h3"]]
    else:
        kept = [text for text in lines.values() if text]
    body = "\n".join(text if text.startswith(("<table", "<p>")) else f"<p>{text}</p>" for text in kept if text)
    foot = BOOK["foot"].replace("</p>", "</p>" + document.get("after", ""), 1)
    return f"{BOOK['head']}{body}{foot}"


def truths(document: dict[str, Any]) -> dict[str, Truth]:
    figures = {} if document.get("none") else dict(BOOK["figures"])
    if "only" in document:
        figures = {key: value for key, value in figures.items() if key in document["only"]}
    figures |= document.get("right", {})
    either, doubt, may = document.get("either", {}), document.get("doubt", []), document.get("may", [])
    return {
        key: Truth(figures.get(key), tuple(either.get(key, ())), key in doubt, key in may)
        for key in {*figures, *either, *doubt, *may}
    }


def formats(document: dict[str, Any]) -> list[str]:
    if "formats" in document:
        return str(document["formats"]).split()
    body = markup(document)
    marked = "<sup>" in body or "<s>" in body or "<del>" in body
    return ["docx", "html", "pdf", "odt", "doc", *([] if marked else ["txt"]), *([] if "<sup>" in body else ["xlsx"])]


def write(folder: Path, wanted: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Every document in its formats, of those wanted; the document by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, dict[str, Any]] = {}
    converted: dict[Path, Path] = {}
    for n, document in enumerate(documents()):
        body = markup(document)
        for kind in formats(document):
            if wanted is not None and kind not in wanted:
                continue
            file = folder / f"{n:03d}-{re.sub('[^a-z0-9]+', '-', document['name'].lower())}.{kind}"
            if kind in WRITERS:
                file.write_bytes(WRITERS[kind](body))
            else:
                source = "xlsx" if kind in FROM_SHEET else "docx"
                converted[file] = folder / "sources" / f"{n:03d}.{source}"
                converted[file].parent.mkdir(exist_ok=True)
                converted[file].write_bytes(WRITERS[source](body))
            written[file.name] = document
    libreoffice.convert(converted, 2)
    return written


def judged(document: dict[str, Any], item: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of each key read or stated: what became of it, and the figure."""
    for part, report in reports_of(item)[:1]:
        flags, known = flagged_keys(part, report), truths(document)
        for key, figure in report["figures"].items():
            yield key, _kind(known.get(key, Truth()), figure, flagged=key in flags), figure


def _kind(truth: Truth, figure: dict[str, Any], *, flagged: bool) -> str:
    stated = figure["state"] in STATED
    known = [truth.right, *truth.either] if truth.right is not None and not truth.doubt else list(truth.either)
    if truth.may or (not stated and (truth.doubt or truth.right is None)):
        return OPEN
    if not stated:
        return UNREAD
    if any(_is(value, figure) for value in known):
        return FLAGGED if flagged and not truth.doubt else RIGHT
    if truth.doubt and flagged:
        return OPEN
    return WRONG_FLAGGED if flagged else WRONG


def _is(value: Any, figure: dict[str, Any]) -> bool:
    if isinstance(value, str):
        return bool(figure["state"] == value)
    return figure["value"] is not None and float(figure["value"]) == value


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "cchc-harsh")
    written = write(folder)
    items = reader.read([folder / name for name in written], 2, say=lambda line: print(line, file=sys.stderr)).items
    counts: Counter[str] = Counter()
    wrong = []
    for name, document in written.items():
        for key, kind, figure in judged(document, items[name]):
            counts[kind] += 1
            if kind == WRONG:
                wrong.append(f"{name}: {key} read as {figure['raw'] or figure['state']!r}")
    print(
        f"{len(documents())} documents, {len(written)} files: "
        + ", ".join(f"{kind} {n}" for kind, n in counts.most_common())
    )
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
