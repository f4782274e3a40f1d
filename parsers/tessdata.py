"""Where Tesseract's language data lie, and which of them are there. Standard library only: the service asks too.

Rules:

1. They lie where Debian puts them, or in ``TESSDATA_PREFIX``.
2. Without the Vietnamese data no page is read. Without the second, differently trained data nothing takes their place: the same
   data asked twice make the same mistakes (ADR 8), so figures are then looked at by two readers, not three.
"""

from __future__ import annotations

import os
from pathlib import Path

PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/5.00/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
)
LANGUAGE, SECOND = "vie", "eng"


def data_folder() -> Path | None:
    """Where the Vietnamese data lie; None when they are nowhere."""
    named = os.environ.get("TESSDATA_PREFIX")
    places = [Path(place) for place in ((named,) if named else PLACES)]
    return next((place for place in places if (place / f"{LANGUAGE}.traineddata").is_file()), None)


def has_second(folder: Path | None) -> bool:
    """Whether the second data lie beside them."""
    return folder is not None and (folder / f"{SECOND}.traineddata").is_file()
