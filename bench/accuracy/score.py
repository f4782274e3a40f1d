"""What ``cchc read --json`` made of each file, held against what the file states.

Of each figure stated: right and unflagged; right but flagged; not read; wrong but flagged; **wrong and unflagged**. Of each figure not
stated: invented, when something was read for it. ``flagged`` is the contract's word: a finding of severity warning or error names the key,
or the part is in review. A figure left on its dots is right as ``blank``; flags beside it do not matter. A figure that must be flagged
(rounded, a sum that fails) is right only with its flag; without it, it counts as ``unflagged though it must be``.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.accuracy.truth import BLANK, Case, Said, Truth

RIGHT, FLAGGED, UNREAD, WRONG_FLAGGED, WRONG, INVENTED, INVENTED_FLAGGED, BARE = (
    "right",
    "right, flagged",
    "not read",
    "wrong, flagged",
    "WRONG, UNFLAGGED",
    "INVENTED",
    "invented, flagged",
    "not flagged though it must be",
)
STATED = ("number", "zero", "nil")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """One figure that is not right and unflagged."""

    file: str
    format: str
    layout: str
    key: str
    kind: str
    expected: str
    got: str
    sentence: str
    why: str = ""


@dataclass(slots=True)
class Score:
    """Counts by group, format and layout, and every failure by name."""

    counts: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    heads: Counter[str] = field(default_factory=Counter)
    reports_of_others: list[str] = field(default_factory=list)
    files: int = 0

    def add(self, case: Case, kind: str) -> None:
        self.counts.setdefault((case.group, case.format, case.layout), Counter())[kind] += 1


def reports_of(item: Json) -> list[tuple[Json, Json]]:
    """Every report read in a file with its part; copies of another part stand aside."""
    return [(part, report) for part in item["parts"] if not part["copy_of"] for report in part["reports"]]


def score_case(case: Case, item: Json, score: Score) -> None:
    score.files += 1
    found = reports_of(item)
    if not case.reports:
        score.reports_of_others += [case.file] * bool(found)
        return
    for truth in case.reports:
        mine = [(part, report) for part, report in found if report["type"] == truth.type]
        if not mine:
            _nothing(case, truth, item, score)
            continue
        part, report = mine[0]
        _figures(case, truth, part, report, score)
        _head(case, truth, report, score)
    for part, report in found:
        if report["type"] not in {truth.type for truth in case.reports}:
            why = f"a report of type {report['type']} was made"
            _fail(case, "(report)", INVENTED, "no such report", part["name"], "", why, score)


def _nothing(case: Case, truth: Truth, item: Json, score: Score) -> None:
    why = "; ".join(f"{p['name']}: {p['outcome']} {p['reason'] or ''}" for p in item["parts"]) or item["outcome"]
    for key, said in truth.figures.items():
        if None in said.accept:
            score.add(case, RIGHT)
        else:
            _fail(case, key, UNREAD, _told(said.state, said.value), "no report", said.sentence, why, score)
    for name, value in _heads(truth).items():
        score.heads[f"{name} not read"] += value is not None


def flagged_keys(part: Json, report: Json) -> set[str]:
    found = [*report["findings"], *part["findings"]]
    keys = {key for f in found if f["severity"] in ("warning", "error") for key in f.get("figures", [])}
    return set(report["figures"]) if part["outcome"] == "needs_review" else keys


def _figures(case: Case, truth: Truth, part: Json, report: Json, score: Score) -> None:
    flags = flagged_keys(part, report)
    for key, said in truth.figures.items():
        _one(case, key, said, report["figures"].get(key), key in flags, score)
    for key, figure in report["figures"].items():
        if key not in truth.figures and figure["state"] in STATED:
            kind = INVENTED_FLAGGED if key in flags else INVENTED
            _fail(case, key, kind, "not stated", _got(figure), _where(figure), "", score)


def _one(case: Case, key: str, said: Said, figure: Json | None, flagged: bool, score: Score) -> None:
    state = figure["state"] if figure else "absent"
    value = figure["value"] if figure else None
    same = state == said.state and _equal(value, said.value)
    also = any(_equal(value, other) and (other is not None or state not in STATED) for other in said.accept)
    if said.state == BLANK and (same or state == "absent"):
        score.add(case, RIGHT)
        return
    if same or also:
        if said.must_flag and not flagged and state in STATED:
            _fail(case, key, BARE, _told(said.state, said.value), _got(figure), said.sentence, "", score)
        elif flagged and not said.must_flag:
            _fail(case, key, FLAGGED, _told(said.state, said.value), _got(figure), said.sentence, "", score)
        else:
            score.add(case, RIGHT)
        return
    kind = UNREAD if state not in STATED else WRONG_FLAGGED if flagged else WRONG
    _fail(case, key, kind, _told(said.state, said.value), _got(figure), said.sentence, _where(figure), score)


def _equal(a: Any, b: Any) -> bool:
    return a is None and b is None if a is None or b is None else abs(float(a) - float(b)) < 1e-9


def _fail(case: Case, key: str, kind: str, expected: str, got: str, sentence: str, why: str, score: Score) -> None:
    score.add(case, kind)
    score.failures.append(Failure(case.file, case.format, case.layout, key, kind, expected, got, sentence, why))


def _told(state: str, value: float | None) -> str:
    return state if value is None else f"{value:g}" if state == "number" and value < 1e5 else f"{state} {value:.10g}"


def _got(figure: Json | None) -> str:
    if figure is None:
        return "no such key"
    value = "" if figure["value"] is None else f" {figure['value']}"
    return f"{figure['state']}{value} (raw {figure['raw']!r})" if figure["raw"] else f"{figure['state']}{value}"


def _where(figure: Json | None) -> str:
    return str(((figure or {}).get("where") or {}).get("text") or "")


# ---- agency, number, date, window, period ---------------------------------------------------------------------------------


def _heads(truth: Truth) -> dict[str, Any]:
    window = list(truth.window) if truth.window else None
    return {
        "agency": truth.agency,
        "number": truth.number,
        "date": truth.date,
        "window": window,
        "period": truth.period,
    }


def _head(case: Case, truth: Truth, report: Json, score: Score) -> None:
    window = report["window"] or {}
    agency = report["agency"] or {}
    got = {
        "agency": agency.get("text"),
        "number": report["number"],
        "date": report["date"],
        "window": [window.get("from"), window.get("to")] if window.get("from") else None,
        "period": (report["period"] or {}).get("key"),
    }
    for name, value in _heads(truth).items():
        if value is None:
            continue
        right = _folded(got[name]) == _folded(value) if isinstance(value, str) else got[name] == value
        score.heads[f"{name} right" if right else f"{name} not read" if got[name] is None else f"{name} wrong"] += 1
        if not right:
            why = "the report's head, not a figure"
            score.failures.append(
                Failure(case.file, case.format, case.layout, name, "head", str(value), str(got[name]), "", why)
            )


def _folded(text: Any) -> str:
    """Without case, extra spaces or line ends: a letterhead is capitals by custom."""
    return " ".join(unicodedata.normalize("NFC", str(text or "")).casefold().split())
