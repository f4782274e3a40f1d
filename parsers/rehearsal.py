"""A mail of our own, read once by the warm worker, so that no child builds what all of them need.

Rules (plan, step 4 READ):

1. Every table and pattern made at first use is made here, before the first fork; a child starts with them in memory.
2. The mail is made from the forms in force: their titles and labels, a number behind each. No bytes of a stranger.
3. What goes wrong here costs warmth, nothing else.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from email.message import EmailMessage
from html import escape

from parsers.form import Form, FormSet, Line
from parsers.mail import open_mail
from parsers.part import read_part
from parsers.values import Envelope, Hints
from parsers.wire import pack, unpack

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SPOKEN = 5  # lines of the first form also in the text of the mail


def rehearse(forms: FormSet) -> None:
    """Open and read the mail; its readings are thrown away."""
    with contextlib.suppress(Exception):
        envelope = unpack(pack(open_mail(_mail(forms))), Envelope)
        for leaf in envelope.leaves:
            pack(read_part(leaf, forms, Hints(envelope.subject, leaf.name, None)))


def _mail(forms: FormSet) -> bytes:
    """Every form as a Word file; the beginning of the first also as the text of the mail, in both kinds."""
    papers = [_lines(forms.get(name)) for name in forms.names()]
    message = EmailMessage()
    message["From"] = "Worker <worker@localhost>"
    message["Subject"] = papers[0][0]
    words = papers[0][:_SPOKEN]
    message.set_content("\n".join(words), cte="base64")
    message.add_alternative("".join(f"<p>{escape(line)}</p>" for line in words), subtype="html", cte="base64")
    main, _, sub = _DOCX.partition("/")
    for n, lines in enumerate(papers):
        message.add_attachment(_docx(lines), maintype=main, subtype=sub, filename=f"{n}.docx")
    return message.as_bytes()


def _lines(form: Form) -> list[str]:
    return [form.title, *(f"- {_printed(form, line)}: 12" for line in form.lines)]


def _printed(form: Form, line: Line) -> str:
    """The line as the form prints it; a ratio with its denominator."""
    label = line.labels[0] if line.labels else line.label
    below = form.line(line.over) if line.over else None
    return f"{label} 12/{below.short[0]}" if below and below.short else label


def _docx(lines: list[str]) -> bytes:
    """The smallest Word file with these paragraphs and a table of two columns."""
    row = "".join(f"<w:tc>{_paragraph(text)}</w:tc>" for text in (lines[-1], "12"))
    body = "".join(map(_paragraph, lines)) + f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"
    part = f'<Override PartName="/word/document.xml" ContentType="{_DOCX}.main+xml"/>'
    relation = f'<Relationship Id="r" Type="{_MAIN}" Target="word/document.xml"/>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{part}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
