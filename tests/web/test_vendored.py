"""What was taken from others is what the page beside it says."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files


def test_the_vendored_files_have_the_sums_written_beside_them():
    folder = files("intake.web").joinpath("static", "vendor")
    written = dict(re.findall(r"(?m)^\| ([\w.-]+) \|.*\| ([0-9a-f]{64}) \|$", folder.joinpath("README.md").read_text()))
    assert set(written) == {"htmx.min.js", "idiomorph-ext.min.js", "pico.min.css"}
    for name, sha256 in written.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == sha256
