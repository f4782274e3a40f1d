"""Office files that say they were made at a given moment: the same facts give the same bytes, whatever the machine's clock says."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from notifier import wording
from notifier.office import Office


def saved(book: Workbook, title: str, office: Office, at: datetime) -> bytes:
    """The workbook as bytes, made by that office at that moment."""
    moment = wording.moments(office.timezone).local(at).replace(tzinfo=None)
    book.properties.creator = office.name
    book.properties.title = title
    book.properties.created = moment
    target = io.BytesIO()
    ExcelWriter(book, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True)).save()  # packed once, below
    return settled(target.getvalue(), moment)


def settled(data: bytes, moment: datetime) -> bytes:
    """The same file, its members and its properties dated at that (naive) moment."""
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as fixed:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            fixed.writestr(zipfile.ZipInfo(member.filename, moment.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
