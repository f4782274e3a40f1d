"""A mail of our own, read once by the warm worker, so that no child builds what all of them need.

Rules (plan, step 4 READ):

1. Every table and pattern made at first use is made here, before the first fork; a child starts with them in memory.
2. Every label of every form is looked for as offices write it, and the words of our own files as if misspelled.
   The mail is made from the forms in force (titles, headings, labels) and ``rehearsal.toml`` (letterhead, period, answers):
   whole reports, so that hardly anything is done for the first time when a stranger's is read. No bytes of a stranger.
3. The last form once more as a workbook, as an OpenDocument sheet (``parsers.samples``) and as a PDF (``parsers.sample_pdf``): their
   readers have done everything once.
4. What goes wrong here costs warmth, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import tomllib
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

from parsers import sample_pdf, samples
from parsers.fold import nfc
from parsers.form import PACKAGED, Form, FormSet, Line
from parsers.labels import labels_of
from parsers.mail import open_mail
from parsers.part import read_leaf, read_part
from parsers.values import Envelope, Hints, Leaf
from parsers.wire import pack, unpack
from parsers.words import words_of

_OWN_WORDS = (Path(__file__).parent / "words.toml", *sorted(PACKAGED.glob("*.toml")))
_RULED = 20  # lines of a form also between rulings
_SPOKEN = 5  # lines of the first form also in the text of the mail


def rehearse(forms: FormSet) -> None:
    """Look at every label, then open and read the mail; its readings are thrown away."""
    with contextlib.suppress(Exception):
        words = {word.key for path in _OWN_WORDS for word in words_of(nfc(path.read_text("utf-8")))}
        for form in forms.all():
            labels_of(form).rehearse(words)
        envelope = unpack(pack(open_mail(_mail(forms))), Envelope)
        for leaf in envelope.leaves:
            pack(read_part(leaf, forms, Hints(envelope.subject, leaf.name, None)))
        for leaf in other_kinds(forms.get(forms.names()[-1])):
            pack(read_leaf(leaf, forms, Hints("", leaf.name, None)))


def other_kinds(form: Form) -> tuple[Leaf, Leaf, Leaf]:
    """A report in that form as a workbook, as an OpenDocument sheet and as a PDF."""
    head, lines, foot = _paper(form)
    parted = [[label, value.strip()] for label, _, value in (line.rpartition(":") for line in lines[2:])]
    rows = [*_flat(head), *([line] for line in lines[:2]), *parted, *_flat(foot)]
    printed = sample_pdf.pdf(["\t".join(row) for row in _flat(head)] + lines, parted[:_RULED])
    return _leaf(samples.xlsx(rows), "xlsx"), _leaf(samples.ods(rows), "ods"), _leaf(printed, "pdf")


def _flat(table: _Table) -> _Table:
    return [[" ".join(text.split()) for text in row] for row in table]


def _leaf(data: bytes, kind: str) -> Leaf:
    declared = samples.DOCX if kind == "docx" else ""
    return Leaf(("1",), f"0.{kind}", declared, "", data, hashlib.sha256(data).hexdigest(), "attachment")


def _mail(forms: FormSet) -> bytes:
    """Every form as a Word file; the beginning of the first also as the text of the mail, in both kinds."""
    papers = [_paper(forms.get(name)) for name in forms.names()]
    _, spoken, _ = papers[0]
    words = spoken[:_SPOKEN]
    message = EmailMessage()
    message["From"] = "Worker <worker@localhost>"
    message["Subject"] = words[0]
    message.set_content("\n".join(words), cte="base64")
    message.add_alternative("".join(f"<p>{escape(line)}</p>" for line in words), subtype="html", cte="base64")
    main, _, sub = samples.DOCX.partition("/")
    for n, paper in enumerate(papers):
        message.add_attachment(samples.docx(*paper), maintype=main, subtype=sub, filename=f"{n}.docx")
    return message.as_bytes()


_Table = list[list[str]]


def _paper(form: Form) -> tuple[_Table, list[str], _Table]:
    """A report in that form: the table above it, its lines, the table below it."""
    told = tomllib.loads((Path(__file__).parent / "rehearsal.toml").read_text("utf-8"))
    lines = [form.title, told["window"], *(f"I. {heading}:" for heading in form.headings[:1])]
    for line in form.lines:
        answer = told["told"] if line.kind == "text" else told["count"]
        lines.append(f"- {_printed(form, line, told)}: {answer}")
    return told["head"], lines, told["foot"]


def _printed(form: Form, line: Line, told: dict[str, Any]) -> str:
    """The line as the form prints it; a ratio with its denominator."""
    label = line.labels[0] if line.labels else line.label
    below = form.line(line.over) if line.over else None
    return f"{label} {told['count']}/{below.short[0]} {told['below']}" if below and below.short else label
