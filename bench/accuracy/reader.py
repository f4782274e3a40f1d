"""Runs the real ``cchc read --json`` from outside, on batches of files; nothing of the program is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

BATCH = 12  # files a call: a call starts a program and a worker, half a second
SECONDS = 900  # of one call


def read(files: Sequence[Path], workers: int) -> dict[str, dict[str, Any]]:
    """Items by file name. A batch that dies is read file by file, so that one file's fault is its own."""
    batches = [files[n : n + BATCH] for n in range(0, len(files), BATCH)]
    items: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(workers) as pool:
        for done in pool.map(_batch, batches):
            items |= done
    return items


def _batch(files: Sequence[Path]) -> dict[str, dict[str, Any]]:
    call = [sys.executable, "-m", "intake", "read", "--json", *map(str, files)]
    environment = {k: v for k, v in os.environ.items() if k != "CCHC_CONFIG"}
    done = subprocess.run(call, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        if len(files) > 1:
            return {name: item for file in files for name, item in _batch([file]).items()}
        return {files[0].name: {"outcome": f"exit {done.returncode}", "parts": [], "error": done.stderr[-300:]}}
    return {item["file"]: item for item in answer["items"]}
