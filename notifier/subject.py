"""Subjects: the sender's title kept, our result behind it, the receipt in brackets at the end.

Rules: one "Re:" however many the title had; our own result and receipt of an earlier letter in the thread are taken off the title
before new ones are put on; with several reports in one mail each says its own result, unless all are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from notifier import vietnamese_format as vf
from notifier import wording
from notifier.facts import AcknowledgementFacts, MissingFacts, OwedFact, ReminderFacts, ReportFact, RequestFacts
from notifier.facts_of_many import AlarmFacts, DigestFacts, EscalationFacts, SummaryFacts
from notifier.office import Office
from notifier.plain import one_line
from notifier.texts import catalogue, phrase

TITLE_MAX = 150  # characters of the sender's own title
_REPLIES = re.compile(r"^(?:\s*(?:re|fw|fwd|tr|trả lời|chuyển tiếp)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_OURS = re.compile(r"\s+–\s[^\[\]]*\[CCHC-[^\[\]]*\]\s*$")


def of_acknowledgement(facts: AcknowledgementFacts) -> str:
    """The subject of an answer: Re: {title} – {result} [{receipt}]."""
    subjects = catalogue("subjects")
    title = _OURS.sub("", _REPLIES.sub("", one_line(facts.subject, TITLE_MAX * 2)))
    title = one_line(title, TITLE_MAX) or phrase("label", "no_subject")
    return str(subjects["reply"]).format(title=title, result=_result(facts), receipt=facts.receipt)


def of_reminder(facts: ReminderFacts, office: Office) -> str:
    """Nhắc gửi báo cáo tuần CCHC – thời hạn 10 giờ 00, thứ Sáu, ngày 21/7/2017."""
    dues = sorted(o.due_at for o in facts.items if o.due_at)
    due = wording.moments(office.timezone).due_short(dues[0]) if dues else ""
    names = list(dict.fromkeys(wording.type_short(o.type) for o in facts.items))
    reports = _joined(names)
    return _notice("reminder", reports=reports if "CCHC" in reports else f"{reports} CCHC", due=due)


def of_missing(facts: MissingFacts, *, escalation: bool = False) -> str:
    """Chưa nhận được báo cáo tuần CCHC kỳ ngày 21/7/2017."""
    names = _named(facts.items)
    if facts.excused:
        return _notice("missing_excused", reports=names)
    if facts.waiting:
        return _notice("missing_waiting", reports=names)
    return (
        _notice("escalation", reports=names, n=vf.count(facts.streak))
        if escalation
        else _notice("missing", reports=names)
    )


def of_summary(facts: SummaryFacts) -> str:
    """Tổng hợp tình hình nộp báo cáo CCHC tháng 7/2017."""
    return _notice("summary", period=wording.period_name(facts.span))


def of_escalation(facts: EscalationFacts) -> str:
    """02 cơ quan chưa nộp nhiều kỳ liên tiếp: báo cáo tuần CCHC kỳ 21/7/2017."""
    return _notice(
        "escalation_many", n=vf.count(len(facts.lines)), report=wording.type_digest(facts.type, facts.period)
    )


def of_request(facts: RequestFacts) -> str:
    """The subject of a request to the registered addresses; the receipt finds the mail again when threading is lost."""
    title = _notice("request")
    return f"{title} [{facts.receipt}]" if facts.receipt else title


def of_alarm(facts: AlarmFacts) -> str:
    """[CẢNH BÁO] what happened."""
    return _notice("alarm_over" if facts.recovered else "alarm", what=alarm_text(facts.what))


def alarm_text(what: str) -> str:
    """An alarm's code in words, or the words themselves."""
    return str(catalogue("matters")["alarm"].get(what, what))


def alarm_detail(facts: AlarmFacts) -> str:
    """What is known beyond the alarm itself: the catalogue's words with its numbers, or the words given."""
    said = catalogue("matters")["alarm_detail"].get(facts.what)
    if facts.recovered or not said or ("{" in said and not facts.numbers):
        return facts.detail
    return one_line(str(said).format_map({name: one_line(str(value)) for name, value in facts.numbers.items()}))


def alarm_assurance(facts: AlarmFacts) -> str:
    """What may be relied on all the same; nothing is promised once an alarm about what we keep is over."""
    said = catalogue("matters")["alarm_assurance"]
    if facts.recovered and facts.what in said:
        return ""
    return str(said.get(facts.what, said["otherwise"]))


def of_digest(facts: DigestFacts, office: Office) -> str:
    """Tình hình nộp báo cáo tuần CCHC kỳ 21/7/2017: 20/29 đúng hạn, 03 nộp chậm, 03 chưa nhận (tính đến 10 giờ 05)."""
    return _notice(
        "digest_provisional" if facts.provisional else "digest_follow_up" if facts.follow_up else "digest",
        report=wording.type_digest(facts.type, facts.period),
        counts=_counts(facts),
        at=_digest_at(facts, office),
    )


def _digest_at(facts: DigestFacts, office: Office) -> str:
    moments = wording.moments(office.timezone)
    return moments.short(facts.at) if moments.same_day(facts.at, facts.due_at) else moments.at(facts.at)


def _counts(facts: DigestFacts) -> str:
    if not facts.expected:
        return _notice("digest_nobody")
    pieces = [_notice("digest_on_time", n=facts.classes.get("on_time", 0), expected=facts.expected)]
    pieces.append(_notice("digest_late", n=vf.count(facts.classes.get("late", 0))))
    missing = "digest_not_seen" if facts.provisional else "digest_missing"
    pieces.append(_notice(missing, n=vf.count(facts.classes.get("missing", 0))))
    return ", ".join(pieces)


def _result(facts: AcknowledgementFacts) -> str:
    results = catalogue("subjects")["result"]
    if facts.correction:
        after = facts.correction.after
        if after == facts.correction.before:
            return str(results["correction_same"]).format(result=wording.outcome_word(after))
        return str(results["correction"]).format(result=wording.outcome_word(after))
    for code in ("test", "waiting", "owes_nothing"):
        if getattr(facts, code):
            return str(results[code])
    if facts.explained and not facts.reports:
        return str(results["explained_unmet" if facts.unmet else "explained"])
    if not facts.reports:
        return str(results[wording.mail_section(facts)])
    told = [_report_result(report) for report in facts.reports]
    if len(set(told)) == 1:
        return told[0]
    several = str(catalogue("subjects")["several"])
    return "; ".join(
        several.format(type=_told_apart(report, facts.reports), result=result[:1].lower() + result[1:])
        for report, result in zip(facts.reports, told, strict=True)
    )


def _told_apart(report: ReportFact, reports: Sequence[ReportFact]) -> str:
    """What a report of several is called: by its type, and by its period as well where the mail holds two of the type."""
    several = sum(other.type == report.type for other in reports) > 1
    return (
        wording.type_subject(report.type, report.period)
        if several and report.period
        else wording.type_short(report.type)
    )


def _report_result(report: ReportFact) -> str:
    results = catalogue("subjects")["result"]
    section = wording.section_of(report)
    result = str(results[report.due_class if section == "waived" else section])
    n = len(wording.to_check(report))
    if n and section in ("on_time", "cured", "late", "held_up", "kept", "awaiting"):
        return str(results["findings"]).format(result=result, n=vf.count(n))
    return result


def _named(items: Sequence[OwedFact]) -> str:
    return _joined([wording.type_subject(o.type, o.period) for o in items])


def _joined(names: Sequence[str]) -> str:
    """One, "A và B", "A, B và C"."""
    return str(catalogue("subjects")["notice"]["and"]).join(
        filter(None, (", ".join(names[:-1]), names[-1] if names else ""))
    )


def _notice(name: str, **values: object) -> str:
    return str(catalogue("subjects")["notice"][name]).format(**values)
