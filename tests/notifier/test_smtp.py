"""Handing letters over: every answer a server can give at every verb, on real sockets."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.smtp import Smtp, SmtpSettings, dotted, own_name
from tests.notifier.smtp_script import HANG_UP, SILENCE
from tests.servers.dovecot import free_port, self_signed
from tests.servers.smtp_sink import SmtpSink

RAW = b"Subject: a\r\n\r\n.dot\r\nend\r\n"
FROM, TO, COPY = "cchc@mail.example", "stc@tinh.example", "self@mail.example"


@pytest.fixture(params=[False, True], ids=["one by one", "several at once"])
def server(request, server):
    """Everything here holds of servers that take commands one by one, and of those that take several at once."""
    server.eager = request.param
    return server


@pytest.fixture
def smtp(server):
    smtp = Smtp(SmtpSettings("127.0.0.1", server.port, "none", timeout=1.5, final_timeout=1.5))
    yield smtp
    smtp.close()


def test_a_letter_goes_to_its_reader_and_to_ourselves_in_one_transaction(server, smtp):
    result = smtp.send(RAW, FROM, (TO,), COPY)
    assert (result.state, result.reply) == ("sent", "250 2.0.0 queued as 1")
    assert [s for s in server.said if "ehlo" not in s] == [
        f"MAIL FROM:<{FROM}>",
        f"RCPT TO:<{TO}>",
        f"RCPT TO:<{COPY}>",
        "DATA",
    ]
    assert server.letters == [b"Subject: a\r\n\r\n..dot\r\nend\r\n"]


def test_we_greet_with_our_address_and_ask_no_name_server(server, smtp):
    smtp.send(RAW, FROM, (TO,))
    assert "ehlo [127.0.0.1]" in server.said


def test_commands_go_together_to_a_server_that_takes_them_so(server, smtp):
    assert smtp.send(RAW, FROM, (TO, "b@x.example"), COPY).state == "sent"
    assert server.together == int(server.eager)
    assert [s.split(":")[0] for s in server.said if "ehlo" not in s] == ["MAIL FROM", *["RCPT TO"] * 3, "DATA"]


def test_one_connection_carries_many_letters(server, smtp):
    for _ in range(3):
        assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    assert (server.connections, len(server.letters)) == (1, 3)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(("answer", "state"), [("451 later", "passing"), ("550 never", "permanent")])
def test_a_refusal_at_any_verb_is_passing_or_permanent_and_the_next_letter_goes(server, smtp, verb, answer, state):
    server.answers[verb] = [answer]
    result = smtp.send(RAW, FROM, (TO,))
    assert (result.state, result.reply, result.unreachable) == (state, answer, False)
    assert "RSET" in [s.upper() for s in server.said]
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    assert server.connections == 1


@pytest.mark.parametrize("verb", ["GREETING", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [HANG_UP, SILENCE, "421 going down", "what is that"])
def test_trouble_before_the_text_goes_out_is_passing(server, smtp, verb, trouble):
    server.answers[verb] = [trouble]
    result = smtp.send(RAW, FROM, (TO,))
    assert (result.state, result.unreachable) == ("passing", True)
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    assert len(server.letters) == 1


@pytest.mark.parametrize("trouble", [HANG_UP, SILENCE, "what is that"])
def test_silence_after_the_text_is_unknown(server, smtp, trouble):
    server.answers["DOT"] = [trouble]
    result = smtp.send(RAW, FROM, (TO,))
    assert result.state == "unknown"
    assert "no answer after the text" in result.reply
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"


def test_a_server_going_down_after_the_text_answered_at_least_that(server, smtp):
    server.answers["DOT"] = ["421 going down"]
    assert smtp.send(RAW, FROM, (TO,)).state == "passing"


def test_a_kept_connection_the_server_closed_meanwhile_is_opened_again(server, smtp):
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    server.answers["MAIL"] = [HANG_UP]
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    server.answers["MAIL"] = ["421 idle too long"]
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    assert server.connections == 3


def test_a_refused_reader_means_no_text_and_no_copy_to_ourselves(server, smtp):
    server.answers["RCPT"] = ["550 5.1.1 no such user"]
    result = smtp.send(RAW, FROM, (TO,), COPY)
    assert (result.state, result.reply) == ("permanent", "550 5.1.1 no such user")
    assert f"RCPT TO:<{COPY}>" not in server.said
    assert "DATA" not in server.said


def test_a_refused_copy_is_noted_and_the_letter_goes(server, smtp):
    server.answers["RCPT"] = ["250 ok", "550 no copies"]
    result = smtp.send(RAW, FROM, (TO,), COPY)
    assert (result.state, result.refused) == ("sent", (f"{COPY} 550 no copies",))


def test_of_several_readers_those_accepted_get_the_letter(server, smtp):
    server.answers["RCPT"] = ["550 gone", "250 ok"]
    result = smtp.send(RAW, FROM, (TO, "b@x.example"))
    assert (result.state, result.refused) == ("sent", (f"{TO} 550 gone",))


def test_when_no_reader_is_accepted_one_passing_refusal_keeps_the_letter_alive(server, smtp):
    server.answers["RCPT"] = ["550 gone", "450 greylisted"]
    result = smtp.send(RAW, FROM, (TO, "b@x.example"))
    assert (result.state, result.reply) == ("passing", "450 greylisted")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_a_login_the_server_misses_is_never_the_letters_fault(server, smtp, verb):
    server.answers[verb] = ["530 5.7.0 authentication required"]
    result = smtp.send(RAW, FROM, (TO,))
    assert (result.state, result.unreachable) == ("passing", True)


@pytest.mark.parametrize("address", ["a@b\r\nDATA", "a b@c", "", "tên@x.example", "a@b@c", "<a@b>"])
def test_an_address_that_is_none_never_reaches_the_line(server, smtp, address):
    assert smtp.send(RAW, FROM, (address,)).state == "permanent"
    assert smtp.send(RAW, address or "x", (TO,)).state == "permanent"
    assert server.said == []


def test_nobody_to_send_to_is_permanent(smtp):
    assert smtp.send(RAW, FROM, ()).state == "permanent"


def test_a_server_that_is_not_there_is_passing_and_unreachable():
    smtp = Smtp(SmtpSettings("127.0.0.1", free_port(), "none", timeout=1.5))
    result = smtp.send(RAW, FROM, (TO,))
    assert (result.state, result.unreachable) == ("passing", True)
    smtp.close()


def test_cleartext_beyond_loopback_is_refused(server, monkeypatch):
    smtp = Smtp(SmtpSettings("127.0.0.1", server.port, "none", timeout=1.5))
    monkeypatch.setattr("notifier.smtp._peer", lambda _sock: "192.0.2.1")
    result = smtp.send(RAW, FROM, (TO,))
    assert "loopback only" in result.reply
    assert server.said == []


@pytest.mark.parametrize(
    ("offered", "said"), [("LOGIN CRAM-MD5", "AUTH LOGIN"), ("PLAIN LOGIN", "AUTH PLAIN"), ("XOAUTH2", None)]
)
def test_login_is_tried_once_by_one_mechanism(server, offered, said):
    server.answers |= {"EHLO": [f"250-x\r\n250 AUTH {offered}"], "AUTH": ["535 5.7.8 no"]}
    smtp = Smtp(SmtpSettings("127.0.0.1", server.port, "none", "cchc", "secret", timeout=1.5))
    result = smtp.send(RAW, FROM, (TO,))
    assert (result.state, result.unreachable) == ("passing", True)
    tries = [s for s in server.said if s.startswith("AUTH")]
    assert len(tries) == (1 if said else 0)
    assert all(t.startswith(said) for t in tries)


def test_a_probe_greets_and_sends_nothing(server, smtp):
    assert smtp.probe() == ""
    assert not any("MAIL" in s for s in server.said)
    server.answers["GREETING"] = ["554 not for you"]
    assert "554" in smtp.probe()


def test_starttls_that_is_not_offered_sends_nothing(server):
    smtp = Smtp(SmtpSettings("127.0.0.1", server.port, "starttls", "user", "secret", timeout=1.5))
    assert smtp.send(RAW, FROM, (TO,)).unreachable
    assert not any("AUTH" in s.upper() or "MAIL" in s.upper() for s in server.said)


class Guarded(SmtpSink):
    """Counts the tries at its door and says no aloud."""

    tries = 0

    def _authenticate(self, *given):
        self.tries += 1
        result = super()._authenticate(*given)
        result.handled = False
        return result


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_over_tls_with_login(tmp_path, security):
    certificate, key = self_signed(tmp_path)
    sink = Guarded("cchc", "secret", (certificate, key), implicit_tls=security == "tls").start()
    context = ssl.create_default_context(cafile=str(certificate))
    settings = SmtpSettings("127.0.0.1", sink.port, security, "cchc", "secret", 2, context=context)
    try:
        good = Smtp(settings)
        assert good.send(RAW, FROM, (TO,)).state == "sent"
        good.close()
        wrong = Smtp(replace(settings, password="other")).send(RAW, FROM, (TO,))
        assert (wrong.state, wrong.unreachable, sink.tries) == ("passing", True, 2)
        assert "535" in wrong.reply
        assert "secret" not in wrong.reply
        stranger = Smtp(replace(settings, context=None)).send(RAW, FROM, (TO,))
        assert (stranger.state, stranger.unreachable) == ("passing", True)
        assert "CERTIFICATE_VERIFY_FAILED" in stranger.reply
    finally:
        sink.stop()
    assert [letter.raw for letter in sink.received] == [RAW]


def test_closing_twice_and_closing_what_was_never_opened_is_harmless(server, smtp):
    smtp.send(RAW, FROM, (TO,))
    server.answers["QUIT"] = [HANG_UP]
    smtp.close()
    smtp.close()


def test_a_connection_that_cannot_even_be_reset_is_opened_anew(server, smtp):
    server.answers["RCPT"] = ["550 no"]
    server.answers["RSET"] = [HANG_UP]
    assert smtp.send(RAW, FROM, (TO,)).state == "permanent"
    assert smtp.send(RAW, FROM, (TO,)).state == "sent"
    assert server.connections == 2


@given(st.binary(max_size=200))
def test_the_text_on_the_line_ends_only_at_its_own_dot(raw):
    line = dotted(raw)
    assert line.endswith(b"\r\n.\r\n")
    body = line[: -len(b".\r\n")]
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", body)
    assert b"\r\n.\r\n" not in b"\r\n" + body
    assert re.sub(rb"(?m)^\.", b"", body).rstrip(b"\r\n") == re.sub(rb"\r\n|\r|\n", b"\r\n", raw).rstrip(b"\r\n")


def test_the_greeting_of_an_ipv6_client_is_written_as_the_standard_says():
    with (
        socket.create_server(("::1", 0), family=socket.AF_INET6) as server,
        socket.create_connection(server.getsockname()[:2]) as client,
    ):
        assert own_name(client) == "[IPv6:::1]"
    assert own_name(None) == "[127.0.0.1]"
