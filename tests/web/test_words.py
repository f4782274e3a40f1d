"""Every code a page may have to say has its words in the catalogue: nobody reads an English code in a Vietnamese sentence."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from intake.findings import NOTE_CODES
from intake.web import shown
from intake.web.pages import rule_word, t, texts, who
from notifier.texts import catalogue

ROOT = Path(__file__).parents[2]


def words(table: str) -> set[str]:
    return set(texts()[table])


def literals(path: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / path).read_text(encoding="utf-8")))


def test_every_alarm_is_said_and_what_to_do_about_it():
    raised = literals("intake/alarms.py", r'Alarm\(\s*"([a-z_]+)"') | literals(
        "intake/status.py", r'"what": "([a-z_]+)"'
    )
    assert len(raised) > 7
    assert raised - words("alarm") == set()
    assert raised - words("alarm_more") == set()
    told = tomllib.loads((ROOT / "notifier/texts/vi/matters.toml").read_text(encoding="utf-8"))["alarm"]
    assert raised - set(told) <= {"roster_differs", "mailbox_unreachable"}


def test_everything_noted_of_people_is_said():
    noted = set()
    for path in (ROOT / "intake/web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
                "noted",
                "note_access",
            ):
                values = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                noted |= set(values[:1])
    assert len(noted) > 8
    assert noted - words("access") == set()


def test_every_problem_of_a_proof_is_said():
    codes = literals("storage/proof.py", r'"code": "([a-z_]+)"') | literals(
        "intake/chain_walk.py", r'"code": "([a-z_]+)"'
    )
    codes |= literals("storage/verify_export.py", r'self\.problem\("([a-z_]+)"')
    assert len(codes) > 10
    assert codes - words("proof_problem") == set()


def test_every_remark_of_the_judge_is_said():
    remarks = set(catalogue("words")["note"]) | set(NOTE_CODES)
    assert len(remarks) > 7
    assert remarks - words("trail_note") == set()


def test_every_state_of_a_signature_is_said():
    states = re.search(r'state: Literal\[(.*?)\] = "unknown"', (ROOT / "parsers/values.py").read_text("utf-8"))
    assert states
    assert set(re.findall(r'"(\w+)"', states[1])) - words("signature") == set()


@pytest.mark.parametrize(
    ("actor", "said"),
    [("person:1", "Lan"), ("system", "hệ thống"), ("cli:root", "dòng lệnh (root)"), ("person:9", "person:9")],
)
def test_whoever_did_something_is_called_by_name(actor, said):
    assert who(actor, {"person:1": "Lan"}) == said


def test_a_text_nobody_wrote_is_our_mistake():
    with pytest.raises(KeyError):
        t("proof")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("internaldate<=due", "giờ máy chủ hộp thư ≤ thời hạn"),
        ("border<due", "giờ máy chủ thư cửa ngõ < thời hạn"),
        ("deemed<=due+60s", "thời điểm được ấn định ≤ thời hạn + 60 giây"),
        ("", ""),
    ],
)
def test_the_rule_of_a_verdict_is_said_in_words(rule, words):
    assert rule_word(rule) == words


def test_a_stretch_of_days_is_said_in_words():
    assert shown.against(2 * 86_400 + 61) == "+2 ngày 0:01:01"
    assert shown.against(-3_725) == "−1:02:05"


def test_no_text_of_a_page_stands_in_code_or_templates():
    """English may follow as a catalogue of its own: Vietnamese letters are only in the texts, and in what Python is told of itself."""
    marked = re.compile("[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
    pages = (ROOT / "intake/web/templates").glob("*.html")
    assert [path.name for path in pages if marked.search(path.read_text(encoding="utf-8"))] == []
    for path in (ROOT / "intake/web").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        texts = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
        assert [n.value for n in texts if id(n) not in told and marked.search(n.value) and n.value not in "đĐ"] == [], (
            path
        )
