"""The guides to the console say what is on it: every button, page, state and command they name exists, every picture is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from intake.cli import VERBS
from intake.web.access import PASSWORD_LEAST, RIGHTS
from intake.web.console import Limits
from intake.web.pages import texts
from notifier.texts import catalogue, words
from tests.web.screens import PAGES

ROOT = Path(__file__).parents[2]
SECRETARIAT = (ROOT / "docs/vi/huong-dan-ban-thu-ky.md").read_text(encoding="utf-8")
AUDITOR = (ROOT / "docs/vi/huong-dan-kiem-tra.md").read_text(encoding="utf-8")
GUIDES = {"secretariat": SECRETARIAT, "auditor": AUDITOR}
EMPHASIS = frozenset({"trước", "chưa", "khác"})  # words stressed, not names of something on a page


def said(found: object) -> set[str]:
    """Every text of a catalogue."""
    if isinstance(found, dict):
        return {text for value in found.values() for text in said(value)}
    return {str(found)}


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)
def test_what_a_guide_names_stands_on_the_pages(guide):
    known = {text.lower() for text in said(texts())} | {str(entry["page"]).lower() for entry in words("class").values()}
    known |= {"vị trí nhật ký và mã đối chứng"}
    named = {" ".join(name.split()) for name in re.findall(r"\*\*(.+?)\*\*", guide, re.DOTALL)} - EMPHASIS
    assert len(named) > 10
    assert sorted(name for name in named if name.lower() not in known) == []


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)
def test_every_picture_is_there_and_taken_by_the_screens(guide):
    pictures = re.findall(r"!\[[^]]+\]\((\.\./screens/([a-z]+)-light\.png)\)", guide)
    assert len(pictures) >= 3
    assert [path for path, _ in pictures if not (ROOT / "docs/vi" / path).exists()] == []
    assert {name for _, name in pictures} <= {*PAGES, "login"}


def test_every_page_has_its_pictures_and_every_picture_its_page():
    folder = ROOT / "docs/screens"
    wanted = {f"{name}-{scheme}.png" for name in (*PAGES, "login") for scheme in ("light", "dark")}
    there = {path.name for path in folder.glob("*.png")}
    assert wanted - there == set()
    assert {name for name in there - wanted if not re.fullmatch(r"[a-z]+-(narrow|print)\.png", name)} == set()
    assert sum(path.stat().st_size for path in folder.glob("*.png")) < 4 * 2**20


def test_every_code_of_the_verifier_is_explained_to_auditors():
    codes = {code for code in catalogue("evidence")["verifier"] if code in catalogue("evidence")["guide"]["text"]}
    codes -= {"at", "summary", "whole", "problems"}
    assert len(codes) > 12
    assert {code for code in codes if f"`{code}`" not in AUDITOR} == set()
    assert set(re.findall(r"`([a-z]+_[a-z]+)`", AUDITOR)) - codes - {"as_of"} == set()


def test_commands_and_limits_are_the_real_ones():
    assert set(re.findall(r"`cchc ([a-z]+)", SECRETARIAT + AUDITOR)) <= set(VERBS)
    assert f"ít nhất {PASSWORD_LEAST} ký tự" in SECRETARIAT
    assert f"trong {Limits().idle.seconds // 60} phút" in SECRETARIAT
    roles = re.findall(r"(?m)^\| \*\*(.+?)\*\* \| (?:xem mọi|như|trạng)", SECRETARIAT)
    assert set(roles) == {texts()["role"][role] for role in RIGHTS}


def test_every_class_is_explained_to_the_secretariat():
    classes = ("on_time", "cured", "late", "incomplete", "in_review", "missing")
    assert {name for name in classes if f"**{words('class')[name]['page']}**" not in SECRETARIAT} == set()
