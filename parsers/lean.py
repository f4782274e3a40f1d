"""Libraries without what the warm worker has no use for; it stays in memory for good, next to the service's own.

Rules:

1. openpyxl would load numpy for nothing: 20 MB.
2. openpyxl's package loads its charts, drawings and writers at once, 5 MB; we read sheets and strings, so its parts are found without that.
3. Done before any reader is imported, and in the worker's process alone: the service writes workbooks.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module


def spare() -> None:
    """Leave out what no reader asks for."""
    sys.modules["numpy"] = None  # type: ignore[assignment]
    found = importlib.util.find_spec("openpyxl")
    if found is None or "openpyxl" in sys.modules:
        return
    package = importlib.util.module_from_spec(found)  # its parts find each other, itself is not run
    sys.modules["openpyxl"] = package
    told = {"DEBUG": False}
    for name, words in (("openpyxl.compat.numbers", ("NUMPY",)), ("openpyxl.xml", ("DEFUSEDXML", "LXML"))):
        part = import_module(name)
        told |= {word: getattr(part, word) for word in words}
    vars(package).update(told)
