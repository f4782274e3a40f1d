"""No package older than the advisories we know of: locked, installed or allowed (``.ci/floors.toml``)."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / ".ci" / "floors.toml").read_text(encoding="utf-8"))
FLOORS = {name: Version(floor) for name, (floor, _) in TABLE["floor"].items()}
LOCKED = dict(
    re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
)


@pytest.mark.parametrize("name", FLOORS)
def test_what_is_locked_and_installed_is_as_new_as_its_advisories_ask(name: str):
    assert Version(LOCKED[name.replace(".", "-")] if name not in LOCKED else LOCKED[name]) >= FLOORS[name]
    assert Version(version(name)) >= FLOORS[name]
    assert TABLE["floor"][name][1], "what the older ones are known for"


def test_pyproject_allows_nothing_older_for_what_reads_strangers_files():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    for line in wanted:
        requirement = Requirement(line)
        if requirement.name in (
            "lxml",
            "pdfminer.six",
            "pillow",
            "openpyxl",
            "defusedxml",
            "python-docx",
            "mail-parser",
        ):
            least = min(Version(s.version) for s in requirement.specifier if s.operator in (">=", "=="))
            assert least >= FLOORS[requirement.name], line


@pytest.mark.parametrize("name", TABLE["absent"])
def test_what_is_known_to_be_unsafe_is_not_there(name: str):
    assert name not in LOCKED
    with pytest.raises(PackageNotFoundError):
        version(name)


def test_every_locked_package_is_pinned_with_its_hashes():
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    assert len(LOCKED) > 50
    assert [block.split()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
