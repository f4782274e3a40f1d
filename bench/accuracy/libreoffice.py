"""Conversions by LibreOffice, many files to a call, in a profile of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FILTERS = {
    "doc": "doc:MS Word 97",
    "rtf": "rtf:Rich Text Format",
    "odt": "odt:writer8",
    "pdf": "pdf:writer_pdf_Export",
    "xls": "xls:MS Excel 97",
    "ods": "ods:calc8",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
}
SECONDS = 1800  # of one call; on a machine with nothing else to do it takes a minute
BATCH = 60  # files a call; one call is a start of 3 seconds and a third of a second a file


def convert(wanted: dict[Path, Path], workers: int = 1) -> None:
    """Each target is written from its source: {target: source}; sources keep their names, so targets of one type share a folder."""
    by_type: dict[str, list[tuple[Path, Path]]] = {}
    for target, source in wanted.items():
        by_type.setdefault(target.suffix[1:], []).append((target, source))
    batches = [
        (kind, pairs[start : start + BATCH]) for kind, pairs in by_type.items() for start in range(0, len(pairs), BATCH)
    ]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda batch: _in_profile(*batch), batches))


def _in_profile(kind: str, pairs: list[tuple[Path, Path]]) -> None:
    """LibreOffice runs once a profile: calls side by side have one each."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        _batch(kind, pairs, Path(profile))


def _batch(kind: str, pairs: list[tuple[Path, Path]], profile: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = Path(folder) / "in", Path(folder) / "out"
        inputs.mkdir()
        for n, (_, source) in enumerate(pairs):
            shutil.copy(source, inputs / f"{n:04d}{source.suffix}")
        files = sorted(str(path) for path in inputs.iterdir())
        call = ["soffice", "--headless", f"-env:UserInstallation=file://{profile}", "--convert-to", FILTERS[kind]]
        subprocess.run([*call, "--outdir", str(outputs), *files], check=True, capture_output=True, timeout=SECONDS)
        for n, (target, _) in enumerate(pairs):
            shutil.copy(outputs / f"{n:04d}.{kind}", target)
