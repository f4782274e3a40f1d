"""Words as the text index knows them: what a mail is found by.

Rules: the caller folds (lower case, no tones, đ as d); here the text is only cut into runs of letters and digits, the same
for what is written and for what is asked, so that SQLite and PostgreSQL find the same mails. A word longer than
``LONGEST`` is cut there, a mail is found by its first ``MOST`` distinct words.
"""

from __future__ import annotations

import re

LONGEST = 64  # characters of a word
MOST = 4000  # distinct words of a mail
_WORD = re.compile(r"[^\W_]+")


def words(folded: str) -> tuple[str, ...]:
    """The distinct words of a folded text, in their order.

    >>> words("bao cao tuan 30 <stc@tinh.example> bc_tuan.docx")
    ('bao', 'cao', 'tuan', '30', 'stc', 'tinh', 'example', 'bc', 'docx')
    """
    found = dict.fromkeys(match[0][:LONGEST] for match in _WORD.finditer(folded))
    return tuple(found)[:MOST]
