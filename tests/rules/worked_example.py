"""The example worked by hand: four Fridays, five agencies, one ended and one begun mid-month, one waiver.

15 expected = 6 on time + 2 cured + 2 late + 2 incomplete + 3 missing; completeness 66.7 %, timeliness 40.0 %.
"""

from __future__ import annotations

ROSTER = (
    "code,name,addresses,reports,valid_from,valid_to\n"
    "AA,Sở A,aa@tinh.example,weekly,,\n"
    "BB,Sở B,bb@tinh.example,weekly,,\n"
    "CC,Sở C,cc@tinh.example,weekly,,\n"
    "DD,Sở D,dd@tinh.example,weekly,,2017-07-14\n"  # ended: owes 7/7 and 14/7
    "EE,Sở E,ee@tinh.example,weekly,2017-07-19,\n"  # begun: owes 21/7 and 28/7
)
FRIDAYS = ("2017-07-07", "2017-07-14", "2017-07-21", "2017-07-28")
WAIVED = ("BB", "weekly:2017-07-28")

# agency → Friday → what came: (when, core lines stated)
MAILS = {
    "AA": {
        "2017-07-07": [("2017-07-07 09:00:00", 5)],  # on time
        "2017-07-14": [("2017-07-14 10:00:00", 5)],  # on time, to the second
        "2017-07-21": [("2017-07-21 09:30:00", 3), ("2017-07-24 16:59:59", 5)],  # cured
        "2017-07-28": [("2017-07-28 10:00:01", 5)],  # late by one second
    },
    "BB": {
        "2017-07-07": [("2017-07-06 15:00:00", 5)],  # on time
        "2017-07-14": [("2017-07-14 08:00:00", 4), ("2017-07-17 17:00:00", 5)],  # cured
        "2017-07-21": [("2017-07-21 09:00:00", 2)],  # incomplete
    },
    "CC": {
        "2017-07-07": [("2017-07-07 09:59:59", 5)],  # on time
        "2017-07-14": [],  # missing
        "2017-07-21": [("2017-07-21 09:00:00", 5), ("2017-07-26 09:00:00", 5)],  # on time, corrected later
        "2017-07-28": [("2017-07-28 09:00:00", 0)],  # incomplete: a blank form
    },
    "DD": {"2017-07-07": [("2017-07-07 14:00:00", 5)], "2017-07-14": []},  # late, missing
    "EE": {"2017-07-21": [("2017-07-20 11:00:00", 5)], "2017-07-28": []},  # on time, missing
}
