"""The file [roster].file names: imported once into an empty ledger; afterwards the ledger is the truth and the file may differ."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

from intake.rules.roster import RosterError
from storage.queries import Queries

ROWS_MAX, COLUMNS_MAX = 20_000, 60  # of a sheet: a stray cell far away must not cost minutes


def read_roster(path: Path) -> str:
    """The text of a roster file, CSV or the first sheet of an XLSX. Raises ``RosterError`` when it cannot be read as one."""
    if path.suffix.lower() == ".xlsx":
        return _sheet_as_csv(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise RosterError([f"{path}: expected a CSV in UTF-8, byte {fault.start} is none"]) from fault
    except OSError as fault:
        raise RosterError([f"{path}: cannot be read: {fault.strerror}"]) from fault


def _sheet_as_csv(path: Path) -> str:
    """The first sheet as the same CSV: days as YYYY-MM-DD, whole numbers without a point, empty rows left out."""
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and most rosters are CSV
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(max_row=ROWS_MAX, max_col=COLUMNS_MAX, values_only=True):
            cells = [_cell(value) for value in row]
            while cells and not cells[-1]:  # a sheet is as wide as its widest stray cell
                cells.pop()
            if cells:
                writer.writerow(cells)
        book.close()
    except OSError as fault:
        raise RosterError([f"{path}: cannot be read: {fault.strerror}"]) from fault
    except (InvalidFileException, BadZipFile, KeyError, ValueError) as fault:
        raise RosterError([f"{path}: expected an XLSX workbook: {fault}"]) from fault
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
