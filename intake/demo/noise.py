"""What else lies in a shared mailbox: automatic replies, bounces, newsletters, invitations, and worse. No due hangs on it."""

from __future__ import annotations

from dataclasses import replace

from intake.demo import documents, letters
from intake.demo.letters import Draft, File
from intake.demo.paper import texts
from intake.demo.scene import DemoMail, Scene
from intake.demo.stories import NESTING
from intake.rules.values import Agency

POISON = "X-Demo-Poison"  # header at which the demo's worker dies


def away(scene: Scene, agency: Agency) -> DemoMail:
    """Somebody's holiday reply to one of our letters."""
    words = texts("mails")
    draft = scene.draft(agency, words["subject"]["away"], words["text"]["away"])
    return scene.mail(
        "away", replace(draft, headers=(("Auto-Submitted", "auto-replied"),)), scene.at("10:11:09"), state="automatic"
    )


def newsletter(scene: Scene, agency: Agency) -> DemoMail:
    """A mailing list that has our address."""
    words = texts("mails")
    subject = words["subject"]["newsletter"].format(**scene.words(agency))
    headers = (("List-Id", "<bantin.lists.example>"), ("Precedence", "bulk"))
    draft = Draft("", "bantin@lists.example", subject, words["text"]["newsletter"], headers=headers)
    return scene.mail("newsletter", draft, scene.at("06:15:00", -1), state="automatic")


def bounce(scene: Scene) -> DemoMail:
    """A letter to an address that no longer exists came back."""
    words = texts("mails")
    draft = Draft("", "hopthucu@tinh.example", words["subject"]["bounce"], words["text"]["bounce"])
    at = scene.at("10:09:30")
    lost = f"<reminder.1.{scene.rng.getrandbits(128):032x}@{letters.BORDER}>"
    return DemoMail(letters.bounce(draft, lost, at, scene.rng), at, (), "bounce", "bounce")


def invitation(scene: Scene, agency: Agency) -> DemoMail:
    """An agency invites to a meeting: no report."""
    words = texts("mails")
    text = words["text"]["invitation"].format(agency=agency.name)
    subject = words["subject"]["invitation"]
    file = File(f"{subject}.docx", documents.plain_docx(subject.upper(), (text,)))
    return scene.mail(
        "invitation", scene.draft(agency, subject, text, file), scene.at("11:20:00", -2), state="not_a_report"
    )


def owes_nothing(scene: Scene, agency: Agency) -> DemoMail:
    """A commune reports to us instead of to its district."""
    written = scene.paper("weekly", agency, scene.numbers("weekly", agency))
    file = scene.file("weekly", agency, written, "docx")
    draft = scene.draft(agency, scene.subject("weekly", agency), scene.body("report", agency), file)
    return scene.mail("owes_nothing", draft, scene.in_time(), state="")


def nested(scene: Scene, agency: Agency) -> DemoMail:
    """A mail inside a mail, two hundred deep: for a person, and nobody else waits."""
    words = texts("mails")
    draft = scene.draft(agency, words["subject"]["nested"], words["text"]["nested"])
    at = scene.at("09:12:00")
    return DemoMail(letters.nested(NESTING, draft, at, scene.rng), at, (), "nested", "needs_review")


def poison(scene: Scene, agency: Agency) -> DemoMail:
    """A mail that kills the reader each time it is opened (the demo's worker does so at this mark): set aside after three tries."""
    words = texts("mails")
    draft = scene.draft(agency, words["subject"]["nested"], words["text"]["nested"])
    marked = replace(draft, headers=((POISON, "1"),))
    return scene.mail("poison", marked, scene.at("09:14:00"), state="set_aside")
