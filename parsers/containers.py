"""Everything that holds other files: which opener takes which type, all against one budget.

zip · 7z rar tar tar.gz tar.bz2 tar.xz · winmail.dat · msg · p7m        (a saved mail, eml, is opened by ``parsers.part`` itself)
"""

from __future__ import annotations

from parsers import packed
from parsers.archive import Opened, expand
from parsers.msg import open_msg
from parsers.packed import NotBuilt, expand_packed
from parsers.readers.budget import Budget
from parsers.signed import unwrap
from parsers.tnef import open_tnef
from parsers.zipped import directory

_OTHERWISE = frozenset(
    {1, 2, 3, 4, 5, 6, 9, 12, 14, 98}
)  # how a zip's member may be packed that only the program unpacks
_PACKED = frozenset({"7z", "rar", "tar", "tar.gz", "tar.bz2", "tar.xz"})


def open_container(data: bytes, kind: str, name: str, budget: Budget) -> Opened:
    """What the container holds; ``kind`` is one of ``parsers.sniff.CONTAINERS`` but eml; raises ``Unreadable``."""
    if kind in _PACKED:
        return Opened(expand_packed(data, kind, budget))
    if kind == "tnef":
        return open_tnef(data, budget)
    if kind == "msg":
        return open_msg(data, budget)
    if kind in ("p7m", "p7s"):
        return unwrap(data, name, budget)
    members = expand(data, budget)
    if any(info.compress_type in _OTHERWISE for info in directory(data).infolist()):
        raise NotBuilt(members, "packed in another way than deflate")
    return Opened(members)


def warm_up() -> None:
    """Bind and import what would otherwise be at first use."""
    packed.warm_up()
