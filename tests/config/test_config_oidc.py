"""[web.oidc]: what it needs, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.config import ConfigError, load
from intake.settings import Settings
from tests.config.test_config import SMALLEST, WORDS

OIDC = """
[web]
listen = "127.0.0.1:8017"
[web.oidc]
issuer = "https://login.example/tinh"
client_id = "cchc"
client_secret_env = "CCHC_OIDC"
redirect = "https://cchc.example/login/oidc/back"
claim = "realm_access.roles"
[web.oidc.roles]
lead = ["cchc-lead", "chanh-van-phong"]
"""


def loaded(folder: Path, text: str) -> Settings:
    (folder / "config.toml").write_text(SMALLEST + text, encoding="utf-8")
    return load(folder / "config.toml", WORDS | {"CCHC_OIDC": "word"})


def test_a_provider_is_read_with_its_roles(tmp_path: Path) -> None:
    oidc = loaded(tmp_path, OIDC).web.oidc
    assert oidc is not None
    assert (oidc.issuer, oidc.client_id, oidc.claim) == ("https://login.example/tinh", "cchc", "realm_access.roles")
    assert oidc.client_secret.reveal() == "word"
    assert "word" not in repr(oidc)
    assert oidc.roles == {"auditor": (), "secretary": (), "lead": ("cchc-lead", "chanh-van-phong"), "operator": ()}
    public = loaded(tmp_path, OIDC.replace('client_secret_env = "CCHC_OIDC"\n', "")).web.oidc
    assert public is not None
    assert public.client_secret.value is None
    assert loaded(tmp_path, '[web]\nlisten = ""\n').web.oidc is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://login.example/tinh", "http://login.example/tinh", "web.oidc.issuer"),
        ("https://login.example/tinh", "https://a:b@login.example", "web.oidc.issuer"),
        ("https://login.example/tinh", "https://[x", "web.oidc.issuer"),
        ("/login/oidc/back", "/back", "web.oidc.redirect"),
        ('lead = ["cchc-lead", "chanh-van-phong"]', "", "web.oidc.roles"),
        ("lead =", "boss =", "boss"),
        ('client_id = "cchc"', "", "web.oidc.client_id"),
        ("client_secret_env", "client_secret", "client_secret"),
    ],
)
def test_what_would_let_in_nobody_or_anybody_is_a_mistake(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace(".", r"\.")):
        loaded(tmp_path, OIDC.replace(old, new))


def test_without_the_library_it_says_which_extra_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.config_oidc.find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match="cchc-intake\\[oidc\\]"):
        loaded(tmp_path, OIDC)
