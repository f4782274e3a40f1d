"""Whose report it is: sender and letterhead together."""

from __future__ import annotations

import pytest

from intake.rules.roster import parse_roster
from intake.rules.values import Sender
from intake.rules.whose import attribute
from parsers.values import Report, Signature, Window
from tests.rules.makers import day, roster

D = day("2017-07-21")
STC = Sender("stc@tinh.example", "STC", "address", owes=True)
UNKNOWN = Sender("ai@khac.example", None, "unknown", "sender_unknown")


def report(letterhead: str = "", number: str = "") -> Report:
    return Report(
        1, "weekly", "weekly@1", "", "docx/1", letterhead, number, None, Window(), (), (), Signature(), (), (), ""
    )


def said(sender: Sender, read: Report | None, people=None, on=D):
    found = attribute(sender, read, people or roster(), on)
    return found.agency, found.how, found.blocked


class TestKnownSender:
    @pytest.mark.parametrize(
        "read",
        [
            None,
            report(),
            report("SỞ TÀI CHÍNH"),
            report("CÔNG TY ABC"),
            report("", "12/BC-SNV"),
            report("…", "1/BC-STC"),
        ],
    )
    def test_the_senders_agency_is_credited_when_nothing_contradicts_it(self, read):
        """ "Whose it is, the full address decides": a foreign number alone, or a letterhead nobody knows, is no contradiction."""
        assert said(STC, read) == ("STC", "address", None)

    def test_sender_and_letterhead_disagree(self):
        found = attribute(STC, report("SỞ NỘI VỤ"), roster(), D)
        assert (found.agency, found.candidates, found.blocked, found.code) == (
            "STC",
            ("SNV",),
            "ambiguous_agency",
            "SNV",
        )
        assert not found.enclosure

    def test_a_part_whose_letterhead_is_an_agency_that_reports_to_the_sender_is_an_enclosure(self):
        people = parse_roster(
            "code,name,parent,addresses,reports\n"
            "HDT,UBND huyện Đại Từ,TINH,hdt@tinh.example,weekly\n"
            "XA,UBND xã Tiên Hội,HDT,xa@tinh.example,\nXB,UBND xã Bản Ngoại,HDT,xb@tinh.example,\n"
        )
        district = Sender("hdt@tinh.example", "HDT", "address", owes=True)
        found = attribute(district, report("ỦY BAN NHÂN DÂN XÃ TIÊN HỘI"), people, D)
        assert (found.enclosure, found.agency, found.code, found.blocked) == (True, "HDT", "XA", None)
        assert not attribute(district, report("UBND HUYỆN ĐẠI TỪ"), people, D).enclosure

    def test_a_letterhead_two_agencies_share_is_no_contradiction_for_one_of_them(self):
        people = parse_roster(
            "code,name,parent,addresses,reports\nAA,Phòng Nội vụ,HDT,a@x.example,weekly\nBB,Phòng Nội vụ,HPL,b@x.example,weekly\nCC,Sở C,TINH,c@x.example,weekly\n"
        )
        assert said(Sender("a@x.example", "AA", "address", owes=True), report("PHÒNG NỘI VỤ"), people) == (
            "AA",
            "address",
            None,
        )
        other = attribute(Sender("c@x.example", "CC", "address", owes=True), report("PHÒNG NỘI VỤ"), people, D)
        assert (other.agency, other.candidates, other.blocked, other.code) == (
            "CC",
            ("AA", "BB"),
            "ambiguous_agency",
            None,
        )

    def test_a_successors_addresses_may_correct_or_explain_its_predecessors_closed_dues(self):
        people = parse_roster(
            "code,name,addresses,reports,valid_from,valid_to,successors\n"
            "HDT,UBND huyện Đại Từ,hdt@x.example,weekly,,2025-06-30,XA\nXA,UBND xã Đại Từ,xa@x.example,weekly,2025-07-01,,\n"
            "XB,UBND xã Khác,xb@x.example,weekly,2025-07-01,,\n"
        )
        after = day("2025-07-03")
        heir = attribute(Sender("xa@x.example", "XA", "address", owes=True), report("UBND HUYỆN ĐẠI TỪ"), people, after)
        assert (heir.agency, heir.candidates, heir.how, heir.blocked) == ("HDT", ("XA",), "successor", None)
        stranger = attribute(
            Sender("xb@x.example", "XB", "address", owes=True), report("UBND HUYỆN ĐẠI TỪ"), people, after
        )
        assert (stranger.agency, stranger.blocked) == ("XB", "ambiguous_agency")

    def test_a_sender_that_owes_nothing_never_makes_the_report_its_own(self):
        people = parse_roster(
            "code,name,parent,addresses,reports\nHDT,UBND huyện Đại Từ,TINH,hdt@x.example,weekly\nXA,UBND xã A,HDT,xa@x.example,\nXB,UBND xã B,HDT,xb@x.example,\n"
        )
        poor = Sender("xa@x.example", "XA", "address", owes=False)
        assert said(poor, report("UBND HUYỆN ĐẠI TỪ"), people) == ("HDT", "letterhead", "ambiguous_agency")
        assert said(poor, report("UBND XÃ B"), people) == ("XA", "address", "ambiguous_agency")
        assert said(poor, report("UBND XÃ A"), people) == ("XA", "address", None)

    def test_a_mail_handed_on_says_so(self):
        handed = Sender("stc@tinh.example", "STC", "secretariat", owes=True)
        assert said(handed, report("SỞ TÀI CHÍNH")) == ("STC", "secretariat", None)


class TestUnknownSender:
    @pytest.mark.parametrize(
        ("read", "expected"),
        [
            (report("SỞ NỘI VỤ"), ("SNV", "letterhead", "sender_unknown")),
            (report("", "123/BC-SNV"), ("SNV", "number", "sender_unknown")),
            (report("SỞ LẠ", "123/BC-SNV"), ("SNV", "number", "sender_unknown")),
            (report(), (None, "", "sender_unknown")),
            (report("", "1/BC-SNV-STC"), (None, "number", "sender_unknown")),
            (None, (None, "", "sender_unknown")),
        ],
    )
    def test_letterhead_or_number_that_point_to_exactly_one_agency_that_owes_put_its_due_in_review(
        self, read, expected
    ):
        """ "An unknown sender is never credited ... If letterhead or number point to exactly one agency that owes, its due is in
        review (not missing)"."""
        assert said(UNKNOWN, read) == expected

    def test_an_agency_that_owes_nothing_is_not_put_in_review(self):
        people = parse_roster("code,name,addresses,reports\nXA,UBND xã A,xa@x.example,\n")
        assert said(UNKNOWN, report("UBND XÃ A"), people) == (None, "letterhead", "sender_unknown")

    def test_the_senders_own_reason_is_kept(self):
        nobody = Sender("", None, "none", "no_from")
        assert said(nobody, report("SỞ NỘI VỤ")) == ("SNV", "letterhead", "no_from")
        bare = Sender("", None, "none")
        assert said(bare, report("SỞ NỘI VỤ")) == ("SNV", "letterhead", "sender_unknown")
