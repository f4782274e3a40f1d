"""What the office calls its own report types."""

from __future__ import annotations

from notifier import wording
from notifier.titles import Title, own_titles

OWN = [
    Title("kstthc", "Báo cáo kiểm soát {TTHC}"),
    Title("plan", "Kế hoạch nâng cao chỉ số CCHC", once="ke-hoach-2017"),
    Title("pci", "PCI"),
]


def test_a_type_with_a_title_is_called_so_in_sentences_and_subjects():
    with own_titles(OWN):
        assert wording.type_full("kstthc") == "Báo cáo kiểm soát {TTHC}"
        assert wording.type_full("kstthc", "kstthc:2017-07") == "Báo cáo kiểm soát {TTHC} tháng 7/2017"
        assert wording.type_subject("kstthc", "kstthc:2017-Q3") == "báo cáo kiểm soát {TTHC} quý III/2017"
        assert wording.type_short("pci") == "PCI"
        assert wording.type_full("weekly") == "Báo cáo tuần về công tác CCHC"


def test_words_a_title_ends_in_are_not_said_again_with_the_period():
    with own_titles([Title("half", "Báo cáo CCHC 6 tháng"), Title("year", "Báo cáo năm"), Title("pci", "Báo cáo quý")]):
        assert wording.type_full("half", "half:2017-H2") == "Báo cáo CCHC 6 tháng cuối năm 2017"
        assert wording.type_subject("year", "year:2017") == "báo cáo năm 2017"
        assert wording.type_full("pci", "pci:2017-Q3") == "Báo cáo quý III/2017"
        assert wording.type_full("pci", "pci:2017-07") == "Báo cáo quý tháng 7/2017"


def test_what_is_owed_once_goes_by_its_title_alone():
    with own_titles(OWN):
        assert wording.type_full("plan", "ke-hoach-2017") == "Kế hoạch nâng cao chỉ số CCHC"
        assert wording.type_subject("plan", "ke-hoach-2017") == "kế hoạch nâng cao chỉ số CCHC"
        assert wording.period_name("ke-hoach-2017") == "kế hoạch nâng cao chỉ số CCHC"


def test_titles_end_with_the_desk_and_those_before_hold_again():
    with own_titles(OWN):
        with own_titles([]):
            assert wording.type_full("plan") == 'Báo cáo "plan"'
        assert wording.type_short("plan") == "kế hoạch nâng cao chỉ số CCHC"
    assert wording.type_short("plan") == 'báo cáo "plan"'
