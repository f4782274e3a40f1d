"""Who owes what, since when. Sentences in quotes are those of the roster's contract and of the definitions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.rules.roster import Change, RosterError, Unknown, diff, on_day, parse_roster, unknown
from tests.rules.makers import calendar, day, days, period, roster

HEAD = "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors\n"
D = day("2017-07-21")


def rows(*lines: str):
    return parse_roster(HEAD + "\n".join(lines) + "\n")


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(RosterError) as caught:
        parse_roster(text)
    return caught.value.problems


class TestFile:
    def test_the_senders_of_2017_are_20_departments_and_9_districts(self):
        """ "Direct senders in 2017: about 20 departments (sở, ban, ngành) and 9 districts"."""
        levels = [a.level for a in roster().agencies]
        assert (levels.count("department"), levels.count("district"), len(roster().codes)) == (20, 9, 29)

    def test_header_order_is_free_and_bom_crlf_and_empty_lines_are_accepted(self):
        text = "\ufeffreports,addresses,name,code\r\nweekly,a@x.example,Sở A,AA\r\n\r\n,,,\r\n"
        agency = parse_roster(text).get("AA", D)
        assert (agency.name, agency.addresses[0].text, agency.reports[0].text) == ("Sở A", "a@x.example", "weekly")

    def test_optional_columns_are_read(self):
        text = (
            "code,name,parent,addresses,reports,order,group,contact_name,contact_phone,head_address,not_applicable,window_shift\n"
            'AA,"Sở A",TINH,A@X.example,weekly,2,Khối 1,Chị Ba,0208,Head@X.example,received;resolved,1\n'
            "BB,Sở B,,b@x.example,weekly,1,,,,,,\n"
            "CC,Sở C,,c@x.example,weekly,,,,,,,\n"
        )
        read = parse_roster(text)
        agency = read.get("AA", D)
        assert (agency.order, agency.group, agency.contact_name, agency.contact_phone) == (
            2,
            "Khối 1",
            "Chị Ba",
            "0208",
        )
        assert (agency.head_address, agency.not_applicable, agency.window_shift) == (
            "head@x.example",
            ("received", "resolved"),
            1,
        )
        assert agency.reports_to == "TINH"
        assert read.codes == ("BB", "AA", "CC"), "protocol order: the order column, what has none stands behind"

    def test_one_code_may_have_several_rows_with_disjoint_validity(self):
        read = rows(
            "AA,UBND thị xã A,,TINH,TINH,a@x.example,,weekly,2017-01-01,2022-02-28,",
            "AA,UBND thành phố A,,TINH,TINH,a@x.example,,weekly,2022-03-01,,",
        )
        assert read.get("AA", day("2022-02-28")).name == "UBND thị xã A", "valid_to is the last day in force, inclusive"
        assert read.get("AA", day("2022-03-01")).name == "UBND thành phố A"
        assert read.get("AA", day("2016-12-31")) is None
        assert read.latest("AA").name == "UBND thành phố A"
        assert read.latest("ZZ") is None

    def test_all_problems_come_at_once_with_their_lines(self):
        found = problems(
            HEAD
            + "A,Sở A,,TINH,TINH,nobody,,weekly,2017-13-01,,\n"
            + "BB,,,BB,TINH,b@x.example[2017-01-01..2016-01-01],,week ly,2017-05-01,2017-04-01,x\n"
            + "CC,Sở C,,t,,c@x.example[2017-1-1..],,weekly,,,\n"
        )
        text = "\n".join(found)
        for expected in (
            'line 2: code "A": expected 2 to 12 capitals A-Z or digits',
            'line 2: addresses "nobody": expected a full address',
            'line 2: valid_from "2017-13-01": expected a day as YYYY-MM-DD',
            "line 3: name is empty",
            'line 3: "BB" cannot be its own parent',
            "line 3: valid_to: ends 2017-04-01, before it begins 2017-05-01",
            'line 3: addresses "b@x.example[2017-01-01..2016-01-01]": ends 2016-01-01',
            'line 3: reports "week ly": expected a report type',
            'line 3: successors "x": expected 2 to 12 capitals',
            'line 4: parent "t": expected 2 to 12 capitals',
            'line 4: addresses "2017-1-1": expected a day',
        ):
            assert expected in text

    def test_numbers_and_head_addresses_are_checked(self):
        text = "code,name,addresses,reports,order,head_address,window_shift\nAA,A,a@x.example,weekly,first,boss,9\n"
        assert problems(text) == (
            'line 2: head_address "boss": expected a full address',
            'line 2: order "first": expected a whole number, 0 to 999999',
            'line 2: window_shift "9": expected a whole number, 0 to 4',
        )

    def test_columns_missing_unknown_or_doubled_are_named(self):
        found = "\n".join(problems("code,name,adresses,code\nAA,A,a@x.example,AA\n"))
        assert 'line 1: column "addresses" is missing' in found
        assert 'line 1: column "adresses" is unknown; known: code, name' in found
        assert 'line 1: column "code" stands twice' in found
        assert any('"code" is missing' in p for p in problems(""))

    def test_a_comma_in_a_name_needs_quotes_and_lines_are_those_of_the_file(self):
        text = (
            HEAD
            + '"AA","Sở A\nhai dòng",,TINH,TINH,a@x.example,,weekly,,,\nBB,Sở B, C,,TINH,TINH,b@x.example,,weekly,,,\n'
        )
        assert problems(text) == ("line 4: 12 cells, the header has 11; a comma in a name needs quotes",)

    def test_text_that_is_no_csv_is_a_problem_too(self):
        assert problems(HEAD + 'AA,"Sở A\n')[0].startswith("line 2: not readable as CSV")

    def test_the_same_code_twice_on_one_day_is_an_error(self):
        found = problems(HEAD + "AA,A,,,,a@x.example,,weekly,,2017-08-01,\nAA,A2,,,,a@x.example,,weekly,2017-08-01,,\n")
        assert found == ('line 3: code "AA" is already held on 2017-08-01 by AA (line 2)',)

    def test_an_address_valid_for_two_codes_on_one_day_is_an_error(self):
        both = "AA,A,,,,s@x.example,,weekly,,,\nBB,B,,,,S@x.example,,weekly,,,\n"
        assert problems(HEAD + both) == ('line 3: address "s@x.example" is already held by AA (line 2)',)
        apart = "AA,A,,,,s@x.example[..2017-12-31],,weekly,,,\nBB,B,,,,s@x.example[2018-01-01..],,weekly,,,\n"
        read = parse_roster(HEAD + apart)
        assert read.by_address("S@X.example", day("2017-12-31")).code == "AA"
        assert read.by_address("s@x.example", day("2018-01-01")).code == "BB"
        rows_apart = "AA,A,,,,s@x.example,,weekly,,2017-12-31,\nBB,B,,,,s@x.example,,weekly,2018-01-01,,\n"
        assert parse_roster(HEAD + rows_apart).by_address("s@x.example", day("2018-01-01")).code == "BB"

    def test_the_version_is_that_of_the_data_not_of_the_file(self):
        one = rows("AA,A,,,,a@x.example,,weekly,,,")
        other = parse_roster("reports,code,name,addresses\r\nweekly,AA,A,a@x.example\r\n")
        assert one.version == other.version
        assert one.version != rows("AA,A,,,,a@x.example,,monthly,,,").version


class TestAddresses:
    def test_stttt_and_sotttt_are_the_same_department(self):
        """ "Senders write from flat addresses of one domain (`stttt@` and `sotttt@` are the same department)"."""
        read = roster()
        assert {read.by_address(a, D).code for a in ("stttt@tinh.example", "SoTTTT@tinh.example")} == {"STTTT"}
        assert read.by_address("sttt@tinh.example", D) is None
        assert read.by_address("stttt@tinh.example", day("2017-07-18")) is None
        assert read.addresses("STTTT", D) == ("stttt@tinh.example", "sotttt@tinh.example")
        assert read.addresses("STTTT", day("2017-07-18")) == ()

    def test_an_address_may_carry_its_own_dates(self):
        read = rows("AA,A,,,,old@x.example[2017-07-19..2018-01-01];new@x.example[2018-01-02..],,weekly,,,")
        assert read.addresses("AA", day("2018-01-01")) == ("old@x.example",)
        assert read.by_address("old@x.example", day("2018-01-02")) is None


class TestOwing:
    def test_an_agency_owes_if_its_obligation_is_valid_at_the_cutoff_moment_and_on_the_last_day_of_the_window_before_it(
        self,
    ):
        cal = calendar()
        week, month = period(cal, "weekly:2017-07-21"), period(cal, "monthly:2017-07")
        read = rows(
            "AA,A,,,,,,weekly;monthly,2017-07-20,,",
            "BB,B,,,,,,weekly;monthly,2017-07-21,,",
            "CC,C,,,,,,weekly;monthly,,2017-07-21,",
            "DD,D,,,,,,weekly;monthly,,2017-07-20,",
        )
        assert read.expected(week) == ("AA", "CC")
        assert read.expected(month) == ("AA", "BB")

    def test_the_cutoff_moment_is_the_one_after_any_move(self):
        """An agency that ends on 31/12 does not owe a due moved to Tuesday 2/1."""
        cal = calendar(holidays=days("2017-12-29", "2018-01-01"))
        month = period(cal, "monthly:2017-12")
        assert cal.day(month.due_at) == day("2018-01-02")
        read = rows("AA,A,,,,,,monthly,,2017-12-31,", "BB,B,,,,,,monthly,,2018-01-02,")
        assert read.expected(month) == ("BB",)

    def test_a_period_made_by_hand_is_judged_by_its_cutoff_day(self):
        week = replace(period(calendar(), "weekly:2017-07-21"), due_day=None)
        assert rows("AA,A,,,,,,weekly,,2017-07-20,").expected(week) == ()

    def test_one_report_may_carry_its_own_dates(self):
        cal = calendar()
        read = rows("AA,A,,,,,,weekly;monthly[..2017-08-31],,,")
        assert read.owes("AA", "monthly", period(cal, "monthly:2017-07"))
        assert not read.owes("AA", "monthly", period(cal, "monthly:2017-09"))
        assert read.reports("AA", day("2017-09-01")) == ("weekly",)

    def test_empty_reports_is_a_known_sender_that_owes_nothing(self):
        read = rows("XA,UBND xã A,,HDT,HDT,xa@x.example,,,,,")
        assert read.by_address("xa@x.example", D).code == "XA"
        assert read.expected(period(calendar(), "weekly:2017-07-21")) == ()

    def test_expected_agencies_stand_in_protocol_order(self):
        codes = roster().expected(period(calendar(), "weekly:2017-07-21"))
        assert (codes[0], codes[-1], len(codes)) == ("SNV", "HVN", 29)


class TestReorganisations:
    def test_five_communes_moved_to_another_unit_in_august_2017(self):
        lines = [
            f"XA{n},UBND xã {n},commune,{p},{p},,,,{f},{t},"
            for n in range(5)
            for p, f, t in (("HDHY", "", "2017-08-31"), ("TPTN", "2017-09-01", ""))
        ]
        read = rows("HDHY,Đồng Hỷ,,TINH,TINH,,,weekly,,,", "TPTN,Thái Nguyên,,TINH,TINH,,,weekly,,,", *lines)
        before, after = day("2017-08-31"), day("2017-09-01")
        assert all(
            read.reports_to(f"XA{n}", "HDHY", before) and read.reports_to(f"XA{n}", "TPTN", after) for n in range(5)
        )
        assert not read.reports_to("XA0", "HDHY", after)

    def test_a_town_become_a_city_in_2022_keeps_its_dues_without_a_gap(self):
        read = rows(
            "PY,UBND thị xã Phổ Yên,district,TINH,TINH,,,weekly,,2022-04-09,",
            "PY,UBND thành phố Phổ Yên,district,TINH,TINH,,,weekly,2022-04-10,,",
        )
        cal = calendar(start="2022-01-01")
        assert all(read.owes("PY", "weekly", w) for w in cal.periods("weekly", day("2022-03-25"), day("2022-04-29")))

    def test_on_1_7_2025_districts_are_gone_and_communes_report_directly(self):
        """ "Since 1/7/2025 there is no district tier: about 92 communes report directly ... nothing hard-codes levels"."""
        communes = [
            line
            for n in range(92)
            for line in (
                f"XA{n},Xã {n},commune,HDT,HDT,xa{n}@x.example,,,,2025-06-30,",
                f"XA{n},Xã {n},commune,TINH,TINH,xa{n}@x.example,,weekly,2025-07-01,,",
            )
        ]
        read = rows("HDT,Huyện Đại Từ,district,TINH,TINH,hdt@x.example,,weekly,,2025-06-30,XA0;XA1", *communes)
        cal = calendar(start="2025-01-01")
        assert read.expected(period(cal, "weekly:2025-06-27")) == ("HDT",)
        assert len(read.expected(period(cal, "weekly:2025-07-04"))) == 92
        assert read.succeeds("XA0", "HDT")
        assert not read.succeeds("XA2", "HDT")

    def test_the_heir_of_an_agency_that_has_ended_is_the_only_one_after_it(self):
        read = rows(
            "AA,Sở A,d,TINH,TINH,,,weekly,,2017-06-30,BB",
            "BB,Sở B,d,TINH,TINH,,,weekly,,,",
            "CC,Sở C,d,TINH,TINH,,,weekly,,2017-06-30,BB;DD",
            "DD,Sở D,d,TINH,TINH,,,weekly,,,",
        )
        assert [read.heir(code, D) for code in ("AA", "BB", "CC", "ZZ")] == ["BB", "", "", ""]
        assert read.heir("AA", day("2017-06-30")) == "", "it stands still"

    def test_reporting_lines_in_a_circle_end(self):
        read = rows("AA,A,,BB,BB,,,,,,", "BB,B,,AA,AA,,,,,,")
        assert read.reports_to("AA", "BB", D)
        assert not read.reports_to("AA", "CC", D)


class TestLetterheads:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("SỞ NỘI VỤ", "SNV"),
            ("Sở nội vụ", "SNV"),
            ("UBND TỈNH THÁI NGUYÊN SỞ NỘI VỤ", "SNV"),
            ("ỦY BAN NHÂN DÂN\nTỈNH THÁI NGUYÊN\nSỞ NỘI VỤ", "SNV"),
            ("Sở Nội vụ tỉnh Thái Nguyên", "SNV"),
            ("SỞ NỘI VỤ TỈNH", "SNV"),
            ("SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "STTTT"),
            ("SỞ THÔNG TIN & TRUYỀN THÔNG", "STTTT"),
            ("Sở TT&TT", "STTTT"),
            ("SỞ VĂN HÓA THỂ THAO VÀ DU LỊCH", "SVHTTDL"),
            ("SỞ LAO ĐỘNG – THƯƠNG BINH VÀ XÃ HỘI", "SLDTBXH"),
            ("ỦY BAN NHÂN DÂN\nHUYỆN ĐẠI TỪ", "HDT"),
            ("UỶ BAN NHÂN DÂN HUYỆN ĐỊNH HOÁ", "HDH"),
            ("HUYỆN ĐỊNH HÓA", "HDH"),
            ("UBND huyện Đồng Hỷ, tỉnh Thái Nguyên", "HDHY"),
            ("ỦY BAN NHÂN DÂN THÀNH PHỐ SÔNG CÔNG", "TPSC"),
            ("UBND TP. SÔNG CÔNG", "TPSC"),
            ("UBND TX PHỔ YÊN", "TXPY"),
            ("THANH TRA TỈNH", "TTT"),
            ("UBND TỈNH THÁI NGUYÊN THANH TRA TỈNH", "TTT"),
            ("Văn phòng UBND tỉnh Thái Nguyên", "VPUB"),
            ("BAN QUẢN LÝ CÁC KCN", "BQLKCN"),
        ],
    )
    def test_letterheads_are_matched_tone_blind_with_their_usual_variants(self, text, code):
        assert roster().by_name(text, D) == (code,)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "…",
            "UBND TỈNH THÁI NGUYÊN",
            "ỦY BAN NHÂN DÂN XÃ TIÊN HỘI HUYỆN ĐẠI TỪ",
            "UBND HUYỆN ĐẠI TỪ PHÒNG NỘI VỤ",
            "UBND THÀNH PHỐ THÁI NGUYÊN THANH TRA",
            "VĂN PHÒNG UBND HUYỆN ĐẠI TỪ",
            "SỞ NỘI VỤ TỈNH BẮC KẠN VÀ CÁC CƠ QUAN KHÁC",
            "CÔNG TY SỞ NỘI VỤ",
            "SỞ NGOẠI",
        ],
    )
    def test_another_body_is_never_guessed_to_be_the_agency(self, text):
        assert roster().by_name(text, D) == ()

    def test_no_guess_when_two_match(self):
        read = rows("AA,Phòng Nội vụ,,HDT,HDT,,,,,,", "BB,Phòng Nội vụ,,HPL,HPL,,,,,,")
        assert read.by_name("PHÒNG NỘI VỤ", D) == ("AA", "BB")

    def test_a_parent_in_the_roster_may_stand_before_its_child(self):
        read = rows("HDT,UBND huyện Đại Từ,,TINH,TINH,,,weekly,,,", "PNV,Phòng Nội vụ,,HDT,HDT,,,,,,")
        assert read.by_name("UBND HUYỆN ĐẠI TỪ PHÒNG NỘI VỤ", D) == ("PNV",)
        assert read.by_name("UBND HUYỆN PHÚ LƯƠNG PHÒNG NỘI VỤ", D) == ()

    def test_names_count_while_they_are_in_force(self):
        read = rows("HDT,Huyện Đại Từ,,TINH,TINH,,,weekly,,2025-06-30,")
        assert read.by_name("HUYỆN ĐẠI TỪ", day("2025-07-01")) == ()
        assert read.by_name("HUYỆN ĐẠI TỪ", None) == ("HDT",)

    def test_a_flood_of_letterheads_does_not_fill_the_memory(self):
        read = rows("AA,Sở A,,TINH,TINH,,,weekly,,,")
        for n in range(4100):
            read.by_name(f"Sở {n}", D)
        assert len(read._letterheads) < 4100
        assert read.by_name("Sở A", D) == read.by_name("Sở A", D) == ("AA",)

    @pytest.mark.parametrize(
        ("number", "codes"),
        [
            ("123/BC-SNV", ("SNV",)),
            ("45/BC-STC-VP", ("STC",)),
            ("12/SKHĐT-BC", ("SKHDT",)),
            ("9/BC-SGDĐT", ("SGDDT",)),
            ("123/BC-UBND", ()),
            ("SNV", ()),
            ("", ()),
            ("1/BC-SNV-STC", ("SNV", "STC")),
        ],
    )
    def test_a_document_number_names_its_agency_by_code(self, number, codes):
        assert roster().by_number(number, D) == codes


class TestWhatIsInForce:
    def test_a_row_of_a_day_has_the_addresses_and_reports_of_that_day_alone(self):
        (row,) = rows(
            "AA,Sở A,,,,a@x.example[..2017-07-25];b@x.example[2017-07-24..],,weekly;monthly[2018-01-01..],,,"
        ).agencies
        assert [(a.text) for a in on_day(row, day("2017-07-23")).addresses] == ["a@x.example"]
        assert [(a.text) for a in on_day(row, day("2017-07-24")).addresses] == ["a@x.example", "b@x.example"]
        assert [(r.text) for r in on_day(row, day("2017-07-24")).reports] == ["weekly"]

    def test_words_that_name_nothing_are_told_with_whoever_has_them(self):
        found = parse_roster(
            "code,name,addresses,reports,not_applicable\nAA,Sở A,,weekly;weeekly,returned\nBB,Sở B,,weeekly,weekly:returned\n"
        )
        assert unknown(found, {"weekly"}, {"returned"}) == (
            Unknown("reports", "weeekly", ("AA", "BB")),
            Unknown("not_applicable", "weekly:returned", ("BB",)),
        )


class TestDiff:
    def test_a_diff_names_what_was_added_removed_and_changed(self):
        old = rows(
            "AA,Sở A,,,,a@x.example,,weekly,,,",
            "BB,Sở B,,,,,,weekly,,,",
            "CC,Sở C,,,,,,weekly,,,",
        )
        new = rows(
            "AA,Sở A,,,,a@x.example[2017-07-19..],,weekly;monthly,2017-07-19,,",
            "CC,Sở C,,,,,,weekly,,2017-12-31,",
            "CC,Sở C mới,,,,,,weekly,2018-01-01,,",
            "DD,Sở D,,,,,,weekly,,,",
        )
        changes = diff(old, new)
        assert Change("changed", "AA", "addresses", "a@x.example", "a@x.example[2017-07-19..]") in changes
        assert Change("changed", "AA", "reports", "weekly", "weekly;monthly") in changes
        assert Change("changed", "AA", "valid_from", "", "2017-07-19") in changes
        assert Change("removed", "BB", before="Sở B") in changes
        assert Change("added", "DD", after="Sở D") in changes
        assert Change("changed", "CC", "rows", "..", "..2017-12-31;2018-01-01..") in changes
        assert Change("changed", "CC", "name", "Sở C", "Sở C mới[2018-01-01..]") in changes, (
            "what the new row says otherwise"
        )
        assert diff(new, new) == ()


class TestAfterItsEnd:
    PEOPLE = parse_roster(
        "code,name,addresses,reports,valid_from,valid_to\n"
        "AA,Sở A,a@x.example,weekly,,2017-07-23\n"
        "BB,Sở B,b@x.example;old@x.example[..2017-07-10],weekly,,\n"
    )

    def test_what_an_agency_owed_last_is_known_after_its_end_only(self):
        assert self.PEOPLE.reports_at_last("AA", day("2017-07-24")) == ("weekly",)
        assert self.PEOPLE.reports("AA", day("2017-07-24")) == ()
        assert self.PEOPLE.reports_at_last("BB", day("2017-07-24")) == ("weekly",)
        assert self.PEOPLE.reports_at_last("ZZ", day("2017-07-24")) == ()

    def test_a_former_address_is_its_last_holders_until_somebody_has_it(self):
        assert self.PEOPLE.formerly("A@x.example", day("2017-07-24")) == "AA"
        assert self.PEOPLE.formerly("a@x.example", day("2017-07-23")) is None, "still its own"
        assert self.PEOPLE.formerly("old@x.example", day("2017-07-24")) == "BB"
        assert self.PEOPLE.formerly("nobody@x.example", day("2017-07-24")) is None
