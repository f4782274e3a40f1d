"""The agencies behind a result, their rows written in one go as those of the board are (``intake.web.board_rows``).

Rules: what comes from outside is escaped here, as ``pages.seen`` shows it; ``templates/result.html`` holds their columns' heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from intake.web import shown
from intake.web.board_rows import safe
from intake.web.pages import t
from notifier import vietnamese_format as vf

if TYPE_CHECKING:
    from intake.web.outcomes import Share
    from storage.read_words import Word


def share_rows(shares: Sequence[Share], figure: str) -> Markup:
    """A row for each agency; ``figure``: the one whose place in the document is shown."""
    return Markup("".join(_row(one, figure) for one in shares))  # noqa: S704 - escaped below


def _row(one: Share, figure: str) -> str:
    return (
        f'<tr><th scope="row"><a href="/agency/{safe(one.agency)}">{safe(one.name)}</a></th>{_share(one)}'
        f"<td>{_place(one, figure)}</td><td>{_receipt(one.word)}</td></tr>"
    )


def _share(one: Share) -> str:
    if one.share.part is None:
        said = safe(t("results.not_stated" if one.word else "period.nothing"))
        return f'<td colspan="3" class="num"><span class="state">{said}</span></td>'
    told = (vf.number(one.share.part), vf.number(one.share.whole), shown.percent_text(one.share))
    return "".join(f'<td class="num">{safe(text)}</td>' for text in told)


def _place(one: Share, figure: str) -> str:
    if one.word is None or not one.word.part_n or one.share.part is None:
        return ""
    return f'<a href="/mail/{one.word.mail_id}/part/{one.word.part_n}#f-{safe(figure)}">{safe(t("mail.beside"))}</a>'


def _receipt(word: Word | None) -> str:
    return f'<a href="/mail/{word.mail_id}"><code>{safe(word.receipt)}</code></a>' if word and word.receipt else ""


FUNCTIONS = {"share_rows": share_rows}
