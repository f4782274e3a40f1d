"""The documents are tested: every command, option, setting, form line, reason and finding is documented, and nothing else is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest

from intake.cli import VERBS, cchc
from intake.config import starter
from parsers.form import load_forms

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FORMS = sorted((ROOT / "parsers" / "forms").glob("*.toml"))


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip(), command


def test_every_verb_is_documented():
    guide = page("docs/operator.md")
    assert [name for name, _ in commands(cchc) if not re.search(rf"`{name}[ `]", guide)] == []


def test_every_option_is_documented():
    guide = page("docs/operator.md")
    missing = [
        f"{name} {option}"
        for name, command in commands(cchc)
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--") and option not in guide
    ]
    assert missing == []


def test_no_verb_is_documented_that_does_not_exist():
    table = page("docs/operator.md").partition("## Verbs")[2].partition("## Exit codes")[0]
    documented = set(re.findall(r"`([a-z]+)[^`]*`", "\n".join(re.findall(r"(?m)^\| (.*?) \| ", table)))) - {"verb"}
    assert documented == set(VERBS)


def keys_read() -> set[str]:
    """Every key the configuration's readers ask a table for."""
    found = set()
    for path in (ROOT / "intake").glob("config*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                key = {"take": 0, "need": 0, "_one": 1}.get(called)
                if key is not None and isinstance(node.args[key], ast.Constant):
                    found.add(node.args[key].value)
    return found - {"password"}  # asked for only to refuse it


def keys_documented() -> set[str]:
    section = page("docs/operator.md").partition("## config.toml")[2].partition("## The roster")[0]
    return set(re.findall(r"(?m)^\| `(?:\[\w+\]\.)?(\w+)` \|", section))


def test_every_key_of_the_configuration_is_documented():
    assert len(keys_read()) > 40
    assert keys_read() - keys_documented() == set()


def test_no_key_is_documented_that_the_configuration_does_not_know():
    assert keys_documented() - keys_read() == set()


def test_every_key_of_the_starter_configuration_is_documented():
    for line in starter(date(2017, 7, 17))["config.toml"].splitlines():
        if found := re.match(r"#?\s?([a-z_]+) = ", line):
            assert found.group(1) in keys_documented(), line


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_line_and_check_of_a_form_is_documented(path):
    form, text = tomllib.loads(path.read_text(encoding="utf-8")), page("docs/forms.md")
    assert [line["key"] for line in form["line"] if f"`{line['key']}`" not in text] == []
    assert [check["code"] for check in form["check"] if f"`{check['code']}`" not in text] == []


def test_the_page_of_the_forms_is_up_to_date():
    ran = subprocess.run([sys.executable, ROOT / ".ci" / "forms_doc.py", "--check"], check=False)
    assert ran.returncode == 0, "the form files have changed: make docs"


def test_every_packaged_form_is_on_the_page():
    text = page("docs/forms.md")
    assert [name for name in load_forms().names() if f"## `{name}`" not in text] == []


def test_every_reason_with_a_wording_is_documented():
    reasons = tomllib.loads(page("notifier/texts/vi/reasons.toml"))
    text = page("docs/reasons.md")
    assert [reason for reason in reasons if f"`{reason}`" not in text] == []


def test_every_documented_reason_has_a_wording():
    reasons = tomllib.loads(page("notifier/texts/vi/reasons.toml"))
    documented = re.findall(r"(?m)^\| `([a-z_]+)` \|", page("docs/reasons.md"))
    assert [reason for reason in documented if reason not in reasons] == []


def codes_in_use() -> set[str]:
    """The words for findings about files: the first argument of ``finding`` and ``Finding`` wherever it is written out."""
    found: set[str] = set(tomllib.loads(page("parsers/findings.toml")))
    for path in [*(ROOT / "parsers").rglob("*.py"), *(ROOT / "intake").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("finding", "Finding"):
                named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                for value in [*node.args[:1], *named]:
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found.add(value.value)
    return found


def test_every_finding_about_a_file_is_documented():
    text = page("docs/findings.md")
    assert sorted(code for code in codes_in_use() if f"`{code}`" not in text) == []


def test_every_alarm_is_documented():
    guide = page("docs/operator.md")
    raised = re.findall(r'"what": "([a-z_]+)"', page("intake/status.py"))
    assert raised
    assert [alarm for alarm in raised if f"`{alarm}`" not in guide] == []


def test_the_commands_of_the_readme_exist():
    targets = set(re.findall(r"(?m)^([a-z-]+):", page("Makefile")))
    named = set(re.findall(r"\bmake ([a-z-]+)", "".join(re.findall(r"```sh\n(.*?)```", page("README.md"), re.DOTALL))))
    assert named
    assert named <= targets
    verbs = set(re.findall(r"(?m)^\.venv/bin/cchc (?:-c \S+ )?([a-z]+)", page("README.md")))
    assert verbs
    assert verbs <= set(VERBS)


def test_the_readme_opens_with_the_picture_and_its_files_exist():
    picture = page("README.md").partition("```\n")[2].partition("```")[0]
    assert page("README.md").index("```") < 40
    named = re.findall(r"\b((?:intake|parsers|storage|notifier)/[\w./]*)", picture)
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_map_of_the_service_names_every_module_once():
    named = re.findall(r"``(\w+)``", page("intake/__init__.py").partition("Where to look")[2])
    assert sorted(named) == sorted({path.stem for path in (ROOT / "intake").glob("*.py")} - {"__init__", "__main__"})


def test_links_between_the_documents_lead_somewhere():
    broken = []
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.name}: {target}")
    assert broken == []


def test_no_document_names_a_machine_or_a_registry():
    for path in [ROOT / "README.md", *DOCS.rglob("*.md"), ROOT / "requirements.lock", ROOT / "Makefile"]:
        assert not re.search(r"/work/|https?://(?!localhost|127)", path.read_text(encoding="utf-8")), path
