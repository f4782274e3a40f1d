"""What the clock owes: reminders, closing, notices, digests; each once, whenever we come to do it."""

from __future__ import annotations

from tests.pipeline.world import World, mail, weekly_docx

WEEK = "weekly:2017-07-21"


def kinds(ticked: dict) -> list[str]:
    return sorted(letter["kind"] for letter in ticked["letters"])


def test_those_who_owe_are_reminded_the_working_day_before_and_on_the_morning(world: World):
    world.tick("2017-07-17 00:05:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-20 13:00:00")
    world.poll("2017-07-20 13:01:00")
    before = world.tick("2017-07-20 14:00:00")
    assert kinds(before) == ["reminder"] * 3
    assert not world.letters("stc@tinh.example")[1:]
    assert kinds(world.tick("2017-07-20 14:01:00")) == []
    assert kinds(world.tick("2017-07-21 08:00:30")) == ["reminder"] * 3
    text = world.letters("syt@tinh.example")[0].get_body(("plain",)).get_content()
    assert "chậm nhất 10 giờ 00 phút" in text


def test_who_was_down_over_both_reminders_sends_the_later_one_alone(world: World):
    world.tick("2017-07-17 00:05:00")
    done = world.tick("2017-07-21 09:30:10")
    assert [(x["kind"], x["state"]) for x in done["letters"]] == [("reminder", "withheld")] * 4 + [
        ("reminder", "sent")
    ] * 4
    assert [len(world.letters(f"{who}@tinh.example")) for who in ("stc", "snv", "syt")] == [1, 1, 1]
    assert kinds(world.tick("2017-07-21 09:31:10")) == []


def test_the_cutoff_closes_once_and_the_digest_follows_a_good_poll(world: World):
    world.tick("2017-07-21 09:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:30:00")
    world.poll("2017-07-21 09:31:00")
    assert world.tick("2017-07-21 10:00:01")["closed"] == [WEEK]
    assert kinds(world.tick("2017-07-21 10:06:00")) == [], "no poll has begun after the cutoff yet"
    world.poll("2017-07-21 10:06:10")
    assert kinds(world.tick("2017-07-21 10:06:20")) == ["digest", "missing_notice", "missing_notice", "missing_notice"]
    assert kinds(world.tick("2017-07-21 10:07:00")) == []
    (digest,) = world.letters("thuky@tinh.example")
    assert "1/4 đúng hạn" in str(digest["Subject"])
    assert any((part.get_filename() or "").endswith(".xlsx") for part in digest.iter_attachments())


def test_nobody_is_accused_while_our_own_poll_is_in_doubt(world: World):
    world.tick("2017-07-21 09:00:00")
    world.tick("2017-07-21 10:00:01")
    assert kinds(world.tick("2017-07-21 10:59:00")) == []
    assert kinds(world.tick("2017-07-21 11:00:00")) == ["digest"]
    (provisional,) = world.letters("thuky@tinh.example")
    assert "tạm" in provisional.get_body(("plain",)).get_content().lower()
    world.poll("2017-07-21 11:30:00")
    assert kinds(world.tick("2017-07-21 11:30:10")) == ["digest"] + ["missing_notice"] * 4


def test_started_late_it_still_closes_once_and_withholds_what_is_too_late(world: World):
    world.poll("2017-07-21 11:00:00")
    ticked = world.tick("2017-07-21 11:00:10")
    assert ticked["closed"] == [WEEK]
    states = {letter["kind"]: letter["state"] for letter in ticked["letters"]}
    assert states["reminder"] == "withheld"
    assert states["digest"] == "sent"


def test_nothing_is_owed_before_the_calendar_starts(world: World):
    world.start = "2017-07-24"
    world.write_config()
    world.poll("2017-07-25 09:00:00")
    ticked = world.tick("2017-07-25 09:00:10")
    assert all("2017-07-21" not in key for key in ticked["opened"] + ticked["closed"])


def test_weekly_and_monthly_on_the_last_friday_are_asked_for_in_one_letter(world: World):
    world.start = "2017-07-24"
    world.write_config()
    world.tick("2017-07-24 09:00:00")
    world.poll("2017-07-27 13:59:00")
    ticked = world.tick("2017-07-27 14:00:00")
    assert kinds(ticked) == ["reminder"] * 4
    text = world.letters("stc@tinh.example")[-1].get_body(("plain",)).get_content()
    assert "tháng 7/2017" in text
    assert "Báo cáo tuần" in text


def test_a_period_skipped_for_all_owes_nothing(world: World):
    world.tick("2017-07-17 09:00:00")
    skipped = world.cchc("period", WEEK, "--skip", "--reason", "Nghỉ bão", now="2017-07-18 09:00:00")
    assert skipped.code == 0
    world.poll("2017-07-21 10:06:00")
    assert WEEK not in world.tick("2017-07-21 10:06:10")["closed"]
    assert world.board(WEEK, "2017-07-21 10:07:00")["expected"] == 0


def test_an_extension_after_the_cutoff_needs_a_second_person_and_is_shown(world: World):
    world.tick("2017-07-17 09:00:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 11:00:00")
    world.poll("2017-07-21 11:01:00")
    args = ("due", WEEK, "STC", "--extend-to", "2017-07-21T12:00:00+07:00", "--reason", "mất điện")
    assert world.cchc(*args, now="2017-07-21 11:10:00").code == 2
    assert world.cchc(*args, "--second", "Trưởng phòng", now="2017-07-21 11:11:00").code == 0
    assert world.classes(WEEK, "2017-07-21 12:30:00")["STC"] == "on_time"
    told = [x["X-CCHC-Receipt"] for x in world.letters("stc@tinh.example")]
    assert len(told) == 2, "what the first letter said (late) is corrected by a second"


def test_the_board_of_a_moment_stays_what_it_was(world: World):
    world.tick("2017-07-17 09:00:00")
    world.poll("2017-07-21 10:01:00")
    then = world.board(WEEK, "2017-07-21 10:02:00")
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 10:30:00")
    world.poll("2017-07-21 10:31:00")
    again = world.board(WEEK, "2017-07-21 10:40:00", "--as-of", "2017-07-21T10:02:00+07:00")
    assert again["classes"] == then["classes"]
    assert world.board(WEEK, "2017-07-21 10:40:00")["classes"]["late"] == 1


def test_time_does_not_run_backwards(world: World):
    world.deliver(mail(files={"bc.docx": weekly_docx()}), "2017-07-21 09:30:00")
    world.poll("2017-07-21 09:31:00")
    assert world.cchc("poll", now="2017-07-21 09:30:00").code == 2
