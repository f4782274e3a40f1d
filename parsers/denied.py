"""Sentences that say there was none of what a line of the form counts: "Trong tuần không có hồ sơ quá hạn", above them "Hồ sơ quá hạn: 2".

Rules:

1. What stands behind "không có", "không phát sinh" up to the end of its clause must name one line of the form and nothing else; where that line
   states a number above nought both are shown, and a person says which is meant.
2. A wish ("phấn đấu không có …"), another period, a part of the whole ("cấp xã", "lĩnh vực …") and files still open ("đang giải quyết 5 hồ sơ,
   không có hồ sơ quá hạn") contradict nothing.
3. "Trong tuần không phát sinh hồ sơ" and nothing else, where no line of files of the form is to be seen: the core lines are nil, read from a
   sentence, so that its sender is asked whether that is so, not for figures there are none of. Below a heading that does not speak of files
   it says nothing of them, nor on a page that was recognised, where lines may have been lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from parsers.choose import Choice, Note
from parsers.clauses import sentences
from parsers.form import Form
from parsers.labels import Labels, meaning_of
from parsers.lines import TextLine, Unit
from parsers.values import Figure

_NONE = re.compile(
    r"\b(?:không|chưa)\s+(?:có\s+phát\s+sinh|phát\s+sinh|để\s+xảy\s+ra|xảy\s+ra|có|còn)\s+([^,;.:()\n]{4,60})",
    re.IGNORECASE,
)
_ARISE = re.compile(r"phát\s+sinh", re.IGNORECASE)
_HEADED = re.compile(r"\s*(?:[IVX]{1,5}|[A-Z]|\d{1,2}(?:\.\d{1,2})*)[.)/]\s")
_OF_FILES = frozenset(["files", "procedures", "received", "resolved", "handed_back"])  # what a heading may name
_EVERY = re.compile(r"\s+(?:nào|bất kỳ)\b", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:lĩnh vực|phòng|chi cục|xã|phường|nhóm|bộ phận|riêng|loại|để|nhằm|đảm bảo|bảo đảm|cố gắng|quyết tâm|tiếp tục|yêu cầu|nếu|khi)\b",
    re.IGNORECASE,
)
_LIMITS = frozenset(["goal", "compare", "pending", "stock", "within", "feedback", "documents", "online", "postal"])


def denied(labels: Labels, figures: Mapping[str, Figure], units: Sequence[Unit]) -> list[Note]:
    """A note for every figure above nought a sentence says there was none of."""
    notes: dict[str, Note] = {}
    for unit in units:
        if not isinstance(unit, TextLine):
            continue
        for start, said, name in _denials(unit.text):
            key, loosely = labels.by_meaning(meaning_of(name).atoms)
            figure = figures.get(key or "")
            if figure and figure.value and not loosely:
                notes.setdefault(figure.key, Note("conflict", (figure.key,), figure.raw, said, unit.place(start)))
    return list(notes.values())


def _denials(text: str) -> Iterator[tuple[int, str, str]]:
    """Where each denial stands, its words, and the name of what there was none of."""
    if _NONE.search(text) is None:
        return
    for start, end in sentences(text):
        for match in _NONE.finditer(text, start, end):
            name = _EVERY.sub("", match[1]).strip()
            if not meaning_of(name).strange and not _is_limited((text[start : match.start()], name)):
                yield match.start(), match.group().strip(), name


def _is_limited(texts: Iterable[str]) -> bool:
    """Whether the words in front or the name speak of less than the whole, of another time, or only wish."""
    for text in texts:
        meaning = meaning_of(text)
        if meaning.past or meaning.scope in ("own", "communes") or meaning.atoms & _LIMITS or _PART.search(text):
            return True
    return False


def none_arose(form: Form, choice: Choice, units: Sequence[Unit]) -> None:
    """Make the core lines nil where a sentence is all that is said of files, with a note that it was read from one."""
    if any(choice.figures[key].state != "absent" for key in form.core):
        return
    files = [line.key for line in form.figures if "files" in meaning_of(line.label).atoms]
    if any(choice.figures[key].state != "absent" for key in files):
        return
    heading = ""
    for unit in units:
        if not isinstance(unit, TextLine):
            continue
        heading = unit.bare if _HEADED.match(unit.text) else heading
        if (said := _says_none(unit)) and _is_of_files(heading):
            place = unit.place(unit.text.find(said))
            choice.figures.update({key: Figure(key, "nil", raw=said, place=place) for key in form.core})
            choice.notes.append(Note("prose", tuple(form.core), said, place=place))
            return


def _says_none(line: TextLine) -> str:
    """The words of a line that says no file arose, and nothing else behind a colon."""
    for start, said, name in _denials(line.text):
        before = line.text[line.indent : start].rpartition(":")
        behind = line.text[start + len(said) :].strip(" .;!")
        plain = not meaning_of(before[2]).atoms and _is_of_files(before[0])
        if _ARISE.search(said) and meaning_of(name).atoms == {"files"} and plain and not behind:
            return said
    return ""


def _is_of_files(heading: str) -> bool:
    """Whether a heading, where there is one, speaks of files and nothing else: "Kết quả giải quyết TTHC"."""
    atoms = meaning_of(heading).atoms
    return not heading.strip() or (bool(atoms) and atoms <= _OF_FILES)
