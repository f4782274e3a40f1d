"""One letter of every sort, by name: what the golden texts are made of. Each is (outbox row, moment of sending)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from notifier.facts import (
    Change,
    CorrectionFact,
    ExplainedFact,
    FigureFact,
    FileFact,
    MissingFacts,
    ReminderFacts,
    RequestFacts,
    TaskFact,
    WaitingFact,
)
from notifier.facts_of_many import (
    AlarmFacts,
    BounceFact,
    CoverageFact,
    DifficultyFact,
    EscalationFacts,
    LineFact,
    MovedFact,
    PeriodFact,
    ResultFact,
    ShareFact,
    StandingFact,
    SummaryFacts,
    TypeSummaryFact,
)
from storage.records import Letter
from tests.notifier.letters import (
    ANSWER,
    FIGURES,
    LATE,
    LOCKED,
    MONTHLY,
    OWED_WEEK,
    W03,
    WEEKLY,
    board,
    letter,
    local,
    with_report,
)

TASKS = (
    TaskFact(
        "SNV",
        "Sở Nội vụ",
        "1.3",
        "Tham mưu kiểm tra CCHC tại các cơ quan, đơn vị.",
        "Sở Nội vụ",
        date(2017, 8, 31),
        "Tháng 8/2017",
        "under_way",
        "Đang thực hiện",
        "tasks:2017-09",
        "tasks:2017-08",
        overdue=True,
    ),
    TaskFact(
        "SNV",
        "Sở Nội vụ",
        "1.4",
        "Tổ chức các hội nghị, tập huấn chuyên đề CCHC.",
        "Sở Nội vụ",
        date(2017, 9, 30),
        "Tháng 9/2017",
        "done",
        "Đã hoàn thành",
        "tasks:2017-09",
        "tasks:2017-08",
    ),
    TaskFact(
        "",
        "Các sở, ban, ngành",
        "2.1",
        "Kịp thời xây dựng, trình ban hành VB QPPL trong năm.",
        "Các sở, ban, ngành",
        date(2017, 12, 31),
        "31/12/2017",
    ),
    TaskFact(
        "STP",
        "Sở Tư pháp",
        "",
        "Rà soát văn bản",
        "Sở Tư pháp",
        date(2017, 8, 15),
        "15/8/2017",
        "unclear",
        "Sở đã ban hành",
        "tasks:2017-09",
        "tasks:2017-09",
        overdue=True,
    ),
)
DAYS = (
    CoverageFact("Sở Tài chính", ("2017-07-21..2017-07-21", "2017-07-24..2017-07-25"), ()),
    CoverageFact("Sở Y tế", (), ("2017-07-20..2017-07-20",)),
)
NOTHING_READ = replace(LOCKED, files=(), outcome="no_report")
TWO = replace(
    ANSWER,
    subject="Re: Báo cáo tuần và tháng",
    reports=(
        replace(WEEKLY, findings=(W03,)),
        replace(MONTHLY, due_class="late", timing="late", late_seconds=65),
    ),
    files=(*ANSWER.files, FileFact("Báo cáo tháng 7.docx", "read", type="docx")),
)
SECOND = with_report(
    replace(ANSWER, received_at=local(21, 14, 0), receipt="CCHC-20170721-W-STC-r2"),
    receipt="CCHC-20170721-W-STC-r2",
    revision=2,
    timing="late",
    late_seconds=14400,
    changes=(Change("overdue", "Hồ sơ quá hạn", "20", "25"),),
    changes_since=WEEKLY.receipt,
    decided_by=WEEKLY.receipt,
)
BLANK = FigureFact("overdue", "Hồ sơ quá hạn", "", None, "blank", core=True, section="I")
INCOMPLETE = with_report(
    ANSWER,
    outcome="incomplete",
    due_class="incomplete",
    cure_until=local(24, 17, 0),
    figures=(*FIGURES[:3], BLANK),
)
CLOCKS = with_report(
    replace(ANSWER, internaldate=local(21, 10, 4), border_received=local(21, 9, 59)),
    outcome="in_review",
    due_class="in_review",
    reason="clock_disagrees",
    timing="late",
    late_seconds=240,
)
OWED_MONTH = replace(OWED_WEEK, type="monthly", period="monthly:2017-07", paper=True)

EXPLAINED = ExplainedFact(
    "W03", "05 hồ sơ do người nộp đề nghị rút", W03.title, WEEKLY.receipt, "weekly", WEEKLY.period
)
REPLIED = replace(ANSWER, reports=(), files=(), receipt=WEEKLY.receipt, explained=(EXPLAINED,), reason="no_report")

SHARE = ShareFact("1590", "1665", 23, 29)
RESULTS = (
    ResultFact("resolved_on_time", "Hồ sơ giải quyết đúng hạn / đã giải quyết", "", SHARE, SHARE, SHARE),
    ResultFact("electronic", "Văn bản điện tử / văn bản đi", "80", SHARE, SHARE, ShareFact(None, None, 0, 29)),
    ResultFact("levels", "Mức độ 3, mức độ 4", "40", ShareFact(None, None, 0, 29), ShareFact("1", "4", 1, 87)),
)
TOLD = (DifficultyFact("Sở Tài chính", "Còn khó khăn về kinh phí, đề nghị bổ sung."),)


def classes(**found: int) -> dict[str, int]:
    """The six classes, 0 where nothing is said."""
    return dict.fromkeys(("on_time", "cured", "late", "incomplete", "in_review", "missing"), 0) | found


SUMMARY = SummaryFacts(
    span="monthly:2017-07",
    at=local(31, 8, 0),
    first=date(2017, 7, 1),
    last=date(2017, 7, 31),
    types=(
        TypeSummaryFact(
            "weekly",
            (
                PeriodFact("weekly:2017-07-21", local(21, 10, 0), 4, classes(on_time=3, missing=1)),
                PeriodFact(
                    "weekly:2017-07-28", local(28, 10, 0), 5, classes(on_time=3, late=1, in_review=1), 1, 0, True
                ),
            ),
            (
                StandingFact("Sở Tài chính", 1, 2, classes(on_time=2)),
                StandingFact("Sở Y tế", 1, 2, classes(on_time=2)),
                StandingFact("Sở Nội vụ", 3, 2, classes(late=1, missing=1)),
                StandingFact("UBND huyện số 1", None, 1, classes(on_time=1), apart="part"),
                StandingFact("UBND huyện số 2", None, 1, classes(on_time=1), 1, "waived"),
                StandingFact("UBND huyện số 3", None, 1, classes(in_review=1), apart="in_review"),
            ),
            RESULTS,
            TOLD,
        ),
    ),
    bounces=(BounceFact("Sở Y tế", "cu@syt.example", 3),),
)

SAMPLES: dict[str, Letter] = {
    "on_time": letter(ANSWER),
    "on_time_one_finding": letter(with_report(ANSWER, findings=(W03,))),
    "late": letter(LATE),
    "cured": letter(
        with_report(
            replace(ANSWER, received_at=local(24, 9, 0)),
            due_class="cured",
            timing="late",
            cure_until=local(24, 17, 0),
            revision=2,
        )
    ),
    "corrected_after_cutoff": letter(SECOND),
    "incomplete_before_cutoff": letter(INCOMPLETE),
    "incomplete_in_cure_window": letter(INCOMPLETE, created_at=local(21, 10, 6)),
    "incomplete_too_late": letter(INCOMPLETE, created_at=local(25, 8, 0)),
    "scan": letter(
        with_report(ANSWER, outcome="in_review", due_class="in_review", reason="unreadable_scan", figures=())
    ),
    "clock_disagrees": letter(CLOCKS),
    "ambiguous_period": letter(
        with_report(ANSWER, outcome="in_review", due_class="in_review", reason="ambiguous_period", how="guess")
    ),
    "ambiguous_agency": letter(
        with_report(
            ANSWER,
            outcome="in_review",
            due_class="in_review",
            reason="ambiguous_agency",
            candidates=("Sở Tài chính", "Sở Tư pháp"),
        )
    ),
    "locked_before_cutoff": letter(LOCKED),
    "locked_after_cutoff": letter(LOCKED, created_at=local(21, 10, 6)),
    "unsupported_with_report": letter(
        with_report(
            replace(ANSWER, files=(FileFact("bc.rar", "refused", "unsupported_type", 900, "rar"),)),
            outcome="refused",
            due_class="incomplete",
            reason="unsupported_type",
            file="bc.rar",
            figures=(),
        )
    ),
    "too_large_mail": letter(replace(NOTHING_READ, outcome="refused", reason="too_large")),
    "duplicate": letter(with_report(ANSWER, duplicate_of=WEEKLY.receipt, receipt="CCHC-X-abababab01")),
    "withdrawn": letter(with_report(ANSWER, outcome="withdrawn", due_class="missing", figures=())),
    "elsewhere": letter(
        replace(ANSWER, reports=(), correction=CorrectionFact("on_time", "elsewhere", "agency", WEEKLY.receipt, 290)),
        kind="correction",
    ),
    "awaiting": letter(
        with_report(
            replace(ANSWER, receipt="CCHC-20170721-W-STC-r2"),
            receipt="CCHC-20170721-W-STC-r2",
            revision=2,
            due_class="in_review",
            waits_for=WEEKLY.receipt,
        )
    ),
    "successor": letter(
        with_report(
            LATE, agency_how="successor", agency_name="UBND huyện Đại Từ", notes=("successor",), next_due_at=None
        )
    ),
    "stated_elsewhere": letter(
        with_report(
            ANSWER,
            outcome="in_review",
            due_class="in_review",
            reason="ambiguous_period",
            notes=("stated_elsewhere",),
        )
    ),
    "same_content": letter(
        with_report(ANSWER, notes=("same_content_as", "skipped_wanted"), same_content="CCHC-20170714-W-STC-r1")
    ),
    "at_the_very_moment": letter(
        with_report(replace(LATE, received_at=local(21, 10, 0)), late_seconds=0, at_cutoff="late")
    ),
    "waived": letter(with_report(ANSWER, due_class="waived")),
    "weekly_and_monthly": letter(TWO),
    "no_report": letter(replace(NOTHING_READ, reason="no_report")),
    "link_only": letter(replace(NOTHING_READ, reason="link_only")),
    "link_instead_of_the_report": letter(
        with_report(
            replace(ANSWER, files=(FileFact("part-1", "enclosure", type="txt"),), reason="link_only"),
            outcome="refused",
            due_class="incomplete",
            reason="link_only",
            file="",
            figures=(),
        )
    ),
    "something_unread": letter(
        replace(
            NOTHING_READ,
            outcome="refused",
            reason="no_report",
            files=(FileFact("QD 12.doc", "refused", "unsupported_type", 900, "doc"),),
        )
    ),
    "empty_message": letter(replace(NOTHING_READ, reason="empty_message")),
    "owes_nothing": letter(
        replace(NOTHING_READ, owed=(), owes_nothing=True, reports_to_name="UBND huyện số 1", agency_name="UBND xã số 2")
    ),
    "trial": letter(replace(ANSWER, test=True, subject="[THỬ] Báo cáo tuần", receipt="CCHC-X-abababab01")),
    "trial_without_verdict": letter(
        replace(ANSWER, test=True, subject="[TEST] BC", receipt="CCHC-X-abababab01", reports=())
    ),
    "trial_unreadable": letter(replace(LOCKED, test=True, subject="[THỬ]")),
    "waiting": letter(replace(LOCKED, waiting=True)),
    "explained": letter(REPLIED, kind="result"),
    "explained_in_part": letter(replace(REPLIED, unknown_codes=("W99",)), kind="result"),
    "explained_beside_a_report": letter(
        replace(
            with_report(ANSWER, findings=(replace(W03, explanation="do rút hồ sơ"),)),
            explained=(EXPLAINED,),
        )
    ),
    "confirmed": letter(replace(ANSWER, confirmed_from="sotc.tn@gmail.example"), kind="result"),
    "correction": letter(
        replace(ANSWER, correction=CorrectionFact("late", "on_time", "deemed_at", WEEKLY.receipt, 290)),
        kind="correction",
    ),
    "reminder_both": letter(
        ReminderFacts("Sở Tài chính", local(20, 14, 0), (OWED_WEEK, OWED_MONTH), mailbox="cchc@mail.example"),
        kind="reminder",
    ),
    "reminder_moved": letter(
        ReminderFacts(
            "Sở Tài chính",
            local(20, 14, 0),
            (replace(OWED_WEEK, due_at=local(24, 10, 0), due_why="holiday:2017-07-21"),),
        ),
        kind="reminder",
    ),
    "reminder_incomplete": letter(
        ReminderFacts("Sở Tài chính", local(20, 14, 0), (replace(OWED_WEEK, incomplete=True),)), kind="reminder"
    ),
    "reminder_one_incomplete": letter(
        ReminderFacts("Sở Tài chính", local(20, 14, 0), (replace(OWED_WEEK, incomplete=True), OWED_MONTH)),
        kind="reminder",
    ),
    "missing": letter(
        MissingFacts("Sở Tài chính", local(21, 10, 5), (OWED_WEEK,), test_mails=(local(20, 9, 0),)),
        kind="missing_notice",
    ),
    "escalation": letter(
        MissingFacts("Sở Tài chính", local(21, 10, 5), (OWED_WEEK, OWED_MONTH), streak=3), kind="escalation"
    ),
    "missing_waiting": letter(
        MissingFacts(
            "Sở Tài chính",
            local(21, 10, 5),
            (OWED_WEEK,),
            waiting=(WaitingFact(local(21, 9, 10), "CCHC-X-abababab01", ("CV 15.pdf",)),),
            streak=2,
        ),
        kind="missing_notice",
    ),
    "excused": letter(
        MissingFacts("Sở Tài chính", local(21, 11, 0), (OWED_WEEK,), excused="waived", in_reply_to="<l9@bot.example>"),
        kind="correction",
    ),
    "excused_until": letter(
        MissingFacts(
            "Sở Tài chính", local(21, 11, 0), (replace(OWED_WEEK, due_at=local(21, 16, 0)),), excused="not_yet_due"
        ),
        kind="correction",
    ),
    "escalation_head": letter(
        MissingFacts("Sở Tài chính", local(21, 10, 5), (OWED_WEEK,), streak=2, to_head=True), kind="escalation"
    ),
    "escalation_many": letter(
        EscalationFacts(
            "weekly",
            "weekly:2017-07-21",
            local(21, 10, 5),
            local(21, 10, 0),
            (
                LineFact(
                    "STC",
                    "Sở Tài chính",
                    "missing",
                    streak=3,
                    owed=("weekly:2017-07-07", "weekly:2017-07-14"),
                    contact_name="Nguyễn Văn A",
                    contact_phone="0208 000 001",
                ),
                LineFact("SYT", "Sở Y tế", "missing", streak=3),
            ),
        ),
        kind="escalation",
        to=("thuky@mail.example",),
    ),
    "digest_follow_up": letter(
        replace(
            board(),
            follow_up=True,
            at=local(21, 17, 0),
            since=local(21, 10, 5),
            moved=(MovedFact("Sở Y tế", "missing", "late"),),
        ),
        kind="digest",
        to=("thuky@mail.example",),
    ),
    "request": letter(
        RequestFacts(
            "Sở Tài chính", "sotc.tn@gmail.example", local(21, 9, 0), files=("bc.docx",), receipt="CCHC-X-abababab01"
        ),
        kind="request",
    ),
    "digest_results": letter(replace(board(), results=RESULTS, told=TOLD), kind="digest", to=("thuky@mail.example",)),
    "digest_tasks": letter(
        replace(board(), type="tasks", period="tasks:2017-09", totals=(), tasks=TASKS, days=DAYS),
        kind="digest",
        to=("thuky@mail.example",),
    ),
    "explanation_taken_back": letter(
        replace(
            with_report(ANSWER, findings=(W03,)),
            correction=CorrectionFact("on_time", "on_time", "explanation", WEEKLY.receipt, 290),
        ),
        kind="correction",
    ),
    "summary": letter(SUMMARY, kind="digest", to=("thuky@mail.example",)),
    "digest_explained": letter(
        replace(board(), explained=(replace(EXPLAINED, agency_name="Sở Tài chính", title=W03.message),)),
        kind="digest",
        to=("thuky@mail.example",),
    ),
    "digest": letter(board(), kind="digest", to=("thuky@mail.example",)),
    "digest_provisional": letter(
        replace(board(), provisional=True, last_good_poll=local(21, 9, 58)), kind="digest", to=("thuky@mail.example",)
    ),
    "alarm": letter(AlarmFacts("mailbox_unreachable", local(21, 9, 0), "timed out", at=local(21, 9, 10)), kind="alarm"),
    "alarm_over": letter(
        AlarmFacts("mailbox_unreachable", local(21, 9, 0), recovered=True, at=local(21, 9, 40)), kind="alarm"
    ),
}
