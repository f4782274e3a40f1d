"""The cells of the fault matrix, and the mark by which a test says which of them it is."""

from __future__ import annotations

import pytest

ALL = tuple(f"F{n}" for n in range(1, 39))
NAMED: dict[
    str, tuple[str, ...]
] = {  # the faults the order lists by name, each with the least that must stand beside it
    "drops mid-literal": (
        "tests/faults/test_mailbox_cells.py::test_a_line_that_breaks_inside_a_mail_records_nothing_of_it",
    ),
    "lying literals": ("tests/faults/test_mailbox_cells.py::test_a_literal_of_three_gigabytes_is_a_passing_fault",),
    "BYE": ("tests/faults/test_mailbox_cells.py::test_a_server_that_says_goodbye_or_no_at_any_verb_costs_nothing",),
    "READ-ONLY": ("tests/faults/test_mailbox_cells.py::test_a_mailbox_we_may_only_read_is_read_and_answered",),
    "UIDVALIDITY changed or missing": (
        "tests/faults/test_mailbox_cells.py::test_a_mailbox_numbered_anew_is_read_again_and_nobody_is_answered_again",
    ),
    "UIDs reused": ("tests/faults/test_mailbox_cells.py::test_another_mail_under_the_same_number_is_kept_as_well",),
    "MOVE and UIDPLUS absent": (
        "tests/faults/test_mailbox_cells.py::test_a_server_without_move_or_uidplus_is_served_all_the_same",
    ),
    "unsolicited FETCH between replies": (
        "tests/faults/test_mailbox_cells.py::test_a_server_that_says_goodbye_or_no_at_any_verb_costs_nothing",
        "tests/mailbox/test_imap_faults.py::test_unasked_answers_about_other_mails_change_nothing",
    ),
    "Dovecot for the truth": (
        "tests/pipeline/test_dovecot.py::test_killed_anywhere_nothing_is_lost_and_nothing_is_said_twice",
    ),
    "4xx, 421": (
        "tests/faults/test_smtp_cells.py::test_a_server_that_refuses_for_now_is_asked_again_and_every_letter_goes_once",
    ),
    "5xx": ("tests/faults/test_smtp_cells.py::test_a_letter_refused_for_good_fails_alone_and_stands_in_the_digest",),
    "silence after the dot, 250 then drop, disconnect before 250": (
        "tests/faults/test_smtp_cells.py::test_a_server_that_falls_silent_or_breaks_off_around_its_answer_has_the_letter_once",
        "tests/faults/test_smtp_cells.py::test_without_a_copy_to_ourselves_the_same_letter_comes_twice_at_most_under_one_name",
    ),
    "full disk": (
        "tests/faults/test_store_cells.py::test_on_a_disk_that_is_full_the_mail_stays_on_the_server_and_nothing_is_done_by_hand",
        "tests/faults/test_store_cells.py::test_no_room_at_any_step_takes_the_step_back_whole",
        "tests/faults/test_store_cells.py::test_a_log_that_takes_nothing_more_stops_nobody",
    ),
    "failing fsync": (
        "tests/faults/test_store_cells.py::test_a_failed_fsync_is_never_a_success",
        "tests/faults/test_store_cells.py::test_an_fsync_that_fails_under_the_database_too_is_never_a_success",
    ),
    "locked database": ("tests/faults/test_store_cells.py::test_a_locked_database_is_waited_for_and_then_met_again",),
    "PostgreSQL restarted": (
        "tests/faults/test_store_cells.py::test_a_postgresql_that_is_restarted_in_mid_write_costs_nothing",
        "tests/faults/test_store_cells.py::test_a_postgresql_that_throws_everybody_out_again_and_again_costs_nothing",
    ),
    "commit reply lost": ("tests/faults/test_store_cells.py::test_a_commit_whose_reply_is_lost_is_done_once",),
    "clock jumps": (
        "tests/faults/test_clock_cells.py::test_a_clock_that_goes_back_is_refused_and_one_that_jumps_ahead_judges_nobody",
    ),
    "down across the cutoff": (
        "tests/faults/test_clock_cells.py::test_down_across_the_cutoff_it_catches_up_and_who_was_in_time_is_in_time",
    ),
    "SIGSTOP for ten minutes": (
        "tests/faults/test_clock_cells.py::test_stopped_for_a_while_and_let_go_on_it_finishes_what_it_began",
        "tests/faults/test_clock_cells.py::test_a_sleeper_whose_server_forgot_him_writes_nothing_when_he_wakes",
    ),
    "second instance": (
        "tests/faults/test_clock_cells.py::test_a_second_instance_leaves_at_once_and_the_first_notices_nothing",
    ),
    "database restored from yesterday": (
        "tests/faults/test_store_cells.py::test_a_database_of_yesterday_gets_its_records_back_and_answers_nobody_again",
        "tests/faults/test_store_cells.py::test_a_database_that_is_gone_is_rebuilt_from_the_mailbox",
    ),
    "vault bit flips": ("tests/faults/test_store_cells.py::test_a_bit_that_flips_is_found_and_the_mail_fetched_again",),
    "expired credentials": (
        "tests/faults/test_mailbox_cells.py::test_a_password_that_expired_is_told_and_tried_once_a_pass",
        "tests/mailbox/test_oauth2.py::test_dovecot_takes_our_token_and_a_refused_one_is_renewed",
    ),
    "upgrade in mid-queue": (
        "tests/faults/test_store_cells.py::test_an_upgrade_killed_half_way_begins_again_and_the_letters_waiting_go_out",
    ),
}


def cell(*names: str) -> pytest.MarkDecorator:
    """This test is that cell: "F16", or a run of them, "F1-F14"."""
    assert set(spelled(names)) <= set(ALL), names
    return pytest.mark.cell(*names)


def spelled(names: tuple[str, ...]) -> list[str]:
    """Every cell of a list with runs in it."""
    found = []
    for name in names:
        first, _, last = name.replace("F", "").partition("-")
        found += [f"F{n}" for n in range(int(first), int(last or first) + 1)]
    return found
