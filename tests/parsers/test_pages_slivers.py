"""Words Tesseract made of marks beside a line, and letters it read twice, as letterheads of two columns gave them (seeds 20510117, 20530829)."""

from __future__ import annotations

from parsers.pages.recogniser import Word
from parsers.pages.slivers import new_ones, without_slivers

HIGH = 30
NOI = Word("NỘI", 0.97, (498, 262, 547, 322))
SO = Word("SỞ", 0.97, (445, 285, 485, 310))


def kept(*words: Word) -> list[str]:
    return [word.text for word in without_slivers(words, HIGH)]


def test_marks_of_another_line_are_no_words_of_their_own():
    slivers = (
        Word("PIÊN", 0.0, (1122, 208, 1194, 214)),
        Word("`", 0.92, (1041, 208, 1049, 214)),
        Word("REPA", 0.0, (530, 280, 540, 287)),
    )
    assert kept(SO, *slivers, NOI) == ["SỞ", "NỘI"]


def test_a_dash_a_point_and_what_was_read_surely_stay_however_low():
    low = (Word("-", 0.93, (10, 10, 20, 14)), Word("…", 0.2, (30, 18, 60, 22)), Word("x", 0.9, (70, 10, 80, 21)))
    assert kept(*low) == ["-", "…", "x"]


def test_letters_in_a_surer_word_were_read_with_it():
    assert kept(Word("Độc", 0.96, (1043, 256, 1082, 299)), Word("ộc", 0.42, (1056, 268, 1084, 292))) == ["Độc"]
    assert kept(NOI, Word("Rgiệi", 0.0, (491, 240, 570, 307))) == ["NỘI"]  # reaches into it, and nobody could read it
    assert kept(NOI, Word("VỤ", 0.0, (540, 262, 590, 322))) == ["NỘI", "VỤ"]  # hardly touches it


def test_a_word_with_a_figure_is_never_left_out_for_another():
    assert kept(Word("1.234", 0.96, (10, 10, 80, 40)), Word("34", 0.3, (50, 12, 80, 38))) == ["1.234", "34"]
    assert kept(Word("Số", 0.96, (10, 10, 80, 40)), Word("5", 0.3, (50, 12, 80, 38))) == ["Số", "5"]


def test_what_is_found_once_more_between_or_over_words_is_no_word():
    read = [Word("UBND", 0.91, (340, 226, 427, 274)), Word("HUYỆN", 0.96, (448, 226, 558, 274))]
    between = Word("DH", 0.85, (415, 239, 462, 262))
    over = Word("NVÕ!", 0.85, (540, 232, 640, 262))
    new = Word("TÂN", 0.9, (570, 226, 640, 274))
    assert new_ones([between, new], read) == [new]
    assert new_ones([over], [*read, Word("VÕ", 0.93, (574, 231, 616, 263))]) == []
    assert new_ones([Word("12", 0.9, (340, 226, 427, 274))], read) != []
