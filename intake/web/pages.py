"""Templates and the message catalogue: the only place that knows both.

Rules: a text that is missing is an error, found by the tests; everything is escaped; characters that turn or hide text
(bidi controls, zero-width) in what a sender wrote are shown as marks; a page is told who looks at it and which rights they have.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from intake.web import shown
from intake.web.access import Visitor, console_of
from notifier.plain import marked

LANGUAGE = "vi"
THEMES = ("light", "dark")
THEME_COOKIE = "cchc_theme"
_RULE = re.compile(r"(\w+)(<=?)due(?:\+(\d+)s)?")
NAV = (  # right, address, name in the catalogue
    ("read", "/", "board"),
    ("read", "/review", "review"),
    ("read", "/periods", "periods"),
    ("read", "/log", "log"),
    ("read", "/proof", "proof"),
    ("operate", "/operation", "operation"),
)


@cache
def texts(language: str = LANGUAGE) -> Mapping[str, Any]:
    """The catalogue of a language."""
    return tomllib.loads(files("intake.web").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8"))


def t(key: str, /, **values: Any) -> str:
    """A text by its dotted key, its blanks filled. Raises KeyError when there is none."""
    found = _text(key)
    return found.format(**values) if values else found


@cache
def _text(key: str) -> str:
    found: Any = texts()
    for name in key.split("."):
        found = found[name]
    if not isinstance(found, str):
        raise KeyError(key)
    return found


def word(table: str, code: str | None) -> str:
    """A code in words; one without an entry is shown as it is."""
    found = texts().get(table, {}).get(code or "")
    return found if isinstance(found, str) else (code or "")


def seen(value: Any) -> Any:
    """What a template prints: unseen and turning characters become marks such as ⟦U+202E⟧, plain letters, for a field's value holds no mark-up."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return "" if value is None else value
    return marked(value)


def who(actor: str, names: Mapping[str, str]) -> str:
    """An actor in words: a person's name, the system, whoever typed a command."""
    kind, _, rest = actor.partition(":")
    return names.get(actor) or (
        t("app.system") if actor == "system" else t("app.by_command", name=rest) if kind == "cli" else actor
    )


def finding_text(finding: Mapping[str, Any]) -> str:
    """What there is to check: its sentence, or for a question of the judge without one its kind."""
    return str(finding.get("message") or "") or word("trail_note", str(finding.get("note") or ""))


def rule_word(rule: str) -> str:
    """The rule a verdict was judged by ("internaldate<=due+60s"), in words."""
    if not (found := _RULE.fullmatch(rule)):
        return rule
    clock, against, grace = found.groups()
    due = t("rule.due") + (f" + {t('rule.grace', n=grace)}" if grace else "")
    return f"{word('rule', clock)} {'<' if against == '<' else '≤'} {due}"


def refusal(said: str) -> str:
    """Why a decision was not taken, in words; what only the command line words is told in general."""
    table = texts()["decide_refused"]
    option = said.partition(":")[0].partition(" ")[0]
    return str(table.get(said) or table.get(option) or table["other"])


def query_word(name: str, value: str) -> str:
    """What was asked for, in words."""
    if name == "state":
        return word("mail_state", value)
    found = {"due_class": shown.due_class, "type": shown.type_name, "period": shown.period}.get(name)
    return found(value) if found else value


@cache
def asset(name: str) -> str:
    """The address of a static file, with the start of its sum: it may be kept for a year."""
    data = files("intake.web").joinpath("static", *name.split("/")).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(data).hexdigest()[:12]}"


@cache
def environment() -> Environment:
    """The Jinja environment."""
    made = Environment(
        loader=PackageLoader("intake.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=seen,
        auto_reload=False,
    )
    from intake.web import board_rows, pieces, result_rows, undoing  # noqa: PLC0415 - made of the words of this file

    made.globals |= {
        **pieces.FUNCTIONS,
        **board_rows.FUNCTIONS,
        **result_rows.FUNCTIONS,
        **undoing.FUNCTIONS,
        "t": t,
        "word": word,
        "who": who,
        "query_word": query_word,
        "finding_text": finding_text,
        "rule_word": rule_word,
        "refusal": refusal,
        "asset": asset,
        **shown.FUNCTIONS,
    }
    return made


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page, told who looks at it."""
    console = console_of(request)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    theme = request.cookies.get(THEME_COOKIE, "")
    context = {
        "here": request.url.path,
        "address": f"{request.url.path}{'?' + request.url.query if request.url.query else ''}",
        "visitor": visitor,
        "may": visitor.may if visitor else (lambda _right: False),
        "office": console.desk.settings.office,
        "theme": theme if theme in THEMES else "",
        "csrf": visitor.session.csrf if visitor else "",
        "when": shown.Moments(console.desk.calendar),
        "now": console.now(),
        "nav": NAV,
        "waiting": visitor.waiting if visitor and visitor.may("read") else 0,
        "given_clock": console.desk.clock.kind == "given",
    }
    text = environment().get_template(template).render(**(context | values))
    return HTMLResponse(text, status)
