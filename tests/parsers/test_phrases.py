"""Running text of published reports, and passages written to mislead: nothing wrong stands without a flag."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.phrases import measure
from tests.parsers.reports import CORPUS, TITLE, flagged, read

PASSAGES = tomllib.loads((CORPUS / "passages.toml").read_text("utf-8"))["passage"]


def test_published_passages_are_read_without_an_unflagged_mistake() -> None:
    score = measure(CORPUS / "phrases")
    print(
        f"right {score.right}, not read {score.unread}, wrong flagged {score.wrong_flagged}, wrong {score.wrong_unflagged}"
    )
    assert (score.wrong_unflagged, score.not_raised) == (0, 0), score.notes
    assert score.right >= 47, score.notes


@pytest.mark.parametrize("joined", [False, True], ids=["a paragraph a line", "one paragraph"])
def test_published_passages_read_the_same_however_their_lines_break(joined: bool, tmp_path: Path) -> None:
    for path in (CORPUS / "phrases").glob("*"):
        text = path.read_text("utf-8")
        whole = joined and path.suffix == ".txt" and "\t" not in text
        (tmp_path / path.name).write_text(text.replace("\n", " ") if whole else text, "utf-8")
    score = measure(tmp_path)
    assert score.wrong_unflagged == 0, score.notes
    assert score.right >= 46, score.notes


@pytest.mark.parametrize("title", [f"{TITLE}\n", "Kết quả cải cách hành chính\n", ""], ids=["titled", "headed", "bare"])
def test_passages_written_to_mislead_never_do_so_silently(title: str) -> None:
    wrong, right = [], 0
    for passage in PASSAGES:
        (report,) = read(title + passage["text"].strip(), as_form="weekly")
        flags = flagged(report)
        for figure in report.figures:
            got, want = figure.value, passage["figures"].get(figure.key)
            right += got is not None and got == want
            if got is not None and got != want and figure.key not in flags:
                wrong.append(f"{passage['text'][:80]!r}: {figure.key} read as {got}, is {want}")
    assert not wrong
    assert right >= 140


@pytest.mark.parametrize("path", sorted((CORPUS / "phrases").glob("*.txt")), ids=lambda path: path.stem)
def test_news_is_not_a_report(path: Path) -> None:
    assert read(path.read_text("utf-8")) == ()
    assert read(path.read_text("utf-8"), kind="html") == ()
