"""Writes docs/forms.md from the packaged form files: every line with its key, every check with its code.

The words before the first table are kept in docs/forms.head.md, for people to write.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FORMS = ROOT / "parsers" / "forms"
HEAD = ROOT / "docs" / "forms.head.md"
PAGE = ROOT / "docs" / "forms.md"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _lines(form: dict[str, Any]) -> list[str]:
    rows = ["| section | line | key | kind | core | on the form |", "|---|---|---|---|---|---|"]
    for line in form["line"]:
        kind = f"ratio over `{line['over']}`" if line["kind"] == "ratio" else line["kind"]
        core, printed = "core" if line.get("core") else "", "" if line.get("on_form", True) else "when stated"
        rows.append(
            f"| {line.get('section', '')} | {_cell(line['label'])} | `{line['key']}` | {kind} | {core} | {printed} |"
        )
    return rows


def _checks(form: dict[str, Any]) -> list[str]:
    rows = ["| code | severity | what is asked | lines compared |", "|---|---|---|---|"]
    for check in form.get("check", []):
        left = " + ".join(f"`{key}`" for key in check.get("left", ()))
        right = " + ".join(f"`{key}`" for key in check.get("right", ()))
        sign = {"equal": " = ", "at_most": " ≤ "}.get(check["kind"], " ")
        compared = sign.join(side for side in (left, right) if side)
        rows.append(f"| `{check['code']}` | {check['severity']} | {_cell(check['title'])} | {compared} |")
    return rows


def _later(form: dict[str, Any]) -> list[str]:
    """A version that tells only what is new."""
    named = [f"| `{line['key']}` | {_cell(line['label'])} |" for line in form["line"]]
    title = f"## `{form['name']}`, version {form['version']}"
    told = f"From {form['valid_from']} on; as version {form['based_on']} except the names of these lines:"
    return ["", title, "", told, "", "| key | line |", "|---|---|", *named]


def page() -> str:
    """The whole page."""
    out = [HEAD.read_text(encoding="utf-8").rstrip()]
    for path in sorted(FORMS.glob("*.toml"), reverse=True):
        form = tomllib.loads(path.read_text(encoding="utf-8"))
        if "based_on" in form:
            out += _later(form)
            continue
        out += ["", f"## `{form['name']}`, version {form['version']}: {form['title']}", "", *_lines(form)]
        out += ["", f"### Findings of `{form['name']}`", "", *_checks(form)]
    return "\n".join(out) + "\n"


def main() -> int:
    """Write the page; with --check only say whether it is up to date."""
    new = page()
    if "--check" in sys.argv:
        return int(PAGE.read_text(encoding="utf-8") != new)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
