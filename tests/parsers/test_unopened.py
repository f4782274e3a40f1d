"""Pictures nobody here opens: told where they may be the report, passed over where they are a seal or a line."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from parsers.form import load_forms
from parsers.part import read_part
from parsers.readers import Budget, read_document, unopened
from parsers.readers.unopened import begins_unopened, kind_of, unopened_in
from parsers.values import Hints
from tests.corpus.make_office import emf
from tests.parsers.document_builders import WEEKLY, docx_of, paragraph, zipped
from tests.parsers.office_builders import odt_of, rtf_of
from tests.parsers.test_formats import leaf

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"
WMF = b"\xd7\xcd\xc6\x9a" + struct.pack("<H4hHIH", 0, 0, 0, 6000, 8000, 1000, 0, 0)


@pytest.mark.parametrize("kind", ["doc", "docx", "odt", "rtf"])
def test_a_covering_letter_with_a_drawing_nobody_opens_waits_for_a_person(kind):
    (reading,) = read_part(leaf(f"a.{kind}", (DOCUMENTS / f"pictured.{kind}").read_bytes()), load_forms(), Hints())
    assert (reading.outcome, reading.reason) == ("needs_review", "unreadable_scan")
    (told,) = [one for one in reading.findings if one.code == "picture_unread"]
    assert "(EMF" in told.message


@pytest.mark.parametrize("kind", ["doc", "docx", "odt"])
def test_a_workbook_embedded_in_a_letter_is_told(kind):
    document = read_document((DOCUMENTS / f"pictured.{kind}").read_bytes(), kind)
    assert "embedded_document" in [one.code for one in document.findings]


def pictured(*pictures: bytes, lines: tuple[str, ...] = ("Gửi báo cáo",)) -> bytes:
    media = {f"word/media/image{n}.emf": picture for n, picture in enumerate(pictures)}
    blips = '<w:p><w:r><w:drawing><a:blip r:embed="i"/></w:drawing></w:r></w:p>' * len(pictures)
    return docx_of("".join(map(paragraph, lines)) + blips, media)


def test_a_report_beside_such_a_picture_is_read_and_the_picture_told():
    (reading,) = read_part(leaf("a.docx", pictured(emf(160, 200), lines=WEEKLY)), load_forms(), Hints())
    assert (reading.outcome, [one.code for one in reading.findings]) == ("read", ["picture_unread"])


def test_nothing_but_such_a_picture_is_for_a_person():
    (reading,) = read_part(leaf("a.docx", pictured(emf(160, 200), lines=())), load_forms(), Hints())
    assert (reading.outcome, reading.reason) == ("needs_review", "unreadable_scan")


def test_a_small_drawing_is_a_seal_and_a_long_text_needs_no_picture():
    assert not read_document(pictured(emf(50, 60)), "docx").findings
    assert not read_document(pictured(emf(160, 200), lines=("Gửi báo cáo " * 60,)), "docx").findings


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (emf(160, 200), "EMF"), (emf(20, 61), "EMF"), (emf(20, 60), ""), (WMF, "WMF"), (WMF.replace(struct.pack("<h", 8000), b"\1\0"), "WMF"),
        (b"\xd7\xcd\xc6\x9a" + struct.pack("<H4hHIH", 0, 0, 0, 60, 80, 1000, 0, 0), ""), (b"\1\0\x09\0\0\3", "WMF"), (b"\x1f\x8b", "WMF"),
        (b"BM" + struct.pack("<16xii", 300, -500), "BMP"), (b"BM" + struct.pack("<16xii", 30, 50), ""), (b"BM", ""),
        (b"<?xml?><svg/>", "SVG"), (b"\x89PNG\r\n\x1a\n", ""), (b"", ""),
    ],
)  # fmt: skip
def test_the_kind_of_a_picture_is_how_it_begins(picture, kind):
    assert kind_of(picture) == kind


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        (r"{\pict\emfblip\picwgoal9000\pichgoal500 00}", ("EMF",)),
        (r"{\pict\wmetafile8\picwgoal900\pichgoal500 00}", ()),
        (r"{\pict\dibitmap0 00}{\pict\macpict 00}{\pict\dibitmap0 00}", ("DIB", "PICT")),
        (r"{\*\shppict{\pict\pngblip 00}}{\nonshppict{\pict\wmetafile8\picwgoal9000 00}}", ()),
    ],
)
def test_rtf_names_the_kind_of_each_picture(told, kinds):
    assert unopened_in(rtf_of(told), "rtf", Budget()) == kinds


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x40\x3d\x1a\xf0", "EMF"), (b"\x70\x21\x1b\xf0", "WMF"), (b"\x80\x7a\x1f\xf0", "DIB"), (b"\x50\x6e\x29\xf0", "TIFF"),
    ],
)  # fmt: skip
def test_old_files_name_the_kind_before_each_picture(head, kind):
    ids = 32 if head[0] & 0x10 else 16
    body = bytes(ids) + struct.pack("<I4iii", 9, 0, 0, 9, 9, 70 * 36_000, 9 * 36_000)
    assert list(unopened._recorded(b"x" + head + struct.pack("<I", len(body)) + body)) == [kind]
    small = bytes(ids) + struct.pack("<I4iii", 9, 0, 0, 9, 9, 36_000, 36_000)
    assert list(unopened._recorded(head + struct.pack("<I", len(small)) + small)) == (
        [] if kind in ("EMF", "WMF") else [kind]
    )
    assert begins_unopened(b"x" + head + body + head) == 2


def test_what_shows_an_embedded_object_is_no_picture_of_its_own():
    image = '<text:p><draw:frame><draw:image xlink:href="./{}"/></draw:frame></text:p>'
    for folder, kinds in (("Pictures", ("EMF",)), ("ObjectReplacements", ())):
        made = odt_of(image.format(f"{folder}/a"), members={f"{folder}/a": emf(160, 200)})
        assert unopened_in(made, "odt", Budget()) == kinds


def test_a_workbook_and_word_2003s_xml_are_asked_as_well():
    book = zipped({"[Content_Types].xml": "<x/>", "xl/media/image1.wmf": WMF})
    assert unopened_in(book, "xlsx", Budget()) == ("WMF",)
    assert unopened_in((DOCUMENTS / "word2003.xml").read_bytes(), "wordxml", Budget()) == ()
