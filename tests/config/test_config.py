"""config.toml → Settings: every key, every default, every mistake at once."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from intake.config import ConfigError, load, starter
from intake.rules.calendar import Calendar
from intake.rules.roster import parse_roster
from intake.rules.values import PeriodOverride, ReportType

SMALLEST = """
[mailbox]
url = "imaps://cchc@mail.example"
[smtp]
url = "smtps://cchc@mail.example"
from = "CCHC <cchc@mail.example>"
[calendar]
start = 2017-07-17
"""
WORDS = {"CCHC_IMAP_PASSWORD": "mailbox-word", "CCHC_SMTP_PASSWORD": "smtp-word"}


@pytest.fixture
def written(tmp_path):
    """Load a configuration from its text."""

    def load_text(text: str, environ=None):
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, WORDS if environ is None else environ)

    return load_text


def changed(old: str, new: str) -> str:
    assert old in SMALLEST
    return SMALLEST.replace(old, new)


def problems_of(load_text, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as wrong:
        load_text(text)
    return wrong.value.problems


def test_the_smallest_configuration_has_the_contracts_defaults(written, tmp_path):
    settings = written(SMALLEST)
    assert settings.path == tmp_path / "config.toml"
    assert settings.office.name == "Sở Nội vụ"
    mailbox = settings.mailbox
    assert (mailbox.kind, mailbox.host, mailbox.port, mailbox.security) == ("imap", "mail.example", 993, "tls")
    assert (mailbox.user, mailbox.folder, mailbox.password()) == ("cchc", "INBOX", "mailbox-word")
    assert (mailbox.poll_seconds, mailbox.idle, mailbox.filed, mailbox.also_watch) == (60, True, "CCHC", ())
    assert (mailbox.border, mailbox.authserv_id, mailbox.require_auth) == ("", "", False)
    smtp = settings.smtp
    assert (smtp.host, smtp.port, smtp.security, smtp.user, smtp.password()) == (
        "mail.example",
        465,
        "tls",
        "cchc",
        "smtp-word",
    )
    assert (smtp.from_header, smtp.from_address) == ("CCHC <cchc@mail.example>", "cchc@mail.example")
    assert (smtp.envelope_from, smtp.self_copy) == ("cchc@mail.example", "")
    assert settings.storage.url == f"sqlite:///{tmp_path}/var/cchc.db"
    assert settings.storage.vault == tmp_path / "var/vault"
    calendar = settings.calendar
    assert (calendar.start, calendar.timezone) == (date(2017, 7, 17), "Asia/Ho_Chi_Minh")
    assert (calendar.at_cutoff, calendar.grace_seconds) == ("on_time", 0)
    assert (calendar.holiday, calendar.month_friday) == ("next", "last")
    assert [report.type for report in settings.reports] == ["weekly", "monthly"]
    assert settings.roster_file == tmp_path / "roster.csv"
    assert settings.forms_folder == tmp_path / "forms"
    notify = settings.notify
    assert (notify.secretariat, notify.operator, notify.reminders) == ((), (), ("D-1 14:00", "D 08:00"))
    assert (notify.digest_after_minutes, notify.answer, notify.per_address_per_hour, notify.per_hour) == (
        5,
        True,
        20,
        1000,
    )
    assert settings.retention_years == 0
    assert (settings.web.host, settings.web.port, settings.web.enabled) == ("127.0.0.1", 8017, False)
    assert settings.warnings == ()


def test_the_starter_written_by_init_loads_and_says_the_same_as_the_defaults(written):
    today = date(2026, 11, 22)
    files = starter(today)
    full = written(files["config.toml"])
    small = written(changed("2017-07-17", "2026-11-22"))
    assert full.calendar == small.calendar
    assert full.calendar.start == today
    assert full.reports == small.reports
    assert full.notify == small.notify
    assert full.mailbox == small.mailbox
    assert full.smtp == small.smtp
    assert (full.office, full.storage, full.web, full.retention_years) == (
        small.office,
        small.storage,
        small.web,
        small.retention_years,
    )
    assert (full.roster_file, full.forms_folder) == (small.roster_file, small.forms_folder)


def test_the_configuration_at_the_top_of_the_repository_is_the_starter():
    top = Path(__file__).parents[2] / "config.toml"
    settings = load(top, {})
    assert starter(settings.calendar.start)["config.toml"] == top.read_text(encoding="utf-8")
    assert settings.roster_file == top.with_name("roster.csv")


def test_the_starters_rosters_are_good_ones():
    files = starter(date(2026, 11, 22))
    assert parse_roster(files["roster.csv"]).agencies == ()
    assert {agency.code for agency in parse_roster(files["roster.example.csv"]).agencies} == {
        "SNV",
        "STTTT",
        "HUYENA",
        "XA1",
    }


def test_every_mistake_is_told_at_once_with_its_key_and_what_is_expected(written):
    problems = problems_of(
        written,
        """
[office]
name = ""
nmae = "x"
[mailbox]
url = "http://cchc@mail.example"
poll_seconds = 0
idle = "yes"
also_watch = "Junk"
require_auth = true
[smtp]
url = "smtp://mail.example?starttls=no"
from = "nobody"
[storage]
url = "mysql://x"
[calendar]
start = "next week"
timezone = "Asia/Nowhere"
at_cutoff = "maybe"
grace_seconds = -1
days_off = [2026-01-02, "soon"]
[[report]]
type = "weekly"
due = "first FRI"
late_days = "three"
[[report]]
type = "monthly"
due = "last FRI 25:00"
cure_until = "5pm"
holiday = "never"
[[report]]
type = "adhoc"
[[period]]
key = "weekly:2026-02-20"
[notify]
secretariat = ["thuky"]
reminders = ["D+1 14:00"]
per_hour = 0
[retention]
years = -1
[web]
listen = "8017"
[wbe]
listen = "x"
""",
    )
    keys = [problem.split(":")[0] for problem in problems]
    assert set(keys) >= {
        "office.name",
        "office.nmae",
        "mailbox.url",
        "mailbox.poll_seconds",
        "mailbox.idle",
        "mailbox.also_watch",
        "mailbox.require_auth",
        "smtp.url",
        "smtp.from",
        "storage.url",
        "calendar.start",
        "calendar.timezone",
        "calendar.at_cutoff",
        "calendar.grace_seconds",
        "calendar.days_off",
        "report[weekly].due",
        "report[weekly].late_days",
        "report[monthly].due",
        "report[monthly].cure_until",
        "report[monthly].holiday",
        "report[adhoc].every",
        "report[adhoc].due",
        "notify.secretariat",
        "notify.reminders",
        "notify.per_hour",
        "retention.years",
        "web.listen",
        "wbe",
    }
    assert any(key.startswith("period[weekly") for key in keys)
    assert all("expected" in problem or "no such key" in problem for problem in problems)
    assert any(problem.startswith("mailbox.url: expected imaps://user@host:993/INBOX") for problem in problems)
    assert any("did you mean 'name'" in problem for problem in problems)
    assert any("did you mean 'web'" in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mailbox\n", "expected TOML"),
        ("a = 1\na = 2\n", "expected TOML"),
        ('mailbox = "x"\n' + SMALLEST.replace("[mailbox]", "[other]"), "mailbox: expected a table"),
        ("report = 3\n" + SMALLEST, "report: expected [[report]] tables"),
        ("report = []\n" + SMALLEST, "at least one [[report]]"),
        ("report = [3]\n" + SMALLEST, "report[#1]: expected a table"),
    ],
)
def test_a_file_of_another_shape_is_told_so(written, text, said):
    assert any(said in problem for problem in problems_of(written, text))


def test_a_missing_file_and_one_that_is_no_text_are_told_so(tmp_path):
    with pytest.raises(ConfigError, match="cchc init"):
        load(tmp_path / "none.toml", {})
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "bytes.toml", {})


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + SMALLEST.encode())
    assert load(tmp_path / "config.toml", WORDS).mailbox.host == "mail.example"


@pytest.mark.parametrize(
    ("url", "host", "port", "security", "user", "folder"),
    [
        ("imaps://cchc@mail.example:1993/B%C3%A1o%20c%C3%A1o", "mail.example", 1993, "tls", "cchc", "Báo cáo"),
        ("imap://cchc@mail.example", "mail.example", 143, "starttls", "cchc", "INBOX"),
        ("imap://cchc@mail.example?starttls=yes", "mail.example", 143, "starttls", "cchc", "INBOX"),
        ("imap://cchc@127.0.0.1:1143/INBOX?starttls=no", "127.0.0.1", 1143, "none", "cchc", "INBOX"),
        ("imap://cchc@localhost:1143?starttls=no", "localhost", 1143, "none", "cchc", "INBOX"),
        ("imap://cchc@[::1]:1143?starttls=no", "::1", 1143, "none", "cchc", "INBOX"),
        ("imaps://cchc%40mail.example@mail.example", "mail.example", 993, "tls", "cchc@mail.example", "INBOX"),
        ("imaps://cchc@mail.example@mail.example", "mail.example", 993, "tls", "cchc@mail.example", "INBOX"),
    ],
)
def test_a_mailbox_url_is_understood(written, url, host, port, security, user, folder):
    mailbox = written(changed("imaps://cchc@mail.example", url)).mailbox
    assert (mailbox.host, mailbox.port, mailbox.security) == (host, port, security)
    assert (mailbox.user, mailbox.folder) == (user, folder)


@pytest.mark.parametrize(
    "url",
    [
        "imap://cchc@mail.example?starttls=no",  # cleartext beyond loopback
        "imap://cchc@10.0.0.1?starttls=no",
        "imap://cchc@127.0.0.1.example?starttls=no",
        "imaps://cchc@mail.example?starttls=no",
        "imaps://cchc@mail.example?ssl=no",
        "imaps://mail.example",  # nobody to log in as
        "imaps://cchc@mail.example:99999",
        "imaps://cchc@:993",
        "imaps://cchc@[::1",
        "pop3://cchc@mail.example",
        "maildir://host/path",
        "maildir:",
        "",
    ],
)
def test_a_mailbox_url_that_leads_nowhere_is_a_mistake(written, url):
    (problem,) = problems_of(written, changed("imaps://cchc@mail.example", url))
    assert problem.startswith("mailbox.url: expected ")


def test_a_password_in_a_url_is_refused_and_not_repeated(written):
    problems = problems_of(
        written,
        changed("imaps://cchc@mail.example", "imaps://cchc:geheim@mail.example").replace(
            "smtps://cchc@mail.example", "smtps://cchc:geheim@mail.example:x"
        ),
    )
    assert len(problems) == 2
    assert "geheim" not in " ".join(problems)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("maildir:///var/mail/cchc", "/var/mail/cchc"), ("maildir:box", None), ("maildir:///a%20b", "/a b")],
)
def test_a_maildir_is_a_mailbox_without_password(written, tmp_path, url, expected):
    mailbox = written(changed("imaps://cchc@mail.example", url), {}).mailbox
    assert mailbox.kind == "maildir"
    assert mailbox.path == (Path(expected) if expected else tmp_path / "box")


def test_an_smtp_server_without_user_needs_no_password(written):
    smtp = written(changed("smtps://cchc@mail.example", "smtp://127.0.0.1:2525?starttls=no"), {}).smtp
    assert (smtp.host, smtp.port, smtp.security, smtp.user, smtp.password()) == ("127.0.0.1", 2525, "none", "", "")


def test_a_missing_password_is_told_only_to_those_who_log_in(written):
    settings = written(SMALLEST, {"CCHC_SMTP_PASSWORD": ""})
    with pytest.raises(ConfigError, match=r"mailbox\.password_env: expected .* CCHC_IMAP_PASSWORD"):
        settings.mailbox.password()
    with pytest.raises(ConfigError, match=r"smtp\.password_env: .*CCHC_SMTP_PASSWORD"):
        settings.smtp.password()


def test_passwords_come_from_a_file_and_an_open_one_is_warned_of(written, tmp_path):
    secret = tmp_path / "word"
    secret.write_text("lời\n", encoding="utf-8")
    secret.chmod(0o644)
    text = changed("[smtp]", 'password_file = "word"\n[smtp]')
    settings = written(text)
    assert settings.mailbox.password() == "lời"
    (warning,) = settings.warnings
    assert warning.startswith("mailbox.password_file: ")
    secret.chmod(0o600)
    assert written(text).warnings == ()
    secret.write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        written(text).mailbox.password()
    secret.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        written(text).mailbox.password()


@pytest.mark.parametrize(
    "lines",
    [
        'password_env = "A"\npassword_file = "b"',
        'password = "here"',
        "[mailbox.oauth2]\ntoken_url = 'x'",
        "password_env = 'A'\n[mailbox.oauth2]\nprovider = 'google'\nclient_id = 'x'\nrefresh_token_env = 'B'",
        "[mailbox.oauth2]\nprovider = 'google'\nclient_id = 'x'\nrefresh_token = 'here'",
        "password_env = 3",
    ],
)
def test_a_password_stands_in_one_place_and_never_in_the_file(written, lines):
    problems = problems_of(written, changed("[smtp]", f"{lines}\n[smtp]"))
    assert all(problem.startswith("mailbox.") for problem in problems)
    assert "here" not in " ".join(problems)


def test_no_secret_shows_in_a_repr(written):
    settings = written(SMALLEST + '[storage]\nurl = "postgresql://cchc:geheim@db/cchc"\n')
    assert settings.storage.url == "postgresql://cchc:geheim@db/cchc"
    for secret in ("mailbox-word", "smtp-word", "geheim"):
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:?x=1", "cchc.db", "mysql://a:geheim@b", "postgresql://"]
)
def test_a_database_we_do_not_know_is_a_mistake(written, url):
    (problem,) = problems_of(written, SMALLEST + f'[storage]\nurl = "{url}"\n')
    assert problem.startswith("storage.url: expected sqlite:///")
    assert "geheim" not in problem


def test_paths_are_relative_to_the_file_and_absolute_ones_stay(written, tmp_path):
    settings = written(
        SMALLEST + '[storage]\nurl = "sqlite:////srv/cchc.db"\nvault = "/srv/vault"\n[roster]\nfile = "sub/r.csv"\n'
        '[forms]\nfolder = ""\n'
    )
    assert settings.storage.url == "sqlite:////srv/cchc.db"
    assert settings.storage.vault == Path("/srv/vault")
    assert settings.roster_file == tmp_path / "sub/r.csv"
    assert settings.forms_folder is None


def test_report_types_have_the_plans_defaults(written):
    weekly, monthly, quarterly = written(
        SMALLEST + '[[report]]\ntype = "weekly"\n[[report]]\ntype = "monthly"\n[[report]]\ntype = "quarterly"\n'
    ).reports
    assert weekly == ReportType("weekly", "week", "weekly", "FRI 10:00", time(17), 3)
    assert monthly == ReportType("monthly", "month", "monthly", "last FRI 10:00", time(17), 10)
    assert quarterly == ReportType("quarterly", "quarter", "", "before day 20", time(17), 20, "previous")


def test_everything_about_a_report_type_can_be_said(written):
    settings = written(
        SMALLEST
        + """
[[report]]
type = "quarterly"
every = "quarter"
form = "quy"
due = "before day 20"
cure_until = ""
late_days = 7
holiday = "fixed"
basis = "Kế hoạch"
paper = true
[[report]]
type = "danh-muc"
every = "once"
due = 2017-07-30
[[report]]
type = "so-ket"
every = "once"
due = 2017-10-05T17:00:00
key = "so-ket-2017"
"""
    )
    quarterly, once, twice = settings.reports
    assert quarterly == ReportType("quarterly", "quarter", "quy", "before day 20", None, 7, "fixed", "Kế hoạch")
    assert (once.due, once.key, once.form) == ("2017-07-30", "danh-muc", "")
    assert (twice.due, twice.key) == ("2017-10-05 17:00:00", "so-ket-2017")
    assert settings.paper_expected("quarterly")
    assert not settings.paper_expected("danh-muc")
    calendar = Calendar(settings.reports, settings.calendar)
    assert calendar.periods("danh-muc", date(2017, 7, 1), date(2017, 12, 31))[0].due_original == datetime(
        2017, 7, 30, 16, 59, 59, tzinfo=UTC
    )


def test_a_type_that_stands_twice_is_a_mistake(written):
    text = SMALLEST + '[[report]]\ntype = "weekly"\n[[report]]\ntype = "weekly"\n'
    assert any("stands twice" in problem for problem in problems_of(written, text))


def test_single_periods_are_skipped_or_moved_with_a_reason(written):
    settings = written(
        SMALLEST
        + """
[[period]]
key = "weekly:2018-02-16"
skip = true
reason = "Nghỉ Tết"
[[period]]
key = "monthly:2018-02"
due_at = "2018-02-26T10:00:00"
reason = "Nghỉ Tết"
[[period]]
key = "weekly:2018-03-02"
due_at = 2018-03-05T10:00:00+07:00
reason = "x"
"""
    )
    skipped, moved, offset = settings.calendar.overrides
    assert skipped == PeriodOverride("weekly:2018-02-16", skip=True, reason="Nghỉ Tết")
    assert moved.due_at == datetime(2018, 2, 26, 3, 0, tzinfo=UTC)
    assert offset.due_at == datetime(2018, 3, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('key = "weekly:2018-02-16"\nskip = true', "period[weekly:2018-02-16].reason"),
        ('key = "weekly:2018-02-16"\nreason = "x"', "period[weekly:2018-02-16]"),
        ('key = "weekly:2018-02-16"\nskip = true\ndue_at = 2018-03-05T10:00:00\nreason = "x"', "period[weekly"),
        ('key = "weekly:2018-02-15"\nskip = true\nreason = "x"', "period[weekly:2018-02-15].key"),
        ('key = "yearly:2018"\nskip = true\nreason = "x"', "period[yearly:2018].key"),
        ('key = "weekly:2018-02-16"\ndue_at = "soon"\nreason = "x"', "period[weekly:2018-02-16].due_at"),
        ('skip = true\nreason = "x"', "period[#1].key"),
        ('key = "monthly:2018-02"\nskip = true\nreason = "x"\nwhy = 1', "period[monthly:2018-02].why"),
    ],
)
def test_a_period_table_that_says_too_little_or_too_much_is_a_mistake(written, lines, key):
    problems = problems_of(written, SMALLEST + f"[[period]]\n{lines}\n")
    assert any(problem.startswith(key) for problem in problems)


def test_a_period_changed_twice_is_a_mistake(written):
    one = '[[period]]\nkey = "weekly:2018-02-16"\nskip = true\nreason = "x"\n'
    assert any("stands twice" in problem for problem in problems_of(written, SMALLEST + one + one))


def test_the_holiday_table_is_seeded_and_the_offices_own_tables_stand_beside_it(written):
    rules = written(
        changed("start = 2017-07-17", "start = 2017-07-17\ndays_off = [2026-01-02]\ndays_worked = ['2026-01-10']")
    ).calendar
    assert date(2017, 9, 2) in rules.holidays
    assert min(rules.holidays).year == 2016
    assert max(rules.holidays).year == 2032
    assert rules.days_off == {date(2026, 1, 2)}
    assert rules.days_worked == {date(2026, 1, 10)}
    both = changed("start = 2017-07-17", "start = 2017-07-17\ndays_off = [2026-01-02]\ndays_worked = [2026-01-02]")
    (problem,) = problems_of(written, both)
    assert problem.startswith("calendar.days_worked: ")


@pytest.mark.parametrize("value", ["2017-07-17T10:00:00", '"17/7/2017"', "20170717", "true"])
def test_a_start_that_is_no_day_is_a_mistake(written, value):
    (problem,) = problems_of(written, changed("2017-07-17", value))
    assert problem.startswith("calendar.start: expected a date such as 2017-07-17, got ")


@pytest.mark.parametrize("key", ["mailbox.url", "smtp.url", "smtp.from", "calendar.start"])
def test_what_must_be_said_is_asked_for(written, key):
    table, name = key.split(".")
    lines = [line for line in SMALLEST.splitlines() if line]
    begins = lines.index(f"[{table}]")
    gone = next(at for at in range(begins, len(lines)) if lines[at].startswith(name))
    (problem,) = problems_of(written, "\n".join(lines[:gone] + lines[gone + 1 :]))
    assert problem.startswith(f"{key}: expected ")
    assert "missing" in problem


def test_an_office_that_answers_nobody_needs_no_smtp_server(written):
    settings = written(changed("[smtp]", "[notify]\nanswer = false\n[unused]").replace("[unused]", "[smtp]"))
    assert not settings.notify.answer
    silent = "\n".join(SMALLEST.splitlines()[:3] + SMALLEST.splitlines()[6:]) + "\n[notify]\nanswer = false\n"
    assert written(silent, {}).smtp.host == ""


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('[office]\nname = "Sở\\nBcc: x@y"', "office.name"),
        ('[smtp2]\nfrom = "x"', "smtp2"),
        ('[notify]\nsecretariat = ["a@b.example\\r\\nBcc: c@d"]', "notify.secretariat"),
        ('[notify]\noperator = ["a b@c.example"]', "notify.operator"),
        ("[notify]\nanswer = 1", "notify.answer"),
        ("[notify]\nper_hour = true", "notify.per_hour"),
        ('[notify]\nreminders = ["D-1"]', "notify.reminders"),
        ('[web]\nlisten = "127.0.0.1:0"', "web.listen"),
    ],
)
def test_values_that_would_do_harm_later_are_refused_now(written, line, key):
    (problem,) = problems_of(written, f"{SMALLEST}{line}\n")
    assert problem.startswith(f"{key}: ")


def test_addresses_are_held_in_small_letters_and_once(written):
    notify = written(SMALLEST + '[notify]\nsecretariat = ["ThuKy@Mail.example", "thuky@mail.example"]\n').notify
    assert notify.secretariat == ("thuky@mail.example",)


def test_the_console_is_on_when_it_has_a_table(written):
    web = written(SMALLEST + '[web]\nlisten = "[::1]:9000"\n').web
    assert (web.host, web.port, web.enabled) == ("::1", 9000, True)


def test_also_watch_never_names_the_inbox_twice(written):
    text = changed("[smtp]", 'also_watch = ["Junk", "INBOX", "Junk"]\nfiled = "/CCHC/"\n[smtp]')
    mailbox = written(text).mailbox
    assert mailbox.also_watch == ("Junk",)
    assert mailbox.filed == "CCHC"


def test_the_starter_is_plain_toml_with_a_comment_beside_every_table():
    text = starter(date(2026, 11, 22))["config.toml"]
    tables = tomllib.loads(text)
    assert set(tables) == {
        *("office", "mailbox", "smtp", "storage", "calendar", "report", "roster", "forms", "notify", "retention"),
    }
    assert text.count("#") > 30


# ---- tokens ----------------------------------------------------------------------------------------------------------

GOOGLE = "[mailbox.oauth2]\nprovider = 'google'\nclient_id = 'x'\nrefresh_token_env = 'WORD'\n[smtp]"
MICROSOFT = """[mailbox.oauth2]
provider = 'microsoft365'
tenant = 'tinh.example'
grant = 'client_credentials'
client_id = 'x'
client_secret_env = 'WORD'
[smtp]"""


def test_tokens_of_a_known_provider_need_a_client_and_a_secret(written, tmp_path):
    mailbox = written(changed("[smtp]", GOOGLE), {"WORD": "w", "CCHC_SMTP_PASSWORD": "p"}).mailbox
    assert mailbox.oauth2 is not None
    assert (mailbox.oauth2.token_url, mailbox.oauth2.scope) == (
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
    )
    assert (mailbox.oauth2.grant, mailbox.oauth2.mechanism) == ("refresh_token", "OAUTHBEARER")
    assert (mailbox.oauth2.refresh_token.reveal(), mailbox.oauth2.client_secret.value) == ("w", None)
    assert mailbox.oauth2.token_file == tmp_path / "var" / "mailbox.oauth2.json"
    with pytest.raises(ConfigError, match=r"mailbox\.oauth2: tokens are used"):
        mailbox.password()
    mailbox = written(changed("[smtp]", MICROSOFT), {"WORD": "w"}).mailbox
    assert mailbox.oauth2 is not None
    assert mailbox.oauth2.token_url == "https://login.microsoftonline.com/tinh.example/oauth2/v2.0/token"
    assert (mailbox.oauth2.scope, mailbox.oauth2.mechanism) == ("https://outlook.office365.com/.default", "XOAUTH2")
    assert mailbox.oauth2.client_secret.reveal() == "w"
    assert "'w'" not in repr(mailbox)


SERVICE = """[mailbox.oauth2]
provider = 'google'
grant = 'service_account'
service_key_env = 'WORD'
subject = 'cchc@tinh.example'
[smtp]"""


def test_a_service_account_needs_a_key_and_a_mailbox_and_no_client(written):
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    key = json.dumps({"client_email": "a@project.example", "private_key": pem.decode()})
    found = written(changed("[smtp]", SERVICE), {"WORD": key}).mailbox.oauth2
    assert found is not None
    assert (found.grant, found.subject, found.client_id) == ("service_account", "cchc@tinh.example", "")
    assert (found.token_url, found.scope) == ("https://oauth2.googleapis.com/token", "https://mail.google.com/")
    assert "PRIVATE" not in repr(found)
    with pytest.raises(ConfigError, match=r"mailbox\.oauth2\.service_key_file: expected the JSON key"):
        written(changed("[smtp]", SERVICE), {"WORD": "no key"})
    with pytest.raises(ConfigError, match=r"mailbox\.oauth2\.subject: expected the mailbox's address"):
        written(changed("[smtp]", SERVICE.replace("subject = 'cchc@tinh.example'\n", "")), {"WORD": key})


def test_letters_have_tokens_of_their_own(written):
    lines = (
        "\n[smtp.oauth2]\ntoken_url = 'https://login.example/t'\nclient_id = 'x'\nrefresh_token_file = 'no'\n[calendar]"
    )
    smtp = written(changed("[calendar]", lines)).smtp
    assert smtp.oauth2 is not None
    assert (smtp.oauth2.token_file.name, smtp.oauth2.mechanism, smtp.oauth2.scope) == (
        "smtp.oauth2.json",
        "XOAUTH2",
        "",
    )
    with pytest.raises(ConfigError, match=r"smtp\.oauth2\.refresh_token_file: .* cannot be read"):
        smtp.oauth2.refresh_token.reveal()
    without_user = changed("[calendar]", lines).replace("smtps://cchc@mail.example", "smtps://mail.example")
    assert problems_of(written, without_user) == ("smtp.url: expected a user before the @: tokens are for an account",)


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("provider = 'microsoft365'\nclient_id = 'x'", "tenant"),
        ("provider = 'nobody'\ntoken_url = 'https://a.example/t'\nclient_id = 'x'", "provider"),
        ("client_id = 'x'", "token_url"),
        ("token_url = 'https://a.example/t'", "client_id"),
        ("token_url = 'http://a.example/t'\nclient_id = 'x'", "token_url"),
        ("token_url = 'ftp://a.example/t'\nclient_id = 'x'", "token_url"),
        ("token_url = 'https://u:here@a.example/t'\nclient_id = 'x'", "token_url"),
        ("token_url = 'https://[a/t'\nclient_id = 'x'", "token_url"),
        ("provider = 'google'\ngrant = 'client_credentials'\nclient_id = 'x'", "grant"),
        ("provider = 'google'\nclient_id = 'x'\nmechanism = 'PLAIN'", "mechanism"),
        (
            "provider = 'google'\nclient_id = 'x'\nrefresh_token_env = 'A'\nrefresh_token_file = 'b'",
            "refresh_token_file",
        ),
        ("provider = 'google'\nclient_id = 'x'\nclient_secret = 'here'", "client_secret"),
    ],
)
def test_mistakes_about_tokens_are_named_without_their_secrets(written, lines, key):
    found = problems_of(written, changed("[smtp]", f"[mailbox.oauth2]\n{lines}\n[smtp]"))
    assert f"mailbox.oauth2.{key}" in {problem.partition(":")[0] for problem in found}
    assert "here" not in " ".join(found).replace("https", "")
