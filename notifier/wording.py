"""Facts in words: the pieces of sentence the templates put together.

Rules (product definitions and the wording of the letters): classes, types, reasons and notes are looked up in the catalogues by
code; a cutoff is "chậm nhất 10 giờ" or "trước 10 giờ" as the cutoff rule says; a state of a figure that is no number is named,
never shown as 0; only findings of severity ask, warning or error are something to check.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from notifier import vietnamese_format as vf
from notifier.facts import AcknowledgementFacts, FigureFact, FileFact, FindingFact, OwedFact, ReportFact
from notifier.facts_of_many import EscalationFacts
from notifier.texts import catalogue, phrase, words
from notifier.titles import title_of, title_of_period

TO_CHECK = ("ask", "warning", "error")
ELSEWHERE = "elsewhere"  # what became of a report told of before: a person found it to be another agency's
NOT_A_REPORT = "not_a_report"  # what became of a report that a person found to be none
NOT_SETTLED = (
    "incomplete",
    "refused",
    "declined",
    NOT_A_REPORT,
    "link_only",
    "withdrawn",
)  # sections that ask for a report
_NO_ENDING = frozenset({"", "data", "ole", "opc", "iwork"})  # what a file is called whose type has no name
_UNNAMED = re.compile(r"part-[\d.]+")  # names given by the mail room to what had none
SYSTEM_SIDE = ("tool_missing", "reader_crashed", "timeout", "memory")
SCANS = ("unreadable_scan", "no_text", "low_text_quality")


@lru_cache(maxsize=8)
def moments(timezone: str) -> vf.Moments:
    """Moments in words in that time zone."""
    return vf.Moments(ZoneInfo(timezone), words("time"))


def type_words(report_type: str) -> dict[str, str | bool]:
    """How a report type is called: by the office's title, as everybody calls it, or by its own name."""
    if own := title_of(report_type):
        return own.words
    entry: dict[str, str | bool] = words("type").get(report_type) or words("type")["other"]
    return entry


def period_name(key: str | None) -> str:
    """A period key in words, by its label, whatever its type is called: "kỳ ngày 21/7/2017", "tháng 7/2017"; "" for None."""
    kind, _, rest = (key or "").partition(":")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", rest):
        return phrase("period", "week", day=vf.day(date.fromisoformat(rest)))
    if re.fullmatch(r"\d{4}-\d\d", rest):
        return phrase("period", "month", month=vf.month(date.fromisoformat(f"{rest}-01")))
    if match := re.fullmatch(r"(\d{4})-Q([1-4])", rest):
        return phrase("period", "quarter", quarter=words("period")["quarters"][int(match[2]) - 1], year=match[1])
    if match := re.fullmatch(r"(\d{4})-H([12])", rest):
        return phrase("period", f"half_{match[2]}", year=match[1])
    if re.fullmatch(r"\d{4}", rest):
        return phrase("period", "year", year=rest)
    if own := title_of_period(key or ""):
        return own
    return phrase("period", "other", name=rest or kind) if key else ""


def type_full(report_type: str, period: str | None = None) -> str:
    """A report's name in a sentence, with its period where the name carries it."""
    entry = type_words(report_type)
    return _with_period(str(entry["full"] if period else entry["bare"]), period, report_type)


def type_short(report_type: str) -> str:
    """A report's name in a subject: báo cáo tuần."""
    return str(type_words(report_type)["short"]).format(type=report_type)


def type_subject(report_type: str, period: str) -> str:
    """A report with its period for the subject of a notice: báo cáo tuần CCHC kỳ ngày 21/7/2017."""
    return _with_period(str(type_words(report_type)["subject"]), period)


def _with_period(pattern: str, period: str | None, report_type: str = "") -> str:
    """A name with its period; words it ends in are not said twice: "Báo cáo năm" of "năm 2017"."""
    head, mark, _ = pattern.partition("{period}")
    said = period_name(period).split(" ")
    twice = next((n for n in (2, 1) if mark and head.endswith(f" {' '.join(said[:n])} ")), 0)
    return pattern.format(period=" ".join(said[twice:]), type=report_type)


def type_digest(report_type: str, period: str) -> str:
    """A report with its period for the subject of a digest: báo cáo tuần CCHC kỳ 21/7/2017."""
    pattern = type_words(report_type).get("digest")
    if not pattern:
        return type_subject(report_type, period)
    return str(pattern).format(day=vf.day(date.fromisoformat(period.partition(":")[2])))


def named(report: ReportFact | OwedFact | EscalationFacts) -> str:
    """The report and its period: "Báo cáo tuần về công tác CCHC (kỳ ngày 21/7/2017)"."""
    full = type_full(report.type, report.period)
    return (
        full if type_words(report.type)["own_period"] or not report.period else f"{full} ({period_name(report.period)})"
    )


def identity(report: ReportFact) -> str:
    """What identifies a report, for brackets: number and day, window, revision; "" when nothing does."""
    pieces = []
    on = vf.day(report.date) if report.date else ""
    if report.number:
        pieces.append(phrase("identity", "number_date" if on else "number", number=report.number, day=on))
    elif on:
        pieces.append(phrase("identity", "date", day=on))
    if window := window_text(report):
        pieces.append(window)
    elif not type_words(report.type)["own_period"] and report.period:
        pieces.append(period_name(report.period))
    if (report.revision or 1) > 1:
        pieces.append(phrase("identity", "revision", n=vf.count(report.revision or 1)))
    return "; ".join(pieces)


def window_text(report: ReportFact | OwedFact) -> str:
    """The window in words ("số liệu từ ngày 14/7/2017 đến ngày 20/7/2017"); "" when a side is not known."""
    if report.window_from is None or report.window_to is None:
        return ""
    return phrase("identity", "window", first=vf.day(report.window_from), last=vf.day(report.window_to))


def remarks(report: ReportFact) -> tuple[str, ...]:
    """What the judge remarked, in words; a report asked for once has no other period it could be of."""
    codes = (code for code in report.notes if code not in ("inferred", "unread") or not asked_once(report.period))
    return tuple(filter(None, (phrase("note", code) for code in codes)))


def how_text(report: ReportFact) -> str:
    """How the period was recognised; "" where there is but one."""
    return "" if asked_once(report.period) else phrase("how", report.how)


def asked_once(period: str | None) -> bool:
    """Whether a period is the only one of its type: its key is a name of its own."""
    return bool(period) and ":" not in str(period)


def agencies_told(facts: AcknowledgementFacts) -> tuple[tuple[str, str], ...]:
    """Whose reports they are, each with how that was recognised in words; a way without words is left out, never shown as a code."""
    told = (
        (r.agency_name or facts.agency_name, phrase("agency_how", r.agency_how))
        for r in facts.reports
        if not r.duplicate_of
    )
    return tuple(dict.fromkeys(pair for pair in told if pair[1]))


def to_check(report: ReportFact) -> tuple[FindingFact, ...]:
    """What an agency is asked about: its findings, and the judge's notes that ask for something."""
    asked = tuple(_asked(report, code) for code in dict.fromkeys(report.notes) if code in words("asked"))
    return (*(f for f in report.findings if f.severity in TO_CHECK and not f.explanation), *asked)


def _asked(report: ReportFact, code: str) -> FindingFact:
    entry = words("asked")[code]
    title = str(entry["title"])
    if code == "same_content_as" and report.same_content:
        title = str(entry["title_receipt"]).format(receipt=report.same_content)
    return FindingFact(
        str(entry["code"]), "ask", title, fix=str(entry["fix"]), example=str(entry["example"]), file=report.file
    )


def section_of(report: ReportFact) -> str:
    """Which section of the letter a report gets: a class, or held_up, kept, awaiting, refused, declined, not_a_report, link_only, in_review, duplicate, withdrawn."""
    if report.duplicate_of:
        return "duplicate"
    if report.outcome == "refused" and report.reason == "link_only":
        return "link_only"
    if report.outcome == "refused" and report.reason == "no_report":
        return NOT_A_REPORT
    if report.outcome == "refused" and not report.reason:
        return "declined"
    if report.outcome in ("withdrawn", "refused", "in_review", "incomplete"):
        return report.outcome
    if report.due_class in ("waived", "not_applicable"):
        return "waived"
    if report.due_class in ("on_time", "cured", "late"):
        rests_elsewhere = bool(report.decided_by) and report.decided_by != report.receipt
        moved_on = report.due_class == "on_time" and report.timing == "late"
        return "kept" if rests_elsewhere or moved_on else report.due_class
    if report.due_class == "in_review":
        return "held_up" if "own_outage" in report.notes else "awaiting"
    if report.due_class == "incomplete":
        return report.due_class
    return "late" if report.timing == "late" else "on_time" if report.timing == "on_time" else "in_review"


def shown_class(report: ReportFact) -> str:
    """The class or section a verdict names: kept and duplicates show what the period already has."""
    section = section_of(report)
    if section in ("kept", "waived", "awaiting"):
        return report.due_class
    if section in ("link_only", "declined"):
        return "refused"
    if section == "held_up":
        return "in_review"
    return settled_class(report) or section if section == "duplicate" else section


def settled_class(report: ReportFact) -> str:
    """The class the period already has, "" while there is none to speak of."""
    return report.due_class if report.due_class in ("on_time", "cured", "late", "incomplete", "in_review") else ""


def mail_section(facts: AcknowledgementFacts) -> str:
    """What a letter about a mail without any report says: refused, in_review, link_only, empty_message, elsewhere or no_report."""
    if facts.correction and facts.correction.after == ELSEWHERE:
        return ELSEWHERE
    if facts.reason in ("link_only", "empty_message", "no_report"):
        return facts.reason
    if facts.outcome == "needs_review" or any(f.outcome == "needs_review" for f in facts.files):
        return "in_review"
    if facts.outcome == "refused" and not refused_files(facts):
        return "refused_mail"
    return "refused" if refused_files(facts) else "no_report"


def refused_files(facts: AcknowledgementFacts) -> tuple[FileFact, ...]:
    """The files the sender is asked to send again."""
    return tuple(f for f in facts.files if f.outcome == "refused")


def unsettled(facts: AcknowledgementFacts) -> bool:
    """Whether this very mail leaves a report to be sent, so that "nothing is owed" would read as a contradiction."""
    if facts.explained and not facts.reports:
        return bool(facts.unmet)
    return not facts.reports or any(section_of(r) in NOT_SETTLED for r in facts.reports)


def class_word(code: str, form: str) -> str:
    """A class or section in words; form: page, letter, verdict, subject, mood. An unknown code is shown as it is."""
    entry = words("class").get(code)
    return str(entry[form]) if entry else code


def reason_word(code: str | None, form: str, file_type: str = "") -> str:
    """A reason in words; form: file, fix, page."""
    entry = catalogue("reasons").get(code or "")
    if entry is None:
        return phrase("label", "unknown_reason") if form != "fix" else str(catalogue("reasons")["corrupt"]["fix"])
    ending = "" if file_type in _NO_ENDING else f".{file_type}"
    return str(entry[form]).format(type=ending).replace("  ", " ").replace(" ()", "")


def note_word(code: str) -> str:
    """Why something waits or was not accepted, in a few words: a reason, or what the secretariat is asked to settle."""
    return (
        reason_word(code, "page")
        if code in catalogue("reasons")
        else str(catalogue("matters")["review"].get(code, code))
    )


def outcome_word(code: str) -> str:
    """A class code or a period key in words; anything else as it is."""
    if code in words("class"):
        return class_word(code, "letter")
    return period_name(code) if ":" in code else code


def inside(text: str) -> str:
    """The same as a part of a sentence: its first letter small, unless it begins with capitals (UBND), no full stop."""
    small = text[:1].lower() + text[1:] if not text[1:2].isupper() else text
    return small.rstrip(".")


def sentence(text: str) -> str:
    """The same with a capital at its start."""
    return text[:1].upper() + text[1:]


def first_due(facts: AcknowledgementFacts) -> datetime | None:
    """The cutoff a mail without a report could still meet: the next one, else the nearest owed; None when it may be for one that passed."""
    if any(o.overdue for o in facts.owed):
        return None
    return facts.next_due_at or min((o.due_at for o in facts.owed if o.due_at and not o.overdue), default=None)


def refused_of(facts: AcknowledgementFacts, report: ReportFact | None = None) -> tuple[FileFact, ...]:
    """The files that could not be read: all of the mail, or the one this report stands for."""
    refused = refused_files(facts)
    if report is None:
        return refused
    own = tuple(f for f in refused if f.name == report.file)
    if own or not report.file:
        return own or refused
    return (FileFact(report.file, "refused", report.reason),)


def file_name(name: str) -> str:
    """A file's name in quotation marks."""
    return f'"{name or phrase("label", "no_name")}"'


def file_in_list(name: str) -> str:
    """A file in a list of files: its name in quotation marks; a part nobody named is the text of the mail."""
    return phrase("label", "body") if _UNNAMED.fullmatch(name) else file_name(name)


def file_label(name: str) -> str:
    """A file in a sentence: tệp "…"; a part of the mail nobody named is its text: nội dung thư."""
    return phrase("label", "body") if _UNNAMED.fullmatch(name) else phrase("label", "file", name=file_name(name))


def file_fate(file: FileFact) -> str:
    """What became of a file: đã đọc · chưa đọc được: tệp được đặt mật khẩu."""
    words_of_mail = file.outcome == "enclosure" and _UNNAMED.fullmatch(file.name)  # nothing enclosed with it
    fate = phrase("file", "body" if words_of_mail else file.outcome) or file.outcome
    if file.outcome == "refused" and file.reason:
        return f"{fate}: {reason_word(file.reason, 'file', file.type)}"
    return fate


def missing_core(report: ReportFact) -> tuple[FigureFact, ...]:
    """The lines the form marks core that are not stated."""
    return tuple(f for f in report.figures if f.core and f.state not in ("number", "zero", "nil"))


def place_text(finding: FindingFact) -> str:
    """Where a finding stands: tệp "…", mục I, trang 1; "" when not known."""
    pieces: tuple[tuple[str, str | int | None], ...] = (
        ("section", finding.section),
        ("page", finding.page),
        ("table", finding.table),
        ("row", finding.row),
        ("cell", finding.cell),
    )
    told = [phrase("place", name, **{name: value}) for name, value in pieces if value]
    return ", ".join([file_label(finding.file), *told] if finding.file else told)


def moved_text(timezone: str, due_at: datetime | None, due_original: datetime | None, why: str | None) -> str:
    """Why a due stands at another moment than usual, "" when it does not: "lùi từ ngày … do nghỉ lễ".

    Moved inside its day it is the hour that tells: "được gia hạn từ 10 giờ 00 phút, ngày 21/7/2017".
    """
    if due_at is None or due_original is None or due_at == due_original:
        return ""
    code, _, detail = (why or "").partition(":")
    told = moments(timezone)
    day = told.day(due_original)
    from_when = (
        told.due_plain(due_original) if told.same_day(due_at, due_original) else phrase("due_why", "day", day=day)
    )
    if code in ("holiday", "weekend"):
        return phrase("due_why", f"{code}_later" if due_at > due_original else f"{code}_earlier", day=day)
    if code == "override" and detail.strip():
        return phrase("due_why", "override", when=from_when, reason=detail.strip())
    return phrase("due_why", "extended" if code == "extended" else "other", when=from_when)
