"""The table and the failures, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bench.accuracy.score import (
    BARE,
    FLAGGED,
    INVENTED,
    INVENTED_FLAGGED,
    RIGHT,
    UNREAD,
    WRONG,
    WRONG_FLAGGED,
    Failure,
    Score,
)

COLUMNS = (RIGHT, FLAGGED, BARE, UNREAD, WRONG_FLAGGED, WRONG, INVENTED, INVENTED_FLAGGED)
ORDER = (WRONG, INVENTED, BARE, WRONG_FLAGGED, INVENTED_FLAGGED, UNREAD, FLAGGED, "head")


def tables(score: Score) -> str:
    return "\n\n".join(
        _table(title, _summed(score, index))
        for title, index in (("group", (0,)), ("group and format", (0, 1)), ("group and layout", (0, 2)))
    )


def _summed(score: Score, places: tuple[int, ...]) -> dict[str, Counter[str]]:
    out: dict[str, Counter[str]] = {}
    for name, counts in score.counts.items():
        out.setdefault(" · ".join(name[place] for place in places), Counter()).update(counts)
    return out


def _table(title: str, rows: dict[str, Counter[str]]) -> str:
    head = f"| {title} | figures | % | " + " | ".join(COLUMNS) + " |"
    out = [head, "|" + "---|" * (len(COLUMNS) + 3)]
    for name, counts in rows.items():
        stated = sum(counts.values()) - counts[INVENTED] - counts[INVENTED_FLAGGED]
        share = f"{100 * counts[RIGHT] / stated:.2f}" if stated else "–"
        out.append(f"| {name} | {stated} | {share} | " + " | ".join(str(counts[c]) for c in COLUMNS) + " |")
    return "\n".join(out)


def failures(score: Score, limit: int = 6) -> str:
    """Worst first; the same sentence's failure in many files is told once, with how often."""
    out = []
    for kind in ORDER:
        mine = [failure for failure in score.failures if failure.kind == kind]
        if not mine:
            continue
        out.append(f"\n## {kind}: {len(mine)}\n")
        alike: dict[tuple[str, str, str], list[Failure]] = {}
        for failure in mine:
            alike.setdefault((failure.layout, failure.key, _shape(failure.sentence)), []).append(failure)
        for group in sorted(alike.values(), key=len, reverse=True):
            out += _told(group, limit)
    return "\n".join(out)


def _shape(sentence: str) -> str:
    return "".join("#" if c.isdigit() else c for c in sentence).replace(".#", "#").replace("##", "#")[:80]


def _told(group: list[Failure], limit: int) -> Iterable[str]:
    first = group[0]
    formats = Counter(failure.format for failure in group)
    yield f"- **{first.key}** in *{first.layout}* × {len(group)} ({', '.join(f'{f} {n}' for f, n in formats.most_common(6))})"
    yield f"  - expected {first.expected}, got {first.got}"
    if first.sentence:
        yield f"  - sentence: {first.sentence!r}"
    if first.why:
        yield f"  - read at / because: {first.why[:240]!r}"
    yield "  - " + ", ".join(failure.file for failure in group[:limit])
