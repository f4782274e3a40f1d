"""Writes the golden texts again after a wording was changed on purpose: ``python -m tests.notifier.golden [folder for HTML]``.

Look at the difference, and at the HTML in a browser, before committing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from notifier.compose import compose
from tests.notifier.letters import OFFICE
from tests.notifier.samples import SAMPLES

FOLDER = Path(__file__).parent / "golden"


def text_of(name: str) -> str:
    """Subject and plain text of a sample, as one text."""
    made = compose(SAMPLES[name], OFFICE)
    return f"Subject: {made.subject}\n\n{made.text}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for sample in SAMPLES:
        (FOLDER / f"{sample}.txt").write_text(text_of(sample), encoding="utf-8")
        if sys.argv[1:]:
            made = compose(SAMPLES[sample], OFFICE)
            Path(sys.argv[1], f"{sample}.html").write_text(made.html, encoding="utf-8")
            Path(sys.argv[1], f"{sample}.eml").write_bytes(made.raw)
