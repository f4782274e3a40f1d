"""Word's own numbers: when the definitions of lists are worth opening."""

from __future__ import annotations

import pytest

from parsers.readers.docx_numbering import _counted_styles
from parsers.readers.errors import Unreadable
from parsers.readers.ooxml import refuse_doctype

STYLES = (
    b'<w:styles><w:style w:styleId="Normal"></w:style>'
    b'<w:style w:styleId="List"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
    b'<w:style w:styleId="Child"><w:basedOn w:val="List"/></w:style>'
    b'<w:style w:styleId="Ring"><w:basedOn w:val="Ring"/></w:style></w:styles>'
)


def document(style: str) -> bytes:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr></w:p>'.encode()


@pytest.mark.parametrize(
    ("style", "counted"), [("List", True), ("Child", True), ("Normal", False), ("Ring", False), ("Unknown", False)]
)
def test_lists_of_styles_are_opened_where_a_paragraph_has_such_a_style(style: str, counted: bool):
    assert _counted_styles(STYLES, document(style)) is counted


def test_bytes_that_do_not_tell_are_opened():
    assert _counted_styles(STYLES, b'<x:pStyle x:val="Normal"/>')
    assert _counted_styles(STYLES.replace(b"w:style ", b"x:style "), document("Normal"))
    assert _counted_styles(STYLES.replace(b'w:styleId="Normal"', b"w:styleId='Normal'"), document("Normal"))
    assert not _counted_styles(STYLES.replace(b"numPr", b"spacing"), document("List"))
    assert not _counted_styles(STYLES, b"<w:p/>")


HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
BOMB = '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'


@pytest.mark.parametrize(
    "data",
    [
        (HEAD + BOMB).encode(),
        BOMB.encode(),
        (HEAD.replace("UTF-8", "UTF-16") + BOMB).encode("utf-16"),
        (HEAD.replace("UTF-8", "UTF-16") + BOMB).encode("utf-16-be"),
    ],
)
def test_a_doctype_is_refused_in_every_encoding_a_package_may_have(data: bytes):
    with pytest.raises(Unreadable) as refused:
        refuse_doctype(data, "part")
    assert refused.value.reason == "xml_entity"


def test_plain_utf8_without_a_doctype_passes():
    refuse_doctype((HEAD + "<a>Sở</a>").encode(), "part")
