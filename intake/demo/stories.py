"""What happens to single agencies in a demo week: a function a story, each giving its mails and what must come of them.

Nothing here knows how the service reads or judges; the expectations are written down from the plan's rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from intake.demo import archives, documents, figures, letters, paper
from intake.demo.letters import Draft, File
from intake.demo.paper import texts
from intake.demo.scene import DemoMail, Expectation, Scene
from intake.rules.values import Agency

Story = Callable[[Scene, Agency], list[DemoMail]]
NESTING = 200  # mails inside one another


def _one(scene: Scene, agency: Agency, story: str, form: str, *, at: datetime, due_class: str = "on_time") -> DemoMail:
    """The usual weekly mail: one file."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), form)
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), file)
    return scene.mail(story, draft, at, scene.expect("weekly", agency, "accepted", due_class, numbers))


def _of_form(form: str) -> Story:
    def story(scene: Scene, agency: Agency) -> list[DemoMail]:
        return [_one(scene, agency, form, form, at=scene.in_time())]

    return story


def _arriving(name: str, clock: str, due_class: str) -> Story:
    def story(scene: Scene, agency: Agency) -> list[DemoMail]:
        return [_one(scene, agency, name, "docx", at=scene.at(clock), due_class=due_class)]

    return story


as_docx, as_xlsx, as_xls, as_pdf = (_of_form(form) for form in ("docx", "xlsx", "xls", "pdf"))
exactly_ten = _arriving("exactly_ten", "10:00:00", "on_time")
one_second_late = _arriving("one_second_late", "10:00:01", "late")
minutes_late = _arriving("minutes_late", "10:07:23", "late")
hours_late = _arriving("hours_late", "14:32:10", "late")


def missing(scene: Scene, agency: Agency) -> list[DemoMail]:  # noqa: ARG001 -- nothing is sent
    """Nothing comes."""
    return []


def last_week(scene: Scene, agency: Agency) -> list[DemoMail]:
    """The agency reports the calendar week before, as it does every week."""
    scene.last_week.add(agency.code)
    return [_one(scene, agency, "last_week", "docx", at=scene.in_time())]


def trial_only(scene: Scene, agency: Agency) -> list[DemoMail]:
    """A trial counts for nothing."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    subject = texts("mails")["subject"]["trial"].format(subject=scene.subject("weekly", agency))
    draft = scene.draft(agency, subject, scene.body("trial", agency), file)
    return [scene.mail("trial", draft, scene.at("15:10:40", -2), state="test")]


def trial_then_report(scene: Scene, agency: Agency) -> list[DemoMail]:
    """A trial first, the report in time."""
    return [*trial_only(scene, agency), _one(scene, agency, "after_trial", "docx", at=scene.in_time())]


def duplicate(scene: Scene, agency: Agency) -> list[DemoMail]:
    """The same file twice, to be sure."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    subject = scene.subject("weekly", agency)
    first = scene.draft(agency, subject, scene.body("report", agency), file)
    again = scene.draft(
        agency, texts("mails")["subject"]["again"].format(subject=subject), scene.body("again", agency), file
    )
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [
        scene.mail("duplicate", first, scene.at("16:20:05", -1), expect),
        scene.mail(
            "duplicate_again", again, scene.at("08:31:55"), replace(expect, outcome="duplicate"), state="duplicate"
        ),
    ]


def corrected(scene: Scene, agency: Agency) -> list[DemoMail]:
    """A second revision with better figures, both in time."""
    numbers = scene.numbers("weekly", agency)
    better = figures.corrected(numbers)
    subject = scene.subject("weekly", agency)
    mails = []
    for story, text, values, title, at in (
        ("corrected", "report", numbers, subject, scene.at("15:44:31", -1)),
        (
            "corrected_again",
            "corrected",
            better,
            texts("mails")["subject"]["corrected"].format(subject=subject),
            scene.at("09:28:12"),
        ),
    ):
        file = scene.file("weekly", agency, scene.paper("weekly", agency, values), "docx")
        draft = scene.draft(agency, title, scene.body(text, agency), file)
        mails.append(scene.mail(story, draft, at, scene.expect("weekly", agency, "accepted", "on_time", values)))
    return mails


def wrong_sum(scene: Scene, agency: Agency) -> list[DemoMail]:
    """On time and overdue do not make what was resolved: accepted, with a question."""
    numbers = figures.wrong_sum(scene.numbers("weekly", agency))
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), file)
    expect = replace(
        scene.expect("weekly", agency, "accepted", "on_time", numbers), flagged=("resolved", "on_time", "overdue")
    )
    return [scene.mail("wrong_sum", draft, scene.in_time(), expect)]


def unknown_sender(scene: Scene, agency: Agency) -> list[DemoMail]:
    """A new clerk writes from an address nobody registered."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), file)
    draft = replace(draft, address=f"vanthu.{agency.code.lower()}@donvi.example")
    expect = scene.expect("weekly", agency, "in_review", "in_review", numbers)
    return [scene.mail("unknown_sender", draft, scene.in_time(), expect, state="needs_review")]


def handed_on(scene: Scene, agency: Agency) -> list[DemoMail]:
    """Sent to the secretariat by mistake, handed on whole."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    subject = scene.subject("weekly", agency)
    inner = scene.message(scene.draft(agency, subject, scene.body("report", agency), file), scene.at("14:02:00", -1))
    outer = Draft(
        name="",
        address=letters.SECRETARIAT,
        subject=texts("mails")["subject"]["forwarded"].format(subject=subject),
        text=scene.body("forwarded", agency),
        inner=inner,
    )
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [scene.mail("handed_on", outer, scene.at("08:47:19"), expect)]


def with_decision(scene: Scene, agency: Agency) -> list[DemoMail]:
    """The report, and beside it a decision that is no report."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    words = texts("mails")["decision"]
    number = words["number"].format(number=scene.rng.randint(100, 900), code=agency.code)
    decision = documents.plain_docx(words["title"], (agency.name.upper(), number, words["about"], *words["articles"]))
    beside = File(f"{texts('mails')['name']['decision']}.docx", decision)
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), beside, file)
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [scene.mail("with_decision", draft, scene.in_time(), expect)]


def signed_copy(scene: Scene, agency: Agency) -> list[DemoMail]:
    """The Word file and its signed copy as PDF: one revision."""
    numbers = scene.numbers("weekly", agency)
    written = scene.paper("weekly", agency, numbers)
    file = scene.file("weekly", agency, written, "docx")
    name = texts("mails")["name"]["scan"].format(name=file.name.removesuffix(".docx"))
    scan = File(f"{name}.pdf", documents.as_pdf(written, stamp=texts("mails")["letterhead"]["stamp"]))
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), scan, file)
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [scene.mail("signed_copy", draft, scene.in_time(), expect)]


def in_zip(scene: Scene, agency: Agency) -> list[DemoMail]:
    """A docx inside a zip."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    packed = File(f"{texts('mails')['name']['archive']}.zip", archives.zipped({file.name: file.data}))
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), packed)
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [scene.mail("in_zip", draft, scene.in_time(), expect)]


def locked(scene: Scene, agency: Agency) -> list[DemoMail]:
    """A zip with a password, and nothing after it."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    packed = archives.locked(file.name, file.data, b"matkhau", scene.rng)
    name = f"{texts('mails')['name']['archive']}.zip"
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("locked", agency), File(name, packed))
    return [scene.mail("locked", draft, scene.in_time(), scene.expect("weekly", agency, "refused", "incomplete"))]


def broken_then_good(scene: Scene, agency: Agency) -> list[DemoMail]:
    """Half a docx first, the whole one in time."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    half = replace(file, data=file.data[: len(file.data) // 2])
    subject = scene.subject("weekly", agency)
    broken = scene.draft(agency, subject, scene.body("report", agency), half)
    good = scene.draft(
        agency, texts("mails")["subject"]["again"].format(subject=subject), scene.body("again", agency), file
    )
    return [
        scene.mail(
            "broken", broken, scene.at("08:05:44"), scene.expect("weekly", agency, "refused", "incomplete"), state=""
        ),
        scene.mail(
            "broken_mended",
            good,
            scene.at("09:41:02"),
            scene.expect("weekly", agency, "accepted", "on_time", numbers),
        ),
    ]


def blank(scene: Scene, agency: Agency) -> list[DemoMail]:
    """The form as handed out, nothing filled in."""
    empty = paper.blank_form("weekly", figures.blank(scene.numbers("weekly", agency)))
    file = scene.file("weekly", agency, empty, "docx")
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), file)
    return [scene.mail("blank", draft, scene.in_time(), scene.expect("weekly", agency, "incomplete", "incomplete"))]


def cured(scene: Scene, agency: Agency) -> list[DemoMail]:
    """Three of five core lines in time, the rest within the cure window."""
    numbers = scene.numbers("weekly", agency)
    half = figures.half_filled(numbers)
    subject = scene.subject("weekly", agency)
    mails = []
    for story, values, title, at, outcome, due_class in (
        ("half_filled", half, subject, scene.at("09:03:27"), "incomplete", "incomplete"),
        (
            "cured",
            numbers,
            texts("mails")["subject"]["corrected"].format(subject=subject),
            scene.at("15:16:48"),
            "accepted",
            "cured",
        ),
    ):
        file = scene.file("weekly", agency, scene.paper("weekly", agency, values), "docx")
        draft = scene.draft(agency, title, scene.body("report", agency), file)
        mails.append(scene.mail(story, draft, at, scene.expect("weekly", agency, outcome, due_class, values)))
    return mails


def decomposed(scene: Scene, agency: Agency) -> list[DemoMail]:
    """Letters and tones written apart, in the file and in its name."""
    numbers = scene.numbers("weekly", agency)
    file = scene.file("weekly", agency, documents.decomposed(scene.paper("weekly", agency, numbers)), "docx")
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), file)
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [scene.mail("decomposed", draft, scene.in_time(), expect)]


def _in_body(name: str, charset: str = "utf-8", *, html: bool = False) -> Story:
    def story(scene: Scene, agency: Agency) -> list[DemoMail]:
        numbers = scene.numbers("weekly", agency)
        written = scene.paper("weekly", agency, numbers)
        text = scene.body("report", agency) if html else documents.as_text(written)
        draft = replace(
            scene.draft(agency, scene.subject("weekly", agency), text),
            html=documents.as_html(written) if html else "",
            charset=charset,
        )
        return [
            scene.mail(name, draft, scene.in_time(), scene.expect("weekly", agency, "accepted", "on_time", numbers))
        ]

    return story


text_body = _in_body("text_body")
html_body = _in_body("html_body", html=True)
windows_1258 = _in_body("windows_1258", "windows-1258")


def mixed(scene: Scene, agency: Agency, below: Agency) -> list[DemoMail]:
    """A district sends its own report, and a commune's beside it: an enclosure."""
    numbers = scene.numbers("weekly", agency)
    own = scene.file("weekly", agency, scene.paper("weekly", agency, numbers), "docx")
    theirs = scene.paper("weekly", below, scene.numbers("weekly", below))
    other = File(f"BC {below.code}.docx", documents.as_docx(theirs))
    body = scene.body("mixed", agency, other=below.name)
    draft = scene.draft(agency, scene.subject("weekly", agency), body, own, other)
    expect = scene.expect("weekly", agency, "accepted", "on_time", numbers)
    return [scene.mail("mixed", draft, scene.in_time(), expect)]


def both(form: str, clock: str = "", due_class: str = "on_time", *, one_mail: bool = True) -> Story:
    """Weekly and monthly of the last Friday, in one mail or in two."""

    def story(scene: Scene, agency: Agency) -> list[DemoMail]:
        files: list[File] = []
        expects: list[Expectation] = []
        for kind in ("weekly", "monthly"):
            numbers = scene.numbers(kind, agency)
            files.append(scene.file(kind, agency, scene.paper(kind, agency, numbers), form))
            expects.append(scene.expect(kind, agency, "accepted", due_class, numbers))
        at = scene.at(clock) if clock else scene.in_time()
        if one_mail:
            subject = texts("mails")["subject"]["both"].format(**scene.words(agency, "monthly"))
            return [scene.mail("both", scene.draft(agency, subject, subject, *files), at, *expects)]
        return [
            scene.mail(
                f"separate_{kind}",
                scene.draft(agency, scene.subject(kind, agency), scene.body("report", agency, kind), file),
                scene.at(clock) if clock else scene.in_time(),
                expect,
            )
            for kind, file, expect in zip(("weekly", "monthly"), files, expects, strict=True)
        ]

    return story


def monthly_only(form: str, clock: str = "", due_class: str = "on_time", *, half: bool = False) -> Story:
    """The monthly report alone; half filled it is incomplete."""

    def story(scene: Scene, agency: Agency) -> list[DemoMail]:
        numbers = scene.numbers("monthly", agency)
        if half:
            numbers = figures.half_filled(numbers)
        file = scene.file("monthly", agency, scene.paper("monthly", agency, numbers), form)
        draft = scene.draft(agency, scene.subject("monthly", agency), scene.body("report", agency, "monthly"), file)
        expect = scene.expect("monthly", agency, "incomplete" if half else "accepted", due_class, numbers)
        return [scene.mail("monthly_only", draft, scene.at(clock) if clock else scene.in_time(), expect)]

    return story


def then(*stories: Story) -> Story:
    """One story after another, about the same agency."""

    def story(scene: Scene, agency: Agency) -> list[DemoMail]:
        return [mail for single in stories for mail in single(scene, agency)]

    return story
