"""Libraries without what the warm worker has no use for; it stays in memory for good, next to the service's own.

Rules:

1. openpyxl would load numpy for nothing: 20 MB.
2. openpyxl's package loads its charts, drawings and writers at once, 5 MB; we read sheets and strings, so its parts are found without that.
3. pdfminer would load cryptography and charset_normalizer, 8 MB, for locked files and fonts' names nobody asks for: they are loaded by what
   is first called of them.
4. Done before any reader is imported, and in the worker's process alone: the service writes workbooks.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pkgutil import resolve_name
from types import ModuleType
from typing import Any

_LATER = ("charset_normalizer", "cryptography.hazmat.backends", "cryptography.hazmat.primitives.ciphers")


class _Later(ModuleType):
    """Stands for a library until something of it is called."""

    def __getattr__(self, name: str) -> _Named:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Named(f"{self.__name__}.{name}")


class _Named:
    """Something of a library that is loaded when it is called."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> _Named:
        return _Named(f"{self._name}.{name}")

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        for name in _LATER:
            if isinstance(sys.modules.get(name), _Later):
                del sys.modules[name]
        return resolve_name(self._name)(*arguments, **named)


def spare() -> None:
    """Leave out what no reader asks for."""
    sys.modules["numpy"] = None  # type: ignore[assignment]
    sys.modules.update({name: _Later(name) for name in _LATER if name not in sys.modules})
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
