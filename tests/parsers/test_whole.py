"""A whole mail in one child: what it says piece by piece, where it stops, and that nothing else is read differently for it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from parsers.assemble import assemble
from parsers.box import Box
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.orders import MailOrder, Parts, framed, heard, hints_of
from parsers.part import read_leaf
from parsers.values import Envelope, PartReading
from parsers.whole import read_whole
from parsers.wire import WireError
from tests.parsers.document_builders import docx_bytes

FORMS = load_forms()
DOCX = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")


@pytest.fixture(scope="module")
def box():
    with Box() as found:
        yield found


def mail(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "SNV <snv@tinh.example>", "Báo cáo tuần CCHC"
    message.set_content("Kính gửi Sở Nội vụ.")
    for name, data in files:
        message.add_attachment(data, maintype=DOCX[0], subtype=DOCX[1], filename=name)
    return message.as_bytes()


def leaf_by_leaf(raw: bytes) -> list[PartReading]:
    envelope = open_mail(raw)
    return [
        reading
        for leaf in envelope.leaves
        for reading in read_leaf(leaf, FORMS, hints_of(envelope, leaf.name, None)).readings
    ]


def said(raw: bytes) -> list[Envelope | Parts]:
    return list(read_whole(MailOrder(raw, None, None), FORMS))


def test_the_envelope_is_said_first_then_the_body_then_one_file():
    raw = mail(("a.docx", docx_bytes()), ("b.docx", docx_bytes()))
    envelope, *parts = said(raw)
    assert envelope == open_mail(raw)
    assert [leaf.role for leaf in open_mail(raw).leaves] == ["body", "attachment", "attachment"]
    assert [part.readings[0].name for part in parts if isinstance(part, Parts)] == ["part-1", "a.docx"]


def test_what_was_said_is_heard_as_far_as_it_is_whole():
    pieces = [framed(piece) for piece in said(mail(("a.docx", docx_bytes())))]
    assert len(pieces) == 3
    whole = heard(b"".join(pieces))
    assert (len(whole.parts), whole.envelope.subject) == (2, "Báo cáo tuần CCHC")
    assert heard(b"".join(pieces)[:-1]).parts == whole.parts[:1]
    assert heard(pieces[0] + b"failed\nno piece at all") == heard(pieces[0])


def test_who_sent_the_mail_cannot_be_said_again_by_a_file():
    """Whoever takes over the child while it reads a file can only add to what stands already."""
    first, body, _file = (framed(piece) for piece in said(mail(("a.docx", docx_bytes()))))
    forged = framed(open_mail(b"From: chu.tich@tinh.example\r\n\r\nx"))
    assert heard(first + body + forged) == heard(first + body)


def test_without_a_whole_envelope_nothing_was_said():
    for answer in (b"", b"ok\n", framed(said(mail())[0])[:-1]):
        with pytest.raises(WireError):
            heard(answer)


def test_a_leaf_that_goes_wrong_is_left_to_a_child_of_its_own(monkeypatch):
    def wrong(*_: object) -> Parts:
        raise MemoryError

    monkeypatch.setattr("parsers.whole.read_leaf", wrong)
    assert len(said(mail(("a.docx", docx_bytes())))) == 1


def test_a_child_that_took_long_begins_no_further_leaf(monkeypatch):
    monkeypatch.setattr("parsers.whole._LONG", -1.0)
    assert len(said(mail(("a.docx", docx_bytes())))) == 1


@pytest.mark.parametrize("files", [0, 1, 2])
def test_a_mail_is_read_as_leaf_by_leaf(box, files):
    raw = mail(*((f"{n}.docx", docx_bytes()) for n in range(files)))
    envelope, readings = box.read_mail(raw, None)
    assert envelope == open_mail(raw)
    assert list(readings) == leaf_by_leaf(raw)
    assert assemble(envelope, readings).outcome == ("read" if files else "no_report")


def test_a_mail_that_is_too_much_for_one_child_is_read_leaf_by_leaf(box, monkeypatch):
    monkeypatch.setattr(box._worker, "try_once", lambda *_: None)
    raw = mail(("a.docx", docx_bytes()))
    assert box.read_mail(raw, None) == (open_mail(raw), tuple(leaf_by_leaf(raw)))
