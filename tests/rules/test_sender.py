"""Whose mail it is, and what our border said. Sentences in quotes are those the project was built from."""

from __future__ import annotations

import pytest

from intake.rules.roster import parse_roster
from intake.rules.sender import Trust, border_received, identify
from intake.rules.values import Sender
from parsers.mail import open_mail
from parsers.values import Address
from tests.rules.mails import HOP, PASS, inside, mail, opened
from tests.rules.makers import CORPUS, day, local, roster

D = day("2017-07-21")
BORDER = Trust(authserv_id="mx.tinh.example")
STRICT = Trust(authserv_id="mx.tinh.example", require_auth=True)
FROM = "From: So Tai chinh <stc@tinh.example>"


def who(envelope, trust=Trust(), on=D) -> Sender:  # noqa: B008 (frozen)
    return identify(envelope, roster(), on, trust)


class TestAddresses:
    def test_the_full_address_decides_by_the_roster_of_the_day_of_receipt(self):
        """ "The full address decides, several per agency, with history"."""
        assert who(mail("SoTaiChinh@tinh.example")) == Sender("sotaichinh@tinh.example", "STC", "address", owes=True)
        assert who(mail("stc@tinh.example"), on=day("2017-07-18")).code is None
        assert who(mail("stc@khac.example")) == Sender("stc@khac.example", None, "unknown", "sender_unknown")

    def test_display_names_and_reply_to_never_decide(self):
        envelope = mail(
            from_addresses=(Address("stc@tinh.example", "x@evil.example"),), reply_to=(Address("", "stc@tinh.example"),)
        )
        assert who(envelope).reason == "sender_unknown"

    @pytest.mark.parametrize("found", [(), ("",), ("undisclosed",)])
    def test_no_usable_address_is_no_from(self, found):
        sender = who(mail(*found))
        assert (sender.how, sender.reason, sender.code) == ("none", "no_from", None)

    def test_several_addresses_or_two_from_fields_are_ambiguous(self):
        sender = who(mail("stc@tinh.example", "x@evil.example"))
        assert (sender.how, sender.reason, sender.address) == ("ambiguous", "ambiguous_from", "")
        assert who(opened(FROM, "From: x@evil.example")).reason == "ambiguous_from"

    def test_the_same_address_twice_a_bare_name_or_another_sender_field_is_not_ambiguous(self):
        assert who(mail("stc@tinh.example", "STC@tinh.example", "Sở Văn hóa")).code == "STC"
        assert who(mail("stc@tinh.example", sender="vanthu@tinh.example")).code == "STC"

    def test_a_roster_agency_that_owes_nothing_is_known_and_owes_nothing(self):
        read = parse_roster("code,name,addresses,reports\nXA,UBND xã A,xa@tinh.example,\n")
        sender = identify(mail("xa@tinh.example"), read, D, Trust())
        assert (sender.code, sender.owes, sender.reason) == ("XA", False, None)


class TestHandedOn:
    TRUST = Trust(secretariat=("ThuKy@tinh.example",), own=("cchc@tinh.example",))

    def test_a_mail_handed_on_by_a_secretariat_address_is_attributed_by_the_mail_inside_it(self):
        sender = who(mail("thuky@tinh.example", inner=(inside("stc@tinh.example"),)), self.TRUST)
        assert (sender.code, sender.how, sender.address, sender.owes) == (
            "STC",
            "secretariat",
            "stc@tinh.example",
            True,
        )

    def test_an_agency_that_hands_on_a_mail_speaks_for_itself(self):
        assert who(mail("hdt@tinh.example", inner=(inside("stc@tinh.example"),)), self.TRUST).code == "HDT"

    def test_our_own_and_the_secretariats_mails_inside_are_looked_through(self):
        inner = (inside("cchc@tinh.example"), inside("thuky@tinh.example"), inside("stc@tinh.example"))
        assert who(mail("thuky@tinh.example", inner=inner), self.TRUST).code == "STC"
        only_ours = who(mail("thuky@tinh.example", inner=inner[:2]), self.TRUST)
        assert (only_ours.code, only_ours.reason) == (None, "sender_unknown")

    def test_several_agencies_inside_one_mail_are_for_a_person(self):
        inner = (inside("stc@tinh.example"), inside("snv@tinh.example"))
        assert who(mail("thuky@tinh.example", inner=inner), self.TRUST).reason == "ambiguous_from"

    def test_an_unknown_address_inside_stays_unknown(self):
        sender = who(mail("thuky@tinh.example", inner=(inside("ai@khac.example"),)), self.TRUST)
        assert (sender.how, sender.reason, sender.address) == ("unknown", "sender_unknown", "ai@khac.example")

    def test_a_secretariat_address_with_nothing_inside_speaks_for_itself(self):
        assert who(mail("snv@tinh.example"), Trust(secretariat=("snv@tinh.example",))).code == "SNV"


class TestLoops:
    def test_more_than_100_hops_is_a_suspected_loop_whoever_sent_it(self):
        assert who(mail("stc@tinh.example", received_count=100)).reason is None
        looped = who(mail("stc@tinh.example", received_count=101))
        assert (looped.reason, looped.code) == ("loop_suspected", "STC")
        assert who(mail(received_count=101)).reason == "loop_suspected"


class TestAuthenticationResults:
    def said(self, *lines: str, trust: Trust = STRICT) -> Sender:
        return who(opened(*lines, FROM), trust)

    def results(self, value: str, trust: Trust = STRICT) -> Sender:
        return self.said(f"Authentication-Results: {value}", f"Received: {HOP}", trust=trust)

    def test_a_pass_of_our_border_is_a_pass(self):
        sender = self.results(PASS)
        assert (sender.code, sender.reason, sender.auth) == ("STC", None, "pass")

    @pytest.mark.parametrize(
        "value",
        [
            "mx.tinh.example; dmarc=fail header.from=tinh.example",
            "MX.TINH.EXAMPLE; DMARC=FAIL header.from=tinh.example",
            "mx.tinh.example (dmarc=pass); dmarc=fail (policy; dmarc=pass) header.from=tinh.example",
            "mx.tinh.example; dmarc=pass header.from=tinh.example; dmarc=fail header.from=tinh.example",
            "mx.tinh.example; spf=fail smtp.mailfrom=tinh.example",
            "mx.tinh.example; spf=pass smtp.mailfrom=evil.example; dkim=fail header.d=tinh.example",
            "mx.tinh.example; dmarc=none; spf=fail smtp.mailfrom=x@tinh.example",
        ],
    )
    def test_a_fail_of_our_border_holds_the_mail(self, value):
        """ "With `authserv_id` set, a fail from it holds (`sender_unverified`)"."""
        for trust in (BORDER, STRICT):
            sender = self.results(value, trust)
            assert (sender.code, sender.reason, sender.auth) == ("STC", "sender_unverified", "fail")

    @pytest.mark.parametrize(
        "value",
        [
            "mx.tinh.example; dmarc=pass",
            "mx.tinh.example; spf=pass smtp.mailfrom=stc@tinh.example",
            "mx.tinh.example; spf=pass smtp.mailfrom=bounce.tinh.example; dkim=fail header.d=x.example",
            "mx.tinh.example; dkim=pass header.i=@tinh.example; spf=fail smtp.mailfrom=list.example",
            "mx.tinh.example 1; dmarc=pass (p=none) header.from=tinh.example",
        ],
    )
    def test_dmarc_or_an_spf_or_dkim_pass_for_the_from_domain_is_a_pass(self, value):
        assert self.results(value).auth == "pass"

    @pytest.mark.parametrize(
        "value",
        [
            "mx.evil.example; dmarc=pass header.from=tinh.example",
            "mx.tinh.example; dmarc=pass header.from=evil.example",
            "mx.tinh.example; spf=pass smtp.mailfrom=evil.example",
            "mx.tinh.example; spf=pass",
            "mx.tinh.example; spf=pass smtp.mailfrom=example",
            "mx.tinh.example; none",
            "mx.tinh.example; spf=softfail smtp.mailfrom=tinh.example",
            "dmarc=pass",
            "mx.tinh.example (dmarc=pass",
            "",
        ],
    )
    def test_an_absent_verdict_holds_only_with_require_auth(self, value):
        held, free = self.results(value), self.results(value, BORDER)
        assert (held.reason, held.auth) == ("sender_unverified", "absent")
        assert (free.reason, free.auth) == (None, "absent")

    def test_without_our_borders_id_nothing_is_believed(self):
        assert self.results(PASS, Trust()).auth == ""
        assert self.results(PASS, Trust(require_auth=True)).reason == "sender_unverified"

    def test_only_results_above_our_borders_received_count(self):
        """ "only the A-R our own border added counts: authserv-id from config, above the border's Received"."""
        assert self.said(f"Received: {HOP}", f"Authentication-Results: {PASS}").reason == "sender_unverified"
        assert self.said(f"Authentication-Results: {PASS}").reason == "sender_unverified"

    def test_hops_inside_our_own_house_may_stand_above_it(self):
        lmtp = "Received: from mx.tinh.example by store.tinh.example with LMTP; Fri, 21 Jul 2017 09:00:04 +0700"
        assert self.said(lmtp, f"Authentication-Results: {PASS}", f"Received: {HOP}").auth == "pass"
        named = Trust(authserv_id="mx.tinh.example", require_auth=True, border="MX.tinh.example.")
        assert self.said(lmtp, f"Authentication-Results: {PASS}", f"Received: {HOP}", trust=named).auth == "pass"

    def test_a_border_that_wrote_nothing_said_nothing(self):
        elsewhere = Trust(authserv_id="mx.tinh.example", require_auth=True, border="border.example")
        assert self.results(PASS, elsewhere).reason == "sender_unverified"

    def test_when_no_received_names_the_id_the_topmost_one_is_the_limit(self):
        hop = "Received: from a.example by b.example; Fri, 21 Jul 2017 09:00:03 +0700"
        assert self.said(f"Authentication-Results: {PASS}", hop).auth == "pass"
        assert self.said(hop, f"Authentication-Results: {PASS}").auth == "absent"

    def test_an_unknown_sender_stays_unknown_whatever_the_border_says(self):
        envelope = opened(
            "Authentication-Results: mx.tinh.example; dmarc=fail", f"Received: {HOP}", "From: ai@khac.example"
        )
        assert (who(envelope, STRICT).reason, who(envelope, STRICT).auth) == ("sender_unknown", "fail")


class TestBorderReceived:
    """ "the topmost `Received` of our own border if one is configured, else INTERNALDATE; never the `Date` header"."""

    def at(self, *received: str, border: str = "mx.tinh.example"):
        return border_received(mail("stc@tinh.example", received=received, received_after=(0,) * len(received)), border)

    def test_the_topmost_field_our_border_wrote_counts_in_utc(self):
        inner = "from mx.tinh.example by store.example; Fri, 21 Jul 2017 10:30:00 +0700"
        forged = "from x by mx.tinh.example; Fri, 21 Jul 2017 08:00:00 +0700"
        assert self.at(inner, HOP, forged) == local("2017-07-21 09:00:03")
        assert self.at(HOP, border="MX.Tinh.Example").utcoffset().total_seconds() == 0

    def test_without_a_configured_border_there_is_none(self):
        assert self.at(HOP, border="") is None
        assert self.at(HOP, border="other.example") is None
        assert self.at() is None

    @pytest.mark.parametrize(
        "field",
        [
            "from by (mx.tinh.example) by evil.example; Fri, 21 Jul 2017 08:00:00 +0700",
            "from evil.example (by mx.tinh.example) by evil.example; Fri, 21 Jul 2017 08:00:00 +0700",
            r"from evil.example (\) by mx.tinh.example) by evil.example; Fri, 21 Jul 2017 08:00:00 +0700",
            "from evil.example; by mx.tinh.example; Fri, 21 Jul 2017 08:00:00 +0700",
            "from evil.example by",
            "by",
            "",
            "from",
        ],
    )
    def test_the_name_a_sender_gave_itself_is_not_our_border(self, field):
        assert self.at(field) is None

    @pytest.mark.parametrize(
        ("date", "expected"),
        [
            ("Fri, 21 Jul 2017 02:00:03 -0000", "2017-07-21 09:00:03"),
            ("Fri, 21 Jul 2017 09:00:03 +0700 (ICT; summer)", "2017-07-21 09:00:03"),
            ("(x) Fri, 21 Jul 2017 09:00:03 +0700", "2017-07-21 09:00:03"),
        ],
    )
    def test_its_clock_is_read_in_every_usual_form(self, date, expected):
        assert self.at(f"(qmail 1 invoked) by mx.tinh.example with SMTP; {date}") == local(expected)

    @pytest.mark.parametrize(
        "date",
        [
            "",
            "Fri, 99 Foo 2017 09:00:03 +0700",
            "yesterday",
            "Fri, 21 Jul 2017 09:00:03 +9999",
            "31 Dec 9999 23:59:59 -0700",
        ],
    )
    def test_an_unreadable_clock_is_no_clock(self, date):
        assert self.at(f"from a by mx.tinh.example; {date}") is None


EXPECTED = {
    "from_empty": "no_from",
    "spoof_parseaddr": "ambiguous_from",
    "spoof_ar_comment": "sender_unverified",
    "spoof_ar_other_id": "sender_unverified",
    "hdr_10000_received": "loop_suspected",
}


class TestHostileMails:
    """Each public hostile mail is identified as its expectation says (border id mx.tinh.example, ``require_auth``)."""

    @pytest.mark.parametrize("path", sorted((CORPUS / "hostile" / "mail").glob("*.eml")), ids=lambda p: p.stem)
    def test_every_hostile_mail_has_its_reason_and_the_others_their_agency(self, path):
        envelope = open_mail(path.read_bytes())
        sender = who(envelope, STRICT, day("2026-11-20"))
        expected = EXPECTED.get(path.stem)
        if path.stem == "noack_null_rp":
            assert sender.reason == "sender_unknown"
        else:
            assert sender.reason == expected
            assert sender.code == (None if expected in ("no_from", "ambiguous_from") else "STC")

    def test_there_are_forty_of_them(self):
        assert len(list((CORPUS / "hostile" / "mail").glob("*.eml"))) >= 35
