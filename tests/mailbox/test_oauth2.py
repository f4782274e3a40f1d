"""Tokens instead of passwords: had from a real HTTP endpoint, used against Dovecot's oauth2 passdb and an SMTP server of its own kind."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from imapclient import IMAPClient

from intake.config import load
from intake.mailbox.account import Account
from intake.mailbox.connection import Connection
from intake.mailbox.errors import OutsideUnreachable, Refused
from intake.oauth2 import NoToken, Tokens
from intake.service_account import BadKey, read_key
from intake.settings import Grant, MailboxSettings, Mechanism, OAuth2Settings, Secret
from intake.wiring import imap_account, smtp_of
from notifier.smtp import Smtp, SmtpSettings
from tests.servers import dovecot as dovecot_server
from tests.servers.dovecot import Dovecot, free_port
from tests.servers.smtp_sink import OAuthSink
from tests.servers.token_endpoint import CLIENT, CLIENT_SECRET, REFRESH, TokenEndpoint

USER = "cchc@tinh.example"
NOW = datetime(2017, 7, 21, 2, 0, tzinfo=UTC)
LETTER = b"From: cchc@tinh.example\r\nTo: a@tinh.example\r\nSubject: x\r\n\r\nx\r\n"


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    running = TokenEndpoint(user=USER).start()
    yield running
    running.stop()


class Moving:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Moving:
    return Moving()


def oauth2(
    endpoint: TokenEndpoint, folder: Path, grant: Grant = "refresh_token", mechanism: Mechanism = "XOAUTH2"
) -> OAuth2Settings:
    return OAuth2Settings(
        f"{endpoint.url}/token",
        grant,
        CLIENT,
        Secret(CLIENT_SECRET),
        Secret(REFRESH, "no refresh token"),
        "mail",
        mechanism,
        folder / "tokens" / "mailbox.json",
    )


# ---- having tokens ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
def test_a_token_is_asked_for_once_and_kept_for_its_owner_alone(endpoint, tmp_path, clock, grant):
    settings = oauth2(endpoint, tmp_path, grant)
    assert {Tokens(settings, clock)() for _ in range(3)} == {endpoint.issued[0]}
    (form,) = endpoint.asked
    expected = {"grant_type": grant, "client_id": CLIENT, "client_secret": CLIENT_SECRET, "scope": "mail"}
    assert form == expected | ({"refresh_token": REFRESH} if grant == "refresh_token" else {})
    for path in settings.token_file.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(settings.token_file.parent.stat().st_mode) == 0o700


def service_account(endpoint: TokenEndpoint, folder: Path, subject: str = USER) -> OAuth2Settings:
    """Settings with a key made now, its public half known to the endpoint."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    endpoint.service_key = key.public_key()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    told = json.dumps({"client_email": "intake@project.example", "private_key_id": "k1", "private_key": pem})
    return replace(oauth2(endpoint, folder), grant="service_account", service_key=Secret(told), subject=subject)


def test_a_service_account_signs_for_the_mailbox_it_acts_for(endpoint, tmp_path, clock):
    settings = service_account(endpoint, tmp_path)
    token = Tokens(settings, clock)()
    assert token in endpoint.valid
    (form,) = endpoint.asked
    assert set(form) == {"grant_type", "assertion"}
    claims = endpoint.signed(form["assertion"])
    assert claims is not None
    assert (claims["iss"], claims["sub"], claims["scope"]) == ("intake@project.example", USER, "mail")
    assert (claims["iat"], claims["exp"]) == (int(NOW.timestamp()), int(NOW.timestamp()) + 600)
    assert endpoint.heads[0] == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    assert "PRIVATE" not in settings.token_file.read_text(encoding="utf-8") + repr(settings)


def test_a_service_account_that_may_not_act_for_it_is_a_persons_business(endpoint, tmp_path, clock):
    with pytest.raises(NoToken, match="invalid_grant") as refused:
        Tokens(service_account(endpoint, tmp_path, "other@tinh.example"), clock)()
    assert refused.value.permanent


@pytest.mark.parametrize("key", [None, "{}", "no json", '{"client_email": "x", "private_key": "none"}'])
def test_a_key_that_is_none_is_told_without_its_words(endpoint, tmp_path, clock, key):
    settings = replace(oauth2(endpoint, tmp_path), grant="service_account", service_key=Secret(key, "no key"))
    with pytest.raises(NoToken, match=r"no key|service_key: expected") as refused:
        Tokens(settings, clock)()
    assert refused.value.permanent
    assert endpoint.asked == []


def test_a_key_of_another_kind_is_refused():
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(BadKey, match="RSA"):
        read_key(json.dumps({"client_email": "x", "private_key": pem}))


def test_a_token_is_renewed_before_it_ends_and_a_rotated_refresh_token_is_used_next(endpoint, tmp_path, clock):
    tokens = Tokens(oauth2(endpoint, tmp_path), clock)
    first = tokens()
    clock.now += timedelta(minutes=54)
    assert tokens() == first
    clock.now += timedelta(minutes=2)
    assert tokens() == endpoint.issued[1] != first
    assert [form["refresh_token"] for form in endpoint.asked] == [REFRESH, "refresh-token-1-9Zx4"]
    clock.now += timedelta(hours=2)
    assert Tokens(oauth2(endpoint, tmp_path), clock)() == endpoint.issued[2], "the next process knows the rotated one"


def test_a_refresh_token_the_operator_puts_in_anew_wins_over_the_one_kept(endpoint, tmp_path, clock):
    settings = oauth2(endpoint, tmp_path)
    Tokens(settings, clock)()
    endpoint.refresh = "given-anew"  # the old grant was revoked
    clock.now += timedelta(hours=2)
    with pytest.raises(NoToken, match="invalid_grant") as caught:
        Tokens(settings, clock)()
    assert caught.value.permanent
    assert Tokens(replace(settings, refresh_token=Secret("given-anew")), clock)() == endpoint.issued[1]


def test_a_short_lived_token_is_renewed_at_three_quarters_of_its_life(endpoint, tmp_path, clock):
    endpoint.life = 120
    tokens = Tokens(oauth2(endpoint, tmp_path), clock)
    for seconds, issued in ((0, 1), (80, 1), (11, 2)):
        clock.now += timedelta(seconds=seconds)
        tokens()
        assert len(endpoint.issued) == issued


def test_a_refused_token_is_renewed_but_not_one_that_is_a_minute_old(endpoint, tmp_path, clock):
    tokens = Tokens(oauth2(endpoint, tmp_path), clock)
    first = tokens()
    assert tokens(first) == first, "just issued: asking on would only lock the account"
    clock.now += timedelta(minutes=2)
    second = tokens(first)
    assert second == endpoint.issued[1]
    assert tokens(first) == second, "another thread renewed it meanwhile"


def test_a_clock_set_back_uses_no_token_from_the_future(endpoint, tmp_path, clock):
    tokens = Tokens(oauth2(endpoint, tmp_path), clock)
    tokens()
    clock.now -= timedelta(days=1)
    assert tokens() == endpoint.issued[1]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"access": 1}', "null"])
def test_a_token_file_that_is_no_token_file_is_made_anew(endpoint, tmp_path, clock, content):
    settings = oauth2(endpoint, tmp_path)
    settings.token_file.parent.mkdir()
    settings.token_file.write_text(content)
    assert Tokens(settings, clock)() == endpoint.issued[0]


@pytest.mark.parametrize(
    ("status", "body", "permanent"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "token REFRESH revoked"}', True),
        (401, b"no", True),
        (403, b"{}", True),
        (400, b'{"error": "temporarily_unavailable"}', False),
        (429, b"{}", False),
        (500, b"<html>", False),
        (302, b"{}", False),
        (200, b"no json", False),
        (200, b"[1]", False),
        (200, b'{"access_token": "a b", "token_type": "bearer"}', False),
        (200, b'{"access_token": "a\\u0001auth=Bearer other", "token_type": "bearer"}', False),
        (200, b'{"access_token": "x", "token_type": "mac"}', False),
        (200, b'{"access_token": "' + b"x" * 20_000 + b'"}', False),
        (200, b" " * 300_000, False),
    ],
)
def test_what_the_endpoint_answers_is_checked_and_no_secret_is_repeated(
    endpoint, tmp_path, clock, status, body, permanent
):
    endpoint.answers = [(status, body)]
    tokens = Tokens(oauth2(endpoint, tmp_path), clock)
    with pytest.raises(NoToken) as caught:
        tokens()
    assert caught.value.permanent is permanent
    assert not any(secret in str(caught.value) for secret in (CLIENT_SECRET, REFRESH, "revoked", "xxxx"))
    assert tokens() == endpoint.issued[0], "the next time it goes"


def test_an_endpoint_that_is_not_there_is_a_passing_fault(tmp_path, clock, endpoint):
    settings = replace(oauth2(endpoint, tmp_path), token_url=f"http://127.0.0.1:{free_port()}/token")
    with pytest.raises(NoToken, match="not reached") as caught:
        Tokens(settings, clock)()
    assert not caught.value.permanent


def test_an_endpoint_with_a_certificate_nobody_trusts_gets_no_secret(tmp_path, clock, endpoint, dovecot):
    settings = replace(oauth2(endpoint, tmp_path), token_url=f"https://127.0.0.1:{dovecot.tls}/token")
    with pytest.raises(NoToken, match="CERTIFICATE_VERIFY_FAILED"):
        Tokens(settings, clock)()


def test_tokens_that_cannot_be_kept_are_a_passing_fault(endpoint, tmp_path, clock):
    (tmp_path / "tokens").write_text("a file where the folder should be")
    with pytest.raises(NoToken, match="cannot be kept") as caught:
        Tokens(oauth2(endpoint, tmp_path), clock)()
    assert not caught.value.permanent


def test_a_missing_secret_is_told_by_its_key(endpoint, tmp_path, clock):
    lacking = replace(oauth2(endpoint, tmp_path), refresh_token=Secret(None, "mailbox.oauth2.refresh_token_file: …"))
    with pytest.raises(NoToken, match="refresh_token_file"):
        Tokens(lacking, clock)()
    lacking = replace(oauth2(endpoint, tmp_path, "client_credentials"), client_secret=Secret(None, "client_secret_env"))
    with pytest.raises(NoToken, match="client_secret_env"):
        Tokens(lacking, clock)()


def test_two_processes_use_a_rotating_refresh_token_once(endpoint, tmp_path):
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from intake.oauth2 import Tokens; from intake.settings import OAuth2Settings, Secret\n"
        f"secrets = Secret({CLIENT_SECRET!r}), Secret({REFRESH!r})\n"
        f"kept = OAuth2Settings(sys.argv[1], 'refresh_token', {CLIENT!r}, *secrets, '', 'XOAUTH2', Path(sys.argv[2]))\n"
        "print(Tokens(kept, lambda: datetime.now(UTC))())\n"
    )
    command = [sys.executable, "-c", program, f"{endpoint.url}/token", str(tmp_path / "tokens.json")]
    asking = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    answers = {process.communicate(timeout=60)[0].strip() for process in asking}
    assert answers == {endpoint.issued[0].encode()}
    assert len(endpoint.asked) == 1


# ---- logging in ------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(endpoint) -> Iterator[Dovecot]:
    running = dovecot_server.start(introspection=f"{endpoint.url}/introspect")
    yield running
    running.stop()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_dovecot_takes_our_token_and_a_refused_one_is_renewed(endpoint, server, tmp_path, clock, mechanism):
    settings = oauth2(endpoint, tmp_path, mechanism=mechanism)
    mailbox = MailboxSettings("imap", "127.0.0.1", server.plain, "none", USER, oauth2=settings)
    account = Account.of(mailbox, Tokens(settings, clock))
    first = Connection(account)
    assert first.examine("INBOX").exists == 0
    first.close()
    endpoint.valid.clear()  # revoked before its time
    with pytest.raises(Refused, match="login refused"):
        Connection(account)
    assert len(endpoint.asked) == 1, "a token a minute old is not renewed"
    clock.now += timedelta(minutes=5)
    Connection(account).close()
    assert len(endpoint.asked) == 2
    endpoint.valid.clear()
    clock.now += timedelta(minutes=5)
    endpoint.answers = [(200, b'{"access_token": "not-valid-either", "token_type": "Bearer"}')]
    with pytest.raises(Refused, match="login refused"):
        Connection(account)
    assert len(endpoint.asked) == 3, "the second refusal is final"


def test_without_a_token_nothing_is_sent_to_the_mailbox_server(endpoint, server, tmp_path, clock):
    settings = oauth2(endpoint, tmp_path)
    mailbox = MailboxSettings("imap", "127.0.0.1", server.plain, "none", USER, oauth2=settings)
    endpoint.answers = [(503, b""), (401, b'{"error": "invalid_client"}')]
    with pytest.raises(OutsideUnreachable, match="no token"):
        Connection(Account.of(mailbox, Tokens(settings, clock)))
    with pytest.raises(Refused, match="invalid_client"):
        Connection(Account.of(mailbox, Tokens(settings, clock)))


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_letters_leave_with_a_token_and_a_refused_one_is_renewed(endpoint, tmp_path, clock, mechanism):
    sink = OAuthSink(user=USER, valid=endpoint.valid).start()
    try:
        tokens = Tokens(oauth2(endpoint, tmp_path, mechanism=mechanism), clock)
        settings = SmtpSettings("127.0.0.1", sink.port, "none", USER, token=tokens, mechanism=mechanism)
        assert Smtp(settings).probe() == ""
        endpoint.valid.clear()
        refused = Smtp(settings).send(LETTER, USER, ("a@tinh.example",))
        assert (refused.state, refused.unreachable) == ("passing", True)
        clock.now += timedelta(minutes=5)
        smtp = Smtp(settings)
        assert smtp.send(LETTER, USER, ("a@tinh.example",)).state == "sent"
        smtp.close()
        assert [name for name, _ in sink.tried] == [mechanism] * 4
        assert len(endpoint.asked) == 2
        endpoint.answers = [(503, b"")]
        clock.now += timedelta(hours=5)
        assert "answered 503" in Smtp(settings).probe()
    finally:
        sink.stop()


def test_a_user_name_cannot_say_more_than_a_name(endpoint, server, tmp_path, clock):
    settings = oauth2(endpoint, tmp_path)
    evil = f"{USER}\x01auth=Bearer other"
    mailbox = MailboxSettings("imap", "127.0.0.1", server.plain, "none", evil, oauth2=settings)
    with pytest.raises(Refused, match="control"):
        Connection(Account.of(mailbox, Tokens(settings, clock)))
    sink = OAuthSink(user=USER).start()
    try:
        smtp = SmtpSettings("127.0.0.1", sink.port, "none", evil, token=Tokens(settings, clock))
        assert "plain ASCII" in Smtp(smtp).probe()
        assert sink.tried == []
    finally:
        sink.stop()


# ---- the whole service, and what it says -----------------------------------------------------------------------------

CONFIG = """
[mailbox]
url = "imap://cchc%40tinh.example@127.0.0.1:{imap}/INBOX?starttls=no"
[mailbox.oauth2]
token_url = "{endpoint}/token"
client_id = "intake-client"
client_secret_file = "secret"
refresh_token_file = "refresh"
[smtp]
url = "smtp://cchc%40tinh.example@127.0.0.1:{smtp}?starttls=no"
from = "CCHC <cchc@tinh.example>"
[smtp.oauth2]
token_url = "{endpoint}/token"
grant = "client_credentials"
client_id = "intake-client"
client_secret_file = "secret"
[calendar]
start = 2017-07-17
[notify]
secretariat = ["thuky@tinh.example"]
operator = ["it@tinh.example"]
"""


def test_no_secret_stands_in_log_output_ledger_or_letters(endpoint, server, tmp_path, capfd, caplog):
    """A poll that works, one refused by everybody, a check and a status: every byte written is searched."""
    caplog.set_level(logging.DEBUG)
    sink = OAuthSink(user=USER, valid=endpoint.valid).start()
    for name, value in (("secret", CLIENT_SECRET), ("refresh", REFRESH)):
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o600)
    head = "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors\n"
    (tmp_path / "roster.csv").write_text(f"{head}STC,A,department,TINH,TINH,a@b.example,,weekly,2017-07-01,,\n")
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(imap=server.plain, smtp=sink.port, endpoint=endpoint.url))
    from intake.cli import main  # noqa: PLC0415

    try:
        endpoint.valid.add("for-the-test-alone")
        with IMAPClient("127.0.0.1", port=server.plain, ssl=False, timeout=20) as client:
            client.oauth2_login(USER, "for-the-test-alone")
            client.append("INBOX", b"From: a@b.example\r\nSubject: x\r\n\r\nx\r\n")
        assert main(["-c", str(config), "poll"]) in (0, 1)
        assert "fetched 1," in capfd.readouterr().out
        assert main(["-c", str(config), "check"]) in (0, 1)
        endpoint.valid.clear()
        endpoint.refresh = "refresh-token-revoked-3Jt6"
        for tokens in (tmp_path / "var").glob("*.oauth2.json"):
            tokens.unlink()
        endpoint.answers = [(401, b"{}")] * 9
        for verb in ("poll", "status", "check"):
            assert main(["-c", str(config), verb]) in (0, 1, 3)
    finally:
        sink.stop()
    settings = load(config, {})
    said = capfd.readouterr()
    account, smtp = imap_account(settings), smtp_of(settings)
    told = [said.out, said.err, caplog.text, repr(settings), repr(account), repr(smtp), repr(account.token)]
    secrets = [CLIENT_SECRET, REFRESH, endpoint.refresh, *endpoint.issued]
    assert len(endpoint.issued) >= 2
    secrets += [b64encode(f"user={USER}\1auth=Bearer {token}\1\1".encode()).decode() for token in endpoint.issued]
    for secret in secrets:
        assert not [text for text in told if secret in text]
    for path in (p for p in tmp_path.rglob("*") if p.is_file() and p.name not in ("secret", "refresh")):
        if not path.name.endswith(".oauth2.json"):
            assert not [secret for secret in secrets if secret.encode() in path.read_bytes()], path
