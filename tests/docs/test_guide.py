"""The guide for agencies says what is true: every code, verdict and word in it exists, and every verdict a clerk may read is in it."""

from __future__ import annotations

import re
import tomllib
from email.message import EmailMessage
from pathlib import Path

import pytest

from intake.findings import NOTE_CODES
from notifier.texts import catalogue, words
from parsers.assemble import is_trial
from parsers.form import load_forms
from parsers.mail import open_mail
from parsers.replies import read_reply

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "vi" / "huong-dan-don-vi.md").read_text(encoding="utf-8")
TEMPLATES = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "notifier" / "texts" / "vi").rglob("*.j2"))


def codes() -> set[str]:
    forms = load_forms()
    of_forms = {check.code for name in forms.names() for check in forms.get(name).checks}
    return of_forms | set(NOTE_CODES.values()) | {code for code in catalogue("history") if code != "remembered"}


def test_every_code_in_the_guide_exists():
    named = set(re.findall(r"\b[A-Z]\d{2}\b", GUIDE))
    assert named
    assert named - codes() == set()


def test_every_code_no_form_explains_is_in_the_guide():
    beside = set(NOTE_CODES.values()) | {code for code in catalogue("history") if code != "remembered"}
    assert {code for code in beside if f"`{code}`" not in GUIDE} == set()


def test_every_verdict_in_the_guide_is_one_a_letter_gives():
    told = re.findall(r"(?m)^\| \*\*(.+?)\*\* \|", GUIDE)
    known = {str(entry["verdict"]) for entry in words("class").values()} | set(
        re.findall(r"Kết quả: ([^.*{]+)", TEMPLATES)
    )
    assert len(told) > 7
    assert [verdict for verdict in told if verdict not in known] == []


def test_every_verdict_of_the_board_a_clerk_may_read_is_in_the_guide():
    read = ("on_time", "cured", "late", "incomplete", "in_review", "refused", "waived")
    assert [name for name in read if f"**{words('class')[name]['verdict']}**" not in GUIDE] == []


@pytest.mark.parametrize("subject", ["missing_waiting", "request", "missing"])
def test_letters_are_called_by_their_subjects(subject: str):
    title = str(catalogue("subjects")["notice"][subject]).split(":")[0].replace("{reports}", "báo cáo")
    assert title in " ".join(GUIDE.split())


def replied(text: str):
    message = EmailMessage()
    message["From"] = "stc@tinh.example"
    message.set_content(text)
    return read_reply(open_mail(message.as_bytes()))


def test_the_examples_work_as_the_guide_says():
    explain, confirm = (line.removeprefix("> ") for line in GUIDE.splitlines() if line.startswith("> "))
    assert [(said.code, said.reason) for said in replied(explain).said] == [
        ("W03", "05 hồ sơ do người nộp đề nghị rút")
    ]
    assert replied(confirm).confirms
    for mark in re.findall(r"\[(?:THỬ|TEST)\]", GUIDE):
        assert is_trial(f"{mark} Báo cáo tuần")


def test_the_phrases_quoted_stand_in_letters():
    subjects = (ROOT / "notifier/texts/vi/subjects.toml").read_text(encoding="utf-8")
    all_words = TEMPLATES + subjects + str(tomllib.loads((ROOT / "notifier/texts/vi/words.toml").read_text("utf-8")))
    for phrase in ("quý cơ quan không phải làm gì thêm", "Đề nghị xác nhận thư gửi từ địa chỉ chưa đăng ký"):
        assert phrase in " ".join(GUIDE.split())
        assert phrase in all_words
