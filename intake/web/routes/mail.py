"""One mail: its way, its reports beside the original, its letters, its bytes. Opening and downloading are noted in the log."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from intake.asking import NotFound, find
from intake.book import law_of
from intake.people import content_of
from intake.web.access import Reader, Visitor, console_of
from intake.web.album import Album, Page, boxes_by_page
from intake.web.mailing import MailView, ReportView, mail_view, report_view
from intake.web.originals import PICTURED, Originals, marked
from intake.web.pages import page
from intake.web.shown import Moments
from intake.web.trail import trail_of
from parsers.box import BoxFailure
from parsers.scan import Box
from storage.errors import NotFound as Gone
from storage.records import Mail, Part

router = APIRouter()
_DOWNLOAD = {
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SEEN_MOST = 10_000
_UNSAFE = re.compile(r"[^\w .,()\-]", re.UNICODE)
_HARMLESS = frozenset(
    [
        "docx",
        "doc",
        "rtf",
        "odt",
        "xlsx",
        "xls",
        "ods",
        "csv",
        "pdf",
        "txt",
        "png",
        "jpg",
        "jpeg",
        "tif",
        "tiff",
        "zip",
        "7z",
        "rar",
    ]
)


def originals_of(request: Request) -> Originals:
    """The remembered parts of this application."""
    found: Originals | None = getattr(request.app.state, "originals", None)
    if found is None:
        found = request.app.state.originals = Originals()
    return found


def album_of(request: Request) -> Album:
    """The pictures of this application."""
    found: Album | None = getattr(request.app.state, "album", None)
    if found is None:
        found = request.app.state.album = Album(originals_of(request))
    return found


def noted(request: Request, visitor: Visitor, what: str, subject: str, **said: object) -> None:
    """Write down who saw what, before it is shown."""
    with console_of(request).write(visitor.account.actor) as tx:
        tx.note_access(what, subject, **said)


@router.get("/find")
def found(request: Request, visitor: Reader, id: str = "") -> Response:  # noqa: A002
    """A mail, part, report, receipt or sum, typed in; with nothing typed in, the search."""
    del visitor
    if not id.strip():
        return RedirectResponse("/log", 303)
    with console_of(request).ask() as q:
        mail_id = find(q, id.strip()).mail_id
    return RedirectResponse(f"/mail/{mail_id}", 303)


@router.get("/mail/{mail_id}")
def mail(request: Request, visitor: Reader, mail_id: int) -> Response:
    """The mail, whole."""
    console = console_of(request)
    now = console.now()
    with console.ask() as q:
        view = mail_view(console.reader, q, mail_id, now)
        seen = q.entries_about([f"access:mail:{mail_id}"])
        names = {account.actor: account.shown or account.name for account in q.accounts()}
    noted(request, visitor, "mail_opened", f"mail:{mail_id}")
    trail = trail_of(view, Moments(console.desk.calendar))
    return page(
        request, "mail.html", view=view, trail=trail, seen=seen[-30:], names=names, erased=_erased(request, view)
    )


@router.get("/mail/{mail_id}/part/{n}")
def part(request: Request, visitor: Reader, mail_id: int, n: int) -> Response:
    """The original beside the figures read from it."""
    console = console_of(request)
    one, of = _part(request, mail_id, n)
    with console.ask() as q:
        law = law_of(console.reader, q)
        chosen = [s for s in q.submissions(mail_id) if s.part_n == n]
        reports = [report_view(console.reader, q, law, s, console.now()) for s in chosen]
    original = originals_of(request).open(console.reader, of, one)
    noted(request, visitor, "part_opened", f"mail:{mail_id}", part=n)
    figures = {key: figure for report in reports for key, figure in (report.content.get("figures") or {}).items()}
    blocks = marked(original.document, figures) if original.document else ()
    return page(
        request,
        "part.html",
        mail=of,
        part=one,
        reports=reports,
        original=original,
        blocks=blocks,
        pages=pages_of(one, reports),
    )


@router.get("/mail/{mail_id}/part/{n}/page/{number}.png")
def page_picture(request: Request, visitor: Reader, mail_id: int, n: int, number: int) -> Response:
    """One page of a scan as a picture of ours."""
    sheet = page_of(request, mail_id, n, number)
    return _picture(request, visitor, sheet, album_of(request).picture(console_of(request).reader, sheet))


@router.get("/mail/{mail_id}/part/{n}/place/{key}.png")
def place_picture(request: Request, visitor: Reader, mail_id: int, n: int, key: str) -> Response:
    """The place one figure was read from, as a picture of ours."""
    number, box = _boxed(request, mail_id, n, key)
    sheet = page_of(request, mail_id, n, number)
    return _picture(request, visitor, sheet, album_of(request).picture(console_of(request).reader, sheet, box))


@router.get("/mail/{mail_id}/part/{n}/page-of/{key}.png")
def framed_picture(request: Request, visitor: Reader, mail_id: int, n: int, key: str) -> Response:
    """The whole page one figure was read from, a frame around its place."""
    number, box = _boxed(request, mail_id, n, key)
    sheet = page_of(request, mail_id, n, number)
    found = album_of(request).picture(console_of(request).reader, sheet, box, whole=True)
    return _picture(request, visitor, sheet, found)


@router.get("/mail/{mail_id}/part/{n}/figure/{key}")
def figure_place(request: Request, visitor: Reader, mail_id: int, n: int, key: str) -> Response:
    """One figure of a scan or a PDF: what was read, its place, and the page it stands on."""
    one, of = _part(request, mail_id, n)
    number, _ = _boxed(request, mail_id, n, key)
    console = console_of(request)
    with console.ask() as q:
        law = law_of(console.reader, q)
        reports = [
            report_view(console.reader, q, law, s, console.now()) for s in q.submissions(mail_id) if s.part_n == n
        ]
    found = next((f for report in reports for f in report.figures if f.key == key), None)
    noted(request, visitor, "part_opened", f"mail:{mail_id}", part=n)
    return page(request, "place.html", mail=of, part=one, figure=found, key=key, number=number)


def _boxed(request: Request, mail_id: int, n: int, key: str) -> tuple[int, Box]:
    """Page and rectangle a figure was read from. Raises ``NotFound``."""
    for number, boxes in _places(request, mail_id, n).items():
        if key in boxes:
            return number, boxes[key]
    raise NotFound(f"{mail_id}.{n}: {key}")


def _places(request: Request, mail_id: int, n: int) -> dict[int, dict[str, Box]]:
    with console_of(request).ask() as q:
        return boxes_by_page([content_of(q, s) for s in q.submissions(mail_id) if s.part_n == n])


def page_of(request: Request, mail_id: int, n: int, number: int) -> Page:
    """One page of a part with every place on it. Raises ``NotFound``."""
    one, of = _part(request, mail_id, n)
    return Page(of, one, number, tuple(_places(request, mail_id, n).get(number, {}).values()))


def _picture(request: Request, visitor: Visitor, sheet: Page, png: bytes | None) -> Response:
    if png is None:
        raise NotFound(f"{sheet.mail.id}.{sheet.part.n}")
    _noted_once(request, visitor, sheet.mail.id, sheet.part.n)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def _noted_once(request: Request, visitor: Visitor, mail_id: int, n: int) -> None:
    """Opening a part is noted once a session for all its pictures."""
    seen: set[tuple[str, int, int]] | None = getattr(request.app.state, "seen_parts", None)
    if seen is None or len(seen) > _SEEN_MOST:
        seen = request.app.state.seen_parts = set()
    mark = (visitor.session.token_sha256, mail_id, n)
    if mark not in seen:
        noted(request, visitor, "part_opened", f"mail:{mail_id}", part=n)
        seen.add(mark)


@router.get("/mail/{mail_id}/raw")
def raw(request: Request, visitor: Reader, mail_id: int) -> Response:
    """The mail's bytes, as they came."""
    with console_of(request).ask() as q:
        of = q.mail(mail_id)
    if of is None:
        raise NotFound(str(mail_id))
    try:
        data = console_of(request).reader.vault.get(of.sha256)
    except Gone as gone:
        raise NotFound(str(mail_id)) from gone
    noted(request, visitor, "raw_downloaded", f"mail:{mail_id}", sha256=of.sha256)
    return _download(data, f"thu-{mail_id}.eml")


@router.get("/mail/{mail_id}/part/{n}/download")
def download(request: Request, visitor: Reader, mail_id: int, n: int) -> Response:
    """The bytes of one part, under a name that can do no harm."""
    one, of = _part(request, mail_id, n)
    original = originals_of(request).open(console_of(request).reader, of, one)
    if original.leaf is None:
        raise NotFound(f"{mail_id}.{n}: {original.reason}")
    noted(request, visitor, "part_downloaded", f"mail:{mail_id}", part=n, sha256=one.sha256)
    return _download(original.leaf.data, safe_name(one.name, mail_id, n))


@router.get("/letter/{letter_id}")
def letter(request: Request, visitor: Reader, letter_id: int) -> Response:
    """One letter of ours as it left."""
    console = console_of(request)
    with console.ask() as q:
        one = q.letter(letter_id)
        changes = q.letter_changes(letter_id)
    if one is None:
        raise NotFound(str(letter_id))
    text, subject = "", ""
    if one.raw_sha256:
        try:
            envelope = console.reader.box.open_mail(console.reader.vault.get(one.raw_sha256))
            text, subject = envelope.text, envelope.subject
        except (BoxFailure, Gone):
            text = ""
    noted(request, visitor, "letter_opened", f"letter:{letter_id}")
    return page(request, "letter.html", letter=one, changes=changes, text=text, subject=subject)


def pages_of(one: Part, reports: Sequence[ReportView]) -> list[int]:
    """The pages to show as pictures: those figures were read from, else the first; none for what is no picture."""
    if one.type not in PICTURED:
        return []
    places = [f.get("where") or {} for r in reports for f in (r.content.get("figures") or {}).values()]
    return sorted({int(p["page"]) for p in places if p.get("page")}) or [1]


def safe_name(name: str, mail_id: int, n: int) -> str:
    """A file name of ours from a label of theirs: no path, no turning characters, an ending that runs nothing.

    >>> safe_name("../../etc/x.docx", 17, 2), safe_name("a.pdf.exe", 17, 2)
    ('17.2 etcx.docx', '17.2 a.pdf.exe.bin')
    """
    plain = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] not in "CZ" or c == " ")
    plain = _UNSAFE.sub("", plain).lstrip(". -")[:100].rstrip(". ")
    ending = plain.rpartition(".")[2].lower() if "." in plain else ""
    return f"{mail_id}.{n} {plain or 'tep'}" + ("" if ending in _HARMLESS else ".bin")


def _download(data: bytes, name: str) -> Response:
    ascii_name = (
        unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    )
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    return Response(data, headers={**_DOWNLOAD, "Content-Disposition": disposition})


def _part(request: Request, mail_id: int, n: int) -> tuple[Part, Mail]:
    with console_of(request).ask() as q:
        of = q.mail(mail_id)
        one = next((p for p in q.parts(mail_id) if p.n == n), None)
    if of is None or one is None:
        raise NotFound(f"{mail_id}.{n}")
    return one, of


def _erased(request: Request, view: MailView) -> bool:
    return not console_of(request).reader.vault.has(view.mail.sha256)
