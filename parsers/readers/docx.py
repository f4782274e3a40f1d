"""Word documents (docx): the body in order, with everything a reader of the printed page would see, once.

Rules (plan, pitfalls, "Documents"):

1. Paragraphs and tables in the order of the body; headers before it, footnotes, footers and comments after it; a text box after
   the paragraph that holds it, once, whatever its fallbacks.
2. Tracked changes as accepted: deleted and moved-away text is not there, inserted text is. Hidden text is not there.
3. A table inside a cell follows its outer table as a table of its own; its text stands nowhere else.
4. Letters set in an old Vietnamese font are converted run by run.
5. Pages are counted by the marks the word processor left at its last layout; without such marks there is no page.
6. Numbers and letters Word gives paragraphs of lists stand before their text, as printed (``docx_numbering``).
"""

from __future__ import annotations

from typing import Any

from parsers.readers.budget import Budget
from parsers.readers.docx_numbering import Numbering
from parsers.readers.docx_story import Story, story_images
from parsers.readers.docx_styles import Styles, W
from parsers.readers.errors import Unreadable
from parsers.readers.ooxml import Package
from parsers.values import Document, Finding

READER = "docx/1"
_OFF = ("0", "false", "off")
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


_EMBEDDED = frozenset({"package", "oleObject"})


def read(data: bytes, *, charset: str = "", budget: Budget | None = None) -> Document:
    """The document's blocks; raises ``Unreadable``."""
    del charset
    package = Package(data, budget or Budget())
    main = package.main_part()
    root = package.xml(main)
    body = root.find(f"{W}body")
    if body is None:
        raise Unreadable("corrupt", "no body")
    styles = Styles(package, main, package.read(main))
    story = Story(styles, Numbering(package, main))
    relations = package.relationships(main)
    heads, feet = _margins(package, body, relations)
    for part in heads:
        story.tell(package.xml(part), "header")
    story.pages = _has_marks(body)
    story.tell(body, "body")
    story.pages = False
    for kind in ("footnotes", "endnotes"):
        for part in _of_kind(package, relations, kind):
            for note in package.xml(part):
                if note.get(f"{W}type") in (None, "normal"):
                    story.tell_note(note, "footnote", kind)
    for part in feet:
        story.tell(package.xml(part), "footer")
    for part in _of_kind(package, relations, "comments"):
        for note in package.xml(part):
            story.tell_note(note, "remark", "comments")
    images = story_images(body)
    return Document("docx", READER, tuple(story.blocks), _findings(package, story), images=images)


def _findings(package: Package, story: Story) -> tuple[Finding, ...]:
    findings = list(package.findings())
    if story.active and all(f.code != "active_content" for f in findings):
        findings.append(Finding("active_content", "warning"))
    if story.remote and all(f.code != "remote_ref" for f in findings):
        findings.append(Finding("remote_ref", "warning"))
    objects = {kind for kind, _, _ in package.relationships(package.main_part()).values()}
    if story.embedded or objects & _EMBEDDED:
        findings.append(Finding("embedded_document", "warning"))
    return tuple(findings)


def _has_marks(body: Any) -> bool:
    return next(body.iter(f"{W}lastRenderedPageBreak"), None) is not None


def _margins(package: Package, body: Any, relations: dict[str, tuple[str, str, bool]]) -> tuple[list[str], list[str]]:
    """The header and footer parts that are printed, each once."""
    even = _setting(package, relations, "evenAndOddHeaders")
    heads: list[str] = []
    feet: list[str] = []
    for section in body.iter(f"{W}sectPr"):
        first = section.find(f"{W}titlePg")
        shown = {"default"} | ({"even"} if even else set())
        if first is not None and (first.get(f"{W}val") or "1") not in _OFF:
            shown.add("first")
        for kind, found in (("headerReference", heads), ("footerReference", feet)):
            for reference in section.iterfind(f"{W}{kind}"):
                _, target, external = relations.get(reference.get(f"{_R}id") or "", ("", "", True))
                wanted = (reference.get(f"{W}type") or "default") in shown
                if wanted and not external and target not in found and package.has(target):
                    found.append(target)
    return heads, feet


def _setting(package: Package, relations: dict[str, tuple[str, str, bool]], name: str) -> bool:
    part = next((t for kind, t, external in relations.values() if kind == "settings" and not external), "")
    if not package.has(part) or name.encode() not in package.read(part):
        return False
    element = package.xml(part).find(f"{W}{name}")
    return element is not None and (element.get(f"{W}val") or "1") not in _OFF


def _of_kind(package: Package, relations: dict[str, tuple[str, str, bool]], *kinds: str) -> list[str]:
    """The document's parts of these kinds."""
    return [
        target
        for kind, target, external in relations.values()
        if kind in kinds and not external and package.has(target)
    ]
