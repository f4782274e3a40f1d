"""The lock file, the licence check and the unit file are what the documents say they are."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def licences():
    spec = importlib.util.spec_from_file_location("licences", ROOT / ".ci" / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_locked_package_is_pinned_with_a_hash_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)[1:]
    assert len(packages) > 80
    assert [package.split()[0] for package in packages if "==" not in package or "--hash=sha256:" not in package] == []
    assert "://" not in lock


def test_every_declared_dependency_is_locked():
    import tomllib  # noqa: PLC0415

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["build"], *extras["demo"], *extras["test"]]
    names = {re.match(r"[A-Za-z0-9._-]+", text).group().lower().replace("_", "-").replace(".", "-") for text in wanted}
    locked = set(re.findall(r"(?m)^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8")))
    assert names - locked == set()


def test_the_locked_packages_pass_the_licence_check():
    subprocess.run([sys.executable, ROOT / ".ci" / "licences.py", ROOT / "requirements.lock"], check=True)


@pytest.mark.parametrize("text", ["GPL-3.0-or-later", "AGPL-3.0", "GNU General Public License v3 (GPLv3)", "GPL"])
def test_a_copyleft_licence_is_refused(text):
    assert licences().UNWELCOME.search(text)


@pytest.mark.parametrize(
    "text", ["LGPL-3.0-only", "GNU Lesser General Public License v3", "MIT", "BSD-3-Clause", "Apache Software License"]
)
def test_a_permissive_or_lesser_licence_is_welcome(text):
    assert not licences().UNWELCOME.search(text)
    assert licences().WELCOME.search(text)


def test_the_licence_is_apache_in_full():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
