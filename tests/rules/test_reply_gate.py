"""May we answer? One mail for each sign. Sentences in quotes are those the project was built from."""

from __future__ import annotations

import pytest

from intake.rules.reply_gate import Budgets, Counts, Kind, Own, believed, kind_of, may_answer
from intake.rules.values import Sender
from parsers.mail import open_mail
from tests.rules.mails import leaf, mail, opened
from tests.rules.makers import CORPUS

OWN = Own(("CCHC@tinh.example",), "bot.tinh.example")
STC = Sender("stc@tinh.example", "STC", "address", owes=True)
FROM = "From: stc@tinh.example"


def kind(envelope) -> str | None:
    return kind_of(envelope, OWN).kind


def by_headers(*lines: str) -> str | None:
    return kind(opened(FROM, *lines))


class TestOwn:
    def test_our_own_letters_come_back_are_known_by_any_of_three_signs(self):
        assert kind(mail("cchc@tinh.example")) == "own"
        assert kind(mail("stc@tinh.example", message_id=f"<acknowledgement.1.{'ab' * 16}@BOT.tinh.example>")) == "own"
        assert kind(mail("stc@tinh.example", message_id="<2017.1.report@bot.tinh.example>")) is None
        assert by_headers("X-CCHC-Log: 12 abc") == "own"

    @pytest.mark.parametrize(
        "line", ["X-CCHC-Log: 12 abc", f"Message-ID: <acknowledgement.1.{'ab' * 16}@bot.tinh.example>"]
    )
    def test_marks_anybody_may_write_are_not_believed_without_the_letters_own_bytes_and_never_answered(self, line):
        envelope = opened(FROM, line)
        found = kind_of(envelope, OWN)
        assert not believed(found, envelope, OWN, whole_letter=True).doubted
        doubted = believed(found, envelope, OWN, whole_letter=False)
        assert doubted.doubted
        assert may_answer(doubted, STC, Counts(), Budgets()) == "loop"

    def test_our_address_alone_is_believed_while_it_brings_no_file_and_our_border_did_not_fail_it(self):
        bare, laden = mail("cchc@tinh.example"), mail("cchc@tinh.example", leaves=(leaf("application/pdf"),))
        own = Kind("own", "comes from our own address")
        assert believed(own, bare, OWN, whole_letter=False) == own
        assert believed(own, bare, OWN, whole_letter=False, failed=True).doubted
        assert believed(own, laden, OWN, whole_letter=False).doubted
        assert believed(own, laden, OWN, whole_letter=True) == own
        assert believed(Kind("list", "list-id"), laden, OWN, whole_letter=False) == Kind("list", "list-id")

    def test_an_ordinary_report_is_nothing_of_the_kind(self):
        assert kind_of(mail("stc@tinh.example"), OWN) == Kind()
        assert kind_of(mail("stc@tinh.example", message_id=None), Own()) == Kind()
        assert kind(mail()) is None

    def test_our_own_letter_wins_over_its_own_auto_submitted_header(self):
        assert kind(mail("cchc@tinh.example", headers=(("auto-submitted", "auto-replied"),))) == "own"

    def test_our_own_copy_on_its_way_back_has_a_null_return_path_or_a_daemons_word_and_is_still_ours(self):
        assert kind(mail("cchc@tinh.example", return_path="")) == "own"
        assert kind(mail("cchc@tinh.example", headers=(("precedence", "list"),))) == "own"

    def test_another_sender_beside_ours_is_not_us(self):
        assert kind(mail("cchc@tinh.example", "x@evil.example")) is None


class TestBounces:
    @pytest.mark.parametrize(
        "lines",
        [
            ("Content-Type: multipart/report; report-type=delivery-status; boundary=x",),
            ("Content-Type: MULTIPART/REPORT; boundary=x; Report-Type=Delivery-Status",),
            ("X-Failed-Recipients: a@tinh.example",),
            ("Return-Path: <>",),
            ("Return-Path: <MAILER-DAEMON@mail.tinh.example>",),
        ],
    )
    def test_delivery_reports_are_bounces(self, lines):
        assert by_headers(*lines) == "bounce"

    @pytest.mark.parametrize("local", ["MAILER-DAEMON", "maildaemon", "Mail-Daemon"])
    def test_a_mail_daemon_is_a_bounce(self, local):
        assert kind(mail(f"{local}@mail.tinh.example")) == "bounce"

    @pytest.mark.parametrize("part", ["message/delivery-status", "message/global-delivery-status"])
    def test_a_delivery_status_part_is_a_bounce(self, part):
        assert kind(mail("stc@tinh.example", leaves=(leaf(part),))) == "bounce"

    def test_a_bounce_handed_on_inside_another_mail_is_not_this_mails_kind(self):
        inner = leaf("message/delivery-status", path=("2", "1.2"))
        assert kind(mail("stc@tinh.example", leaves=(inner,))) is None

    def test_a_null_return_path_with_a_file_may_carry_a_report(self):
        """ "agencies' document systems may set Auto-Submitted on genuine reports": such mails are read, only not answered."""
        assert kind(mail("stc@tinh.example", return_path="", leaves=(leaf("application/pdf"),))) == "automatic"
        assert kind(mail("stc@tinh.example", return_path="", leaves=(leaf("text/plain", "body"),))) == "bounce"
        assert (
            kind(mail("stc@tinh.example", return_path="", headers=(("auto-submitted", "auto-replied"),))) == "automatic"
        )


class TestAutomatic:
    @pytest.mark.parametrize(
        "line",
        [
            "Auto-Submitted: auto-replied",
            'AUTO-SUBMITTED: Auto-Notified; owner-email="a@b"',
            "Auto-Submitted: (comment no) auto-generated",
            "Auto-Submitted:",
            "Precedence: bulk",
            "Precedence: JUNK",
            "Precedence: auto_reply",
            "X-Autoreply: yes",
            "X-Autorespond: on holiday",
            "X-Autoresponse: yes",
            "X-Autoreply-From: stc@tinh.example",
            "X-Mail-Autoreply: 1",
            "X-Autogenerated: Reply",
            "Content-Type: multipart/report; report-type=disposition-notification; boundary=x",
            "Content-Type: multipart/report; report-type=feedback-report; boundary=x",
            "Return-Path: <noreply@tinh.example>",
            "Sender: no-reply@tinh.example",
        ],
    )
    def test_a_program_says_it_wrote_the_mail(self, line):
        """RFC 3834: "none to Auto-Submitted != no", any case, any parameters."""
        assert by_headers(line) == "automatic"

    @pytest.mark.parametrize(
        "line",
        [
            "Auto-Submitted: no",
            "Auto-Submitted: NO; x=y",
            "Auto-Submitted: no (really)",
            "X-Auto-Response-Suppress: All",
            "X-Autoreply: no",
            "Precedence: first-class",
        ],
    )
    def test_these_are_no_signs(self, line):
        assert by_headers(line) is None

    def test_several_fields_are_all_looked_at(self):
        assert by_headers("Auto-Submitted: no", "Auto-Submitted: auto-replied") == "automatic"

    def test_a_read_receipt_is_automatic_even_with_a_null_return_path(self):
        receipt = "Content-Type: multipart/report; report-type=disposition-notification; boundary=x"
        assert by_headers("Return-Path: <>", receipt) == "automatic"
        assert (
            kind(mail("stc@tinh.example", return_path="", leaves=(leaf("message/disposition-notification"),)))
            == "automatic"
        )

    @pytest.mark.parametrize(
        "subject",
        [
            "Automatic reply: Đã nhận báo cáo tuần 47",
            "Auto-Reply: x",
            "Re: Out of Office: x",
            "Out of the office",
            "Trả lời tự động: Re: Báo cáo",
            "Thư trả lời tự động",
            "RE: TL: Vắng mặt đến 30/7",
            "Nghỉ phép",
            "Autoresponder: x",
        ],
    )
    def test_a_vacation_notice_says_so_in_its_subject_only(self, subject):
        assert kind(mail("stc@tinh.example", subject=subject, in_reply_to=("<a.1@bot.tinh.example>",))) == "automatic"
        assert kind(mail("stc@tinh.example", subject=subject)) == "automatic"

    def test_a_report_that_speaks_of_absence_is_a_report(self):
        files = (leaf("application/pdf"),)
        assert kind(mail("stc@tinh.example", subject="Báo cáo tuần (lãnh đạo vắng mặt)", references=("<a@b>",))) is None
        assert kind(mail("stc@tinh.example", subject="Vắng mặt: báo cáo tuần", leaves=files)) is None
        assert (
            kind(mail("stc@tinh.example", subject="Vắng mặt: báo cáo", leaves=files, references=("<a@b>",)))
            == "automatic"
        )

    @pytest.mark.parametrize(
        "address",
        [
            "noreply@tinh.example",
            "No-Reply@tinh.example",
            "no_reply@tinh.example",
            "donotreply@tinh.example",
            "do-not-reply@tinh.example",
            "Do_Not_Reply@tinh.example",
            "postmaster@tinh.example",
            "root@tinh.example",
        ],
    )
    def test_addresses_nobody_reads(self, address):
        assert kind(mail(address)) == "automatic"


class TestLists:
    @pytest.mark.parametrize(
        "line",
        [
            "List-Id: <a.example>",
            "List-Unsubscribe: <mailto:x@y>",
            "List-Post: NO",
            "List-Help: <mailto:x@y>",
            "List-Owner: <mailto:x@y>",
            "List-Subscribe: <mailto:x@y>",
            "List-Archive: <https://x.example>",
            "Precedence: list",
        ],
    )
    def test_list_headers(self, line):
        assert by_headers(line) == "list"

    @pytest.mark.parametrize(
        "address",
        [
            "owner-cchc@tinh.example",
            "Owner-CCHC@tinh.example",
            "cchc-request@tinh.example",
            "cchc-owner@tinh.example",
            "x-bounces@tinh.example",
        ],
    )
    def test_list_addresses(self, address):
        """RFC 5230 4.6 names owner-*, *-request."""
        assert kind(mail(address)) == "list"


KINDS = {
    "noack_auto_replied": "automatic",
    "noack_auto_notified": "automatic",
    "noack_precedence_bulk": "automatic",
    "noack_precedence_junk": "automatic",
    "noack_null_rp": "bounce",
    "noack_mdn": "automatic",
    "noack_vacation_nohdr": "automatic",
}


class TestHostileMails:
    @pytest.mark.parametrize("path", sorted((CORPUS / "hostile" / "mail").glob("*.eml")), ids=lambda p: p.stem)
    def test_exactly_the_mails_that_must_not_be_answered_have_a_kind(self, path):
        assert kind_of(open_mail(path.read_bytes()), Own((), "")).kind == KINDS.get(path.stem)


class TestMayAnswer:
    """ "A reply goes only to a roster address, never to automatic mail, bounces, lists, our own mail, or a sender our own border
    failed"."""

    def ask(self, sender=STC, kind=Kind(), counts=Counts(), budgets=Budgets()):  # noqa: B008 (frozen)
        return may_answer(kind, sender, counts, budgets)

    def test_a_roster_address_is_answered(self):
        assert self.ask() is None

    def test_one_that_owes_nothing_is_answered_politely(self):
        assert self.ask(Sender("xa@x.example", "XA", "address", owes=False)) is None

    @pytest.mark.parametrize("name", ["own", "bounce", "automatic", "list"])
    def test_kinds_are_never_answered(self, name):
        assert self.ask(kind=Kind(name, "x")) == name

    @pytest.mark.parametrize(
        ("sender", "because"),
        [
            (Sender("ai@khac.example", None, "unknown", "sender_unknown"), "unknown_sender"),
            (Sender("", None, "ambiguous", "ambiguous_from"), "unknown_sender"),
            (Sender("", None, "none", "no_from"), "no_address"),
            (Sender("stc@tinh.example", "STC", "address", "sender_unverified"), "unverified_sender"),
            (Sender("stc@tinh.example", "STC", "address", "loop_suspected"), "loop"),
        ],
    )
    def test_nobody_we_do_not_know_is_answered(self, sender, because):
        assert self.ask(sender) == because

    @pytest.mark.parametrize(
        ("counts", "because"),
        [
            (Counts(19, 999, 9), None),
            (Counts(20, 0, 0), "budget"),
            (Counts(0, 1000, 0), "breaker"),
            (Counts(20, 1000, 0), "budget"),
            (Counts(20, 1000, 10), "loop"),
        ],
    )
    def test_budgets_per_address_and_a_global_breaker(self, counts, because):
        assert self.ask(counts=counts) == because
        assert self.ask(counts=counts, budgets=Budgets(100, 10_000, 100)) is None
