"""A ledger as large as wanted, written in bulk: mails, reports, dues, letters and a whole hash chain, without any mail read.

    python -m bench.great_ledger FOLDER [--url URL] [--mails N] [--agencies A]

Shape: half of the mails are reports of ``A`` agencies, weekly and monthly, twenty of them tell of three of the plan's tasks each quarter, the
latest periods still open; of 100 dues 85 are met on
time, 8 late, 2 incomplete and 5 missed, and one report in twelve is corrected. The other half is what a mailbox also gets:
bulletins, automatic answers, bounces, duplicates, our own copies; some wait for a person or were set aside. Log: one entry for a
mail, one for a report, one for a period opened; the service writes about eight a mail. Rows are not pinned by the log (``cchc
verify`` would say so), the chain of hashes is whole. What follows from other rows (words, keys, spans, text index, classes) stands as
the service would have it. The same seed gives the same ledger on SQLite and PostgreSQL. FOLDER gets config.toml and roster.csv.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from intake.book import RULES_VERSION
from intake.config import load
from intake.rules.calendar import Calendar
from intake.rules.values import Period
from intake.web.resting import basis
from intake.web.standing import BASIS
from parsers.fold import fold
from parsers.form import load_forms
from storage.chain import FIXED, GENESIS, canonical, entry_hash, moment_text, payload_hash, sha256_text
from storage.engine import open_engine, upgrade
from storage.receipts import receipt
from storage.search_tables import BLOCK, within
from storage.search_words import words
from storage.stated_tables import stated_by
from storage.tables import METADATA

END = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)  # a Wednesday: one weekly period open
PLACES = [
    "Đakrông",
    "Hướng",
    "Hóa",
    "Gio",
    "Linh",
    "Vĩnh",
    "Linh",
    "Cam",
    "Lộ",
    "Triệu",
    "Phong",
    "Hải",
    "Lăng",
    "Đông",
    "Hà",
    "Cồn",
    "Cỏ",
    "Lao",
    "Bảo",
    "Ái",
    "Tử",
    "Bến",
    "Quan",
    "Khe",
    "Sanh",
    "Cửa",
    "Việt",
]
NEWS = [
    "bản",
    "tin",
    "giá",
    "vàng",
    "mời",
    "dự",
    "hội",
    "thảo",
    "khuyến",
    "mại",
    "thông",
    "báo",
    "cúp",
    "điện",
    "lịch",
    "công",
    "tác",
    "giấy",
    "mời",
    "họp",
    "trực",
    "tuyến",
]
STATES = (("not_a_report", 40), ("automatic", 20), ("bounce", 8), ("duplicate", 18), ("own", 12), ("test", 2))
LEADS = 20  # agencies that tell of the plan's tasks
TASKS = 3  # of each
TYPES = {"weekly": "tuần", "monthly": "tháng", "tasks": "tiến độ nhiệm vụ quý"}
TALLIES = (
    "DELETE FROM tally",
    "INSERT INTO tally SELECT 'mail', state, count(*) FROM mail GROUP BY state",
    "INSERT INTO tally SELECT 'letter', state, count(*) FROM letter GROUP BY state",
    "INSERT INTO tally SELECT 'sighting', CASE WHEN gone THEN 'gone' ELSE 'there' END, count(*) FROM sighting GROUP BY gone",
)
CONFIG = """[office]
name = "Sở Nội vụ"
contact = "Phòng CCHC"
[mailbox]
url = "maildir://{folder}/Maildir"
[smtp]
url = "smtp://127.0.0.1:1?starttls=no"
from = "CCHC <cchc@tinh.example>"
[storage]
url = "{url}"
vault = "vault"
[calendar]
start = {start}
[[report]]
type = "weekly"
every = "week"
form = "weekly"
due = "FRI 10:00"
[[report]]
type = "monthly"
every = "month"
form = "monthly"
due = "last FRI 10:00"
[[report]]
type = "tasks"
every = "quarter"
form = "tasks"
due = "before day 20"
[roster]
file = "roster.csv"
[notify]
secretariat = ["thuky@tinh.example"]
"""


@dataclass
class Rows:
    """Rows on their way into the tables."""

    engine: Engine
    waiting: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, /, **row: Any) -> None:
        self.waiting.setdefault(name, []).append(row)
        self.count[name] = self.count.get(name, 0) + 1

    def flush(self) -> None:
        raw = self.engine.raw_connection()
        cursor = raw.cursor()
        if self.engine.dialect.name == "postgresql":
            cursor.execute("SET session_replication_role = replica")  # nothing here points nowhere
        else:
            for pragma in (
                "synchronous=OFF",
                "journal_mode=OFF",
                "cache_size=-1500000",
            ):  # a crash costs this run, no more
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("PRAGMA foreign_keys=OFF")
            cursor.execute("BEGIN")  # the driver begins none: each row would be written by itself
        for name in (t.name for t in METADATA.sorted_tables):
            rows = self.waiting.pop(name, [])
            if not rows:
                continue
            columns = list(rows[0])
            quoted = ", ".join(f'"{column}"' for column in columns)
            if self.engine.dialect.name == "postgresql":
                with cursor.copy(f'COPY "{name}" ({quoted}) FROM STDIN') as copy:
                    for row in rows:
                        copy.write_row([row[column] for column in columns])
            else:
                blanks = ", ".join("?" for _ in columns)
                cursor.executemany(
                    f'INSERT INTO "{name}" ({quoted}) VALUES ({blanks})', [tuple(row.values()) for row in rows]
                )
        raw.commit()
        raw.close()


@dataclass
class Chain:
    """The log: each entry holds the hash of the one before."""

    rows: Rows
    seq: int = 0
    prev: str = GENESIS

    def log(self, at: str, kind: str, subject: str, said: Mapping[str, object]) -> tuple[int, str]:
        self.seq += 1
        salt, payload = f"{self.seq:032x}", canonical(said)
        fields = dict(
            zip(
                FIXED,
                (self.prev, self.seq, at, "system", kind, "system", subject, payload_hash(salt, payload)),
                strict=True,
            )
        )
        fields["hash"] = self.prev = entry_hash(fields)
        self.rows.add(
            "log_entry",
            **{
                n: fields[n]
                for n in ("seq", "at", "clock", "kind", "actor", "subject", "payload_sha256", "prev", "hash")
            },
        )
        self.rows.add("payload", seq=self.seq, salt=salt, text=payload)
        return self.seq, self.prev


@dataclass(frozen=True)
class Claim:
    """A report that will come."""

    at: datetime
    period: Period
    agency: str
    revision: int
    outcome: str
    due_class: str


class Province:
    """Everything of one run."""

    def __init__(self, engine: Engine, calendar: Calendar, agencies: list[tuple[str, str]], mails: int) -> None:
        self.random = random.Random(121)
        self.rows = Rows(engine)
        self.chain = Chain(self.rows)
        self.calendar, self.agencies, self.mails = calendar, agencies, mails
        self.names = dict(agencies)
        self.numbers = {
            name: itertools.count(1)
            for name in (
                "mail",
                "period",
                "due",
                "reading",
                "submission",
                "verdict",
                "letter",
                "mail_state",
                "review",
                "sighting",
            )
        }
        self.turn = itertools.count()  # of mails that nobody expected
        self.words: set[str] = set()
        self.keys: list[tuple[str, int]] = []
        self.spans: dict[int, tuple[str, str]] = {}
        self.leads = {code for code, _ in agencies[:LEADS]}
        self.reports = {name: _report(name) for name in TYPES}
        self.stated = {name: _stated("0".join(said)) for name, said in self.reports.items()}
        self.form = {name: load_forms(()).get(name) for name in TYPES}

    # ---- what comes ----------------------------------------------------------------------------------------------

    def periods(self) -> list[Period]:
        day = self.calendar.day(END)
        found = [p for t in TYPES for p in self.calendar.periods(t, self.calendar.rules.start, day + timedelta(days=8))]
        return sorted((p for p in found if not p.skipped), key=lambda p: (p.due_at, p.key))

    def claims(self, period: Period) -> list[Claim]:
        found, classes = [], {}
        for code in self.owing(period):
            luck = self.random.random()
            due_class = (
                "on_time" if luck < 0.85 else "late" if luck < 0.93 else "incomplete" if luck < 0.95 else "missing"
            )
            classes[code] = due_class
            if due_class == "missing":
                continue
            early = timedelta(seconds=self.random.randrange(60, 170_000))
            at = period.due_at + (
                timedelta(seconds=self.random.randrange(60, 90_000)) if due_class == "late" else -early
            )
            outcome = "incomplete" if due_class == "incomplete" else "accepted"
            found.append(Claim(at, period, code, 1, outcome, due_class))
            if self.random.random() < 1 / 12:
                found.append(Claim(at + timedelta(hours=3), period, code, 2, outcome, due_class))
        if period.due_at < END:
            for code, due_class in classes.items():
                self.rows.add("due_class", period=period.key, agency=code, due_class=due_class)
            self.rows.add("class_count", period=period.key, counts=canonical(dict(Counter(classes.values()))))
        return [claim for claim in found if claim.at < END]

    def owing(self, period: Period) -> list[str]:
        """The agencies that owe a report of that period."""
        return [code for code, _ in self.agencies if period.type != "tasks" or code in self.leads]

    def others(self, first: datetime, last: datetime, many: int) -> list[datetime]:
        stretch = (last - first).total_seconds()
        return [first + timedelta(seconds=self.random.random() * stretch) for _ in range(many)]

    # ---- rows ----------------------------------------------------------------------------------------------------

    def open_period(self, period: Period) -> None:
        at = moment_text(period.due_at - timedelta(days=9))
        seq, _ = self.chain.log(
            at, "period_opened", f"period:{period.key}", {"due_at": period.due_at, "dues": len(self.owing(period))}
        )
        due_at, original = moment_text(period.due_at), moment_text(period.due_original)
        self.rows.add(
            "period", id=next(self.numbers["period"]), key=period.key, type=period.type, window_from=period.window_from.isoformat(),
            window_to=period.window_to.isoformat(), due_original=original, due_at=due_at, due_why=period.due_why, skipped=False,
            calendar_version=self.calendar.version, roster_version="", change=False, seq=seq, at=at,
        )  # fmt: skip
        for code in self.owing(period):
            self.rows.add(
                "due", id=next(self.numbers["due"]), period=period.key, type=period.type, agency=code, status="required",
                due_at=due_at, due_original=original, due_why=None, paper="not_required", paper_number="", reason="",
                after_cutoff=False, seq=seq, at=at,
            )  # fmt: skip
        if period.due_at < END:
            self.rows.add(
                "step",
                type=period.type,
                period=period.key,
                step="closed",
                at=due_at,
                detail=canonical({"due_at": period.due_at}),
                seq=seq,
            )

    def mail(
        self, at: datetime, sender: str, subject: str, searched: str, state: str, reason: str | None, code: str | None
    ) -> tuple[int, str, str]:
        number, moment = next(self.numbers["mail"]), moment_text(at)
        sha256 = hashlib.sha256(b"%d" % number).hexdigest()
        cut = words(folded(searched))
        self.words.update(cut)
        known = self.spans.get(number // BLOCK, (moment, moment))
        self.spans[number // BLOCK] = (min(known[0], moment), max(known[1], moment))
        seq, _ = self.chain.log(moment, "kept", f"mail:{number}", {"sha256": sha256, "received_at": at})
        facts = {"trail": [["kept", "written in bulk"]], "sender": code, "auth": None, "outcome": "read", "defects": []}
        self.rows.add(
            "mail", id=number, sha256=sha256, size=40_000, state=state, reason=reason, automatic=None, version=3, attempts=1,
            received_at=moment, internaldate=moment, border_received=None, seen_at=moment, sent_at=moment, judged_at=moment,
            from_address=sender, subject=subject, message_id=f"<{number}@tinh.example>", facts=canonical(facts),
            search=" ".join(cut), erased_seq=None,
        )  # fmt: skip
        self.rows.add(
            "sighting", id=next(self.numbers["sighting"]), account="imap", folder="INBOX", uidvalidity=1, uid=number, sha256=sha256,
            internaldate=moment, size=40_000, border_received=None, mail_id=number, seen_at=moment, filed=True, gone=True,
        )  # fmt: skip
        for before, after in ((None, "stored"), ("stored", state)):
            self.rows.add(
                "mail_state",
                id=next(self.numbers["mail_state"]),
                mail_id=number,
                before=before,
                after=after,
                why=None,
                seq=seq,
                at=moment,
            )
        return number, sha256, moment

    def report(self, claim: Claim) -> None:
        name, period = self.names[claim.agency], claim.period
        figure = self.random.randrange(200, 4000)
        number_text = f"{self.random.randrange(1, 900)}/BC-{claim.agency}"
        label = TYPES[period.type]
        subject = f"Báo cáo {label} về công tác cải cách hành chính {name}, hạn {period.due_at:%d/%m/%Y}"
        sender = f"{claim.agency.lower()}@tinh.example"
        file = f"BC {label} {period.due_at:%d-%m-%Y}.docx"
        number, _, moment = self.mail(
            claim.at,
            sender,
            subject,
            f"{subject} {sender} {name} {file} {number_text} Kính gửi Sở Nội vụ",
            "recorded",
            None,
            claim.agency,
        )
        given = receipt(period.key, claim.agency, claim.revision)
        seq, hashed = self.chain.log(moment, "verdict", f"mail:{number}", {"receipt": given, "outcome": claim.outcome})
        part = hashlib.sha256(f"part{number}".encode()).hexdigest()
        self.rows.add(
            "part", mail_id=number, n=1, path=canonical([file]), name=file, sha256=part, size=38_000, type="docx", outcome="read",
            reason=None, copy_of=None, findings="[]",
        )  # fmt: skip
        ids = {kind: next(self.numbers[kind]) for kind in ("reading", "submission", "verdict", "letter")}
        form = self.form[period.type]
        content = str(figure).join(self.reports[period.type]).replace("@B@", number_text, 1)
        self.rows.add(
            "reading", id=ids["reading"], mail_id=number, part_n=1, report_n=1, form=f"{period.type}@{form.version}", form_sha256=form.sha256,
            reader="docx/1", at=moment, report=content, seq=seq,
        )  # fmt: skip
        self.rows.add(
            "stated", reading_id=ids["reading"], number=number_text, figures=str(figure).join(self.stated[period.type])
        )
        self.rows.add(
            "submission", id=ids["submission"], mail_id=number, part_n=1, report_n=1, type=period.type, agency=claim.agency,
            received_at=moment, content_key=part, candidates="[]", window_from=period.window_from.isoformat(),
            window_to=period.window_to.isoformat(), stated_period=None, answers=None, core_stated=4, core_total=4, recognised=True,
            blocked=None, refused=None, findings="[]", reading_id=ids["reading"], recorded_at=moment, seq=seq,
        )  # fmt: skip
        late = int((claim.at - period.due_at).total_seconds())
        fine = claim.outcome == "accepted"
        self.rows.add(
            "verdict", id=ids["verdict"], submission_id=ids["submission"], agency=claim.agency, type=period.type, period=period.key,
            how="window", outcome=claim.outcome, timing="late" if late > 0 else "on_time", late_seconds=late, received_at=moment,
            acceptable=fine, creditable=fine, due_at=moment_text(period.due_at), due_original=moment_text(period.due_original),
            due_why=period.due_why, receipt=given, revision=claim.revision, duplicate_of=None, reason=None, notes="[]",
            versions=canonical({"rules": RULES_VERSION}), rule="internaldate<=due", seq=seq, at=moment,
        )  # fmt: skip
        self.rows.add(
            "receipt",
            receipt=given,
            type=period.type,
            period=period.key,
            agency=claim.agency,
            revision=claim.revision,
            submission_id=ids["submission"],
        )
        self.letter(ids["letter"], number, claim, given, (seq, hashed), moment)
        ours = [f"type:{period.type}"]
        if period.due_at < END:
            ours.append(f"class:{claim.due_class}")
        keys = [f"agency:{claim.agency}", f"period:{period.key}", *ours, *(within(claim.agency, key) for key in ours)]
        for key in keys:
            self.rows.add("log_key", key=key, mail_id=number)

    def letter(self, number: int, mail: int, claim: Claim, given: str, position: tuple[int, str], moment: str) -> None:
        failed = self.random.random() < 0.003
        self.rows.add(
            "letter", id=number, kind="acknowledgement" if claim.revision == 1 else "result", about=f"mail:{mail}",
            to=canonical([f"{claim.agency.lower()}@tinh.example"]), facts=canonical({"receipt": given}),
            state="failed" if failed else "sent", n=1, withheld_because=None, agency=claim.agency, period=claim.period.key,
            message_id=f"<l{number}@bot.example>", seq=position[0], hash=position[1], created_at=moment, attempts=1, next_try_at=None,
            claimed_at=moment, sent_at=None if failed else moment, smtp_reply="550 no such user" if failed else "250 ok", raw_sha256=None,
        )  # fmt: skip

    def other(self, at: datetime) -> None:
        states, weights = zip(*STATES, strict=True)
        luck, state, reason = self.random.random(), self.random.choices(states, weights)[0], None
        if luck < 0.0001:
            state, reason = "set_aside", "timeout"
        elif at > END - timedelta(days=400) and next(self.turn) % 300 == 0:
            state, reason = "needs_review", "sender_unknown"
        place, word = self.random.choice(PLACES), " ".join(self.random.sample(NEWS, 4))
        sender = f"u{self.random.randrange(5000)}@khac{self.random.randrange(90)}.example"
        subject = f"{word} {place} {self.random.randrange(10_000)}"
        number, _, moment = self.mail(at, sender, subject, f"{subject} {sender} {word}", state, reason, None)
        if state == "needs_review":
            self.rows.add(
                "review", id=next(self.numbers["review"]), kind="mail", reason=reason, mail_id=number, submission_id=None, detail="{}",
                seq=self.chain.seq, opened_at=moment, closed_at=None, version=1,
            )  # fmt: skip

    # ---- all of it ------------------------------------------------------------------------------------------------

    def write(self, csv: str) -> None:
        seq, _ = self.chain.log(
            moment_text(self.calendar.moment(self.calendar.rules.start, datetime.min.time()) - timedelta(days=30)),
            "roster",
            "roster",
            {},
        )
        start = self.calendar.rules.start.isoformat()
        self.rows.add(
            "roster", id=1, csv=csv, sha256=sha256_text(csv), effective=start, seq=seq, at=f"{start}T00:00:00.000000Z"
        )
        periods = self.periods()
        claims = [claim for period in periods for claim in self.claims(period)]
        left = max(0, self.mails - len(claims))
        first = self.calendar.moment(self.calendar.rules.start, datetime.min.time())
        story: list[tuple[datetime, int, Any]] = [(c.at, 1, c) for c in claims]
        story += [(at, 2, None) for at in self.others(first, END, left)]
        story += [(p.due_at - timedelta(days=9), 0, p) for p in periods]
        story.sort(key=lambda one: one[:2])
        for n, (at, kind, what) in enumerate(story):
            (self.open_period if kind == 0 else self.report)(what) if kind < 2 else self.other(at)
            if n % 20_000 == 0:
                self.rows.flush()
        for word in sorted(self.words):
            self.rows.add("search_word", word=word)
        for block, (low, high) in self.spans.items():
            self.rows.add("mail_span", block=block, first=low, last=high)
        self.rows.add("meta", key=BASIS, value=canonical(basis(self.calendar)))
        self.rows.add(
            "meta", key="last_good_poll", value=canonical({"ended": moment_text(END), "begun": moment_text(END)})
        )
        self.rows.flush()


def folded(text: str) -> str:
    """The text folded: word by word, most of them have been folded before."""
    return " ".join(map(_folded, text.split()))


_folded = lru_cache(maxsize=100_000)(fold)


def _report(name: str) -> list[str]:
    """A report as read, in pieces: the figure belongs between them."""
    form = load_forms(()).get(name)
    lines = [line for line in form.figures if line.core or line.on_form]
    figures = {
        line.key: {
            "value": "@N@", "state": "number", "raw": "@T@", "scope": "total", "basis": "period", "flags": [],
            "where": {"page": 1, "block": n, "table": None, "row": None, "cell": None, "box": None, "text": f"- {line.label}: @T@"},
        }
        for n, line in enumerate(lines, 10)
    }  # fmt: skip
    whole = {
        "n": 1,
        "type": name,
        "form": f"{name}@{form.version}",
        "number": "@B@",
        "figures": figures,
        "texts": {},
        "findings": [],
    }
    if form.columns:
        whole["rows"] = [_task(n) for n in range(TASKS)]
    return canonical(whole).replace('"@N@"', "@T@").split("@T@")


def _task(n: int) -> dict[str, object]:
    """A row of a list of tasks."""
    states = ("done", "under_way", "not_begun")
    words = f"{PLACES[2 * n]} {PLACES[2 * n + 1]} {NEWS[3 * n]} {NEWS[3 * n + 1]} {NEWS[3 * n + 2]}"
    return {
        "number": f"{n + 1}.1", "task": f"Nhiệm vụ {words}", "lead": "", "due": END.date().isoformat(), "due_text": "30/11",
        "state": states[n % 3], "said": "theo kế hoạch",
    }  # fmt: skip


def _stated(report: str) -> list[str]:
    """What stands of such a report in the table ``stated``, in pieces as well."""
    figures = stated_by(json.loads(report))["figures"]
    return canonical({key: [*said[:2], "@N@"] for key, said in figures.items()}).split('"@N@"')


def _agencies(many: int) -> list[tuple[str, str]]:
    return [(f"X{n:03d}", f"UBND xã {PLACES[n % len(PLACES)]} {n // len(PLACES) + 1}") for n in range(many)]


def _roster(agencies: list[tuple[str, str]], start: date) -> str:
    lines = [
        "code,name,level,parent,reports_to,addresses,aliases,reports,valid_from,valid_to,successors,group,contact_name"
    ]
    lines += [
        f"{code},{name},commune,TINH,TINH,{code.lower()}@tinh.example,,weekly;monthly{';tasks' * (n < LEADS)},{start},,,Nhóm {n % 5},Cán bộ {n}"
        for n, (code, name) in enumerate(agencies)
    ]
    return "\n".join(lines) + "\n"


def place(folder: Path, url: str, mails: int, agencies: int) -> Path:
    """The folder of an office as large as that; its configuration."""
    weeks = max(4, round(mails / 2 / (agencies * 0.95 * 13 / 12 * 64 / 52)))
    start = (END - timedelta(weeks=weeks)).date()
    for name in ("new", "cur", "tmp"):
        (folder / "Maildir" / name).mkdir(parents=True, exist_ok=True)
    (folder / "vault").mkdir(exist_ok=True)
    (folder / "roster.csv").write_text(_roster(_agencies(agencies), start), encoding="utf-8")
    config = folder / "config.toml"
    config.write_text(CONFIG.format(folder=folder, url=url, start=start), encoding="utf-8")
    return config


def fill(config: Path, mails: int, agencies: int) -> dict[str, int]:
    """Write the ledger; how many rows of each table."""
    settings = load(config, {})
    engine = open_engine(settings.storage.url)
    upgrade(engine)
    made = Province(engine, Calendar(settings.reports, settings.calendar), _agencies(agencies), mails)
    with _bulk(engine):
        made.write((config.parent / "roster.csv").read_text(encoding="utf-8"))
    engine.dispose()
    return made.rows.count


class _bulk:  # noqa: N801 - reads as a statement
    """Indexes and triggers away while rows are written, made again after."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.again = engine, []

    def __enter__(self) -> None:
        if self.engine.dialect.name == "postgresql":
            self._say("ALTER TABLE mail DISABLE TRIGGER USER")
            ours = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef NOT LIKE '%UNIQUE%'"
            for name, definition in self._ask(ours):
                self.again.append(definition)
                self._say(f'DROP INDEX "{name}"')
            return
        for kind, name, definition in self._ask(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
            "AND (type = 'index' OR (name LIKE 'mail_text_%' OR name LIKE 'tally_%') AND type = 'trigger')"
        ):
            self.again.append(definition)
            self._say(f'DROP {kind} "{name}"')

    def __exit__(self, *_: object) -> None:
        if self.engine.dialect.name == "postgresql":
            self._say(
                "ALTER TABLE mail ENABLE TRIGGER USER",
                *TALLIES,
                "INSERT INTO mail_text SELECT id, array_to_tsvector(string_to_array(search, ' ')) FROM mail WHERE search <> ''",
                *self.again,
            )
            for table in METADATA.sorted_tables:
                if "id" in table.c:
                    self._say(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), greatest(max(id), 1)) FROM \"{table.name}\""
                    )
            raw = self.engine.raw_connection()
            raw.driver_connection.autocommit = True
            raw.cursor().execute("VACUUM ANALYZE")
            raw.close()
            return
        self._say(
            *TALLIES,
            "INSERT INTO mail_text(rowid, search) SELECT id, search FROM mail WHERE search <> ''",
            *self.again,
            "ANALYZE",
        )
        raw = self.engine.raw_connection()
        raw.cursor().execute("PRAGMA journal_mode=WAL")
        raw.close()

    def _ask(self, statement: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement)))

    def _say(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="")
    parser.add_argument("--mails", type=int, default=1_000_000)
    parser.add_argument("--agencies", type=int, default=200)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    config = place(
        asked.folder.resolve(),
        asked.url or f"sqlite:///{asked.folder.resolve()}/ledger.db",
        asked.mails,
        asked.agencies,
    )
    for name, count in fill(config, asked.mails, asked.agencies).items():
        print(f"{name:12} {count:>10,}")
    print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
