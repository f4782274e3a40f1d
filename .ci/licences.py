"""Refuses a lock file with a package under GPL or AGPL, or under a licence nobody has looked at.

MIT, BSD, Apache, MPL and the like are welcome; LGPL as an unmodified dependency. The licence is read from the installed
package's own metadata: expression first, then classifiers, then the free-text field.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

WELCOME = re.compile(
    r"\b(CC0|MIT|MIT-0|MIT-CMU|BSD|Apache|MPL|Mozilla Public|PSF|PSFL|Python Software Foundation|ISC|LGPL|Lesser General|OFL|Unlicense|Zlib|HPND)\b",
    re.IGNORECASE,
)
UNWELCOME = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|(Affero )?General Public License)", re.IGNORECASE)
# Packages whose metadata is silent; what their licence file says, looked at by a person.
LOOKED_AT = {"imapclient": "BSD-3-Clause"}


def licence(name: str) -> str:
    """What the installed package says of itself, one line; "" when it says nothing."""
    about = metadata.metadata(name)
    classifiers = [c.rsplit(" :: ", 1)[-1] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    stated = about.get("License-Expression") or "; ".join(classifiers) or about.get("License") or ""
    return " ".join(stated.split())[:200] or LOOKED_AT.get(name.lower(), "")


def main(lock: Path) -> int:
    """Print what is wrong; 0 when nothing is."""
    names = re.findall(r"(?m)^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"))
    problems: list[str] = []
    looked = 0
    for name in names:
        try:
            stated = licence(name)
        except metadata.PackageNotFoundError:  # meant for another platform
            continue
        looked += 1
        if UNWELCOME.search(stated):
            problems.append(f"{name}: {stated}: not to be shipped")
        elif not WELCOME.search(stated):
            problems.append(f"{name}: {stated or 'no licence stated'}: look at it")
    print("\n".join(problems) or f"{looked} packages, all under licences that may be shipped with this one")
    return 1 if problems or not looked else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
