"""No package older than the advisories we know of: locked, installed or allowed (``.ci/floors.toml``)."""

from __future__ import annotations

import ast
import re
import sqlite3
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


def bundled() -> dict[str, str]:
    """The versions these libraries say they are."""
    import tesserocr  # noqa: PLC0415
    from lxml import etree  # noqa: PLC0415

    said = tesserocr.tesseract_version()
    return {
        "leptonica": re.findall(r"leptonica-([\d.]+)", said)[0],
        "tesseract": re.findall(r"tesseract ([\d.]+)", said)[0],
        "libxml2": ".".join(map(str, etree.LIBXML_VERSION)),
        "sqlite": sqlite3.sqlite_version,
    }


def test_what_lies_inside_a_wheel_is_as_new_as_its_advisories_ask():
    found = bundled()
    assert set(found) == set(TABLE["bundled"])
    for name, (floor, why) in TABLE["bundled"].items():
        assert Version(found[name]) >= Version(floor), why


@pytest.mark.parametrize("flaw", TABLE["guarded"])
def test_every_flaw_of_python_itself_has_a_guard_with_its_test(flaw: str):
    file, _, test = TABLE["guarded"][flaw][1].partition("::")
    assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")


UNSAFE = {  # module -> names nobody imports where strangers' words are read
    "email.utils": {"parseaddr", "getaddresses"},
    "tarfile": {"*"},
    "imaplib": {"*"},
}
OURS = {  # why it may be used there
    "intake/config_values.py": "a sender of config.toml",
    "notifier/message.py": "the office's own From",
    "storage/backup.py": "a backup the operator names",
    "intake/mailbox/capped.py": "every answer capped before imaplib believes its length",
}


def test_nothing_reads_strangers_words_with_what_python_is_known_for():
    found = set()
    for room in ("intake", "notifier", "parsers", "storage"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    names = {alias.name for alias in node.names} & UNSAFE.get(node.module or "", set())
                    unsafe = bool(names) or UNSAFE.get(node.module or "") == {"*"}
                else:
                    unsafe = isinstance(node, ast.Import) and any(UNSAFE.get(a.name) == {"*"} for a in node.names)
                if unsafe:
                    found.add(str(file.relative_to(ROOT)))
    assert found == set(OURS)
