"""What is drawn on a page of a PDF beside its letters, for pdfplumber's search for ruled tables.

Rules (plan, pitfalls, "Documents"):

1. pdfplumber looks for tables among lines and rectangles alone; pdfminer, which gathers them for it, spends nine tenths of
   its time on letters and fonts nobody asks it for. So strings are cut out of the page's commands before they are looked at,
   no font is opened, and only what draws is carried out.
2. Commands that are not plain (a picture written among them, brackets inside strings) are left to pdfminer as they are,
   still without fonts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTPage
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdftypes import dict_value, stream_value
from pdfminer.psparser import LIT
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

_UNSEEN = re.compile(rb"\((?:[^()\\]++|\\.)*+\)|<[0-9A-Fa-f\s]*+>|%[^\r\n]*+", re.DOTALL)  # strings, comments
_NUMBER = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_NEEDED = {b"re": 4, b"cm": 6, b"m": 2, b"l": 2, b"c": 6, b"v": 4, b"y": 4}  # numbers
_DRAWS = {
    word: (f"do_{word.decode().replace('*', '_a')}", _NEEDED.get(word, 0))
    for word in (*_NEEDED, *b"h S s F n q Q f f* B B* b b*".split())
}


class DrawnPage(Page):
    """A page as pdfplumber knows it, of which only what is drawn was gathered."""

    @property
    def layout(self) -> LTPage:
        """Its lines and rectangles; raises what pdfplumber raises."""
        device = PDFPageAggregator(self.pdf.rsrcmgr, pageno=self.page_number)
        try:
            _Drawing(self.pdf.rsrcmgr, device).process_page(self.page_obj)
        except Exception as error:
            raise PdfminerException(error) from error
        return device.get_result()


class _Drawing(PDFPageInterpreter):
    """Carries out what draws."""

    def init_resources(self, resources: Mapping[object, object]) -> None:
        """Without fonts."""
        super().init_resources({kind: what for kind, what in dict_value(resources).items() if kind != "Font"})
        self.resources = dict(resources)

    def do_TJ(self, seq: Any) -> None:  # noqa: N802  # the command's name
        """No letters."""

    def get_current_state(self) -> tuple[Any, Any, Any]:
        """What is kept and put back: pens and letters do not matter here, so they are not copied."""
        return self.ctm, self.textstate, self.graphicstate

    def execute(self, streams: Sequence[object]) -> None:
        """The page's commands, or those of a drawing on it."""
        bare = _UNSEEN.sub(b" ", b"\n".join(self._contents(streams)))
        words = _words(bare)
        if b"(" in bare or b")" in bare or b"ID" in words:
            super().execute(streams)
            return
        for at, word in enumerate(words):
            if word in _DRAWS:
                command, needed = _DRAWS[word]
                self._draw(command, needed, words[max(0, at - needed) : at])
            elif word == b"Do" and at and words[at - 1].startswith(b"/"):
                self.do_Do(LIT(words[at - 1][1:].decode("latin-1")))

    def _draw(self, command: str, needed: int, given: Sequence[bytes]) -> None:
        if len(given) == needed and all(map(_NUMBER.fullmatch, given)):
            getattr(self, command)(*map(float, given))

    def _contents(self, streams: Sequence[object]) -> list[bytes]:
        """As pdfminer takes them: a drawing that calls itself is not begun again."""
        self.stream_ids.clear()
        found: list[bytes] = []
        for stream in map(stream_value, streams):
            if stream.objid is not None and stream.objid not in self.parent_stream_ids:
                self.stream_ids.add(stream.objid)
                found.append(stream.get_data())
        return found


def _words(commands: bytes) -> list[bytes]:
    """Names with their stroke, numbers, commands; a mark that parts two words need not stand between blanks."""
    for mark, apart in ((b"/", b" /"), (b"[", b" [ "), (b"]", b" ] "), (b"<<", b" << "), (b">>", b" >> ")):
        commands = commands.replace(mark, apart)
    return commands.split()
