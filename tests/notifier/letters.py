"""Sample facts and letters for the tests of this room, taken from the wording's own examples (weekly report of 21/7/2017)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from notifier.fact import Fact
from notifier.facts import AcknowledgementFacts, FigureFact, FileFact, FindingFact, OwedFact, ReportFact
from notifier.facts_of_many import AgencyFigures, DigestFacts, LineFact, ReviewFact, TotalFact
from notifier.office import Office
from storage.records import Letter

VIETNAM = timezone(timedelta(hours=7))
OFFICE = Office(
    name="Sở Nội vụ",
    contact="Phòng Cải cách hành chính",
    phone="0208 000 000",
    mailbox_address="cchc@mail.example",
    from_header="CCHC Sở Nội vụ <cchc@mail.example>",
    envelope_from="cchc@mail.example",
    bot_domain="mail.example",
)
HASH = "5f1d" * 16


def local(day: int, hour: int, minute: int, second: int = 0, month: int = 7, year: int = 2017) -> datetime:
    """A moment of the office's wall clock, in UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=VIETNAM).astimezone(UTC)


DUE = local(21, 10, 0)
FIGURES = (
    FigureFact("received", "Tổng số hồ sơ đã tiếp nhận", "1.625", "1625", last="1580", core=True, section="I"),
    FigureFact("resolved", "Tổng số hồ sơ đã giải quyết", "1.615", "1615", last="1571", core=True, section="I"),
    FigureFact("on_time", "Hồ sơ trả đúng hạn", "1.590", "1590", last="1560", core=True, section="I"),
    FigureFact("overdue", "Hồ sơ quá hạn", "20", "20", last="11", core=True, section="I"),
    FigureFact("returned", "Hồ sơ trả lại", "//", None, "nil", last="0", core=True, section="I"),
    FigureFact("feedback_resolved", "Phản ánh, kiến nghị đã giải quyết", "", None, "blank", section="II.1"),
    FigureFact(
        "level3_resolved", "Hồ sơ được giải quyết mức độ 3", "gần 120", "120", flags=("approximate",), section="II.2"
    ),
)
W03 = FindingFact(
    "W03",
    title="Số hồ sơ trả đúng hạn và quá hạn chưa khớp với tổng số đã giải quyết",
    message="1.590 (trả đúng hạn) + 20 (quá hạn) = 1.610; tổng số đã giải quyết: 1.615; chênh lệch 05 hồ sơ",
    example="W03: 05 hồ sơ do người nộp đề nghị rút",
    file="Báo cáo tuần.docx",
    section="I",
    page=1,
)
WEEKLY = ReportFact(
    receipt="CCHC-20170721-W-STC-r1",
    type="weekly",
    outcome="accepted",
    due_class="on_time",
    revision=1,
    period="weekly:2017-07-21",
    how="window",
    agency_how="address",
    timing="on_time",
    late_seconds=-2845,
    due_at=DUE,
    due_original=DUE,
    number="245/BC-STC",
    date=date(2017, 7, 21),
    window_from=date(2017, 7, 14),
    window_to=date(2017, 7, 20),
    file="Báo cáo tuần.docx",
    figures=FIGURES,
    next_due_at=local(28, 10, 0),
    basis="Kế hoạch số 121/KH-UBND ngày 19/7/2017 của UBND tỉnh",
)
MONTHLY = replace(
    WEEKLY,
    receipt="CCHC-201707-M-STC-r1",
    type="monthly",
    period="monthly:2017-07",
    how="stated",
    number="246/BC-STC",
    window_from=None,
    window_to=None,
    file="Báo cáo tháng 7.docx",
    paper=True,
)
ANSWER = AcknowledgementFacts(
    agency_name="Sở Tài chính",
    agency="STC",
    subject="Báo cáo tuần CCHC",
    in_reply_to="<a1@tinh.example>",
    received_at=local(21, 9, 12, 35),
    receipt=WEEKLY.receipt,
    reports=(WEEKLY,),
    files=(FileFact("Báo cáo tuần.docx", "read", size=38008, type="docx"),),
    outcome="read",
    mail_sha256="ab" * 32,
)
LATE = replace(
    ANSWER,
    received_at=local(21, 11, 25, 10),
    reports=(replace(WEEKLY, due_class="late", timing="late", late_seconds=5110),),
)
LOCKED = replace(
    ANSWER,
    received_at=local(21, 8, 40, 12),
    outcome="refused",
    receipt="CCHC-X-abababab01",
    reports=(),
    files=(
        FileFact("Bao cao tuan.docx", "refused", "encrypted", 9000, "docx"),
        FileFact("Phụ lục.pdf", "enclosure", type="pdf"),
    ),
    owed=(OwedFact("weekly", "weekly:2017-07-21", due_at=DUE, due_original=DUE),),
)
OWED_WEEK = OwedFact(
    "weekly",
    "weekly:2017-07-21",
    date(2017, 7, 14),
    date(2017, 7, 20),
    DUE,
    DUE,
    basis="Kế hoạch số 121/KH-UBND ngày 19/7/2017 của UBND tỉnh",
)


def with_report(facts: AcknowledgementFacts, **changes: object) -> AcknowledgementFacts:
    """The same letter with its one report changed."""
    return replace(facts, reports=(replace(facts.reports[0], **changes),))


def letter(
    facts: Fact, kind: str = "acknowledgement", to: tuple[str, ...] = ("stc@tinh.example",), **fields: object
) -> Letter:
    """An outbox row around the facts."""
    at = getattr(facts, "at", None) or getattr(facts, "received_at", None)
    row = Letter(
        kind,
        "mail:17",
        to,
        facts.to_json(),
        message_id=f"<{kind}.1.{'0' * 32}@mail.example>",
        seq=311,
        hash=HASH,
        created_at=at,
    )
    return replace(row, **fields)


def board() -> DigestFacts:
    """The digest of the wording's example: 29 = 20 + 0 + 3 + 1 + 2 + 3."""
    names = [f"Sở số {n:02d}" for n in range(1, 21)] + [f"UBND huyện số {n}" for n in range(1, 10)]
    classes = ["on_time"] * 20 + ["late"] * 3 + ["incomplete"] + ["in_review"] * 2 + ["missing"] * 3
    lines = tuple(_line(n, name, code) for n, (name, code) in enumerate(zip(names, classes, strict=True)))
    shown = [line for line in lines if line.due_class in ("on_time", "cured", "late")]
    figures = tuple(
        AgencyFigures(x.agency, x.name, x.receipt, {f.key: f for f in FIGURES} if x in shown else {}) for x in lines
    )
    return DigestFacts(
        type="weekly",
        period="weekly:2017-07-21",
        at=local(21, 10, 5),
        due_at=DUE,
        due_original=DUE,
        expected=29,
        classes={"on_time": 20, "cured": 0, "late": 3, "incomplete": 1, "in_review": 2, "missing": 3},
        received=26,
        lines=lines,
        review=(
            ReviewFact("UBND huyện số 5", "unreadable_scan", "CCHC-20170721-W-H5-r1"),
            ReviewFact("sotc.tn@gmail.example", "sender_unknown", "CCHC-X-0011223344", "sotc.tn@gmail.example"),
        ),
        totals=(
            TotalFact("received", "Tổng số hồ sơ đã tiếp nhận", "37375", 23, 29),
            TotalFact("resolved", "Tổng số hồ sơ đã giải quyết", "37145", 23, 29),
            TotalFact("on_time", "Hồ sơ trả đúng hạn", "36570", 23, 29),
            TotalFact("overdue", "Hồ sơ quá hạn", "460", 23, 29),
            TotalFact("postal_total", "Qua bưu chính công ích", None, 0, 29),
        ),
        figures=figures,
        log_seq=310,
        log_hash=HASH,
    )


def _line(n: int, name: str, code: str) -> LineFact:
    came = code != "missing"
    received = local(21, 8, n % 60, 7) if code == "on_time" else local(21, 10, 30 + n, 9)
    return LineFact(
        agency=f"A{n:02d}",
        name=name,
        due_class=code,
        group="Sở, ban, ngành" if n < 20 else "UBND cấp huyện",
        received_at=received if came else None,
        late_seconds=int((received - DUE).total_seconds()) if came else None,
        receipt=f"CCHC-20170721-W-A{n:02d}-r1" if came else None,
        revision=1 if came else None,
        number=f"{100 + n}/BC" if came else "",
        findings=n % 3 if came else 0,
        streak=2 if n == 28 else int(not came),
        owed=("weekly:2017-07-14",) if n == 28 else (),
        contact_name="Nguyễn Văn A" if n % 2 else "",
        contact_phone=f"0208 385 0{n:02d}" if n != 27 else "",
        note="bản quét" if code == "in_review" else "",
    )
