"""Which font a run is set in and whether it is out of sight: directly, by its styles, or by the document's defaults.

Rules (plan, pitfalls, "Documents"):

1. Only two things matter: an old Vietnamese font (``.Vn…``, ``VNI…``), whose letters must be converted, and text that is hidden or
   struck out: its writer took it back, as by a tracked deletion.
2. Styles and theme are opened only when the package names such a font, hides or strikes text in them; most documents do not.
"""

from __future__ import annotations

import re
from typing import Any

from parsers.readers.ooxml import OLD_FONTS, Package, holds

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OFF = ("0", "false", "off")
_UNSEEN = tuple(f"{W}{name}" for name in ("vanish", "strike", "dstrike"))
_WHITES = ("background1", "light1")  # of a theme
_PALE = re.compile("(?:F[0-9A-F]){3}")
_TINY = 8  # half points
# each opens with letters sought as such, which is many times quicker than one pattern for all
_LIFTED = re.compile(rb':position\s[^>]*val="[1-9]')
_PALES = (
    re.compile(rb'"(?:(?:[Ff][0-9A-Fa-f]){3}|background1|light1)"'),
    re.compile(rb':s(?:z\s[^>]*val="[1-8]"|hd\s[^>]*:fill="[0-9A-Fa-f]{6}")'),
)
_CHAIN_MAX = 20  # styles based on one another; a ring must end


class Styles:
    """Answers for one document."""

    def __init__(self, package: Package, main: str, document: bytes) -> None:
        parts = {kind: target for kind, target, external in package.relationships(main).values() if not external}
        styles = parts.get("styles", "")
        raw = package.read(styles) if package.has(styles) else b""
        self._styles: dict[str, Any] = {}
        self._default_run: Any = None
        self._default_paragraph = ""
        self._theme: dict[str, str] = {}
        telling = _tells(raw)
        theme = parts.get("theme", "")
        if package.has(theme) and _tells(package.read(theme)):
            self._theme = _theme_fonts(package.xml(theme))
            telling = True
        if telling:
            self._load(package.xml(styles) if raw else None)
        self.matters = telling or _tells(document)  # False: no run needs to be asked about
        # whether a run may be set above the line, and whether one may be too faint to be seen
        self.raises = holds(document, b"superscript") or _LIFTED.search(document) is not None
        self.pales = any(pale.search(document) for pale in _PALES)

    def _load(self, root: Any) -> None:
        if root is None:
            return
        self._default_run = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        for style in root.iterfind(f"{W}style"):
            name = style.get(f"{W}styleId") or ""
            self._styles[name] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self._default_paragraph = name

    def of(self, run: Any, paragraph_style: str) -> tuple[str, bool]:
        """The run's font name (``""``: unknown) and whether it is hidden or struck out."""
        properties = run.find(f"{W}rPr")
        sources = [] if properties is None else [properties]
        if properties is not None and (style := properties.find(f"{W}rStyle")) is not None:
            sources += self._chain(style.get(f"{W}val") or "")
        sources += self._chain(paragraph_style or self._default_paragraph)
        if self._default_run is not None:
            sources.append(self._default_run)
        font = next((name for source in sources if (name := self._font(source))), "")
        return font, any(_on(sources, name) for name in _UNSEEN)

    def _chain(self, name: str) -> list[Any]:
        found = []
        for _ in range(_CHAIN_MAX):
            style = self._styles.get(name)
            if style is None:
                break
            if (properties := style.find(f"{W}rPr")) is not None:
                found.append(properties)
            based = style.find(f"{W}basedOn")
            name = "" if based is None else based.get(f"{W}val") or ""
        return found

    def _font(self, properties: Any) -> str:
        fonts = properties.find(f"{W}rFonts")
        if fonts is None:
            return ""
        theme = fonts.get(f"{W}hAnsiTheme") or fonts.get(f"{W}asciiTheme") or ""
        named = self._theme.get("major" if theme.startswith("major") else "minor", "") if theme else ""
        return named or fonts.get(f"{W}hAnsi") or fonts.get(f"{W}ascii") or ""


def is_raised(run: Any) -> bool:
    """Whether a run is set above the line, as such or by its position."""
    look, height = run.find(f"{W}rPr/{W}vertAlign"), run.find(f"{W}rPr/{W}position")
    lifted = height is not None and _whole(height.get(f"{W}val")) > 0
    return lifted or (look is not None and look.get(f"{W}val") == "superscript")


def is_faint(run: Any) -> bool:
    """Whether a run is white or nearly, of its own ground's colour, or tiny: nobody sees it unless something dark is behind it."""
    colour, ground, size = (run.find(f"{W}rPr/{W}{name}") for name in ("color", "shd", "sz"))
    shade = (colour.get(f"{W}val") or "").upper() if colour is not None else ""
    theme = colour.get(f"{W}themeColor") if colour is not None else None
    below = (ground.get(f"{W}fill") or "").upper() if ground is not None else ""
    tiny = size is not None and 0 < _whole(size.get(f"{W}val")) <= _TINY
    return tiny or theme in _WHITES or _PALE.fullmatch(shade) is not None or (shade == below and len(shade) == 6)


def _whole(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else 0


def _tells(data: bytes) -> bool:
    if data.startswith(_UTF16) or holds(data, b"vanish", b"trike"):
        return True
    return OLD_FONTS.search(data) is not None


def _on(sources: list[Any], name: str) -> bool:
    """What the nearest of them says of that property."""
    element = next((found for source in sources if (found := source.find(name)) is not None), None)
    return element is not None and (element.get(f"{W}val") or "1") not in _OFF


def _theme_fonts(root: Any) -> dict[str, str]:
    found = {}
    for kind in ("major", "minor"):
        latin = root.find(f".//{{*}}{kind}Font/{{*}}latin")
        if latin is not None:
            found[kind] = latin.get("typeface") or ""
    return found
