"""The file [roster].file names: imported once into an empty ledger; afterwards the ledger is the truth and the file may differ."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from intake.rules.roster import RosterError
from intake.rules.roster_csv import Problem
from storage.queries import Queries

ROWS_MAX, COLUMNS_MAX = 20_000, 60  # of a sheet: a stray cell far away must not cost minutes
UNPACKED_MAX = 64 << 20  # bytes all members of a workbook may claim


def read_roster(path: Path) -> str:
    """The text of a roster file, CSV or the first sheet of an XLSX. Raises ``RosterError`` when it cannot be read as one."""
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise _refused("unreadable", path, fault.strerror) from fault
    return roster_text(str(path), data)


def roster_text(name: str, data: bytes) -> str:
    """The same of a file's bytes; its name says which kind it is. Raises ``RosterError``."""
    if name.lower().endswith(".xlsx"):
        return _sheet_as_csv(name, data)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as fault:
        raise RosterError([Problem(0, "encoding", {"name": name, "at": fault.start})]) from fault


def _refused(code: str, name: object, why: object) -> RosterError:
    return RosterError([Problem(0, code, {"name": name, "why": why})])


def _sheet_as_csv(name: str, data: bytes) -> str:
    """The first sheet as the same CSV: days as YYYY-MM-DD, whole numbers without a point."""
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and most rosters are CSV
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    target, empty = io.StringIO(), 0
    writer = csv.writer(target, lineterminator="\n")
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(member.file_size for member in packed.infolist()) > UNPACKED_MAX:
                raise _refused("workbook", name, f"more than {UNPACKED_MAX >> 20} MiB unpacked")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(max_row=ROWS_MAX, max_col=COLUMNS_MAX, values_only=True):
            cells = [_cell(value) for value in row]
            while cells and not cells[-1]:  # a sheet is as wide as its widest stray cell
                cells.pop()
            if cells:
                target.write("\n" * empty)  # a line of the text is a row of the sheet
                writer.writerow(cells)
            empty = 0 if cells else empty + 1
        book.close()
    except RosterError:
        raise
    except (InvalidFileException, BadZipFile, KeyError, ValueError, IndexError, OSError) as fault:
        raise _refused("workbook", name, fault) from fault
    return target.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def digest(text: str) -> str:
    """What the ledger knows a roster by."""
    return hashlib.sha256(text.encode()).hexdigest()


def differs(path: Path | None, q: Queries) -> bool:
    """Whether the file holds something else than the roster last imported."""
    version = q.roster()
    if path is None or not path.exists() or version is None:
        return False
    return digest(read_roster(path)) != version.sha256


def lacking(path: Path | None, q: Queries) -> str | None:
    """What is wrong when the ledger holds no roster and the file named cannot give the first one; None when nothing is."""
    if path is None or path.is_file() or q.roster() is not None:
        return None
    return f"roster.file: expected an existing file (the ledger holds no roster yet), got {path}"
