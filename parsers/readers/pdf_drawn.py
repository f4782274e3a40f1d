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

_UNSEEN = re.compile(rb"\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]*+>|%[^\r\n]*+", re.DOTALL)  # strings, comments
_NOT_PLAIN = re.compile(rb"[()]|(?<![^\s>\]])ID(?!\S)")
_NUMBERS = rb"((?:[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)\s++)*+)"
_DRAWS = rb"(re|cm|[mlcvyhSsFnqQ]|[fBb]\*?)"
_COMMAND = re.compile(rb"(?<![^\s>\]])(?:" + _NUMBERS + _DRAWS + rb"|/([^\s/\[\]<>{}%]++)\s++Do)(?![^\s/\[<%])")
_NEEDED = {b"re": 4, b"cm": 6, b"m": 2, b"l": 2, b"c": 6, b"v": 4, b"y": 4}  # numbers


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

    def execute(self, streams: Sequence[object]) -> None:
        """The page's commands, or those of a drawing on it."""
        bare = _UNSEEN.sub(b" ", b"\n".join(self._contents(streams)))
        if _NOT_PLAIN.search(bare):
            super().execute(streams)
            return
        for numbers, command, name in _COMMAND.findall(bare):
            if name:
                self.do_Do(LIT(name.decode("latin-1")))
            else:
                self._draw(command, numbers)

    def _draw(self, command: bytes, numbers: bytes) -> None:
        needed = _NEEDED.get(command, 0)
        given = [float(number) for number in numbers.split()[-needed:]] if needed else []
        if len(given) == needed:
            getattr(self, f"do_{command.decode().replace('*', '_a')}")(*given)

    def _contents(self, streams: Sequence[object]) -> list[bytes]:
        """As pdfminer takes them: a drawing that calls itself is not begun again."""
        self.stream_ids.clear()
        found: list[bytes] = []
        for stream in map(stream_value, streams):
            if stream.objid is not None and stream.objid not in self.parent_stream_ids:
                self.stream_ids.add(stream.objid)
                found.append(stream.get_data())
        return found
