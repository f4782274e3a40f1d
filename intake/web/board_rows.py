"""The rows of the board, written in one go: a page shows hundreds of them, and as a template they took most of its time.

Rules: what comes from outside is escaped here, as ``pages.seen`` shows it; ``templates/board.html`` holds their columns' heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from intake.web import shown
from intake.web.pages import seen, t, texts, word
from intake.web.pieces import chip, strip, timed

if TYPE_CHECKING:
    from intake.web.boarding import Line

_OWED = 3  # periods still owed that are named
_WAITING = 2  # mails that wait and are named
_WHY = ("in_review", "incomplete")


@lru_cache(maxsize=8192)
def safe(text: str) -> str:
    """What may stand in a page: names and contacts are the same on every board."""
    return str(escape(seen(text)))


def board_rows(lines: Sequence[Line], keys: Sequence[str], when: shown.Moments, *, papers: bool) -> Markup:
    """A row for each due; ``keys``: the recent periods; ``papers``: whether some of them are owed on paper."""
    rows = (_row(n, line, keys, when, papers=papers) for n, line in enumerate(lines, 1))
    return Markup("".join(rows))  # noqa: S704 - escaped below


def _row(n: int, line: Line, keys: Sequence[str], when: shown.Moments, *, papers: bool) -> str:
    code, received = safe(line.code), timed(line.received_at, when)
    group = f"<small>{safe(line.group)}</small>" if line.group else ""
    came = f'<a href="/mail/{line.mail_id}">{received}</a>' if line.mail_id else received
    over = "over" if line.against and line.against > 0 else ""
    revision = f"r{line.revision:d}" if line.revision else ""
    findings = f"<strong>{line.findings}</strong>" if line.findings else ""
    letters = ", ".join(safe(_letter(kind)) for kind in line.letters)
    return (
        f'  <tr>\n    <td class="num">{n}</td>\n    <th scope="row"><a href="/agency/{code}">{safe(line.name)}</a>{group}</th>\n'
        f"    <td>{chip(line.due_class)}{_beside(line, when)}</td>\n"
        f'    <td class="moment">{came}</td>\n    <td class="num {over}">{shown.against(line.against)}</td>\n'
        f'    <td class="num">{revision}</td>\n    <td>{safe(line.number)}</td>\n    <td class="num">{findings}</td>\n'
        f"    <td><small>{letters}</small></td>\n{_paper(line) if papers else ''}\n"
        f"    <td><small>{_owed(line)}</small></td>\n    <td>{strip(line.strip, keys, line.code)}</td>\n"
        f'    <td><small>{safe(line.contact)}{", " if line.contact and line.phone else ""}<span class="whole">{safe(line.phone)}</span></small></td>\n'
        "  </tr>\n"
    )


def _beside(line: Line, when: shown.Moments) -> str:
    """What is said beside the class; nothing of most."""
    found = []
    if line.arrived:
        found.append(safe(t("board.arrived", what=shown.due_class(line.arrived).lower())))
    if line.due_at:
        found.append(safe(t("board.own_due", at=when.minute(line.due_at))))
    if line.reason and line.due_class in _WHY:
        found.append(safe(shown.reason(line.reason)))
    if line.after_cutoff:
        found.append(safe(t("board.after_cutoff")))
    for mail in line.waiting[:_WAITING]:
        why = f": {safe(shown.reason(mail.reason))}" if mail.reason else ""
        found.append(f'<a href="/mail/{mail.id}">{safe(t("board.waits", id=mail.id))}</a>{why}')
    return "".join(f" <small>{said}</small>" for said in found)


def _letter(kind: str) -> str:
    """A kind of letter, short: the column says that these are letters."""
    return word("letter_short", kind) if kind in texts()["letter_short"] else shown.letter_kind(kind)


def _paper(line: Line) -> str:
    word = safe(shown.paper(line.paper)) if line.paper != "not_required" else ""
    return f"<td><small>{word} {safe(line.paper_number)}</small></td>"


def _owed(line: Line) -> str:
    streak = f"<strong>{safe(t('board.streak', n=line.streak))}</strong> " if line.streak > 1 else ""
    return streak + ", ".join(safe(shown.period_short(key)) for key in line.owed[-_OWED:])


FUNCTIONS = {"board_rows": board_rows}
