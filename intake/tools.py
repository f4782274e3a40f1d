"""The tools of the system the readers lean on: which are missing, what that costs, and the command that installs them.

A missing tool is never a failure of the service: the parts concerned wait as ``tool_missing`` and ``cchc retry --all`` reads
them again once it is there.
"""

from __future__ import annotations

from dataclasses import dataclass

from parsers import unar
from parsers.box import Box, BoxFailure
from parsers.tessdata import data_folder, has_second
from parsers.values import PartReading
from storage.records import Part

TOOL_MISSING = "tool_missing"

_INSTALL = "apt-get install --no-install-recommends {packages}, then cchc retry --all"


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool looked at."""

    what: str  # "scans"
    missing: bool
    said: str


def lacks_tool(part: PartReading | Part) -> bool:
    """Whether a part waits for a tool."""
    return part.outcome == "needs_review" and part.reason == TOOL_MISSING


def tools(box: Box) -> tuple[Tool, ...]:
    """Every tool, as a confined reader finds it."""
    return (_scans(box), _archives(), _old_rar())


def _scans(box: Box) -> Tool:
    try:
        state = box.page_confinement()
    except BoxFailure as failure:
        cost = "scans, photographs and PDFs without a readable text layer wait for a person (tool_missing)"
        package = failure.detail if failure.detail.startswith("tesseract-") else "tesseract-ocr-vie"
        said = f"{failure.detail or failure.reason} is missing: {cost}; " + _INSTALL.format(packages=package)
        return Tool("scans", missing=True, said=said)
    if not has_second(data_folder()):
        cost = "figures of scans are looked at by two readers instead of three, and more of them wait for a person"
        return Tool(
            "scans",
            missing=True,
            said=f"tesseract-ocr-eng is missing: {cost}; " + _INSTALL.format(packages="tesseract-ocr-eng"),
        )
    return Tool(
        "scans", missing=not state.complete, said="Tesseract, Vietnamese" if state.complete else "; ".join(state.notes)
    )


def _archives() -> Tool:
    from parsers import packed  # noqa: PLC0415 - its library is the readers' alone

    if not packed.is_there():
        cost = "7z, rar and tar attachments wait for a person (tool_missing)"
        said = f"libarchive13 is missing: {cost}; " + _INSTALL.format(packages="libarchive13")
        return Tool("archives", missing=True, said=said)
    return Tool("archives", missing=False, said="libarchive")


def _old_rar() -> Tool:
    obstacle = unar.obstacle()
    if obstacle:
        cost = "solid archives of the old rar and zips not deflated wait for a person (tool_missing)"
        said = f"{obstacle}: {cost}; " + _INSTALL.format(packages="unar bubblewrap")
        return Tool("old rar", missing=True, said=said)
    return Tool("old rar", missing=False, said="unar in bubblewrap")
