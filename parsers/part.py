"""One leaf of a mail read: what it is, what is in it, which reports it carries (plan, step 4 READ).

Rules, in order:

1. Content decides the type (``parsers.sniff``); a body is what the mail shows: HTML or plain text, without the letter it
   answers. The mail's subject may be the title of a body that states a core line and has no title of its own.
2. An archive, a saved mail or a signed envelope is opened and each file in it is a part of its own, its path the way to it; one inflation budget
   for the whole tree, ``ZIP_DEPTH_MAX`` levels. What only a program can open is asked for (``Parts.archives``) and, when it was
   unpacked, read from what came out.
3. Readable and a report: ``read``. Readable and none: ``enclosure``; with pages nobody looked at: ``too_many_pages``, a person.
4. A report whose figures may be another agency's waits for a person: ``ambiguous_agency``; one whose heading names another span than
   its form's, too: ``ambiguous_period``.
5. What only our reader could not read is ``needs_review``; what the sender must send again is ``refused``.
6. Text beyond what is looked at is told (``parsers.reach``). A picture as large as a page on which hardly a letter was read is no enclosure.
7. Pages that are pictures are asked for (``Parts.wanted``) and, when they were seen, read with what was seen on them; then
   ``parsers.belief`` says which of those figures stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from parsers import limits
from parsers.archive import Member, Opened
from parsers.belief import Belief, believe
from parsers.containers import open_container
from parsers.extract import extract
from parsers.findings import finding, worded
from parsers.form import FormSet
from parsers.mail import open_mail
from parsers.mentioned import mentions
from parsers.misprints import put_right
from parsers.orders import REVIEW, Parts, Shown
from parsers.packed import NotBuilt, expand_unpacked
from parsers.quick import replace
from parsers.quoting import is_answer, is_forwarded, own_markup, own_words
from parsers.reach import lines_beyond, tables_beyond
from parsers.readers import PICTURES, Budget, Unreadable, read_document
from parsers.readers.decoding import characters
from parsers.readers.pdf_attached import attached
from parsers.scan import PageScan, ScannedPart, WantedPages
from parsers.sniff import CONTAINERS, Sniffed, sniff
from parsers.unpacked import Unpacked
from parsers.values import Block, Document, Finding, Hints, Leaf, Mention, PartOutcome, PartReading, Report

_UNSURE = {"several_agencies": "ambiguous_agency", "other_span": "ambiguous_period"}  # finding → why a person must look


@dataclass(frozen=True, slots=True)
class _Aside:
    """What a document told beside its reading."""

    pinned: tuple[tuple[str, bytes | None], ...] = ()  # files attached to its pages
    pictures: bool = False  # whether pages of it are pictures


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same while one leaf's tree is read."""

    forms: FormSet
    hints: Hints
    as_form: str | None
    budget: Budget
    seen: dict[tuple[str, ...], tuple[Leaf, Document | None]] | None = None  # kept only to show a part to a person
    scans: Mapping[str, Mapping[int, PageScan]] | None = (
        None  # by the file's sha256; None: the page worker was not asked yet
    )
    wanted: list[WantedPages] = field(default_factory=list)
    unpacked: Mapping[str, Unpacked] = field(default_factory=dict)  # by the archive's sha256
    archives: list[bytes] = field(default_factory=list)  # that only a program can open, and nobody has yet
    outer: str = ""  # sha256 of the leaf itself


def read_part(leaf: Leaf, forms: FormSet, hints: Hints, as_form: str | None = None) -> tuple[PartReading, ...]:
    """The readings of one leaf: one, or one for each file of an archive; pages that are pictures stay unread."""
    return read_leaf(leaf, forms, hints, as_form).readings


def read_leaf(
    leaf: Leaf,
    forms: FormSet,
    hints: Hints,
    as_form: str | None = None,
    scans: Sequence[ScannedPart] = (),
    unpacked: Sequence[Unpacked] = (),
) -> Parts:
    """The readings of one leaf, with what was seen on the pages, and unpacked of the archives, it asked for before."""
    seen = {part.sha256: {page.page: page for page in part.pages} for part in scans}
    job = _Job(
        forms, hints, as_form, Budget(), scans=seen or None, outer=leaf.sha256, unpacked={u.sha256: u for u in unpacked}
    )
    readings = tuple(_read(leaf, job, 0, ()))
    return Parts(readings, tuple(job.wanted), tuple(job.archives))


def show_part(
    leaf: Leaf, forms: FormSet, hints: Hints, path: tuple[str, ...], unpacked: Sequence[Unpacked] = ()
) -> Shown:
    """The part of that path inside a leaf: its bytes, and the document the figures were read from."""
    job = _Job(forms, hints, None, Budget(), seen={}, unpacked={one.sha256: one for one in unpacked})
    for _ in _read(leaf, job, 0, ()):
        pass
    found, document = (job.seen or {}).get(path, (None, None))
    return Shown(found, document, tuple(job.archives))


def _read(leaf: Leaf, job: _Job, depth: int, findings: tuple[Finding, ...]) -> Iterator[PartReading]:
    if job.seen is not None:
        job.seen[leaf.path] = (leaf, None)
    if len(leaf.data) > limits.PART_MAX:
        yield _reading(leaf, "data", "refused", "too_large", findings)
        return
    found = _type_of(leaf)
    findings += found.findings
    if found.reason:
        yield _reading(leaf, found.type, "refused", found.reason, findings)
    elif found.type in CONTAINERS:
        if depth >= limits.ZIP_DEPTH_MAX:
            findings += (finding("archive_depth", depth=limits.ZIP_DEPTH_MAX),)
            yield _reading(leaf, found.type, "refused", "zip_nested_too_deep", findings)
        elif found.type == "eml":
            yield from _read_mail(leaf, job, depth, findings)
        else:
            yield from _read_container(leaf, found.type, job, depth, findings)
    else:
        yield from _read_with_attached(leaf, found.type, job, depth, findings)


def _read_with_attached(
    leaf: Leaf, kind: str, job: _Job, depth: int, findings: tuple[Finding, ...]
) -> Iterator[PartReading]:
    """A document, then the files attached to it; blank pages around a report are its cover, and ask nobody anything."""
    own, aside = _read_document(leaf, kind, job, findings)
    held = Opened(attached(leaf.data, aside.pinned, job.budget) if kind == "pdf" else ())
    if held.members and depth >= limits.ZIP_DEPTH_MAX:
        yield replace(own, findings=(*own.findings, finding("archive_depth", depth=limits.ZIP_DEPTH_MAX)))
        return
    inside = [one for member in held.members for one in _read_member(leaf, member, held, job, depth)]
    if own.reason == "no_text" and not aside.pictures and any(one.reports for one in inside):
        own = replace(own, outcome="enclosure", reason=None)
    yield own
    yield from inside


def _type_of(leaf: Leaf) -> Sniffed:
    if leaf.declared_type == "message/external-body":
        return Sniffed("eml", reason="external_body")
    if leaf.declared_type == "message/partial":
        return Sniffed("eml", reason="partial_message")
    if leaf.role == "body":
        kind = "html" if leaf.declared_type == "text/html" else "txt"
        return Sniffed(kind, reason=None if leaf.data.strip() else "empty")
    return sniff(leaf.data, leaf.name, leaf.declared_type)


def _read_container(
    leaf: Leaf, kind: str, job: _Job, depth: int, findings: tuple[Finding, ...]
) -> Iterator[PartReading]:
    try:
        opened = _opened(leaf, kind, job)
    except Unreadable as refused:
        if refused.reason == "empty":
            findings += (finding("empty_archive"),)
        outcome: PartOutcome = "needs_review" if refused.reason in REVIEW else "refused"
        yield _reading(leaf, kind, outcome, refused.reason, findings)
        return
    if not opened.members:  # a signature beside the file it signs
        yield _reading(leaf, kind, "refused", "unsupported_type", findings + opened.findings)
    inside = replace(job, hints=replace(job.hints, subject=opened.subject or job.hints.subject))
    for member in opened.members:
        yield from _read_member(leaf, member, opened, inside, depth)


def _opened(leaf: Leaf, kind: str, job: _Job) -> Opened:
    """What is in a container, by a program where the library cannot; raises ``Unreadable``."""
    try:
        return open_container(leaf.data, kind, leaf.name, job.budget)
    except NotBuilt as limit:
        done = job.unpacked.get(leaf.sha256)
        if done is None:
            if leaf.data not in job.archives:
                job.archives.append(leaf.data)
            return Opened(limit.members)
        if done.reason:
            raise Unreadable(done.reason, "unar") from limit
        return Opened(expand_unpacked(done.tar, job.budget, whole=done.whole))


def _read_member(leaf: Leaf, member: Member, opened: Opened, job: _Job, depth: int) -> Iterator[PartReading]:
    inner = Leaf(
        path=(*leaf.path, *(() if depth else (leaf.name,)), member.path),
        name=member.name,
        declared_type=member.declared,
        charset=member.charset,
        data=member.data,
        sha256=hashlib.sha256(member.data).hexdigest(),
        role="body" if member.is_body else "attachment",
    )
    findings = opened.findings + member.findings
    if member.reason:
        kind = inner.name.rpartition(".")[2].lower()[:10] if "." in inner.name else "data"
        yield _reading(inner, kind, "refused", member.reason, findings)
    elif member.declared == "message/rfc822" and depth + 1 < limits.ZIP_DEPTH_MAX:
        yield from _read_mail(inner, job, depth + 1, findings)
    else:
        yield from _read(inner, job, depth + 1, findings)


def _read_mail(leaf: Leaf, job: _Job, depth: int, findings: tuple[Finding, ...]) -> Iterator[PartReading]:
    envelope = open_mail(leaf.data)
    inherited = tuple(one for one in findings if one.code == "signed_by")  # told of everything that was signed
    if envelope.reason:
        yield _reading(leaf, "eml", "needs_review", envelope.reason, findings)
    inside = replace(job, hints=replace(job.hints, subject=envelope.subject or job.hints.subject))
    for inner in envelope.leaves:
        if inner.role in ("body", "attachment"):
            yield from _read(replace(inner, path=(*leaf.path, *inner.path)), inside, depth + 1, inherited)


def _read_document(leaf: Leaf, kind: str, job: _Job, findings: tuple[Finding, ...]) -> tuple[PartReading, _Aside]:
    try:
        document = _document(leaf, kind, job)
    except Unreadable as refused:
        _want(leaf, kind, refused.wanted, job)
        aside = _Aside(refused.pinned, bool(refused.wanted))
        if leaf.role == "body" and refused.reason == "no_text":  # only pictures: nothing was written
            return _reading(leaf, kind, "refused", "empty", findings), aside
        outcome: PartOutcome = "needs_review" if refused.reason in REVIEW else "refused"
        return _reading(leaf, kind, outcome, refused.reason, findings), aside
    return _understood(leaf, kind, document, job, findings), _Aside(document.pinned)


def _understood(leaf: Leaf, kind: str, document: Document, job: _Job, findings: tuple[Finding, ...]) -> PartReading:
    """What became of a document that could be read."""
    hints = job.hints if leaf.role == "body" else replace(job.hints, name=leaf.name)
    if document.scanned:
        document = put_right(document, job.forms)
    if job.seen is not None:
        job.seen[leaf.path] = (leaf, document)
    _want(leaf, kind, document.wanted, job)
    findings += tuple(worded(one, what=leaf.name) for one in document.findings)
    unseen = lines_beyond(document)
    if unseen or tables_beyond(document):
        findings += (finding("text_beyond_range"),)
    reports = extract(document, job.forms, hints, job.as_form)
    if not reports and leaf.role == "body":
        reports = _titled_by_subject(document, job)
    doubtful = document.quality < limits.TEXT_QUALITY_MIN
    if document.scanned:
        faint = _is_faint(document, (job.scans or {}).get(leaf.sha256, {}))
        return _by_eye(
            leaf, kind, document, [believe(one, document, job.forms) for one in reports], findings, faint=faint
        )
    if reports:
        if doubtful:
            reason = document.unread or "low_text_quality"
            return replace(_reading(leaf, kind, "needs_review", reason, findings), reports=reports)
        unsure = _unsure(reports) or (_is_half_heard(findings) and "too_large") or None
        read = _reading(leaf, kind, "needs_review" if unsure else "read", unsure, findings)
        told = all(one.core_stated * 2 < len(one.core) for one in reports)  # a cover letter, if a report is attached
        return replace(read, reports=reports, mentions=_mentions(leaf, document, job) if told else ())
    if document.unread:
        return _reading(leaf, kind, "needs_review", document.unread, findings)
    if unseen:
        return _reading(leaf, kind, "needs_review", "too_large", findings)
    if doubtful and leaf.role != "body" and _has_own_letters(document):
        return _reading(leaf, kind, "needs_review", "low_text_quality", findings)
    return replace(_reading(leaf, kind, "enclosure", None, findings), mentions=_mentions(leaf, document, job))


def _mentions(leaf: Leaf, document: Document, job: _Job) -> tuple[Mention, ...]:
    return mentions(document, job.forms) if leaf.role == "body" else ()


def _by_eye(
    leaf: Leaf, kind: str, document: Document, beliefs: Sequence[Belief], findings: tuple[Finding, ...], *, faint: bool
) -> PartReading:
    """What became of a part some pages of which were recognised."""
    reports = tuple(one.report for one in beliefs)
    unsure = next((one.reason for one in beliefs if one.reason), None) or _unsure(reports)
    if document.quality < limits.TEXT_QUALITY_MIN:
        unsure = unsure or "unreadable_scan"
    elif not reports and (faint or document.sure < limits.SCAN_SURE_MIN):
        unsure = "unreadable_scan"  # a report nobody recognised would be lost
    elif not reports and document.unread:
        unsure = document.unread
    elif not reports and any(one.code == "pages_without_text" for one in findings):
        unsure = "too_many_pages"
    if unsure:
        return replace(_reading(leaf, kind, "needs_review", unsure, findings), reports=reports)
    return replace(_reading(leaf, kind, "read" if reports else "enclosure", None, findings), reports=reports)


def _is_faint(document: Document, pages: Mapping[int, PageScan]) -> bool:
    """Whether hardly a letter was read of pictures one of which is as large as a page; a PDF's always are."""
    cells = (cell.text for block in document.blocks if block.table for row in block.table.rows for cell in row)
    letters = sum(char.isalnum() for text in (*(block.text for block in document.blocks), *cells) for char in text)
    least = 0 if document.type == "pdf" else limits.SCAN_SIDE_MIN
    large = any(min(page.width, page.height) >= least for page in pages.values())
    return letters < limits.SCAN_LETTERS_MIN and large


def _unsure(reports: Sequence[Report]) -> str | None:
    """Why a person must say whose the figures are, or of which span: they may be another agency's, or a quarter's."""
    found = {one.code for report in reports for one in report.findings}
    return next((reason for code, reason in _UNSURE.items() if code in found), None)


def _is_half_heard(findings: Sequence[Finding]) -> bool:
    """Whether there are strokes over the pages nobody looked at: any figure may be struck out."""
    return any(one.code == "remarks_unread" for one in findings)


def _want(leaf: Leaf, kind: str, pages: tuple[int, ...], job: _Job) -> None:
    """Ask for pages, unless that was done already or it is only a picture of the mail's own dress."""
    dress = leaf.role == "inline" and kind in PICTURES and len(leaf.data) <= limits.INLINE_PICTURE_MAX
    if job.scans is not None or not pages or dress or any(one.sha256 == leaf.sha256 for one in job.wanted):
        return
    job.wanted.append(WantedPages(leaf.sha256, kind, pages, b"" if leaf.sha256 == job.outer else leaf.data))


def _titled_by_subject(document: Document, job: _Job) -> tuple[Report, ...]:
    """The reports of a body whose only heading is the mail's subject; an answer's subject is not its own."""
    if not job.hints.subject or is_answer(job.hints.subject):
        return ()
    headed = replace(document, blocks=(Block(n=0, text=job.hints.subject), *document.blocks))
    reports = extract(headed, job.forms, job.hints, job.as_form)
    return tuple(report for report in reports if report.core_stated)


def _document(leaf: Leaf, kind: str, job: _Job) -> Document:
    if leaf.role != "body":
        scans = job.scans.get(leaf.sha256) if job.scans is not None else None
        return read_document(leaf.data, kind, charset=leaf.charset, budget=job.budget, scans=scans)
    text, guessed = characters(leaf.data, leaf.charset)
    if not is_forwarded(job.hints.subject):
        text = own_markup(text) if kind == "html" else own_words(text)
    document = read_document(text.encode() or b"\n", kind, charset="utf-8", budget=job.budget)
    if guessed:
        return replace(document, findings=(*document.findings, finding("charset_guess", what=leaf.name)))
    return document


def _has_own_letters(document: Document) -> bool:
    """Letters beyond ASCII: a foreign text in plain ASCII is an enclosure, garbled Vietnamese is for a person."""
    return any(not block.text.isascii() or block.table is not None for block in document.blocks)


def _reading(
    leaf: Leaf, kind: str, outcome: PartOutcome, reason: str | None, findings: tuple[Finding, ...]
) -> PartReading:
    return PartReading(
        path=leaf.path,
        name=leaf.name,
        sha256=leaf.sha256,
        size=len(leaf.data),
        type=kind,
        outcome=outcome,
        reason=reason,
        findings=findings,
        role=leaf.role,
    )
